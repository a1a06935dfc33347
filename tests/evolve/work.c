/* work.c - entropy production measured along noisy runs.

   In the linear theory in discrete time, mu = B x with B the Hessian of the potentials, a step has the mean work

     <w> = -Re sum over q of tr[B* (S_10 - S_10*)]/2,   S_10 = <x' x*> = G S,

   S the stationary covariance of the stepper: 0 where B is Hermitian (set 1), else (set 2) a rate that tends to
   tr(2 Q^-1 A S A*) + Re tr A per wave as h -> 0, and per length to the integral over q as the box grows and cells
   shrink.

   Faults that turn these tests red: faults/list.txt.

   Arguments: how many times as many runs as in the default test; 0: a part of it. */
#include "runs.h"

static int factor = 1;
static bool brief; /* more ranks are for what they may change */

/* ---- theory ---- */

/* B = -2 Q^-1 A: what deterministic forces are, in units of the noise. */
static Mat2 Forces(const Mode *q) { return Times(Inverse(q->Q), Sum((Mat2){{{0}}}, -2, q->A)); }

/* of one wave, per time */
static double Rate(const char *scheme, double h, const Mode *q) {
  Mat2 G, C, S = Stationary(scheme, h, q), B = Forces(q);
  OneStep(scheme, h, q, &G, &C);
  Mat2 ahead = Times(G, S);
  double sum = 0;
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) sum += creal(conj(B.m[i][j]) * (ahead.m[i][j] - conj(ahead.m[j][i])));
  return -sum / (2 * h);
}

/* of one run in the box, all waves */
static double RateOfBox(const Box *box, const Job *job) {
  double sum = 0;
  for (int k = 0; k < box->nwave; k++) {
    Mode mode = ModeOn(&box->s, job->model, &box->mesh, box->wave[k].k);
    sum += Rate(job->scheme, job->h, &mode) * (box->wave[k].own ? 1 : 2);
  }
  return sum;
}

/* ---- runs ---- */

typedef struct {
  RhoWork work;
  int n;
  double sum, square; /* of the rates of the intervals */
} Rates;

static PetscErrorCode Ask(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Rates *rates = ctx;
  (void)u, (void)stop;
  if (state->output < 0) return 0;
  double rate = RhoWorkRate(rates->work);
  rates->n++;
  rates->sum += rate;
  rates->square += rate * rate;
  return 0;
}

/* Rate per run of the box, from the whole of the time. */
static double Measured(const Box *box, const Job *job) {
  RhoEvolveOptions options = OptionsOf(box, job);
  Rates rates = {0};
  const char *why;
  OK(RhoWorkCreate(box->s.fm, job->omega, &why, &rates.work));
  if (why) fail_msg("%s", why);
  options.work = rates.work;
  Setup s = box->s;
  Outcome out = RunWith(&s, options, Ask, &rates);
  assert_int_equal(out.reason, RHO_EVOLVE_DONE);
  assert_int_equal(rates.n, 1);
  OK(RhoWorkDestroy(&rates.work));
  OK(RhoNoiseDestroy(&options.noise));
  return rates.sum / job->ncopy;
}

enum { BLOCKS = 16 };

/* Independent ensembles: within 4 standard errors of the theory of the same grid, box and step. */
static void Agrees(const Model *model, int dim, const char *scheme, double h, double time, int ncopy, Reading reading) {
  double sum = 0, square = 0, theory = 0;
  for (int b = 0; b < BLOCKS; b++) {
    Job job = {model, scheme, dim, h, (int)lround(time / h), ncopy * factor, 900 + b, 1e6, reading};
    Box box;
    Open(&box, &job);
    Start(&box, &job);
    theory = RateOfBox(&box, &job);
    double rate = Measured(&box, &job);
    sum += rate / BLOCKS;
    square += rate * rate / BLOCKS;
    Close(&box);
  }
  double error = sqrt((square - sum * sum) / (BLOCKS - 1));
  if (Speaks())
    print_message("| %s%s | %s | %d-D | %g | %g | %.4f +- %.4f | %.4f | %.1f |\n", model->name,
                  reading == SPECTRAL ? ", spectral" : "", scheme, dim, model->length / model->ncell, h, sum, error,
                  theory, (sum - theory) / error);
  assert_true(fabs(sum - theory) < 4 * error);
}

