/* phase_profile.c - phases by profiles: for every composition the two sides of a front that has it as its mean.

   The guess of the phases lies along the mode of half a wave in the box that grows fastest, or decays slowest, and goes
   through boxes that grow.

   Over a parameter the tie line through each composition c is followed from where that mode grows fastest, both ways:
   the front of one value is the start of the next one; the mean is moved by d, the way from the line of the phases to
   c, and along that line to the middle, until d is small.  So the front stays in the middle of the box, and what is
   followed are the tie lines whose straight line goes through c, also where c itself is one phase. */
#include "phase.h"
#include "rhoflux/stability.h"
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

/* *growth: of that mode; NULL: not wanted. */
static RhoStatus Guess(const RhoPhaseRun *run, const double *value, const double *mean, double *a, double *b,
                       double *growth) {
  RhoCase *c = run->c;
  int n = c->eq->nfield;
  double q = M_PI / run->asked->length, *e = RhoArenaAlloc(c->cli->arena, sizeof *e * (size_t)n);
  const double *wave[RHO_MAXDIM] = {&q, NULL, NULL};
  double complex *lambda = RhoArenaAlloc(c->cli->arena, sizeof *lambda * (size_t)n);
  double complex *vector = RhoArenaAlloc(c->cli->arena, sizeof *vector * (size_t)(n * n));
  RhoStatus status = RhoDispersion(c->eq, c->dim, value, mean, 1, wave, NULL, lambda, vector);
  if (status) return status;
  for (int i = 0; i < n; i++) e[i] = creal(vector[i]);
  if (growth) *growth = creal(lambda[0]);
  double reach = Reach(c->model, mean, e);
  for (int i = 0; i < n; i++) {
    a[i] = mean[i] + reach * e[i];
    b[i] = mean[i] - reach * e[i];
  }
  return RHO_OK;
}

/* Better phases from boxes in which a single front fits, half a wave of the fastest mode at first: in a long box a
   guess inside the spinodal would part into many bands. */
static PetscErrorCode GrowBox(const RhoPhaseRun *run, const double *value, const double *mean, double *a, double *b) {
  const RhoCase *c = run->c;
  const RhoWaveRange range = {.dim = c->dim, .ndimension = 1};
  RhoStability waves;
  RhoDiag quiet = RhoDiagCreate(); /* a kernel may be wider than such a box */
  PetscFunctionBeginUser;
  double shortest = INFINITY;
  if (!RhoStabilityAt(c->eq, c->cli->files, &range, value, mean, &waves) && waves.q > 0)
    shortest = 1.5 * M_PI / waves.q;
  for (double length = shortest; length < 0.7 * run->asked->length; length *= 2) {
    RhoProfile profile;
    RhoProfilePhases phases;
    PetscCall(RhoProfileCreate(c->eq, value, length, run->asked->ncell, quiet, &profile));
    if (!profile) continue;
    PetscCall(RhoProfileSolve(profile, mean, a, b, &phases));
    for (int i = 0; i < c->eq->nfield && phases.reason == RHO_PATTERN_FOUND; i++)
      a[i] = phases.phase[0][i], b[i] = phases.phase[1][i];
    PetscCall(RhoProfileDestroy(&profile));
  }
  RhoDiagDestroy(&quiet);
  PetscFunctionReturn(0);
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
  *family = (RhoPhaseFamily){.stability = RHO_PHASE_STABLE};
  family->first = Array(run, most * run->d.nx);
  family->second = Array(run, most * run->d.nx);
  family->mu = Array(run, most * run->d.nfield);
  family->p = Array(run, most);
  family->error = Array(run, most);
  family->share = Array(run, most);
  family->end[0] = family->end[1] = (RhoPhaseEnd){RHO_PHASE_ISOLATED, 0};
  return family;
}

/* Of what both phases are to their values, the worst. */
static double ErrorOf(int n, const RhoProfilePhases *phases) {
  double error = 0;
  for (int k = 0; k < 2 * n; k++)
    error = fmax(error, phases->error[k / n][k % n] / fmax(fabs(phases->phase[k / n][k % n]), 1e-300));
  return error;
}

static void AddTieLine(const RhoPhaseRun *run, RhoPhaseFamily *family, const RhoProfilePhases *phases, double share) {
  int at = family->npoint++, n = run->d.nfield, nx = run->d.nx;
  for (int i = 0; i < n; i++) {
    family->first[at * nx + i] = phases->phase[0][i];
    family->second[at * nx + i] = phases->phase[1][i];
    family->mu[at * n + i] = NAN;
  }
  family->p[at] = NAN;
  family->error[at] = ErrorOf(n, phases);
  family->share[at] = share;
}

