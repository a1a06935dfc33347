/* fluctuations.c - see fluctuations.h.

   The Lyapunov equation as n^2 linear equations for the entries of S.  What a time t makes of a covariance,
   E S E* + I with E = exp(A t) and I = int_0^t exp(A s) Q exp(A* s) ds, from the series of a step t/2^k, whose terms
   X_1 = Q h, X_{j+1} = h/(j+1) (A X_j + X_j A*) are those of I, and k doublings I <- I + E I E*, E <- E E: nothing is
   subtracted, and no eigenvectors are asked for.  The integral by Gauss-Legendre on panels: of the
   spectrum's width, then halved until nothing changes; with all q, as many panels as matter. */
#include "rhoflux/fluctuations.h"
#include "rhoflux/uniform.h"
#include <math.h>
#include <string.h>

typedef double complex Complex;

void zgesv_(const int *n, const int *nrhs, Complex *a, const int *lda, int *pivot, Complex *b, const int *ldb,
            int *info);

typedef struct {
  RhoEquations eq;
  RhoArena arena;
  int dim, n, nfield;
  const double *value, *state, *const *q, *spacing;
  bool grows;
  double time;          /* in which S grows from start */
  const Complex *start; /* [n][nfield][nfield], NULL: none */
  Complex *S;
  double *sigma;
  double *flux[RHO_MAXDIM], *cell; /* [nfield][nfield]: sums over white noises of g_ik g_jk, of h_ik h_jk */
} Request;

/* ---- the strength of the noise ---- */

typedef struct {
  const RhoNoiseTerm *term;
  int field;
  double amplitude;
} Term;

static bool SameSource(const Term *a, const Term *b) {
  if (a->term == b->term) return true;
  return a->term->name && b->term->name && !strcmp(a->term->name, b->term->name);
}

static void AddPair(Request *r, const Term *a, const Term *b) {
  double product = a->amplitude * b->amplitude;
  int at = a->field * r->nfield + b->field;
  if (a->term->flux != b->term->flux || !SameSource(a, b)) return;
  if (!a->term->flux) r->cell[at] += product;
  for (int d = 0; d < RHO_MAXDIM && a->term->flux; d++)
    if ((a->term->direction < 0 || a->term->direction == d) && (b->term->direction < 0 || b->term->direction == d))
      r->flux[d][at] += product;
}

static int CountTerms(RhoModel model) {
  int n = 0;
  for (int i = 0; i < model->nfield; i++) n += model->field[i].nnoise;
  return n;
}

/* RHO_INPUT: there is none, or it is not the same everywhere. */
static RhoStatus Strength(Request *r) {
  RhoModel model = r->eq->model;
  size_t size = sizeof(double) * (size_t)(r->nfield * r->nfield);
  int n = 0, room = CountTerms(model);
  Term *term = RhoArenaAlloc(r->arena, sizeof *term * (size_t)(room + 1));
  for (int d = 0; d < RHO_MAXDIM; d++) r->flux[d] = RhoArenaAlloc(r->arena, size);
  r->cell = RhoArenaAlloc(r->arena, size);
  for (int i = 0; i < model->nfield; i++)
    for (int k = 0; k < model->field[i].nnoise; k++) {
      const RhoNoiseTerm *noise = &model->field[i].noise[k];
      if (RhoGraphDependsOnKind(r->eq->graph, noise->amplitude, RHO_SYM_COORDINATE)) return RHO_INPUT;
      term[n++] = (Term){noise, i, RhoLocalValue(r->eq, RhoHomogeneous(r->eq, noise->amplitude), r->value, r->state)};
    }
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) AddPair(r, &term[a], &term[b]);
  return n > 0 ? RHO_OK : RHO_INPUT;
}

