/* phase_equations.c - equal potentials and equal pressure, in forms that keep their accuracy where phases become equal
   and where densities vanish.

   Two phases at c -+ r e in the coordinates x.  Along the straight line x(s) = c + s r e, with phi_i = d mu_i/d(s r)
   and psi_i = d phi_i/d(s r), and dp = sum_i u_i d mu_i:

     A_i = 1/2 int_-1^1 phi_i ds = 0                  mu_i(2) - mu_i(1) = 2 r A_i
     B = 1/2 int sum_i V_i psi_i ds = 0               p(2) - p(1) = 2 r^3 B when A = 0
     V_i(s) = (1/r) int_s^1 (u_i(s') - mean of u_i) ds' = e_i (1 - s^2)/2 * u_i  to leading order

   by one integration by parts.  At r = 0 they are the equations of a critical point, N e = 0 and a vanishing cubic
   form, and nothing is special there: a curve of tie lines goes through it.  Integrals are by Gauss-Legendre with
   panels halved until that changes next to nothing. */
#include "phase_private.h"
#include <math.h>
#include <string.h>

#define RESOLVED 1e-13 /* change by halving the panels: the error is of a higher order */
enum { MOSTPANELS = 64, MOSTPOINTS = RHO_GAUSS * MOSTPANELS, MOSTY = RHO_TRACE_MAX };

/* ---- quadrature along the line ---------------------------------------------------------------------------------- */

typedef struct {
  const RhoPhases *p;
  const double *c, *e; /* [nx]; e is 0 for the parameter */
  double r;
  int npoint;
  double *s, *w;           /* [npoint], sum of w: 1 */
  double *x, *N, *N1, *N2; /* by points */
} Line;

void rho_phases_reserve(RhoPhases *p) {
  p->work = RhoArenaAlloc(p->arena, sizeof *p->work * (size_t)(MOSTPOINTS * (2 + 2 * p->nx + 3 * p->n * p->nx)));
}

/* s(t) = tanh(crowd t)/tanh(crowd), or t: points crowd where the line ends, exp(-2 crowd) from there. */
static double Place(double t, double crowd, double *slope) {
  *slope = 1;
  if (crowd == 0) return t;
  double c = cosh(crowd * t);
  *slope = crowd / (tanh(crowd) * c * c);
  return tanh(crowd * t) / tanh(crowd);
}

static Line MakeLine(const RhoPhases *p, const double *c, const double *e, double r, int npanel, double crowd) {
  size_t nN = (size_t)(p->n * p->nx);
  double slope;
  Line line = {.p = p, .c = c, .e = e, .r = r, .npoint = RHO_GAUSS * npanel, .s = p->work};
  line.w = line.s + MOSTPOINTS;
  line.x = line.w + MOSTPOINTS;
  double *along = line.x + MOSTPOINTS * p->nx;
  line.N = along + MOSTPOINTS * p->nx;
  line.N1 = line.N + MOSTPOINTS * nN;
  line.N2 = line.N1 + MOSTPOINTS * nN;
  for (int k = 0; k < line.npoint; k++) {
    double t = 2 * (k / RHO_GAUSS + RhoGaussPoint(k % RHO_GAUSS, &line.w[k])) / npanel - 1;
    line.s[k] = Place(t, crowd, &slope);
    line.w[k] *= slope / npanel;
    for (int i = 0; i < p->nx; i++) {
      line.x[k * p->nx + i] = c[i] + line.s[k] * r * e[i];
      along[k * p->nx + i] = e[i];
    }
  }
  RhoLocalPath(p->local, line.npoint, line.x, along, line.N, line.N1, line.N2);
  return line;
}

/* out[nout] = sum over the points; out of the first `watched` decides when the panels are narrow enough. */
typedef void (*Summand)(const Line *line, int k, double *out);

