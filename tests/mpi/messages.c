/* messages.c - what ranks send each other in a step is what src/README.md, "Between ranks", says: the same numbers of
   calls and of bytes, on any number of ranks. */
#include "../verify/verify.h"
#include "count.h"

enum { DOUBLE = 8 };

/* ---- the model: sums over the ranks, nothing on one rank ---- */

typedef struct {
  long nrank, ncell, nslow, layer; /* cells; along the shared dimension; in one layer across it */
  long column, width;              /* columns of a spectrum along it; doubles of an entry */
  long nfield, halo;
  bool line, walls; /* 1-D; walls along the shared dimension */
} Box;

static long Share(long n, long nrank, long rank) { return n / nrank + (rank < n % nrank); }

static Traffic Times(long n, Traffic a) {
  for (size_t k = 0; k < sizeof a / sizeof(long); k++) ((long *)&a)[k] *= n;
  return a;
}

static Traffic Plus(Traffic a, Traffic b) {
  for (size_t k = 0; k < sizeof a / sizeof(long); k++) ((long *)&a)[k] += ((long *)&b)[k];
  return a;
}

/* Ghosts of n fields: one message to each neighbour. */
static Traffic Ghosts(const Box *b, long n) {
  long message = b->nrank == 1 ? 0 : b->walls ? 2 * (b->nrank - 1) : 2 * b->nrank;
  return (Traffic){.message = message, .message_byte = message * b->halo * b->layer * n * DOUBLE};
}

/* A transform of one field, one way: all but the part of the array that stays; 1-D: all cells to all, forward only. */
static Traffic Transform(const Box *b, bool forward) {
  long stay = 0;
  if (b->nrank == 1 || (b->line && !forward)) return (Traffic){0};
  if (b->line) return (Traffic){.exchange = b->nrank, .exchange_byte = (b->nrank - 1) * b->ncell * DOUBLE};
  for (long r = 0; r < b->nrank; r++) stay += Share(b->nslow, b->nrank, r) * Share(b->column, b->nrank, r);
  return (Traffic){.exchange = b->nrank, .exchange_byte = (b->nslow * b->column - stay) * b->width * DOUBLE};
}

static Traffic Pair(const Box *b) { return Plus(Transform(b, true), Transform(b, false)); }

/* n numbers of `size` bytes, reduced over the ranks. */
static Traffic Reduction(const Box *b, long n, long size) {
  return b->nrank == 1 ? (Traffic){0} : (Traffic){.reduction = b->nrank, .reduction_byte = b->nrank * n * size};
}

/* Totals of all fields and their sizes: three numbers for each, gathered, so that all ranks add them in one order. */
static Traffic Totals(const Box *b) {
  long n = b->nrank, byte = n * (n - 1) * 3 * b->nfield * DOUBLE;
  return n == 1 ? (Traffic){0} : (Traffic){.exchange = n, .exchange_byte = byte};
}

/* ---- what is measured ---- */

static const char *const local = RHO_SOURCE_DIR "/models/nonreciprocal_cahn_hilliard/model.yaml";
static const char *const sensing = RHO_SOURCE_DIR "/models/quorum_sensing_cross/model.yaml";

static Box Open(Setup *s, const char *path, int ndim, const int *ncell, RhoBoundary boundary) {
  const double from[3] = {0}, to[3] = {20, 20, 20};
  RhoMesh mesh;
  bool walls = boundary == RHO_WALL;
  OpenModel(path, s);
  assert_true(ModelBox(s, ndim, ncell, from, to, boundary, &mesh));
  assert_true(OpenGrid(s, PETSC_COMM_WORLD, &mesh));
  FillState(s, 1, 0, 0.01, s->u);
  Box b = {.nrank = s->grid->size, .ncell = s->grid->ncell, .nslow = ncell[ndim - 1], .nfield = s->grid->nfield};
  b.layer = b.ncell / b.nslow;
  b.halo = s->grid->halo;
  b.line = ndim == 1;
  b.walls = walls;
  b.width = walls ? 1 : 2;
  b.column = walls ? b.layer : b.layer / ncell[0] * (ncell[0] / 2 + 1);
  return b;
}

static void Close(Setup *s) {
  CloseGrid(s);
  CloseModel(s);
}

static void Compare(const char *what, const Box *b, Traffic measured, Traffic model) {
  static const char *const name[] = {"messages",   "their bytes", "exchanges", "their bytes",
                                     "reductions", "their bytes", "broadcasts"};
  const long *m = (const long *)&measured, *w = (const long *)&model;
  for (size_t k = 0; k < sizeof measured / sizeof(long); k++)
    if (m[k] != w[k])
      print_message("%s of %ld cells on %ld ranks: %ld %s, not %ld\n", what, b->ncell, b->nrank, m[k], name[k], w[k]);
  assert_memory_equal(&measured, &model, sizeof model);
}