static void TwoPhases(RhoPhaseRun *run, const RhoProfilePhases *phases, RhoPhaseFlash *flash) {
  int n = run->d.nfield;
  flash->nphase = 2;
  flash->state = Array(run, 2 * n);
  flash->fraction = Array(run, 2);
  flash->fraction[0] = phases->position;
  flash->fraction[1] = 1 - phases->position;
  for (int k = 0; k < 2 * n; k++) flash->state[k] = phases->phase[k / n][k % n];
  flash->residual = ErrorOf(n, phases);
  AddTieLine(run, NewFamily(run, 1), phases, phases->position);
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
  *status = Guess(run, run->c->value, flash->composition, a, b, NULL);
  if (*status) PetscFunctionReturn(0);
  PetscCall(GrowBox(run, run->c->value, flash->composition, a, b));
  PetscCall(RhoProfileSolve(profile, flash->composition, a, b, &phases));
  if (phases.reason == RHO_PATTERN_FOUND) {
    TwoPhases(run, &phases, flash);
    PetscCall(KeepProfile(run, profile, k));
  }
  if (phases.reason == RHO_PATTERN_UNIFORM) OnePhase(run, flash);
  PetscFunctionReturn(0);
}

/* The only one of a family. */
static void CopyTieLine(const RhoPhaseRun *run, const RhoPhaseFamily *from, RhoPhaseFamily *to) {
  for (int i = 0; i < run->d.nx; i++) to->first[i] = from->first[i], to->second[i] = from->second[i];
  for (int i = 0; i < run->d.nfield; i++) to->mu[i] = from->mu[i];
  to->p[0] = from->p[0];
  to->error[0] = from->error[0];
  to->share[0] = from->share[0];
  to->npoint = 1;
}

/* From composition k, whose front the profile still holds, in even steps of the mean to the next one. */
static PetscErrorCode Between(RhoPhaseRun *run, RhoProfile profile, int k) {
  int n = run->d.nfield, nstep = run->asked->nbetween + 1;
  const double *from = run->d.flash[k].composition, *to = from + n;
  RhoPhaseFamily *family = NewFamily(run, nstep + 1);
  double *mean = Array(run, n);
  RhoProfilePhases phases = {.reason = RHO_PATTERN_FOUND};
  PetscFunctionBeginUser;
  CopyTieLine(run, family - 1, family);
  for (int j = 1; j <= nstep && phases.reason == RHO_PATTERN_FOUND; j++) {
    for (int i = 0; i < n; i++) mean[i] = from[i] + (to[i] - from[i]) * j / nstep;
    PetscCall(RhoProfileSolve(profile, mean, NULL, NULL, &phases));
    if (phases.reason == RHO_PATTERN_FOUND) AddTieLine(run, family, &phases, phases.position);
  }
  family->end[0] = (RhoPhaseEnd){RHO_PHASE_COMPOSITION, k};
  family->end[1] = (RhoPhaseEnd){phases.reason ? RHO_PHASE_LOST : RHO_PHASE_COMPOSITION, k + 1};
  if (family->npoint > 1) run->d.nfamily++;
  PetscFunctionReturn(0);
}

/* ---- over a parameter -----------------------------------------------------------------------------------------------
 */

enum { STEPS = 8, HALVINGS = 6 };
#define WORST 0.05 /* of the phases' difference: an error beyond is that of a box too small for the front */

typedef struct {
  RhoPhaseRun *run;
  RhoProfile profile;
  const double *composition;
  double *value, *mean, *last; /* [nuniform], [nfield] of the box, and of the tie line found last */
  double *a, *b, *offset;      /* [nfield] the phases found last, and from their line to the composition */
  RhoProfilePhases phases;
  double share;
  bool found;
} Following;

/* The way from the straight line of the phases to the composition, and its share of the first phase. */
static double Offset(Following *f) {
  int n = f->run->d.nfield;
  const RhoPhaseRequest *request = &f->run->asked->request;
  double along = 0, size = 0, off = 0;
  for (int i = 0; i < n; i++) {
    double scale = request->to[i] - request->from[i], step = (f->a[i] - f->b[i]) / scale;
    along += step * (f->composition[i] - f->b[i]) / scale;
    size += step * step;
  }
  f->share = along / size;
  for (int i = 0; i < n; i++) {
    f->offset[i] = f->composition[i] - f->b[i] - f->share * (f->a[i] - f->b[i]);
    off = fmax(off, fabs(f->offset[i]) / (request->to[i] - request->from[i]));
  }
  return off / sqrt(size);
}

