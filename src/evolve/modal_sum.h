/* modal_sum.h - sums of registers of modes, each times a table, in one pass over the modes.  Private to evolve;
   modal_sum.c is compiled for the vector units there are.

   Arrays of modes have `width` numbers each, 2: complex, 1: real; tables one number per mode.  All have room for whole
   chunks of RHO_MODE_CHUNK modes, tables zeros there. */
#ifndef RHO_MODAL_SUM_H
#define RHO_MODAL_SUM_H
#include "rhoflux/grid.h"

enum { RHO_MODAL_SOURCES = 10, RHO_MODAL_FIELDS = 16, RHO_MODAL_PARTS = 6 * RHO_MODAL_FIELDS };

/* T sum_k c[k] x[k] of one field.  T: plane[(i*n + field)*parts + part] towards field i, real parts and (parts 2)
   imaginary ones; or, plane NULL, `factor` towards its own, NULL: 1. */
typedef struct {
  PetscInt field;
  int nsource, parts;
  const PetscScalar *x[RHO_MODAL_SOURCES];
  PetscReal c[RHO_MODAL_SOURCES];
  PetscReal *const *plane;
  const PetscReal *factor;
} RhoModalPart;

/* out[n] (onto: +=, else =) the sum over parts; with a shift (shift - A - i B)^-1 of that, A, B as in RhoModes. */
typedef struct {
  PetscInt nmode, pitch, width, n;
  int npart;
  RhoModalPart part[RHO_MODAL_PARTS];
  PetscReal shift; /* 0: none */
  const PetscReal *A, *B;
  PetscBool onto;
  PetscScalar *const *out, *const *copy; /* [n], NULL, copy's also each: nowhere; twice the same */
  const PetscReal *weight;               /* [pitch] */
  PetscReal *square;                     /* [n] sums of weight |out|^2; NULL: not wanted */
} RhoModalRun;

/* out is no source. */
void rho_modal_run(const RhoModalRun *run);

#endif
