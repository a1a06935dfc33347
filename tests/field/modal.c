/* modal.c - the equations in transform space: transforms there and back, A + N the residual, A the stiff tangent where
   its coefficients are constant, for every model found that has them; with the spectral discretisation A is the whole
   tangent about uniform states. */
#include "check.h"

static const int cells[2] = {12, 10};
static int nfactor, nlinear, nconstant, nuniform;

static double Difference(Vec a, Vec b) {
  double norm;
  OK(VecAXPY(a, -1, b));
  norm = NormMax(a);
  return norm / fmax(NormMax(b), 1e-300);
}

/* N += A hat, written out here */
static void AddLinear(const RhoModes *modes, PetscScalar **hat, PetscScalar **N) {
  PetscInt n = modes->nfield, w = modes->width;
  for (PetscInt m = 0; m < modes->nmode; m++)
    for (PetscInt i = 0; i < n; i++)
      for (PetscInt j = 0; j < n; j++)
        for (PetscInt c = 0; c < w; c++) {
          double turned = modes->B ? RhoModesB(modes, i, j)[m] * (c ? 1 : -1) : 0;
          N[i][m * w + c] += RhoModesA(modes, i, j)[m] * hat[j][m * w + c];
          if (modes->B) N[i][m * w + c] += turned * hat[j][m * w + 1 - c];
        }
}

/* |A hat, transformed back, - L x| relative to |L x|, L about s->u, hat the transform of x */
static double Linear(Setup *s, RhoModal modal, Vec x, PetscScalar **hat, PetscScalar **N, Vec v, Vec w) {
  RhoTangent stiff;
  const RhoModes *modes = RhoModalModes(modal);
  for (PetscInt i = 0; i < modes->nfield; i++) OK(PetscArrayzero(N[i], modes->nmode * modes->width));
  AddLinear(modes, hat, N);
  OK(RhoModalBackward(modal, N, v));
  OK(RhoTangentCreate(s->fm, RhoFieldIsSpectral(s->fm) ? RHO_PART_ALL : RHO_PART_STIFF, &stiff));
  OK(RhoTangentSet(stiff, 0.3, s->u));
  OK(RhoTangentApply(stiff, x, w));
  OK(RhoTangentDestroy(&stiff));
  return NormMax(w) > 0 ? Difference(v, w) : 0;
}

static void Factors(const RhoModes *modes, PetscScalar **N) {
  for (PetscInt i = 0; i < modes->nfield; i++)
    for (PetscInt k = 0; k < modes->nmode * modes->width && modes->factor[i]; k++)
      N[i][k] *= modes->factor[i][k / modes->width];
}

static double SquareSum(Vec u) {
  PetscReal norm;
  OK(VecNorm(u, NORM_2, &norm));
  return norm * norm;
}

/* sum over cells of u^2 by the weights of the modes */
static double Parseval(const RhoModes *modes, PetscScalar **hat) {
  double sum = 0;
  PetscInt w = modes->width;
  for (PetscInt i = 0; i < modes->nfield; i++)
    for (PetscInt k = 0; k < modes->nmode * w; k++) sum += modes->weight[k / w] * hat[i][k] * hat[i][k];
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return modes->scale * sum;
}

/* |A hat + N - F| relative to |F|, F of s->u; N, which gets its factors, is made anew behind that. */
static double Whole(Setup *s, RhoModal modal, PetscScalar **hat, PetscScalar **N, Vec v, Vec w) {
  Factors(RhoModalModes(modal), N);
  AddLinear(RhoModalModes(modal), hat, N);
  OK(RhoModalBackward(modal, N, v));
  OK(RhoResidual(s->fm, 0.3, s->u, w));
  for (PetscInt i = 0; i < RhoModalModes(modal)->nfield; i++)
    OK(PetscArrayzero(N[i], RhoModalModes(modal)->nmode * RhoModalModes(modal)->width));
  return Difference(v, w);
}

/* The same after A was set about another state, N following; and of N made of the transform alone. */
static double Followed(Setup *s, RhoModal modal, PetscScalar **hat, PetscScalar **N, Vec v, Vec w) {
  Vec x;
  OK(VecDuplicate(s->u, &x));
  FillState(s, 2, 1, 0.02, x);
  OK(RhoModalRest(modal, 0.3, s->u, hat, N));
  OK(RhoModalSet(modal, 0.3, x, 1, &hat, &N));
  double moved = Whole(s, modal, hat, N, v, w);
  OK(RhoModalRestOf(modal, 0.3, hat, NULL, N));
  OK(VecDestroy(&x));
  return fmax(moved, Whole(s, modal, hat, N, v, w));
}

