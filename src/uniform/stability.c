/* stability.c - everything about the waves of one state: the fastest of all directions, its bands, exceptional points,
   branches. */
#include "growth.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { ANGLES = 32, GOLDEN_MOST = 60 };

/* ---- directions ---- */

static bool Uses(RhoEquations eq, int d) {
  RhoSymbolProgram program;
  bool uses = RhoSymbolProgramCreate(eq, RHO_PART_ALL, 0, &program) == RHO_OK && RhoSymbolProgramUses(program, d);
  RhoSymbolProgramDestroy(&program);
  return uses;
}

bool RhoStabilityAnisotropic(RhoEquations eq) {
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (Uses(eq, d)) return true;
  return false;
}

/* Polar angle from the third axis and azimuth. */
static void Direct(int ndimension, const double angle[2], double *direction) {
  double sine = ndimension > 2 ? sin(angle[1]) : 1;
  direction[0] = cos(angle[0]) * sine;
  direction[1] = sin(angle[0]) * sine;
  direction[2] = ndimension > 2 ? cos(angle[1]) : 0;
}

typedef struct {
  Growth *g;
  int ndimension;
  const double *value, *state;
  Peak peak; /* of the last direction */
  RhoStatus status;
} Turning;

static double AtAngle(Turning *t, const double angle[2]) {
  double direction[RHO_MAXDIM];
  Direct(t->ndimension, angle, direction);
  rho_growth_turn(t->g, direction);
  if (!t->status) t->status = rho_growth_bind(t->g, t->value, t->state);
  if (!t->status) t->status = rho_growth_largest(t->g, &t->peak);
  return t->status ? -INFINITY : creal(t->peak.rate);
}

/* Golden sections in one angle about the best sample. */
static double Refine(Turning *t, double angle[2], int k, double width) {
  const double ratio = 0.5 * (sqrt(5) - 1);
  double a = angle[k] - width, b = angle[k] + width, best;
  for (int step = 0; step < GOLDEN_MOST && b - a > 1e-8; step++) {
    double x = b - ratio * (b - a), y = a + ratio * (b - a);
    angle[k] = x;
    double fx = AtAngle(t, angle);
    angle[k] = y;
    if (fx >= AtAngle(t, angle)) b = y;
    else a = x;
  }
  double middle = 0.5 * (a + b), axis = round(middle / (M_PI / 2)) * (M_PI / 2);
  angle[k] = fabs(middle - axis) < 1e-6 ? axis : middle; /* along a dimension: exactly */
  best = AtAngle(t, angle);
  return best;
}

/* Leaves the line along the direction of the fastest wave.  A(-q) is the conjugate of A(q): half of the directions. */
static RhoStatus FindDirection(Growth *g, int ndimension, const double *value, const double *state) {
  Turning t = {.g = g, .ndimension = ndimension, .value = value, .state = state};
  double best[2] = {0, M_PI / 2}, top = -INFINITY, angle[2];
  int npolar = ndimension > 2 ? ANGLES : 1;
  for (int i = 0; i < ANGLES && !t.status; i++)
    for (int j = 0; j < npolar && !t.status; j++) {
      angle[0] = i * M_PI / ANGLES;
      angle[1] = ndimension > 2 ? j * M_PI / ANGLES : M_PI / 2;
      double growth = AtAngle(&t, angle);
      if (growth > top * (1 + 1e-12) + 1e-300) top = growth, memcpy(best, angle, sizeof best);
    }
  for (int round = 0; round < (ndimension > 2 ? 4 : 1) && !t.status && top > 0; round++) {
    Refine(&t, best, 0, M_PI / ANGLES);
    if (ndimension > 2) Refine(&t, best, 1, M_PI / ANGLES);
  }
  AtAngle(&t, best);
  return t.status;
}

/* ---- bands ---- */

