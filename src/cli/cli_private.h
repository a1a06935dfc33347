/* cli_private.h - what the files of layer cli share: the command line, exit statuses, starting PETSc, JSON.

   Two arenas, because functions that set an arena's guard (base.h) leave it set to a frame that has ended: `files` is
   handed to them; `arena` is this layer's own, has no guard, and running out of it ends the program. */
#ifndef RHO_CLI_PRIVATE_H
#define RHO_CLI_PRIVATE_H
#include "rhoflux/io.h"
#include <petscsys.h>

enum { RHO_EXIT_DONE = 0, RHO_EXIT_FAILED = 1, RHO_EXIT_INPUT = 2 };

typedef enum {
#define RHO_OPTION(id, name, argument, repeatable, help) RHO_OPT_##id,
#include "options.def"
#undef RHO_OPTION
  RHO_OPT_COUNT
} RhoOptionId;
#define RHO_TAKES(id) (1ull << RHO_OPT_##id)

typedef struct {
  const char *name, *argument, *help;
  bool repeatable;
} RhoOption;
extern const RhoOption rho_option[RHO_OPT_COUNT];

typedef struct RhoCli_s RhoCli;

typedef struct {
  const char *name, *argument, *summary;
  int least, most;
  unsigned long long options;
  int (*run)(RhoCli *cli); /* returns the exit status */
} RhoVerb;
extern const RhoVerb rho_verb[];
extern const int rho_nverb;

/* The values of an option, in the order given. */
typedef struct {
  int n, capacity;
  const char **value;
} RhoGiven;

struct RhoCli_s {
  RhoArena arena, files;
  RhoDiag diag;
  const RhoVerb *verb;
  int argc;
  char **argv;
  int nargument, argumentcapacity;
  const char **argument;
  const char *value[RHO_OPT_COUNT]; /* NULL: not given; the last one given otherwise */
  RhoGiven given[RHO_OPT_COUNT];    /* all of them */
  int npetsc;                       /* behind `--` */
  char **petsc;
  PetscMPIInt rank, nrank; /* of MPI, or as the launcher said; 0 and 1 without */
  bool started;            /* PETSc is up */
  MPI_Comm comm;           /* then: of all ranks, for agreeing on statuses alone */
  MPI_Comm run;            /* and what grids are made on */
  FILE *err;               /* where what is wrong is said */
  bool temporary;          /* nobody goes on with the result of a run */
  char failure[1280];      /* what the last failing PETSc call said, and where it failed */
  char where[256];
};

static inline bool rho_given(const RhoCli *cli, RhoOptionId option) { return cli->value[option] != NULL; }
/* Whether this process prints: the first rank, and for what is not an error, not with --quiet or --json. */
static inline bool rho_speaks(const RhoCli *cli) {
  return cli->rank == 0 && !rho_given(cli, RHO_OPT_QUIET) && !rho_given(cli, RHO_OPT_JSON);
}

/* ---- options.c, help.c ---- */

/* Fills cli from argv.  0, or RHO_EXIT_INPUT after printing what is wrong. */
int rho_options_read(RhoCli *cli);
/* "rhoflux: message" on standard error, on the first rank; returns RHO_EXIT_INPUT. */
int rho_refuse(const RhoCli *cli, const char *format, ...) RHO_PRINTF(2, 3);
/* The number above 0, or the whole number from least to most, that an option has; not given: *value stays.  False after
   rho_refuse. */
bool rho_option_number(const RhoCli *cli, RhoOptionId option, double *value);
bool rho_option_count(const RhoCli *cli, RhoOptionId option, int least, int most, int *count);
/* Any finite number; not given: NaN. */
bool rho_option_time(const RhoCli *cli, RhoOptionId option, double *value);
/* The parts between commas; not given: none. */
int rho_option_list(const RhoCli *cli, RhoOptionId option, const char ***list);
/* The same, of names: none is missing and none there twice.  False after rho_refuse. */
bool rho_option_names(const RhoCli *cli, RhoOptionId option, int *n, const char ***name);
void rho_help(FILE *stream);
void rho_help_verb(const RhoVerb *verb, FILE *stream);
void rho_version(FILE *stream);
/* Names and versions of this program and of the libraries it runs with: n rows, in the arena. */
typedef struct {
  const char *name, *version;
} RhoVersion;
enum { RHO_VERSIONS = 6 };
int rho_versions(RhoArena arena, const RhoVersion **version);
/* The same as texts of a result, NAME_version: list[RHO_VERSIONS]. */
int rho_versions_provenance(RhoArena arena, RhoProvenance *list);

