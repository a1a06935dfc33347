/* bands.c - slow coarsening by large implicit steps: the bands of models/quorum_sensing/cases/bands.yaml.

   Two species of density 55 with 2 % of noise part and merge until t = 2000.  `bdf` with rtol 1e-4 is compared with
   itself at 1e-7: as many bands, merging at the same times, the same densities at times at which no merging of the
   reference is near.  And in 2-D, in one box with one largest step, finer grids take hardly more linear iterations.

   bands [MOST]: grids up to MOST x MOST, 256 by default. */
#include "../verify/verify.h"
#include "rhoflux/io.h"

#define END 2000.0
#define LENGTH 100.0
#define CELLS 512
#define NTIME 20  /* log-spaced, from 1 to END */
#define BEGIN 5.0 /* before, noise makes and unmakes bands */

static const char equations[] =
    "extends: " RHO_SOURCE_DIR "/models/quorum_sensing/model.yaml\n"
    "parameters: {\"k_self[s]\": -0.9, k_glob: 0.6, \"rho_self[s]\": 60, rho_glob: 110, \"w_self[s]\": 20, w_glob: 20}";

typedef struct {
  int nstep, nband[NTIME], nmerge;
  double merge[64]; /* times of mergings after BEGIN */
  int before;       /* bands at the last step */
  double *state[NTIME];
} Record;

static void Open(Setup *s) {
  RhoMesh mesh = Line(0, LENGTH, CELLS, RHO_PERIODIC);
  OpenText(equations, s);
  assert_true(OpenGrid(s, PETSC_COMM_SELF, &mesh));
}

static void ReadStart(Setup *s) {
  for (int i = 0; i < 2; i++) {
    RhoDataset dataset = {.file = RHO_SOURCE_DIR "/models/quorum_sensing/cases/bands_start.h5",
                          .dataset = "rho",
                          .nindex = 1,
                          .index = {i},
                          .from_fraction = -1,
                          .place = RHO_NOWHERE};
    PetscBool ok;
    OK(RhoDatasetRead(s->grid, s->diag, &dataset, i, s->u, &ok));
    assert_true(ok);
  }
}

/* Sign changes of rho_a - rho_b around the box. */
static int CountBands(const PetscScalar *u) {
  int n = 0;
  for (int k = 0; k < CELLS; k++) {
    int next = (k + 1) % CELLS;
    n += (u[2 * k] > u[2 * k + 1]) != (u[2 * next] > u[2 * next + 1]);
  }
  return n;
}

/* Outputs are dense enough to time the mergings; every 40th is one of the times compared. */
#define PER 40
static double OutputTime(int k) { return pow(END, (double)k / (PER * (NTIME - 1))); }

static PetscErrorCode Watch(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Record *record = ctx;
  const PetscScalar *x;
  int n;
  (void)stop;
  if (state->output < 0) return 0;
  OK(VecGetArrayRead(u, &x));
  n = CountBands(x);
  if (state->time > BEGIN)
    for (int k = n; k < record->before && record->nmerge < COUNT(record->merge); k += 2)
      record->merge[record->nmerge++] = state->time;
  record->before = n;
  if (state->output % PER == 0) {
    int m = (int)state->output / PER;
    record->nband[m] = n;
    record->state[m] = malloc(2 * CELLS * sizeof(double));
    memcpy(record->state[m], x, 2 * CELLS * sizeof(double));
  }
  OK(VecRestoreArrayRead(u, &x));
  return 0;
}

static Outcome Run(double rtol, double atol, Record *record) {
  RhoEvolveOptions options = Until(END, rtol);
  PetscReal output[PER * (NTIME - 1) + 1];
  Outcome out;
  Setup s;
  for (int k = 0; k < COUNT(output); k++) output[k] = OutputTime(k);
  output[COUNT(output) - 1] = END;
  options.scheme = "bdf";
  options.atol = atol;
  options.noutput = COUNT(output);
  options.output = output;
  *record = (Record){0};
  Open(&s);
  ReadStart(&s);
  OK(RhoEvolve(s.fm, &options, s.u, Watch, record, &out.reason, &out.last, &out.text));
  assert_int_equal(out.reason, RHO_EVOLVE_DONE);
  record->nstep = (int)out.last.nstep;
  print_message("rtol %.0e: %d steps, %d rejected, %d Newton and %d linear iterations, %d mergings, %d bands left\n",
                rtol, record->nstep, (int)out.last.nreject, (int)out.last.nnewton, (int)out.last.nlinear,
                record->nmerge, record->nband[NTIME - 1]);
  CloseGrid(&s);
  CloseModel(&s);
  return out;
}