/* With panels halved up to `most`; *change of the last halving, relative.  false: a value is no number. */
static bool Refine(const RhoPhases *p, const double *c, const double *e, double r, Summand add, int nout, int watched,
                   int most, double crowd, double *out, double *change) {
  double before[MOSTY * (MOSTY + 1)];
  *change = INFINITY;
  for (int npanel = 1; npanel <= most && *change > RESOLVED; npanel *= 2) {
    Line line = MakeLine(p, c, e, r, npanel, crowd);
    memset(out, 0, sizeof *out * (size_t)nout);
    for (int k = 0; k < line.npoint; k++) add(&line, k, out);
    double largest = npanel > 1 ? 0 : INFINITY, scale = 0;
    for (int i = 0; i < nout; i++) {
      if (!isfinite(out[i])) return false;
      scale = fmax(scale, fabs(out[i]));
    }
    for (int i = 0; i < watched && npanel > 1; i++) largest = fmax(largest, fabs(out[i] - before[i]));
    *change = largest / scale;
    memcpy(before, out, sizeof *out * (size_t)nout);
  }
  return true;
}

/* Where something else vanishes with the phases, a solvent, the integrands have layers at the ends: points crowd there
   until they are resolved. */
static bool Integrate(const RhoPhases *p, const double *c, const double *e, double r, Summand add, int nout,
                      int watched, double *out) {
  static const double crowd[] = {0, 4, 8};
  static const int most[] = {8, MOSTPANELS, MOSTPANELS};
  double change = INFINITY;
  for (int k = 0; k < 3 && change > RESOLVED; k++)
    if (!Refine(p, c, e, r, add, nout, watched, most[k], crowd[k], out, &change)) return false;
  return change < 1e-9;
}

/* ---- the weight V ----------------------------------------------------------------------------------------------- */

/* u(s) = exp(c + s a): *G = V/e and *slope = dG/da, without cancellation at small a. */
static void LogarithmicWeight(double c, double a, double s, double *G, double *slope) {
  if (fabs(a) >= 1) {
    double up = exp(c + a), down = exp(c - a), here = exp(c + s * a);
    *G = (up - here - 0.5 * (1 - s) * (up - down)) / (a * a);
    *slope = (up - s * here - 0.5 * (1 - s) * (up + down)) / (a * a) - 2 * *G / a;
    return;
  }
  double sum = 0, derivative = 0, power = 1, before = 0, factorial = 2, s_power = s * s;
  for (int k = 1; k <= 20; k++) {
    double term = (1 - s_power - (k % 2 ? 0 : 1 - s)) / factorial;
    sum += power * term;
    derivative += (k - 1) * before * term;
    before = power;
    power *= a;
    factorial *= k + 2;
    s_power *= s;
  }
  *G = exp(c) * sum;
  *slope = exp(c) * derivative;
}

static void Weight(const Line *line, int i, double s, double *G, double *slope) {
  *G = 0.5 * (1 - s * s);
  *slope = 0;
  if (line->p->local->logarithmic[i]) LogarithmicWeight(line->c[i], line->r * line->e[i], s, G, slope);
}

bool rho_is_defined(const RhoPhases *p, const double *x) {
  double mu[MOSTFIELDS];
  RhoLocalPotentials(p->local, 1, x, mu, NULL, NULL);
  for (int i = 0; i < p->n; i++)
    if (!isfinite(mu[i])) return false;
  return true;
}

static bool EndsAreDefined(const RhoPhases *p, const double *c, const double *e, double r) {
  double x[2][MOSTX];
  for (int i = 0; i < p->nx; i++) x[0][i] = c[i] - r * e[i], x[1][i] = c[i] + r * e[i];
  return rho_is_defined(p, x[0]) && rho_is_defined(p, x[1]);
}

/* ---- two phases ------------------------------------------------------------------------------------------------- */

