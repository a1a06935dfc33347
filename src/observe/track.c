/* track.c - stationary, travelling, standing or irregular, and with which speed: see observe.h.

   The strongest wave gives direction and speed; in more than one dimension the strongest wave that is not parallel to
   it gives the other components, unless it is weak: then the pattern is one of stripes, which move along k only. */
#include "observe_private.h"
#include "track.h"
#include <math.h>
#include <string.h>

#define WHOLE 0.9    /* coherence from which a pattern moves as a whole */
#define SIGNAL 0.8   /* share of the change of a wave that an oscillation must have */
#define LEADING 0.25 /* share of the fluctuation that a wave has if what it does alone is what the pattern does */
#define TURNS 1.5    /* periods that an oscillation is seen for: over less, what grows or decays fits as well */
#define BALANCED 0.5 /* of two opposite waves that stand */
#define RESTS 0.02   /* wavelengths: what moves less rests */
#define CHANGES 2    /* times what else it does meanwhile, in radians: what moves less rests, as what coarsens */
#define STRIPES 0.05 /* of the strongest wave's share: weaker waves do not count for the velocity */

const char *RhoMotionName(RhoMotionKind kind) {
  static const char *const name[] = {"uniform", "stationary", "travelling", "standing", "irregular"};
  return name[kind];
}

/* ---- can it be tracked? ------------------------------------------------------------------------------------------ */

static RhoStatus CheckMesh(const RhoResultInfo *info, RhoDiag diag, RhoPlace place) {
  for (int d = 0; d < info->mesh.ndimension; d++) {
    const RhoDimension *along = &info->mesh.dimension[d];
    const char *why = rho_not_waves(along, RHO_NEEDS_WAVES | RHO_NEEDS_PERIODIC);
    if (!why) continue;
    RhoDiagReport(diag, RHO_ID_NOT_TRACKED, place, "'%s' of '%s' %s", along->name, info->path, why);
    RhoDiagHint(diag, "waves are followed on periodic grids of equal cells");
    return RHO_INPUT;
  }
  return RHO_OK;
}

static RhoStatus ChooseOutputs(RhoTracking *t, RhoDiag diag, RhoPlace place, double from) {
  const RhoResultInfo *info = t->info;
  int n;
  RhoObserveOutputs(info, from, NAN, &t->first, &n);
  t->nt = n - t->first;
  t->time = info->time + t->first;
  if (t->nt >= 4) return RHO_OK;
  RhoDiagReport(diag, RHO_ID_NOT_TRACKED, place, "'%s' has %d outputs to follow a pattern through; it takes 4",
                info->path, t->nt);
  RhoDiagHint(diag, n >= 4 ? "an earlier --from" : "more outputs: time: {outputs: 100}");
  return RHO_INPUT;
}

/* ---- velocity ---------------------------------------------------------------------------------------------------- */

static double Dot(int n, const double *a, const double *b) {
  double sum = 0;
  for (int d = 0; d < n; d++) sum += a[d] * b[d];
  return sum;
}

/* Rows of the conditions k_m.v = w_m: the strongest wave, then for every further dimension the strongest one that is
   independent of those before.  Returns how many. */
static int Independent(const RhoTracking *t, int *wave) {
  double basis[RHO_MAXDIM][RHO_MAXDIM];
  int n = 0;
  for (int m = 0; m < t->nmode && n < t->ndim; m++) {
    double rest[RHO_MAXDIM];
    const double *k = t->mode[m].k;
    if (m > 0 && t->mode[m].share < STRIPES * t->mode[0].share) break;
    memcpy(rest, k, sizeof rest);
    for (int j = 0; j < n; j++) {
      double along = Dot(t->ndim, basis[j], k);
      for (int d = 0; d < t->ndim; d++) rest[d] -= along * basis[j][d];
    }
    double size = sqrt(Dot(t->ndim, rest, rest));
    if (size < 0.1 * sqrt(Dot(t->ndim, k, k))) continue;
    for (int d = 0; d < t->ndim; d++) basis[n][d] = rest[d] / size;
    wave[n++] = m;
  }
  return n;
}

