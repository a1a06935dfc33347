/* growth.c - small waves grow, decay and turn as the grid's symbol says.

   u = u0 + a Re(c exp(iq.r)), a = 1e-6: after the time t the amplitudes must be exp(A(q) t) c, A the symbol of the grid
   about the uniform state u0, the exponential by scaled Taylor series here.  q_d from the grid's own transform, both
   cosines and sines, so that rotation shows.  For some models A is given in closed form as well (PHYSICS of each: the
   comment beside it), with q replaced by the grid's 2/h sin(qh/2). */
#include "verify.h"
#include <complex.h>

#define AMPLITUDE 1e-6
#define LIMIT 1e-7 /* rounding over the amplitude, and the square of the amplitude */

/* ---- uniform steady states ---- */

/* Models with reactions rest only in some states. */
typedef struct {
  const char *model;
  double state[2];
} Rest;

static const Rest rests[] = {
    {"gray_scott", {1, 0}},                   /* without v */
    {"keller_segel", {0.8, 0.9 * 0.8 / 1.1}}, /* k c = beta rho */
    {"dimers", {0.5, 2 * 0.25 / 0.7}},        /* kp c1^2 = km c2 */
    {"swift_hohenberg", {0, 0}},              /* r u = u^3 + u */
    {"drifting_bands", {0.7, 0}},             /* w = d(rho, x) */
};

static void StateOf(const Setup *s, double *state) {
  for (int i = 0; i < s->eq->nfield; i++) state[i] = BaseOf(s, i);
  for (int k = 0; k < COUNT(rests); k++)
    if (!strcmp(rests[k].model, s->model->name)) memcpy(state, rests[k].state, sizeof rests[k].state);
}

static bool Rests(Setup *s, const double *state) {
  PetscScalar *u;
  Vec F;
  double rate;
  OK(VecGetArray(s->u, &u));
  for (PetscInt k = 0; k < s->grid->nowned * s->eq->nfield; k++) u[k] = state[k % s->eq->nfield];
  OK(VecRestoreArray(s->u, &u));
  OK(VecDuplicate(s->u, &F));
  OK(RhoResidual(s->fm, 0, s->u, F));
  rate = NormMax(F);
  OK(VecDestroy(&F));
  return rate < 1e-12;
}

/* ---- matrices ---- */

/* c <- exp(A t) c */
static void Propagate(int n, const double complex *A, double t, double complex *c) {
  double norm = 0;
  int part;
  for (int k = 0; k < n * n; k++) norm = fmax(norm, cabs(A[k]));
  part = 1 + (int)(4 * n * norm * t);
  for (int m = 0; m < part; m++) {
    double complex term[16], next[16];
    memcpy(term, c, sizeof(double complex) * (size_t)n);
    for (int order = 1; order <= 20; order++) {
      for (int i = 0; i < n; i++) {
        next[i] = 0;
        for (int j = 0; j < n; j++) next[i] += A[i * n + j] * term[j] * (t / part) / order;
      }
      for (int i = 0; i < n; i++) c[i] += term[i] = next[i];
    }
  }
}

static bool Symbol(Setup *s, const double *state, const double *q, double complex *A) {
  RhoArena arena = RhoArenaCreate();
  RhoWaves waves;
  const double *all[RHO_MAXDIM] = {NULL};
  for (int d = 0; d < s->grid->mesh.ndimension; d++) all[d] = &q[d];
  int dim = (int)s->value[s->model->nparameter];
  Require(s->diag, RhoWavesCreate(s->eq, arena, dim, s->value, 1, all, s->grid->h, &waves), "waves");
  bool known = RhoSymbol(s->eq, RHO_PART_ALL, s->value, state, &waves, A) == RHO_OK;
  RhoArenaDestroy(&arena);
  return known;
}

/* ---- waves on the grid ---- */

static double Phase(const Setup *s, const double *q, PetscInt p) {
  double x[RHO_MAXDIM], phase = 0;
  PlaceOf(s->grid, p, x);
  for (int d = 0; d < s->grid->mesh.ndimension; d++) phase += q[d] * x[d];
  return phase;
}

static void FillWaves(Setup *s, double a, const double *state, const double *q, const double complex *c) {
  PetscScalar *u;
  int n = s->eq->nfield;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++)
    for (int i = 0; i < n; i++) u[p * n + i] = state[i] + a * creal(c[i] * cexp(I * Phase(s, q, p)));
  OK(VecRestoreArray(s->u, &u));
}

