/* io.h - results: HDF5 snapshots, their index, scalar series, provenance; initial states from files.
   Layer io (uses grid, model; HDF5).  The layout: models/README.md, "Results".

   A result NAME is
     NAME.h5            the index: opened by h5py, xarray, `rhoflux plot`; written aside and renamed at each output.
                        /time [nt], /x /y ... (dimension scales, cell centres), one virtual dataset per field [nt, (nz, ny,) nx] over
                        the snapshot files, /series/NAME [ns] over /series/time, attributes = provenance
     NAME.d/000000.h5   one snapshot per output, complete in itself (time, scales, fields), written aside and renamed
     NAME.xdmf          for ParaView, over the snapshot files
   So a run killed at any moment leaves a readable result up to its last whole output. */
#ifndef RHOFLUX_IO_H
#define RHOFLUX_IO_H
#include "rhoflux/grid.h"

typedef struct RhoResult_s *RhoResult;

/* A named scalar per output time or step: totals, free energy, extrema, steps, iterations. */
typedef struct {
  const char *name; /* "total(rho[a])" */
  const char *what; /* a sentence, stored as attribute */
} RhoSeries;

typedef struct {
  const char *name, *what; /* attribute of the index file: "model_text", "rhoflux_version", ... */
} RhoProvenance;

/* Starts a result at path (with or without .h5); an existing result of that name is replaced only when overwrite.
   names[nfield]: of the fields; nderived: further cell arrays (derived formulas) written with each snapshot.
   Collective; files are written by rank 0. */
PetscErrorCode RhoResultCreate(RhoGrid grid, const char *path, PetscBool overwrite, int nname, const char *const *name,
                               int nseries, const RhoSeries *series, int nprovenance, const RhoProvenance *provenance,
                               RhoResult *result);
/* Writes one snapshot and the index.  cells: global vector(s) of a compatible DMDA with nname unknowns per cell; value[nseries] at
   this time.  Refuses (PETSC_ERR_FP) a state with NaN or infinity; the files before stay whole. */
PetscErrorCode RhoResultWrite(RhoResult result, PetscReal time, DM da, Vec cells, const PetscReal *value);
/* Adds a line to the series between snapshots (kept in memory until the next index). */
PetscErrorCode RhoResultSeries(RhoResult result, PetscReal time, const PetscReal *value);
PetscErrorCode RhoResultDestroy(RhoResult *result); /* writes the last index */

/* Fields of a result or of a plain dataset, put on the grid: cells must subdivide or merge exactly (every dimension by
   an integer factor); sums are conserved to round-off. */

/* time: the output nearest to it; PETSC_INFINITY: the last.  found: its time. */
PetscErrorCode RhoResultRead(RhoGrid grid, const char *path, PetscReal time, int nfield, const char *const *name,
                             Vec cells, PetscReal *found);
/* A dataset with leading indices fixed, index[nindex] (negative: from the end; average over [average_from, end) of the first
   index when average_from >= 0 instead), the remaining ones being the cells in order (x) / (x, y) / (x, y, z): order[] as in
   h5py's shape, first dimension slowest when xfirst.  Reasons why it does not fit are reported through diag at place. */
typedef struct {
  const char *file, *dataset;
  int nindex, index[4];
  PetscReal from_fraction; /* >= 0: average over the last part of the first index from this fraction on */
  PetscBool xfirst;        /* the dataset's remaining shape is [nx, ny, nz] (particle files) rather than [nz, ny, nx] */
  RhoPlace place;
} RhoDataset;
PetscErrorCode RhoDatasetRead(RhoGrid grid, RhoDiag diag, const RhoDataset *dataset, int field, Vec cells, PetscBool *ok);

#endif
