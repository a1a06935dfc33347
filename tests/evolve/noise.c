/* noise.c - the noise of a model in discrete time and space.

   Faults that turn these tests red: faults/list.txt.  Others that were put in once:

     both noises of a pair alike       test_by_hand, test_numbers, test_matrix
     noise through walls               test_mass, test_by_hand
     half the drift of Stratonovich    test_stratonovich */
#include "../verify/verify.h"
#include <Random123/philox.h>

/* ---- by hand ---- */

/* The normal number of white noise `source` at a face or cell, from the public definition: Philox 4x32-10 of (x | kind,
   row, step, stage and block), Box and Muller. */
static double Normal(const RhoGrid g, uint64_t seed, int64_t step, uint32_t stage, uint32_t kind, int source,
                     const PetscInt *cell) {
  PetscInt i[3];
  for (int d = 0; d < 3; d++) i[d] = (cell[d] % g->n[d] + g->n[d]) % g->n[d];
  philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  philox4x32_ctr_t at = {{(uint32_t)i[0] | kind << 30, (uint32_t)(i[1] + g->n[1] * i[2]), (uint32_t)step,
                          (uint32_t)(step >> 32) << 16 | stage << 12 | (uint32_t)source / 2}};
  philox4x32_ctr_t w = philox4x32(at, key);
  double u = 1 - ldexp((double)(((uint64_t)w.v[0] << 32 | w.v[1]) >> 12), -52);
  double v = ldexp((double)(((uint64_t)w.v[2] << 32 | w.v[3]) >> 12), -52);
  return sqrt(-2 * log(u)) * (source % 2 ? sin(2 * M_PI * v) : cos(2 * M_PI * v));
}

#define SEED 0x123456789abcdLL
#define STEP 0x100000007LL
#define OMEGA 3.0
#define DT 0.01

/* Two densities, a real field: own noise, one that both densities share, noise of the cells. */
static const char two[] =
    "fields: {a: density, b: density, c: real}\n"
    "dynamics:\n"
    "  a: {flux: \"-grad(a)\", noise: [{flux: \"sqrt(2*a*(1 + 0.5*b))\"}, {flux: 0.3, name: eta}]}\n"
    "  b: {flux: \"-grad(b)\", noise: {flux: {y: \"b\"}, reaction: \"0.7*sqrt(b)\", name: eta}}\n"
    "  c: {reaction: \"-c\", noise: {reaction: \"1 + c^2\"}}\n";

static double Clip(double x) { return x > 0 ? x : 0; }

/* The three amplitudes through a face of dimension d (a's own, a's and b's share of eta) from the means there. */
static void FaceNoise(const RhoGrid g, int d, const PetscInt *cell, const double *mean, double *flux) {
  double own = sqrt(2 * Clip(mean[0]) * (1 + 0.5 * Clip(mean[1])));
  double xi = Normal(g, SEED, STEP, 1, (uint32_t)d, 0, cell), eta = Normal(g, SEED, STEP, 1, (uint32_t)d, 1, cell);
  flux[0] = own * xi + 0.3 * eta;
  flux[1] = d == 1 ? Clip(mean[1]) * eta : 0;
}

static double Width(const RhoGrid g, int d, PetscInt i) {
  int n = (int)g->n[d];
  return RhoMeshWidth(&g->mesh.dimension[d], ((int)i % n + n) % n);
}

static const double *At(const RhoGrid g, const double *u, const PetscInt *cell) {
  PetscInt i[2];
  for (int d = 0; d < 2; d++) i[d] = (cell[d] % g->n[d] + g->n[d]) % g->n[d];
  return u + 3 * (i[1] * g->n[0] + i[0]);
}

