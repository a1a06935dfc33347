/* Two fields over a parameter: critical and tricritical points, critical end points and sets of three phases of free
   energies of which all of them are known in closed form.

   f = (n + g(m))^2/2 + F(m; T) has the potential D = mu_n = n + g(m) and, at fixed D, is F(m; T) + D g(m) in m:
   critical points and phases are those of a polynomial of one variable. */
#include "uniform_check.h"
#include "rhoflux/phase.h"

typedef struct {
  Loaded m;
  const char *parameter;
  RhoArena arena;
  RhoPhaseDiagram d;
} Made;

static RhoStatus BindAt(void *ctx, double p, double *value) {
  Made *made = ctx;
  RhoSetting setting = {made->parameter, p, RHO_NOWHERE};
  return RhoEquationsBind(made->m.eq, 1, isfinite(p), &setting, value);
}

static Made MakeAlong(const char *model, const char *parameter, const double *from, const double *to, double a,
                      double b, int npath, const double *path) {
  Made made = {.m = LoadText(1, model), .parameter = parameter, .arena = RhoArenaCreate()};
  RhoPhaseRequest request = {.from = from, .to = to, .parameter_from = a, .parameter_to = b, .tangents = true};
  request.npath = npath;
  request.path = path;
  for (int k = 0; k < made.m.model->nparameter; k++)
    if (strcmp(made.m.model->parameter[k].name, parameter) == 0) request.parameter = k;
  Require(&made.m, RhoPhaseDiagramOver(made.m.eq, &request, BindAt, &made, made.arena, &made.d), "diagram");
  return made;
}

static Made Make(const char *model, const char *parameter, const double *from, const double *to, double a, double b) {
  return MakeAlong(model, parameter, from, to, a, b, 0, NULL);
}

static void Free(Made *made) {
  RhoArenaDestroy(&made->arena);
  Unload(&made->m);
}

static int CountLines(const RhoPhaseDiagram *d, int nphase, RhoPhaseStability stability) {
  int n = 0;
  for (int k = 0; k < d->nline; k++) n += d->line[k].nphase == nphase && d->line[k].stability == stability;
  return n;
}

/* The special point of the kind at this state. */
static const RhoPhaseSpecial *Has(const RhoPhaseDiagram *d, RhoPhaseSpecialKind kind, double u, double v, double p) {
  for (int k = 0; k < d->nspecial; k++) {
    const double *x = d->special[k].state;
    bool here = fabs(x[0] - u) < 1e-10 && fabs(x[1] - v) < 1e-10 && fabs(x[2] - p) < 1e-10;
    if (d->special[k].kind == kind && here) return &d->special[k];
  }
  fail_msg("no special point of the kind %d at %g, %g, %g", kind, u, v, p);
  return NULL;
}

static int Count(const RhoPhaseDiagram *d, RhoPhaseSpecialKind kind) {
  int n = 0;
  for (int k = 0; k < d->nspecial; k++) n += d->special[k].kind == kind;
  return n;
}

static bool EndsIn(const RhoPhaseDiagram *d, const RhoPhaseLine *line, RhoPhaseEndKind kind, int which) {
  (void)d;
  for (int side = 0; side < 2; side++)
    if (line->end[side].kind == kind && (which < 0 || line->end[side].which == which)) return true;
  return false;
}

/* ---- Landau's tricritical point --------------------------------------------------------------------------------- */

#define LANDAU(B, C, gamma, delta)                                                                                     \
  "parameters: {T: 0, B: " #B ", C: " #C ", gamma: " #gamma ", delta: " #delta "}\nfields: {m: real, n: real}\n"       \
  "define: {N: n + gamma*m^2 + delta*m^4}\nfree_energy: 'N^2/2 + T*m^2 + B*m^4 + C*m^6'\n"                             \
  "dynamics: {m: {mobility: 1}, n: {mobility: 1}}\n"

/* a m^2 + b m^4 + C m^6 with a = T + gamma D, b = B + delta D: of critical points m = 0 = a, or b = -5 C m^2 and
   a = 15 C m^4; of three phases b = -2 C m^2, a = C m^4, m = 0 the third. */
static void CheckLandau(const RhoPhaseDiagram *d, double B, double C, double gamma, double delta) {
  for (int q = 0; q < d->nline; q++)
    for (int k = 0; k < d->line[q].npoint * d->line[q].nphase; k++) {
      const double *x = d->line[q].state + 3 * k, s = x[0] * x[0];
      double D = x[1] + gamma * s + delta * s * s, a = x[2] + gamma * D, b = B + delta * D;
      if (d->line[q].nphase == 1) {
        assert_true(fabs(x[0] * (b + 5 * C * s)) < 1e-9);
        assert_true(fabs(a + 6 * b * s + 15 * C * s * s) < 1e-9);
      } else if (s > 1e-8) {
        assert_true(fabs(b + 2 * C * s) < 1e-9);
        assert_true(fabs(a - C * s * s) < 1e-9);
      }
    }
}

