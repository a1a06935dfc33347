/* phase_lines.c - where there is one variable more than fields, or three fields: curves of critical points and of three
   phases, and the points at which they meet.

     quartic form zero   on a curve of critical points: a tricritical point, where it goes on, or a cusp, where stable
                         and unstable ones meet and turn back
     critical end point  where a critical point stops to be stable against another phase; a curve of three phases begins
     quadruple point     where three phases stop to be stable against another one (of three fields: a tetrahedron)

   One leads to the other: each that is found is followed, until nothing is left to do. */
#include "phase_private.h"
#include <math.h>
#include <string.h>

#define NEAR 0.1   /* a tricritical point so far from where a curve had to end is what it ends in */
#define MERGE 2e-3 /* so near a tricritical point curves are not to be told from others that meet there */
enum { MOSTLINES = 200 };

typedef struct {
  int nphase, npoint, m; /* 1: critical points, 3 */
  double *y;             /* [npoint][m] */
  double *x;             /* [npoint][nphase][nx] */
  RhoPhaseStability *stability;
  RhoPhaseEnd *cut; /* [npoint] what is there; RHO_PHASE_LOST: nothing */
  RhoPhaseEnd end[2];
  RhoThree known; /* as it was followed, to be recognised */
} Line;

struct RhoLines_s {
  RhoPhases *p;
  RhoChain chain; /* of three phases */
  RhoFamilies sets;
  int nline, nlinecapacity;
  Line *line;
  int nspecial, nspecialcapacity;
  RhoPhaseSpecial *special;
  int nseed, nseedcapacity;
  struct Seed {
    int nphase, order[3];
    double y[RHO_TRACE_MAX];
  } * seed;
};

static const RhoPhaseEnd nothing = {RHO_PHASE_LOST, -1};

RhoLines rho_lines_create(RhoPhases *p) {
  RhoLines lines = RhoArenaAlloc(p->arena, sizeof *lines);
  *lines = (struct RhoLines_s){.p = p, .chain = {p, 3, NULL}, .sets = {.p = p}};
  return lines;
}

/* ---- what is to be followed ------------------------------------------------------------------------------------- */

void rho_lines_critical(RhoLines lines, const double *y) {
  struct Seed *seed = RHO_PUSH(lines->p->arena, lines->seed, lines->nseed, lines->nseedcapacity);
  seed->nphase = 1;
  memcpy(seed->y, y, sizeof *y * (size_t)(lines->p->n + lines->p->nx));
}

static void SeedThree(RhoLines lines, const double *y, const int *order) {
  struct Seed *seed = RHO_PUSH(lines->p->arena, lines->seed, lines->nseed, lines->nseedcapacity);
  seed->nphase = 3;
  memcpy(seed->order, order, sizeof seed->order);
  memcpy(seed->y, y, sizeof *y * (size_t)rho_chain_system(&lines->chain).m);
}

void rho_lines_three(RhoLines lines, const double *x) {
  double y[RHO_TRACE_MAX];
  int order[3];
  rho_chain_order(&lines->chain, x, order);
  rho_chain_pack(&lines->chain, x, order, y);
  SeedThree(lines, y, order);
}

/* ---- points that are special ------------------------------------------------------------------------------------ */

static double Apart(const RhoPhases *p, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < p->nx; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(sum);
}

static void Fields(const RhoPhases *p, int nphase, const double *x, double *state) {
  for (int a = 0; a < nphase; a++) {
    RhoLocalFields(p->local, x + a * p->nx, state + a * p->nx);
    if (p->nx > p->n) state[a * p->nx + p->n] = x[a * p->nx + p->n];
  }
}

static void Coordinates(const RhoPhases *p, const double *state, double *x) {
  RhoLocalCoordinates(p->local, state, x);
  if (p->nx > p->n) x[p->n] = state[p->n];
}

/* The nearest one of the kind, and how far. */
static int Nearest(RhoLines lines, RhoPhaseSpecialKind kind, const double *x, double *distance) {
  int found = -1;
  *distance = INFINITY;
  for (int k = 0; k < lines->nspecial; k++) {
    double at[MOSTX];
    if (lines->special[k].kind != kind) continue;
    Coordinates(lines->p, lines->special[k].state, at);
    double off = Apart(lines->p, at, x);
    if (off < *distance) *distance = off, found = k;
  }
  return found;
}