/* ---- start.c ---- */

/* Which rank of how many a launcher (mpirun, srun) made of this process, by its environment; 2 ranks when it does not
   say; 0 of 1 without a launcher. */
void rho_launched(PetscMPIInt *rank, PetscMPIInt *nrank);
/* Starts PETSc (and so MPI) once; RHO_EXIT_FAILED after printing why not. */
int rho_start(RhoCli *cli);
/* From here to the release the first failing PETSc call is kept for rho_petsc_failed of this command line. */
void rho_errors_keep(RhoCli *cli);
void rho_errors_release(const RhoCli *cli);
/* Ends it; status is returned, or RHO_EXIT_FAILED.  Collective when started. */
int rho_finish(RhoCli *cli, int status);
/* The largest status of all ranks, collective when started: no rank goes on when another must not. */
int rho_agree(const RhoCli *cli, int status);
/* What to do after a failing PETSc call, on the ranks where it failed: prints the message once, ends all ranks when
   only some have failed.  Returns status. */
int rho_petsc_failed(RhoCli *cli, int status);
/* The same after a file could not be written: where it can not be made, that is a mistake of the user's. */
int rho_write_failed(RhoCli *cli, PetscErrorCode code);

/* ---- report.c ---- */

/* Prints the reports collected (on the first rank; as JSON on standard output with --json when there are errors).
   RHO_EXIT_INPUT when there are errors. */
int rho_report(const RhoCli *cli);

/* ---- paths.c ---- */

/* A path as it is when absolute or when folder is "", else below folder. */
const char *rho_path_join(RhoArena arena, const char *folder, const char *path);
/* "a/b/" of "a/b/c.yaml"; "" of "c.yaml". */
const char *rho_path_folder(RhoArena arena, const char *path);
bool rho_path_is_file(const char *path);
bool rho_path_is_folder(const char *path);
/* The names, without ending, of the files NAME.ending in the folder share/rhoflux/FOLDER, in alphabetical order. */
int rho_path_list(RhoArena arena, const char *folder, const char *ending, const char ***name);
/* The file share/rhoflux/NAME of this installation or build tree; NULL when there is none. */
const char *rho_path_shared(RhoArena arena, const char *name);

/* ---- result_place.c ---- */

/* NAME.h5 of the result NAME or NAME.h5. */
const char *rho_result_path(const RhoCli *cli, const char *name);
/* 0 when it can be written; else says why not: a result that is there needs --overwrite, unless the run goes on with
   it. otherwise: what else can be done, for the message. */
int rho_result_place(const RhoCli *cli, const char *name, bool goes_on, const char *otherwise);

/* ---- mesh_file.c ---- */

/* The mesh file `name` below folder, or else one of those that come with the program.  RHO_INPUT after reports. */
RhoStatus rho_mesh_load(RhoCli *cli, const char *folder, const char *name, RhoMesh *mesh);

/* ---- json.c: one object, written in a straight line ---- */

typedef struct {
  FILE *stream;
  bool first; /* nothing written yet at this level */
} RhoJson;

void rho_json_open(RhoJson *json, const char *key, char bracket); /* key NULL: an item, or the outermost */
void rho_json_close(RhoJson *json, char bracket);
void rho_json_text(RhoJson *json, const char *key, const char *text); /* NULL text: null */
void rho_json_number(RhoJson *json, const char *key, double value);   /* not finite: null */
void rho_json_bool(RhoJson *json, const char *key, bool value);

#endif