/* du from the definition (one rank, two dimensions) */
static void ByHand(const RhoGrid g, const double *u, double *du) {
  for (PetscInt p = 0; p < g->ncell; p++) {
    PetscInt cell[3] = {p % g->n[0], p / g->n[0], 0};
    double volume = Width(g, 0, cell[0]) * Width(g, 1, cell[1]), root = sqrt(DT / (OMEGA * volume));
    for (int k = 0; k < 3; k++) du[3 * p + k] = 0;
    for (int d = 0; d < 2; d++)
      for (int side = 0; side < 2; side++) {
        PetscInt left[3] = {cell[0], cell[1], 0}, right[3] = {cell[0], cell[1], 0};
        double mean[2], flux[2];
        left[d] -= !side;
        right[d] += side;
        if (g->mesh.dimension[d].boundary == RHO_WALL && (left[d] < 0 || right[d] == g->n[d])) continue;
        double distance = 0.5 * (Width(g, d, left[d]) + Width(g, d, right[d]));
        double area = volume / Width(g, d, cell[d]), amplitude = sqrt(DT / (OMEGA * distance * area));
        for (int k = 0; k < 2; k++) mean[k] = 0.5 * (At(g, u, left)[k] + At(g, u, right)[k]);
        FaceNoise(g, d, left, mean, flux);
        for (int k = 0; k < 2; k++) du[3 * p + k] += (side ? 1 : -1) * flux[k] * amplitude / Width(g, d, cell[d]);
      }
    du[3 * p + 1] += 0.7 * sqrt(Clip(At(g, u, cell)[1])) * root * Normal(g, SEED, STEP, 1, 3, 1, cell);
    double c = At(g, u, cell)[2];
    du[3 * p + 2] += (1 + c * c) * root * Normal(g, SEED, STEP, 1, 3, 2, cell);
  }
}

