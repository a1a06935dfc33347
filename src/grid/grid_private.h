/* grid_private.h - what the files of layer grid share. */
#ifndef RHOFLUX_GRID_PRIVATE_H
#define RHOFLUX_GRID_PRIVATE_H
#include "rhoflux/grid.h"

/* One layer of ghosts that this rank fills from its own cells: indices in the ghosted range along one dimension. */
typedef struct {
  PetscInt to, from;
} RhoLayer;

typedef enum { RHO_BELOW, RHO_ABOVE } RhoSide;

/* MPI types of the slabs sent to and received from the two neighbours, in a ghosted array of nfield per cell. */
typedef struct RhoSlabs_s *RhoSlabs;
struct RhoSlabs_s {
  PetscInt nfield;
  MPI_Datatype send[2], receive[2];
  RhoSlabs next;
};

struct RhoGridPrivate_s {
  int split;                /* the dimension that ranks share in slabs: the slowest used one */
  PetscMPIInt neighbour[2]; /* along it, MPI_PROC_NULL where this rank fills its own ghosts  */
  PetscMPIInt tag[2];       /* of messages to the rank below, above                          */
  PetscInt nlayer[RHO_MAXDIM];
  RhoLayer *layer[RHO_MAXDIM];
  RhoSlabs slabs;
  PetscReal *x[RHO_MAXDIM], *width[RHO_MAXDIM], *distance[RHO_MAXDIM]; /* [gcount] */
};

/* share.c: refuses what no DMDA can hold; the part of n that a rank gets. */
PetscErrorCode rho_share_check(MPI_Comm comm, const RhoMesh *mesh, PetscInt halo);
PetscInt rho_share_count(PetscInt n, PetscInt nrank, PetscInt rank);

/* spacing.c: the edges of a dimension, whose name, from, to and ncell are set, from the value of `spacing:`; false
   after a report.  The list or file {edges: ...} of a spacing, or NULL: it gives from, to and ncell as well. */
bool rho_spacing_read(RhoArena arena, RhoDiag diag, const RhoYaml *spacing, RhoDimension *d);
const RhoYaml *rho_spacing_edges(const RhoYaml *spacing);
bool rho_spacing_read_edges(RhoArena arena, RhoDiag diag, const RhoYaml *edges, RhoDimension *d);

/* halo.c */
PetscErrorCode rho_halo_create(RhoGrid grid);
PetscErrorCode rho_halo_destroy(RhoGrid grid);
/* Do the ghosts on this side come from another rank? */
bool rho_halo_receives(const RhoGrid grid, int d, RhoSide side);
/* images.c: the ghosts along d that are images of own cells; those along faster dimensions are there. */
PetscErrorCode rho_images_fill(RhoGrid grid, PetscInt nfield, const RhoGhostRule *rule, int d, PetscScalar *w);
/* The cell inside the mesh whose value stands at cell i along dimension d, -halo <= i < n + halo. */
PetscInt rho_inside(const RhoGrid grid, int d, PetscInt i);

#endif