/* 0 for the reciprocal set, not for the other one. */
static void test_runs(void **state) {
  (void)state;
  for (int set = 0; set < 2 && !brief; set++)
    for (int k = 0; k < 3; k++) Agrees(&pairs[set][1], 1, schemes[k], k ? 0.1 : 0.02, 2, 24, VOLUMES);
  Agrees(&pairs[1][1], 2, "imex_midpoint", 0.1, brief ? 1 : 2, 24, VOLUMES);
}

/* The same with the waves of the continuum. */
static void test_spectral(void **state) {
  (void)state;
  for (int set = 0; set < 2 && !brief; set++)
    for (int k = 0; k < 3; k++) Agrees(&pairs[set][1], 1, schemes[k], k ? 0.1 : 0.02, 2, 24, SPECTRAL);
  Agrees(&pairs[1][1], 2, "imex_midpoint", 0.1, brief ? 1 : 2, 24, SPECTRAL);
}

/* Finer cells and shorter steps: towards the rate of continuous space and time. */
static void test_finer(void **state) {
  Model fine = pairs[1][1];
  (void)state;
  if (factor < 16) return;
  fine.ncell = 64;
  Agrees(&fine, 1, "imex_midpoint", 0.025, 1, 12, VOLUMES);
}

/* ---- the limit ---- */

/* Of an independent computation: Dinelli et al. 2023, eq. 14 with a Gaussian kernel of width 1, an infinite line. */
#define PER_LENGTH 0.300283216618

/* Theory in a box of `length` with cells of this width, per length. */
static double RatePerLength(const char *scheme, double length, double width, double h) {
  Model model = pairs[1][1];
  double sum = 0;
  Setup s;
  model.ncell = (int)lround(length / width);
  model.length = length;
  RhoMesh mesh = Copies(&model, 8);
  OpenIn(&model, &mesh, &s);
  BindTo(&s, &mesh);
  for (int k = 1; k < model.ncell / 2; k++) {
    Mode mode = ModeOn(&s, &model, &mesh, &k);
    sum += 2 * Rate(scheme, h, &mode) / length;
  }
  CloseModel(&s);
  return sum;
}

/* Errors of the second order in the cells, and of the first in the step for every scheme: between two states that are a
   step apart the path is taken for straight. */
static void Limit(const char *scheme, double step) {
  double error[3];
  for (int k = 0; k < 3; k++) error[k] = PER_LENGTH - RatePerLength(scheme, 64, 0.25 / (1 << k), step / (1 << (2 * k)));
  double order = log2(error[1] / error[2]), rest = error[2] - (error[1] - error[2]) / 3;
  if (Speaks())
    print_message("%-14s h = %g: errors %.2e %.2e %.2e, order %.2f, extrapolated %.1e\n", scheme, step, error[0],
                  error[1], error[2], order, rest);
  assert_true(fabs(order - 2) < 0.05 && fabs(rest) < 2e-5);
}

static void test_limit(void **state) {
  (void)state;
  if (brief) return;
  Limit("em", 5e-3);
  Limit("imex_em", 5e-3);
  Limit("imex_midpoint", 5e-3);
}

/* ---- going on ---- */

typedef struct {
  RhoWork work;
  PetscInt at;
  Vec u;
  RhoEvolveMemory *memory; /* between two outputs */
  double rate;             /* of the last interval */
} Keep;

