/* bench_empty.c - a program that does nothing: starts PETSc, writes one HDF5 file, ends.  What startup.py measures by.
 */
#include <hdf5.h>
#include <petscsys.h>

int main(int argc, char **argv) {
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  hid_t file = H5Fcreate("empty.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  return PetscFinalize();
}
