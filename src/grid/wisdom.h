/* wisdom.h - measured plans of FFTW, kept from one process to the next. */
#ifndef RHOFLUX_WISDOM_H
#define RHOFLUX_WISDOM_H
#include "grid_private.h"

typedef struct {
  char *before; /* what the process knew: malloc'ed by FFTW */
  char *known;  /* what it knew after begin, if anything was loaded: malloc'ed */
} RhoWisdom;

/* Between begin and end FFTW knows what the file says (load) or nothing, so that a plan depends on nothing the process
   planned before; afterwards it knows what it knew.  end(keep): what was found out in between goes into the file.
   A cache that is missing, damaged, of another machine or not to be written is as good as none: never an error.
   Collective. */
PetscErrorCode rho_wisdom_begin(MPI_Comm comm, bool load, RhoWisdom *wisdom);
/* Every rank knows what this one found out. */
PetscErrorCode rho_wisdom_share(MPI_Comm comm, PetscMPIInt from);
PetscErrorCode rho_wisdom_end(MPI_Comm comm, bool keep, RhoWisdom *wisdom);
/* The file of this machine: false if there is to be none.  room is the length of path. */
bool rho_wisdom_path(size_t room, char *path);

#endif
