/* grid.h - mesh file -> distributed grid of cells with named dimensions; ghosts; transforms.
   Layer grid (uses model for YAML; PETSc DMDA, FFTW, MPI).  Theory: src/README.md, "Grids and transforms".

   Cells are numbered i (first dimension, fastest), j, k; unused dimensions have one cell, so 1-D, 2-D and 3-D run
   the same code.  Ranks share the slowest used dimension in slabs, as FFTW does; 1-D transforms are replicated. */
#ifndef RHOFLUX_GRID_H
#define RHOFLUX_GRID_H
#include "rhoflux/model.h"
#include <petscdmda.h>

typedef enum { RHO_PERIODIC, RHO_WALL } RhoBoundary;

typedef struct {
  const char *name; /* "x" */
  double from, to;  /* extent, from < to                                     */
  int ncell;
  RhoBoundary boundary; /* of both sides */
  bool spatial;         /* counts in dim: x, y, z, x1, x2, ... ; not v, q, theta */
} RhoDimension;

/* A mesh file or the mesh: part of a case. */
typedef struct {
  int ndimension; /* 1 .. RHO_MAXDIM */
  RhoDimension dimension[RHO_MAXDIM];
  RhoPlace place;
} RhoMesh;

/* mesh: {x: {from: 0, to: 16, cells: 256, boundary: periodic}, y: {length: 8, cells: 64, boundary: wall}}; in a file
   of its own the same map stands below `rhoflux: 1`.  Numbers may be constant formulas (2*pi).  Names in strings live in arena. */
RhoStatus RhoMeshRead(RhoArena arena, RhoDiag diag, const RhoYaml *map, RhoMesh *mesh);
RhoStatus RhoMeshLoad(RhoArena arena, RhoDiag diag, const char *path, RhoMesh *mesh);
int RhoMeshSpatial(const RhoMesh *mesh); /* the number of spatial dimensions */

/* Read only for other layers. */
typedef struct RhoGrid_s *RhoGrid;
struct RhoGrid_s {
  MPI_Comm comm;
  PetscMPIInt rank, size;
  RhoMesh mesh;
  PetscInt n[RHO_MAXDIM];      /* cells; 1 in unused dimensions            */
  PetscReal h[RHO_MAXDIM];     /* spacing; 1 in unused dimensions          */
  PetscReal volume;            /* of a cell: product of the used spacings  */
  PetscInt ncell;              /* in all                                   */
  DM da;                       /* dof nfield, box stencil, width halo      */
  PetscInt nfield, halo;
  PetscInt start[RHO_MAXDIM], count[RHO_MAXDIM];   /* owned cells of this rank */
  PetscInt gstart[RHO_MAXDIM], gcount[RHO_MAXDIM]; /* with ghosts: halo on both sides of used dimensions, none of unused */
  PetscInt nowned, nghosted;   /* products of count, gcount                */
  struct RhoGridPrivate_s *priv;
};

/* Collective.  PETSC_ERR_ARG_SIZ with the numbers in the message when the cells can not be shared by the ranks. */
PetscErrorCode RhoGridCreate(MPI_Comm comm, const RhoMesh *mesh, PetscInt nfield, PetscInt halo, RhoGrid *grid);
PetscErrorCode RhoGridDestroy(RhoGrid *grid);
/* A DMDA of the same layout with another number of unknowns per cell; destroyed by the caller. */
PetscErrorCode RhoGridCompatible(RhoGrid grid, PetscInt nfield, DM *da);

/* Local (ghosted) vector from a global one: exchange, then cells beyond walls are the mirror image of those inside
   (zero normal derivative; several layers deep).  da: the grid's, or a compatible one.  Collective. */
PetscErrorCode RhoGridGlobalToLocal(RhoGrid grid, DM da, Vec global, Vec local);
/* Cell centres along dimension d, for the ghosted range: x[gcount[d]]; beyond walls the mirrored coordinate,
   across periodic sides the coordinate of the image inside. */
const PetscReal *RhoGridCoordinate(RhoGrid grid, int d);

/* ---- transforms: the eigenvectors of every even constant-coefficient operator on this grid -------------------------

   All dimensions periodic: real-to-complex FFT.  Otherwise real-to-real: halfcomplex along periodic dimensions, DCT-II
   along walls (even extension).  Either way an even operator is a multiplication of spectrum entry m by a real number
   that depends on (|q_x|, |q_y|, |q_z|) of that entry. */
typedef struct RhoTransform_s *RhoTransform;

typedef enum { RHO_PLAN_ESTIMATE, RHO_PLAN_MEASURE } RhoPlanning;

PetscErrorCode RhoTransformCreate(RhoGrid grid, RhoPlanning planning, RhoTransform *transform);
PetscErrorCode RhoTransformDestroy(RhoTransform *transform);
/* Entries of the local spectrum: nmode entries of width doubles each (2: complex, 1: real).  q[d][nmode]: |wavenumber| along
   Any pointer may be NULL. */
PetscErrorCode RhoTransformModes(RhoTransform t, PetscInt *nmode, PetscInt *width, const PetscReal **qx,
                                 const PetscReal **qy, const PetscReal **qz);
/* Backward(Forward(u)) = u / scale: fold the scale (1 over the number of cells, for DCT accordingly) into the factors. */
PetscReal RhoTransformScale(RhoTransform t);
/* cells: owned cells, cell p at cells[p*stride].  spectrum[nmode*width], allocated by RhoTransformSpectrum. */
PetscErrorCode RhoTransformSpectrum(RhoTransform t, PetscScalar **spectrum);
PetscErrorCode RhoTransformFreeSpectrum(RhoTransform t, PetscScalar **spectrum);
PetscErrorCode RhoTransformForward(RhoTransform t, const PetscScalar *cells, PetscInt stride, PetscScalar *spectrum);
/* Destroys the spectrum. */
PetscErrorCode RhoTransformBackward(RhoTransform t, PetscScalar *spectrum, PetscScalar *cells, PetscInt stride);
/* product[m] = factor[m]*spectrum[m], width doubles each; in place allowed. */
void RhoTransformScaleModes(RhoTransform t, const PetscReal *factor, const PetscScalar *spectrum, PetscScalar *product);

#endif