/* out: A[n], B, then their derivatives [n + 1][2 n + 1 + (nx - n)] by c, e, r, parameter */
static void TieSummand(const Line *line, int k, double *out) {
  const RhoPhases *p = line->p;
  int n = p->n, nx = p->nx, ny = 2 * n + 1 + nx - n;
  double s = line->s[k], w = line->w[k], r = line->r, *dB = out + n + 1 + n * ny;
  const double *N = line->N + k * n * nx, *N1 = line->N1 + k * n * nx, *N2 = line->N2 + k * n * nx, *e = line->e;
  for (int i = 0; i < n; i++) {
    double phi = 0, psi = 0, chi = 0, G, slope, *dA = out + n + 1 + i * ny;
    for (int j = 0; j < n; j++) {
      phi += N[i * nx + j] * e[j];
      psi += N1[i * nx + j] * e[j];
      chi += N2[i * nx + j] * e[j];
    }
    Weight(line, i, s, &G, &slope);
    double V = w * e[i] * G;
    out[i] += w * phi;
    out[n] += V * psi;
    for (int j = 0; j < n; j++) {
      dA[j] += w * N1[i * nx + j];
      dA[n + j] += w * (N[i * nx + j] + s * r * N1[i * nx + j]);
      dB[j] += V * N2[i * nx + j];
      dB[n + j] += V * (2 * N1[i * nx + j] + s * r * N2[i * nx + j]);
    }
    if (p->local->logarithmic[i]) dB[i] += V * psi;
    dB[n + i] += w * (G + r * e[i] * slope) * psi;
    dA[2 * n] += w * s * psi;
    dB[2 * n] += V * s * chi + w * e[i] * e[i] * slope * psi;
    for (int j = n; j < nx; j++) {
      dA[2 * n + 1] += w * N1[i * nx + j];
      dB[2 * n + 1] += V * N2[i * nx + j];
    }
  }
}

/* |e| = 1 and, with a composition, (1 - t) u(1) + t u(2) = composition; rows n + 1 ... */
static void TieLever(const RhoTie *tie, const double *c, const double *e, double r, double t, int m, double *F,
                     double *J) {
  const RhoPhases *p = tie->p;
  int n = p->n;
  F[n + 1] = -0.5;
  for (int j = 0; j < n; j++) {
    F[n + 1] += 0.5 * e[j] * e[j];
    J[(n + 1) * m + n + j] = e[j];
  }
  for (int i = 0; i < n && tie->composition; i++) {
    bool logarithmic = p->local->logarithmic[i];
    double x1 = c[i] - r * e[i], x2 = c[i] + r * e[i], *row = J + (n + 2 + i) * m;
    double u1 = logarithmic ? exp(x1) : x1, u2 = logarithmic ? exp(x2) : x2;
    double d1 = (1 - t) * (logarithmic ? u1 : 1), d2 = t * (logarithmic ? u2 : 1);
    F[n + 2 + i] = (1 - t) * u1 + t * u2 - tie->composition[i];
    row[i] = d1 + d2;
    row[n + i] = r * (d2 - d1);
    row[2 * n] = e[i] * (d2 - d1);
    row[m - 1] = u2 - u1;
  }
}

/* out as of TieSummand: of the tie line y = c, e, r at the parameter's value lambda. */
static bool TieIntegrals(const RhoPhases *p, const double *y, double lambda, double *out) {
  int n = p->n, ny = 2 * n + 1 + p->nx - n;
  double c[MOSTX], e[MOSTX] = {0};
  memcpy(c, y, sizeof *c * (size_t)n);
  memcpy(e, y + n, sizeof *e * (size_t)n);
  if (p->nx > n) c[n] = lambda;
  return EndsAreDefined(p, c, e, y[2 * n]) && Integrate(p, c, e, y[2 * n], TieSummand, (n + 1) * (ny + 1), n + 1, out);
}