/* Is the front resolved: are its plateaus flat compared with how far the phases are apart? */
static bool Resolved(const Following *f) {
  double error = 0, apart = 0;
  for (int i = 0; i < f->run->d.nfield; i++) {
    double scale = f->run->asked->request.to[i] - f->run->asked->request.from[i];
    apart = fmax(apart, fabs(f->phases.phase[0][i] - f->phases.phase[1][i]) / scale);
    for (int side = 0; side < 2; side++) error = fmax(error, f->phases.error[side][i] / scale);
  }
  return error < WORST * apart;
}

static void Take(Following *f) {
  for (int i = 0; i < f->run->d.nfield; i++) f->a[i] = f->phases.phase[0][i], f->b[i] = f->phases.phase[1][i];
}

/* The tie line at p, from the last solution, or from a guess of the phases. */
static PetscErrorCode At(Following *f, double p, const double *guess0, const double *guess1) {
  PetscBool fits;
  PetscFunctionBeginUser;
  f->found = false;
  if (rho_phase_bind(f->run->c, p, f->value)) PetscFunctionReturn(0);
  for (int i = 0; i < f->run->d.nfield && !guess0; i++) f->mean[i] = f->last[i];
  PetscCall(RhoProfileBind(f->profile, f->value, f->run->c->cli->diag, &fits));
  for (int step = 0; step < STEPS && fits; step++) {
    PetscCall(RhoProfileSolve(f->profile, f->mean, guess0, guess1, &f->phases));
    f->found = f->phases.reason == RHO_PATTERN_FOUND && Resolved(f);
    if (!f->found) break;
    Take(f);
    bool aside = fabs(f->phases.position - 0.5) > 0.1; /* a front that has to move begins anew */
    guess0 = aside ? f->a : NULL;
    guess1 = aside ? f->b : NULL;
    if (Offset(f) < 1e-5 && !aside) break;
    for (int i = 0; i < f->run->d.nfield; i++)
      f->mean[i] += (0.5 - f->phases.position) * (f->a[i] - f->b[i]) + f->offset[i];
  }
  for (int i = 0; i < f->run->d.nfield && f->found; i++) f->last[i] = f->mean[i];
  PetscFunctionReturn(0);
}

static void Keep(Following *f, RhoPhaseFamily *family, double p) {
  int n = f->run->d.nfield, at = family->npoint;
  AddTieLine(f->run, family, &f->phases, f->share);
  family->first[at * f->run->d.nx + n] = family->second[at * f->run->d.nx + n] = p;
}

/* From p on by steps to the end of the range, halved where the front gets lost: all p are multiples of the step from
   the end, which is reached where there is no next one. */
static PetscErrorCode Along(Following *f, double p, double step, RhoPhaseFamily *family, RhoPhaseEnd *end) {
  const RhoPhaseRequest *request = &f->run->asked->request;
  double slack = 1e-9 * fabs(step);
  PetscFunctionBeginUser;
  *end = (RhoPhaseEnd){RHO_PHASE_BOX, 0};
  for (int halved = 0; halved <= HALVINGS;) {
    double next = p + step;
    if (next < request->parameter_from - slack || next > request->parameter_to + slack) {
      end->kind = RHO_PHASE_PARAMETER;
      break;
    }
    PetscCall(At(f, next, NULL, NULL));
    if (f->found) {
      Keep(f, family, p = next);
      continue;
    }
    step *= 0.5;
    halved++;
  }
  PetscFunctionReturn(0);
}

static double ValueOf(const RhoPhaseRun *run, int k) {
  const RhoPhaseRequest *request = &run->asked->request;
  return request->parameter_from +
         (request->parameter_to - request->parameter_from) * k / (double)(run->asked->nbetween + 1);
}

/* The values of the parameter by descending growth of the half wave: order[nbetween + 2]. */
static void Order(Following *f, int *order) {
  int n = f->run->asked->nbetween + 2, nf = f->run->d.nfield;
  double *growth = Array(f->run, n), *a = Array(f->run, nf), *b = Array(f->run, nf);
  for (int k = 0; k < n; k++) {
    RhoStatus status = rho_phase_bind(f->run->c, ValueOf(f->run, k), f->value);
    if (!status) status = Guess(f->run, f->value, f->composition, a, b, &growth[k]);
    if (status || isnan(growth[k])) growth[k] = -INFINITY;
    int at = k;
    for (; at > 0 && growth[order[at - 1]] < growth[k]; at--) order[at] = order[at - 1];
    order[at] = k;
  }
}

