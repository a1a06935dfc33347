/* nonnegative.c - densities below zero: never with linearly implicit Euler, fitted fluxes and a factorisation; with
   other schemes by no more than some tolerances, which is printed.

   Starts of compact support, zero elsewhere: a Gaussian whose tails underflow, and a droplet in vacuum. */
#include "../verify/verify.h"

typedef struct {
  const char *name, *text;
} Model;

static const Model models[] = {
    {"diffusion", "fields: {u: density}\ndynamics:\n  u: {flux: \"-grad(u)\"}"},
    {"repulsion", "fields: {u: density}\ndynamics:\n  u: {mobility: u, potential: \"log(u) + 2*u\"}"},
    {"attraction", "fields: {u: density}\nkernels: {K: {shape: gaussian, width: 0.5}}\n"
                   "dynamics:\n  u: {mobility: \"u*(1 + u)\", potential: \"log(u) - 3*conv(K, u)\"}"},
    {"reaction", "fields: {a: density, b: density}\n"
                 "dynamics:\n  a: {flux: \"-grad(a)\"}\n  b: {mobility: b, potential: \"log(b) + a\"}\n"
                 "exchange: [{from: a, to: b, rate: \"3*a\", back: \"b\"}]"},
};

typedef enum { GAUSSIAN, DROPLET } Start;

static void Fill(Setup *s, Start start) {
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM], r2 = 0;
    PlaceOf(s->grid, p, x);
    for (int d = 0; d < s->grid->mesh.ndimension; d++) r2 += (x[d] - 3) * (x[d] - 3);
    for (int i = 0; i < s->eq->nfield; i++)
      u[p * s->eq->nfield + i] = start == DROPLET ? 2.0 * (r2 < 0.5) : exp(-r2 / 2e-3);
  }
  OK(VecRestoreArray(s->u, &u));
}

static PetscErrorCode NoteLowest(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  double *lowest = ctx;
  (void)u, (void)stop;
  *lowest = fmin(*lowest, state->low);
  return 0;
}

#define NOUTPUT 60

/* The lowest value at the outputs, relative to the highest at the start. */
static double Lowest(const Model *model, int ndim, RhoBoundary boundary, Start start, const char *scheme, double rtol) {
  RhoMesh mesh = Line(0, 6, ndim == 1 ? 96 : 24, boundary);
  RhoEvolveOptions options = Until(1, rtol);
  PetscReal output[NOUTPUT];
  Outcome out;
  Setup s;
  double lowest = 0, high[2], low[2];
  mesh.ndimension = ndim;
  mesh.dimension[1] = mesh.dimension[0];
  mesh.dimension[1].name = "y";
  OpenText(model->text, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  Fill(&s, start);
  OK(RhoExtrema(s.fm, s.u, low, high));
  for (int k = 0; k < NOUTPUT; k++) output[k] = pow(10, -5 + 5.0 * k / (NOUTPUT - 1));
  output[NOUTPUT - 1] = 1;
  options.scheme = scheme;
  options.preconditioner = RHO_PC_LU;
  options.noutput = NOUTPUT;
  options.output = output;
  OK(RhoEvolve(s.fm, &options, s.u, NoteLowest, &lowest, &out.reason, &out.last, &out.text));
  if (out.reason != RHO_EVOLVE_DONE) fail_msg("%s, %s: %s", model->name, scheme, out.text);
  CloseGrid(&s);
  CloseModel(&s);
  return lowest / high[0];
}

static void test_euler(void **state) {
  (void)state;
  for (int m = 0; m < COUNT(models); m++)
    for (int k = 0; k < 4; k++) {
      Start start = k / 2 ? DROPLET : GAUSSIAN;
      double lowest = Lowest(&models[m], 1 + k % 2, k % 2 ? RHO_WALL : RHO_PERIODIC, start, "euler", 1e-3);
      print_message("%-12s %s in %d-D: lowest %g\n", models[m].name, start ? "droplet " : "Gaussian", 1 + k % 2,
                    lowest);
      assert_true(lowest == 0);
    }
}

/* The undershoot in tolerances; there is one, so that the measure sees it. */
static void test_others(void **state) {
  static const char *const schemes[] = {"ark2", "ark3", "ark4", "bdf"};
  const double rtol = 1e-5;
  double deepest = 0;
  (void)state;
  for (int m = 0; m < COUNT(models); m++)
    for (int start = 0; start < 2; start++) {
      print_message("%-12s %s", models[m].name, start ? "droplet " : "Gaussian");
      for (int k = 0; k < COUNT(schemes); k++) {
        double lowest = Lowest(&models[m], 1, RHO_PERIODIC, (Start)start, schemes[k], rtol);
        print_message("  %s %.1e", schemes[k], -lowest / rtol);
        assert_true(lowest > -10 * rtol);
        deepest = fmin(deepest, lowest);
      }
      print_message(" tolerances\n");
    }
  assert_true(deepest < 0);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_euler), cmocka_unit_test(test_others)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