static int AddSpecial(RhoLines lines, RhoPhaseSpecialKind kind, int nphase, const double *x) {
  RhoPhases *p = lines->p;
  double distance;
  int known = Nearest(lines, kind, x, &distance);
  if (distance < 1e-6) return known;
  RhoPhaseSpecial *special = RHO_PUSH(p->arena, lines->special, lines->nspecial, lines->nspecialcapacity);
  *special = (RhoPhaseSpecial){kind, nphase, NULL, RHO_PHASE_UNSTABLE};
  special->state = RhoArenaAlloc(p->arena, sizeof *x * (size_t)(nphase * p->nx));
  Fields(p, nphase, x, special->state);
  return lines->nspecial - 1;
}

/* Three phases a little apart around a tricritical point: x -+ a e + a^2 w/2 and x. */
static void SeedAround(RhoLines lines, const double *y) {
  static const int order[3] = {0, 1, 2};
  const double a = 0.05;
  RhoPhases *p = lines->p;
  RhoSystem system = rho_chain_system(&lines->chain);
  double x[3 * MOSTX], w[MOSTFIELDS], chain[RHO_TRACE_MAX], direction[RHO_TRACE_MAX] = {0};
  for (int k = 0; k < 3; k++) rho_spinodal_state(p, y, x + k * p->nx);
  if (isnan(rho_quartic_form(p, x, y + p->n, w))) return;
  for (int k = 0; k < 3; k += 2)
    for (int i = 0; i < p->n; i++) x[k * p->nx + i] += (k - 1) * a * y[p->n + i] + 0.5 * a * a * w[i];
  rho_chain_pack(&lines->chain, x, order, chain);
  direction[2 * p->n] = 1;
  if (rho_newton(&system, direction, chain).converged) SeedThree(lines, chain, order);
}

/* Critical points on both sides of a tricritical point, x -+ a e + a^2 w/2. */
static void SeedWings(RhoLines lines, const double *y) {
  RhoPhases *p = lines->p;
  RhoSpinodal critical = {p, true};
  RhoSystem system = rho_spinodal_system(&critical);
  double x[MOSTX], w[MOSTFIELDS], wing[RHO_TRACE_MAX], direction[RHO_TRACE_MAX] = {0};
  rho_spinodal_state(p, y, x);
  if (isnan(rho_quartic_form(p, x, y + p->n, w))) return;
  for (double a = -0.05; a < 0.1; a += 0.1) {
    memcpy(wing, y, sizeof *y * (size_t)system.m);
    for (int i = 0; i < p->n; i++) {
      wing[i] += a * y[p->n + i] + 0.5 * a * a * w[i];
      wing[p->n + i] += a * w[i];
      direction[i] = y[p->n + i];
    }
    if (rho_newton(&system, direction, wing).converged) rho_lines_critical(lines, wing);
  }
}

static int AddTricritical(RhoLines lines, const double *y) {
  double x[MOSTX];
  int before = lines->nspecial;
  rho_spinodal_state(lines->p, y, x);
  int which = AddSpecial(lines, RHO_PHASE_TRICRITICAL, 1, x);
  if (lines->nspecial == before) return which;
  SeedAround(lines, y);
  SeedWings(lines, y);
  return which;
}

/* Where the parameter turns along the curve, unless it does so in a cusp or a tricritical point close by. */
static void AddTurns(RhoLines lines, const RhoCurve *curve) {
  double x[MOSTX], distance[2];
  for (int k = 0; k < curve->npoint; k++) {
    if (curve->event[k] != RHO_EVENT_TURN) continue;
    rho_spinodal_state(lines->p, curve->y + k * curve->m, x);
    (void)Nearest(lines, RHO_PHASE_CUSP, x, &distance[0]);
    (void)Nearest(lines, RHO_PHASE_TRICRITICAL, x, &distance[1]);
    if (distance[0] > 0.01 && distance[1] > NEAR) AddSpecial(lines, RHO_PHASE_TURN, 1, x);
  }
}