static void StrengthAt(const Request *r, const RhoWaves *waves, int w, Complex *Q) {
  for (int k = 0; k < r->nfield * r->nfield; k++) {
    Q[k] = r->cell[k];
    for (int d = 0; d < RHO_MAXDIM; d++)
      if (waves->s[d]) Q[k] += waves->s[d][w] * r->flux[d][k];
  }
}

/* ---- one mode ---- */

static bool SolveLinear(const Request *r, int n, Complex *a, int nrhs, Complex *b) {
  int info, *pivot = RhoArenaAlloc(r->arena, sizeof(int) * (size_t)n);
  zgesv_(&n, &nrhs, a, &n, pivot, b, &n, &info);
  return info == 0;
}

/* sum_k A_ik S_kj + S_ik conj(A_jk) = -Q_ij, an equation for each pair; columns are stored one after the other. */
static bool Lyapunov(const Request *r, const Complex *A, const Complex *Q, Complex *S) {
  int n = r->nfield, m = n * n;
  Complex *a = RhoArenaAlloc(r->arena, sizeof *a * (size_t)(m * m));
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < n; k++) {
        a[(k * n + j) * m + i * n + j] += A[i * n + k];
        a[(i * n + k) * m + i * n + j] += conj(A[j * n + k]);
      }
      S[i * n + j] = -Q[i * n + j];
    }
  return SolveLinear(r, m, a, 1, S);
}

static RhoStatus IsStable(const Request *r, const Complex *A, bool *stable) {
  size_t n = (size_t)r->nfield;
  Complex *copy = RhoArenaAlloc(r->arena, sizeof *copy * n * n), *rate = RhoArenaAlloc(r->arena, sizeof *rate * n);
  memcpy(copy, A, sizeof *copy * n * n);
  RhoStatus status = RhoEigenvalues(r->nfield, copy, rate, NULL);
  *stable = creal(rate[0]) < 0;
  return status == RHO_NOMEM ? status : RHO_OK;
}

#define ROUNDING 1e-14 /* of the two traces that sigma is the difference of: less is nothing */

/* tr(2 Q^-1 A S A*) + Re tr A;  B = Q^-1 A, Q being real and symmetric as stored */
static double Sigma(const Request *r, const Complex *A, Complex *Q, const Complex *S) {
  int n = r->nfield;
  Complex *B = RhoArenaAlloc(r->arena, sizeof *B * (size_t)(n * n)); /* B[j][i]: column j of Q^-1 A */
  double sum = 0, trace = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) B[j * n + i] = A[i * n + j];
  if (!SolveLinear(r, n, Q, n, B)) return NAN;
  for (int i = 0; i < n; i++) {
    trace += creal(A[i * n + i]);
    for (int j = 0; j < n; j++)
      for (int k = 0; k < n; k++) sum += 2 * creal(B[j * n + i] * S[j * n + k] * conj(A[i * n + k]));
  }
  return fabs(sum + trace) > ROUNDING * fabs(trace) ? sum + trace : 0;
}

static RhoStatus OneMode(const Request *r, int w, const Complex *A, Complex *Q) {
  int n = r->nfield;
  bool stable;
  Complex *S = RhoArenaAlloc(r->arena, sizeof *S * (size_t)(n * n));
  RhoStatus status = IsStable(r, A, &stable);
  stable = stable && Lyapunov(r, A, Q, S);
  for (int k = 0; r->S && k < n * n; k++) r->S[w * n * n + k] = stable ? S[k] : NAN;
  if (r->sigma) r->sigma[w] = stable ? Sigma(r, A, Q, S) : NAN;
  return status;
}

/* ---- one mode that grows ---- */

enum { TERMS = 16 };
#define STEP 0.25 /* |A| h: the rest of the series is below rounding */

/* c = a b, or a b*; c is neither a nor b */
static void Multiply(int n, const Complex *a, const Complex *b, bool adjoint, Complex *c) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      Complex sum = 0;
      for (int k = 0; k < n; k++) sum += a[i * n + k] * (adjoint ? conj(b[j * n + k]) : b[k * n + j]);
      c[i * n + j] = sum;
    }
}

