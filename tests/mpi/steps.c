/* steps.c - what ranks send each other in a step is what src/README.md, "Between ranks", says: the same numbers of
   calls and of bytes, on any number of ranks.  Each step is counted by itself, with what the monitor is told after it.

   Faults that were put in once, and the tests that went red:  ghosts sent anew for the noise: NoisySteps; two
   transforms back of a rejected state, norm and moments reduced each by itself: ControlledModalSteps; least and
   greatest values reduced each by themselves: all of them. */
#include "boxes.h"

/* ---- a run, step by step ---- */

enum { MOST = 100 };

typedef struct {
  int n; /* of the state at the beginning, then of the steps */
  Traffic traffic[MOST];
  double length[MOST];
  long reject[MOST], rejected, changed;
} Steps;

static bool Always(void *ctx, PetscReal time) {
  (void)ctx, (void)time;
  return true;
}

/* As exponential.c sees it: up to rounding. */
static bool Changed(const Steps *steps, int k) {
  return fabs(steps->length[k] - steps->length[k - 1]) > 1e-12 * steps->length[k];
}

static PetscErrorCode Note(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Steps *steps = ctx;
  int k = steps->n++;
  (void)u, (void)stop;
  assert_true(k < MOST);
  steps->traffic[k] = TrafficTake();
  steps->length[k] = state->step;
  steps->reject[k] = state->nreject - steps->rejected;
  steps->rejected = state->nreject;
  steps->changed += k > 1 && Changed(steps, k);
  return 0;
}

static RhoEvolveOptions Options(const char *scheme, double fixed) {
  static const double rtol[] = {1, 1, 1e-2, 1e-3, 1e-5}; /* by order */
  RhoEvolveOptions options = Until(fixed > 0 ? 4 * fixed : 4, 0);
  SetScheme(&options, scheme);
  options.rtol = rtol[RhoEvolveOrder(options.scheme)];
  options.fixed = fixed;
  options.step = fixed > 0 ? 0 : 3; /* too long: it is rejected */
  return options;
}

static void Run(Setup *s, RhoEvolveOptions options, Steps *steps) {
  const PetscReal output[] = {0, options.end};
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *text;
  *steps = (Steps){.n = 0};
  options.wants = Always;
  options.noutput = 2;
  options.output = output;
  FillState(s, 1, 1, 0.01, s->u);
  OK(RhoEvolve(s->fm, &options, s->u, Note, steps, &reason, &last, &text));
  if (reason != RHO_EVOLVE_DONE) fail_msg("%s: %s", options.scheme, text);
}

/* After each step: rank 0 tells whether the monitor is due; it is told the totals, the least and the greatest values.
 */
static Traffic Tell(const Box *b) { return Plus(Told(b), Plus(Totals(b), Reduction(b, 2 * b->nfield, DOUBLE))); }

/* ---- steps in transform space ---- */

typedef struct {
  const char *scheme;
  int stages, first; /* so many steps of etdrk2 at the beginning */
} Modal;

static const Modal modal[] = {{"etdrk4", 4, 0}, {"etdrk2", 2, 0}, {"sbdf2", 1, 1}, {"sbdf3", 1, 2}};

/* What a model takes: N^ of a state whose transform is known, and of one whose ghosts are known as well; A of the first
   state, and of another one. */
typedef struct {
  Traffic rest, again, first, set;
} Costs;

static Traffic StageOf(const Box *b, const Costs *costs) { return Plus(Back(b), Plus(costs->rest, Flag(b))); }

/* A stage is n transforms back, N^, a flag.  A step whose error is controlled has one reduction of the error's norm and
   of the moments of the state it led to, for each attempt; the first one of a run one of the moments.  A state that is
   told comes back to the points.  Where steps have tables a change of length is one of A. */
static Traffic ModalStep(const Box *b, const Costs *costs, const Modal *m, const Steps *steps, int k, bool fixed) {
  long rejected = steps->reject[k], stages = k <= m->first ? 2 : m->stages, moments = 2 * b->nfield;
  Traffic attempt = Times(stages, StageOf(b, costs)), step = Back(b);
  if (!fixed) attempt = Plus(attempt, Reduction(b, 1 + moments, DOUBLE));
  if (k == 1) step = Plus(step, Reduction(b, moments, DOUBLE));
  if (k == 1) step = Plus(step, Plus(Forward(b), Plus(costs->first, Plus(costs->again, Flag(b)))));
  else if ((m->first == 0 || k <= m->first) && Changed(steps, k)) step = Plus(step, costs->set);
  return Plus(Plus(Times(1 + rejected, attempt), step), Tell(b));
}