static bool TieEquations(const double *y, double *F, double *J, void *ctx) {
  RhoTie *tie = ctx;
  const RhoPhases *p = tie->p;
  bool over = p->nx > p->n && !tie->fixed;
  int n = p->n, ny = 2 * n + 1 + p->nx - n, m = 2 * n + 1 + over + (tie->composition ? 1 : 0);
  double out[MOSTX + MOSTX * MOSTY];
  if (!TieIntegrals(p, y, over ? y[2 * n + 1] : p->lambda, out)) return false;
  memcpy(F, out, sizeof *F * (size_t)(n + 1));
  memset(J, 0, sizeof *J * (size_t)(m * (n + 2 + (tie->composition ? n : 0))));
  for (int i = 0; i <= n; i++) memcpy(J + i * m, out + n + 1 + i * ny, sizeof *J * (size_t)(2 * n + 1 + over));
  TieLever(tie, y, y + n, y[2 * n], tie->composition ? y[m - 1] : 0, m, F, J);
  return true;
}

RhoSystem rho_tie_system(RhoTie *tie) {
  const RhoPhases *p = tie->p;
  int over = p->nx > p->n && !tie->fixed, lever = tie->composition ? 1 : 0;
  return (RhoSystem){p->n + 2 + lever * p->n, 2 * p->n + 1 + over + lever, NULL, TieEquations, tie};
}

void rho_tie_pack(const RhoPhases *p, const double *x1, const double *x2, double *y) {
  int n = p->n;
  double r = 0;
  for (int i = 0; i < n; i++) r += 0.25 * (x2[i] - x1[i]) * (x2[i] - x1[i]);
  y[2 * n] = r = sqrt(r);
  for (int i = 0; i < n; i++) {
    y[i] = 0.5 * (x1[i] + x2[i]);
    y[n + i] = 0.5 * (x2[i] - x1[i]) / r;
  }
  if (p->nx > n) y[2 * n + 1] = x1[n];
}

void rho_tie_phases(const RhoPhases *p, const double *y, double *x1, double *x2) {
  int n = p->n;
  for (int i = 0; i < n; i++) {
    x1[i] = y[i] - y[2 * n] * y[n + i];
    x2[i] = y[i] + y[2 * n] * y[n + i];
  }
  if (p->nx > n) x1[n] = x2[n] = y[2 * n + 1];
}

/* ---- phases one after the other, as tie lines ------------------------------------------------------------------- */

static double Fields(const RhoPhases *p, int i, double x) { return p->local->logarithmic[i] ? exp(x) : x; }

double rho_field_slope(const RhoPhases *p, int i, double x) { return p->local->logarithmic[i] ? exp(x) : 1; }

enum { MOSTTIE = 2 * MOSTFIELDS + 1 };

/* The rows of tie line k of the chain. */
static bool ChainTie(const RhoPhases *p, const double *y, int k, int m, double *F, double *J) {
  int n = p->n, ntie = 2 * n + 1, ny = ntie + p->nx - n, first = k * (n + 2), at = k * ntie;
  double out[MOSTX + MOSTX * MOSTY];
  if (!TieIntegrals(p, y + at, y[m - 1], out)) return false;
  for (int i = 0; i <= n; i++) {
    double *row = J + (first + i) * m;
    F[first + i] = out[i];
    memcpy(row + at, out + n + 1 + i * ny, sizeof *J * (size_t)ntie);
    if (p->nx > n) row[m - 1] = out[n + 1 + i * ny + ntie];
  }
  F[first + n + 1] = -0.5;
  for (int j = 0; j < n; j++) {
    F[first + n + 1] += 0.5 * y[at + n + j] * y[at + n + j];
    J[(first + n + 1) * m + at + n + j] = y[at + n + j];
  }
  return true;
}

/* The second phase of tie line k is the first of the next one; rows first .... */
static void ChainLink(const RhoPhases *p, const double *y, int k, int first, int m, double *F, double *J) {
  int n = p->n, ntie = 2 * n + 1, at = k * ntie;
  const double *a = y + at, *b = a + ntie;
  for (int i = 0; i < n; i++) {
    double *row = J + (first + i) * m + at;
    F[first + i] = a[i] + a[2 * n] * a[n + i] - b[i] + b[2 * n] * b[n + i];
    row[i] = 1;
    row[n + i] = a[2 * n];
    row[2 * n] = a[n + i];
    row[ntie + i] = -1;
    row[ntie + n + i] = b[2 * n];
    row[ntie + 2 * n] = b[n + i];
  }
}