/* ---- stability -------------------------------------------------------------------------------------------------- */

static bool LocallyStable(RhoPhases *p, const Line *line, int k) {
  const double *x = line->x + k * line->nphase * p->nx;
  if (line->nphase == 1) return rho_critical_is_stable(p, x, line->y + k * line->m + p->n);
  for (int a = 0; a < line->nphase; a++)
    if (!rho_locally_stable(p, x + a * p->nx)) return false;
  return true;
}

static RhoPhaseStability Stability(RhoPhases *p, const Line *line, int k, double *lowest) {
  const double *x = line->x + k * line->nphase * p->nx;
  if (!LocallyStable(p, line, k) || (p->nx > p->n && rho_samples_at(p, x[p->n]))) return RHO_PHASE_UNSTABLE;
  double height = rho_tangent_plane(p, line->nphase, x, lowest);
  return height < -rho_tangent_round_off(p, x) ? RHO_PHASE_METASTABLE : RHO_PHASE_STABLE;
}

/* Where two phases are one, or a form is zero, stability is decided by round-off: as beside it. */
static void SettleStability(Line *line) {
  for (int k = 0; k < line->npoint; k++) {
    bool last = k == line->npoint - 1, end = k == 0 || last;
    RhoPhaseEndKind kind = line->end[last].kind;
    if (end ? kind == RHO_PHASE_CRITICAL || kind == RHO_PHASE_SPECIAL || kind == RHO_PHASE_SPINODAL
            : line->cut[k].kind != RHO_PHASE_LOST)
      line->stability[k] = line->stability[last ? k - 1 : k + 1];
  }
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static void Reserve(const RhoPhases *p, Line *line) {
  size_t n = (size_t)line->npoint;
  line->y = RhoArenaAlloc(p->arena, sizeof(double) * n * (size_t)line->m);
  line->x = RhoArenaAlloc(p->arena, sizeof(double) * n * (size_t)(line->nphase * p->nx));
  line->stability = RhoArenaAlloc(p->arena, sizeof *line->stability * n);
  line->cut = RhoArenaAlloc(p->arena, sizeof *line->cut * n);
}

/* A point with what is there behind point k. */
static void Insert(const RhoPhases *p, Line *line, int k, const double *y, const double *x, RhoPhaseEnd cut) {
  Line old = *line;
  size_t nx = (size_t)(line->nphase * p->nx), m = (size_t)line->m;
  line->npoint++;
  Reserve(p, line);
  for (int q = 0; q < line->npoint; q++) {
    size_t from = (size_t)(q <= k ? q : q > 0 ? q - 1 : 0), to = (size_t)q;
    bool own = q == k + 1;
    memcpy(line->y + to * m, own ? y : old.y + from * m, sizeof *y * m);
    memcpy(line->x + to * nx, own ? x : old.x + from * nx, sizeof *x * nx);
    line->stability[q] = old.stability[from];
    line->cut[q] = own ? cut : old.cut[from];
  }
}

/* Ends the line in the tricritical point x[nphase][nx], in the place of its last point, which may be beyond, and of
   those that are so near that the curve is not to be told from others that meet it there. */
static void EndIn(const RhoPhases *p, Line *line, int side, const double *y, const double *x) {
  int n = line->npoint - (line->npoint > 2), nx = line->nphase * p->nx;
  while (n > 2 && Apart(p, line->x + (side ? n - 1 : line->npoint - n) * nx, x) < MERGE) n--;
  if (side == 0) { /* from the front */
    int drop = line->npoint - n;
    line->x += drop * nx;
    line->y += drop * line->m;
    line->cut += drop;
    line->stability += drop;
  }
  line->npoint = n;
  Insert(p, line, side ? n - 1 : -1, y, x, nothing);
}

/* Where stability against other phases changes between k and k + 1: the stable side, or -1. */
static int StableSide(const Line *line, int k) {
  RhoPhaseStability a = line->stability[k], b = line->stability[k + 1];
  if (line->cut[k].kind != RHO_PHASE_LOST || line->cut[k + 1].kind != RHO_PHASE_LOST) return -1;
  if (a == RHO_PHASE_STABLE && b == RHO_PHASE_METASTABLE) return k;
  return b == RHO_PHASE_STABLE && a == RHO_PHASE_METASTABLE ? k + 1 : -1;
}

/* ---- curves of critical points ---------------------------------------------------------------------------------- */

/* The chain that begins in the critical point y, with the other phase. */
static void EndPointChain(const RhoPhases *p, const double *y, const double *other, double *chain) {
  int ntie = 2 * p->n + 1;
  double x[MOSTX], tie[RHO_TRACE_MAX];
  rho_spinodal_state(p, y, x);
  memcpy(chain, y, sizeof *y * 2 * (size_t)p->n);
  chain[2 * p->n] = 0;
  rho_tie_pack(p, x, other, tie);
  memcpy(chain + ntie, tie, sizeof *y * (size_t)ntie);
  if (p->nx > p->n) chain[2 * ntie] = x[p->n];
}

/* The critical end point on the chain's tie line k, of which both phases are one: the other phase is the end of the
   other tie line.  y: of the critical point. */
static int EndPointOf(RhoLines lines, const double *chain, const int *order, int k, double *y) {
  RhoPhases *p = lines->p;
  int n = p->n, ntie = 2 * n + 1;
  double x[3 * MOSTX], pair[2 * MOSTX];
  rho_chain_phases(&lines->chain, chain, order, x);
  memcpy(y, chain + k * ntie, sizeof *y * 2 * (size_t)n);
  if (p->nx > n) y[2 * n] = chain[2 * ntie];
  rho_spinodal_state(p, y, pair);
  memcpy(pair + p->nx, x + order[k == 0 ? 2 : 0] * p->nx, sizeof *x * (size_t)p->nx);
  return AddSpecial(lines, RHO_PHASE_CRITICAL_END, 2, pair);
}

static void CutAtEndPoints(RhoLines lines, Line *line, double (*lowest)[MOSTX]) {
  static const int order[3] = {0, 1, 2};
  RhoPhases *p = lines->p;
  RhoSystem system = rho_chain_system(&lines->chain);
  for (int k = line->npoint - 2; k >= 0; k--) {
    double chain[RHO_TRACE_MAX], direction[RHO_TRACE_MAX] = {0}, y[RHO_TRACE_MAX], x[MOSTX];
    int near = StableSide(line, k);
    if (near < 0) continue;
    EndPointChain(p, line->y + near * line->m, lowest[2 * k + 1 - near], chain);
    direction[2 * p->n] = 1;
    if (!rho_newton(&system, direction, chain).converged) continue;
    int which = EndPointOf(lines, chain, order, 0, y);
    rho_spinodal_state(p, y, x);
    Insert(p, line, k, y, x, (RhoPhaseEnd){RHO_PHASE_SPECIAL, which});
    SeedThree(lines, chain, order);
  }
}

/* On the other side of the point y, at which the curve ends with the tangent t. */
static void SeedBeyond(RhoLines lines, const double *y, const double *t) {
  RhoSpinodal critical = {lines->p, true};
  RhoSystem system = rho_spinodal_system(&critical);
  double beyond[RHO_TRACE_MAX];
  for (int i = 0; i < system.m; i++) beyond[i] = y[i] + 0.03 * t[i];
  if (rho_newton(&system, t, beyond).converged) rho_lines_critical(lines, beyond);
}

/* A curve that ends where the quartic form vanishes, or that could not be followed further. */
static void NameCriticalEnd(RhoLines lines, Line *line, int side) {
  RhoPhases *p = lines->p;
  RhoPhaseEnd *end = &line->end[side];
  const RhoCurve *curve = &line->known.curve;
  int at = side ? curve->npoint - 1 : 0, inner = side ? at - 1 : at + 1;
  double y[RHO_TRACE_MAX], x[MOSTX], tangent[RHO_TRACE_MAX];
  bool quartic = end->kind == RHO_PHASE_SPECIAL;
  if (!quartic && end->kind != RHO_PHASE_LOST) return;
  memcpy(y, curve->y + at * line->m, sizeof *y * (size_t)line->m);
  for (int i = 0; i < line->m; i++) tangent[i] = (side ? 1 : -1) * curve->tangent[inner * line->m + i];
  *end = nothing;
  rho_spinodal_state(p, y, x);
  double was[MOSTX];
  memcpy(was, x, sizeof was);
  if (rho_tricritical(p, y)) rho_spinodal_state(p, y, x);
  else if (!quartic) return;
  if (Apart(p, x, was) > 0) { /* it is tricritical */
    if (Apart(p, x, was) > NEAR) return;
    *end = (RhoPhaseEnd){RHO_PHASE_SPECIAL, AddTricritical(lines, y)};
    EndIn(p, line, side, y, x);
  } else *end = (RhoPhaseEnd){RHO_PHASE_SPECIAL, AddSpecial(lines, RHO_PHASE_CUSP, 1, x)};
  if (quartic) SeedBeyond(lines, y, tangent);
}

static bool KnownCritical(RhoLines lines, const double *y) {
  RhoPhases *p = lines->p;
  RhoSpinodal critical = {p, true};
  RhoSystem system = rho_spinodal_system(&critical);
  for (int c = 0; c < lines->nline; c++)
    if (lines->line[c].nphase == 1 && rho_curve_has(&system, p->n, 1, &lines->line[c].known.curve, y)) return true;
  return false;
}

static void FollowCritical(RhoLines lines, const double *y) {
  RhoPhases *p = lines->p;
  if (KnownCritical(lines, y)) return;
  RhoCurve curve = rho_curve_critical(p, y);
  if (curve.npoint < 2) return;
  Line line = {1, curve.npoint, curve.m, .end = {curve.end[0], curve.end[1]}, .known = {curve, NULL}};
  Reserve(p, &line);
  memcpy(line.y, curve.y, sizeof *y * (size_t)(curve.npoint * curve.m));
  for (int k = 0; k < curve.npoint; k++) {
    line.cut[k] = nothing;
    rho_spinodal_state(p, curve.y + k * curve.m, line.x + k * p->nx);
  }
  NameCriticalEnd(lines, &line, 1);
  NameCriticalEnd(lines, &line, 0);
  double(*lowest)[MOSTX] = RhoArenaAlloc(p->arena, sizeof *lowest * (size_t)line.npoint);
  for (int k = 0; k < line.npoint; k++) line.stability[k] = Stability(p, &line, k, lowest[k]);
  SettleStability(&line);
  CutAtEndPoints(lines, &line, lowest);
  *RHO_PUSH(p->arena, lines->line, lines->nline, lines->nlinecapacity) = line;
}

/* ---- curves of three phases ------------------------------------------------------------------------------------- */

/* The tricritical point in which the phases x become one, close by. */
static int TricriticalNear(RhoLines lines, const double *x, const double *e, double *y) {
  RhoPhases *p = lines->p;
  double at[MOSTX];
  memcpy(y, x, sizeof *y * (size_t)p->n);
  memcpy(y + p->n, e, sizeof *y * (size_t)p->n);
  if (p->nx > p->n) y[2 * p->n] = x[p->n];
  if (!rho_tricritical(p, y)) return -1;
  rho_spinodal_state(p, y, at);
  return Apart(p, at, x) < NEAR ? AddTricritical(lines, y) : -1;
}

/* Ends in which phases become one, by name.  Tricritical points are passed on a step, with an event of either pair. */
static void NameEnd(RhoLines lines, Line *line, int side) {
  RhoPhases *p = lines->p;
  int at = side ? line->known.curve.npoint - 1 : 0, nx = p->nx, ntie = 2 * p->n + 1;
  const double *chain = line->known.curve.y + at * line->m;
  double y[RHO_TRACE_MAX], x[3 * MOSTX];
  RhoPhaseEnd *end = &line->end[side];
  if (end->kind != RHO_PHASE_CRITICAL) return;
  int which = -1, pair = end->which;
  rho_chain_phases(&lines->chain, chain, line->known.order[at], x);
  if (fmax(fabs(chain[2 * p->n]), fabs(chain[ntie + 2 * p->n])) < NEAR)
    which = TricriticalNear(lines, x + line->known.order[at][1] * nx, chain + p->n, y);
  *end = nothing;
  if (which >= 0) {
    *end = (RhoPhaseEnd){RHO_PHASE_SPECIAL, which};
    for (int a = 0; a < 3; a++) Coordinates(p, lines->special[which].state, x + a * nx);
    EndIn(p, line, side, chain, x);
  } else if (pair >= 0) {
    *end = (RhoPhaseEnd){RHO_PHASE_SPECIAL, EndPointOf(lines, chain, line->known.order[at], pair, y)};
    rho_lines_critical(lines, y);
  }
}

/* Where a fourth phase comes in: solved for, and the other curves that meet there are followed as well. */
static void CutAtSets(RhoLines lines, Line *line, double (*lowest)[MOSTX]) {
  RhoPhases *p = lines->p;
  size_t size = sizeof(double) * (size_t)p->nx;
  for (int k = line->npoint - 2; k >= 0; k--) {
    double x[MOSTPHASES * MOSTX], three[3 * MOSTX];
    int near = StableSide(line, k);
    if (near < 0) continue;
    memcpy(x, line->x + near * 3 * p->nx, 3 * size);
    memcpy(x + 3 * p->nx, lowest[2 * k + 1 - near], size);
    int which = rho_families_set_near(&lines->sets, 4, x);
    if (which < 0) continue;
    Insert(p, line, k, line->y + k * line->m, x, (RhoPhaseEnd){RHO_PHASE_TRIANGLE, which});
    for (int without = 0; without < 3; without++) {
      for (int a = 0, to = 0; a < 4; a++)
        if (a != without) memcpy(three + p->nx * to++, x + a * p->nx, size);
      rho_lines_three(lines, three);
    }
  }
}

static bool IsKnown(RhoLines lines, const struct Seed *seed) {
  double x[3 * MOSTX];
  RhoPhases *p = lines->p;
  rho_chain_phases(&lines->chain, seed->y, seed->order, x);
  for (int a = 0; a < 3; a++) /* at a critical end point: a little apart */
    if (Apart(p, x + a * p->nx, x + (a + 1) % 3 * p->nx) < 1e-9) return false;
  for (int c = 0; c < lines->nline; c++)
    if (lines->line[c].nphase == 3 && rho_three_has(p, &lines->line[c].known, x)) return true;
  return false;
}

/* Does a curve of three phases end in the critical end point with which this one begins? */
static bool BeginsKnown(RhoLines lines, const struct Seed *seed) {
  RhoPhases *p = lines->p;
  double y[RHO_TRACE_MAX];
  if (fabs(seed->y[2 * p->n]) > 1e-12) return false;
  int which = EndPointOf(lines, seed->y, seed->order, 0, y);
  for (int c = 0; c < lines->nline; c++)
    for (int side = 0; side < 2 && lines->line[c].nphase == 3; side++)
      if (lines->line[c].end[side].kind == RHO_PHASE_SPECIAL && lines->line[c].end[side].which == which) return true;
  return false;
}

static void FollowThree(RhoLines lines, const struct Seed *seed) {
  RhoPhases *p = lines->p;
  if (IsKnown(lines, seed) || BeginsKnown(lines, seed)) return;
  RhoThree three = rho_curve_three(p, seed->y, seed->order);
  const RhoCurve *curve = &three.curve;
  if (curve->npoint < 2) return;
  Line line = {3, curve->npoint, curve->m, .end = {curve->end[0], curve->end[1]}, .known = three};
  Reserve(p, &line);
  memcpy(line.y, curve->y, sizeof(double) * (size_t)(curve->npoint * curve->m));
  double(*lowest)[MOSTX] = RhoArenaAlloc(p->arena, sizeof *lowest * (size_t)line.npoint);
  for (int k = 0; k < curve->npoint; k++) {
    line.cut[k] = nothing;
    rho_chain_phases(&lines->chain, curve->y + k * curve->m, three.order[k], line.x + k * 3 * p->nx);
    line.stability[k] = Stability(p, &line, k, lowest[k]);
  }
  SettleStability(&line);
  CutAtSets(lines, &line, lowest);
  NameEnd(lines, &line, 1);
  NameEnd(lines, &line, 0);
  *RHO_PUSH(p->arena, lines->line, lines->nline, lines->nlinecapacity) = line;
}

void rho_lines_follow(RhoLines lines) {
  for (int k = 0; k < lines->nseed && lines->nline < MOSTLINES; k++) {
    struct Seed seed = lines->seed[k];
    if (seed.nphase == 1) FollowCritical(lines, seed.y);
    else FollowThree(lines, &seed);
  }
}

/* ---- the result ------------------------------------------------------------------------------------------------- */

/* A closed line from its point k on. */
static void BeginAt(const RhoPhases *p, Line *line, int k) {
  Line old = *line;
  size_t nx = (size_t)(line->nphase * p->nx), m = (size_t)line->m;
  int n = line->npoint;
  Reserve(p, line);
  for (int q = 0; q < n; q++) { /* the first point and the last are the same */
    size_t from = (size_t)(k + q < n ? k + q : k + q - n + 1), to = (size_t)q;
    memcpy(line->y + to * m, old.y + from * m, sizeof(double) * m);
    memcpy(line->x + to * nx, old.x + from * nx, sizeof(double) * nx);
    line->stability[q] = old.stability[from];
    line->cut[q] = old.cut[from];
  }
}

/* Points 0 <= first ... last of a line, in whose place comes the point x. */
static void Replace(const RhoPhases *p, Line *line, int first, int last, const double *x, RhoPhaseEnd cut) {
  size_t nx = (size_t)p->nx, m = (size_t)line->m, behind = (size_t)(line->npoint - last - 1);
  size_t from = (size_t)last + 1, to = (size_t)first + 1;
  memcpy(line->x + (to - 1) * nx, x, sizeof *x * nx);
  line->cut[first] = cut;
  memmove(line->x + to * nx, line->x + from * nx, sizeof *x * nx * behind);
  memmove(line->y + to * m, line->y + from * m, sizeof *x * m * behind);
  memmove(line->cut + to, line->cut + from, sizeof *line->cut * behind);
  memmove(line->stability + to, line->stability + from, sizeof *line->stability * behind);
  line->npoint -= last - first;
}

/* Curves of critical points that pass on a step through a tricritical point, which was found on another one. */
static void CutAtTricritical(RhoLines lines, Line *line) {
  RhoPhases *p = lines->p;
  for (int s = 0; s < lines->nspecial; s++) {
    double at[MOSTX];
    RhoPhaseEnd cut = {RHO_PHASE_SPECIAL, s};
    bool ends = false;
    if (lines->special[s].kind != RHO_PHASE_TRICRITICAL) continue;
    Coordinates(p, lines->special[s].state, at);
    for (int side = 0; side < 2; side++)
      ends = ends || (line->end[side].kind == RHO_PHASE_SPECIAL && line->end[side].which == s);
    for (int k = 0; k + 1 < line->npoint && !ends; k++) {
      const double *a = line->x + k * p->nx, *b = a + p->nx;
      double detour = Apart(p, a, at) + Apart(p, at, b);
      if (detour > 1.005 * Apart(p, a, b)) continue;
      Insert(p, line, k, line->y + k * line->m, at, cut);
      int first = k + 1, last = k + 1;
      while (first > 1 && Apart(p, line->x + (first - 1) * p->nx, at) < MERGE) first--;
      while (last + 2 < line->npoint && Apart(p, line->x + (last + 1) * p->nx, at) < MERGE) last++;
      Replace(p, line, first, last, at, cut);
      k = first;
    }
  }
  for (int k = 1; k + 1 < line->npoint && line->end[0].kind == RHO_PHASE_CLOSED; k++)
    if (line->cut[k].kind != RHO_PHASE_LOST) {
      line->end[0] = line->end[1] = line->cut[k];
      BeginAt(p, line, k);
    }
}

static RhoPhaseEnd PieceEnd(const RhoPhases *p, const Line *line, int k, int side) {
  if (line->cut[k].kind != RHO_PHASE_LOST) return line->cut[k];
  bool last = side ? k == line->npoint - 1 : k == 0;
  return last ? rho_named_end(p, line->end[side], line->nphase, line->x + k * line->nphase * p->nx) : nothing;
}

/* Stability of what meets there, the best of it. */
static void Raise(RhoLines lines, RhoPhaseEnd end, RhoPhaseStability stability) {
  if (end.kind == RHO_PHASE_SPECIAL && lines->special[end.which].stability < stability)
    lines->special[end.which].stability = stability;
}

/* All of it so near one point that it may be about a tricritical one. */
static bool IsShort(const RhoPhases *p, const Line *line, int first, int last) {
  int nx = line->nphase * p->nx;
  for (int k = first; k <= last; k++)
    for (int a = 0; a < line->nphase; a++)
      if (Apart(p, line->x + k * nx + a * p->nx, line->x + first * nx + a * p->nx) > MERGE) return false;
  return true;
}

static void KeepPiece(RhoLines lines, const Line *line, int first, int last, int *capacity) {
  RhoPhases *p = lines->p;
  RhoPhaseDiagram *out = p->out;
  RhoPhaseStability stability = line->stability[first + (last > first + 1)];
  if (last == first || (line->nphase > 1 && stability == RHO_PHASE_UNSTABLE) || IsShort(p, line, first, last)) return;
  RhoPhaseLine *kept = RHO_PUSH(p->arena, out->line, out->nline, *capacity);
  *kept = (RhoPhaseLine){.nphase = line->nphase, .npoint = last - first + 1, .stability = stability};
  kept->state = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)(kept->npoint * line->nphase * p->nx));
  Fields(p, kept->npoint * line->nphase, line->x + first * line->nphase * p->nx, kept->state);
  for (int side = 0; side < 2; side++) {
    kept->end[side] = PieceEnd(p, line, side ? last : first, side);
    Raise(lines, kept->end[side], stability);
  }
}

