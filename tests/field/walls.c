/* walls.c - conditions at walls: the tangent is the derivative of the residual with them, the sums of the residual are
   what RhoInflow says, mirror walls let nothing through in sum, an assembled stiff part is the operator applied. */
#include "check.h"
#include <unistd.h>

typedef struct {
  const char *text;
  bool spatial; /* the second dimension is space */
} Text;

static const Text texts[] = {
    {"fields: {a: density}\n"
     "dynamics:\n"
     "  a: {mobility: \"a*(1 + 0.3*b)\", potential: \"log(a) + 0.4*a*b + 0.2*x\"}\n"
     "  b: {flux: \"-(1 + a^2)*grad(b)\", reaction: \"0.1*d(a, y)\"}\n"
     "boundary:\n"
     "  a: {x: {from: {value: \"1 + 0.2*sin(t)*cos(y)\"}, to: {flux: \"0.3*a*b - 0.2\"}}, y: {inflow: \"0.1*(1 - "
     "a)\"}}\n"
     "  b: {x: {slope: \"0.3*y\"}, y: {from: {value: \"x*(1 + t)\"}}}\n",
     true},
    {"dynamics:\n  w: {mobility: \"1 + 0.1*w^2\", potential: \"w^3 - w - 0.2*lap(w)\"}\n"
     "boundary:\n  w: {x: {from: {value: 0.3, flux: \"w\"}, to: {slope: \"0.4*cos(y)\"}}, y: {slope: -0.2, flux: "
     "\"0.1*w\"}}\n",
     true},
    {"dimensions: [v, x]\n"
     "dynamics:\n  P: {flux: {x: \"v*P\", v: \"-P*grad(v^2/2) - (1 + 0.5*x)*grad(P)\"}}\n",
     false},
};

static void Open(const Text *text, Setup *s) {
  RhoMesh mesh = BoxMesh(2, (const int[]){12, 18}, RHO_WALL);
  if (!text->spatial) {
    mesh.dimension[0] = (RhoDimension){.name = "v", .from = -4, .to = 4, .ncell = 12, .boundary = RHO_WALL};
    mesh.dimension[1] =
        (RhoDimension){.name = "x", .to = 1, .ncell = 18, .boundary = RHO_WALL, .spatial = true, .mirror = 1};
  }
  bool fits = SetupText(text->text, &mesh, s);
  if (!fits) RhoDiagPrint(s->diag, stderr);
  assert_true(fits);
}

/* The tangent agrees with difference quotients at slope 2. */
static void test_tangent(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    RhoTangent tangent;
    Setup s;
    Vec v, Lv;
    Open(&texts[k], &s);
    OK(VecDuplicate(s.u, &v));
    OK(VecDuplicate(s.u, &Lv));
    FillState(&s, 1, 1, 0.08, s.u);
    FillState(&s, 2, 0, 1, v);
    OK(RhoTangentCreate(s.fm, RHO_PART_ALL, &tangent));
    OK(RhoTangentSet(tangent, 0.7, s.u));
    OK(RhoTangentApply(tangent, v, Lv));
    double coarse = QuotientError(&s, 0.7, v, Lv, 4e-3), fine = QuotientError(&s, 0.7, v, Lv, 1e-3);
    print_message("quotient errors %g, %g\n", coarse, fine);
    assert_true(fine < 1e-9 || (coarse / fine > 13 && coarse / fine < 19 && fine < 1e-3));
    OK(RhoTangentDestroy(&tangent));
    OK(VecDestroy(&v));
    OK(VecDestroy(&Lv));
    SetupClose(&s);
  }
}

/* sum over cells of F_i, and of its modulus */
static void Sums(const Setup *s, Vec F, int i, double *sum, double *size) {
  const PetscScalar *f;
  double store[2] = {0, 0};
  OK(VecGetArrayRead(F, &f));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    store[0] += f[p * s->grid->nfield + i];
    store[1] += fabs(f[p * s->grid->nfield + i]);
  }
  OK(VecRestoreArrayRead(F, &f));
  MPI_Allreduce(MPI_IN_PLACE, store, 2, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  *sum = store[0] * s->grid->volume;
  *size = store[1] * s->grid->volume;
}