/* Rows that have a factor, rows that have no N. */
static void Count(const RhoModes *modes) {
  for (PetscInt i = 0; i < modes->nfield; i++) {
    nfactor += modes->factor[i] != NULL;
    nlinear += modes->linear[i];
  }
}

/* The same about a uniform state, of another one. */
static void Uniform(Setup *s, RhoModal modal, PetscScalar **hat, PetscScalar **N, Vec v, Vec w) {
  Vec x;
  OK(VecDuplicate(s->u, &x));
  FillState(s, 2, 0, 1, x);
  FillState(s, 1, 1, 0, s->u);
  OK(RhoModalSet(modal, 0.3, s->u, 0, NULL, NULL));
  OK(RhoModalForward(modal, x, hat));
  double error = Linear(s, modal, x, hat, N, v, w);
  if (!(error < 1e-10)) fail_msg("%s: A about a uniform state is wrong by %g", s->model->name, error);
  nuniform++;
  OK(VecDestroy(&x));
}

static void Check(Setup *s) {
  RhoModal modal;
  PetscScalar **hat, **N;
  Vec v, w;
  OK(VecDuplicate(s->u, &v));
  OK(VecDuplicate(s->u, &w));
  FillState(s, 1, 1, 0.05, s->u);
  OK(RhoModalCreate(s->fm, &modal));
  const RhoModes *modes = RhoModalModes(modal);
  OK(RhoModalSpectra(modal, &hat));
  OK(RhoModalSpectra(modal, &N));
  OK(RhoModalForward(modal, s->u, hat));
  OK(RhoModalBackward(modal, hat, v));
  double there = Difference(v, s->u);
  OK(RhoModalSet(modal, 0.3, s->u, 0, NULL, NULL));
  OK(RhoModalRest(modal, 0.3, s->u, hat, N));
  double whole = Whole(s, modal, hat, N, v, w), linear = modes->constant ? Linear(s, modal, s->u, hat, N, v, w) : 0;
  for (PetscInt i = 0; i < modes->nfield; i++) OK(PetscArrayzero(N[i], modes->nmode * modes->width));
  double followed = Followed(s, modal, hat, N, v, w);
  double parseval = fabs(Parseval(modes, hat) / SquareSum(s->u) - 1);
  print_message("%-32s %s there and back %.1e  A + N %.1e, moved %.1e  A %.1e  Parseval %.1e\n", s->model->name,
                RhoFieldIsSpectral(s->fm) ? "spectral" : "volumes ", there, whole, followed, linear, parseval);
  assert_true(there < 1e-14 && whole < 1e-10 && followed < 1e-10 && linear < 1e-10 && parseval < 1e-13);
  nconstant += modes->constant;
  Count(modes);
  if (RhoFieldIsSpectral(s->fm) && !s->eq->uses_coordinate) Uniform(s, modal, hat, N, v, w);
  OK(RhoModalFreeSpectra(modal, &hat));
  OK(RhoModalFreeSpectra(modal, &N));
  OK(RhoModalDestroy(&modal));
  OK(VecDestroy(&v));
  OK(VecDestroy(&w));
}

static void EachBox(const char *path) {
  for (int k = 0; k < 3; k++)
    for (int ndim = 1; ndim <= 2; ndim++) {
      RhoMesh mesh = BoxMesh(ndim, cells, k == 1 ? RHO_WALL : RHO_PERIODIC);
      Setup s;
      if (SetupOpenAs(path, &mesh, k == 2 ? SPECTRAL : VOLUMES, &s)) {
        if (!RhoModalRefuses(s.fm)) Check(&s);
      }
      SetupClose(&s);
    }
}

static void test_models(void **state) {
  (void)state;
  EachModel(EachBox);
  print_message("%d with constant coefficients, %d about a uniform state\n", nconstant, nuniform);
  assert_true(nfactor >= 4 && nlinear >= 1);
  assert_true(nconstant >= 4 && nuniform >= 4);
}

/* Unequal cells and walls with conditions are refused. */
static void test_refused(void **state) {
  RhoMesh mesh = BoxMesh(1, cells, RHO_WALL);
  Setup s;
  (void)state;
  Stretch(&mesh);
  assert_true(SetupOpen(RHO_SOURCE_DIR "/models/cahn_hilliard/model.yaml", &mesh, &s));
  assert_non_null(RhoModalRefuses(s.fm));
  SetupClose(&s);
  mesh = BoxMesh(1, cells, RHO_WALL);
  assert_true(SetupText("dynamics: {c: {flux: \"-grad(c)\"}}\nboundary: {c: {x: {from: {value: 1}}}}", &mesh, &s));
  assert_non_null(RhoModalRefuses(s.fm));
  SetupClose(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_models), cmocka_unit_test(test_refused)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