static void KeepLine(RhoLines lines, const Line *line, int *capacity) {
  int first = 0;
  for (int k = 1; k < line->npoint; k++) {
    bool cut = line->cut[k].kind != RHO_PHASE_LOST, last = k == line->npoint - 1;
    bool change = !cut && line->cut[k - 1].kind == RHO_PHASE_LOST && line->stability[k] != line->stability[k - 1];
    if (change) KeepPiece(lines, line, first, k - 1, capacity);
    if (cut || (last && !change)) KeepPiece(lines, line, first, k, capacity);
    if (cut || change) first = k;
  }
}

/* As stable as the curve of critical points is there. */
static void SettleTurn(RhoLines lines, RhoPhaseSpecial *special) {
  RhoPhases *p = lines->p;
  double at[MOSTX], least = INFINITY;
  Coordinates(p, special->state, at);
  for (int c = 0; c < lines->nline && special->kind == RHO_PHASE_TURN; c++)
    for (int k = 0; k < lines->line[c].npoint && lines->line[c].nphase == 1; k++) {
      double off = Apart(p, lines->line[c].x + k * p->nx, at);
      if (off < least) least = off, special->stability = lines->line[c].stability[k];
    }
}

void rho_lines_result(RhoLines lines) {
  RhoPhaseDiagram *out = lines->p->out;
  int capacity = 0;
  for (int c = 0; c < lines->nline; c++) {
    if (lines->line[c].nphase == 1) {
      CutAtTricritical(lines, &lines->line[c]);
      AddTurns(lines, &lines->line[c].known.curve);
    }
    KeepLine(lines, &lines->line[c], &capacity);
  }
  for (int k = 0; k < lines->nspecial; k++) SettleTurn(lines, &lines->special[k]);
  out->nspecial = lines->nspecial;
  out->special = lines->special;
}

void rho_lines_know(RhoLines lines, const RhoPhaseSet *set) {
  RhoFamilies *sets = &lines->sets;
  *RHO_PUSH(lines->p->arena, sets->set, sets->nset, sets->nsetcapacity) = *set;
}

int rho_lines_sets(RhoLines lines, const RhoPhaseSet **set) {
  *set = lines->sets.set;
  return lines->sets.nset;
}
