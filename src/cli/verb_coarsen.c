/* verb_coarsen.c - `rhoflux coarsen PARTICLES --mesh MESH`: frames of particles -> densities -> result. */
#include "run.h"
#include "rhoflux/particles.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int rho_verb_coarsen(RhoCli *cli);

enum { MOST_FRAMES = 1000000000 }; /* of one output */

typedef struct {
  RhoCli *cli;
  RhoMesh mesh;
  int nspecies, capacity, nfield;
  RhoSpecies *species; /* NULL: all particles make one field */
  const char **field;  /* [nfield]                           */
  RhoCoarsenOptions options;
  const char *output;
  RhoParticles particles; /* of rank 0 */
  const char *format;
  RhoGrid grid;
  RhoCoarsen coarsen;
  RhoResult result;
  Vec cells;
  int noutput, nframe;
  double first, last; /* times of outputs                    */
  bool *seen;         /* [nfield] has had particles           */
  RhoProgress progress;
} Job;

/* ---- the command line ---- */

static bool ReadOptions(Job *job) {
  RhoCli *cli = job->cli;
  const char *method = cli->value[RHO_OPT_METHOD];
  RhoCoarsenDefaults(&job->options);
  if (method && !RhoDepositParse(method, &job->options.method, &job->options.width)) {
    rho_refuse(cli, "--method: '%s' is none of count, cic, kernel:W and gaussian:W, W a width", method);
    return false;
  }
  return rho_option_number(cli, RHO_OPT_TIME_STEP, &job->options.time_step) &&
         rho_option_number(cli, RHO_OPT_OMEGA, &job->options.omega) &&
         rho_option_count(cli, RHO_OPT_EVERY, 1, MOST_FRAMES, &job->options.every);
}

static bool Has(const RhoSpecies *species, const char *type) {
  for (int k = 0; k < species->ntype; k++)
    if (!strcmp(species->type[k], type)) return true;
  return false;
}

static bool IsTaken(const Job *job, const char *type) {
  for (int s = 0; s < job->nspecies; s++)
    if (Has(&job->species[s], type)) return true;
  return false;
}

/* "1,3" */
static bool ReadTypes(Job *job, const char *text, RhoSpecies *species) {
  RhoArena arena = job->cli->arena;
  const char **type = NULL;
  int capacity = 0;
  for (const char *at = text;; at++) {
    size_t n = strcspn(at, ",");
    const char *one = RhoArenaString(arena, at, n);
    if (n == 0 || IsTaken(job, one) || Has(species, one)) {
      rho_refuse(job->cli, n ? "--species: type '%s' is given twice" : "--species: a type is missing in '%s'",
                 n ? one : text);
      return false;
    }
    *RHO_PUSH(arena, type, species->ntype, capacity) = one;
    species->type = type;
    at += n;
    if (!*at) break;
  }
  return true;
}

static bool ReadOneSpecies(Job *job, const char *text) {
  RhoArena arena = job->cli->arena;
  const char *sign = strchr(text, '=');
  RhoSpecies species = {0};
  if (!sign || sign == text || strcspn(text, "[]/\"' ") < (size_t)(sign - text)) {
    rho_refuse(job->cli, "--species: '%s' is not of the form NAME=TYPE", text);
    return false;
  }
  const char *name = RhoArenaString(arena, text, (size_t)(sign - text));
  if (strcmp(name, "none") != 0) species.name = RhoArenaPrint(arena, "rho[%s]", name);
  for (int f = 0; f < job->nfield && species.name; f++)
    if (!strcmp(job->field[f], species.name)) {
      rho_refuse(job->cli, "--species: '%s' is given twice; several types are written %s=1,2", name, name);
      return false;
    }
  if (!ReadTypes(job, sign + 1, &species)) return false;
  *RHO_PUSH(arena, job->species, job->nspecies, job->capacity) = species;
  if (species.name) job->field[job->nfield++] = species.name;
  return true;
}

static bool ReadSpecies(Job *job) {
  const RhoGiven *given = &job->cli->given[RHO_OPT_SPECIES];
  job->field = RhoArenaAlloc(job->cli->arena, ((size_t)given->n + 1) * sizeof *job->field);
  for (int k = 0; k < given->n; k++)
    if (!ReadOneSpecies(job, given->value[k])) return false;
  if (given->n == 0) job->field[job->nfield++] = "rho";
  job->seen = RhoArenaAlloc(job->cli->arena, (size_t)job->nfield * sizeof *job->seen);
  if (job->nfield > 0) return true;
  rho_refuse(job->cli, "--species: all particles are left out");
  return false;
}