/* To each of n wavevectors k_j a vector c_j in their span, k_i.c_j = delta_ij: v = sum_j c_j w_j. */
static void Duals(const RhoTracking *t, int n, const int *wave, double c[RHO_MAXDIM][RHO_MAXDIM]) {
  double G[RHO_MAXDIM][2 * RHO_MAXDIM] = {{0}}; /* Gram matrix beside the unit matrix, by Gauss and Jordan */
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) G[i][j] = Dot(t->ndim, t->mode[wave[i]].k, t->mode[wave[j]].k);
    G[i][n + i] = 1;
  }
  for (int p = 0; p < n; p++)
    for (int i = 0; i < n; i++) {
      double l = i == p ? 1 - 1 / G[p][p] : G[i][p] / G[p][p];
      for (int j = 2 * n - 1; j >= 0; j--) G[i][j] -= l * G[p][j];
    }
  for (int j = 0; j < n; j++)
    for (int d = 0; d < t->ndim; d++) {
      c[j][d] = 0;
      for (int i = 0; i < n; i++) c[j][d] += t->mode[wave[i]].k[d] * G[i][n + j];
    }
}

/* One more of the waves that determine the motion: w = -(turns), which are left in phase, adds to velocity and to the
   displacement s[nt][ndim]. */
static RhoEstimate AddWave(const RhoTracking *t, int m, const double *dual, double *phase, double *s, RhoMotion *p) {
  p->step = rho_track_phase(t, m, phase) / (2 * M_PI);
  RhoEstimate w = rho_track_slope(t->nt, t->time, phase);
  w.value = -w.value;
  for (int d = 0; d < t->ndim; d++) {
    p->velocity[d].value += dual[d] * w.value;
    p->velocity[d].error = hypot(p->velocity[d].error, dual[d] * w.error);
    for (int k = 0; k < t->nt; k++) s[k * t->ndim + d] -= dual[d] * phase[k];
  }
  return w;
}

static void FindVelocity(const RhoTracking *t, double *phase, RhoMotion *p) {
  int wave[RHO_MAXDIM], n = Independent(t, wave);
  size_t size = (size_t)t->nt * (size_t)t->ndim * sizeof(double);
  double dual[RHO_MAXDIM][RHO_MAXDIM], square = 0, error = 0, *s = RhoArenaAlloc(t->arena, size);
  memset(s, 0, size);
  Duals(t, n, wave, dual);
  for (int j = n - 1; j >= 0; j--) p->frequency = AddWave(t, wave[j], dual[j], phase, s, p);
  p->frequency.value = fabs(p->frequency.value);
  for (int d = 0; d < t->ndim; d++) {
    const RhoEstimate *v = &p->velocity[d];
    square += v->value * v->value;
    error += pow(v->value * v->error, 2);
  }
  p->speed.value = sqrt(square);
  p->speed.error = square > 0 ? sqrt(error / square) : p->velocity[0].error;
  p->coherence = rho_track_coherence(t, s);
}

/* k in the sense of the motion. */
static void Orient(const RhoTracking *t, RhoMotion *p) {
  double v[RHO_MAXDIM] = {0};
  for (int d = 0; d < t->ndim; d++) v[d] = p->velocity[d].value;
  double sense = Dot(t->ndim, v, t->mode[0].k) < 0 ? -1 : 1;
  for (int d = 0; d < t->ndim; d++) {
    p->mode[d] = (int)sense * t->mode[0].mode[d];
    p->wavevector[d] = sense * t->mode[0].k[d];
  }
  p->wavelength = 2 * M_PI / sqrt(Dot(t->ndim, p->wavevector, p->wavevector));
}

/* ---- kind -------------------------------------------------------------------------------------------------------- */

static void Classify(const RhoTracking *t, const double *phase, RhoMotion *p) {
  double moved = fabs(phase[t->nt - 1]) / (2 * M_PI), lasts = t->time[t->nt - 1] - t->time[0];
  double other = CHANGES * sqrt(fmax(0, 1 - p->coherence)) / (2 * M_PI);
  bool rests = moved < RESTS || moved < other || p->frequency.value * lasts < 3 * p->frequency.error * lasts;
  if (p->coherence >= WHOLE) {
    p->kind = rests ? RHO_MOTION_STATIONARY : RHO_MOTION_TRAVELLING;
    return;
  }
  RhoOscillation o = rho_track_oscillation(t, 0);
  p->oscillation = o.share;
  p->balance = o.balance;
  p->kind = RHO_MOTION_IRREGULAR;
  if (!(o.share >= SIGNAL && t->mode[0].share >= LEADING)) return;
  if (o.frequency.value * lasts < 2 * M_PI * TURNS) return;
  p->kind = o.balance >= BALANCED ? RHO_MOTION_STANDING : RHO_MOTION_TRAVELLING;
  if (p->kind == RHO_MOTION_STANDING) p->frequency = o.frequency;
}