/* Property: the tricritical point is at D = -B/delta, T = gamma B/delta; four curves of critical points (a line, stable
   on one side, and two wings) and one of three phases meet in it. */
static void CheckTricritical(const RhoPhaseDiagram *d, double B, double gamma, double delta) {
  const RhoPhaseSpecial *tri = Has(d, RHO_PHASE_TRICRITICAL, 0, -B / delta, gamma * B / delta);
  assert_int_equal(tri->stability, RHO_PHASE_STABLE);
  assert_int_equal(d->nspecial, 1);
  assert_int_equal(CountLines(d, 1, RHO_PHASE_STABLE), 3);
  assert_int_equal(CountLines(d, 1, RHO_PHASE_UNSTABLE), 1);
  assert_int_equal(CountLines(d, 3, RHO_PHASE_STABLE), 1);
  assert_int_equal(d->nline, 5);
  for (int k = 0; k < d->nline; k++) assert_true(EndsIn(d, &d->line[k], RHO_PHASE_SPECIAL, 0));
}

static void Tricritical(void **state) {
  (void)state;
  const double from[2] = {-1.5, -2}, to[2] = {1.5, 2};
  Made made = Make(LANDAU(-0.3, 1, 0.5, 1), "T", from, to, -0.6, 0.3);
  CheckLandau(&made.d, -0.3, 1, 0.5, 1);
  CheckTricritical(&made.d, -0.3, 0.5, 1);
  Free(&made);
  made = Make(LANDAU(0.4, 0.7, 0.8, 1.3), "T", from, to, -0.5, 1);
  CheckLandau(&made.d, 0.4, 0.7, 0.8, 1.3);
  CheckTricritical(&made.d, 0.4, 0.8, 1.3);
  Free(&made);
}

/* Property: along n = -0.4, the spinodal is 2 a + 12 b s + 30 C s^2 = 0 (s = m^2); what separates into m and -m starts
   to do so where a + 2 b s + 3 C s^2 = 0, and cloud points of two kinds meet where three phases coexist. */
static void CloudPoints(void **state) {
  (void)state;
  const double from[2] = {-1.5, -2}, to[2] = {1.5, 2}, path[4] = {-1, -0.4, 1, -0.4}, B = -0.3, C = 1;
  int nspinodal = 0, nmirror = 0, nthird = 0;
  Made made = MakeAlong(LANDAU(-0.3, 1, 0.5, 1), "T", from, to, -0.6, 0.3, 1, path);
  for (int k = 0; k < made.d.nboundary; k++) {
    const RhoPhaseBoundary *b = &made.d.boundary[k];
    for (int q = 0; q < b->npoint; q++) {
      const double *x = b->state + 3 * q, *v = b->other + 3 * q, s = x[0] * x[0], D = x[1] + 0.5 * s + s * s;
      double a2 = x[2] + 0.5 * D, a4 = B + D;
      bool mirror = fabs(v[0] + x[0]) < 1e-9, third = (q == 0 && b->end[0].kind == RHO_PHASE_THIRD) ||
                                                      (q == b->npoint - 1 && b->end[1].kind == RHO_PHASE_THIRD);
      assert_true(fabs(x[1] + 0.4) < 1e-12 && fabs(x[0] + 1 - 2 * b->s[q]) < 1e-12);
      if (b->spinodal) assert_true(fabs(2 * a2 + 12 * a4 * s + 30 * C * s * s) < 1e-10);
      else if (mirror) assert_true(fabs(a2 + 2 * a4 * s + 3 * C * s * s) < 1e-10);
      if (third) assert_true(fabs(a4 + 2 * C * s) < 1e-10 && fabs(a2 - C * s * s) < 1e-10);
      nspinodal += b->spinodal;
      nmirror += mirror;
      nthird += third && b->stability == RHO_PHASE_STABLE;
    }
  }
  assert_true(nspinodal > 20 && nmirror > 20);
  assert_int_equal(nthird, 4);
  Free(&made);
}

/* ---- three components alike ------------------------------------------------------------------------------------- */

/* f = sum u log u + chi sum u_i u_j of a, b, 1 - a - b.  By Landau's expansion about 1/chi, 1/chi, 1 - 2/chi:
   tricritical where 2 u = 7/9, chi = 18/7.  One phase of thirds and three with 2/3 coexist at chi = 4 log 2 (mean field
   of Potts' model of three states).  The wings: from one tricritical point to the next, at most up to chi = 8/3. */