static double Difference(const double *a, const double *b) {
  double difference = 0, size = 0;
  for (int k = 0; k < 2 * CELLS; k++) {
    difference += (a[k] - b[k]) * (a[k] - b[k]);
    size += b[k] * b[k];
  }
  return sqrt(difference / size);
}

static bool Near(const Record *reference, double time) {
  for (int k = 0; k < reference->nmerge; k++)
    if (fabs(reference->merge[k] - time) < 0.1 * time) return true;
  return false;
}

/* Mergings one by one, in their order. */
static void CompareMergings(const Record *record, const Record *reference) {
  double worst = 0;
  assert_int_equal(record->nmerge, reference->nmerge);
  for (int k = 0; k < record->nmerge; k++) worst = Worse(worst, record->merge[k] / reference->merge[k] - 1);
  print_message("mergings differ by up to %.2f %%\n", 100 * worst);
  assert_true(worst < 0.05);
}

static void CompareStates(const Record *record, const Record *reference) {
  int ncompared = 0;
  double worst = 0;
  for (int m = 0; m < NTIME; m++) {
    double difference = Difference(record->state[m], reference->state[m]);
    bool use = record->nband[m] == reference->nband[m] && !Near(reference, OutputTime(m * PER));
    print_message("t = %-8.4g %d bands, difference %.1e%s\n", OutputTime(m * PER), record->nband[m], difference,
                  use ? "" : "  (merging)");
    if (!use) continue;
    ncompared++;
    worst = Worse(worst, difference);
  }
  assert_true(ncompared >= 10);
  assert_true(worst < 1e-2);
}

static void test_bands(void **state) {
  Record record, reference;
  (void)state;
  Run(1e-4, 1e-6, &record);
  Run(1e-7, 1e-9, &reference);
  assert_true(record.nstep <= 700);
  CompareMergings(&record, &reference);
  CompareStates(&record, &reference);
  for (int m = 0; m < NTIME; m++) {
    free(record.state[m]);
    free(reference.state[m]);
  }
}

/* ---- iterations ---- */

#define BOX 10.0

static int finest = 256;

static void FillPattern(Setup *s) {
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM], k = 2 * M_PI / BOX;
    PlaceOf(s->grid, p, x);
    double wave = 25 * cos(k * x[0]) * cos(2 * k * x[1]);
    u[2 * p] = 55 + wave + 5 * sin(3 * k * x[0]);
    u[2 * p + 1] = 55 - wave + 4 * cos(3 * k * x[1]);
  }
  OK(VecRestoreArray(s->u, &u));
}

/* Linear iterations for one of Newton's. */
static double Iterations(int ncell) {
  RhoEvolveOptions options = Until(60, 1e-2);
  RhoMesh mesh = Line(0, BOX, ncell, RHO_PERIODIC);
  Setup s;
  mesh.ndimension = 2;
  mesh.dimension[1] = mesh.dimension[0];
  mesh.dimension[1].name = "y";
  OpenText(equations, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  FillPattern(&s);
  options.scheme = "bdf";
  options.atol = 1e-4;
  options.step = 0.01;
  options.largest = 5;
  RhoEvolveState last = RunDone(&s, options).last;
  double ratio = (double)last.nlinear / (double)last.nnewton;
  print_message("%d x %d cells: %d steps, %d Newton and %d linear iterations: %.2f\n", ncell, ncell, (int)last.nstep,
                (int)last.nnewton, (int)last.nlinear, ratio);
  CloseGrid(&s);
  CloseModel(&s);
  return ratio;
}

static void test_iterations(void **state) {
  double coarse = Iterations(64);
  (void)state;
  for (int n = 128; n <= finest; n *= 2) assert_true(Iterations(n) <= 1.2 * coarse);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bands), cmocka_unit_test(test_iterations)};
  if (argc > 1) finest = atoi(argv[1]);
  return RunTests(1, argv, tests, sizeof tests / sizeof *tests);
}