static void SetPeriod(RhoMotion *p) {
  bool moves = p->kind == RHO_MOTION_TRAVELLING || p->kind == RHO_MOTION_STANDING;
  double w = p->frequency.value;
  p->period = moves ? (RhoEstimate){2 * M_PI / w, 2 * M_PI * p->frequency.error / (w * w)} : (RhoEstimate){NAN, NAN};
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

/* u_f ~ cos(k.x - w t + phi_f): ahead of the first by (phi_0 - phi_f)/2 pi wavelengths along k. */
static RhoEstimate Lead(const RhoTracking *t, int f, double sense, double *work) {
  const double complex *a = rho_track_series(t, 0, 0), *b = rho_track_series(t, 0, f);
  double complex mean = 0;
  if (!(t->weight[0] > 0 && t->weight[f] > 0)) return (RhoEstimate){NAN, NAN};
  for (int k = 0; k < t->nt; k++) mean += conj(a[k]) * b[k];
  for (int k = 0; k < t->nt; k++) work[k] = -sense * carg(conj(a[k]) * b[k] * conj(mean)) / (2 * M_PI);
  RhoEstimate about = rho_track_mean(t->nt, work);
  double lead = -sense * carg(mean) / (2 * M_PI) + about.value;
  return (RhoEstimate){lead - round(lead), about.error};
}

static void Fields(const RhoTracking *t, RhoMotion *p) {
  size_t nf = (size_t)t->nfield;
  const char **name = RhoArenaAlloc(t->arena, nf * sizeof *name);
  double *work = RhoArenaAlloc(t->arena, (size_t)t->nt * sizeof *work);
  double sense = t->nmode && Dot(t->ndim, p->wavevector, t->mode[0].k) < 0 ? -1 : 1;
  p->nfield = t->nfield;
  p->mean = t->mean;
  p->name = name;
  p->amplitude = RhoArenaAlloc(t->arena, nf * sizeof *p->amplitude);
  p->lead = RhoArenaAlloc(t->arena, nf * sizeof *p->lead);
  for (int f = 0; f < t->nfield; f++) {
    name[f] = t->info->field[t->field[f]].name;
    for (int k = 0; k < t->nt; k++) work[k] = t->height[k * t->nfield + f];
    p->amplitude[f] = rho_track_mean(t->nt, work);
    p->lead[f] = t->nmode ? Lead(t, f, sense, work) : (RhoEstimate){NAN, NAN};
  }
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static void Describe(RhoTracking *t, RhoMotion *p) {
  double *phase = RhoArenaAlloc(t->arena, (size_t)t->nt * sizeof *phase);
  *p = (RhoMotion){.noutput = t->nt, .from = t->time[0], .to = t->time[t->nt - 1], .ndim = t->ndim, .time = t->time};
  p->oscillation = p->balance = NAN;
  p->displacement = phase;
  for (int k = 0; k < t->nt; k++) phase[k] = 0;
  if (t->nmode) {
    FindVelocity(t, phase, p);
    Orient(t, p);
    Classify(t, phase, p);
    p->share = t->mode[0].share;
    double sense = phase[t->nt - 1] > 0 ? 1 : -1;
    for (int k = 0; k < t->nt; k++) phase[k] *= sense / (2 * M_PI);
  }
  SetPeriod(p);
  Fields(t, p);
}

static RhoStatus Track(RhoTracking *t, RhoDiag diag, RhoPlace place, const char *field, double from, RhoMotion **out) {
  RhoStatus status = CheckMesh(t->info, diag, place);
  t->ndim = t->info->mesh.ndimension;
  const RhoChooser c = {t->arena, diag, place, RHO_ID_NOT_TRACKED};
  if (!status) status = rho_choose_fields(&c, t->info, field ? 1 : 0, &field, &t->nfield, &t->field);
  if (!status) status = ChooseOutputs(t, diag, place, from);
  if (!status) status = rho_track_modes(t, diag);
  if (status) return status;
  *out = RhoArenaAlloc(t->arena, sizeof **out);
  Describe(t, *out);
  return RHO_OK;
}

static RhoStatus Guarded(RhoTracking *t, RhoDiag diag, RhoPlace place, const char *field, double from,
                         RhoMotion **out) {
  if (setjmp(*RhoArenaGuard(t->arena))) return RHO_NOMEM;
  return Track(t, diag, place, field, from, out);
}

RhoStatus RhoTrack(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, const char *field, double from,
                   const RhoMotion **pattern) {
  RhoTracking t = {.arena = arena};
  RhoMotion *made = NULL;
  *pattern = NULL;
  RhoStatus status = RhoFramesOpen(arena, diag, place, path, &t.frames, &t.info);
  if (!status) status = Guarded(&t, diag, place, field, from, &made);
  RhoFramesClose(&t.frames);
  *pattern = made;
  return status;
}