/* The fractions of all phases but the first are behind the tie lines: sum of t_k u_k = composition, rows first .... */
static void ChainLever(const RhoChain *chain, const double *y, int first, int m, double *F, double *J) {
  const RhoPhases *p = chain->p;
  int n = p->n, ntie = 2 * n + 1, fractions = (chain->nphase - 1) * ntie;
  double u0[MOSTFIELDS], t0 = 1;
  for (int k = 1; k < chain->nphase; k++) t0 -= y[fractions + k - 1];
  for (int i = 0; i < n; i++) F[first + i] = -chain->composition[i];
  for (int k = 0; k < chain->nphase; k++) {
    int at = (k > 0 ? k - 1 : 0) * ntie;
    double side = k > 0 ? 1 : -1, t = k > 0 ? y[fractions + k - 1] : t0;
    for (int i = 0; i < n; i++) {
      double *row = J + (first + i) * m, x = y[at + i] + side * y[at + 2 * n] * y[at + n + i], u = Fields(p, i, x);
      double slope = t * rho_field_slope(p, i, x);
      F[first + i] += t * u;
      row[at + i] += slope;
      row[at + n + i] += slope * side * y[at + 2 * n];
      row[at + 2 * n] += slope * side * y[at + n + i];
      if (k == 0) u0[i] = u;
      else row[fractions + k - 1] = u - u0[i];
    }
  }
}

static bool ChainEquations(const double *y, double *F, double *J, void *ctx) {
  const RhoChain *chain = ctx;
  RhoSystem system = rho_chain_system(ctx);
  int n = chain->p->n, ntie = chain->nphase - 1, first = ntie * (n + 2);
  memset(J, 0, sizeof *J * (size_t)(system.m * system.n));
  for (int k = 0; k < ntie; k++)
    if (!ChainTie(chain->p, y, k, system.m, F, J)) return false;
  for (int k = 0; k + 1 < ntie; k++) ChainLink(chain->p, y, k, first + k * n, system.m, F, J);
  if (chain->composition) ChainLever(chain, y, first + (ntie - 1) * n, system.m, F, J);
  return true;
}

RhoSystem rho_chain_system(RhoChain *chain) {
  int n = chain->p->n, ntie = chain->nphase - 1, lever = chain->composition != NULL;
  return (RhoSystem){ntie * (n + 2) + (ntie - 1 + lever) * n, ntie * (2 * n + 1 + lever) + chain->p->nx - n, NULL,
                     ChainEquations, chain};
}

void rho_chain_pack(const RhoChain *chain, const double *x, const int *order, double *y) {
  const RhoPhases *p = chain->p;
  double tie[MOSTTIE + 1];
  int ntie = 2 * p->n + 1;
  for (int k = 0; k + 1 < chain->nphase; k++) {
    rho_tie_pack(p, x + order[k] * p->nx, x + order[k + 1] * p->nx, tie);
    memcpy(y + k * ntie, tie, sizeof *y * (size_t)ntie);
  }
  if (p->nx > p->n) y[(chain->nphase - 1) * ntie] = x[p->n];
}

void rho_chain_phases(const RhoChain *chain, const double *y, const int *order, double *x) {
  const RhoPhases *p = chain->p;
  int n = p->n, ntie = 2 * n + 1;
  for (int k = 0; k < chain->nphase; k++) {
    const double *tie = y + (k > 0 ? k - 1 : 0) * ntie;
    double *to = x + order[k] * p->nx;
    for (int i = 0; i < n; i++) to[i] = tie[i] + (k > 0 ? 1 : -1) * tie[2 * n] * tie[n + i];
    if (p->nx > n) to[n] = y[(chain->nphase - 1) * ntie];
  }
}

