/* front_diagram.c - spinodals and pairs of a front as a phase diagram, over a parameter if wanted.

   The parameter's range is cut into NSECTION equal parts; where the number of spinodals or of pairs, or what is
   metastable, differs between neighbours, the place is bisected to round-off and a section put on either side.  Between
   such places every pair is a curve.  Where two spinodals vanish they have met, in a critical point. */
#include "rhoflux/coexist.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NSECTION = 65, MOST_SECTIONS = 1024, BISECTIONS = 48, NCLOSER = 10, MOST_KEPT = 8 };

typedef struct {
  double p;
  int nspinodal, npair;
  double spinodal[MOST_KEPT];
  RhoPhasePair pair[MOST_KEPT];
} Section;

typedef struct {
  RhoEquations eq;
  const RhoFront *front;
  const RhoPhaseRequest *request;
  RhoBindFn bind;
  void *ctx;
  RhoArena arena;
  RhoPhaseDiagram *out;
  double *value;
  int nsection;
  Section *section; /* [nsection] ascending in p */
} Diagram;

static bool IsWithin(const Diagram *d, double x) { return x >= d->request->from[0] && x <= d->request->to[0]; }

/* ---- sections -------------------------------------------------------------------------------------------------------
 */

static void Keep(const Diagram *d, int nspinodal, const double *spinodal, int npair, const RhoPhasePair *pair,
                 Section *s) {
  for (int k = 0; k < nspinodal; k++)
    if (s->nspinodal < MOST_KEPT && IsWithin(d, spinodal[k])) s->spinodal[s->nspinodal++] = spinodal[k];
  for (int k = 0; k < npair; k++)
    if (s->npair < MOST_KEPT && (IsWithin(d, pair[k].low) || IsWithin(d, pair[k].high))) s->pair[s->npair++] = pair[k];
}

static RhoStatus MakeIn(Diagram *d, RhoArena arena, Section *s) {
  const double *spinodal;
  const RhoPhasePair *pair = NULL;
  int nspinodal, npair = 0;
  RhoStatus status = d->bind(d->ctx, s->p, d->value);
  if (!status) status = RhoFrontSpinodals(d->eq, d->front, d->value, arena, &nspinodal, &spinodal);
  if (!status) status = RhoFrontPhases(d->eq, d->front, d->value, arena, &npair, &pair);
  if (!status) Keep(d, nspinodal, spinodal, npair, pair, s);
  return status;
}

static RhoStatus Make(Diagram *d, double p, Section *s) {
  RhoArena arena = RhoArenaCreate();
  *s = (Section){.p = p};
  RhoStatus status = arena ? MakeIn(d, arena, s) : RHO_NOMEM;
  RhoArenaDestroy(&arena);
  return status;
}

static bool SameSpinodals(const Section *a, const Section *b) { return a->nspinodal == b->nspinodal; }

static bool SamePairs(const Section *a, const Section *b) {
  bool same = a->npair == b->npair;
  for (int k = 0; same && k < a->npair; k++) same = a->pair[k].metastable == b->pair[k].metastable;
  return same;
}

/* The two sides of the place between a and b where they stop being the same. */
static RhoStatus Bisect(Diagram *d, bool (*same)(const Section *, const Section *), Section *a, Section *b) {
  Section middle;
  for (int k = 0; k < BISECTIONS; k++) {
    double p = 0.5 * (a->p + b->p);
    if (p == a->p || p == b->p) break;
    RhoStatus status = Make(d, p, &middle);
    if (status) return status;
    *(same(a, &middle) ? a : b) = middle;
  }
  return RHO_OK;
}

