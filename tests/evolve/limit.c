/* limit.c - noise that takes from no cell more than it has: what it keeps, and what it costs.

   Faults that turn these tests red: faults/list.txt. */
#include "runs.h"

#define TWO_DENSITIES                                                                                                  \
  "fields: {a: density, b: density}\n"                                                                                 \
  "dynamics:\n"                                                                                                        \
  "  a: {flux: \"-grad(a)\", noise: [{flux: \"sqrt(2*a)\"}, {flux: \"0.3*a\"}]}\n"                                     \
  "  b: {flux: \"-grad(b)\", noise: {flux: \"sqrt(2*b)\", reaction: \"sqrt(b)\"}}\n"

static double Lowest(Vec u) {
  PetscReal low;
  OK(VecMin(u, NULL, &low));
  return low;
}

/* What one application leaves; some of the cells are empty. */
static void Stock(MPI_Comm comm, RhoBoundary boundary, bool stretched, Setup *s, Vec *du, double *limited) {
  RhoMesh mesh = BoxMesh(2, (int[]){13, 12}, boundary);
  PetscScalar *u;
  RhoNoise noise;
  if (stretched) Stretch(&mesh);
  OpenText(TWO_DENSITIES, s);
  assert_true(OpenGrid(s, comm, &mesh));
  FillState(s, 1, 0.3, 0.3, s->u);
  OK(VecDuplicate(s->u, du));
  OK(VecGetArray(s->u, &u));
  for (PetscInt k = 0; k < 2 * s->grid->nowned; k++) u[k] = fmax(u[k] - 0.1, 0);
  OK(VecRestoreArray(s->u, &u));
  OK(RhoNoiseCreate(s->fm, 20, 3, &noise));
  OK(RhoNoiseLimit(noise, s->u));
  OK(RhoNoiseApply(noise, 0, s->u, 5, 0, 0.05, *du));
  OK(RhoNoiseLimited(noise, limited));
  OK(RhoNoiseDestroy(&noise));
}

/* The largest difference of a on one rank and b, which the ranks share. */
static double Differ(RhoGrid g, Vec a, Vec b) {
  const PetscScalar *x, *y;
  double worst = 0;
  OK(VecGetArrayRead(a, &x));
  OK(VecGetArrayRead(b, &y));
  for (PetscInt k = 0; k < 2 * g->nowned; k++) {
    PetscInt p = k / 2, i = p % g->count[0] + g->start[0], j = p / g->count[0] + g->start[1];
    worst = Worse(worst, x[2 * (j * g->n[0] + i) + k % 2] - y[k]);
  }
  OK(VecRestoreArrayRead(a, &x));
  OK(VecRestoreArrayRead(b, &y));
  OK(MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, g->comm));
  return worst;
}

/* The result is nowhere below zero, the noise of fluxes makes nothing, and ranks do not matter. */
static void Keeps(RhoBoundary boundary, bool stretched) {
  Setup all, one;
  Vec du, alone;
  double limited, size, weight[2] = {1, 0};
  Stock(PETSC_COMM_SELF, boundary, stretched, &one, &alone, &limited);
  double total = OwnTotal(&one, weight, alone, &size), moved = NormMax(alone);
  OK(VecAXPY(one.u, 1, alone));
  Stock(PETSC_COMM_WORLD, boundary, stretched, &all, &du, &limited);
  double low = Lowest(one.u), differ = Differ(all.grid, alone, du);
  if (Speaks())
    print_message("%s%s: lowest %.1e, %.2f of the cells limited, total %.1e of %.2g, ranks differ by %g\n",
                  boundary == RHO_WALL ? "walls" : "periodic", stretched ? ", unequal" : "", low, limited, total, size,
                  differ);
  assert_true(low >= 0 && limited > 0.1 && limited < 0.9 && moved > 0.1);
  assert_true(fabs(total) <= 1e-15 * size && differ == 0);
  OK(VecDestroy(&du));
  OK(VecDestroy(&alone));
  CloseGrid(&one);
  CloseModel(&one);
  CloseGrid(&all);
  CloseModel(&all);
}

