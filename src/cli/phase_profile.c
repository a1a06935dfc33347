/* phase_profile.c - phases by profiles: for every composition the two sides of a front that has it as its mean.

   The guess of the phases lies along the mode of half a wave in the box that grows fastest, or decays slowest. */
#include "phase.h"
#include "rhoflux/uniform.h"
#include "run.h"
#include <math.h>

/* ---- the guess ------------------------------------------------------------------------------------------------------
 */

/* How far one can go along e from the mean before a density has lost seven tenths. */
static double Reach(RhoModel model, const double *mean, const double *e) {
  double reach = INFINITY, size = 0;
  for (int i = 0; i < model->nfield; i++) {
    size = fmax(size, fabs(e[i]));
    if (model->field[i].kind == RHO_DENSITY && e[i] != 0) reach = fmin(reach, 0.7 * mean[i] / fabs(e[i]));
  }
  return isfinite(reach) ? reach : 0.7 / size;
}

static RhoStatus Guess(const RhoPhaseRun *run, const double *mean, double *a, double *b) {
  RhoCase *c = run->c;
  int n = c->eq->nfield;
  double q = M_PI / run->asked->length, *e = RhoArenaAlloc(c->cli->arena, sizeof *e * (size_t)n);
  const double *wave[RHO_MAXDIM] = {&q, NULL, NULL};
  double complex *lambda = RhoArenaAlloc(c->cli->arena, sizeof *lambda * (size_t)n);
  double complex *vector = RhoArenaAlloc(c->cli->arena, sizeof *vector * (size_t)(n * n));
  RhoStatus status = RhoDispersion(c->eq, c->dim, c->value, mean, 1, wave, NULL, lambda, vector);
  if (status) return status;
  for (int i = 0; i < n; i++) e[i] = creal(vector[i]);
  double reach = Reach(c->model, mean, e);
  for (int i = 0; i < n; i++) {
    a[i] = mean[i] + reach * e[i];
    b[i] = mean[i] - reach * e[i];
  }
  return RHO_OK;
}

/* ---- the diagram ----------------------------------------------------------------------------------------------------
 */

static double *Array(const RhoPhaseRun *run, int n) {
  return RhoArenaAlloc(run->c->cli->files, sizeof(double) * (size_t)(n + 1));
}

static void OnePhase(const RhoPhaseRun *run, RhoPhaseFlash *flash) {
  int n = run->d.nfield;
  flash->nphase = 1;
  flash->state = Array(run, n);
  flash->fraction = Array(run, 1);
  flash->fraction[0] = 1;
  for (int i = 0; i < n; i++) flash->state[i] = flash->composition[i];
}

/* A family with room for so many tie lines. */
static RhoPhaseFamily *NewFamily(RhoPhaseRun *run, int most) {
  RhoPhaseFamily *family = &run->d.family[run->d.nfamily];
  int n = run->d.nfield;
  *family = (RhoPhaseFamily){.stability = RHO_PHASE_STABLE};
  family->first = Array(run, most * n);
  family->second = Array(run, most * n);
  family->mu = Array(run, most * n);
  family->p = Array(run, most);
  family->end[0] = family->end[1] = (RhoPhaseEnd){RHO_PHASE_ISOLATED, 0};
  return family;
}

static void AddTieLine(RhoPhaseFamily *family, int n, const double *first, const double *second) {
  int at = family->npoint++;
  for (int i = 0; i < n; i++) {
    family->first[at * n + i] = first[i];
    family->second[at * n + i] = second[i];
    family->mu[at * n + i] = NAN;
  }
  family->p[at] = NAN;
}

static void TwoPhases(RhoPhaseRun *run, const RhoProfilePhases *phases, RhoPhaseFlash *flash) {
  int n = run->d.nfield;
  flash->nphase = 2;
  flash->state = Array(run, 2 * n);
  flash->fraction = Array(run, 2);
  flash->fraction[0] = phases->position;
  flash->fraction[1] = 1 - phases->position;
  for (int k = 0; k < 2 * n; k++) {
    double value = phases->phase[k / n][k % n];
    flash->state[k] = value;
    flash->residual = fmax(flash->residual, phases->error[k / n][k % n] / fmax(fabs(value), 1e-300));
  }
  AddTieLine(NewFamily(run, 1), n, flash->state, flash->state + n);
  run->d.nfamily++;
}