/* Curves end there like square roots: sections ever closer to the end. */
static RhoStatus Towards(Diagram *d, const Section *from, const Section *end) {
  RhoStatus status = RHO_OK;
  const RhoPhaseRequest *r = d->request;
  double width = 2 * (r->parameter_to - r->parameter_from) / NSECTION, way = from->p > end->p ? width : -width;
  for (int k = 0; k < NCLOSER && !status && (from->npair || from->nspinodal); k++) {
    way *= 0.5;
    if (d->nsection == MOST_SECTIONS || end->p + way < r->parameter_from || end->p + way > r->parameter_to) continue;
    status = Make(d, end->p + way, &d->section[d->nsection++]);
  }
  return status;
}

static RhoStatus AddBoundary(Diagram *d, bool (*same)(const Section *, const Section *), const Section *before,
                             const Section *after) {
  Section a = *before, b = *after;
  if (same(&a, &b) || d->nsection + 2 > MOST_SECTIONS) return RHO_OK;
  RhoStatus status = Bisect(d, same, &a, &b);
  d->section[d->nsection++] = a;
  d->section[d->nsection++] = b;
  if (!status) status = Towards(d, before, &a);
  return status ? status : Towards(d, after, &b);
}

static bool IsTwin(const Diagram *d, const Section *a, const Section *b) {
  double apart = b->p - a->p, range = d->request->parameter_to - d->request->parameter_from;
  return apart < 1e-9 * range && SamePairs(a, b) && SameSpinodals(a, b);
}

/* By p, without those that say the same as their neighbours. */
static void Sort(Diagram *d) {
  for (int i = 1; i < d->nsection; i++)
    for (int j = i; j > 0 && d->section[j].p < d->section[j - 1].p; j--) {
      Section swap = d->section[j];
      d->section[j] = d->section[j - 1];
      d->section[j - 1] = swap;
    }
  int n = 0;
  for (int k = 0; k < d->nsection; k++)
    if (n == 0 || !IsTwin(d, &d->section[n - 1], &d->section[k])) d->section[n++] = d->section[k];
  d->nsection = n;
}

static RhoStatus FillSections(Diagram *d) {
  const RhoPhaseRequest *r = d->request;
  RhoStatus status = RHO_OK;
  int n = r->parameter < 0 ? 1 : NSECTION;
  for (int k = 0; k < n && !status; k++) {
    double p = n == 1 ? NAN : r->parameter_from + (r->parameter_to - r->parameter_from) * k / (n - 1);
    status = Make(d, p, &d->section[d->nsection++]);
  }
  for (int k = 0; k + 1 < n && !status; k++) status = AddBoundary(d, SameSpinodals, &d->section[k], &d->section[k + 1]);
  for (int k = 0; k + 1 < n && !status; k++) status = AddBoundary(d, SamePairs, &d->section[k], &d->section[k + 1]);
  Sort(d);
  return status;
}

/* ---- critical points ------------------------------------------------------------------------------------------------
 */

static double *State(Diagram *d, double x, double p) {
  double *state = RhoArenaAlloc(d->arena, sizeof *state * 2);
  state[0] = x;
  state[1] = p;
  return state;
}

/* The middle of the two spinodals of `more` that are nearest to each other. */
static void AddCritical(Diagram *d, const Section *more) {
  int nearest = 0;
  for (int k = 1; k + 1 < more->nspinodal; k++)
    if (more->spinodal[k + 1] - more->spinodal[k] < more->spinodal[nearest + 1] - more->spinodal[nearest]) nearest = k;
  RhoPhasePoint *point = &d->out->critical[d->out->ncritical++];
  *point = (RhoPhasePoint){.stability = RHO_PHASE_STABLE};
  point->state = State(d, 0.5 * (more->spinodal[nearest] + more->spinodal[nearest + 1]), more->p);
  point->direction = RhoArenaAlloc(d->arena, sizeof(double));
  point->direction[0] = 1;
}

static void FindCritical(Diagram *d) {
  d->out->critical = RhoArenaAlloc(d->arena, sizeof *d->out->critical * (size_t)d->nsection);
  for (int k = 0; k + 1 < d->nsection; k++) {
    const Section *a = &d->section[k], *b = &d->section[k + 1];
    if (abs(a->nspinodal - b->nspinodal) == 2) AddCritical(d, a->nspinodal > b->nspinodal ? a : b);
  }
}