/* The amplitudes of exp(iq.r), q != 0. */
static void Amplitudes(Setup *s, double a, const double *state, const double *q, double complex *c) {
  const PetscScalar *u;
  int n = s->eq->nfield;
  OK(VecGetArrayRead(s->u, &u));
  for (int i = 0; i < n; i++) {
    c[i] = 0;
    for (PetscInt p = 0; p < s->grid->nowned; p++)
      c[i] += 2 * (u[p * n + i] - state[i]) / (a * s->grid->nowned) * cexp(-I * Phase(s, q, p));
  }
  OK(VecRestoreArrayRead(s->u, &u));
}

/* ---- one wave ---- */

/* Long enough for a factor of e or a radian, short enough to stay linear. */
static double Time(int n, const double complex *A) {
  double fastest = 0;
  for (int k = 0; k < n * n; k++) fastest = fmax(fastest, cabs(A[k]));
  return fmin(1.5 / fastest, 10);
}

static RhoEvolveOptions Short(double end) {
  RhoEvolveOptions options = Until(end, 1e-12);
  options.scheme = "ark4";
  options.linear_rtol = 1e-13;
  options.fixed = end / 400;
  return options;
}

/* The largest error of an amplitude, a times c at the start, relative to the largest amplitude at the end. */
static double Follow(Setup *s, double a, const double *state, const double *q, const double complex *A,
                     RhoEvolveOptions options) {
  int n = s->eq->nfield;
  double complex exact[16], found[16];
  double error = 0, size = 0;
  for (int i = 0; i < n; i++) exact[i] = Hash((unsigned)i, 1, 1) + I * Hash((unsigned)i, 2, 2);
  FillWaves(s, a, state, q, exact);
  RunDone(s, options);
  Amplitudes(s, a, state, q, found);
  Propagate(n, A, options.end, exact);
  for (int i = 0; i < n; i++) {
    error = Worse(error, cabs(found[i] - exact[i]));
    size = fmax(size, cabs(exact[i]));
  }
  return error / size;
}

static void Wave(Setup *s, const double *state, const int *mode) {
  double complex A[256];
  double q[RHO_MAXDIM] = {0};
  for (int d = 0; d < s->grid->mesh.ndimension; d++) q[d] = 2 * M_PI * mode[d] / (s->grid->n[d] * s->grid->h[d]);
  if (!Symbol(s, state, q, A)) {
    print_message("left out: %s has no symbol\n", s->model->name);
    return;
  }
  double error = Follow(s, AMPLITUDE, state, q, A, Short(Time(s->eq->nfield, A)));
  print_message("%-30s %d-D mode (%d, %d): %.1e\n", s->model->name, s->grid->mesh.ndimension, mode[0], mode[1], error);
  if (!(error < LIMIT)) fail_msg("%s: amplitudes differ by %g", s->model->name, error);
}

static void Model(const char *path) {
  static const int cells[2] = {12, 20}, mode[2][2] = {{1, 0}, {2, -3}};
  static const double from[2] = {0, 0}, to[2] = {9, 14};
  for (int ndim = 1; ndim <= 2; ndim++) {
    double state[16];
    Setup s;
    RhoMesh mesh;
    OpenModel(path, &s);
    if (ModelBox(&s, ndim, cells, from, to, RHO_PERIODIC, &mesh) && OpenGrid(&s, PETSC_COMM_SELF, &mesh)) {
      StateOf(&s, state);
      if (!Rests(&s, state)) print_message("left out: %s does not rest\n", s.model->name);
      else
        for (int k = 0; k < 2; k++) Wave(&s, state, mode[k]);
      CloseGrid(&s);
    }
    CloseModel(&s);
  }
}

/* Runs follow the symbol, for every model found that has one. */
static void test_symbol(void **state) {
  (void)state;
  EachModel(Model);
}

/* ---- closed forms ---- */

static const char quorum[] =
    "index: {\"s, n\": [a, b]}\n"
    "kernels: {K: {shape: gaussian, width: 1}}\n"
    "parameters: {\"k[s,n]\": [[-0.6, 0.4], [-0.4, -0.6]]}\n"
    "define: {\"v[s]\": \"exp(sum(n, k[s,n]*tanh((conv(K, rho[n]) - 1)/0.5)))\"}\n"
    "fields: {\"rho[s]\": density}\n"
    "dynamics: {\"rho[s]\": {mobility: \"rho[s]*v[s]^2/dim\", potential: \"log(rho[s]) + log(v[s])\"}}\n";

/* A[2][2] (n = 1: A[0]) from the grid's q~^2 and the wave's own |q| */
typedef struct {
  const char *name, *text;
  double state[2];
  void (*symbol)(double s, double q, double complex *A);
} Closed;

/* d_t Phi = lap[(-1 + i alpha) Phi + |Phi|^2 Phi - lap Phi], Phi = p + i s about 0 */
static void Nonreciprocal(double s, double q, double complex *A) {
  const double alpha = 0.6;
  (void)q;
  A[0] = A[3] = -s * (-1 + s);
  A[1] = s * alpha;
  A[2] = -s * alpha;
}

