/* A model whose parameters follow protocols is, at each time, the model with the numbers of that time. */
#include "check.h"

#define MODEL RHO_SOURCE_DIR "/tests/models/followed.yaml"
#define PROTOCOL RHO_SOURCE_DIR "/tests/field/protocol/followed.yaml"

enum { NNUMBER = 4 };
static const int cells[3] = {14, 9, 1};

/* ---- the protocol, read by hand ---- */

static double Line(double t, double t0, double v0, double t1, double v1) {
  return v0 + (v1 - v0) * (t - t0) / (t1 - t0);
}

static void Numbers(double t, double q, RhoSetting *setting) {
  double a = 0.1 * q;
  setting[0] = (RhoSetting){"a", a, RHO_NOWHERE};
  setting[1] = (RhoSetting){"chi", t < 2 ? 0.5 : 0.5 + a * (t - 2), RHO_NOWHERE};
  setting[2] = (RhoSetting){"T[A]",
                            t < 0   ? 1
                            : t < 3 ? Line(t, 0, 1, 3, 1 + q)
                            : t < 6 ? Line(t, 3, 5, 6, 2)
                                    : 2,
                            RHO_NOWHERE};
  setting[3] = (RhoSetting){"T[B]", t < 4 ? 4 : 3, RHO_NOWHERE};
}

/* ---- models ---- */

static const RhoYaml *ReadMap(RhoModel model, RhoDiag diag, const char *path) {
  int source = RhoDiagReadFile(diag, path, RHO_NOWHERE);
  assert_true(source >= 0);
  const RhoYaml *map = RhoYamlRead(model->arena, diag, source);
  assert_non_null(map);
  return map;
}

static void Open(Setup *s, bool follow, int nsetting, const RhoSetting *setting) {
  RhoMesh mesh = BoxMesh(2, cells, RHO_WALL);
  *s = (Setup){.diag = RhoDiagCreate()};
  assert_int_equal(RhoModelLoad(MODEL, s->diag, &s->model), RHO_OK);
  if (follow) {
    RhoStatus status = RhoModelFollow(s->model, ReadMap(s->model, s->diag, PROTOCOL), nsetting, setting);
    RhoDiagPrint(s->diag, stderr);
    assert_int_equal(status, RHO_OK);
  }
  assert_int_equal(RhoEquationsCreate(s->model, s->diag, &s->eq), RHO_OK);
  s->value = calloc((size_t)s->eq->nuniform, sizeof(double));
  assert_int_equal(RhoEquationsBind(s->eq, 2, nsetting, setting, s->value), RHO_OK);
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, s->eq->nfield, RhoFieldHalo(s->eq), &s->grid));
  OK(RhoFieldCreate(s->eq, s->grid, s->value, s->diag, &s->fm));
  OK(DMCreateGlobalVector(s->grid->da, &s->u));
  FillState(s, 1, 1, 0.2, s->u);
}

static void CheckEqual(Vec a, Vec b, double t, const char *what) {
  double size = NormMax(b);
  OK(VecAXPY(a, -1, b));
  if (!(NormMax(a) <= 1e-13 * size)) fail_msg("%s at t = %g: differ by %g of %g", what, t, NormMax(a), size);
}

static void Compare(Setup *follows, Setup *fixed, double t) {
  static const RhoPart part[] = {RHO_PART_ALL, RHO_PART_STIFF};
  Vec F[2], v;
  Setup *s[2] = {follows, fixed};
  OK(VecDuplicate(fixed->u, &v));
  FillState(fixed, 2, 0, 1, v);
  for (int k = 0; k < 2; k++) {
    OK(VecDuplicate(s[k]->u, &F[k]));
    OK(RhoResidual(s[k]->fm, t, s[k]->u, F[k]));
  }
  CheckEqual(F[0], F[1], t, "residuals");
  for (int p = 0; p < 2; p++) {
    for (int k = 0; k < 2; k++) {
      RhoTangent tangent;
      OK(RhoTangentCreate(s[k]->fm, part[p], &tangent));
      OK(RhoTangentSet(tangent, t, s[k]->u));
      OK(RhoTangentApply(tangent, v, F[k]));
      OK(RhoTangentDestroy(&tangent));
    }
    CheckEqual(F[0], F[1], t, p ? "stiff parts" : "tangents");
  }
  for (int k = 0; k < 2; k++) OK(VecDestroy(&F[k]));
  OK(VecDestroy(&v));
}

