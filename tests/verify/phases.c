/* phases.c - phase diagrams against runs, which know nothing of them, and against equal areas, by other numbers. */
#include "steady.h"
#include "rhoflux/coexist.h"
#include "rhoflux/phase.h"

static RhoPhaseDiagram Diagram(Setup *s, RhoArena arena, const double *from, const double *to, int nflash,
                               const double *flash) {
  RhoPhaseRequest request = {
      .from = from, .to = to, .parameter = -1, .nflash = nflash, .flash = flash, .tangents = true};
  RhoPhaseDiagram d;
  Require(s->diag, RhoPhaseDiagramMake(s->eq, s->value, &request, arena, &d), "diagram");
  return d;
}

static void OpenInterface(Setup *s) {
  static const RhoSetting setting[] = {{"T[A]", 1.5, {-1, 0, 0}}, {"B[A,B]", 4, {-1, 0, 0}}, {"B[B,A]", 4, {-1, 0, 0}},
                                       {"K[A,A]", 2, {-1, 0, 0}}, {"K[A,B]", 0, {-1, 0, 0}}, {"K[B,A]", 0, {-1, 0, 0}},
                                       {"K[B,B]", 1, {-1, 0, 0}}};
  OpenModel(RHO_SOURCE_DIR "/models/two_temperature/model.yaml", s);
  Require(s->diag, RhoEquationsBind(s->eq, 1, COUNT(setting), setting, s->value), "parameters");
}

/* Relaxes a front between states that do not coexist; the states at the two walls, and the mean composition. */
static void RestingFront(double length, double width, double end[2][2], double mean[2]) {
  int ncell = (int)lrint(length / width);
  RhoMesh mesh = Line(0, length, ncell, RHO_WALL);
  Setup s;
  OpenInterface(&s);
  assert_true(MakeGrid(&s, PETSC_COMM_SELF, &mesh));
  FillFormula(&s, 0, "0.45 - 0.3*tanh((x - 0.46*Lx)/2)", 0);
  FillFormula(&s, 1, "0.35 + 0.25*tanh((x - 0.46*Lx)/2)", 0);
  RhoEvolveOptions options = Until(2e5, 1e-7);
  SetScheme(&options, "bdf");
  RunDone(&s, options);
  for (int i = 0; i < 2; i++) {
    end[0][i] = Cell(&s, 0, i), end[1][i] = Cell(&s, ncell - 1, i), mean[i] = 0;
    for (int p = 0; p < ncell; p++) mean[i] += Cell(&s, p, i) / ncell;
  }
  CloseGrid(&s);
  CloseModel(&s);
}

/* Property: a run from inside the binodal ends in the phases that the diagram gives for the middle of its ends, but for
   the front's tails, which have gone down at the walls by e^-20/l or e^-30/l, l about 2. */
static void test_run_ends_on_a_tie_line(void **state) {
  double from[2] = {0, 0}, to[2] = {2, 2}, error[2];
  Setup s;
  (void)state;
  OpenInterface(&s);
  for (int k = 0; k < 2; k++) {
    double end[2][2], middle[2], mean[2];
    RhoArena arena = RhoArenaCreate();
    RestingFront(k ? 60 : 40, 0.5, end, mean);
    for (int i = 0; i < 2; i++) middle[i] = 0.5 * (end[0][i] + end[1][i]);
    RhoPhaseDiagram d = Diagram(&s, arena, from, to, 1, middle);
    const double *u = d.flash->state;
    assert_int_equal(d.flash->nphase, 2);
    int first = fabs(u[0] - end[0][0]) < fabs(u[2] - end[0][0]) ? 0 : 2;
    error[k] = 0;
    for (int i = 0; i < 2; i++) {
      error[k] = Worse(error[k], u[first + i] - end[0][i]);
      error[k] = Worse(error[k], u[2 - first + i] - end[1][i]);
    }
    print_message(" %.6f %.6f = %.6f %.6f, off by %.1e\n", end[0][0], end[0][1], end[1][0], end[1][1], error[k]);
    RhoArenaDestroy(&arena);
  }
  assert_true(error[0] < 1e-4 && error[1] < 0.05 * error[0]);
  CloseModel(&s);
}

/* What the diagram says of the mean composition, against the run: the largest error of the four densities, and of the
   share of the phase at the first wall. */
