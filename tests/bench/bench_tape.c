/* bench_tape.c - the tape against hand-written loops (ref.h): ns per point and GB/s, in the cache and out of it.

   Usage: bench_tape.  The least of several repetitions; bytes are those read and written once (no write-allocate).
   The targets: the tape within 2 times the hand-written loop, 1.1 times where functions dominate; the bandwidth-bound
   loop within 70 % of the triad. */
#include "../worse.h"
#include "ref.h"
#include "rhoflux/expr.h"
#include <stdlib.h>
#include <time.h>

enum { NSMALL = 4096, NLARGE = 1 << 24, NARRAY = 5, REPEAT = 9 };

typedef struct {
  double *array[NARRAY];
  RhoTape quartic, quorum, two_temperature;
} Bench;

typedef void (*Loop)(const Bench *b, long n);

static const double quartic_number[] = {0.125}, quorum_number[] = {1, -0.9, 0.6, 60, 110, 20},
                    two_number[] = {50, 1, 1.25, 0.75, 25.5};

static double Now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds per point of loops[n], taking turns so that a busy machine treats them alike. */
static void TimeLoops(const Bench *b, int nloop, const Loop *loop, long n, double *best) {
  int inner = n == NSMALL ? 400 : 1, repeat = n == NSMALL ? 5 * REPEAT : REPEAT;
  for (int l = 0; l < nloop; l++) best[l] = INFINITY;
  for (int k = 0; k < repeat * nloop; k++) {
    double t = Now();
    for (int i = 0; i < inner; i++) loop[k % nloop](b, n);
    best[k % nloop] = fmin(best[k % nloop], (Now() - t) / inner / (double)n);
  }
}

/* ---- the formulas as graphs ------------------------------------------------------------------------------ */

static RhoNode Number(RhoGraph g, const char *name) { return RhoGraphSymbol(g, RHO_SYM_PARAMETER, name); }
static RhoNode Field(RhoGraph g, const char *name) { return RhoGraphSymbol(g, RHO_SYM_FIELD, name); }
static RhoNode Add(RhoGraph g, RhoNode a, RhoNode b) { return RhoGraph2(g, RHO_FN_ADD, a, b); }
static RhoNode Sub(RhoGraph g, RhoNode a, RhoNode b) { return RhoGraph2(g, RHO_FN_SUB, a, b); }
static RhoNode Mul(RhoGraph g, RhoNode a, RhoNode b) { return RhoGraph2(g, RHO_FN_MUL, a, b); }

static RhoTape NewTape(RhoGraph g, int nout, const RhoNode *out, int nin, const RhoNode *in, int nuniform,
                       const RhoNode *uniform, const double *value) {
  RhoNode missing;
  RhoTape tape = RhoTapeCreate(g, nout, out, nin, in, nuniform, uniform, &missing);
  if (!tape) exit(1);
  RhoTapeBind(tape, value);
  return tape;
}

static RhoTape Quartic(RhoGraph g) {
  RhoNode phi = Field(g, "phi"), m = Number(g, "m"), three = RhoGraphConstant(g, 3);
  RhoNode mu = Sub(g, Sub(g, RhoGraphPower(g, phi, three), phi), m);
  return NewTape(g, 1, &mu, 1, &phi, 1, &m, quartic_number);
}

/* k tanh((r - a)/w) */
static RhoNode Sigmoid(RhoGraph g, RhoNode k, RhoNode r, RhoNode a, RhoNode w) {
  return Mul(g, k, RhoGraph1(g, RHO_FN_TANH, RhoGraph2(g, RHO_FN_DIV, Sub(g, r, a), w)));
}

static RhoTape Quorum(RhoGraph g) {
  RhoNode in[3] = {Field(g, "r"), Field(g, "s"), Field(g, "rho")}, out[2];
  RhoNode p[6] = {Number(g, "v0"), Number(g, "k1"), Number(g, "k2"), Number(g, "a"), Number(g, "b"), Number(g, "w")};
  RhoNode sum = Add(g, Sigmoid(g, p[1], in[0], p[3], p[5]), Sigmoid(g, p[2], in[1], p[4], p[5]));
  out[0] = Mul(g, p[0], RhoGraph1(g, RHO_FN_EXP, sum));
  out[1] = RhoGraph1(g, RHO_FN_LOG, in[2]);
  return NewTape(g, 2, out, 3, in, 6, p, quorum_number);
}

/* T (log c + B c) + X d */
static RhoNode Potential(RhoGraph g, RhoNode t, RhoNode c, RhoNode b, RhoNode x, RhoNode d) {
  return Add(g, Mul(g, t, Add(g, RhoGraph1(g, RHO_FN_LOG, c), Mul(g, b, c))), Mul(g, x, d));
}

static RhoTape TwoTemperature(RhoGraph g) {
  RhoNode in[2] = {Field(g, "cA"), Field(g, "cB")}, out[2];
  RhoNode p[5] = {Number(g, "TA"), Number(g, "TB"), Number(g, "BA"), Number(g, "BB"), Number(g, "X")};
  out[0] = Potential(g, p[0], in[0], p[2], p[4], in[1]);
  out[1] = Potential(g, p[1], in[1], p[3], p[4], in[0]);
  return NewTape(g, 2, out, 2, in, 5, p, two_number);
}

