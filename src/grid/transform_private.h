/* transform_private.h - what transform.c and modes.c share. */
#ifndef RHOFLUX_TRANSFORM_PRIVATE_H
#define RHOFLUX_TRANSFORM_PRIVATE_H
#include "lines.h"

/* One dimension of the arrays: n cells, nentry entries of the spectrum. */
typedef struct {
  int dimension; /* of the mesh */
  RhoLineKind kind;
  PetscInt n, nentry;
  PetscReal length;
} RhoAxis;

/* A count and a beginning for each rank, as MPI takes them. */
typedef struct {
  PetscMPIInt *count, *start;
} RhoParts;

struct RhoTransform_s {
  RhoGrid grid;             /* not owned */
  RhoAxis axis[RHO_MAXDIM]; /* slow, middle, fast */
  PetscInt width;           /* doubles per entry */
  PetscReal scale;
  RhoPlanning planning;      /* of the plans it has: estimated or measured */
  bool replicated;           /* 1-D on several ranks: all of them transform everything */
  PetscInt nslab;            /* slow slabs of this rank before the transposition */
  PetscInt ncolumn, mcolumn; /* columns along the slow axis: all, those of this rank */
  PetscInt column0;          /* the first of these */
  PetscInt nmode, nroom;     /* entries; doubles of a spectrum array */
  RhoLines rows, lines[2];   /* lines[a]: columns along axis a, NULL when that has one cell and nothing to do */
  RhoParts slabs, columns;   /* on several ranks: the parts of axis 0 (1-D: of the cells) and of the columns */
  RhoParts across, along;    /* doubles exchanged with each rank, as slabs and as columns */
  PetscScalar *work;         /* [nroom] on several ranks */
  PetscReal *q[RHO_MAXDIM], *k[RHO_MAXDIM], *weight; /* [nmode], made when first asked for */
};

#endif