/* A of finite volumes: four powers of -q^2 in each of four parts for every pair of fields. */
static Traffic Averages(const Box *b) { return Reduction(b, 16 * b->nfield * b->nfield, DOUBLE); }

/* Spectral: forth go the cubes; the derivatives of the two have five products of fields in them, whose means are A's.
 */
static Costs OfLocal(const Box *b, Reading reading) {
  Traffic means = Reduction(b, 5, DOUBLE), ghosts = Ghosts(b, b->nfield), forward = Forward(b);
  if (reading == VOLUMES) return (Costs){.rest = Plus(ghosts, forward), .again = forward, .first = Averages(b)};
  return (Costs){.rest = forward, .again = forward, .first = means, .set = means};
}

/* Spectral: back come the sensed densities, the gradients of densities and of log v; forth go log v and the fluxes. */
static Costs OfSensing(const Box *b, Reading reading) {
  Traffic again = Plus(Sensed(b), Forward(b)), rest = Plus(Ghosts(b, b->nfield), again), A = Averages(b);
  if (reading == VOLUMES) return (Costs){.rest = rest, .again = again, .first = A, .set = A};
  return (Costs){.rest = Plus(Times(1 + 2 * b->ndim, Back(b)), Times(1 + b->ndim, Forward(b)))};
}

/* seen: steps rejected, and changed in length */
static void CompareModal(const char *path, Reading reading, int shape, double fixed, const Modal *m, long *seen) {
  RhoMesh mesh = BoxOfShape(shape, RHO_PERIODIC);
  Setup s;
  Steps steps;
  assert_true(SetupOpenAs(path, &mesh, reading, &s));
  Box b = BoxOf(&s);
  Costs costs = path == local ? OfLocal(&b, reading) : OfSensing(&b, reading);
  Run(&s, Options(m->scheme, fixed), &steps);
  for (int k = path == local || reading == VOLUMES ? 1 : 2; k < steps.n; k++)
    Compare(m->scheme, &b, steps.traffic[k], ModalStep(&b, &costs, m, &steps, k, fixed > 0));
  seen[0] += steps.rejected;
  seen[1] += steps.changed;
  SetupClose(&s);
}

/* Property: steps in transform space, of fixed length. */
static void ModalSteps(void **state) {
  long seen[2] = {0};
  (void)state;
  for (int m = 0; m < COUNT(modal); m++)
    for (int reading = VOLUMES; reading <= SPECTRAL; reading++) {
      for (int shape = 0; shape < COUNT(shapes); shape++)
        if (m == 0 || shape == 1) CompareModal(local, reading, shape, 1e-3, &modal[m], seen);
      CompareModal(sensing, reading, 1, 1e-3, &modal[m], seen);
    }
}

/* Property: the same with error control, rejected steps and changes of their length among them. */
static void ControlledModalSteps(void **state) {
  (void)state;
  for (int m = 0; m < COUNT(modal); m++) {
    long seen[2] = {0};
    for (int reading = VOLUMES; reading <= SPECTRAL; reading++) CompareModal(local, reading, 1, 0, &modal[m], seen);
    CompareModal(sensing, VOLUMES, 1, 0, &modal[m], seen);
    assert_true(seen[0] > 0 && seen[1] > 0);
  }
}

/* ---- steps of cells ---- */

/* ark3, its stages solved by transforms: three of them, each with its totals; the fourth pair is L u at the step's
   beginning, the fourth residual F at its end.  Rejected: all of it again but for L u. */
static Traffic Ark3(const Box *b, Traffic residual, const Steps *steps, int k, bool fixed) {
  Traffic stage = Plus(Pair(b), Plus(Totals(b), Plus(residual, Flag(b)))), end = Plus(residual, Flag(b));
  Traffic attempt = Plus(Times(3, stage), end), step = Pair(b);
  if (!fixed) attempt = Plus(attempt, Reduction(b, 1, DOUBLE));
  if (!fixed) step = Plus(step, Plus(Told(b), Reduction(b, 2 * b->nfield, DOUBLE))); /* moments about a given cell */
  return Plus(step, Plus(Times(1 + steps->reject[k], attempt), Tell(b)));
}

/* Spectral: the fields go forth, and what is no multiple of them; the sum comes back. */
static Traffic OfResidual(const Box *b, const char *path, Reading reading) {
  if (reading == SPECTRAL) return Plus(Times(2, Forward(b)), Back(b));
  return path == local ? Ghosts(b, b->nfield) : Plus(Ghosts(b, b->nfield), Sensed(b));
}

