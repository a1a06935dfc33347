/* start.c - starting and ending MPI and PETSc, and what becomes of their errors.

   A single process under Open MPI starts in 0.05 s instead of 0.34 s when it looks for no partners, and at no devices.
   All such processes would have one session folder, which those that end take away from those that start: so they have
   none.

   PETSc's errors are kept by a handler of ours and printed as one sentence; --debug leaves PETSc's own handler, with
   the whole trace. */
#include "cli_private.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool FromEnvironment(const char *name, PetscMPIInt *value) {
  const char *text = getenv(name);
  if (text) *value = (PetscMPIInt)strtol(text, NULL, 10);
  return text != NULL;
}

void rho_launched(PetscMPIInt *rank, PetscMPIInt *nrank) {
  static const char *const names[][2] = {
      {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, {"PMI_RANK", "PMI_SIZE"}, {"PMIX_RANK", "SLURM_NTASKS"}};
  *rank = 0;
  *nrank = 1;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    if (!FromEnvironment(names[k][0], rank)) continue;
    if (!FromEnvironment(names[k][1], nrank)) *nrank = 2;
    return;
  }
}

/* What the user has set stays. */
static void SetEnvironment(bool launched) {
  setenv("OMP_NUM_THREADS", "1", 0);
  if (launched) return;
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
  setenv("OMPI_MCA_btl", "self,vader", 0);
  setenv("OMPI_MCA_pml", "ob1", 0);
  setenv("HWLOC_COMPONENTS", "-pci,-linuxio", 0);
}

static const char *BaseName(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static PetscErrorCode KeepError(MPI_Comm comm, int line, const char *function, const char *file, PetscErrorCode code,
                                PetscErrorType type, const char *message, void *ctx) {
  RhoCli *cli = ctx;
  const char *kind = NULL;
  (void)comm;
  if (type != PETSC_ERROR_INITIAL) return code;
  (void)PetscErrorMessage(code, &kind, NULL);
  bool said = message && message[strspn(message, " \n")];
  snprintf(cli->failure, sizeof cli->failure, "%s", said ? message : kind ? kind : "");
  snprintf(cli->where, sizeof cli->where, "\n  (%s%serror %d, in %s, %s:%d)", said && kind ? kind : "",
           said && kind ? ", " : "", (int)code, function, BaseName(file), line);
  return code;
}

void rho_errors_keep(RhoCli *cli) {
  if (!rho_given(cli, RHO_OPT_DEBUG)) (void)PetscPushErrorHandler(KeepError, cli);
}

void rho_errors_release(const RhoCli *cli) {
  if (!rho_given(cli, RHO_OPT_DEBUG)) (void)PetscPopErrorHandler();
}

static PetscErrorCode Initialise(RhoCli *cli) {
  int argc = cli->npetsc + 1;
  char **argv = RhoArenaAlloc(cli->arena, ((size_t)argc + 1) * sizeof *argv);
  argv[0] = cli->argv[0];
  for (int k = 0; k < cli->npetsc; k++) argv[k + 1] = cli->petsc[k];
  rho_errors_keep(cli);
  PetscCall(PetscOptionsSetValue(NULL, "-no_signal_handler", NULL));
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  cli->run = PETSC_COMM_WORLD;
  PetscCallMPI(MPI_Comm_dup(cli->run, &cli->comm));
  PetscCallMPI(MPI_Comm_rank(cli->comm, &cli->rank));
  PetscCallMPI(MPI_Comm_size(cli->comm, &cli->nrank));
  return 0;
}

int rho_start(RhoCli *cli) {
  if (cli->started) return RHO_EXIT_DONE;
  SetEnvironment(cli->nrank > 1);
  if (Initialise(cli)) {
    if (cli->rank == 0) fprintf(stderr, "rhoflux: PETSc does not start: %s\n", cli->failure);
    return RHO_EXIT_FAILED;
  }
  cli->started = true;
  return RHO_EXIT_DONE;
}

int rho_agree(const RhoCli *cli, int status) {
  if (cli->started && cli->nrank > 1) (void)MPI_Allreduce(MPI_IN_PLACE, &status, 1, MPI_INT, MPI_MAX, cli->comm);
  return status;
}

/* A misspelt option behind `--` would otherwise do nothing, silently. */
static void ReportUnused(const RhoCli *cli) {
  PetscInt n = 0;
  char **name = NULL, **value = NULL;
  if (cli->rank || !cli->npetsc || PetscOptionsLeftGet(NULL, &n, &name, &value)) return;
  for (PetscInt k = 0; k < n; k++) fprintf(stderr, "rhoflux: no solver has used the option -%s\n", name[k]);
  (void)PetscOptionsLeftRestore(NULL, &n, &name, &value);
}

int rho_finish(RhoCli *cli, int status) {
  if (!cli->started) return status;
  status = rho_agree(cli, status);
  if (status == RHO_EXIT_DONE) ReportUnused(cli);
  cli->started = false;
  if (MPI_Comm_free(&cli->comm) || PetscFinalize()) return status ? status : RHO_EXIT_FAILED;
  return status;
}

/* Do all ranks come here within some seconds?  Those that do not may wait for this one in another call. */
static bool AllHere(const RhoCli *cli) {
  const struct timespec pause = {0, 10000000};
  MPI_Request request;
  int here = 0;
  if (MPI_Ibarrier(cli->comm, &request)) return false;
  for (int k = 0; k < 500; k++) {
    if (MPI_Test(&request, &here, MPI_STATUS_IGNORE) || here) break;
    nanosleep(&pause, NULL);
  }
  return here;
}

int rho_petsc_failed(RhoCli *cli, int status) {
  const char *said = *cli->failure ? cli->failure : "the computation failed";
  const char *where = status == RHO_EXIT_INPUT ? "" : cli->where; /* a mistake of the user's is not in our code */
  bool together = cli->nrank == 1 || AllHere(cli);
  if (!together) {
    fprintf(cli->err, "rhoflux: on rank %d: %s%s\n", (int)cli->rank, said, where);
    MPI_Abort(cli->comm, status);
  }
  if (cli->rank == 0) fprintf(cli->err, "rhoflux: %s%s\n", said, where);
  return status;
}

int rho_write_failed(RhoCli *cli, PetscErrorCode code) {
  return rho_petsc_failed(cli, code == PETSC_ERR_FILE_OPEN ? RHO_EXIT_INPUT : RHO_EXIT_FAILED);
}
