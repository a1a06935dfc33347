/* coexistence.c - three ways to one pair of phases: equal areas, a profile by Newton's method, and a run.

   None knows of the others: the first needs no grid, the second no time, the third neither Newton's method on the whole
   state nor a guess of the end. */
#include "steady.h"
#include "rhoflux/coexist.h"
#include "rhoflux/pattern.h"

#define SENSING                                                                                                        \
  "kernels: {K: {shape: gaussian, width: 1}}\nfields: {rho: density}\n"                                                \
  "define: {v: \"exp(-tanh((conv(K, rho) - 1)/0.5))\"}\n"                                                              \
  "dynamics: {rho: {mobility: \"rho*v^2\", potential: \"log(rho) + log(v)\"}}\n"

static RhoPhasePair Areas(Setup *s, RhoConstruction construction) {
  RhoArena arena = RhoArenaCreate();
  const RhoPhasePair *pair;
  RhoFront front;
  bool recognised;
  const char *reason;
  int n;
  OK(RhoFrontCreate(s->eq, construction, &recognised, &front, &reason));
  assert_true(recognised);
  OK(RhoFrontPhases(s->eq, &front, s->value, arena, &n, &pair));
  assert_int_equal(n, 1);
  RhoPhasePair found = *pair;
  RhoArenaDestroy(&arena);
  return found;
}

static RhoMesh Walls(double length, int ncell) { return Line(0, length, ncell, RHO_WALL); }

/* A step from a to b at the middle. */
static void FillFront(Setup *s, const double *a, const double *b) {
  PetscScalar *u;
  PetscInt n = s->grid->ncell, nf = s->grid->nfield;
  OK(VecGetArray(s->u, &u));
  for (PetscInt k = 0; k < n * nf; k++) {
    double share = 0.5 * (1 - tanh(10 * ((k / nf + 0.5) / n - 0.5)));
    u[k] = b[k % nf] + share * (a[k % nf] - b[k % nf]);
  }
  OK(VecRestoreArray(s->u, &u));
}

/* The state a run ends in, against Newton's method on the same cells. */
static void RunAgainstNewton(Setup *s, double end, double tolerance) {
  RhoPatternOptions options = {0};
  RhoPatternOutcome outcome;
  Vec run;
  OK(VecDuplicate(s->u, &run));
  OK(VecCopy(s->u, run));
  OK(RhoPatternSolve(s->fm, &options, s->u, &outcome));
  assert_int_equal(outcome.reason, RHO_PATTERN_FOUND);
  Vec newton = s->u;
  s->u = run;
  Relax(s, 1e-6, end, 50);
  double difference = MaxDifference(s->u, newton);
  print_message(" run and Newton differ by %.1e\n", difference);
  assert_true(difference < tolerance);
  OK(VecDestroy(&newton));
}

/* A kernel: 0.336231 and 2.132666 on a short grid, where the common tangent has 0.368970 and 2.327401. */
static void test_kernel(void **state) {
  Setup s;
  RhoMesh mesh = Walls(24, 96);
  (void)state;
  OpenText(SENSING, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  RhoPhasePair exact = Areas(&s, RHO_EXACT_KERNEL), tangent = Areas(&s, RHO_COMMON_TANGENT);
  FillFront(&s, &tangent.low, &tangent.high);
  RunAgainstNewton(&s, 20000, 1e-8);
  double low = Cell(&s, 0, 0), high = Cell(&s, 95, 0);
  assert_true(fabs(low - exact.low) < 1e-5 && fabs(high - exact.high) < 1e-5);
  assert_true(fabs(low - tangent.low) > 0.03 && fabs(high - tangent.high) > 0.15);
  CloseGrid(&s);
  CloseModel(&s);
}

/* Two species without a free energy, one slower among its own kind, the other chased by it: only fronts know. */
static void test_two_species(void **state) {
  static const double a[] = {313, 95}, b[] = {95, 313};
  Setup s;
  RhoMesh mesh = Walls(8, 64);
  (void)state;
  OpenModel(RHO_SOURCE_DIR "/models/quorum_sensing_cross/particles.yaml", &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  FillFront(&s, a, b);
  RunAgainstNewton(&s, 500, 1e-5);
  CloseGrid(&s);
  CloseModel(&s);
}

/* Gradient terms of every kind, with coefficients that depend on the field and no potential: a profile against areas.
 */
static void test_no_potential(void **state) {
  static const double mean = 0.3;
  RhoProfile profile;
  RhoProfilePhases found;
  Setup s;
  (void)state;
  OpenText("define: {K: 1 + 0.25*sin(phi), la: 0.3 + 0.4*phi, ze: 1 + 0.5*phi}\n"
           "dynamics: {phi: {flux: '-grad(phi^3 - phi + la*|grad(phi)|^2 - K*lap(phi)) + ze*lap(phi)*grad(phi)'}}\n",
           &s);
  RhoMesh mesh = Walls(1, 8);
  BindTo(&s, &mesh);
  RhoPhasePair exact = Areas(&s, RHO_PSEUDO_DENSITY);
  const double guess[] = {exact.low, exact.high};
  OK(RhoProfileCreate(s.eq, s.value, 32, 200, s.diag, &profile));
  OK(RhoProfileSolve(profile, &mean, guess, guess + 1, &found));
  assert_int_equal(found.reason, RHO_PATTERN_FOUND);
  print_message("  %.10f %.10f against %.10f %.10f\n", found.phase[0][0], found.phase[1][0], exact.low, exact.high);
  assert_true(fabs(found.phase[0][0] - exact.low) < 2e-6 && fabs(found.phase[1][0] - exact.high) < 2e-6);
  assert_true(fabs(exact.low + 1) > 0.01 && fabs(exact.high - 1) > 0.03); /* Model B */
  OK(RhoProfileDestroy(&profile));
  CloseModel(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kernel), cmocka_unit_test(test_two_species),
                                     cmocka_unit_test(test_no_potential)};
  return RunTests(argc, argv, tests, COUNT(tests));
}
