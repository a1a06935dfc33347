/* grid.h - mesh file -> distributed grid of cells with named dimensions; ghosts; transforms.
   Layer grid (uses model for YAML; PETSc DMDA, FFTW, MPI).  Theory: src/README.md, "Grids and transforms".

   Cells are numbered i (first dimension, fastest), j, k; unused dimensions have one cell, so 1-D, 2-D and 3-D run
   the same code.  Ranks share the slowest used dimension in slabs as equal as can be; 1-D transforms are replicated. */
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
  const double *edge;   /* [ncell + 1] from `from` to `to`, increasing; NULL: cells of equal width */
  int mirror;           /* of walls: 1 + the dimension that a reflection reverses; 0: none */
} RhoDimension;

/* A mesh file or the mesh: part of a case. */
typedef struct {
  int ndimension; /* 1 .. RHO_MAXDIM */
  RhoDimension dimension[RHO_MAXDIM];
  RhoPlace place, at[RHO_MAXDIM]; /* of all of it; of each dimension's name, for a mesh that has been read */
} RhoMesh;

/* mesh: {x: {from: 0, to: 16, cells: 256, boundary: periodic}, y: {length: 8, cells: 64, boundary: wall}}; in a file
   of its own the same map stands beside `rhoflux: 1`.  from is 0 when not given; numbers may be constant formulas
   (2*pi); no_flux is another word for wall; boundary: {mirror: v} is a wall at which reflection reverses
   v; spacing: src/grid/spacing.c.  Dimensions are numbered as written, the first
   being the fastest.  RHO_INPUT after reports; then mesh->ndimension is 0.  Names and edges live as long as arena and
   diag. */
RhoStatus RhoMeshRead(RhoArena arena, RhoDiag diag, const RhoYaml *map, RhoMesh *mesh);
RhoStatus RhoMeshLoad(RhoArena arena, RhoDiag diag, const char *path, RhoMesh *mesh);
int RhoMeshSpatial(const RhoMesh *mesh); /* the number of spatial dimensions */
/* Can so many ranks share it, with a halo of so many cells?  Reports. */
bool RhoMeshShared(const RhoMesh *mesh, int nrank, int halo, RhoDiag diag);
/* Edge i, 0 <= i <= ncell; centre and width of cell i, 0 <= i < ncell.  When -from = to and the edges are symmetric
   about 0, edges and centres are antisymmetric to the last bit. */
double RhoMeshEdge(const RhoDimension *dimension, int i);
double RhoMeshCentre(const RhoDimension *dimension, int i);
double RhoMeshWidth(const RhoDimension *dimension, int i);
double RhoMeshStretch(const RhoDimension *dimension); /* largest width over smallest */
/* Of data[cells], the first dimension fastest: the mean over the volume of the cells where it is finite; NaN: none. */
double RhoMeshMean(const RhoMesh *mesh, const double *data);

/* Plans of transforms.  Estimated ones cost nothing to make and repeat bit for bit, whatever was planned before.
   Measured ones take 0.1 s and more to make, run faster, and what was measured is kept for the next process
   (src/grid/wisdom.c says where); they promise round-off, not bits. */
typedef enum {
  RHO_PLAN_ESTIMATE,
  RHO_PLAN_KNOWN,  /* measured where all of it is known from before, else estimated: costs nothing */
  RHO_PLAN_MEASURE /* measured, what is not known now */
} RhoPlanning;

/* Read only for other layers, but for planning. */
typedef struct RhoGrid_s *RhoGrid;
struct RhoGrid_s {
  MPI_Comm comm;
  PetscMPIInt rank, size;
  RhoMesh mesh;
  PetscInt n[RHO_MAXDIM];   /* cells; 1 in unused dimensions            */
  PetscReal h[RHO_MAXDIM];  /* mean width; 1 in unused dimensions       */
  bool uniform[RHO_MAXDIM]; /* all widths along it are h                */
  PetscReal volume;         /* of a cell in the mean: product of the h  */
  PetscReal *volumes;       /* [nowned] of the owned cells; NULL: all have `volume` */
  PetscInt ncell;           /* in all                                   */
  RhoPlanning planning;     /* of transforms that are not asked for by themselves: estimated until it is set */
  DM da;                    /* dof nfield, box stencil, width halo      */
  PetscInt nfield, halo;
  PetscInt start[RHO_MAXDIM], count[RHO_MAXDIM]; /* owned cells of this rank */
  PetscInt gstart[RHO_MAXDIM],
      gcount[RHO_MAXDIM];    /* with ghosts: halo on both sides of used dimensions, none of unused */
  PetscInt nowned, nghosted; /* products of count, gcount                */
  struct RhoGridPrivate_s *priv;
};

