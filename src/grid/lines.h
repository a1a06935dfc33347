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

/* Rows: contiguous lines of n cells, to contiguous lines of entries.  Not RHO_LINE_FULL.  nrow: of the whole grid. */
PetscErrorCode rho_rows_create(RhoLineKind kind, PetscInt n, PetscInt nrow, unsigned flags, RhoLines *lines);
/* Columns, in place: line c of nline at array[c], its elements nline apart; elements are complex for RHO_LINE_FULL. Not
   RHO_LINE_HALF. */
PetscErrorCode rho_columns_create(RhoLineKind kind, PetscInt n, PetscInt nline, unsigned flags, RhoLines *lines);
PetscErrorCode rho_lines_destroy(RhoLines *lines);
/* Has FFTW found all plans?  With FFTW_WISDOM_ONLY among the flags it need not, and then nothing may be transformed. */
bool rho_lines_planned(RhoLines lines);

/* Rows that are transformed together: others than multiples of them waste time. */
PetscInt rho_rows_group(RhoLines lines);
/* Doubles a row takes after the forward transform. */
PetscInt rho_rows_entries(RhoLines lines);
/* Rows of nfield fields, cell p of field f at cells[p*stride + f], to those of entries[f] from row first on: all fields
   of one row before the next row. */
void rho_rows_forward(RhoLines lines, PetscInt first, PetscInt nrow, int nfield, const double *cells, PetscInt stride,
                      double *const *entries);
/* Times the scale; destroys the entries. */
void rho_rows_backward(RhoLines lines, PetscInt first, PetscInt nrow, int nfield, double scale, double *const *entries,
                       double *cells, PetscInt stride);
void rho_columns_forward(RhoLines lines, double *array);
void rho_columns_backward(RhoLines lines, double *array);

#endif