typedef struct {
  int n;
  Complex *E, *gain, *term, *work, *other; /* [n][n] */
} Growth;

/* E and the gain I of a step h */
static void FirstStep(Growth *g, const Complex *A, const Complex *Q, double h) {
  int n = g->n, n2 = n * n;
  for (int k = 0; k < n2; k++) g->term[k] = g->E[k] = k % (n + 1) == 0;
  for (int j = 1; j < TERMS; j++) {
    Multiply(n, A, g->term, false, g->work);
    for (int k = 0; k < n2; k++) g->E[k] += g->term[k] = g->work[k] * (h / j);
  }
  for (int k = 0; k < n2; k++) g->gain[k] = g->term[k] = Q[k] * h;
  for (int j = 2; j < TERMS; j++) {
    Multiply(n, A, g->term, false, g->work);
    Multiply(n, g->term, A, true, g->other);
    for (int k = 0; k < n2; k++) g->gain[k] += g->term[k] = (g->work[k] + g->other[k]) * (h / j);
  }
}

/* other <- E x E* */
static void Carry(Growth *g, const Complex *x) {
  Multiply(g->n, g->E, x, false, g->work);
  Multiply(g->n, g->work, g->E, true, g->other);
}

static void Double(Growth *g) {
  Carry(g, g->gain);
  for (int k = 0; k < g->n * g->n; k++) g->gain[k] += g->other[k];
  Multiply(g->n, g->E, g->E, false, g->work);
  memcpy(g->E, g->work, sizeof *g->E * (size_t)(g->n * g->n));
}

static double RowSum(int n, const Complex *A) {
  double largest = 0;
  for (int i = 0; i < n; i++) {
    double sum = 0;
    for (int k = 0; k < n; k++) sum += cabs(A[i * n + k]);
    largest = fmax(largest, sum);
  }
  return largest;
}

static void Grow(const Request *r, int w, const Complex *A, const Complex *Q) {
  int n = r->nfield, k, n2 = n * n;
  Complex *room = RhoArenaAlloc(r->arena, sizeof *room * (size_t)(5 * n2)), *S = r->S + (size_t)w * (size_t)n2;
  Growth g = {n, room, room + n2, room + 2 * n2, room + 3 * n2, room + 4 * n2};
  frexp(RowSum(n, A) * r->time / STEP, &k);
  k = k > 0 ? k : 0;
  FirstStep(&g, A, Q, ldexp(r->time, -k));
  while (k--) Double(&g);
  memset(g.other, 0, sizeof *g.other * (size_t)n2);
  if (r->start) Carry(&g, r->start + (size_t)w * (size_t)n2);
  for (int i = 0; i < n2; i++) S[i] = g.other[i] + g.gain[i];
}

/* ---- all of them ---- */

static RhoStatus Modes(Request *r) {
  size_t n2 = (size_t)(r->nfield * r->nfield);
  Complex *A = RhoArenaAlloc(r->arena, sizeof *A * n2 * (size_t)r->n), *Q = RhoArenaAlloc(r->arena, sizeof *Q * n2);
  RhoWaves waves;
  RhoStatus status = Strength(r);
  if (!status) status = RhoWavesCreate(r->eq, r->arena, r->dim, r->value, r->n, r->q, r->spacing, &waves);
  if (!status) status = RhoSymbol(r->eq, RHO_PART_ALL, r->value, r->state, &waves, A);
  for (int w = 0; !status && w < r->n; w++) {
    StrengthAt(r, &waves, w, Q);
    if (r->grows) Grow(r, w, A + (size_t)w * n2, Q);
    else status = OneMode(r, w, A + (size_t)w * n2, Q);
  }
  return status;
}

static RhoStatus Guarded(Request *r) {
  if (setjmp(*RhoArenaGuard(r->arena))) return RHO_NOMEM;
  if (setjmp(*RhoArenaGuard(r->eq->model->arena))) return RHO_NOMEM;
  return Modes(r);
}

