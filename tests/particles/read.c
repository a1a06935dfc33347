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

static void Expect(Book *book, double x, double y, int field) {
  RhoParticle found = One(book);
  assert_true(found.x[0] == x && found.x[1] == y && found.x[2] == 0);
  assert_int_equal(found.field, field);
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
  Book book;
  (void)state;
  Open(&book, InFile("a.lammpstrj", text), 3, three);
  assert_string_equal(RhoParticlesFormat(book.particles), "LAMMPS text dump");
  const RhoParticleFrame *frame = Next(&book);
  assert_non_null(frame);
  assert_true(frame->step == 10 && frame->time == 2.5 && frame->nparticle == 4);
  assert_true(frame->periodic[0] && frame->periodic[1] && !frame->periodic[2]);
  assert_true(frame->from[0] == -2 && frame->to[1] == 3 && frame->to[2] == 7);
  Expect(&book, 1.25, 1.5, 0);
  Expect(&book, -1, 4.5, -1);
  Expect(&book, 0.5, 0, 1);
  Expect(&book, 5, -0.75, 0);
  frame = Next(&book);
  assert_true(frame && frame->step == 20 && isnan(frame->time) && frame->nparticle == 0 && frame->periodic[2]);
  frame = Next(&book);
  assert_true(frame && frame->step == 30);
  Expect(&book, -3, 3, 1);
  assert_null(Next(&book));
  Close(&book);
}

/* Keys in any case and order, values in quotes and braces, columns before and between, no step: the time alone. */
static void test_xyz(void **state) {
  const char *text = " 3\r\nproperties=id:I:2:pos:R:3:name:S:1:species:S:1 tIME=0.25 Comment='pbc=\"F F F\" Step=7' "
                     "PBC={T 1 F} lattice=\"4.0 0 0 0 3 0 0 0 9\" Origin=\"-2 0 1\" step=12\n"
                     "1 1 1.25 1.5 0 x 3\n1 2 -1 4.5 0 x 2\n1 3 0.5 -0 0 x Ar\n"
                     "0\nLattice=\"4 0 0 0 3 0 0 0 9\" Origin='-2 0 0'\n"
                     "1\nLattice=\"4 0 0 0 3 0 0 0 9\" Origin=\"-2 0 -3\"\nAr -3 3 nonsense\n\n";
  Book book;
  (void)state;
  Open(&book, InFile("a.xyz", text), 3, three);
  assert_string_equal(RhoParticlesFormat(book.particles), "extended XYZ");
  const RhoParticleFrame *frame = Next(&book);
  assert_true(frame && frame->nparticle == 3 && frame->time == 0.25 && frame->step == 12);
  assert_true(frame->periodic[0] && frame->periodic[1] && !frame->periodic[2]);
  assert_true(frame->from[0] == -2 && frame->to[0] == 2 && frame->to[1] == 3 && frame->to[2] == 10);
  Expect(&book, 1.25, 1.5, 0);
  Expect(&book, -1, 4.5, -1);
  Expect(&book, 0.5, 0, 1);
  frame = Next(&book);
  assert_true(frame && frame->nparticle == 0 && isnan(frame->time) && frame->step == -1 && frame->periodic[2]);
  frame = Next(&book);
  assert_true(frame && frame->from[2] == -3 && frame->to[2] == 6);
  Expect(&book, -3, 3, 1);
  assert_null(Next(&book));
  Close(&book);
}

/* ---- H5MD ---- */

enum { NFRAME = 3, NLONG = 5000 }; /* more particles than are read at once */

static double Along(int frame, int i, int c) { return c == 0 ? frame - 1.5 : c == 1 ? 3.0 * i / NLONG : 100; }