static const struct { int ndim, ncell[3]; } shapes[] = {{1, {40}}, {2, {10, 34}}, {3, {6, 5, 34}}};

static Traffic OfResidual(Setup *s) {
  Vec F;
  OK(VecDuplicate(s->u, &F));
  OK(RhoResidual(s->fm, 0, s->u, F)); /* makes what is made once */
  TrafficTake();
  OK(RhoResidual(s->fm, 0, s->u, F));
  Traffic traffic = TrafficTake();
  OK(VecDestroy(&F));
  return traffic;
}

/* Property: a residual of local terms sends ghosts, and nothing else. */
static void LocalResidualsSendGhosts(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(shapes); k++)
    for (int walls = 0; walls < 2; walls++) {
      Setup s;
      Box b = Open(&s, local, shapes[k].ndim, shapes[k].ncell, walls ? RHO_WALL : RHO_PERIODIC);
      Compare("residual", &b, OfResidual(&s), Ghosts(&b, b.nfield));
      Close(&s);
    }
}

/* Property: one with two convolutions sends ghosts of the fields, two pairs of transforms, ghosts of the results. */
static void ConvolutionsSendTransforms(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(shapes); k++) {
    Setup s;
    Box b = Open(&s, sensing, shapes[k].ndim, shapes[k].ncell, RHO_PERIODIC);
    Traffic model = Plus(Ghosts(&b, b.nfield), Plus(Ghosts(&b, 2), Times(2, Pair(&b))));
    Compare("residual with convolutions", &b, OfResidual(&s), model);
    Close(&s);
  }
}

static Traffic OfRun(Setup *s, int nstep) {
  RhoEvolveOptions options = Until(1e-4 * nstep, 1e-4);
  options.fixed = 1e-4;
  options.constant = PETSC_TRUE;
  FillState(s, 1, 0, 0.01, s->u);
  TrafficTake();
  assert_int_equal(RunDone(s, options).last.nstep, nstep);
  return TrafficTake();
}

/* Of one step of ark3 with constant coefficients: the difference of two runs. */
static Traffic OfStep(Setup *s) {
  Traffic run[3];
  for (int k = 0; k < 3; k++) run[k] = OfRun(s, k + 2);
  Traffic one = Plus(run[1], Times(-1, run[0])), two = Plus(run[2], Times(-1, run[1]));
  assert_memory_equal(&one, &two, sizeof one);
  return two;
}
/* A stage of a scheme whose stages are transforms: a pair for each field, the totals, a residual and whether it left
   the domain.  A step of ark3 has three, and at its beginning the explicit one, whose L u takes transforms but whose F
   is that of the step before; F at its end is the fourth. */
static Traffic Ark3(const Box *b, Traffic residual) {
  Traffic stage = Plus(Times(b->nfield, Pair(b)), Plus(residual, Reduction(b, 1, sizeof(PetscBool))));
  Traffic moments = Reduction(b, 2 * b->nfield, DOUBLE);          /* they set the tolerance */
  Traffic told = {.broadcast = b->nrank == 1 ? 0 : 2 * b->nrank}; /* about where they are taken; the clock of rank 0 */
  return Plus(Times(4, stage), Plus(Times(3, Totals(b)), Plus(moments, told)));
}

/* Property: a step of ark3 is four residuals, four pairs of transforms a field, three totals and some numbers, among
   them the averaged coefficients where the stiff part depends on the state: four powers of -q^2 in each of four parts
   for every pair of fields. */
static void StepsSendTheirStages(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(shapes); k++) {
    Setup s;
    Box b = Open(&s, local, shapes[k].ndim, shapes[k].ncell, RHO_PERIODIC);
    Compare("step", &b, OfStep(&s), Ark3(&b, Ghosts(&b, b.nfield)));
    Close(&s);
    b = Open(&s, sensing, shapes[k].ndim, shapes[k].ncell, RHO_PERIODIC);
    Traffic residual = Plus(Ghosts(&b, b.nfield), Plus(Ghosts(&b, 2), Times(2, Pair(&b))));
    Traffic averages = Reduction(&b, 16 * b.nfield * b.nfield, DOUBLE);
    Compare("step with convolutions", &b, OfStep(&s), Plus(averages, Ark3(&b, residual)));
    Close(&s);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(LocalResidualsSendGhosts),
                                     cmocka_unit_test(ConvolutionsSendTransforms),
                                     cmocka_unit_test(StepsSendTheirStages)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