/* ---- curves ---------------------------------------------------------------------------------------------------------
 */

static RhoPhaseEnd EndAt(const Diagram *d, const Section *s) {
  const RhoPhaseRequest *r = d->request;
  double width = (r->parameter_to - r->parameter_from) / NSECTION;
  if (r->parameter < 0) return (RhoPhaseEnd){RHO_PHASE_ISOLATED, 0};
  if (s->p == r->parameter_from || s->p == r->parameter_to) return (RhoPhaseEnd){RHO_PHASE_PARAMETER, 0};
  for (int k = 0; k < d->out->ncritical; k++)
    if (fabs(d->out->critical[k].state[1] - s->p) < 0.02 * width) return (RhoPhaseEnd){RHO_PHASE_CRITICAL, k};
  return (RhoPhaseEnd){RHO_PHASE_SPINODAL, 0};
}

/* Sections first .. last are alike. */
static void AddSpinodals(Diagram *d, int first, int last) {
  int n = last - first + 1, nx = d->out->nx;
  for (int j = 0; j < d->section[first].nspinodal; j++) {
    RhoPhaseCurve *curve = &d->out->spinodal[d->out->nspinodal++];
    *curve = (RhoPhaseCurve){.npoint = n, .state = RhoArenaAlloc(d->arena, sizeof(double) * (size_t)(n * nx))};
    for (int k = 0; k < n; k++) {
      curve->state[k * nx] = d->section[first + k].spinodal[j];
      if (nx > 1) curve->state[k * nx + 1] = d->section[first + k].p;
    }
    curve->end[0] = EndAt(d, &d->section[first]);
    curve->end[1] = EndAt(d, &d->section[last]);
  }
}

/* One more point, in the critical one, at the beginning or the end. */
static void CloseFamily(const Diagram *d, RhoPhaseFamily *f, int end) {
  if (f->end[end].kind != RHO_PHASE_CRITICAL) return;
  const double *state = d->out->critical[f->end[end].which].state;
  int at = end ? f->npoint : 0, from = end ? f->npoint - 1 : 1;
  for (int k = f->npoint; k > 0 && !end; k--) {
    memcpy(&f->first[2 * k], &f->first[2 * k - 2], 2 * sizeof *state);
    memcpy(&f->second[2 * k], &f->second[2 * k - 2], 2 * sizeof *state);
    f->mu[k] = f->mu[k - 1];
  }
  for (int i = 0; i < 2; i++) f->first[2 * at + i] = f->second[2 * at + i] = state[i];
  f->mu[at] = f->mu[from];
  f->p[f->npoint++] = NAN;
}

static void FillFamily(Diagram *d, int first, int j, RhoPhaseFamily *f) {
  int nx = d->out->nx;
  size_t size = sizeof(double) * (size_t)((f->npoint + 2) * nx);
  f->first = RhoArenaAlloc(d->arena, size);
  f->second = RhoArenaAlloc(d->arena, size);
  f->mu = RhoArenaAlloc(d->arena, size);
  f->p = RhoArenaAlloc(d->arena, size);
  for (int k = 0; k < f->npoint; k++) {
    const Section *s = &d->section[first + k];
    f->first[k * nx] = s->pair[j].low;
    f->second[k * nx] = s->pair[j].high;
    if (nx > 1) f->first[k * nx + 1] = f->second[k * nx + 1] = s->p;
    f->mu[k] = s->pair[j].mu;
    f->p[k] = NAN;
  }
}

