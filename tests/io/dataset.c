#include "check.h"
#include <hdf5_hl.h>
#include <math.h>

enum { NTIME = 7, NSPECIES = 2, NX = 8, NY = 12, NZ = 4 };

/* Small integers, exact in every type: distinct for distinct indices. */
static int Count(long t, long s, long i, long j, long k) {
  return (int)(t * 1000 + s * 500 + (i * NY + j) * NZ + k) % 30000;
}

/* Makes density [t][s][x], [t][s][x][y] or [t][s][x][y][z], or the cells the other way round, in the given type. */
static void MakeFile(const char *path, int ndim, bool xfirst, hid_t type) {
  hsize_t shape[5] = {NTIME, NSPECIES}, n[3] = {NX, ndim > 1 ? NY : 1, ndim > 2 ? NZ : 1};
  int *data = malloc(sizeof(int) * NTIME * NSPECIES * NX * NY * NZ), p = 0;
  for (int d = 0; d < ndim; d++) shape[2 + d] = n[xfirst ? d : ndim - 1 - d];
  for (int t = 0; t < NTIME; t++)
    for (int s = 0; s < NSPECIES; s++)
      for (hsize_t a = 0; a < n[xfirst ? 0 : 2]; a++)
        for (hsize_t b = 0; b < n[1]; b++)
          for (hsize_t c = 0; c < n[xfirst ? 2 : 0]; c++)
            data[p++] = xfirst ? Count(t, s, (long)a, (long)b, (long)c) : Count(t, s, (long)c, (long)b, (long)a);
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hid_t group = H5Gcreate2(file, "fields", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  hid_t space = H5Screate_simple(2 + ndim, shape, NULL);
  hid_t dataset = H5Dcreate2(group, "density", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  H5LTmake_dataset_string(file, "comment", "none");
  H5Dclose(dataset);
  H5Sclose(space);
  H5Gclose(group);
  H5Fclose(file);
  free(data);
}

static double Latest(const PetscInt i[3], int field, int output) {
  (void)output;
  return field == 0 ? -3 : Count(NTIME - 2, 1, i[0], i[1], i[2]);
}

static double Third(const PetscInt i[3], int field, int output) {
  return Count(2, field, i[0], i[1], i[2]) + 0 * output;
}

static double Average(const PetscInt i[3], int field, int output) {
  double sum = 0;
  for (int t = output; t < NTIME; t++) sum += Count(t, field, i[0], i[1], i[2]);
  return sum / (NTIME - output);
}

static double Constant(const PetscInt i[3], int field, int output) {
  (void)i, (void)field, (void)output;
  return -3;
}

typedef struct {
  RhoGrid grid;
  RhoDiag diag;
  Vec u;
  RhoDataset what;
  PetscBool ok;
} Case;

static Case Begin(Shape shape, bool xfirst, hid_t type) {
  Case c = {.grid = GridOf(shape, 2), .diag = RhoDiagCreate()};
  c.u = VectorOf(c.grid, 2);
  c.what = (RhoDataset){.file = InFolder("particles.h5"),
                        .dataset = "fields/density",
                        .nindex = 2,
                        .from_fraction = -1,
                        .xfirst = xfirst ? PETSC_TRUE : PETSC_FALSE,
                        .place = RHO_NOWHERE};
  if (Rank() == 0) MakeFile(c.what.file, shape.ndim, xfirst, type);
  Fill(c.grid, 2, c.u, Constant, 0);
  return c;
}

static void End(Case *c) {
  OK(VecDestroy(&c->u));
  RhoDiagDestroy(&c->diag);
  OK(RhoGridDestroy(&c->grid));
}

static void Read(Case *c, int index0, int index1, int field) {
  c->what.index[0] = index0;
  c->what.index[1] = index1;
  OK(RhoDatasetRead(c->grid, c->diag, &c->what, field, c->u, &c->ok));
}

static const Shape box[] = {{1, {NX}}, {2, {NX, NY}}, {3, {NX, NY, NZ}}};

/* Property: every element arrives at its cell, from either order of the axes and every number type, at fixed, negative
   and averaged indices; the other field of the cells stays. */
static void EveryElement(void **state) {
  (void)state;
  hid_t types[] = {H5T_IEEE_F64LE, H5T_IEEE_F32LE, H5T_STD_I16BE, H5T_STD_U64LE};
  for (int s = 0; s < 3; s++)
    for (int i = 0; i < 8; i++) {
      Case c = Begin(box[s], i % 2, types[i / 2]);
      Read(&c, -2, -1, 1);
      assert_true(c.ok);
      assert_int_equal(Different(c.grid, 2, c.u, Latest, 0), 0);
      Read(&c, 2, 0, 0);
      Read(&c, 2, 1, 1);
      assert_int_equal(Different(c.grid, 2, c.u, Third, 0), 0);
      for (int from = 0; from < NTIME; from++) {
        c.what.from_fraction = (from + 0.25) / NTIME;
        Read(&c, 99, 0, 0);
        Read(&c, 99, 1, 1);
        assert_int_equal(Different(c.grid, 2, c.u, Average, from), 0);
      }
      assert_int_equal(RhoDiagCount(c.diag), 0);
      End(&c);
    }
}

/* Property: a dataset on finer cells arrives as means over blocks. */
static void Coarsened(void **state) {
  (void)state;
  Case c = Begin(box[1], true, H5T_IEEE_F32LE);
  RhoGrid coarse = GridOf((Shape){2, {NX / 2, NY / 3}}, 1);
  Vec u = VectorOf(coarse, 1);
  const PetscScalar *array;
  double error = 0, all;
  c.what.index[0] = 1;
  OK(RhoDatasetRead(coarse, c.diag, &c.what, 0, u, &c.ok));
  assert_true(c.ok);
  OK(VecGetArrayRead(u, &array));
  FOR_OWNED(coarse, i, p) {
    double sum = 0;
    for (int a = 0; a < 6; a++) sum += Count(1, 0, 2 * i[0] + a % 2, 3 * i[1] + a / 2, 0);
    error = Worse(error, array[p] - sum / 6);
  }
  OK(VecRestoreArrayRead(u, &array));
  MPI_Allreduce(&error, &all, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  assert_true(all < 1e-11);
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&coarse));
  End(&c);
}

static void Misfit(Case *c, int index0, int index1, RhoDiagId id, const char *part) {
  Read(c, index0, index1, 0);
  assert_false(c->ok);
  Reported(c->diag, id, part);
  assert_int_equal(Different(c->grid, 2, c->u, Constant, 0), 0);
}

/* Property: each way of not fitting is reported with the numbers, on all ranks, and leaves the cells alone. */
static void MisfitsAreReported(void **state) {
  (void)state;
  Case c = Begin(box[1], true, H5T_IEEE_F32LE);
  Misfit(&c, NTIME, 0, RHO_ID_INDEX_RANGE, "index 1 of 'fields/density' is 7; it runs from 0 to 6, or from -1 to -7");
  Misfit(&c, 0, -3, RHO_ID_INDEX_RANGE, "index 2 of");
  c.what.from_fraction = 1;
  Misfit(&c, 0, 0, RHO_ID_INDEX_RANGE, "a fraction that is not below 1");
  c.what.from_fraction = -1;
  c.what.nindex = 1;
  Misfit(&c, 0, 0, RHO_ID_SHAPE_MISMATCH, "[7, 2, 8, 12]; 1 fixed indices leave 3 dimensions, the mesh has 2");
  c.what.nindex = 2;
  c.what.xfirst = PETSC_FALSE;
  Misfit(&c, 0, 0, RHO_ID_SHAPE_MISMATCH, "its cells [8, 12] do not subdivide or merge to the mesh's [12, 8]");
  c.what.dataset = "fields/densty";
  Misfit(&c, 0, 0, RHO_ID_NO_DATASET, "did you mean 'fields/density'");
  for (int i = 0; i < 5; i++) {
    static const char *const none[] = {"", "/", "fields", "density/x", "fields//"};
    c.what.dataset = none[i];
    Misfit(&c, 0, 0, RHO_ID_NO_DATASET, "its datasets: comment, fields/density");
  }
  c.what.dataset = "comment";
  Misfit(&c, 0, 0, RHO_ID_BAD_DATA, "does not hold numbers");
  c.what.file = InFolder("absent.h5");
  Misfit(&c, 0, 0, RHO_ID_CANNOT_READ, "No such file or directory");
  End(&c);
}

/* Property: undefined values are reported, not taken. */
static void Undefined(void **state) {
  (void)state;
  Case c = Begin(box[0], true, H5T_IEEE_F64LE);
  if (Rank() == 0) {
    double value[NX] = {1, 2, NAN};
    hid_t file = H5Fopen(c.what.file, H5F_ACC_RDWR, H5P_DEFAULT);
    H5LTmake_dataset_double(file, "line", 1, (const hsize_t[]){NX}, value);
    H5Fclose(file);
  }
  c.what.dataset = "/line";
  c.what.nindex = 0;
  Misfit(&c, 0, 0, RHO_ID_BAD_DATA, "'/line' of");
  End(&c);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(EveryElement), cmocka_unit_test(Coarsened),
                                          cmocka_unit_test(MisfitsAreReported), cmocka_unit_test(Undefined)};
RUN(tests)