/* The first tie line, at the most unstable value that has one. */
static PetscErrorCode First(Following *f, double *p) {
  int n = f->run->asked->nbetween + 2, nf = f->run->d.nfield;
  int *order = RhoArenaAlloc(f->run->c->cli->arena, sizeof *order * (size_t)n);
  double *a = Array(f->run, nf), *b = Array(f->run, nf), growth;
  PetscFunctionBeginUser;
  Order(f, order);
  for (int k = 0; k < n && !f->found; k++) {
    *p = ValueOf(f->run, order[k]);
    if (rho_phase_bind(f->run->c, *p, f->value) || Guess(f->run, f->value, f->composition, a, b, &growth)) continue;
    for (int i = 0; i < nf; i++) f->mean[i] = f->composition[i];
    PetscCall(GrowBox(f->run, f->value, f->mean, a, b));
    PetscCall(At(f, *p, a, b));
  }
  PetscFunctionReturn(0);
}

static void Reverse(int n, int width, double *x) {
  for (int k = 0; k < n / 2; k++)
    for (int i = 0; i < width; i++) {
      double swap = x[k * width + i];
      x[k * width + i] = x[(n - 1 - k) * width + i];
      x[(n - 1 - k) * width + i] = swap;
    }
}

static void Turn(const RhoPhaseRun *run, RhoPhaseFamily *family) {
  Reverse(family->npoint, run->d.nx, family->first);
  Reverse(family->npoint, run->d.nx, family->second);
  Reverse(family->npoint, 1, family->error);
  Reverse(family->npoint, 1, family->share);
}

/* The tie lines through composition k, from the lowest value of the parameter to the highest. */
static PetscErrorCode Over(RhoPhaseRun *run, RhoProfile profile, int k) {
  int n = run->d.nfield;
  Following f = {.run = run, .profile = profile, .composition = run->asked->request.flash + k * n};
  RhoPhaseFamily *family = NewFamily(run, ((run->asked->nbetween + 1) << HALVINGS) + 1);
  double step = ValueOf(run, 1) - ValueOf(run, 0), p = NAN, *a = Array(run, n), *b = Array(run, n);
  double *mean = Array(run, n);
  PetscFunctionBeginUser;
  f.value = Array(run, run->c->eq->nuniform);
  f.mean = Array(run, n), f.last = Array(run, n), f.offset = Array(run, n);
  f.a = Array(run, n), f.b = Array(run, n);
  PetscCall(First(&f, &p));
  if (!f.found) PetscFunctionReturn(0);
  for (int i = 0; i < n; i++) a[i] = f.a[i], b[i] = f.b[i], mean[i] = f.last[i];
  Keep(&f, family, p);
  PetscCall(Along(&f, p, -step, family, &family->end[0]));
  Turn(run, family);
  for (int i = 0; i < n; i++) f.mean[i] = mean[i];
  PetscCall(At(&f, p, a, b));
  if (f.found) PetscCall(Along(&f, p, step, family, &family->end[1]));
  run->d.nfamily++;
  PetscFunctionReturn(0);
}

/* ---- all of it ----------------------------------------------------------------------------------------------------
 */

static void Begin(RhoPhaseRun *run) {
  const RhoPhaseRequest *request = &run->asked->request;
  RhoArena arena = run->c->cli->files;
  bool over = request->parameter >= 0; /* the compositions are not at one value of it, and no part of the result */
  run->d = (RhoPhaseDiagram){.nfield = run->c->eq->nfield, .nx = run->c->eq->nfield + over};
  if (!over) run->d.nflash = request->nflash;
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
  for (int k = 0; k < run->asked->request.nflash && !*status && run->d.nx > run->d.nfield; k++)
    PetscCall(Over(run, profile, k));
  for (int k = 0; k < run->d.nflash && !*status; k++) {
    PetscCall(Composition(run, profile, k, status));
    bool follows = run->asked->nbetween > 0 && k + 1 < run->d.nflash && run->d.flash[k].nphase == 2;
    if (follows) PetscCall(Between(run, profile, k));
  }
  PetscCall(RhoProfileDestroy(&profile));
  run->seconds = rho_clock() - began;
  PetscFunctionReturn(0);
}