static void CompareArk(const char *path, Reading reading, int shape, double fixed, long *seen) {
  RhoMesh mesh = BoxOfShape(shape, RHO_PERIODIC);
  Setup s;
  Steps steps;
  assert_true(SetupOpenAs(path, &mesh, reading, &s));
  Box b = BoxOf(&s);
  Traffic residual = OfResidual(&b, path, reading);
  Run(&s, Options("ark3 constant", fixed), &steps);
  for (int k = 1; k < steps.n; k++) {
    Traffic averages = path == local && k > 1 ? (Traffic){0} : Averages(&b);
    Compare("ark3", &b, steps.traffic[k], Plus(averages, Ark3(&b, residual, &steps, k, fixed > 0)));
  }
  *seen += steps.rejected;
  SetupClose(&s);
}

/* Property: steps of ark3; the coefficients of the stiff part are averaged in each where they depend on the state, else
   in the first. */
static void ArkSteps(void **state) {
  long seen = 0;
  (void)state;
  for (int shape = 0; shape < COUNT(shapes); shape++) {
    for (int reading = VOLUMES; reading <= SPECTRAL; reading++) CompareArk(local, reading, shape, 1e-3, &seen);
    CompareArk(sensing, VOLUMES, shape, 1e-3, &seen);
  }
  CompareArk(local, VOLUMES, 1, 0, &seen);
  assert_true(seen > 0);
}

/* ---- noise ---- */

static const char gas[] = "fields: {a: density, b: density}\n"
                          "dynamics: {a: {flux: \"-0.5*grad(a)\", noise: \"sqrt(a)\"},\n"
                          "           b: {flux: \"-grad(b)\", noise: \"sqrt(2*b)\"}}";

/* At a state of which F was computed last, and at another one.  Numbers are drawn where they are needed. */
typedef struct {
  Traffic known, other;
} Noise;

/* Volumes: neighbours' noises are drawn here as well.  Spectral: one of each field along each dimension goes forth. */
static Noise OfNoise(const Box *b, Reading reading) {
  Traffic waves = Plus(Times(b->ndim, Forward(b)), Back(b));
  return reading == SPECTRAL ? (Noise){waves, waves} : (Noise){.other = Ghosts(b, b->nfield)};
}

static Traffic NoisyStep(const Box *b, const char *scheme, Reading reading) {
  Noise noise = OfNoise(b, reading);
  Traffic F = reading == SPECTRAL ? Pair(b) : Ghosts(b, b->nfield), rate = Plus(F, Flag(b));
  Traffic step = Plus(noise.known, Plus(Totals(b), Plus(rate, Tell(b))));
  if (!strcmp(scheme, "imex_em")) step = Plus(step, Pair(b));
  if (!strcmp(scheme, "imex_midpoint")) step = Plus(step, Plus(Times(2, Pair(b)), Plus(rate, noise.other)));
  return step;
}

static void CompareNoisy(const char *scheme, Reading reading, int shape) {
  RhoMesh mesh = BoxOfShape(shape, RHO_PERIODIC);
  RhoEvolveOptions options = Options(scheme, 1e-3);
  Setup s;
  Steps steps;
  assert_true(SetupTextAs(gas, &mesh, reading, &s));
  Box b = BoxOf(&s);
  OK(RhoNoiseCreate(s.fm, 100, 1, &options.noise));
  Run(&s, options, &steps);
  for (int k = 1; k < steps.n; k++) {
    Traffic averages = k > 1 || !strcmp(scheme, "em") ? (Traffic){0} : Averages(&b);
    Compare(scheme, &b, steps.traffic[k], Plus(averages, NoisyStep(&b, scheme, reading)));
  }
  OK(RhoNoiseDestroy(&options.noise));
  SetupClose(&s);
}

/* Property: steps with noise send what those without do, and no random number. */
static void NoisySteps(void **state) {
  static const char *const schemes[] = {"em", "imex_em", "imex_midpoint"};
  (void)state;
  for (int k = 0; k < COUNT(schemes); k++)
    for (int shape = 0; shape < COUNT(shapes); shape++)
      for (int reading = VOLUMES; reading <= SPECTRAL; reading++) CompareNoisy(schemes[k], reading, shape);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ModalSteps), cmocka_unit_test(ControlledModalSteps),
                                     cmocka_unit_test(ArkSteps), cmocka_unit_test(NoisySteps)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
