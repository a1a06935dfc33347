/* read.c - files of particles: what is in them is what is read; frames in pieces; a gas has the statistics of one. */
#include "../io/check.h"
#include "rhoflux/particles.h"
#include <math.h>

static RhoMesh Square(int ncell) {
  return (RhoMesh){
      .ndimension = 2,
      .dimension = {{.name = "y", .from = 0, .to = 3, .ncell = ncell, .boundary = RHO_PERIODIC, .spatial = true},
                    {.name = "x", .from = -2, .to = 2, .ncell = ncell, .boundary = RHO_PERIODIC, .spatial = true}}};
}

static const char *InFile(const char *name, const char *text) {
  const char *path = InFolder(name);
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  fputs(text, stream);
  fclose(stream);
  return path;
}

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  RhoMesh mesh;
  RhoParticles particles;
} Book;

static void Open(Book *book, const char *path, int nspecies, const RhoSpecies *species) {
  *book = (Book){RhoArenaCreate(), RhoDiagCreate(), Square(4), NULL};
  assert_int_equal(
      RhoParticlesOpen(book->arena, book->diag, RHO_NOWHERE, path, &book->mesh, nspecies, species, &book->particles),
      RHO_OK);
}

static void Close(Book *book) {
  RhoParticlesClose(&book->particles);
  RhoDiagDestroy(&book->diag);
  RhoArenaDestroy(&book->arena);
}

static const RhoParticleFrame *Next(Book *book) {
  const RhoParticleFrame *frame;
  if (RhoParticlesNext(book->particles, book->diag, &frame)) fail_msg("%s", Reports(book->diag));
  return frame;
}

static RhoParticle One(Book *book) {
  RhoParticle particle;
  int n;
  if (RhoParticlesRead(book->particles, book->diag, 1, &particle, &n)) fail_msg("%s", Reports(book->diag));
  assert_int_equal(n, 1);
  return particle;
}

static const char *const type_a[] = {"1", "3"}, *const type_b[] = {"Ar"}, *const type_none[] = {"2"};
static const RhoSpecies three[] = {{"rho[A]", 2, type_a}, {NULL, 1, type_none}, {"rho[B]", 1, type_b}};

/* Frames, columns in any order, coordinates of every kind, types as numbers and words, other sections. */
static void test_lammps(void **state) {
  const char *text =
      "ITEM: UNITS\nlj\nITEM: TIME\n2.5\nITEM: TIMESTEP\n10\nITEM: NUMBER OF ATOMS\n4\n"
      "ITEM: BOX BOUNDS pp pp ff\n-2 2\n0 3\n-7 7\nITEM: ATOMS z ys id type xu x\n"
      "9 0.5 1 3 77 1.25\r\n9 1.5 2 2 77 -1e0 extra\n9 0 3 Ar 77 .5\n9 -0.25 4 1 77 5\n"
      "ITEM: TIMESTEP\n20\nITEM: NUMBER OF ATOMS\n0\nITEM: BOX BOUNDS\n-2 2\n0 3\n-7 7\nITEM: ATOMS x y type\n"
      "ITEM: TIMESTEP\n30\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n-2 2\n0 3\n-7 7\n"
      "ITEM: ATOMS xsu yu element\n-0.25 3 Ar\n";
  static const RhoParticle expected[] = {{{1.25, 1.5, 0}, 0}, {{-1, 4.5, 0}, -1}, {{0.5, 0, 0}, 1}, {{5, -0.75, 0}, 0}};
  Book book;
  (void)state;
  Open(&book, InFile("a.lammpstrj", text), 3, three);
  assert_string_equal(RhoParticlesFormat(book.particles), "LAMMPS text dump");
  const RhoParticleFrame *frame = Next(&book);
  assert_non_null(frame);
  assert_true(frame->step == 10 && frame->time == 2.5 && frame->nparticle == 4);
  assert_true(frame->periodic[0] && frame->periodic[1] && !frame->periodic[2]);
  assert_true(frame->from[0] == -2 && frame->to[1] == 3 && frame->to[2] == 7);
  for (int k = 0; k < 4; k++) {
    RhoParticle found = One(&book);
    assert_int_equal(found.field, expected[k].field);
    for (int c = 0; c < 3; c++) assert_true(found.x[c] == expected[k].x[c]);
  }
  frame = Next(&book);
  assert_true(frame && frame->step == 20 && isnan(frame->time) && frame->nparticle == 0 && frame->periodic[2]);
  frame = Next(&book);
  assert_true(frame && frame->step == 30);
  RhoParticle found = One(&book);
  assert_true(found.x[0] == -3 && found.x[1] == 3 && found.field == 1);
  assert_null(Next(&book));
  Close(&book);
}

