/* lines.h - 1-D transforms along the lines of an array, by FFTW. */
#ifndef RHOFLUX_LINES_H
#define RHOFLUX_LINES_H
#include "grid_private.h"

typedef enum {
  RHO_LINE_HALF,        /* n reals to n/2 + 1 complex                     */
  RHO_LINE_FULL,        /* n complex to n complex                         */
  RHO_LINE_HALFCOMPLEX, /* n reals to r_0 r_1 ... r_{n/2} ... -i_2 -i_1   */
  RHO_LINE_COSINE       /* n reals to n: DCT-II and, backward, its transpose */
} RhoLineKind;

/* unnormalised: backward of forward multiplies by n, for RHO_LINE_COSINE by 2n */
typedef struct RhoLines_s *RhoLines;

/* Rows: contiguous lines of n cells, to contiguous lines of entries.  Not RHO_LINE_FULL. */
PetscErrorCode rho_rows_create(RhoLineKind kind, PetscInt n, unsigned flags, RhoLines *lines);
/* Columns, in place: line c of nline at array[c], its elements nline apart; elements are complex for RHO_LINE_FULL.
   Not RHO_LINE_HALF. */
PetscErrorCode rho_columns_create(RhoLineKind kind, PetscInt n, unsigned flags, RhoLines *lines);
PetscErrorCode rho_lines_destroy(RhoLines *lines);

/* Doubles a row takes after the forward transform. */
PetscInt rho_rows_entries(RhoLines lines);
void rho_rows_forward(RhoLines lines, PetscInt nrow, const double *cells, PetscInt stride, double *entries);
/* Destroys the entries. */
void rho_rows_backward(RhoLines lines, PetscInt nrow, double *entries, double *cells, PetscInt stride);
void rho_columns_forward(RhoLines lines, PetscInt nline, double *array);
void rho_columns_backward(RhoLines lines, PetscInt nline, double *array);

#endif
