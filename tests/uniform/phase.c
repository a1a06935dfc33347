/* Phase diagrams against reference values, found from the model and a window alone. */
#include "uniform_check.h"
#include "rhoflux/phase.h"

typedef struct {
  Loaded m;
  RhoArena arena;
  RhoPhaseDiagram d;
  double set[7]; /* of the diagram */
} Made;

static void Make(Made *made, double to, int nflash, const double *flash) {
  double from[3] = {0}, upper[3] = {to, to, to};
  RhoPhaseRequest request = {
      .from = from, .to = upper, .parameter = -1, .nflash = nflash, .flash = flash, .tangents = true};
  if (made->arena) RhoArenaDestroy(&made->arena);
  made->arena = RhoArenaCreate();
  Require(&made->m, RhoPhaseDiagramMake(made->m.eq, made->m.value, &request, made->arena, &made->d), "diagram");
  assert_int_equal(made->d.nunexplained, 0);
}

static void Free(Made *made) {
  RhoArenaDestroy(&made->arena);
  Unload(&made->m);
}

/* |a - b| relative to b: densities far below one count as well. */
static double Off(int n, const double *a, const double *b) {
  double off = 0;
  for (int i = 0; i < n; i++) off = Worse(off, fabs(a[i] - b[i]) / fabs(b[i]));
  return off;
}

/* Phases in any order: each of the n expected states is one of those found, and of the fraction given (t < 0: any). */
static void HasPhases(const RhoPhaseFlash *flash, int n, const double *const *state, const double *t,
                      double tolerance) {
  assert_int_equal(flash->nphase, n);
  for (int a = 0; a < n; a++) {
    double least = INFINITY;
    for (int b = 0; b < n; b++) {
      double off = Off(2, flash->state + 2 * b, state[a]);
      if (t[a] >= 0) off = Worse(off, flash->fraction[b] - t[a]);
      least = fmin(least, off);
    }
    if (!(least < tolerance)) fail_msg("no phase at %.15g %.15g: off by %g", state[a][0], state[a][1], least);
  }
}

static double NearestCritical(const RhoPhaseDiagram *d, const double *state, int *which) {
  double least = INFINITY;
  for (int k = 0; k < d->ncritical; k++) {
    double off = Off(2, d->critical[k].state, state);
    if (off < least) least = off, *which = k;
  }
  return least;
}

/* The distance of a state from the polygons of the spinodals. */
static double FromSpinodal(const RhoPhaseDiagram *d, const double *u) {
  double least = INFINITY;
  for (int c = 0; c < d->nspinodal; c++)
    for (int k = 0; k + 1 < d->spinodal[c].npoint; k++) {
      const double *a = d->spinodal[c].state + 2 * k, *b = a + 2;
      double x = b[0] - a[0], y = b[1] - a[1], s = ((u[0] - a[0]) * x + (u[1] - a[1]) * y) / (x * x + y * y);
      s = fmin(1, fmax(0, s));
      least = fmin(least, hypot(u[0] - a[0] - s * x, u[1] - a[1] - s * y));
    }
  return least;
}

/* ---- two temperatures ------------------------------------------------------------------------------------------- */

static void SetTwo(Made *made, const double *x) {
  static const char *const name[] = {"T[A]", "T[B]", "zeta[A]", "zeta[B]", "B[A,A]", "B[B,B]", "B[A,B]", "B[B,A]"};
  RhoSetting setting[8];
  for (int k = 0; k < 8; k++) setting[k] = (RhoSetting){name[k], x[k < 7 ? k : 6], RHO_NOWHERE};
  Bind(&made->m, 1, 8, setting);
}

static void PlaitRow(const double *x, void *ctx) {
  Made *made = ctx;
  int which = -1;
  SetTwo(made, x);
  Make(made, 2, 0, NULL);
  assert_int_equal(made->d.ncritical, 1);
  assert_true(NearestCritical(&made->d, x + 7, &which) < 1e-11);
  assert_int_equal(made->d.critical[which].stability, RHO_PHASE_STABLE);
  assert_int_equal(made->d.nfamily, 1);
}

/* Property: one stable plait point, from which one family of tie lines leaves the window. */
static void TwoPlaitPoints(void **state) {
  (void)state;
  Made made = {.m = LoadFile("two_temperature", 1)};
  assert_int_equal(EachRow("two_temperature_plait.txt", 9, PlaitRow, &made), 3);
  Free(&made);
}