static void AddFamilies(Diagram *d, int first, int last) {
  for (int j = 0; j < d->section[first].npair; j++) {
    RhoPhaseFamily *f = &d->out->family[d->out->nfamily++];
    *f = (RhoPhaseFamily){.npoint = last - first + 1,
                          .stability = d->section[first].pair[j].metastable ? RHO_PHASE_METASTABLE : RHO_PHASE_STABLE};
    FillFamily(d, first, j, f);
    f->end[0] = EndAt(d, &d->section[first]);
    f->end[1] = EndAt(d, &d->section[last]);
    for (int end = 0; end < 2; end++) CloseFamily(d, f, end);
  }
}

static void EachRun(Diagram *d, bool (*same)(const Section *, const Section *), void (*add)(Diagram *, int, int)) {
  for (int first = 0; first < d->nsection;) {
    int last = first;
    while (last + 1 < d->nsection && same(&d->section[first], &d->section[last + 1])) last++;
    add(d, first, last);
    first = last + 1;
  }
}

/* ---- compositions ---------------------------------------------------------------------------------------------------
 */

/* By the lever rule between the stable pair around it. */
static void Flash(Diagram *d, double composition, RhoPhaseFlash *flash) {
  const Section *s = d->section;
  flash->nphase = 1;
  flash->state = State(d, composition, NAN);
  flash->fraction = State(d, 1, 0);
  for (int k = 0; k < s->npair; k++) {
    const RhoPhasePair *pair = &s->pair[k];
    if (pair->metastable || composition <= pair->low || composition >= pair->high) continue;
    flash->nphase = 2;
    flash->state = State(d, pair->low, pair->high);
    flash->fraction[1] = (composition - pair->low) / (pair->high - pair->low);
    flash->fraction[0] = 1 - flash->fraction[1];
    flash->residual = pair->error / pair->high;
  }
}

static void Flashes(Diagram *d) {
  const RhoPhaseRequest *r = d->request;
  d->out->nflash = r->nflash;
  d->out->flash = RhoArenaAlloc(d->arena, sizeof *d->out->flash * (size_t)(r->nflash + 1));
  for (int k = 0; k < r->nflash; k++) {
    d->out->flash[k] = (RhoPhaseFlash){.composition = &r->flash[k], .p = NAN, .height = NAN};
    Flash(d, r->flash[k], &d->out->flash[k]);
  }
}

/* ---------------------------------------------------------------------------------------------------------------------
 */

static RhoStatus Guarded(Diagram *d) {
  if (setjmp(*RhoArenaGuard(d->arena))) return RHO_NOMEM;
  d->out->nfield = 1;
  d->out->nx = d->request->parameter < 0 ? 1 : 2;
  d->value = RhoArenaAlloc(d->arena, sizeof(double) * (size_t)d->eq->nuniform);
  d->section = RhoArenaAlloc(d->arena, sizeof *d->section * MOST_SECTIONS);
  d->out->resolution = State(d, 0.01 * d->request->to[0], 0);
  RhoStatus status = FillSections(d);
  if (status) return status;
  size_t most = (size_t)d->nsection * MOST_KEPT;
  d->out->spinodal = RhoArenaAlloc(d->arena, sizeof *d->out->spinodal * most);
  d->out->family = RhoArenaAlloc(d->arena, sizeof *d->out->family * most);
  FindCritical(d);
  EachRun(d, SameSpinodals, AddSpinodals);
  EachRun(d, SamePairs, AddFamilies);
  Flashes(d);
  return RHO_OK;
}

RhoStatus RhoFrontDiagram(RhoEquations eq, const RhoFront *front, const RhoPhaseRequest *request, RhoBindFn bind,
                          void *ctx, RhoArena arena, RhoPhaseDiagram *out) {
  Diagram d = {.eq = eq, .front = front, .request = request, .bind = bind, .ctx = ctx, .arena = arena, .out = out};
  jmp_buf before;
  memcpy(&before, RhoArenaGuard(arena), sizeof before);
  *out = (RhoPhaseDiagram){0};
  RhoStatus status = Guarded(&d);
  memcpy(RhoArenaGuard(arena), &before, sizeof before);
  return status;
}