/* Collective.  Every dimension needs at least max(1, halo) cells, the slowest used one on every rank: else
   PETSC_ERR_ARG_SIZ with the numbers that would do in the message. */
PetscErrorCode RhoGridCreate(MPI_Comm comm, const RhoMesh *mesh, PetscInt nfield, PetscInt halo, RhoGrid *grid);
PetscErrorCode RhoGridDestroy(RhoGrid *grid);
/* A DMDA of the same layout with another number of unknowns per cell; destroyed by the caller. */
PetscErrorCode RhoGridCompatible(RhoGrid grid, PetscInt nfield, DM *da);

/* Local (ghosted) vector from a global one: exchange, then cells beyond walls are the mirror image of those inside
   (zero normal derivative; several layers deep).  da: the grid's, or a compatible one.  Collective. */
PetscErrorCode RhoGridGlobalToLocal(RhoGrid grid, DM da, Vec global, Vec local);
/* The ghosts alone, of an array [nghosted*nfield] whose owned cells are set; nfield per cell, any number.  Collective.
 */
PetscErrorCode RhoGridFillGhosts(RhoGrid grid, PetscInt nfield, PetscScalar *ghosted);
/* What stands beyond a wall, for one unknown: its image with zero slope, or as said by value[], one number for every
   cell of the wall's plane (ghosted ranges of the other dimensions, the faster one first); NULL: zero. */
typedef enum {
  RHO_GHOST_EVEN,         /* image + value * distance: value is the derivative along the outward normal */
  RHO_GHOST_ODD,          /* 2 value - image: value at the wall                                         */
  RHO_GHOST_EXTRAPOLATED, /* 2 w - image, w the line through the first two cells                        */
  RHO_GHOST_ZERO
} RhoGhostKind;
typedef struct {
  RhoGhostKind kind;
  const PetscReal *value;
} RhoGhostRule;
/* The same with rule[nfield][RHO_MAXDIM][2] (sides from, to) at walls; NULL: all EVEN, zero. */
PetscErrorCode RhoGridFillGhostsBy(RhoGrid grid, PetscInt nfield, const RhoGhostRule *rule, PetscScalar *ghosted);
PetscErrorCode RhoGridGlobalToLocalBy(RhoGrid grid, DM da, const RhoGhostRule *rule, Vec global, Vec local);
/* The same, but for owned cells that no ghost is made of: only the outermost layers along each dimension, as many as
   there are ghosts and two at least, are copied, the others left as they are. */
PetscErrorCode RhoGridFrameBy(RhoGrid grid, DM da, const RhoGhostRule *rule, Vec global, Vec local);
/* Cell centres along dimension d, for the ghosted range: x[gcount[d]]; beyond walls the mirrored coordinate,
   across periodic sides the coordinate of the image inside; 0 along unused dimensions. */
const PetscReal *RhoGridCoordinate(RhoGrid grid, int d);
/* Widths of the cells, [gcount[d]]: of a ghost the width of the cell inside that it is an image of; 1 along unused
   dimensions. */
const PetscReal *RhoGridWidth(RhoGrid grid, int d);
/* From the centre of cell p to that of p + 1, [gcount[d]] (the last one: within the cell); images keep their widths. */
const PetscReal *RhoGridDistance(RhoGrid grid, int d);
/* Are the cells of all dimensions of equal widths? */
bool RhoGridUniform(RhoGrid grid);

/* ---- transforms: the eigenvectors of every even constant-coefficient operator on this grid -------------------------

   All dimensions periodic: real-to-complex FFT.  Otherwise real-to-real: halfcomplex along periodic dimensions, DCT-II
   along walls (even extension).  Either way an even operator is a multiplication of spectrum entry m by a real number
   that depends on (|q_x|, |q_y|, |q_z|) of that entry.

   The order of the entries is the transform's own; the tables below say what they are.  With estimated plans an entry
   has the same bits on any number of ranks.  1-D on several ranks: the whole spectrum lives on every rank, each with
   all its modes. */
typedef struct RhoTransform_s *RhoTransform;

/* Collective, as all that follow but the tables.  The grid must outlive the transform. */
PetscErrorCode RhoTransformCreate(RhoGrid grid, RhoPlanning planning, RhoTransform *transform);
PetscErrorCode RhoTransformDestroy(RhoTransform *transform);
/* Which plans it has: RHO_PLAN_ESTIMATE or RHO_PLAN_MEASURE, the same on all ranks. */
RhoPlanning RhoTransformPlanning(RhoTransform t);
/* Entries of the local spectrum: nmode (0 on some ranks, possibly) of width doubles each (2: complex, 1: real).
   qx[nmode] ...: |wavenumber| along each dimension, 2 pi k/L on periodic and pi k/L between walls, 0 along unused ones;
   owned by the transform.  Any pointer may be NULL. */
