/* fields.h - the numbers of a result that the program wrote. */
#ifndef RHO_TESTS_CLI_FIELDS_H
#define RHO_TESTS_CLI_FIELDS_H
#include "program.h"
#include <hdf5.h>

/* All n numbers of a data set. */
static inline void ReadFields(const char *path, const char *name, size_t n, double *data) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, name, H5P_DEFAULT);
  assert_int_equal(H5Sget_simple_extent_npoints(H5Dget_space(set)), n);
  assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  H5Dclose(set);
  H5Fclose(file);
}

#endif