static void test_stock(void **state) {
  (void)state;
  Keeps(RHO_PERIODIC, false);
  Keeps(RHO_WALL, false);
  Keeps(RHO_WALL, true);
}

/* ---- runs ---- */

typedef struct {
  double low, square;
} Seen;

static PetscErrorCode Look(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Seen *seen = ctx;
  (void)stop;
  seen->low = fmin(seen->low, Lowest(u));
  if (state->output < 0) return 0;
  OK(VecShift(u, -3));
  OK(VecNorm(u, NORM_2, &seen->square));
  OK(VecShift(u, 3));
  seen->square *= seen->square;
  return 0;
}

/* sum of |u - mean|^2 over the cells of all runs, from the theory of independent particles */
static double Expected(const Box *box, const Job *job) {
  double sum = 0;
  for (int k = 0; k < box->nwave; k++) {
    Mode mode = ModeOn(&box->s, job->model, &box->mesh, box->wave[k].k);
    Mat2 S = Covariance(job->scheme, job->h, job->nstep, &mode);
    sum += creal(S.m[0][0]) * (box->wave[k].own ? 1 : 2);
  }
  return sum * job->ncopy * box->unit / box->ncell;
}

/* The variance of a cell over that of independent particles, with so many of them in a cell. */
static double Variance(double each, bool nonnegative, double *low) {
  Job job = {&single, "em", 1, 0.02, 100, 2048, 40, each / 1.5, VOLUMES};
  Seen seen = {.low = INFINITY};
  double limited;
  Box box;
  Open(&box, &job);
  OK(VecSet(box.s.u, 3));
  RhoEvolveOptions options = OptionsOf(&box, &job);
  options.nonnegative = (PetscBool)nonnegative;
  Outcome out = RunWith(&box.s, options, Look, &seen);
  assert_int_equal(out.reason, RHO_EVOLVE_DONE);
  OK(RhoNoiseLimited(options.noise, &limited));
  OK(RhoNoiseDestroy(&options.noise));
  double ratio = seen.square / Expected(&box, &job);
  if (Speaks())
    print_message("| %g | %s | %.4f | %.1e | %.2g |\n", each, nonnegative ? "yes" : "no", ratio, seen.low, limited);
  *low = seen.low;
  Close(&box);
  return ratio;
}

/* Never below zero; what is missing of the fluctuations is less the more particles there are, as models/CASES.md has
   it. The same random numbers with the limit and without. */
static void test_runs(void **state) {
  static const double each[] = {1.5, 5, 20};
  double low, share[COUNT(each)];
  (void)state;
  if (Ranks() > 1) return; /* test_stock is about them */
  for (int k = 0; k < COUNT(each); k++) {
    double without = Variance(each[k], false, &low);
    assert_true(fabs(without - 1) < 0.04);
    if (k == 0) assert_true(low < 0);
    share[k] = Variance(each[k], true, &low) / without;
    assert_true(low >= 0);
  }
  print_message("share of the variance: %.3f, %.3f, %.4f\n", share[0], share[1], share[2]);
  assert_true(fabs(share[0] - 0.76) < 0.02 && fabs(share[1] - 0.984) < 0.005 && fabs(share[2] - 1) < 0.002);
}

static void test_refused(void **state) {
  RhoMesh mesh = BoxMesh(1, (int[]){16}, RHO_PERIODIC);
  RhoEvolveOptions options = Until(1, 1e-6);
  const char *why;
  Setup s;
  (void)state;
  OpenText("dynamics: {a: {flux: \"-grad(a)\", noise: 1}}", &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  options.scheme = "imex_em";
  options.fixed = 0.01;
  options.nonnegative = PETSC_TRUE;
  OK(RhoEvolveRefuses(s.fm, &options, s.u, &why));
  assert_non_null(why);
  CloseGrid(&s);
  CloseModel(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_stock), cmocka_unit_test(test_runs),
                                     cmocka_unit_test(test_refused)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