static void TwoFlashRow(const double *x, void *ctx) {
  Made *made = ctx;
  SetTwo(made, x);
  Make(made, 2, 1, x + 7);
  const double *phase[2] = {x + 9, x + 11}, fraction[2] = {x[13], 1 - x[13]};
  HasPhases(made->d.flash, 2, phase, fraction, 1e-10);
  assert_true(made->d.flash->residual < 1e-13);
  assert_true(made->d.flash->height > 0);
}

/* Property: what compositions separate into, and how much of each. */
static void TwoFlashes(void **state) {
  (void)state;
  Made made = {.m = LoadFile("two_temperature", 1)};
  assert_int_equal(EachRow("two_temperature_flash.txt", 14, TwoFlashRow, &made), 18);
  Free(&made);
}

static void TwoTieRow(const double *x, void *ctx) {
  Made *made = ctx;
  const double *phase[2] = {x + 7, x + 9}, fraction[2] = {0.9, 0.1};
  double z[2] = {0.9 * x[7] + 0.1 * x[9], 0.9 * x[8] + 0.1 * x[10]};
  SetTwo(made, x);
  Make(made, 3, 1, z);
  HasPhases(made->d.flash, 2, phase, fraction, 1e-10);
  assert_near(made->d.flash->mu[0], x[11], 1e-12, "mu A");
  assert_near(made->d.flash->mu[1], x[12], 1e-12, "mu B");
  assert_near(made->d.flash->p, x[13], 1e-12, "p");
}

/* Property: tie lines with densities down to 5e-9, of which the other end is far outside the window. */
static void TwoTies(void **state) {
  (void)state;
  Made made = {.m = LoadFile("two_temperature", 1)};
  assert_int_equal(EachRow("two_temperature_ties.txt", 14, TwoTieRow, &made), 27);
  Free(&made);
}

static void TwoSpinodalRow(const double *x, void *ctx) {
  Made *made = ctx;
  SetTwo(made, x);
  if (memcmp(x, made->set, sizeof made->set) != 0) Make(made, 6, 0, NULL);
  memcpy(made->set, x, sizeof made->set);
  double hessian[3];
  for (int k = 0; k < 3; k++)
    hessian[k] = RhoLocalValue(made->m.eq, RhoLocalHessian(made->m.eq, k / 2, (k + 1) / 2), made->m.value, x + 7);
  assert_true(fabs(hessian[0] * hessian[2] - hessian[1] * hessian[1]) < 1e-12 * hessian[1] * hessian[1]);
  assert_true(FromSpinodal(&made->d, x + 7) < 2e-2);
}

/* Property: spinodals pass the reference points. */
static void TwoSpinodals(void **state) {
  (void)state;
  Made made = {.m = LoadFile("two_temperature", 1)};
  assert_int_equal(EachRow("two_temperature_spinodal.txt", 9, TwoSpinodalRow, &made), 28);
  Free(&made);
}

/* Property: K < 1, nothing is unstable. */
static void NothingUnstable(void **state) {
  (void)state;
  Made made = {.m = LoadFile("two_temperature", 1)};
  double x[7] = {1, 1, 1, 1, 1, 1, 0.9}, z[2] = {0.5, 0.5};
  SetTwo(&made, x);
  Make(&made, 6, 1, z);
  assert_int_equal(made.d.nspinodal + made.d.ncritical + made.d.nfamily + made.d.nset, 0);
  assert_int_equal(made.d.flash->nphase, 1);
  Free(&made);
}

/* ---- quorum sensing --------------------------------------------------------------------------------------------- */

static void TriangleRow(const double *x, void *ctx) {
  const RhoPhaseDiagram *d = &((Made *)ctx)->d;
  double least = INFINITY;
  for (int k = 0; k < d->nset; k++) {
    double off = 0;
    for (int a = 0; a < 3; a++) {
      double nearest = INFINITY;
      for (int b = 0; b < 3; b++) nearest = fmin(nearest, Off(2, d->set[k].state + 2 * b, x + 2 * a));
      off = Worse(off, nearest);
    }
    least = fmin(least, off);
    assert_true(d->set[k].stability == RHO_PHASE_STABLE && d->set[k].residual < 1e-14);
  }
  assert_true(least < 1e-12);
}