static void ThreeAlike(void **state) {
  (void)state;
  const double from[2] = {0, 0}, to[2] = {1, 1};
  const double u[3][3] = {{7. / 18, 7. / 18, 2. / 9}, {7. / 18, 2. / 9, 7. / 18}, {2. / 9, 7. / 18, 7. / 18}};
  Made made = Make("parameters: {chi: 3}\nfields: {a: density, b: density}\ndefine: {s: 1 - a - b}\n"
                   "free_energy: 'a*log(a) + b*log(b) + s*log(s) + chi*(a*b + (a + b)*s)'\n"
                   "dynamics: {a: {mobility: a}, b: {mobility: b}}\n",
                   "chi", from, to, 1.9, 3.3);
  const RhoPhaseDiagram *d = &made.d;
  assert_int_equal(Count(d, RHO_PHASE_TRICRITICAL), 3);
  for (int k = 0; k < 3; k++) Has(d, RHO_PHASE_TRICRITICAL, u[k][0], u[k][1], 18. / 7);
  assert_int_equal(Count(d, RHO_PHASE_TURN), 3);
  Has(d, RHO_PHASE_TURN, 0.5, 0.25, 8. / 3);
  assert_int_equal(d->nspecial, 6);
  assert_int_equal(d->nset, 1);
  assert_int_equal(d->set->nphase, 4);
  for (int a = 0; a < 4; a++) {
    const double *x = d->set->state + 3 * a;
    double largest = fmax(x[0], fmax(x[1], 1 - x[0] - x[1]));
    assert_near(x[2], 4 * log(2), 1e-12, "chi of four phases");
    assert_true(fabs(largest - 1. / 3) < 1e-12 || fabs(largest - 2. / 3) < 1e-12);
  }
  assert_int_equal(CountLines(d, 3, RHO_PHASE_STABLE), 4); /* three begin in a tricritical point, all meet */
  assert_int_equal(CountLines(d, 1, RHO_PHASE_STABLE), 6); /* three lines, three wings */
  for (int k = 0; k < d->nline; k++) {
    const RhoPhaseLine *line = &d->line[k];
    if (line->stability != RHO_PHASE_STABLE) continue;
    if (line->nphase == 3) assert_true(EndsIn(d, line, RHO_PHASE_TRIANGLE, 0));
    else assert_true(EndsIn(d, line, RHO_PHASE_SPECIAL, -1));
  }
  Free(&made);
}

/* ---- critical end points and cusps ------------------------------------------------------------------------------ */

#define CUBIC(f)                                                                                                       \
  "parameters: {T: 0}\nfields: {m: real, n: real}\nfree_energy: '(n + m^3)^2/2 + " f " + T*m^2'\n"                     \
  "dynamics: {m: {mobility: 1}, n: {mobility: 1}}\n"

/* Property: of m^4 (m - 1)^2 + T m^2 + D m^3 the critical point m = 0 coexists with m = 1 where T = D = 0; there the
   stability of the curve of critical points changes, and a curve of three phases ends. */
static void CriticalEndPoint(void **state) {
  (void)state;
  const double from[2] = {-1, -2}, to[2] = {1.6, 1.5};
  Made made = Make(CUBIC("m^4*(m - 1)^2"), "T", from, to, -0.2, 0.1);
  const RhoPhaseDiagram *d = &made.d;
  const RhoPhaseSpecial *end = Has(d, RHO_PHASE_CRITICAL_END, 0, 0, 0);
  int which = (int)(end - d->special), ncut[3] = {0}, nthree = 0;
  assert_near(end->state[3], 1, 1e-10, "m of the other phase");
  assert_near(end->state[4], -1, 1e-10, "n of the other phase");
  for (int k = 0; k < d->nline; k++) {
    if (!EndsIn(d, &d->line[k], RHO_PHASE_SPECIAL, which)) continue;
    if (d->line[k].nphase == 1) ncut[d->line[k].stability]++;
    else nthree += d->line[k].stability == RHO_PHASE_STABLE;
  }
  assert_int_equal(ncut[RHO_PHASE_STABLE], 1);
  assert_int_equal(ncut[RHO_PHASE_METASTABLE], 1);
  assert_int_equal(nthree, 1);
  Free(&made);
}

/* Property: of m^6 + m^5 + T m^2 + D m^3 stable and unstable critical points meet in m = T = D = 0. */
static void Cusp(void **state) {
  (void)state;
  const double from[2] = {-1, -2}, to[2] = {1, 2};
  Made made = Make(CUBIC("m^6 + m^5"), "T", from, to, -0.2, 0.2);
  const RhoPhaseDiagram *d = &made.d;
  int which = (int)(Has(d, RHO_PHASE_CUSP, 0, 0, 0) - d->special), nstable = 0, nunstable = 0;
  for (int k = 0; k < d->nline; k++) {
    if (!EndsIn(d, &d->line[k], RHO_PHASE_SPECIAL, which)) continue;
    nunstable += d->line[k].stability == RHO_PHASE_UNSTABLE;
    nstable += d->line[k].stability != RHO_PHASE_UNSTABLE;
  }
  assert_int_equal(nstable, 1);
  assert_int_equal(nunstable, 1);
  assert_int_equal(Count(d, RHO_PHASE_TRICRITICAL), 0);
  Free(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(Tricritical), cmocka_unit_test(CloudPoints),
                                     cmocka_unit_test(ThreeAlike), cmocka_unit_test(CriticalEndPoint),
                                     cmocka_unit_test(Cusp)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