/* r - (1 - q^2)^2 */
static void SwiftHohenberg(double s, double q, double complex *A) {
  (void)q;
  A[0] = 0.3 - (1 - s) * (1 - s);
}

/* d_t rho = div(T grad rho + rho grad conv(u, rho)): -q^2 (T + rho0 u^(q)), u^ = eps exp(-q^2 l^2/2) */
static void DeanKawasaki(double s, double q, double complex *A) { A[0] = -s * (0.7 + 1.3 * 3 * exp(-q * q * 0.18)); }

/* rho: D lap rho - chi rho0 lap c;  c: Dc lap c - k c + beta rho */
static void KellerSegel(double s, double q, double complex *A) {
  (void)q;
  A[0] = -s;
  A[1] = 2 * 0.8 * s;
  A[2] = 0.9;
  A[3] = -0.7 * s - 1.1;
}

/* -q^2 M, M_mn = D_m (delta_mn + rho_m K^(q) dlog v_m/drho_n), K^ = exp(-q^2/2), rho = (1, 1), v = 1, D = 1 in 1-D */
static void QuorumSensing(double s, double q, double complex *A) {
  const double hat = exp(-q * q / 2), slope[4] = {-1.2, 0.8, -0.8, -1.2};
  for (int k = 0; k < 4; k++) A[k] = -s * ((k % 3 == 0) + hat * slope[k]);
}

static const Closed closed[] = {
    {"nonreciprocal_cahn_hilliard", NULL, {0, 0}, Nonreciprocal},
    {"swift_hohenberg", NULL, {0, 0}, SwiftHohenberg},
    {"dean_kawasaki", NULL, {1.3, 0}, DeanKawasaki},
    {"keller_segel", NULL, {0.8, 0.9 * 0.8 / 1.1}, KellerSegel},
    {"quorum sensing, self and cross", quorum, {1, 1}, QuorumSensing},
};

static void OpenClosed(const Closed *c, Setup *s) {
  char path[1024];
  RhoMesh mesh = Line(0, 9, 24, RHO_PERIODIC);
  snprintf(path, sizeof path, "%s/tests/models/%s.yaml", RHO_SOURCE_DIR, c->name);
  if (c->text) OpenText(c->text, s);
  else OpenModel(path, s);
  assert_true(OpenGrid(s, PETSC_COMM_SELF, &mesh));
}

typedef enum { BRIEF, DEFAULT, EXACT_STAGES } How;

static RhoEvolveOptions Options(How how, double end) {
  RhoEvolveOptions options = how == BRIEF ? Short(end) : Until(end, 1e-4);
  if (how == EXACT_STAGES) options.linear_rtol = 1e-13;
  return options;
}

/* The largest error over some modes. */
static double ClosedError(const Closed *c, double a, How how) {
  Setup s;
  double worst = 0;
  OpenClosed(c, &s);
  for (int mode = 1; mode <= 5; mode += 2) {
    double complex A[4];
    double q[RHO_MAXDIM] = {2 * M_PI * mode / 9}, h = s.grid->h[0], half = 2 / h * sin(q[0] * h / 2);
    c->symbol(half * half, q[0], A);
    worst = Worse(worst, Follow(&s, a, c->state, q, A, Options(how, Time(s.eq->nfield, A))));
  }
  CloseGrid(&s);
  CloseModel(&s);
  return worst;
}

/* Runs follow rates known in closed form: growing, decaying, turning. */
static void test_closed(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(closed); k++) {
    double error = ClosedError(&closed[k], AMPLITUDE, BRIEF);
    print_message("%-32s %.1e\n", closed[k].name, error);
    if (!(error < LIMIT)) fail_msg("%s: amplitudes differ by %g", closed[k].name, error);
  }
}

/* With the default options too a small wave on a large background is followed: the steps' tolerance is that of the
   wave, and the solver's is below it, so that exact stages change nothing. */
static void test_default(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(closed); k++) {
    double error = ClosedError(&closed[k], 1e-5, DEFAULT), exact = ClosedError(&closed[k], 1e-5, EXACT_STAGES);
    print_message("%-32s %.1e, with exact stages %.1e\n", closed[k].name, error, exact);
    if (!(error < 0.03)) fail_msg("%s: amplitudes differ by %g", closed[k].name, error);
    if (!(fabs(error - exact) < 1e-4)) fail_msg("%s: the stage solver adds %g", closed[k].name, error - exact);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_symbol), cmocka_unit_test(test_closed),
                                     cmocka_unit_test(test_default)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