static void CriticalRow(const double *x, void *ctx) {
  const RhoPhaseDiagram *d = &((Made *)ctx)->d;
  int which = -1;
  assert_true(NearestCritical(d, x, &which) < 1e-11);
  assert_int_equal(d->critical[which].stability, RHO_PHASE_UNSTABLE);
}

static void DeterminantRow(const double *x, void *ctx) {
  const RhoPhaseDiagram *d = &((Made *)ctx)->d;
  assert_true(FromSpinodal(d, x) < 1e-3);
}

static int CountFamilies(const RhoPhaseDiagram *d, RhoPhaseEndKind a, RhoPhaseEndKind b) {
  int n = 0;
  for (int k = 0; k < d->nfamily; k++) {
    const RhoPhaseEnd *end = d->family[k].end;
    if (d->family[k].stability != RHO_PHASE_STABLE) continue;
    n += (end[0].kind == a && end[1].kind == b) || (end[0].kind == b && end[1].kind == a);
  }
  return n;
}

/* Property: two triangles joined by a strip; two families each that end where a density vanishes, and that leave the
   window; four unstable critical points. */
static void QuorumDiagram(void **state) {
  (void)state;
  Made made = {.m = LoadFile("quorum_sensing", 1)};
  Make(&made, 4, 0, NULL);
  assert_int_equal(made.d.nset, 2);
  assert_int_equal(EachRow("quorum_triangles.txt", 9, TriangleRow, &made), 2);
  assert_int_equal(made.d.ncritical, 4);
  assert_int_equal(EachRow("quorum_critical.txt", 2, CriticalRow, &made), 4);
  assert_true(EachRow("quorum_detzero.txt", 2, DeterminantRow, &made) > 10);
  assert_int_equal(CountFamilies(&made.d, RHO_PHASE_TRIANGLE, RHO_PHASE_TRIANGLE), 1);
  assert_int_equal(CountFamilies(&made.d, RHO_PHASE_TRIANGLE, RHO_PHASE_VANISHED), 2);
  assert_int_equal(CountFamilies(&made.d, RHO_PHASE_TRIANGLE, RHO_PHASE_WINDOW), 2);
  Free(&made);
}

typedef struct {
  int n;
  double x[80][12];
} Rows;

static void Collect(const double *x, void *ctx) {
  Rows *rows = ctx;
  assert_true(rows->n < 80);
  memcpy(rows->x[rows->n++], x, sizeof rows->x[0]);
}

/* Property: flashes into one, two and three phases. */
static void QuorumFlashes(void **state) {
  (void)state;
  static Rows rows;
  double z[80 * 2];
  EachRow("quorum_flash.txt", 12, Collect, &rows);
  for (int k = 0; k < rows.n; k++) memcpy(z + 2 * k, rows.x[k], 2 * sizeof *z);
  Made made = {.m = LoadFile("quorum_sensing", 1)};
  Make(&made, 4, rows.n, z);
  for (int k = 0; k < rows.n; k++) {
    const double *x = rows.x[k], *phase[3] = {x + 4, x + 7, x + 10}, fraction[3] = {x[3], x[6], x[9]};
    HasPhases(&made.d.flash[k], (int)x[2], phase, fraction, 1e-10);
  }
  Free(&made);
}

/* How far x[4] is from the line between two points. */
static double FromChord(const double *x, const double *from, const double *to) {
  double along = 0, size = 0, off = 0;
  for (int i = 0; i < 4; i++) {
    along += (x[i] - from[i]) * (to[i] - from[i]);
    size += (to[i] - from[i]) * (to[i] - from[i]);
  }
  double part = size > 0 ? fmin(1, fmax(0, along / size)) : 0;
  for (int i = 0; i < 4; i++) off = Worse(off, x[i] - from[i] - part * (to[i] - from[i]));
  return off;
}

static void TieLine(const RhoPhaseFamily *family, int k, bool swapped, double *x) {
  memcpy(x, (swapped ? family->second : family->first) + 2 * k, 2 * sizeof *x);
  memcpy(x + 2, (swapped ? family->first : family->second) + 2 * k, 2 * sizeof *x);
}

