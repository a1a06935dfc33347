/* Three species: curves of critical points and of three phases, against closed forms and Gibbs' rule.

   f = sum u log u + chi sum u_i u_j of a, b, c and what is left, s = 1 - a - b - c: all four alike. */
#include "uniform_check.h"
#include "rhoflux/phase.h"

typedef struct {
  Loaded m;
  RhoArena arena;
  RhoPhaseDiagram d;
} Made;

static Made Make(double chi) {
  static const double from[3] = {0, 0, 0}, to[3] = {1, 1, 1};
  Made made = {.arena = RhoArenaCreate()};
  made.m =
      LoadText(1, "parameters: {chi: 0}\nfields: {a: density, b: density, c: density}\ndefine: {s: 1 - a - b - c}\n"
                  "free_energy: 'a*log(a) + b*log(b) + c*log(c) + s*log(s) + chi*(a*b + a*c + b*c + (a + b + c)*s)'\n"
                  "dynamics: {a: {mobility: a}, b: {mobility: b}, c: {mobility: c}}\n");
  RhoPhaseRequest request = {.from = from, .to = to, .parameter = -1, .tangents = true};
  Set1(&made.m, 1, "chi", chi);
  Require(&made.m, RhoPhaseDiagramMake(made.m.eq, made.m.value, &request, made.arena, &made.d), "diagram");
  return made;
}

static void Free(Made *made) {
  RhoArenaDestroy(&made->arena);
  Unload(&made->m);
}

/* Property: two components demix in critical points at 1/chi of each, whatever the others are: six straight lines. */
static void StraightLines(void **state) {
  (void)state;
  const double chi = 2.3;
  Made made = Make(chi);
  const RhoPhaseDiagram *d = &made.d;
  int nstable = 0;
  assert_int_equal(d->nset, 0);
  assert_int_equal(d->nspecial, 0);
  for (int k = 0; k < d->nline; k++) {
    if (d->line[k].stability != RHO_PHASE_STABLE) continue;
    nstable++;
    assert_int_equal(d->line[k].nphase, 1);
    for (int q = 0; q < d->line[k].npoint; q++) {
      const double *x = d->line[k].state + 3 * q, u[4] = {x[0], x[1], x[2], 1 - x[0] - x[1] - x[2]};
      int n = 0;
      for (int i = 0; i < 4; i++) n += fabs(u[i] - 1 / chi) < 1e-10;
      assert_int_equal(n, 2);
    }
  }
  assert_int_equal(nstable, 6);
  Free(&made);
}

static void Potentials(Made *made, const double *u, double *out) {
  out[3] = -RhoLocalFreeEnergy(made->m.eq, made->m.value, u);
  for (int i = 0; i < 3; i++) {
    out[i] = RhoLocalValue(made->m.eq, RhoLocalPotential(made->m.eq, i), made->m.value, u);
    out[3] += u[i] * out[i];
  }
}

/* x of the three components that are few: chi (1 - 4 x) = log((1 - 3 x)/x). */
static double Few(double chi) {
  double a = 1e-6, b = 0.2;
  for (int k = 0; k < 60; k++) {
    double x = 0.5 * (a + b);
    if (log((1 - 3 * x) / x) > chi * (1 - 4 * x)) a = x;
    else b = x;
  }
  return 0.5 * (a + b);
}

/* Property: four phases are points, three phases curves, each with equal mu and p; from the one tetrahedron begin four
   stable curves of three phases, each of which ends where the component of the missing phase vanishes. */
static void PhaseRule(void **state) {
  (void)state;
  const double chi = 3.6, few = Few(chi);
  Made made = Make(chi);
  const RhoPhaseDiagram *d = &made.d;
  int nstable = 0, nfour = 0;
  for (int k = 0; k < d->nset; k++) {
    if (d->set[k].nphase != 4) continue;
    nfour++;
    for (int i = 0; i < 12; i++) {
      double u = d->set[k].state[i];
      assert_true(fabs(u - few) < 1e-10 || fabs(u - (1 - 3 * few)) < 1e-10);
    }
  }
  assert_int_equal(nfour, 1);
  for (int k = 0; k < d->nline; k++) {
    const RhoPhaseLine *line = &d->line[k];
    if (line->stability != RHO_PHASE_STABLE) continue;
    assert_int_equal(line->nphase, 3);
    assert_true(line->end[0].kind == RHO_PHASE_TRIANGLE || line->end[1].kind == RHO_PHASE_TRIANGLE);
    nstable++;
    for (int q = 0; q < line->npoint; q++) {
      double at[3][4];
      const double *x = line->state + 9 * q;
      if (1 - x[0] - x[1] - x[2] < 1e-6) continue; /* its rounding is more than that of the equations */
      for (int a = 0; a < 3; a++) Potentials(&made, line->state + 9 * q + 3 * a, at[a]);
      for (int i = 0; i < 4; i++) {
        assert_near(at[1][i], at[0][i], 1e-9, "the second phase");
        assert_near(at[2][i], at[0][i], 1e-9, "the third phase");
      }
    }
  }
  assert_int_equal(nstable, 4);
  assert_int_equal(d->nunexplained, 0);
  Free(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(StraightLines), cmocka_unit_test(PhaseRule)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
