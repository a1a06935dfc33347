/* same.h - whether two results hold the same numbers, read by HDF5 alone. */
#ifndef RHO_TESTS_CLI_SAME_H
#define RHO_TESTS_CLI_SAME_H
#include "program.h"
#include <hdf5.h>
#include <math.h>

/* All numbers of a dataset, to be freed; NULL: the object is none. */
static inline double *Numbers(hid_t at, const char *name, size_t *n) {
  hid_t object = H5Oopen(at, name, H5P_DEFAULT);
  assert_true(object >= 0);
  *n = 0;
  if (H5Iget_type(object) != H5I_DATASET) {
    H5Oclose(object);
    return NULL;
  }
  hid_t space = H5Dget_space(object), type = H5Dget_type(object);
  double *data = NULL;
  if (H5Tget_class(type) == H5T_FLOAT) {
    *n = (size_t)H5Sget_simple_extent_npoints(space);
    data = malloc((*n + 1) * sizeof *data);
    assert_true(H5Dread(object, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(object);
  return data;
}

/* The largest difference of two datasets relative to the largest value; 0 only when every bit is the same. */
static inline double Difference(hid_t a, hid_t b, const char *name) {
  size_t n, m;
  double *x = Numbers(a, name, &n), *y = Numbers(b, name, &m), largest = 0, difference = 0;
  if (n != m) fail_msg("%zu and %zu numbers in %s", n, m, name);
  bool same = !n || !memcmp(x, y, n * sizeof *x);
  for (size_t k = 0; k < n; k++) {
    largest = fmax(largest, fabs(x[k]));
    difference = fmax(difference, x[k] == y[k] ? 0 : isnan(x[k] - y[k]) ? INFINITY : fabs(x[k] - y[k]));
  }
  free(x);
  free(y);
  return same ? 0 : fmax(difference / largest, 1e-300);
}

/* Every dataset of the group, within tolerance. */
static inline void SameGroup(hid_t a, hid_t b, double tolerance) {
  H5G_info_t info, other;
  char name[256];
  assert_true(H5Gget_info(a, &info) >= 0 && H5Gget_info(b, &other) >= 0);
  assert_int_equal(info.nlinks, other.nlinks);
  for (hsize_t k = 0; k < info.nlinks; k++) {
    H5Lget_name_by_idx(a, ".", H5_INDEX_NAME, H5_ITER_INC, k, name, sizeof name, H5P_DEFAULT);
    double difference = Difference(a, b, name);
    if (difference > tolerance) fail_msg("'%s' differs by %g", name, difference);
  }
}

/* Times and fields of two results at all outputs, within tolerance of their size; 0: bit for bit, and the series, too.
 */
static inline void assert_same_results(const char *first, const char *second, double tolerance) {
  hid_t a = H5Fopen(first, H5F_ACC_RDONLY, H5P_DEFAULT), b = H5Fopen(second, H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(a >= 0 && b >= 0);
  SameGroup(a, b, tolerance);
  if (tolerance == 0) {
    hid_t s = H5Gopen2(a, "series", H5P_DEFAULT), t = H5Gopen2(b, "series", H5P_DEFAULT);
    SameGroup(s, t, 0);
    H5Gclose(s);
    H5Gclose(t);
  }
  H5Fclose(a);
  H5Fclose(b);
}

#endif
