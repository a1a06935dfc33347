/* phase_flash.c - what a composition separates into: phases are taken from the diagram, or from the hull, solved for,
   dropped when their fraction is negative and added when the tangent plane of the others cuts f (Michelsen 1982). */
#include "phase_private.h"
#include <math.h>
#include <string.h>

/* ---- phases of given number ------------------------------------------------------------------------------------- */

bool rho_eliminate(int n, double *a) {
  int m = n + 1;
  for (int k = 0; k < n; k++) {
    int pivot = k;
    for (int i = k; i < n; i++)
      if (fabs(a[i * m + k]) > fabs(a[pivot * m + k])) pivot = i;
    if (!(fabs(a[pivot * m + k]) > 0)) return false;
    for (int j = 0; j < m; j++) {
      double swap = a[k * m + j];
      a[k * m + j] = a[pivot * m + j];
      a[pivot * m + j] = swap;
    }
    for (int i = 0; i < n; i++) {
      double factor = a[i * m + k] / a[k * m + k];
      for (int j = k; j < m && i != k; j++) a[i * m + j] -= factor * a[k * m + j];
    }
  }
  for (int k = 0; k < n; k++) a[k * m + n] /= a[k * m + k];
  return true;
}

bool rho_barycentric(int n, const double *u, const double *z, double *weight) {
  double a[MOSTFIELDS * MOSTX];
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) a[i * (n + 1) + j] = u[(j + 1) * n + i] - u[i];
    a[i * (n + 1) + n] = z[i] - u[i];
  }
  if (!rho_eliminate(n, a)) return false;
  weight[0] = 1;
  for (int j = 0; j < n; j++) weight[0] -= weight[j + 1] = a[j * (n + 1) + n];
  return true;
}

static bool SolveTie(RhoPhases *p, const double *composition, double *x, double *t) {
  RhoTie tie = {p, composition, true};
  RhoSystem system = rho_tie_system(&tie);
  double y[RHO_TRACE_MAX];
  rho_tie_pack(p, x, x + p->nx, y);
  y[2 * p->n + 1] = t[1];
  if (!rho_newton(&system, NULL, y).converged) return false;
  t[1] = y[2 * p->n + 1];
  t[0] = 1 - t[1];
  if (p->nx > p->n) y[2 * p->n + 1] = p->lambda;
  rho_tie_phases(p, y, x, x + p->nx);
  return true;
}

static bool SolveChain(RhoPhases *p, int k, const double *composition, double *x, double *t) {
  RhoChain chain = {p, k, composition};
  RhoSystem system = rho_chain_system(&chain);
  double y[RHO_TRACE_MAX];
  int order[MOSTPHASES], fractions = (k - 1) * (2 * p->n + 1);
  rho_chain_order(&chain, x, order);
  rho_chain_pack(&chain, x, order, y);
  for (int a = 1; a < k && composition; a++) y[fractions + a - 1] = t[order[a]];
  if (system.m != system.n || !rho_newton(&system, NULL, y).converged) return false;
  rho_chain_phases(&chain, y, order, x);
  if (!composition) return true;
  t[order[0]] = 1;
  for (int a = 1; a < k; a++) t[order[0]] -= t[order[a]] = y[fractions + a - 1];
  return true;
}

bool rho_phases_solve(RhoPhases *p, int k, const double *composition, double *x, double *t) {
  if (k < 2) return true;
  return k == 2 && composition ? SolveTie(p, composition, x, t) : SolveChain(p, k, composition, x, t);
}

double rho_phases_residual(RhoPhases *p, int k, const double *x) {
  double mu[2][MOSTFIELDS], largest = 0;
  RhoLocalPotentials(p->local, 1, x, mu[0], NULL, NULL);
  double scale = fabs(rho_pressure(p, x));
  for (int a = 1; a < k; a++) {
    RhoLocalPotentials(p->local, 1, x + a * p->nx, mu[1], NULL, NULL);
    for (int i = 0; i < p->n; i++)
      largest = fmax(largest, fabs(mu[1][i] - mu[0][i]) / fmax(fabs(p->T[i]), fabs(mu[0][i])));
    largest = fmax(largest, fabs(rho_pressure_difference(p, x, x + a * p->nx)) / fmax(scale, 1e-300));
  }
  return largest;
}

double rho_pressure(RhoPhases *p, const double *x) {
  double u[MOSTFIELDS], mu[MOSTFIELDS], f;
  RhoLocalFields(p->local, x, u);
  RhoLocalPotentials(p->local, 1, x, mu, NULL, NULL);
  if (RhoLocalEnergies(p->local, 1, x, &f)) return NAN;
  for (int i = 0; i < p->n; i++) f -= u[i] * mu[i];
  return -f;
}

/* ---- the right number ------------------------------------------------------------------------------------------- */

typedef struct {
  RhoPhases *p;
  const double *z;
  int k;
  double x[(MOSTPHASES + 1) * MOSTX], t[MOSTPHASES + 1];
} Split;

static void Alone(Split *split) {
  RhoPhases *p = split->p;
  split->k = 1;
  split->t[0] = 1;
  RhoLocalCoordinates(p->local, split->z, split->x);
  if (p->nx > p->n) split->x[p->n] = p->lambda;
}

/* Densities below those of the samples are raised to them, and so many times lower in every phase. */
static void IntoSamples(const RhoPhases *p, const double *z, double *within, double *shift) {
  for (int i = 0; i < p->n; i++) {
    double least = p->samples.axis[i][0];
    bool below = p->local->logarithmic[i] && z[i] < least;
    within[i] = below ? least * (1 + 1e-9) : z[i];
    shift[i] = below ? log(z[i] / least) : 0;
  }
}