static void AgainstLever(double length, double width, double *density, double *share) {
  double from[2] = {0, 0}, to[2] = {2, 2}, end[2][2], mean[2];
  RhoArena arena = RhoArenaCreate();
  Setup s;
  OpenInterface(&s);
  RestingFront(length, width, end, mean);
  RhoPhaseDiagram d = Diagram(&s, arena, from, to, 1, mean);
  assert_int_equal(d.flash->nphase, 2);
  const double *u = d.flash->state;
  int first = fabs(u[0] - end[0][0]) < fabs(u[2] - end[0][0]) ? 0 : 1;
  *density = 0;
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < 2; k++) *density = Worse(*density, u[2 * (k ? 1 - first : first) + i] - end[k][i]);
  *share = fabs((mean[0] - end[1][0]) / (end[0][0] - end[1][0]) - d.flash->fraction[first]);
  print_message(" length %3g, cells of %g: densities off by %.3e, share off by %.3e\n", length, width, *density,
                *share);
  RhoArenaDestroy(&arena);
  CloseModel(&s);
}

/* Property: the phases and their shares are those of the lever rule for the mean composition, but for what the front
   holds, whose share of the box falls as 1/length; finer cells change that by their square. */
static void test_lever_rule(void **state) {
  double density[3], share[3], fine[2], finer[2];
  (void)state;
  for (int k = 0; k < 3; k++) AgainstLever(40 << k, 0.5, &density[k], &share[k]);
  for (int k = 1; k < 3; k++) {
    assert_true(fabs(density[k - 1] / density[k] - 2) < 0.1);
    assert_true(fabs(share[k - 1] / share[k] - 2) < 0.1);
  }
  AgainstLever(40, 0.25, &fine[0], &fine[1]);
  AgainstLever(40, 0.125, &finer[0], &finer[1]);
  double order = log2(fabs(density[0] - fine[0]) / fabs(fine[0] - finer[0]));
  print_message(" order in the cells %.2f\n", order);
  assert_true(order > 1.9 && order < 2.1);
}

/* Property: one field: the diagram and the search for equal areas, which share no code, find the same pair. */
static void SameAsAreas(const char *text, double from, double to) {
  Setup s;
  RhoFront front;
  const RhoPhasePair *pair;
  bool recognised;
  const char *reason;
  int npair;
  OpenText(text, &s);
  Require(s.diag, RhoEquationsBind(s.eq, 1, 0, NULL, s.value), "parameters");
  RhoArena arena = RhoArenaCreate(), areas = RhoArenaCreate();
  RhoPhaseDiagram d = Diagram(&s, arena, &from, &to, 0, NULL);
  OK(RhoFrontCreate(s.eq, RHO_COMMON_TANGENT, &recognised, &front, &reason));
  assert_true(recognised);
  OK(RhoFrontPhases(s.eq, &front, s.value, areas, &npair, &pair));
  int nstable = 0;
  for (int k = 0; k < d.nfamily; k++) {
    if (d.family[k].stability != RHO_PHASE_STABLE) continue;
    double low = fmin(*d.family[k].first, *d.family[k].second), high = fmax(*d.family[k].first, *d.family[k].second);
    double least = INFINITY;
    for (int q = 0; q < npair; q++)
      if (!pair[q].metastable) least = fmin(least, fmax(fabs(low - pair[q].low), fabs(high - pair[q].high)));
    assert_true(least < 1e-11);
    nstable++;
  }
  assert_true(nstable > 0);
  RhoArenaDestroy(&arena);
  RhoArenaDestroy(&areas);
  CloseModel(&s);
}

static void test_equal_areas(void **state) {
  (void)state;
  SameAsAreas("fields: {rho: density}\ndynamics: {rho: {mobility: rho, potential: log(rho) - tanh((rho - 1)/0.5)}}\n",
              0, 4);
  SameAsAreas("fields: {rho: density}\ndynamics: {rho: {mobility: rho, potential: log(rho/(1 - rho)) - 6*rho}}\n", 0,
              0.999);
  SameAsAreas("fields: {phi: real}\ndynamics: {phi: {mobility: 1, potential: phi^3 - phi + 0.2*phi^2}}\n", -2, 2);
  SameAsAreas("fields: {rho: density}\n"
              "dynamics: {rho: {mobility: rho, potential: log(rho) - tanh((rho - 1)/0.4) - 1.2*tanh((rho - 6)/1.5)}}\n",
              0, 12);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_equal_areas), cmocka_unit_test(test_run_ends_on_a_tie_line),
                                     cmocka_unit_test(test_lever_rule)};
  return RunTests(argc, argv, tests, COUNT(tests));
}
