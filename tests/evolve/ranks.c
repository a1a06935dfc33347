/* ranks.c - the same run on one rank and on all of them.

   Every rank runs the whole box by itself (PETSC_COMM_SELF) and its share of it together with the others
   (PETSC_COMM_WORLD): the cells it owns must agree to the tolerance of the solvers.  Fixed steps, short and stable, so
   that nothing is amplified. */
#include "../verify/verify.h"

#define AGREEMENT 1e-11

typedef struct {
  int ndim, ncell[2];
  RhoBoundary boundary;
  bool stretched;
} Box;

static const Box boxes[] = {{1, {40, 0}, RHO_PERIODIC, false},
                            {1, {37, 0}, RHO_WALL, false},
                            {2, {12, 20}, RHO_PERIODIC, false},
                            {2, {10, 21}, RHO_WALL, false},
                            {2, {10, 21}, RHO_WALL, true}};

/* Unequal cells by a factorisation, which on several ranks is another program's. */
static RhoEvolveOptions Options(const char *scheme, bool stretched) {
  RhoEvolveOptions options = Until(0.001, 1e-8);
  options.scheme = scheme;
  options.fixed = 0.0002;
  options.linear_rtol = 1e-14;
  if (!strcmp(scheme, "ark3")) options.preconditioner = stretched ? RHO_PC_LU : RHO_PC_SYMBOL;
  return options;
}

/* The largest difference between the cells of `part` and the same cells of `whole`, relative to the largest value. */
static double Difference(const Setup *whole, const Setup *part) {
  const PetscScalar *a, *b;
  RhoGrid w = whole->grid, g = part->grid;
  PetscInt nf = g->nfield;
  double worst = 0;
  OK(VecGetArrayRead(whole->u, &a));
  OK(VecGetArrayRead(part->u, &b));
  for (PetscInt p = 0; p < g->nowned; p++) {
    PetscInt i = p % g->count[0] + g->start[0], j = p / g->count[0] + g->start[1];
    for (PetscInt f = 0; f < nf; f++) worst = Worse(worst, a[(j * w->count[0] + i) * nf + f] - b[p * nf + f]);
  }
  OK(VecRestoreArrayRead(whole->u, &a));
  OK(VecRestoreArrayRead(part->u, &b));
  worst /= NormMax(whole->u);
  OK(MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  return worst;
}

/* One more model of the same file on a grid of this communicator, run to the end. */
static bool RunOn(const char *path, MPI_Comm comm, const Box *box, const char *scheme, Setup *s) {
  double from[2] = {0, 0}, to[2] = {7, 5.5};
  RhoMesh mesh;
  OpenModel(path, s);
  bool fits = ModelBox(s, box->ndim, box->ncell, from, to, box->boundary, &mesh);
  if (fits && box->stretched) Stretch(&mesh);
  if (!fits || !OpenGrid(s, comm, &mesh)) {
    CloseModel(s);
    return false;
  }
  bool goes = Goes(s, scheme);
  FillState(s, 1, 1, 0.05, s->u);
  if (goes) RunDone(s, Options(scheme, box->stretched));
  return true;
}

static void Close(Setup *s) {
  CloseGrid(s);
  CloseModel(s);
}

static void Agree(const char *path, const Box *box, const char *scheme) {
  Setup whole, part;
  if (!RunOn(path, PETSC_COMM_SELF, box, scheme, &whole)) return;
  assert_true(RunOn(path, PETSC_COMM_WORLD, box, scheme, &part));
  double difference = Difference(&whole, &part);
  if (part.grid->rank == 0)
    print_message("%-30s %-6s %d-D %-8s%s %d ranks: %.1e\n", part.model->name, scheme, box->ndim,
                  box->boundary == RHO_WALL ? "walls" : "periodic", box->stretched ? ", unequal" : "",
                  (int)part.grid->size, difference);
  if (!(difference < AGREEMENT)) fail_msg("%s: ranks differ by %g", path, difference);
  Close(&part);
  Close(&whole);
}

static void Model(const char *path) {
  for (int k = 0; k < COUNT(boxes); k++) Agree(path, &boxes[k], "ark3");
  for (int k = 0; k < COUNT(boxes); k++)
    if (!boxes[k].stretched) Agree(path, &boxes[k], "etdrk4");
}

/* One rank and all ranks agree, for every model found. */
static void test_ranks(void **state) {
  (void)state;
  EachModel(Model);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ranks)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