static void Compare(RhoBoundary boundary, bool stretched) {
  int n[2] = {13, 7};
  RhoMesh mesh = BoxMesh(2, n, boundary);
  RhoNoise noise;
  Setup s;
  Vec du;
  const PetscScalar *u, *x;
  double *hand, worst = 0, clipped, negative;
  if (stretched) Stretch(&mesh);
  OpenText(two, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  FillState(&s, 3, 0.1, 0.2, s.u); /* many densities below zero */
  OK(VecDuplicate(s.u, &du));
  OK(RhoNoiseCreate(s.fm, OMEGA, SEED, &noise));
  OK(RhoNoiseApply(noise, 0, s.u, STEP, 1, DT, du));
  OK(RhoNoiseShares(noise, &clipped, &negative));
  hand = calloc(3 * (size_t)s.grid->ncell, sizeof *hand);
  OK(VecGetArrayRead(s.u, &u));
  OK(VecGetArrayRead(du, &x));
  ByHand(s.grid, u, hand);
  for (PetscInt k = 0; k < 3 * s.grid->ncell; k++) worst = Worse(worst, hand[k] - x[k]);
  print_message("%s%s: %.1e of %.2g; shares %.2f, %.2f below zero\n", boundary == RHO_WALL ? "walls" : "periodic",
                stretched ? ", unequal" : "", worst, NormMax(du), clipped, negative);
  assert_true(worst < 1e-13 * NormMax(du));
  assert_true(clipped > 0.1 && clipped < 0.9 && negative > 0.1 && negative < 0.9);
  OK(VecRestoreArrayRead(s.u, &u));
  OK(VecRestoreArrayRead(du, &x));
  free(hand);
  OK(RhoNoiseDestroy(&noise));
  OK(VecDestroy(&du));
  CloseGrid(&s);
  CloseModel(&s);
}

/* What is added is what the definition says, number by number. */
static void test_by_hand(void **state) {
  (void)state;
  Compare(RHO_PERIODIC, false);
  Compare(RHO_WALL, false);
  Compare(RHO_PERIODIC, true);
  Compare(RHO_WALL, true);
}

/* ---- the numbers ---- */

typedef struct {
  double sum[4];
} Moments;

static Moments MomentsOf(PetscInt n, const PetscScalar *x, PetscInt stride) {
  Moments m = {{0}};
  for (PetscInt p = 0; p < n; p++)
    for (int k = 0; k < 4; k++) m.sum[k] += pow(x[p * stride], k + 1) / n;
  return m;
}

static double Product(PetscInt n, const PetscScalar *a, const PetscScalar *b, PetscInt stride) {
  double sum = 0;
  for (PetscInt p = 0; p < n; p++) sum += a[p * stride] * b[p * stride] / n;
  return sum;
}

/* Of 2^18 numbers: moments and correlations within 5 standard errors. */
static void test_numbers(void **state) {
  int n[2] = {512, 512};
  RhoMesh mesh = BoxMesh(2, n, RHO_PERIODIC);
  RhoNoise noise;
  Setup s;
  Vec other;
  const PetscScalar *x, *y;
  (void)state;
  OpenText("dynamics:\n  a: {noise: {reaction: 1}}\n  b: {noise: {reaction: 1}}\n  c: {noise: {reaction: 1}}", &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  OK(VecDuplicate(s.u, &other));
  double volume = s.grid->volume, N = (double)s.grid->ncell, error = 5 / sqrt(N);
  OK(RhoNoiseCreate(s.fm, 1 / volume, 1, &noise));
  OK(RhoNoiseApply(noise, 0, s.u, 0, 0, 1, s.u));
  OK(RhoNoiseApply(noise, 0, s.u, 1, 0, 1, other));
  OK(VecGetArrayRead(s.u, &x));
  OK(VecGetArrayRead(other, &y));
  for (int f = 0; f < 3; f++) {
    Moments m = MomentsOf(s.grid->ncell, x + f, 3);
    print_message("moments %.4f %.4f %.4f %.4f; beside %.4f, above %.4f, next step %.4f, next noise %.4f\n", m.sum[0],
                  m.sum[1], m.sum[2], m.sum[3], Product(s.grid->ncell - 1, x + f, x + f + 3, 3),
                  Product(s.grid->ncell - 512, x + f, x + f + 3 * 512, 3), Product(s.grid->ncell, x + f, y + f, 3),
                  Product(s.grid->ncell, x + f, x + (f + 1) % 3, 3));
    assert_true(fabs(m.sum[0]) < error && fabs(m.sum[1] - 1) < sqrt(2) * error);
    assert_true(fabs(m.sum[2]) < sqrt(15) * error && fabs(m.sum[3] - 3) < sqrt(96) * error);
    assert_true(fabs(Product(s.grid->ncell - 1, x + f, x + f + 3, 3)) < error);
    assert_true(fabs(Product(s.grid->ncell - 512, x + f, x + f + 3 * 512, 3)) < error);
    assert_true(fabs(Product(s.grid->ncell, x + f, y + f, 3)) < error);
    assert_true(fabs(Product(s.grid->ncell, x + f, x + (f + 1) % 3, 3)) < error);
  }
  OK(VecRestoreArrayRead(s.u, &x));
  OK(VecRestoreArrayRead(other, &y));
  OK(RhoNoiseDestroy(&noise));
  OK(VecDestroy(&other));
  CloseGrid(&s);
  CloseModel(&s);
}

/* ---- totals ---- */

static void Mass(const char *path, RhoBoundary boundary, bool stretched) {
  Setup s;
  RhoNoise noise;
  Vec du;
  int n[2] = {12, 9};
  double from[2] = {0, 0}, to[2] = {7, 5.5}, size;
  RhoMesh mesh;
  OpenModel(path, &s);
  if (!ModelBox(&s, 2, n, from, to, boundary, &mesh)) {
    CloseModel(&s);
    return;
  }
  if (stretched) Stretch(&mesh);
  if (!OpenGrid(&s, PETSC_COMM_SELF, &mesh)) {
    CloseModel(&s);
    return;
  }
  FillState(&s, 1, 1, 0.1, s.u);
  OK(RhoNoiseCreate(s.fm, 1, 5, &noise));
  if (noise) {
    OK(VecDuplicate(s.u, &du));
    OK(RhoNoiseApply(noise, 0, s.u, 3, 0, 0.1, du));
    for (int i = 0; i < s.eq->nfield; i++) {
      double weight[RHO_SYMBOL_MOST] = {0};
      weight[i] = 1;
      double total = OwnTotal(&s, weight, du, &size);
      for (int k = 0; k < s.model->field[i].nnoise; k++) assert_true(s.model->field[i].noise[k].flux);
      if (s.model->field[i].nnoise == 0) continue;
      print_message("%-24s %-8s%s %.1e of %.2g\n", s.model->name, boundary == RHO_WALL ? "walls" : "periodic",
                    stretched ? ", unequal" : "", total, size);
      assert_true(fabs(total) <= 1e-15 * size);
    }
    OK(VecDestroy(&du));
  }
  OK(RhoNoiseDestroy(&noise));
  CloseGrid(&s);
  CloseModel(&s);
}

static void MassOf(const char *path) {
  Mass(path, RHO_PERIODIC, false);
  Mass(path, RHO_WALL, false);
  Mass(path, RHO_WALL, true);
}

/* The noise of fluxes moves and makes nothing, for every model that has some. */
static void test_mass(void **state) {
  (void)state;
  EachModel(MassOf);
}

/* A noise that two fields share with opposite amplitudes keeps their sum; one that they do not share does not. */
static void Shared(const char *name, bool keeps) {
  char text[400];
  int n[1] = {32};
  RhoMesh mesh = BoxMesh(1, n, RHO_PERIODIC);
  Setup s;
  RhoNoise noise;
  Vec du;
  PetscReal amount[1], total[1], scale[1];
  snprintf(text, sizeof text,
           "fields: {a: density, b: density}\n"
           "exchange: [{from: a, to: b, rate: a, back: b}]\n"
           "dynamics:\n  a: {noise: {reaction: \"sqrt(a + b)\"%s}}\n  b: {noise: {reaction: \"-sqrt(a + b)\"%s}}\n",
           name, name);
  OpenText(text, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  FillState(&s, 1, 1, 0.1, s.u);
  OK(VecDuplicate(s.u, &du));
  OK(RhoNoiseCreate(s.fm, 1, 5, &noise));
  OK(RhoNoiseApply(noise, 0, s.u, 3, 0, 0.1, du));
  assert_int_equal(s.eq->nconserved, 1);
  OK(RhoNoiseTotals(noise, du, amount));
  OK(RhoTotals(s.fm, du, total, scale));
  if (keeps) assert_true(amount[0] == 0 && total[0] == 0);
  else assert_true(amount[0] == total[0] && fabs(total[0]) > 1e-3 * scale[0]);
  OK(RhoNoiseDestroy(&noise));
  OK(VecDestroy(&du));
  CloseGrid(&s);
  CloseModel(&s);
}

static void test_shared(void **state) {
  (void)state;
  Shared(", name: r", true);
  Shared("", false);
}

/* ---- a matrix of amplitudes ---- */

/* <du_i du_j> = sum_k G_ik G_jk dt/V, written with letters; 2^16 cells, 5 standard errors. */
static void test_matrix(void **state) {
  static const double G[3][3] = {{1, 0.5, 0}, {-1, 2, 0.3}, {0, 0.7, -0.4}};
  int n[2] = {256, 256};
  RhoMesh mesh = BoxMesh(2, n, RHO_PERIODIC);
  Setup s;
  RhoNoise noise;
  const PetscScalar *x;
  (void)state;
  OpenText("index: {\"i, j\": 1..3}\nparameters: {\"G[i,j]\": [[1, 0.5, 0], [-1, 2, 0.3], [0, 0.7, -0.4]]}\n"
           "dynamics:\n  \"u[i]\": {noise: [{for: j, reaction: \"G[i,j]\", name: \"eta[j]\"}]}",
           &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  OK(RhoNoiseCreate(s.fm, 1 / s.grid->volume, 1, &noise));
  OK(RhoNoiseApply(noise, 0, s.u, 0, 0, 1, s.u));
  OK(VecGetArrayRead(s.u, &x));
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      double Q[3] = {0}; /* ij, ii, jj */
      for (int k = 0; k < 3; k++) {
        Q[0] += G[i][k] * G[j][k];
        Q[1] += G[i][k] * G[i][k];
        Q[2] += G[j][k] * G[j][k];
      }
      double found = Product(s.grid->ncell, x + i, x + j, 3);
      print_message("%d %d: %.4f, %.4f\n", i, j, found, Q[0]);
      assert_true(fabs(found - Q[0]) < 5 * sqrt((Q[0] * Q[0] + Q[1] * Q[2]) / s.grid->ncell));
    }
  OK(VecRestoreArrayRead(s.u, &x));
  OK(RhoNoiseDestroy(&noise));
  CloseGrid(&s);
  CloseModel(&s);
}

/* ---- time ---- */

/* Amplitudes of t are those of the time asked for. */
static void test_time(void **state) {
  int n[1] = {8};
  RhoMesh mesh = BoxMesh(1, n, RHO_PERIODIC);
  RhoNoise noise;
  Setup s;
  Vec once, twice;
  (void)state;
  OpenText("dynamics: {a: {flux: \"-grad(a)\", noise: {flux: t, reaction: t}}}", &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  OK(VecDuplicate(s.u, &once));
  OK(VecDuplicate(s.u, &twice));
  OK(RhoNoiseCreate(s.fm, 1, 5, &noise));
  OK(RhoNoiseApply(noise, 1, s.u, 3, 0, DT, once));
  OK(RhoNoiseApply(noise, 2, s.u, 3, 0, DT, twice));
  OK(VecScale(once, 2));
  assert_true(NormMax(once) > 0 && MaxDifference(once, twice) == 0);
  OK(RhoNoiseDestroy(&noise));
  OK(VecDestroy(&once));
  OK(VecDestroy(&twice));
  CloseGrid(&s);
  CloseModel(&s);
}

/* ---- Stratonovich ---- */

static void DuOf(const char *sense, const RhoMesh *mesh, Setup *s, Vec *du) {
  char text[600];
  RhoNoise noise;
  snprintf(text, sizeof text,
           "fields: {a: density, b: real, c: density}\n"
           "dynamics:\n  a: {noise: {reaction: \"sqrt(2*a)\"%s}}\n"
           "  b: {noise: {reaction: \"b*c\", name: eta%s}}\n  c: {noise: {reaction: \"b^2\", name: eta%s}}\n",
           sense, sense, sense);
  OpenText(text, s);
  assert_true(OpenGrid(s, PETSC_COMM_SELF, mesh));
  FillState(s, 3, 0.1, 0.2, s->u); /* some densities below zero */
  OK(VecDuplicate(s->u, du));
  OK(RhoNoiseCreate(s->fm, OMEGA, 5, &noise));
  OK(RhoNoiseApply(noise, 0, s->u, 3, 0, DT, *du));
  OK(RhoNoiseDestroy(&noise));
}

/* The drift is (h_b d_b + h_c d_c) h/2 by hand: 1/2, (c^2 b + b^2 b)/2, b c b; in cells of unequal widths. */
static void test_stratonovich(void **state) {
  int n[2] = {7, 5};
  RhoMesh mesh = BoxMesh(2, n, RHO_WALL);
  Setup ito, other;
  Vec du, dv;
  const PetscScalar *u, *x, *y;
  double worst = 0;
  (void)state;
  Stretch(&mesh);
  DuOf("", &mesh, &ito, &du);
  DuOf(", sense: stratonovich", &mesh, &other, &dv);
  OK(VecGetArrayRead(ito.u, &u));
  OK(VecGetArrayRead(du, &x));
  OK(VecGetArrayRead(dv, &y));
  for (PetscInt p = 0; p < ito.grid->ncell; p++) {
    double b = u[3 * p + 1], c = Clip(u[3 * p + 2]), drift[3] = {0.5, (c * c * b + b * b * b) / 2, b * b * c};
    double scale = DT / (OMEGA * (double)VolumeOf(ito.grid, p));
    for (int f = 0; f < 3; f++) worst = Worse(worst, y[3 * p + f] - x[3 * p + f] - drift[f] * scale);
  }
  print_message("drift differs by %.1e\n", worst);
  assert_true(worst < 1e-14);
  OK(VecRestoreArrayRead(ito.u, &u));
  OK(VecRestoreArrayRead(du, &x));
  OK(VecRestoreArrayRead(dv, &y));
  OK(VecDestroy(&du));
  OK(VecDestroy(&dv));
  CloseGrid(&ito);
  CloseModel(&ito);
  CloseGrid(&other);
  CloseModel(&other);
}

/* ---- ranks ---- */

static void ApplyOn(const char *path, MPI_Comm comm, const RhoMesh *mesh, Setup *s, Vec *du) {
  RhoNoise noise;
  OpenModel(path, s);
  assert_true(OpenGrid(s, comm, mesh));
  FillState(s, 1, 1, 0.1, s->u);
  OK(VecDuplicate(s->u, du));
  OK(RhoNoiseCreate(s->fm, 10, 77, &noise));
  OK(RhoNoiseApply(noise, 0, s->u, 12, 1, 0.1, *du));
  OK(RhoNoiseDestroy(&noise));
}

/* rounding: what transforms may do to an amplitude, relative to the largest value; else not a bit differs. */
static void SameOnRanks(const char *path, int ndim, const int *n, RhoBoundary boundary, double rounding) {
  Setup one, all;
  RhoMesh mesh = BoxMesh(ndim, n, boundary);
  Vec a, b;
  const PetscScalar *x, *y;
  double worst = 0;
  ApplyOn(path, PETSC_COMM_SELF, &mesh, &one, &a);
  ApplyOn(path, PETSC_COMM_WORLD, &mesh, &all, &b);
  RhoGrid g = all.grid;
  OK(VecGetArrayRead(a, &x));
  OK(VecGetArrayRead(b, &y));
  for (PetscInt p = 0; p < g->nowned; p++) {
    PetscInt i = p % g->count[0] + g->start[0], r = p / g->count[0], j = r % g->count[1] + g->start[1],
             k = r / g->count[1] + g->start[2], q = i + g->n[0] * (j + g->n[1] * k);
    for (int f = 0; f < g->nfield; f++) worst = Worse(worst, x[q * g->nfield + f] - y[p * g->nfield + f]);
  }
  OK(VecRestoreArrayRead(a, &x));
  OK(VecRestoreArrayRead(b, &y));
  OK(MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, g->comm));
  if (g->rank == 0) print_message("%s %d-D on %d ranks: differs by %g\n", all.model->name, ndim, (int)g->size, worst);
  assert_true(worst <= rounding * NormMax(a));
  OK(VecDestroy(&a));
  OK(VecDestroy(&b));
  CloseGrid(&one);
  CloseModel(&one);
  CloseGrid(&all);
  CloseModel(&all);
}

/* The same bits on one rank and on all of them; amplitudes with convolutions to the rounding of these. */
static void test_ranks(void **state) {
  static const char *const model[] = {"quorum_sensing", "two_temperature", "dean_kawasaki"};
  const int line[1] = {37}, box[2] = {12, 21}, cube[3] = {6, 5, 11};
  char path[512];
  (void)state;
  for (int k = 0; k < COUNT(model); k++) {
    snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", model[k]);
    for (int wall = 0; wall < 2; wall++) {
      RhoBoundary boundary = wall ? RHO_WALL : RHO_PERIODIC;
      double rounding = k == 0 ? 1e-14 : 0;
      SameOnRanks(path, 1, line, boundary, rounding);
      SameOnRanks(path, 2, box, boundary, rounding);
      if (k == 2) SameOnRanks(path, 3, cube, boundary, rounding);
    }
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand),      cmocka_unit_test(test_numbers),
                                     cmocka_unit_test(test_mass),         cmocka_unit_test(test_shared),
                                     cmocka_unit_test(test_matrix),       cmocka_unit_test(test_time),
                                     cmocka_unit_test(test_stratonovich), cmocka_unit_test(test_ranks)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