static RhoStatus Answer(Request *r) {
  r->arena = RhoArenaCreate();
  if (!r->arena) return RHO_NOMEM;
  if (!r->dim) r->dim = r->eq->model->dim;
  RhoStatus status = Guarded(r);
  RhoArenaDestroy(&r->arena);
  return status;
}

RhoStatus RhoStructureFactors(RhoEquations eq, int dim, const double *value, const double *state, int n,
                              const double *const *q, const double *spacing, Complex *S, double *sigma) {
  Request r = {.eq = eq, .dim = dim, .n = n, .nfield = eq->nfield, .value = value, .state = state};
  r.q = q, r.spacing = spacing;
  r.S = S, r.sigma = sigma;
  return Answer(&r);
}

RhoStatus RhoStructureFactorsGrown(RhoEquations eq, int dim, const double *value, const double *state, int n,
                                   const double *const *q, const double *spacing, double time, const Complex *start,
                                   Complex *S) {
  Request r = {.eq = eq, .dim = dim, .n = n, .nfield = eq->nfield, .value = value, .state = state};
  r.q = q, r.spacing = spacing;
  r.grows = true, r.time = time, r.start = start;
  r.S = S;
  return Answer(&r);
}

/* ---- the integral ---- */

enum { PANELS = 4096, QUIET = 4 };

typedef struct {
  RhoEquations eq;
  int dim;
  const double *value, *state;
} Integrand;

/* 2 pi^(dim/2)/Gamma(dim/2), the unit sphere, over (2 pi)^dim; in one dimension q and -q */
static double Measure(int dim, double q) {
  const double over[] = {1 / M_PI, 1 / (2 * M_PI), 1 / (2 * M_PI * M_PI)};
  return over[dim - 1] * pow(q, dim - 1);
}

static RhoStatus Panel(const Integrand *f, double from, double width, double *sum) {
  double q[RHO_GAUSS], weight[RHO_GAUSS], sigma[RHO_GAUSS];
  const double *along[RHO_MAXDIM] = {q, NULL, NULL};
  for (int k = 0; k < RHO_GAUSS; k++) q[k] = from + width * RhoGaussPoint(k, &weight[k]);
  RhoStatus status = RhoStructureFactors(f->eq, f->dim, f->value, f->state, RHO_GAUSS, along, NULL, NULL, sigma);
  *sum = 0;
  for (int k = 0; !status && k < RHO_GAUSS; k++) *sum += weight[k] * width * Measure(f->dim, q[k]) * sigma[k];
  return status;
}

/* Panels of a width up to top, or until QUIET of them in a row add nothing. */
static RhoStatus Panels(const Integrand *f, double top, double width, double *sum) {
  int quiet = 0;
  *sum = 0;
  for (int k = 0; k * width < top && quiet < QUIET; k++) {
    double part;
    if (k == PANELS) {
      *sum = INFINITY;
      return RHO_OK;
    }
    RhoStatus status = Panel(f, k * width, fmin(width, top - k * width), &part);
    if (status) return status;
    *sum += part;
    quiet = isinf(top) && fabs(part) <= 1e-16 * fabs(*sum) ? quiet + 1 : 0;
  }
  return RHO_OK;
}

RhoStatus RhoEntropyProduction(RhoEquations eq, int dim, const double *value, const double *state, double top,
                               double *density) {
  Integrand f = {eq, dim, value, state};
  double width = isinf(top) ? 1 : top / 4, before;
  RhoStatus status = Panels(&f, top, width, density);
  for (int k = 0; !status && k < 6 && isfinite(*density); k++) {
    before = *density;
    width /= 2;
    status = Panels(&f, top, width, density);
    if (fabs(*density - before) <= 1e-12 * fabs(*density) + 1e-15) break;
  }
  return status;
}