/* Fields without reactions change in sum by what flows in, to round-off. */
static void test_inflow(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    PetscReal rate[4];
    Setup s;
    Vec F;
    Open(&texts[k], &s);
    OK(VecDuplicate(s.u, &F));
    FillState(&s, 1, 1, 0.08, s.u);
    OK(RhoResidual(s.fm, 0.7, s.u, F));
    OK(RhoInflow(s.fm, rate));
    assert_int_equal(s.eq->nconserved, 1);
    for (int i = 0; i < s.eq->nfield; i++) {
      double sum, size;
      if (s.eq->conserved[0][i] == 0) continue;
      Sums(&s, F, i, &sum, &size);
      print_message("inflow %g of %g\n", rate[0], size);
      assert_true(fabs(sum - rate[0]) < 1e-14 * size);
      assert_int_equal(RhoTotalOpen(s.fm, 0), texts[k].spatial);
      assert_true(texts[k].spatial ? fabs(rate[0]) > 1e-3 : rate[0] == 0);
    }
    OK(VecDestroy(&F));
    SetupClose(&s);
  }
}

/* The assembled stiff part is the one applied, but for what a mirror brings from another place. */
static void test_assembled(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    RhoTangent tangent;
    Setup s;
    Vec v, Lv, w;
    Mat A = NULL;
    Open(&texts[k], &s);
    OK(VecDuplicate(s.u, &v));
    OK(VecDuplicate(s.u, &w));
    OK(VecDuplicate(s.u, &Lv));
    FillState(&s, 1, 1, 0.08, s.u);
    FillState(&s, 2, 0, 1, v);
    OK(RhoTangentCreate(s.fm, RHO_PART_STIFF, &tangent));
    OK(RhoTangentSet(tangent, 0.7, s.u));
    OK(RhoTangentApply(tangent, v, Lv));
    OK(RhoTangentAssemble(tangent, &A));
    OK(MatMult(A, v, w));
    OK(VecAXPY(w, -1, Lv));
    print_message("assembled differs by %g of %g\n", NormMax(w), NormMax(Lv));
    if (texts[k].spatial) assert_true(NormMax(w) < 1e-12 * NormMax(Lv));
    OK(MatDestroy(&A));
    OK(RhoTangentDestroy(&tangent));
    OK(VecDestroy(&v));
    OK(VecDestroy(&w));
    OK(VecDestroy(&Lv));
    SetupClose(&s);
  }
}

/* At mirror walls the flux is odd in v: a state even in v has none. */
static void test_mirror(void **state) {
  (void)state;
  const PetscScalar *f;
  PetscScalar *u;
  Setup s;
  Vec F;
  Open(&texts[2], &s);
  OK(VecDuplicate(s.u, &F));
  OK(VecGetArray(s.u, &u));
  for (PetscInt p = 0; p < s.grid->nowned; p++) { /* the Maxwellian of the place: what flows in x is odd in v */
    PetscInt i = p % s.grid->count[0];
    double v = RhoGridCoordinate(s.grid, 0)[s.grid->halo + i];
    u[p] = exp(-0.5 * v * v);
  }
  OK(VecRestoreArray(s.u, &u));
  OK(RhoResidual(s.fm, 0, s.u, F));
  OK(VecGetArrayRead(F, &f));
  for (PetscInt j = 0; j < s.grid->count[1]; j++)
    for (PetscInt i = 0; i < s.grid->count[0]; i++)
      assert_true(fabs(f[j * s.grid->count[0] + i] - f[(j + 1) * s.grid->count[0] - 1 - i]) < 1e-13);
  OK(VecRestoreArrayRead(F, &f));
  OK(VecDestroy(&F));
  SetupClose(&s);
}