/* Property: residual, tangent and stiff part at t are those of the model with the numbers of t, where q is a number,
   too: the one of the file, or one set from outside. */
static void EachTime(void **state) {
  (void)state;
  static const double time[] = {-1, 0, 1.5, 2, 2.5, 3, 4, 5.25, 6, 100};
  static const double q[] = {0.1, 0.7};
  for (int m = 0; m < 2; m++) {
    RhoSetting setting[NNUMBER + 1] = {{"q", q[m], RHO_NOWHERE}};
    Setup follows;
    Open(&follows, true, m, setting);
    for (size_t k = 0; k < sizeof time / sizeof *time; k++) {
      Setup fixed;
      setting[0] = (RhoSetting){"q", q[m], RHO_NOWHERE};
      Numbers(time[k], q[m], setting + 1);
      Open(&fixed, false, NNUMBER + 1, setting);
      Compare(&follows, &fixed, time[k]);
      SetupClose(&fixed);
    }
    SetupClose(&follows);
  }
}

/* Property: what is set from outside follows nothing, and what is a formula of it uses the number. */
static void SettingsHold(void **state) {
  (void)state;
  const RhoSetting chi = {"chi", 0.9, RHO_NOWHERE};
  RhoSetting setting[NNUMBER];
  Setup follows, fixed;
  Open(&follows, true, 1, &chi);
  Numbers(5, 0.1, setting);
  setting[1] = chi;
  Open(&fixed, false, NNUMBER, setting);
  Compare(&follows, &fixed, 5);
  SetupClose(&fixed);
  SetupClose(&follows);
}

/* Property: the breakpoints are the corners of the tables and the times compared with, within the interval. */
static void Breakpoints(void **state) {
  (void)state;
  static const double expected[] = {2, 3, 4};
  Setup s;
  int n;
  const double *time;
  Open(&s, true, 0, NULL);
  assert_true(s.eq->uses_time);
  assert_int_equal(RhoBreakpoints(s.eq, s.value, 0, 6, &n, &time), RHO_OK);
  assert_int_equal(n, 3);
  for (int k = 0; k < n; k++) assert_true(time[k] == expected[k]);
  SetupClose(&s);
}

/* Property: they are found in a model's own formulas: comparisons, min, max, abs, step, of affine functions of t with
   parameters; not where places or fields are compared, and only once. */
static void BreakpointsOfModels(void **state) {
  (void)state;
  static const double expected[] = {0.5, 1, 2, 2.5, 4, 8};
  RhoMesh mesh = BoxMesh(1, cells, RHO_PERIODIC);
  int n;
  const double *time;
  Setup s;
  assert_true(SetupText("parameters: {t1: 4, w: 0.5}\n"
                        "define: {a: 'max(w*t - t1, 0)', b: 'step(2*t - 1)*step(1 - 2*t)', c: 'abs(t - 1)', "
                        "d0: 'if(t < t1/2 or t1 <= t, 1, 2)', e: 'min(3, 0.5 + t)', f: 'if(t < x, 1, u)*sin(t)', "
                        "g: 'if(t < 99, 1, 2) + if(t == 2.5, 1, 0)'}\n"
                        "dynamics: {u: {reaction: 'a + b + c*u + d0 + e + f + g + if(t < u, 1, 0)'}}",
                        &mesh, &s));
  assert_int_equal(RhoBreakpoints(s.eq, s.value, 0, 10, &n, &time), RHO_OK);
  assert_int_equal(n, 6);
  for (int k = 0; k < n; k++) assert_true(time[k] == expected[k]);
  SetupClose(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(EachTime), cmocka_unit_test(SettingsHold),
                                     cmocka_unit_test(Breakpoints), cmocka_unit_test(BreakpointsOfModels)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