/* ---- the loops ------------------------------------------------------------------------------------------- */

static void TriadLoop(const Bench *b, long n) { RefTriad(n, 1.5, b->array[0], b->array[1], b->array[3]); }
static void QuarticLoop(const Bench *b, long n) { RefQuartic(n, quartic_number[0], b->array[0], b->array[3]); }
static void QuorumLoop(const Bench *b, long n) {
  RefQuorum(n, quorum_number, b->array[0], b->array[1], b->array[2], b->array[3], b->array[4]);
}
static void TwoLoop(const Bench *b, long n) {
  RefTwoTemperature(n, two_number, b->array[0], b->array[1], b->array[3], b->array[4]);
}

static void Tape(const Bench *b, RhoTape tape, long n) {
  RhoTapeEval(tape, n, (const double *const *)b->array, NULL, (double *const *)&b->array[3], NULL);
}
static void QuarticTape(const Bench *b, long n) { Tape(b, b->quartic, n); }
static void QuorumTape(const Bench *b, long n) { Tape(b, b->quorum, n); }
static void TwoTape(const Bench *b, long n) { Tape(b, b->two_temperature, n); }

/* The largest relative difference between the results of the two. */
static double Difference(const Bench *b, Loop reference, Loop tape, int nout) {
  static double kept[2][NSMALL];
  double worst = 0;
  reference(b, NSMALL);
  for (int o = 0; o < nout; o++)
    for (int i = 0; i < NSMALL; i++) kept[o][i] = b->array[3 + o][i];
  tape(b, NSMALL);
  for (int o = 0; o < nout; o++)
    for (int i = 0; i < NSMALL; i++)
      worst = Worse(worst, fabs(b->array[3 + o][i] - kept[o][i]) / (1 + fabs(kept[o][i])));
  return worst;
}

typedef struct {
  const char *name;
  Loop loop[2]; /* by hand, tape */
  int nin, nout;
  double target;
} Case;

static void Report(const Bench *b, const Case *c, long n, double triad) {
  double bytes = 8.0 * (c->nin + c->nout), time[2];
  TimeLoops(b, 2, c->loop, n, time);
  printf("%-16s %9ld %9.3f %9.3f %9.1f %9.1f %8.0f%% %9.2f %7.1f %s\n", c->name, n, time[0] * 1e9, time[1] * 1e9,
         bytes / time[0] * 1e-9, bytes / time[1] * 1e-9, 100 * bytes / time[0] / triad, time[1] / time[0], c->target,
         time[1] <= c->target * time[0] ? "" : "missed");
}

static void Fill(Bench *b) {
  for (int k = 0; k < NARRAY; k++) {
    b->array[k] = aligned_alloc(64, NLARGE * sizeof(double));
    if (!b->array[k]) exit(1);
    for (long i = 0; i < NLARGE; i++) b->array[k][i] = 0.05 + (double)(i * (k + 3) % 1009) / 1009;
  }
}

int main(void) {
  static const Case cases[] = {{"quartic", {QuarticLoop, QuarticTape}, 1, 1, 2},
                               {"quorum sensing", {QuorumLoop, QuorumTape}, 3, 2, 1.1},
                               {"two temperatures", {TwoLoop, TwoTape}, 2, 2, 1.1}};
  const Loop triad_loop = TriadLoop;
  Bench b;
  RhoArena arena = RhoArenaCreate();
  RhoGraph graph = RhoGraphCreate(arena);
  Fill(&b);
  b.quartic = Quartic(graph), b.quorum = Quorum(graph), b.two_temperature = TwoTemperature(graph);
  printf("%-16s %9s %9s %9s %9s %9s %9s %9s %7s\n", "", "points", "loop ns", "tape ns", "loop GB/s", "tape GB/s",
         "of triad", "tape/loop", "target");
  for (long n = NSMALL; n <= NLARGE; n *= NLARGE / NSMALL) {
    double time;
    TimeLoops(&b, 1, &triad_loop, n, &time);
    double triad = 24.0 / time;
    printf("%-16s %9ld %9.3f %9s %9.1f\n", "triad", n, 24e9 / triad, "", triad * 1e-9);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) Report(&b, &cases[k], n, triad);
  }
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    printf("%s: largest difference %.1e\n", cases[k].name,
           Difference(&b, cases[k].loop[0], cases[k].loop[1], cases[k].nout));
  RhoTapePrint(b.quartic, stdout), RhoTapePrint(b.quorum, stdout), RhoTapePrint(b.two_temperature, stdout);
  for (int k = 0; k < NARRAY; k++) free(b.array[k]);
  RhoTapeDestroy(&b.quartic), RhoTapeDestroy(&b.quorum), RhoTapeDestroy(&b.two_temperature);
  RhoArenaDestroy(&arena);
  return 0;
}