/* The zero of growth between a (grows: positive) and b (other sign); by Illinois steps. */
static double Edge(Growth *g, double a, double b) {
  double fa = rho_growth_at(g, a, NULL), fb = rho_growth_at(g, b, NULL);
  for (int k = 0; k < 200 && fabs(b - a) > 4 * DBL_EPSILON * fabs(b) && fa != fb; k++) {
    double c = (a * fb - b * fa) / (fb - fa);
    if (!(fmin(a, b) < c && c < fmax(a, b))) c = 0.5 * (a + b);
    double fc = rho_growth_at(g, c, NULL);
    if (fc == 0 || c == a || c == b) return c;
    if ((fc > 0) != (fb > 0)) a = b, fa = fb;
    else fa *= 0.5;
    b = c, fb = fc;
  }
  return b;
}

typedef struct {
  Growth *g;
  RhoArena arena;
  RhoBand *band;
  int n, capacity, npeak, peaks;
  Peak *peak;
} Bands;

static RhoStatus FindPeaks(Bands *b) {
  for (int k = 0; k < b->g->scan.n; k++) {
    Peak peak;
    if (!rho_growth_peaks(b->g, k)) continue;
    RhoStatus status = rho_growth_refine(b->g, k, &peak);
    if (status) return status;
    *RHO_PUSH(b->arena, b->peak, b->npeak, b->peaks) = peak;
  }
  return RHO_OK;
}

/* The nearest point of the scan, from q on in one sense, at which nothing grows; the end of the range, or 0. */
static double Outside(const Growth *g, double q, int sense) {
  const Scan *s = &g->scan;
  if (sense > 0) {
    for (int k = 0; k < s->n; k++)
      if (s->q[k] > q && !(g->growth[k] > 0)) return s->q[k];
    return s->q[s->n - 1];
  }
  for (int k = s->n - 1; k >= 0; k--)
    if (s->q[k] < q && !(g->growth[k] > 0)) return s->q[k];
  return 0;
}

static void AddBand(Bands *b, const Peak *peak) {
  Growth *g = b->g;
  double low = Outside(g, peak->q, -1), high = Outside(g, peak->q, 1);
  bool grows_at_top = high == g->scan.q[g->scan.n - 1] && g->growth[g->scan.n - 1] > 0;
  RhoBand band = {.q = peak->q, .rate = peak->rate};
  if (low == 0 && rho_growth_limit(g) == RHO_CLASS_STABLE) low = 1e-6 * g->scan.q[0];
  band.from = low > 0 ? Edge(g, peak->q, low) : 0;
  band.to = grows_at_top ? high : Edge(g, peak->q, high);
  RhoBand *last = b->n ? &b->band[b->n - 1] : NULL;
  if (last && band.from < last->to) { /* two maxima of one band */
    if (creal(band.rate) > creal(last->rate)) last->q = band.q, last->rate = band.rate;
    return;
  }
  *RHO_PUSH(b->arena, b->band, b->n, b->capacity) = band;
}

static RhoStatus FindBands(Growth *g, RhoArena arena, RhoStability *out) {
  Bands b = {.g = g, .arena = arena};
  RhoStatus status = FindPeaks(&b);
  for (int k = 0; k < b.npeak && !status; k++)
    if (creal(b.peak[k].rate) > rho_growth_tolerance(g, b.peak[k].q)) AddBand(&b, &b.peak[k]);
  out->band = b.band;
  out->nband = b.n;
  return status;
}

/* ---- exceptional points ---- */

/* (lambda_a - lambda_b)^2 of the two fastest modes that are each other's partner: positive for two real ones, negative
   for a pair; analytic where they meet. */
static double Discriminant(Growth *g, double q) {
  double complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], rate[RHO_LINE_MOST];
  if (rho_line_at(&g->line, q, A) || rho_rates(g->line.n, A, rate)) return NAN;
  double complex square = (rate[0] - rate[1]) * (rate[0] - rate[1]);
  if (g->line.n == 2) square = (A[0] - A[3]) * (A[0] - A[3]) + 4 * A[1] * A[2];
  return fabs(cimag(square)) <= 1e-8 * cabs(square) ? creal(square) : NAN;
}

