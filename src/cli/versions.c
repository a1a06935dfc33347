/* versions.c - which libraries this process runs with, as they say themselves; needs neither MPI nor PETSc started. */
#include "cli_private.h"
#include <fftw3.h>
#include <hdf5.h>
#include <petscsys.h>
#include <string.h>
#include <yaml.h>

static const char *Petsc(RhoArena arena) {
  char text[256] = "";
  (void)PetscGetVersion(text, sizeof text);
  const char *number = strpbrk(text, "0123456789");
  return number ? RhoArenaString(arena, number, strcspn(number, ", ")) : "?";
}

static const char *Hdf5(RhoArena arena) {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return RhoArenaPrint(arena, "%u.%u.%u", major, minor, release);
}

/* The first line, up to a comma: "Open MPI v4.1.4". */
static const char *Mpi(RhoArena arena) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int nbyte = 0;
  if (MPI_Get_library_version(text, &nbyte)) return "?";
  return RhoArenaString(arena, text, strcspn(text, ",\n"));
}

int rho_versions(RhoArena arena, const RhoVersion **version) {
  RhoVersion *list = RhoArenaAlloc(arena, RHO_VERSIONS * sizeof *list);
  const char *fftw = strchr(fftw_version, '-');
  list[0] = (RhoVersion){"rhoflux", RHO_VERSION};
  list[1] = (RhoVersion){"PETSc", Petsc(arena)};
  list[2] = (RhoVersion){"HDF5", Hdf5(arena)};
  list[3] = (RhoVersion){"FFTW", fftw ? fftw + 1 : fftw_version};
  list[4] = (RhoVersion){"libyaml", yaml_get_version_string()};
  list[5] = (RhoVersion){"MPI", Mpi(arena)};
  *version = list;
  return RHO_VERSIONS;
}

int rho_versions_provenance(RhoArena arena, RhoProvenance *list) {
  const RhoVersion *version;
  int n = rho_versions(arena, &version);
  for (int k = 0; k < n; k++)
    list[k] = (RhoProvenance){RhoArenaPrint(arena, "%s_version", version[k].name), version[k].version};
  return n;
}