static double Apart(const RhoPhases *p, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < p->n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(sum);
}

void rho_chain_order(const RhoChain *chain, const double *x, int *order) {
  const RhoPhases *p = chain->p;
  int n = chain->nphase, nx = p->nx;
  double longest = -1;
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) {
      double distance = a == b ? -1 : Apart(p, x + a * nx, x + b * nx);
      if (distance > longest) longest = distance, order[0] = a;
    }
  for (int k = 1, next = 0; k < n; next++)
    if (next != order[0]) order[k++] = next;
  for (int k = 1; k < n; k++) /* by the distance from the first */
    for (int q = k; q > 1; q--) {
      const double *first = x + order[0] * nx;
      if (Apart(p, first, x + order[q] * nx) >= Apart(p, first, x + order[q - 1] * nx)) break;
      int swap = order[q];
      order[q] = order[q - 1];
      order[q - 1] = swap;
    }
}

/* ---- pressure --------------------------------------------------------------------------------------------------- */

/* out: the part of p(2) - p(1) that is not ideal, over 2 r */
static void PressureSummand(const Line *line, int k, double *out) {
  const RhoPhases *p = line->p;
  int n = p->n, nx = p->nx;
  for (int i = 0; i < n; i++) {
    bool logarithmic = p->local->logarithmic[i];
    double x = line->x[k * nx + i], phi = logarithmic ? -p->T[i] * line->e[i] : 0;
    for (int j = 0; j < n; j++) phi += line->N[(k * n + i) * nx + j] * line->e[j];
    out[0] += line->w[k] * (logarithmic ? exp(x) : x) * phi;
  }
}

double rho_pressure_difference(RhoPhases *p, const double *x1, const double *x2) {
  double c[MOSTX], e[MOSTX] = {0}, out, ideal = 0;
  for (int i = 0; i < p->n; i++) {
    c[i] = 0.5 * (x1[i] + x2[i]);
    e[i] = 0.5 * (x2[i] - x1[i]);
    if (p->local->logarithmic[i]) ideal += p->T[i] * (exp(x2[i]) - exp(x1[i]));
  }
  if (p->nx > p->n) c[p->n] = p->lambda;
  if (!Integrate(p, c, e, 1, PressureSummand, 1, 1, &out)) return NAN;
  return ideal + 2 * out;
}

/* ---- spinodals -------------------------------------------------------------------------------------------------- */

void rho_spinodal_state(const RhoPhases *p, const double *y, double *x) {
  memcpy(x, y, sizeof *x * (size_t)p->n);
  if (p->nx > p->n) x[p->n] = y[2 * p->n];
}

static void PathAt(const RhoPhases *p, const double *y, double *x, double *N, double *N1, double *N2) {
  double e[MOSTX] = {0};
  rho_spinodal_state(p, y, x);
  memcpy(e, y + p->n, sizeof *e * (size_t)p->n);
  RhoLocalPath(p->local, 1, x, e, N, N1, N2);
}