PetscErrorCode RhoTransformModes(RhoTransform t, PetscInt *nmode, PetscInt *width, const PetscReal **qx,
                                 const PetscReal **qy, const PetscReal **qz);
/* k[nmode]: the signed wavenumber along d, 0 where an even number of cells makes its sign undefined (Nyquist), for odd
   operators: the derivative multiplies by i k.  Width 2 only, else PETSC_ERR_SUP. */
PetscErrorCode RhoTransformSigned(RhoTransform t, int d, const PetscReal **k);
/* weight[nmode], so that (Parseval)  sum over cells of u v = scale * sum over ranks and modes of weight Re(U conj V):
   2 where an entry stands for two waves, 1/2 per wall dimension with k = 0, 0 on all ranks but one in replicated 1-D.
 */
PetscErrorCode RhoTransformWeight(RhoTransform t, const PetscReal **weight);
/* Backward(Forward(u)) = u / scale: fold the scale (1 over the number of cells, 1/2 more per wall dimension) into the
   factors. */
PetscReal RhoTransformScale(RhoTransform t);
/* Loops over modes may go by whole chunks: the room of nmode modes. */
enum { RHO_MODE_CHUNK = 32 };
#define RhoModesPitch(nmode) (((nmode) + RHO_MODE_CHUNK - 1) / RHO_MODE_CHUNK * RHO_MODE_CHUNK)
/* Allocates spectrum[nmode*width], zeroed, aligned and with the room that the transform needs behind it, at least that
   of whole chunks: only arrays from here may be transformed. */
PetscErrorCode RhoTransformSpectrum(RhoTransform t, PetscScalar **spectrum);
PetscErrorCode RhoTransformFreeSpectrum(RhoTransform t, PetscScalar **spectrum);
/* cells: owned cells, cell p at cells[p*stride].  Allocates nothing. */
PetscErrorCode RhoTransformForward(RhoTransform t, const PetscScalar *cells, PetscInt stride, PetscScalar *spectrum);
/* Destroys the spectrum. */
PetscErrorCode RhoTransformBackward(RhoTransform t, PetscScalar *spectrum, PetscScalar *cells, PetscInt stride);
/* The same for nfield fields at once, cell p of field f at cells[p*nfield + f], each with a spectrum of its own: bit
   for bit what one call for each gives, in one pass over the cells. */
PetscErrorCode RhoTransformForwardAll(RhoTransform t, int nfield, const PetscScalar *cells,
                                      PetscScalar *const *spectrum);
PetscErrorCode RhoTransformBackwardAll(RhoTransform t, int nfield, PetscScalar *const *spectrum, PetscScalar *cells);
/* The same in two parts: within slabs of cells, and across them, along the slowest dimension, with the exchange between
   ranks.  What is done at the cells between a transform back and one forth can so be done to a few slabs at a time,
   which are in the cache then:  BackwardAcross;  BackwardWithin, ForwardWithin of some slabs, and of the next;
   ForwardAcross.

   nslab slabs of ncell owned cells each, in the order of the cells; few: so many at a time are worth while.  1-D: one
   of all cells, so that Within is collective there, too. */
void RhoTransformSlabs(RhoTransform t, PetscInt *nslab, PetscInt *ncell, PetscInt *few);
/* In place: the spectrum becomes half. */
PetscErrorCode RhoTransformBackwardAcross(RhoTransform t, PetscScalar *spectrum);
/* n slabs from first on, of nfield fields, cell p of field f at cells[p*nfield + f], p counted from the first cell of
   these slabs; Backward's cells times the scale; destroys that part of half[nfield]. */
PetscErrorCode RhoTransformBackwardWithin(RhoTransform t, PetscInt first, PetscInt n, int nfield, PetscReal scale,
                                          PetscScalar *const *half, PetscScalar *cells);
PetscErrorCode RhoTransformForwardWithin(RhoTransform t, PetscInt first, PetscInt n, int nfield,
                                         const PetscScalar *cells, PetscScalar *const *half);
/* In place: half becomes the spectrum. */
PetscErrorCode RhoTransformForwardAcross(RhoTransform t, PetscScalar *half);
/* product[m] = factor[m]*spectrum[m], width doubles each; in place allowed. */
void RhoTransformScaleModes(RhoTransform t, const PetscReal *factor, const PetscScalar *spectrum, PetscScalar *product);

#endif