/* The family of tie lines that passes x[4], both states at once, nearest, and how near its polygon does. */
static double NearestFamily(const RhoPhaseDiagram *d, const double *x, int *which) {
  double least = INFINITY, from[4], to[4];
  for (int c = 0; c < d->nfamily; c++)
    for (int k = 0; k + 1 < 2 * d->family[c].npoint; k++) {
      int at = k / 2, next = at + 1 < d->family[c].npoint ? at + 1 : at;
      TieLine(&d->family[c], at, k % 2, from);
      TieLine(&d->family[c], next, k % 2, to);
      double off = FromChord(x, from, to);
      if (off < least) least = off, *which = c;
    }
  return least;
}

/* Property: every tie line of the reference is on a family, and that family is stable or not as the reference says; the
   stable ones are what their middle separates into, the others' middles are in a triangle. */
static void QuorumTies(void **state) {
  (void)state;
  static Rows rows;
  double z[80 * 2];
  int which = 0, nbeyond = 0;
  assert_int_equal(EachRow("quorum_ties.txt", 8, Collect, &rows) > 60, 1);
  for (int k = 0; k < rows.n; k++)
    for (int i = 0; i < 2; i++) z[2 * k + i] = 0.5 * (rows.x[k][i] + rows.x[k][2 + i]);
  Made made = {.m = LoadFile("quorum_sensing", 1)};
  Make(&made, 4, rows.n, z);
  for (int k = 0; k < rows.n; k++) {
    const double *x = rows.x[k], *phase[2] = {x, x + 2}, half[2] = {0.5, 0.5};
    bool stable = x[7] > 0;
    nbeyond += !stable;
    if (stable) HasPhases(&made.d.flash[k], 2, phase, half, 1e-10);
    assert_true(NearestFamily(&made.d, x, &which) < 2e-3);
    assert_int_equal(made.d.family[which].stability == RHO_PHASE_STABLE, stable);
    if (!stable) assert_int_equal(made.d.flash[k].nphase, 3);
  }
  assert_int_equal(nbeyond, 4);
  Free(&made);
}

/* ---- over a parameter ------------------------------------------------------------------------------------------- */

static RhoPhaseDiagram Over(Loaded *m, RhoArena arena, const char *name, double a, double b, double from, double to) {
  static double lower, upper;
  RhoPhaseDiagram d;
  RhoPhaseRequest request = {.from = &lower, .to = &upper, .parameter_from = a, .parameter_to = b, .tangents = true};
  lower = from;
  upper = to;
  for (int k = 0; k < m->model->nparameter; k++)
    if (strcmp(m->model->parameter[k].name, name) == 0) request.parameter = k;
  Require(m, RhoPhaseDiagramMake(m->eq, m->value, &request, arena, &d), "diagram over a parameter");
  return d;
}

/* Property: f = a phi^2/2 + phi^4/4: binodal phi^2 = -a, spinodal 3 phi^2 = -a, critical at 0, all to round-off; each
   curve goes from one end of the range to the critical point or through it. */
static void SquareRoots(void **state) {
  (void)state;
  Loaded m = LoadFile("cahn_hilliard", 1);
  RhoArena arena = RhoArenaCreate();
  RhoPhaseDiagram d = Over(&m, arena, "a", -1.5, 0.25, -1.5, 1.5);
  assert_int_equal(d.ncritical, 1);
  assert_int_equal(d.nfamily, 1);
  assert_int_equal(d.nspinodal, 1);
  assert_true(fabs(d.critical->state[0]) < 1e-15 && fabs(d.critical->state[1]) < 1e-15);
  assert_int_equal(d.critical->stability, RHO_PHASE_STABLE);
  for (int k = 0; k < d.family->npoint; k++) {
    const double *u = d.family->first + 2 * k, *v = d.family->second + 2 * k;
    assert_true(fabs(u[0] * u[0] + u[1]) < 1e-14 && fabs(u[0] + v[0]) < 1e-14 && u[1] == v[1]);
  }
  for (int k = 0; k < d.spinodal->npoint; k++) {
    const double *u = d.spinodal->state + 2 * k;
    assert_true(fabs(3 * u[0] * u[0] + u[1]) < 1e-14);
  }
  RhoArenaDestroy(&arena);
  Unload(&m);
}