static void WriteArray(hid_t at, const char *name, int rank, const hsize_t *shape, hid_t type, const void *data) {
  hid_t space = H5Screate_simple(rank, shape, NULL);
  hid_t set = H5Dcreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  hid_t memory = type == H5T_NATIVE_FLOAT ? H5T_NATIVE_DOUBLE : type;
  assert_true(H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  H5Dclose(set);
  H5Sclose(space);
}

static void WriteBox(hid_t particles, bool moves) {
  static const double edge[NFRAME][2] = {{4, 3}, {4, 3}, {4, 3}}, matrix[2][2] = {{4, 0}, {0, 3}};
  const char word[2][9] = {"periodic", "periodic"};
  hsize_t ncoordinate = 2;
  hid_t box = H5Gcreate2(particles, "box", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, 9);
  hid_t space = H5Screate_simple(1, &ncoordinate, NULL);
  hid_t boundary = H5Acreate2(box, "boundary", type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(boundary, type, word);
  H5Aclose(boundary);
  H5Sclose(space);
  H5Tclose(type);
  if (moves) {
    hid_t edges = H5Gcreate2(box, "edges", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    WriteArray(edges, "value", 2, (const hsize_t[]){NFRAME, 2}, H5T_NATIVE_DOUBLE, edge);
    H5Gclose(edges);
  } else WriteArray(box, "edges", 2, (const hsize_t[]){2, 2}, H5T_NATIVE_DOUBLE, matrix);
  H5Gclose(box);
}

/* Types 1 and 2 in turns, or the same as an enumeration of names; two coordinates. */
static void WriteSpecies(hid_t particles, bool names) {
  int *type = malloc(sizeof(int) * NLONG), argon = 1, krypton = 2;
  hsize_t n = NLONG;
  for (int i = 0; i < NLONG; i++) type[i] = 1 + i % 2;
  hid_t kind = H5Tenum_create(H5T_NATIVE_INT);
  H5Tenum_insert(kind, "Ar", &argon);
  H5Tenum_insert(kind, "Kr", &krypton);
  WriteArray(particles, "species", 1, &n, names ? kind : H5T_NATIVE_INT, type);
  H5Tclose(kind);
  free(type);
}

/* bad: this frame's last y is not a number. */
static const char *WriteH5md(const char *name, bool variant, int bad) {
  const char *path = InFolder(name);
  static double x[NFRAME][NLONG][2];
  const double step = 10, time[NFRAME] = {0.5, 1, 1.5};
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hid_t all = H5Gcreate2(file, "particles", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  hid_t group = H5Gcreate2(all, "gas", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  hid_t position = H5Gcreate2(group, "position", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  for (int k = 0; k < NFRAME; k++)
    for (int i = 0; i < NLONG; i++)
      for (int c = 0; c < 2; c++) x[k][i][c] = k == bad && c == 1 && i == NLONG - 1 ? NAN : Along(k, i, c);
  WriteArray(position, "value", 3, (const hsize_t[]){NFRAME, NLONG, 2}, variant ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE,
             x);
  if (variant) WriteArray(position, "step", 0, NULL, H5T_NATIVE_DOUBLE, &step);
  else WriteArray(position, "time", 1, (const hsize_t[]){NFRAME}, H5T_NATIVE_DOUBLE, time);
  WriteBox(group, variant);
  WriteSpecies(group, variant);
  H5Gclose(position);
  H5Gclose(group);
  H5Gclose(all);
  H5Fclose(file);
  return path;
}

/* Numbers of every kind, in more than one piece; elements that move and that do not; steps that are an increment. */
static void test_h5md(void **state) {
  static const char *const number[] = {"2"}, *const name[] = {"Kr"};
  (void)state;
  for (int variant = 0; variant < 2; variant++) {
    const RhoSpecies species[] = {{"rho[A]", 1, variant ? name : number}, {NULL, 0, NULL}};
    static RhoParticle particle[NLONG];
    Book book;
    Open(&book, WriteH5md("a.h5", variant, -1), 2, species);
    assert_string_equal(RhoParticlesFormat(book.particles), "H5MD (HDF5)");
    for (int k = 0; k < NFRAME; k++) {
      const RhoParticleFrame *frame = Next(&book);
      assert_true(frame && frame->nparticle == NLONG && frame->step == (variant ? 10 * k : -1));
      assert_true(variant ? isnan(frame->time) : frame->time == 0.5 * (k + 1));
      assert_true(frame->from[1] == 0 && frame->to[0] == 4 && frame->to[1] == 3 && frame->periodic[1]);
      if (k == 1) continue;
      int n;
      assert_int_equal(RhoParticlesRead(book.particles, book.diag, NLONG, particle, &n), RHO_OK);
      assert_int_equal(n, NLONG);
      for (int i = 0; i < NLONG; i++) {
        assert_int_equal(particle[i].field, i % 2 ? 0 : -1);
        for (int c = 0; c < 2; c++) assert_true(fabs(particle[i].x[c] - Along(k, i, c)) < (variant ? 1e-6 : 1e-15));
      }
    }
    assert_null(Next(&book));
    Close(&book);
    assert_int_equal(OpenObjects(), 0);
  }
}

/* A number that is none is found in the frame where it is, a file that is cut when it is opened. */
static void test_h5md_bad(void **state) {
  static RhoParticle particle[NLONG];
  Book book;
  int n;
  (void)state;
  const char *path = WriteH5md("b.h5", false, 1);
  Open(&book, path, 0, NULL);
  assert_non_null(Next(&book));
  assert_non_null(Next(&book));
  assert_int_equal(RhoParticlesRead(book.particles, book.diag, NLONG, particle, &n), RHO_INPUT);
  Reported(book.diag, RHO_ID_PARTICLE_VALUE, "y of particle 4999 (from 0) in frame 2");
  assert_int_equal(n, NLONG - 1);
  Close(&book);
  assert_int_equal(truncate(path, 20000), 0);
  book = (Book){RhoArenaCreate(), RhoDiagCreate(), Square(4), NULL};
  assert_int_equal(RhoParticlesOpen(book.arena, book.diag, RHO_NOWHERE, path, &book.mesh, 0, NULL, &book.particles),
                   RHO_INPUT);
  Reported(book.diag, RHO_ID_PARTICLE_TRUNCATED, "not a whole HDF5 file");
  assert_null(book.particles);
  assert_int_equal(OpenObjects(), 0);
  Close(&book);
}

/* In place of what stands at particles/gas/name: values, with these steps. */
static void MovesWith(hid_t file, const char *name, int rank, const hsize_t *shape, hid_t kind, const void *value,
                      int nstep, bool words) {
  static const double steps[NFRAME] = {0, 1, 2};
  static const char word[NFRAME][2] = {"0", "1", "2"};
  hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, sizeof *word);
  hid_t group = H5Gopen2(file, "particles/gas", H5P_DEFAULT);
  assert_true(H5Ldelete(group, name, H5P_DEFAULT) >= 0);
  hid_t at = H5Gcreate2(group, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  WriteArray(at, "value", rank, shape, kind, value);
  WriteArray(at, "step", 1, (const hsize_t[]){(hsize_t)nstep}, words ? text : H5T_NATIVE_DOUBLE,
             words ? (const void *)word : steps);
  H5Tclose(text);
  H5Gclose(at);
  H5Gclose(group);
}

/* Opens, or does not and says this. */
static void OpensOr(const char *path, RhoDiagId id, const char *why) {
  static const char *const number[] = {"2"};
  const RhoSpecies species[] = {{"rho[A]", 1, number}, {NULL, 0, NULL}};
  Book book = {RhoArenaCreate(), RhoDiagCreate(), Square(4), NULL};
  assert_int_equal(RhoParticlesOpen(book.arena, book.diag, RHO_NOWHERE, path, &book.mesh, 2, species, &book.particles),
                   why ? RHO_INPUT : RHO_OK);
  if (why) Reported(book.diag, id, why);
  Close(&book);
  assert_int_equal(OpenObjects(), 0);
}

/* Steps of whatever moves are numbers, one for each frame, or nothing is read. */
static void test_h5md_steps(void **state) {
  static const double steps[NFRAME] = {0, 1, 2}, edge[NFRAME][2] = {{4, 3}, {4, 3}, {4, 3}};
  static int type[NFRAME][NLONG];
  const char *path = WriteH5md("d.h5", false, -1);
  (void)state;
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), at = H5Gopen2(file, "particles/gas/position", H5P_DEFAULT);
  WriteArray(at, "step", 1, (const hsize_t[]){NFRAME - 1}, H5T_NATIVE_DOUBLE, steps);
  H5Gclose(at);
  H5Fclose(file);
  OpensOr(path, RHO_ID_PARTICLE_FORMAT, "of position is not a number, or one for each frame");
  for (int k = 0; k < 6; k++) {
    const int nstep = k % 3 == 1 ? NFRAME - 1 : NFRAME;
    file = H5Fopen(WriteH5md("d.h5", false, -1), H5F_ACC_RDWR, H5P_DEFAULT);
    if (k < 3) MovesWith(file, "species", 2, (const hsize_t[]){NFRAME, NLONG}, H5T_NATIVE_INT, type, nstep, k % 3 == 2);
    else MovesWith(file, "box/edges", 2, (const hsize_t[]){NFRAME, 2}, H5T_NATIVE_DOUBLE, edge, nstep, k % 3 == 2);
    H5Fclose(file);
    OpensOr(path, k < 3 ? RHO_ID_PARTICLE_FORMAT : RHO_ID_PARTICLE_BOX,
            k % 3 == 0 ? NULL
            : k < 3    ? "of species is not a number, or one for each frame"
                       : "of the edges of the box is not a number, or one for each frame");
  }
}

static void EdgesAre(const char *path, int rank, const hsize_t *shape, const double *edge) {
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), box = H5Gopen2(file, "particles/gas/box", H5P_DEFAULT);
  assert_true(H5Ldelete(box, "edges", H5P_DEFAULT) >= 0);
  WriteArray(box, "edges", rank, shape, H5T_NATIVE_DOUBLE, edge);
  H5Gclose(box);
  H5Fclose(file);
}

/* Edges of any shape are read or refused; only those of a box with right angles are taken. */
static void test_h5md_box(void **state) {
  static const struct {
    int rank;
    hsize_t shape[5];
    const char *said;
  } box[] = {{2, {2, 2}, "sheared"},          {1, {4}, "can not be read"},        {2, {3, 2}, "can not be read"},
             {2, {4, 4}, "can not be read"},  {3, {1, 2, 2}, "can not be read"},  {4, {1, 1, 2, 2}, "can not be read"},
             {5, {1, 1, 1, 1, 2}, "can not"}, {1, {1}, "the box is not periodic"}};
  static const double edge[16] = {4, 0, 0.5, 3};
  const RhoParticleFrame *frame;
  (void)state;
  for (size_t k = 0; k < sizeof box / sizeof *box; k++) {
    Book book;
    const char *path = WriteH5md("c.h5", false, -1);
    EdgesAre(path, box[k].rank, box[k].shape, edge);
    Open(&book, path, 0, NULL);
    assert_int_equal(RhoParticlesNext(book.particles, book.diag, &frame), RHO_INPUT);
    Reported(book.diag, RHO_ID_PARTICLE_BOX, box[k].said);
    Close(&book);
  }
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

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_lammps),   cmocka_unit_test(test_xyz),
                                          cmocka_unit_test(test_h5md),     cmocka_unit_test(test_h5md_bad),
                                          cmocka_unit_test(test_h5md_box), cmocka_unit_test(test_h5md_steps),
                                          cmocka_unit_test(test_pieces),   cmocka_unit_test(test_gas)};
RUN(tests)