static double ZeroOf(Growth *g, double a, double b, double fa) {
  for (int k = 0; k < 200 && fabs(b - a) > 2 * DBL_EPSILON * fabs(b); k++) {
    double c = 0.5 * (a + b), fc = Discriminant(g, c);
    if (c == a || c == b || isnan(fc)) break;
    if ((fc > 0) == (fa > 0)) a = c;
    else b = c;
  }
  return 0.5 * (a + b);
}

static void FindExceptional(Growth *g, RhoArena arena, RhoStability *out) {
  double *found = NULL, last = NAN;
  int n = 0, capacity = 0;
  for (int k = 0; k < g->scan.n && g->line.n > 1; k++) {
    double here = Discriminant(g, g->scan.q[k]);
    if (k && here * last < 0) {
      double q = ZeroOf(g, g->scan.q[k - 1], g->scan.q[k], last);
      *RHO_PUSH(arena, found, n, capacity) = q;
    }
    last = here;
  }
  out->exceptional = found;
  out->nexceptional = n;
}

/* ---- one state ---- */

static void CopyLimit(const LongWaves *limit, RhoArena arena, RhoStability *out) {
  double complex *fast = RhoArenaAlloc(arena, sizeof *fast * RHO_LINE_MOST);
  double complex *slow = RhoArenaAlloc(arena, sizeof *slow * RHO_LINE_MOST);
  double *speed = RhoArenaAlloc(arena, sizeof *speed * RHO_LINE_MOST);
  memcpy(fast, limit->fast, sizeof limit->fast);
  memcpy(slow, limit->slow, sizeof limit->slow);
  memcpy(speed, limit->speed, sizeof limit->speed);
  out->nfast = limit->nfast, out->nslow = limit->nslow;
  out->fast = fast, out->slow = slow, out->speed = speed;
}

static RhoStatus Analyse(Growth *g, RhoArena arena, RhoStability *out) {
  Peak peak;
  if (!rho_growth_defined(g)) return out->class = out->limit = RHO_CLASS_UNDEFINED, RHO_OK;
  RhoStatus status = rho_growth_largest(g, &peak);
  if (status) return status;
  memcpy(out->direction, g->line.direction, sizeof out->direction);
  out->q = peak.q, out->rate = peak.rate, out->edge = peak.edge;
  out->class = rho_growth_class(g, &peak);
  out->limit = rho_growth_limit(g);
  CopyLimit(&g->limit, arena, out);
  FindExceptional(g, arena, out);
  return FindBands(g, arena, out);
}

static RhoStatus AlongLines(RhoEquations eq, RhoArena arena, const RhoWaveRange *range, const double *value,
                            const double *state, RhoStability *out) {
  const double x[RHO_MAXDIM] = {1, 0, 0}, *direction = range->given ? range->direction : x;
  Growth g;
  RhoStatus status = RHO_OK;
  out->top = range->top;
  if (!(out->top > 0)) status = rho_growth_range(eq, range->dim, direction, range->spacing, value, state, &out->top);
  if (status) return status;
  status = rho_growth_create(eq, range->dim, direction, range->spacing, out->top, &g);
  bool turn = out->anisotropic && !range->given && range->ndimension > 1;
  if (!status && turn) status = FindDirection(&g, range->ndimension, value, state);
  else if (!status) status = rho_growth_bind(&g, value, state);
  if (!status) status = Analyse(&g, arena, out);
  rho_growth_destroy(&g);
  return status;
}

RhoStatus RhoStabilityAt(RhoEquations eq, RhoArena arena, const RhoWaveRange *range, const double *value,
                         const double *state, RhoStability *out) {
  *out = (RhoStability){.class = RHO_CLASS_UNDEFINED, .limit = RHO_CLASS_UNDEFINED};
  if (eq->uses_coordinate || eq->nfield > RHO_LINE_MOST) return RHO_INPUT;
  if (setjmp(*RhoArenaGuard(arena))) return RHO_NOMEM;
  out->anisotropic = RhoStabilityAnisotropic(eq);
  return AlongLines(eq, arena, range, value, state, out);
}