/* Property: two transitions that merge do so in a triple point, where three stable families end. */
static void TriplePoint(void **state) {
  (void)state;
  Loaded m = LoadText(1, "parameters: {b: 1}\nfields: {rho: density}\ndynamics: {rho: {mobility: rho,\n"
                         "  potential: 'log(rho) - tanh((rho - 1)/0.4) - b*tanh((rho - 3)/0.8)'}}\n");
  RhoArena arena = RhoArenaCreate();
  RhoPhaseDiagram d = Over(&m, arena, "b", 0.2, 3, 0, 12);
  assert_int_equal(d.nset, 1);
  assert_int_equal(d.set->stability, RHO_PHASE_STABLE);
  assert_true(d.set->residual < 1e-13);
  int n = 0;
  for (int k = 0; k < d.nfamily; k++)
    for (int side = 0; side < 2 && d.family[k].stability == RHO_PHASE_STABLE; side++)
      n += d.family[k].end[side].kind == RHO_PHASE_TRIANGLE;
  assert_int_equal(n, 3);
  Set1(&m, 1, "b", d.set->state[1]); /* bound to its value, the phases have one mu and one p */
  double mu[3], p[3];
  for (int a = 0; a < 3; a++) {
    const double *u = d.set->state + 2 * a;
    mu[a] = RhoLocalValue(m.eq, RhoLocalPotential(m.eq, 0), m.value, u);
    p[a] = u[0] * mu[a] - RhoLocalFreeEnergy(m.eq, m.value, u);
    assert_near(mu[a], mu[0], 1e-13, "mu");
    assert_near(p[a], p[0], 1e-13, "p");
  }
  RhoArenaDestroy(&arena);
  Unload(&m);
}

/* Property: a solvent that is what two species leave, s = 1 - a - b (Flory and Huggins): curves end where the
   solvent does, by name, det H = 0 on it, and by symmetry the critical point is a = b = 1/chi. */
static void HiddenSolvent(void **state) {
  (void)state;
  const double chi = 2.8, from[2] = {0, 0}, to[2] = {1, 1};
  Loaded m = LoadText(1, "parameters: {chi: 2.8, chi0: 0.5}\nfields: {a: density, b: density}\ndefine: {s: 1 - a - b}\n"
                         "free_energy: 'a*log(a) + b*log(b) + s*log(s) + chi*a*b + chi0*(a + b)*s'\n"
                         "dynamics: {a: {mobility: a}, b: {mobility: b}}\n");
  RhoArena arena = RhoArenaCreate();
  RhoPhaseRequest request = {.from = from, .to = to, .parameter = -1, .tangents = true};
  RhoPhaseDiagram d;
  Bind(&m, 1, 0, NULL);
  Require(&m, RhoPhaseDiagramMake(m.eq, m.value, &request, arena, &d), "diagram");
  assert_int_equal(d.nspinodal, 1);
  assert_int_equal(d.ncritical, 1);
  assert_int_equal(d.nfamily, 1);
  assert_int_equal(d.nunexplained, 0);
  assert_int_equal(d.nhidden, 1);
  assert_string_equal(d.hidden[0], "s");
  assert_int_equal(d.family->end[0].kind + d.family->end[1].kind, RHO_PHASE_CRITICAL + RHO_PHASE_HIDDEN);
  assert_int_equal(d.spinodal->end[0].kind, RHO_PHASE_HIDDEN);
  assert_int_equal(d.spinodal->end[1].kind, RHO_PHASE_HIDDEN);
  assert_near(d.critical->state[0], 1 / chi, 1e-12, "critical a");
  assert_near(d.critical->state[1], 1 / chi, 1e-12, "critical b");
  double least = 1;
  for (int k = 0; k < d.spinodal->npoint; k++) {
    const double *u = d.spinodal->state + 2 * k, s = 1 - u[0] - u[1];
    double aa = s / u[0] + 1 - s, bb = s / u[1] + 1 - s, ab = 1 + (chi - 1) * s; /* of s H */
    assert_true(fabs(aa * bb - ab * ab) < 1e-12);
    least = fmin(least, s);
  }
  assert_true(least < 1e-6);
  RhoArenaDestroy(&arena);
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TwoPlaitPoints), cmocka_unit_test(TwoFlashes),      cmocka_unit_test(TwoTies),
      cmocka_unit_test(TwoSpinodals),   cmocka_unit_test(NothingUnstable), cmocka_unit_test(QuorumDiagram),
      cmocka_unit_test(QuorumFlashes),  cmocka_unit_test(QuorumTies),      cmocka_unit_test(SquareRoots),
      cmocka_unit_test(TriplePoint),    cmocka_unit_test(HiddenSolvent),
  };
  setenv("RHOFLUX_MODELS", RHO_SOURCE_DIR "/models", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