static PetscErrorCode KeepMiddle(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Keep *keep = ctx;
  (void)stop;
  if (state->output == keep->at && keep->memory) {
    OK(VecCopy(u, keep->u));
    OK(RhoEvolveSave(state, keep->memory));
  }
  if (state->output == 2) keep->rate = RhoWorkRate(keep->work);
  return 0;
}

static void RunTo(Box *box, RhoEvolveOptions options, Keep *keep) {
  PetscReal output[3] = {0, options.end / 2, options.end};
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *text;
  options.noutput = 3;
  options.output = output;
  OK(RhoEvolve(box->s.fm, &options, box->s.u, KeepMiddle, keep, &reason, &last, &text));
  assert_int_equal(reason, RHO_EVOLVE_DONE);
}

/* A run that is gone on with has the same rate, bit for bit. */
static void test_restart(void **state) {
  Job job = {&pairs[1][1], "imex_midpoint", 1, 0.1, 20, 8, 3, 1e4, VOLUMES};
  RhoEvolveMemory *memory = malloc(sizeof *memory);
  const char *why;
  Box box;
  (void)state;
  Open(&box, &job);
  Start(&box, &job);
  RhoEvolveOptions options = OptionsOf(&box, &job);
  Keep keep = {.at = 1, .memory = memory};
  OK(RhoWorkCreate(box.s.fm, job.omega, &why, &keep.work));
  OK(VecDuplicate(box.s.u, &keep.u));
  options.work = keep.work;
  RunTo(&box, options, &keep);
  double whole = keep.rate;
  OK(VecCopy(keep.u, box.s.u));
  options.memory = memory;
  keep.memory = NULL;
  RunTo(&box, options, &keep);
  if (Speaks()) print_message("%.17g, gone on %.17g\n", whole, keep.rate);
  assert_true(isfinite(whole) && whole == keep.rate);
  OK(VecDestroy(&keep.u));
  OK(RhoWorkDestroy(&keep.work));
  OK(RhoNoiseDestroy(&options.noise));
  Close(&box);
  free(memory);
}

/* ---- which models ---- */

/* Whether the work of a shipped model can be measured, and why not. */
static void Allows(const char *name, const char *parameters, const char *reason) {
  RhoMesh mesh = Line(0, 8, 32, RHO_PERIODIC);
  char path[512];
  const char *why;
  RhoWork work;
  Setup s;
  RhoSetting set = {.name = parameters, .value = 0.1};
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", name);
  OpenModel(path, &s);
  Require(s.diag, RhoEquationsBind(s.eq, 1, parameters ? 1 : 0, &set, s.value), name);
  assert_true(MakeGrid(&s, PETSC_COMM_WORLD, &mesh));
  OK(RhoWorkCreate(s.fm, 1, &why, &work));
  if (Speaks()) print_message("%-24s %s\n", name, why ? why : "");
  assert_true(!why == !reason);
  if (reason) assert_non_null(strstr(why, reason));
  OK(RhoWorkDestroy(&work));
  CloseGrid(&s);
  CloseModel(&s);
}

static void test_models(void **state) {
  (void)state;
  Allows("quorum_sensing", NULL, NULL);
  Allows("quorum_sensing_cross", NULL, NULL);
  Allows("two_temperature", NULL, NULL);
  Allows("dean_kawasaki", NULL, NULL);
  Allows("cahn_hilliard", "T", NULL);
  Allows("cahn_hilliard", NULL, "no strength");
  Allows("active_model_b_plus", NULL, "its mobility");
  Allows("chemotaxis_dynamic", NULL, "reaction");
  Allows("gray_scott", NULL, "reaction");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_runs),    cmocka_unit_test(test_spectral),
                                     cmocka_unit_test(test_finer),   cmocka_unit_test(test_limit),
                                     cmocka_unit_test(test_restart), cmocka_unit_test(test_models)};
  if (argc > 1) factor = atoi(argv[1]);
  brief = factor == 0;
  if (brief) factor = 1;
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