/* run.lammpstrj -> run */
static const char *OutputName(const RhoCli *cli) {
  if (rho_given(cli, RHO_OPT_OUTPUT)) return cli->value[RHO_OPT_OUTPUT];
  const char *path = cli->argument[0], *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
  const char *dot = strrchr(base, '.');
  size_t n = dot && dot > base ? (size_t)(dot - base) : strlen(base);
  const char *name = RhoArenaString(cli->arena, base, n);
  return dot && !strcmp(dot, ".h5") ? RhoArenaPrint(cli->arena, "%s-coarse", name) : name;
}

static bool SameFile(const char *a, const char *b) {
  struct stat one, other;
  return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static int ReadCommand(Job *job) {
  RhoCli *cli = job->cli;
  const char *mesh = cli->value[RHO_OPT_MESH];
  if (!mesh) return rho_refuse(cli, "coarsen needs --mesh FILE, the cells of the densities");
  if (!ReadOptions(job) || !ReadSpecies(job)) return RHO_EXIT_INPUT;
  job->output = OutputName(cli);
  if (SameFile(cli->argument[0], rho_result_path(cli, job->output)))
    return rho_refuse(cli, "the result would replace '%s'; --output gives another name", cli->argument[0]);
  RhoStatus status = rho_mesh_load(cli, "", mesh, &job->mesh);
  if (rho_report(cli) || status) return RHO_EXIT_INPUT;
  return rho_result_place(cli, job->output, false, "");
}

/* ---- the result ---- */

enum { PROVENANCE = 4 + RHO_VERSIONS };

static int Provenance(const Job *job, RhoProvenance *list) {
  int n = 0;
  list[n++] = (RhoProvenance){"particles", job->cli->argument[0]};
  list[n++] = (RhoProvenance){"particle_format", job->format};
  list[n++] = (RhoProvenance){"mesh_text", RhoDiagSourceText(job->cli->diag, 0, NULL)};
  list[n++] = (RhoProvenance){"command_line", rho_run_command(job->cli, false)};
  return n + rho_versions_provenance(job->cli->arena, list + n);
}

/* A result that can not be opened is a mistake in the input. */
static PetscErrorCode OpenResult(Job *job, int *failed) {
  RhoArena arena = job->cli->arena;
  RhoProvenance provenance[PROVENANCE];
  RhoResultField *field = RhoArenaAlloc(arena, (size_t)job->nfield * sizeof *field);
  RhoSeries *series = RhoArenaAlloc(arena, (size_t)job->nfield * sizeof *series);
  PetscErrorCode code;
  PetscFunctionBeginUser;
  for (int f = 0; f < job->nfield; f++) {
    field[f] = (RhoResultField){job->field[f], NULL, PETSC_FALSE};
    series[f] = (RhoSeries){RhoArenaPrint(arena, "total(%s)", job->field[f]), "particles, divided by omega"};
  }
  const RhoResultContent content = {job->nfield, job->nfield, Provenance(job, provenance), field, series, provenance};
  code = RhoResultCreate(job->grid, job->output, rho_given(job->cli, RHO_OPT_OVERWRITE), &content, &job->result);
  if (code == PETSC_ERR_FILE_OPEN) *failed = RHO_EXIT_INPUT;
  PetscCall(code);
  PetscFunctionReturn(0);
}

/* ---- what is said ---- */

static void SayProgress(Job *job, const RhoCoarsened *output) {
  char text[160];
  if (!rho_progress_due(&job->progress, false)) return;
  int n = snprintf(text, sizeof text, "frame %d, t = %.6g", RhoCoarsenFrames(job->coarsen), output->time);
  rho_progress_say(&job->progress, text, n);
}

static void PrintJson(const Job *job) {
  RhoJson json = {stdout, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "particles", job->cli->argument[0]);
  rho_json_text(&json, "format", job->format);
  rho_json_text(&json, "result", RhoResultPath(job->result));
  rho_json_number(&json, "frames", job->nframe);
  rho_json_number(&json, "outputs", job->noutput);
  rho_json_number(&json, "from", job->first);
  rho_json_number(&json, "to", job->last);
  rho_json_open(&json, "fields", '[');
  for (int f = 0; f < job->nfield; f++) rho_json_text(&json, NULL, job->field[f]);
  rho_json_close(&json, ']');
  rho_json_number(&json, "seconds", rho_progress_seconds(&job->progress));
  rho_json_close(&json, '}');
  fputc('\n', stdout);
}

static void Conclude(const Job *job) {
  if (job->cli->rank) return;
  if (rho_given(job->cli, RHO_OPT_JSON)) PrintJson(job);
  if (!rho_speaks(job->cli)) return;
  int left = job->nframe - job->noutput * job->options.every;
  fprintf(stderr, "%s: %d frames, %d outputs from t = %.6g to %.6g in %s, %.2f s\n", job->format, job->nframe,
          job->noutput, job->first, job->last, RhoResultPath(job->result), rho_progress_seconds(&job->progress));
  for (int f = 0; f < job->nfield; f++)
    if (!job->seen[f]) fprintf(stderr, "  there are no particles of %s\n", job->field[f]);
  if (left)
    fprintf(stderr, "  the last %d frames do not fill an output of %d and are left out\n", left, job->options.every);
}

/* After a mistake in the file. */
static int Stop(const Job *job) {
  int status = rho_report(job->cli);
  if (job->cli->rank == 0 && job->noutput > 0)
    fprintf(stderr, "rhoflux: outputs before that: %d, in %s\n", job->noutput, RhoResultPath(job->result));
  return status ? status : RHO_EXIT_INPUT;
}

/* ---- all of it ---- */

static PetscErrorCode Write(Job *job, const RhoCoarsened *output, int *failed) {
  PetscFunctionBeginUser;
  if (!job->result) PetscCall(OpenResult(job, failed));
  PetscCall(RhoResultWrite(job->result, output->time, job->cells, output->number));
  if (job->noutput++ == 0) job->first = output->time;
  job->last = output->time;
  for (int f = 0; f < job->nfield; f++) job->seen[f] = job->seen[f] || output->number[f] > 0;
  SayProgress(job, output);
  PetscFunctionReturn(0);
}

static PetscErrorCode Coarsen(Job *job, int *failed) {
  const RhoCoarsened *output;
  bool ok;
  PetscFunctionBeginUser;
  do {
    PetscCall(RhoCoarsenNext(job->coarsen, job->cli->diag, job->cells, &output, &ok));
    if (output) PetscCall(Write(job, output, failed));
  } while (output);
  rho_progress_end(&job->progress);
  job->nframe = RhoCoarsenFrames(job->coarsen);
  if (ok && job->result) {
    Conclude(job);
    *failed = RHO_EXIT_DONE;
  } else if (ok)
    *failed = rho_refuse(job->cli, "'%s' has %d frames, fewer than one output takes (%d)", job->cli->argument[0],
                         job->nframe, job->options.every);
  else *failed = Stop(job);
  PetscFunctionReturn(0);
}

/* A mesh that so many ranks can not share, and a kernel narrower than a cell, are mistakes in the input. */
static PetscErrorCode Make(Job *job, int *failed) {
  PetscErrorCode code;
  PetscFunctionBeginUser;
  code = RhoGridCreate(job->cli->run, &job->mesh, job->nfield, 1, &job->grid);
  if (!code) code = RhoCoarsenCreate(job->grid, job->particles, &job->options, &job->coarsen);
  if (code == PETSC_ERR_ARG_SIZ || code == PETSC_ERR_ARG_OUTOFRANGE) *failed = RHO_EXIT_INPUT;
  PetscCall(code);
  PetscCall(DMCreateGlobalVector(job->grid->da, &job->cells));
  PetscFunctionReturn(0);
}

static PetscErrorCode Run(Job *job, int *failed) {
  PetscFunctionBeginUser;
  PetscCall(Make(job, failed));
  PetscCall(Coarsen(job, failed));
  if (job->result) PetscCall(RhoResultDestroy(&job->result));
  PetscCall(VecDestroy(&job->cells));
  PetscCall(RhoCoarsenDestroy(&job->coarsen));
  PetscCall(RhoGridDestroy(&job->grid));
  PetscFunctionReturn(0);
}

/* What was written before a call of PETSc failed is in the index then. */
static int Failed(Job *job, int failed) {
  int status = rho_petsc_failed(job->cli, failed);
  if (job->result) (void)RhoResultDestroy(&job->result);
  return status;
}

static int OpenParticles(Job *job) {
  RhoCli *cli = job->cli;
  if (cli->rank) return RHO_EXIT_DONE;
  RhoStatus status = RhoParticlesOpen(cli->files, cli->diag, RHO_NOWHERE, cli->argument[0], &job->mesh, job->nspecies,
                                      job->species, &job->particles);
  if (job->particles) job->format = RhoParticlesFormat(job->particles);
  if (rho_report(cli) || status) return status == RHO_NOMEM ? RHO_EXIT_FAILED : RHO_EXIT_INPUT;
  return RHO_EXIT_DONE;
}

int rho_verb_coarsen(RhoCli *cli) {
  Job job = {.cli = cli, .first = NAN, .last = NAN, .format = ""};
  int failed = RHO_EXIT_FAILED;
  int status = rho_agree(cli, ReadCommand(&job));
  if (!status) status = rho_start(cli);
  if (!status) status = rho_agree(cli, OpenParticles(&job));
  rho_progress_start(&job.progress, cli);
  if (!status) status = Run(&job, &failed) ? Failed(&job, failed) : failed;
  RhoParticlesClose(&job.particles);
  return rho_agree(cli, status);
}
