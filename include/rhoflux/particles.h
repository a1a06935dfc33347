/* particles.h - files of particles, and densities made of them: a particle run becomes a result like any other.
   Layer particles (uses io, grid; HDF5).  Theory: src/README.md, "Particles".

   A file is read frame after frame, each in pieces, so that memory does not grow with particles or frames.  What is
   wrong in it is reported with its line. */
#ifndef RHOFLUX_PARTICLES_H
#define RHOFLUX_PARTICLES_H
#include "rhoflux/io.h"

/* ---- reading: the calling process alone, no MPI ------------------------------------------------------------------ */

/* Particles that make one field together. */
typedef struct {
  const char *name;        /* of the field, "rho[A]"; NULL: these particles are left out     */
  int ntype;               /* 0: particles of all types                                      */
  const char *const *type; /* [ntype] as the file calls them: "1", "Ar"; each one once in all */
} RhoSpecies;

typedef struct {
  long long step; /* of the particle run; -1: not said                  */
  double time;    /* NaN: not said                                      */
  long long nparticle;
  double from[3], to[3]; /* the box along x, y, z; NaN: none             */
  bool periodic[3];
} RhoParticleFrame;

typedef struct {
  double x[3]; /* as in the file, maybe outside a periodic box; 0 where not wanted */
  int field;   /* counted over the species with a name; -1: left out                */
} RhoParticle;

typedef struct RhoParticles_s *RhoParticles;

/* Opens a file, of a format recognised by its first bytes (src/particles/formats.def), to be read for the coordinates
   that the mesh has and for these species; species NULL: no types are looked at, all particles are of field 0.
   *particles lives in the arena, keeps mesh and species, and is to be closed.  RHO_INPUT: reported, *particles NULL. */
RhoStatus RhoParticlesOpen(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, const RhoMesh *mesh,
                           int nspecies, const RhoSpecies *species, RhoParticles *particles);
/* Goes to the next frame, past what is left of this one; *frame NULL behind the last.  *frame is valid until the next
   call.  Reports a box that is not the mesh's along its periodic dimensions, or changes there. */
RhoStatus RhoParticlesNext(RhoParticles particles, RhoDiag diag, const RhoParticleFrame **frame);
/* The next particles of the frame, at most `most`: particle[*n], in the order of the file; *n 0 behind the last.
   Reports particles beyond walls of the mesh, and those of no species. */
RhoStatus RhoParticlesRead(RhoParticles particles, RhoDiag diag, int most, RhoParticle *particle, int *n);
/* The place of the head of the frame; nowhere in files that are not text. */
RhoPlace RhoParticlesHeadPlace(RhoParticles particles, RhoDiag diag);
const char *RhoParticlesPath(RhoParticles particles);
const char *RhoParticlesFormat(RhoParticles particles); /* "LAMMPS text dump" */
void RhoParticlesClose(RhoParticles *particles);

/* ---- deposit: the density of one particle on the cells of a grid ---------------------------------------------------
 */

typedef enum {
#define RHO_DEPOSIT(id, name, reach, sampled, along, row) RHO_DEPOSIT_##id,
#include "rhoflux/deposits.def"
#undef RHO_DEPOSIT
  RHO_DEPOSIT_METHOD_COUNT
} RhoDepositMethod;

/* "count", "cic", "kernel:0.5": the method and its width, 0 for those that have none.  False: none of them. */
bool RhoDepositParse(const char *text, RhoDepositMethod *method, double *width);

typedef struct RhoDeposit_s *RhoDeposit;

/* Keeps the grid.  PETSC_ERR_ARG_OUTOFRANGE: a width below that of a cell. */
PetscErrorCode RhoDepositCreate(RhoGrid grid, RhoDepositMethod method, double width, RhoDeposit *deposit);
PetscErrorCode RhoDepositDestroy(RhoDeposit *deposit);
/* Adds weight particles at x to unknown `field` of the owned cells, cells[nowned*nfield]: densities, so that the sum
   over all cells of density times volume grows by weight, whatever the method. x [in] one coordinate per dimension of
   the mesh, inside it; periodic ones anywhere Not collective; allocates nothing.  Every rank gives all particles; in
   which order they come is the only thing that the bits depend on. */
void RhoDepositAdd(RhoDeposit deposit, double weight, const double *x, PetscInt nfield, PetscInt field,
                   PetscScalar *cells);

/* ---- coarse-graining -----------------------------------------------------------------------------------------------
 */

typedef struct {
  RhoDepositMethod method;
  double width;
  double omega;     /* densities count particles per this volume: 1                    */
  double time_step; /* time of one step of the particle run; NaN: the times of the file, else its steps, else the number
                       of the frame                                                    */
  int every;        /* frames that are averaged into one output                        */
} RhoCoarsenOptions;
void RhoCoarsenDefaults(RhoCoarsenOptions *options);

/* One output. */
typedef struct {
  double time;          /* mean of its frames                                  */
  const double *number; /* [nfield] mean number of particles, divided by omega */
} RhoCoarsened;

typedef struct RhoCoarsen_s *RhoCoarsen;

/* particles: on rank 0, else NULL; keeps both, and the grid, of one unknown per named species.  Collective, as what
   follows.  PETSC_ERR_ARG_OUTOFRANGE: as RhoDepositCreate. */
PetscErrorCode RhoCoarsenCreate(RhoGrid grid, RhoParticles particles, const RhoCoarsenOptions *options,
                                RhoCoarsen *coarsen);
PetscErrorCode RhoCoarsenDestroy(RhoCoarsen *coarsen);
/* The next output; the other coordinates are integrated out.
     cells  [out] global vector of the grid: densities
     output [out] NULL behind the last; valid until the next call.  Frames that do not fill an output are left out
     ok     [out] false on all ranks after a report on rank 0: of the file, or of times that do not grow */
PetscErrorCode RhoCoarsenNext(RhoCoarsen coarsen, RhoDiag diag, Vec cells, const RhoCoarsened **output, bool *ok);
int RhoCoarsenFrames(RhoCoarsen coarsen); /* read until now */

#endif