/* between the first fields of two vectors */
static double FieldDifference(const Setup *a, Vec A, const Setup *b, Vec B) {
  const PetscScalar *x, *y;
  double most = 0;
  OK(VecGetArrayRead(A, &x));
  OK(VecGetArrayRead(B, &y));
  for (PetscInt p = 0; p < a->grid->nowned; p++) most = Worse(most, x[p * a->grid->nfield] - y[p * b->grid->nfield]);
  OK(VecRestoreArrayRead(A, &x));
  OK(VecRestoreArrayRead(B, &y));
  MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  return most;
}

/* Conditions on a field of second order mean the same when another field's equation is of fourth order. */
static void test_orders(void **state) {
  static const char *const walls[] = {"from: {value: \"1 + y\"}, to: {slope: 0.3}",
                                      "from: {inflow: \"1 - c^2\"}, to: {slope: \"-0.3*y\"}",
                                      "from: {inflow: \"1 - c\"}, to: {flux: \"c^2\"}"};
  RhoMesh mesh = BoxMesh(2, (const int[]){8, 12}, RHO_WALL);
  (void)state;
  for (size_t k = 0; k < sizeof walls / sizeof *walls; k++)
    for (int d = 0; d < 2; d++) {
      char equation[400], text[600];
      Setup one, two;
      Vec F, G;
      snprintf(equation, sizeof equation, "boundary: {c: {%s: {%s}}}\ndynamics:\n  c: {flux: \"-(1 + c^2)*grad(c)\"}\n",
               d ? "y" : "x", walls[k]);
      snprintf(text, sizeof text, "%s  w: {mobility: 1, potential: \"w^3 - w - lap(w)\"}\n", equation);
      assert_true(SetupText(equation, &mesh, &one) && SetupText(text, &mesh, &two));
      assert_int_equal(two.grid->halo, 2);
      OK(VecDuplicate(one.u, &F));
      OK(VecDuplicate(two.u, &G));
      FillState(&one, 1, 1, 0.08, one.u);
      FillState(&two, 1, 1, 0.08, two.u);
      assert_true(FieldDifference(&one, one.u, &two, two.u) == 0);
      OK(RhoResidual(one.fm, 0, one.u, F));
      OK(RhoResidual(two.fm, 0, two.u, G));
      double difference = FieldDifference(&one, F, &two, G);
      print_message("beside a fourth order: differs by %g of %g\n", difference, NormMax(F));
      assert_true(difference < 1e-12 * NormMax(F));
      OK(VecDestroy(&F));
      OK(VecDestroy(&G));
      SetupClose(&one);
      SetupClose(&two);
    }
}

/* Where it is a condition that has no value, it is named. */
static void test_explained(void **state) {
  static const char *const wall[][2] = {{"from: {value: \"log(y - 5)\"}", "the value of c at x = 0, y = "},
                                        {"to: {slope: \"sqrt(-y)\"}", "the slope of c at x = 3, y = "},
                                        {"to: {inflow: \"sqrt(c - 9)\"}", "the flux of c at x = 3, y = "}};
  RhoMesh mesh = BoxMesh(2, (const int[]){8, 12}, RHO_WALL);
  (void)state;
  for (size_t k = 0; k < sizeof wall / sizeof *wall; k++) {
    char text[300];
    const char *words;
    Setup s;
    snprintf(text, sizeof text, "dynamics: {c: {flux: \"-grad(c)\"}}\nboundary: {c: {x: {%s}}}", wall[k][0]);
    assert_true(SetupText(text, &mesh, &s));
    OK(VecSet(s.u, 1));
    OK(RhoFieldExplain(s.fm, 0, s.u, &words));
    print_message("%s\n", words);
    assert_true(strncmp(words, wall[k][1], strlen(wall[k][1])) == 0);
    SetupClose(&s);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_tangent),   cmocka_unit_test(test_inflow),
                                     cmocka_unit_test(test_assembled), cmocka_unit_test(test_mirror),
                                     cmocka_unit_test(test_orders),    cmocka_unit_test(test_explained)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