/* Rows: N e = 0, |e| = 1, then the cubic form. */
static bool SpinodalEquations(const double *y, double *F, double *J, void *ctx) {
  const RhoSpinodal *spinodal = ctx;
  const RhoPhases *p = spinodal->p;
  int n = p->n, nx = p->nx, m = n + nx, nequation = n + 1 + spinodal->critical;
  double x[MOSTX], N[MOSTFIELDS * MOSTX], N1[MOSTFIELDS * MOSTX], N2[MOSTFIELDS * MOSTX];
  const double *e = y + n;
  PathAt(p, y, x, N, N1, N2);
  if (!rho_is_defined(p, x)) return false;
  memset(J, 0, sizeof *J * (size_t)(nequation * m));
  F[n] = -0.5;
  if (spinodal->critical) F[n + 1] = 0;
  for (int i = 0; i < n; i++) {
    double psi = 0, weight = rho_field_slope(p, i, x[i]);
    F[i] = 0;
    for (int j = 0; j < n; j++) {
      F[i] += N[i * nx + j] * e[j];
      psi += N1[i * nx + j] * e[j];
      J[i * m + j] = N1[i * nx + j];
      J[i * m + n + j] = N[i * nx + j];
    }
    F[n] += 0.5 * e[i] * e[i];
    J[n * m + n + i] = e[i];
    if (nx > n) J[i * m + 2 * n] = N1[i * nx + n];
    if (!spinodal->critical) continue;
    double *row = J + (n + 1) * m;
    F[n + 1] += weight * e[i] * psi;
    if (p->local->logarithmic[i]) row[i] += weight * e[i] * psi;
    row[n + i] += weight * psi;
    for (int j = 0; j < n; j++) {
      row[j] += weight * e[i] * N2[i * nx + j];
      row[n + j] += 2 * weight * e[i] * N1[i * nx + j];
    }
    if (nx > n) row[2 * n] += weight * e[i] * N2[i * nx + n];
  }
  return true;
}

RhoSystem rho_spinodal_system(RhoSpinodal *spinodal) {
  const RhoPhases *p = spinodal->p;
  return (RhoSystem){p->n + 1 + spinodal->critical, p->n + p->nx, NULL, SpinodalEquations, spinodal};
}

double rho_cubic_form(RhoPhases *p, const double *x, const double *e) {
  RhoSpinodal spinodal = {p, true};
  double y[2 * MOSTX], F[MOSTX + 2], J[(MOSTX + 2) * 2 * MOSTX];
  memcpy(y, x, sizeof *y * (size_t)p->n);
  memcpy(y + p->n, e, sizeof *y * (size_t)p->n);
  if (p->nx > p->n) y[2 * p->n] = x[p->n];
  SpinodalEquations(y, F, J, &spinodal);
  return F[p->n + 1];
}

/* ---- local stability -------------------------------------------------------------------------------------------- */

/* The Hessian's leading minors over those of the ideal part: of N with columns over d u/d x. */
static void Minors(RhoPhases *p, const double *x, double *minor) {
  double N[MOSTFIELDS * MOSTX], a[MOSTFIELDS * MOSTFIELDS], det = 1;
  int n = p->n;
  RhoLocalPotentials(p->local, 1, x, NULL, NULL, N);
  for (int k = 0; k < n * n; k++) a[k] = N[k / n * p->nx + k % n];
  for (int k = 0; k < n; k++) {
    minor[k] = det *= a[k * n + k];
    for (int i = k + 1; i < n; i++)
      for (int j = k + 1; j < n; j++) a[i * n + j] -= a[i * n + k] * a[k * n + j] / a[k * n + k];
  }
}

double rho_stability(RhoPhases *p, const double *x) {
  double minor[MOSTFIELDS];
  if (!rho_is_defined(p, x)) return NAN;
  Minors(p, x, minor);
  return minor[p->n - 1];
}

bool rho_locally_stable(RhoPhases *p, const double *x) {
  double minor[MOSTFIELDS];
  if (!rho_is_defined(p, x)) return false;
  Minors(p, x, minor);
  for (int k = 0; k < p->n; k++)
    if (!(minor[k] > 0)) return false;
  return true;
}

double rho_minors(RhoPhases *p, const double *x, double *trace) {
  double N[MOSTFIELDS * MOSTX], minors = 0;
  int n = p->n, nx = p->nx;
  RhoLocalPotentials(p->local, 1, x, NULL, NULL, N);
  *trace = 0;
  for (int i = 0; i < n; i++) {
    *trace += N[i * nx + i];
    for (int j = 0; j < i; j++) minors += N[i * nx + i] * N[j * nx + j] - N[i * nx + j] * N[j * nx + i];
  }
  return minors;
}

double rho_other_eigenvalues(RhoPhases *p, const double *x) {
  double trace, minors = rho_minors(p, x, &trace);
  return p->n == 3 ? minors : p->n == 2 ? trace : 1;
}