/* Frames that are not read are passed over, and particles come in pieces of any size. */
static void test_pieces(void **state) {
  char text[8192];
  RhoParticle particle[8];
  Book book;
  int used = 0;
  (void)state;
  for (int k = 0; k < 5; k++) {
    used += sprintf(text + used, "ITEM: TIMESTEP\n%d\nITEM: NUMBER OF ATOMS\n10\nITEM: BOX BOUNDS pp pp pp\n", k);
    used += sprintf(text + used, "-2 2\n0 3\n0 1\nITEM: ATOMS x y\n");
    for (int i = 0; i < 10; i++) used += sprintf(text + used, "%d %d\n", k, i);
  }
  Open(&book, InFile("b.lammpstrj", text), 0, NULL);
  for (int k = 0; k < 5; k++) {
    const RhoParticleFrame *frame = Next(&book);
    assert_true(frame && frame->step == k);
    int left = k % 2 ? 10 : 3; /* some frames are left in the middle */
    for (int n, i = 0; i < left; i += n) {
      assert_int_equal(RhoParticlesRead(book.particles, book.diag, 3, particle, &n), RHO_OK);
      assert_true(n > 0 && particle[0].x[0] == k && particle[0].x[1] == i && particle[0].field == 0);
    }
  }
  assert_null(Next(&book));
  Close(&book);
}

/* Independent particles: sum over cells of (n - m)^2/m is a chi-square of K - 1 degrees of freedom. */
static void test_gas(void **state) {
  enum { NCELL = 24, K = NCELL * NCELL, N = 40 * K };
  const char *path = InFolder("gas.lammpstrj");
  FILE *stream = fopen(path, "w");
  (void)state;
  fprintf(stream, "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n%d\nITEM: BOX BOUNDS pp pp pp\n-2 2\n0 3\n0 1\n", N);
  fprintf(stream, "ITEM: ATOMS xs ys\n");
  for (int i = 0; i < N; i++) fprintf(stream, "%.12f %.12f\n", Noise(i, 0, 0, 0, 0), Noise(i, 1, 0, 0, 0));
  fclose(stream);
  RhoMesh mesh = Square(NCELL);
  RhoGrid grid;
  RhoCoarsen coarsen;
  RhoCoarsenOptions options;
  const RhoCoarsened *output;
  bool ok;
  Book book;
  Open(&book, path, 0, NULL);
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 1, &grid));
  RhoCoarsenDefaults(&options);
  OK(RhoCoarsenCreate(grid, book.particles, &options, &coarsen));
  Vec u = VectorOf(grid, 1);
  OK(RhoCoarsenNext(coarsen, book.diag, u, &output, &ok));
  assert_true(ok && output && output->number[0] == N && output->time == 0);
  const PetscScalar *cells;
  double chi = 0, sum = 0, mean = (double)N / K;
  OK(VecGetArrayRead(u, &cells));
  for (int c = 0; c < K; c++) {
    double n = cells[c] * grid->volume;
    assert_true(fabs(n - round(n)) < 1e-9);
    chi += (n - mean) * (n - mean) / mean;
    sum += n;
  }
  OK(VecRestoreArrayRead(u, &cells));
  assert_true(fabs(sum - N) < 1e-12 * N);
  if (!(fabs(chi - (K - 1)) < 4 * sqrt(2.0 * (K - 1)))) fail_msg("chi-square %g of %d", chi, K - 1);
  OK(RhoCoarsenNext(coarsen, book.diag, u, &output, &ok));
  assert_true(ok && !output);
  OK(VecDestroy(&u));
  OK(RhoCoarsenDestroy(&coarsen));
  OK(RhoGridDestroy(&grid));
  Close(&book);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_lammps), cmocka_unit_test(test_pieces),
                                          cmocka_unit_test(test_gas)};
RUN(tests)