/* The phases of the facet that contains z, by the weights of their corners. */
static bool FromFacet(Split *split, const RhoFacet *facet) {
  RhoPhases *p = split->p;
  int n = p->n;
  double z[MOSTFIELDS], shift[MOSTFIELDS];
  IntoSamples(p, split->z, z, shift);
  double u[MOSTX * MOSTFIELDS], weight[MOSTX], mean[MOSTX * MOSTFIELDS] = {0};
  for (int a = 0; a <= n; a++) memcpy(u + a * n, p->samples.u + facet->corner[a] * n, sizeof *u * (size_t)n);
  if (!rho_barycentric(n, u, z, weight)) return false;
  memset(split->t, 0, sizeof split->t);
  for (int a = 0; a <= n; a++) {
    if (weight[a] < -1e-12) return false;
    split->t[facet->phase[a]] += weight[a] = fmax(weight[a], 1e-6);
    for (int i = 0; i < n; i++) mean[facet->phase[a] * n + i] += weight[a] * u[a * n + i];
  }
  split->k = facet->nphase;
  for (int b = 0; b < split->k; b++) {
    for (int i = 0; i < n; i++) mean[b * n + i] /= split->t[b];
    memcpy(split->x + b * p->nx, p->samples.x + facet->corner[0] * p->nx, sizeof *mean * (size_t)p->nx);
    RhoLocalCoordinates(p->local, mean + b * n, split->x + b * p->nx);
    for (int i = 0; i < n; i++) split->x[b * p->nx + i] += shift[i];
  }
  return true;
}

static void FromRegions(RhoFamilies *families, Split *split) {
  RhoPhases *p = split->p;
  double y[RHO_TRACE_MAX], t[MOSTPHASES];
  int set = rho_families_set(families, split->z, t);
  if (set >= 0) {
    split->k = families->set[set].nphase;
    memcpy(split->t, t, sizeof *t * (size_t)split->k);
    for (int a = 0; a < split->k; a++)
      RhoLocalCoordinates(p->local, families->set[set].state + a * p->nx, split->x + a * p->nx);
  } else if (rho_families_find(families, split->z, false, y, &t[1]) >= 0) {
    split->k = 2;
    split->t[0] = 1 - t[1];
    split->t[1] = t[1];
    rho_tie_phases(p, y, split->x, split->x + p->nx);
  }
}

static void Drop(Split *split, int a) {
  RhoPhases *p = split->p;
  for (int b = a; b + 1 < split->k; b++) {
    split->t[b] = split->t[b + 1];
    memcpy(split->x + b * p->nx, split->x + (b + 1) * p->nx, sizeof(double) * (size_t)p->nx);
  }
  split->k--;
}

static int Smallest(const Split *split) {
  int least = 0;
  for (int a = 1; a < split->k; a++)
    if (split->t[a] < split->t[least]) least = a;
  return least;
}

static void Add(Split *split, const double *x) {
  RhoPhases *p = split->p;
  if (split->k == p->n + 1) Drop(split, Smallest(split));
  memcpy(split->x + split->k * p->nx, x, sizeof *x * (size_t)p->nx);
  split->t[split->k++] = 0.05;
}

/* true: these are the phases. */
static bool Improve(Split *split, bool *failed) {
  RhoPhases *p = split->p;
  double lowest[MOSTX];
  if (split->k == 1) Alone(split);
  *failed = !rho_phases_solve(p, split->k, split->z, split->x, split->t);
  if (*failed) return false;
  if (split->k > 1 && split->t[Smallest(split)] < 0) {
    Drop(split, Smallest(split));
    return false;
  }
  double height = rho_tangent_plane(p, split->k, split->x, lowest);
  bool stable = split->k > 1 || rho_locally_stable(p, split->x);
  if (stable && !(height < -rho_tangent_round_off(p, split->x))) return true;
  Add(split, lowest);
  return false;
}

static void Keep(const Split *split, RhoPhaseFlash *out) {
  RhoPhases *p = split->p;
  size_t k = (size_t)split->k, nx = (size_t)p->nx;
  double f, separate = 0, x[MOSTX];
  out->nphase = split->k;
  out->state = RhoArenaAlloc(p->arena, sizeof(double) * k * nx);
  out->fraction = RhoArenaAlloc(p->arena, sizeof(double) * k);
  out->mu = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)p->n);
  memcpy(out->fraction, split->t, sizeof(double) * k);
  for (int a = 0; a < split->k; a++) {
    if (p->nx > p->n) out->state[a * p->nx + p->n] = p->lambda;
    RhoLocalFields(p->local, split->x + a * p->nx, out->state + a * p->nx);
    if (!RhoLocalEnergies(p->local, 1, split->x + a * p->nx, &f)) separate += split->t[a] * f;
  }
  RhoLocalPotentials(p->local, 1, split->x, out->mu, NULL, NULL);
  out->p = rho_pressure(p, split->x);
  out->residual = rho_phases_residual(p, split->k, split->x);
  memcpy(x, split->x, sizeof x);
  RhoLocalCoordinates(p->local, split->z, x);
  if (!RhoLocalEnergies(p->local, 1, x, &f)) out->height = f - separate;
}

void rho_flash(RhoFamilies *families, int nfacet, const RhoFacet *facet, RhoPhaseFlash *out) {
  Split split = {.p = families->p, .z = out->composition};
  bool failed = false;
  Alone(&split);
  FromRegions(families, &split);
  for (int k = 0; k < nfacet && split.k == 1; k++)
    if (facet[k].nphase > 1) FromFacet(&split, &facet[k]);
  for (int round = 0; round < 12 && !failed; round++)
    if (Improve(&split, &failed)) {
      Keep(&split, out);
      return;
    }
}