static PetscErrorCode KeepProfile(RhoPhaseRun *run, RhoProfile profile, int composition) {
  const PetscReal *x, *u;
  PetscInt ncell, n = run->d.nfield;
  PetscFunctionBeginUser;
  PetscCall(RhoProfileCells(profile, &ncell, &x, &u));
  double *row = run->profile[composition] = Array(run, (int)(ncell * (1 + n)));
  for (PetscInt p = 0; p < ncell; p++) {
    *row++ = x[p];
    for (PetscInt i = 0; i < n; i++) *row++ = u[p * n + i];
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Composition(RhoPhaseRun *run, RhoProfile profile, int k, RhoStatus *status) {
  RhoPhaseFlash *flash = &run->d.flash[k];
  int n = run->d.nfield;
  double *a = Array(run, n), *b = Array(run, n);
  RhoProfilePhases phases;
  PetscFunctionBeginUser;
  *status = Guess(run, flash->composition, a, b);
  if (*status) PetscFunctionReturn(0);
  PetscCall(RhoProfileSolve(profile, flash->composition, a, b, &phases));
  if (phases.reason == RHO_PATTERN_FOUND) {
    TwoPhases(run, &phases, flash);
    PetscCall(KeepProfile(run, profile, k));
  }
  if (phases.reason == RHO_PATTERN_UNIFORM) OnePhase(run, flash);
  PetscFunctionReturn(0);
}

/* From composition k, whose front the profile still holds, in even steps of the mean to the next one. */
static PetscErrorCode Between(RhoPhaseRun *run, RhoProfile profile, int k) {
  int n = run->d.nfield, nstep = run->asked->nbetween + 1;
  const double *from = run->d.flash[k].composition, *to = from + n;
  RhoPhaseFamily *family = NewFamily(run, nstep + 1);
  double *mean = Array(run, n);
  RhoProfilePhases phases = {.reason = RHO_PATTERN_FOUND};
  PetscFunctionBeginUser;
  AddTieLine(family, n, run->d.flash[k].state, run->d.flash[k].state + n);
  for (int j = 1; j <= nstep && phases.reason == RHO_PATTERN_FOUND; j++) {
    for (int i = 0; i < n; i++) mean[i] = from[i] + (to[i] - from[i]) * j / nstep;
    PetscCall(RhoProfileSolve(profile, mean, NULL, NULL, &phases));
    if (phases.reason == RHO_PATTERN_FOUND) AddTieLine(family, n, phases.phase[0], phases.phase[1]);
  }
  family->end[0] = (RhoPhaseEnd){RHO_PHASE_COMPOSITION, k};
  family->end[1] = (RhoPhaseEnd){phases.reason ? RHO_PHASE_LOST : RHO_PHASE_COMPOSITION, k + 1};
  if (family->npoint > 1) run->d.nfamily++;
  PetscFunctionReturn(0);
}

static void Begin(RhoPhaseRun *run) {
  const RhoPhaseRequest *request = &run->asked->request;
  RhoArena arena = run->c->cli->files;
  run->d = (RhoPhaseDiagram){.nfield = run->c->eq->nfield, .nx = run->c->eq->nfield, .nflash = request->nflash};
  run->d.flash = RhoArenaAlloc(arena, sizeof *run->d.flash * (size_t)request->nflash);
  run->d.family = RhoArenaAlloc(arena, sizeof *run->d.family * (size_t)(2 * request->nflash + 1));
  run->d.resolution = Array(run, run->d.nfield);
  run->profile = RhoArenaAlloc(arena, sizeof *run->profile * (size_t)request->nflash);
  for (int k = 0; k < request->nflash; k++)
    run->d.flash[k] =
        (RhoPhaseFlash){.composition = request->flash + k * run->d.nfield, .mu = NULL, .p = NAN, .height = NAN};
}

PetscErrorCode rho_phase_profiles(RhoPhaseRun *run, RhoStatus *status) {
  RhoCase *c = run->c;
  RhoProfile profile;
  PetscFunctionBeginUser;
  double began = rho_clock();
  *status = RHO_OK;
  Begin(run);
  PetscCall(RhoProfileCreate(c->eq, c->value, run->asked->length, run->asked->ncell, c->cli->diag, &profile));
  if (!profile) *status = RHO_INPUT;
  for (int k = 0; k < run->d.nflash && !*status; k++) {
    PetscCall(Composition(run, profile, k, status));
    bool follows = run->asked->nbetween > 0 && k + 1 < run->d.nflash && run->d.flash[k].nphase == 2;
    if (follows) PetscCall(Between(run, profile, k));
  }
  PetscCall(RhoProfileDestroy(&profile));
  run->seconds = rho_clock() - began;
  PetscFunctionReturn(0);
}
