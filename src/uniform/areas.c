/* areas.c - two phases by equal areas: int chi_k S dx = 0 from phase to phase for the two solutions chi_k of a front.

   With p = P chi the adjoint equation is  p' = Q p/P - eta,  eta' = R p/P,  beside  I_k' = chi_k S.  Three stages:

   1. where S changes its sign, on a grid over everything the field can be;
   2. A = I_1 and B = I_2 in a table from the first of these places on, as far to both sides as A comes back to values
   it has in between.  Where A rises uniform states are stable: a branch.  For two branches, B_j - B_i at the same A is
      monotonic in A (its slope is psi_j - psi_i), so that bisection needs no guess;
   3. Newton's method on x1, x2, with the slopes of the areas as Jacobian, and twice as many panels until nothing
   changes.

   The equations are integrated by Gauss collocation (order 2 NGAUSS), in one linear system for each panel. */
#include "rhoflux/coexist.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { NGAUSS = 8, NUNKNOWN = 2 * NGAUSS, MOST_EDGES = 2048, MOST_SPINODALS = 32, PER_LOOP = 32, MOST_PANELS = 1024 };
enum { OUT_P, OUT_Q, OUT_R, OUT_S, OUT_TILT, OUT_POTENTIAL, NOUT };

void dgesv_(const int *n, const int *nrhs, double *a, const int *lda, int *pivot, double *b, const int *ldb, int *info);

/* Both solutions at x, and their areas from the start on. */
typedef struct {
  double x, p[2], eta[2], area[2];
} Solution;

typedef struct {
  RhoArena arena;
  RhoTape tape;
  bool positive;                                  /* x > 0, on a logarithmic scale */
  double c[NGAUSS], b[NGAUSS], a[NGAUSS][NGAUSS]; /* collocation on [0, 1] */
  double sign;                                    /* of S, so that it is positive in stable states */
  int nspinodal;
  double *spinodal;
  Solution start;
  int nedge;
  Solution *edge; /* [nedge] ascending in x */
} Areas;

/* A stretch of the table on which A rises. */
typedef struct {
  int first, last;
} Branch;

/* ---- Gauss collocation ----------------------------------------------------------------------------------------------
 */

static double Lagrange(const Areas *s, int j, double x) {
  double product = 1;
  for (int k = 0; k < NGAUSS; k++)
    if (k != j) product *= (x - s->c[k]) / (s->c[j] - s->c[k]);
  return product;
}

/* a_ij = int_0^c_i l_j, for which the nodes themselves are exact */
static void Collocation(Areas *s) {
  RhoGaussRule(NGAUSS, s->c, s->b);
  for (int i = 0; i < NGAUSS; i++)
    for (int j = 0; j < NGAUSS; j++)
      for (int k = 0; k < NGAUSS; k++) s->a[i][j] += s->c[i] * s->b[k] * Lagrange(s, j, s->c[i] * s->c[k]);
}

static void Evaluate(Areas *s, int n, const double *x, double out[NOUT][NGAUSS]) {
  double *row[NOUT];
  for (int k = 0; k < NOUT; k++) row[k] = out[k];
  RhoTapeEval(s->tape, n, &x, NULL, row, NULL);
}

/* Column by column: unknowns p'[NGAUSS], eta'[NGAUSS] of each solution. */
static void FillPanel(const Areas *s, const Solution *from, double h, double out[NOUT][NGAUSS],
                      double A[NUNKNOWN][NUNKNOWN], double rhs[2][NUNKNOWN]) {
  for (int i = 0; i < NGAUSS; i++) {
    double q = out[OUT_Q][i] / out[OUT_P][i], r = out[OUT_R][i] / out[OUT_P][i];
    for (int j = 0; j < NGAUSS; j++) {
      A[j][i] = (i == j) - h * q * s->a[i][j];
      A[NGAUSS + j][i] = h * s->a[i][j];
      A[j][NGAUSS + i] = -h * r * s->a[i][j];
      A[NGAUSS + j][NGAUSS + i] = i == j;
    }
    for (int k = 0; k < 2; k++) {
      rhs[k][i] = q * from->p[k] - from->eta[k];
      rhs[k][NGAUSS + i] = r * from->p[k];
    }
  }
}

static void EndPanel(const Areas *s, double h, double out[NOUT][NGAUSS], double rhs[2][NUNKNOWN], Solution *at) {
  for (int k = 0; k < 2; k++) {
    double p = at->p[k];
    for (int i = 0; i < NGAUSS; i++) {
      double inside = p;
      for (int j = 0; j < NGAUSS; j++) inside += h * s->a[i][j] * rhs[k][j];
      at->area[k] += h * s->b[i] * s->sign * out[OUT_S][i] * inside / out[OUT_P][i];
      at->p[k] += h * s->b[i] * rhs[k][i];
      at->eta[k] += h * s->b[i] * rhs[k][NGAUSS + i];
    }
  }
}

static void Panel(Areas *s, Solution *at, double to) {
  double h = to - at->x, x[NGAUSS], out[NOUT][NGAUSS], A[NUNKNOWN][NUNKNOWN], rhs[2][NUNKNOWN];
  int n = NUNKNOWN, nrhs = 2, pivot[NUNKNOWN], info;
  for (int i = 0; i < NGAUSS; i++) x[i] = at->x + s->c[i] * h;
  Evaluate(s, NGAUSS, x, out);
  FillPanel(s, at, h, out, A, rhs);
  dgesv_(&n, &nrhs, A[0], &n, pivot, rhs[0], &n, &info);
  EndPanel(s, h, out, rhs, at);
  if (info != 0) at->area[0] = NAN;
  at->x = to;
}

/* Number k of n from a to b. */
static double Between(const Areas *s, double a, double b, int k, int n) {
  if (k == 0 || k == n) return k ? b : a;
  return s->positive ? a * pow(b / a, (double)k / n) : a + (b - a) * k / n;
}

static Solution At(Areas *s, double x, int npanel) {
  Solution at = s->start;
  for (int k = 1; k <= npanel; k++) Panel(s, &at, Between(s, s->start.x, x, k, npanel));
  return at;
}

/* ---- 1. where S changes its sign ------------------------------------------------------------------------------------
 */

static double S(Areas *s, double x) {
  double out[NOUT][NGAUSS];
  Evaluate(s, 1, &x, out);
  return out[OUT_S][0];
}

static double Root(Areas *s, double a, double b) {
  bool rising = S(s, b) > 0;
  for (int k = 0; k < 200; k++) {
    double middle = 0.5 * (a + b);
    if (middle == a || middle == b) break;
    if ((S(s, middle) > 0) == rising) b = middle;
    else a = middle;
  }
  return 0.5 * (a + b);
}

/* number k of n of all that the field can be */
static double Place(const Areas *s, int k, int n) {
  if (s->positive) return pow(10, -8 + 16.0 * k / n);
  return 1e-2 * sinh(log(2e6) * (2.0 * k / n - 1));
}

static void AddRoot(Areas *s, double a, double b) {
  if (s->nspinodal < MOST_SPINODALS) s->spinodal[s->nspinodal++] = Root(s, a, b);
}

/* Between a and c S comes near 0 and goes back: by golden sections, whether it crosses on the way. */
static void LookCloser(Areas *s, double a, double c, double sign) {
  const double golden = 0.6180339887498949;
  double from = a, to = c, x[2] = {c - golden * (c - a), a + golden * (c - a)}, f[2];
  for (int k = 0; k < 2; k++) f[k] = sign * S(s, x[k]);
  for (int k = 0; k < 80 && f[0] > 0 && f[1] > 0; k++) {
    int up = f[0] > f[1];
    *(up ? &a : &c) = x[!up];
    x[!up] = x[up];
    f[!up] = f[up];
    x[up] = up ? a + golden * (c - a) : c - golden * (c - a);
    f[up] = sign * S(s, x[up]);
  }
  double lowest = f[0] < f[1] ? x[0] : x[1];
  if (!(fmin(f[0], f[1]) < 0)) return;
  AddRoot(s, from, lowest);
  AddRoot(s, lowest, to);
}

static void FindSpinodals(Areas *s) {
  enum { NPLACE = 4000 };
  double x[3] = {0}, at[3] = {NAN, NAN, NAN};
  s->spinodal = RhoArenaAlloc(s->arena, sizeof(double) * MOST_SPINODALS);
  for (int k = 0; k <= NPLACE; k++) {
    double next = Place(s, k, NPLACE), value = S(s, next);
    if (value == 0) continue;
    x[0] = x[1], at[0] = at[1];
    x[1] = x[2], at[1] = at[2];
    x[2] = next, at[2] = value;
    if (at[1] * at[2] < 0) AddRoot(s, x[1], x[2]);
    bool dips = fabs(at[1]) < fabs(at[0]) && fabs(at[1]) < fabs(at[2]);
    if (dips && at[0] * at[1] > 0 && at[1] * at[2] > 0) LookCloser(s, x[0], x[2], at[1] > 0 ? 1 : -1);
  }
}

/* ---- 2. the table ---------------------------------------------------------------------------------------------------
 */

/* chi_1 = 1 with the slope that keeps it so where there is a potential; chi_2 = 0 */
static void Begin(Areas *s) {
  double out[NOUT][NGAUSS], x = s->spinodal[0];
  Evaluate(s, 1, &x, out);
  s->sign = out[OUT_P][0] < 0 ? 1 : -1;
  s->start = (Solution){x, {out[OUT_P][0], 0}, {out[OUT_TILT][0], 1}, {0, 0}};
}

static void Turn(Areas *s, int from) {
  for (int i = from, j = s->nedge - 1; i < j; i++, j--) {
    Solution swap = s->edge[i];
    s->edge[i] = s->edge[j];
    s->edge[j] = swap;
  }
}

/* Steps away from the edge last made until A has reached `enough`, or is no number, or there is no more room. */
static void Outwards(Areas *s, double step, double enough) {
  Solution at = s->edge[s->nedge - 1];
  double direction = step < 0 ? -1 : 1;
  for (int k = 0; k < 400 && s->nedge < MOST_EDGES && direction * (at.area[0] - enough) < 0; k++) {
    double next = at.x + step;
    if (s->positive) next = step < 0 ? fmax(next, at.x / 1.25) : fmin(next, at.x * 1.25);
    if (fabs(next) > 1e8 || (s->positive && next < 1e-12)) return;
    Panel(s, &at, next);
    if (!isfinite(at.area[0]) || !isfinite(at.area[1])) return;
    s->edge[s->nedge++] = at;
    step *= 1.1;
  }
}

static void Inside(Areas *s, double *low, double *high) {
  Solution at = s->start;
  for (int k = 0; k + 1 < s->nspinodal; k++) {
    for (int j = 1; j <= PER_LOOP && s->nedge < MOST_EDGES; j++) {
      Panel(s, &at, Between(s, s->spinodal[k], s->spinodal[k + 1], j, PER_LOOP));
      s->edge[s->nedge++] = at;
    }
    *low = fmin(*low, at.area[0]);
    *high = fmax(*high, at.area[0]);
  }
}

static void FillTable(Areas *s) {
  double low = 0, high = 0, step = (s->spinodal[s->nspinodal - 1] - s->spinodal[0]) / PER_LOOP;
  s->edge = RhoArenaAlloc(s->arena, sizeof *s->edge * MOST_EDGES);
  s->edge[s->nedge++] = s->start;
  Inside(s, &low, &high);
  Turn(s, 0); /* the start is last */
  Outwards(s, -step, low);
  Turn(s, 0);
  Outwards(s, step, high);
}

static int Branches(Areas *s, Branch *branch) {
  int n = 0;
  for (int k = 0; k + 1 < s->nedge; k++) {
    bool rises = s->edge[k + 1].area[0] > s->edge[k].area[0];
    bool goes_on = n > 0 && branch[n - 1].last == k;
    if (rises && goes_on) branch[n - 1].last = k + 1;
    else if (rises) branch[n++] = (Branch){k, k + 1};
  }
  return n;
}

/* ---- 3. pairs -------------------------------------------------------------------------------------------------------
 */

/* x and B where A has this value on a branch. */
static void Interpolate(const Areas *s, Branch branch, double A, double *x, double *B) {
  int low = branch.first, high = branch.last;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (s->edge[middle].area[0] <= A) low = middle;
    else high = middle;
  }
  const Solution *a = &s->edge[low], *b = &s->edge[high];
  double share = (A - a->area[0]) / (b->area[0] - a->area[0]);
  *x = a->x + share * (b->x - a->x);
  *B = a->area[1] + share * (b->area[1] - a->area[1]);
}

static double Excess(const Areas *s, Branch i, Branch j, double A, double x[2]) {
  double B[2];
  Interpolate(s, i, A, &x[0], &B[0]);
  Interpolate(s, j, A, &x[1], &B[1]);
  return B[1] - B[0];
}

static bool Bracket(const Areas *s, Branch i, Branch j, double x[2]) {
  double low = fmax(s->edge[i.first].area[0], s->edge[j.first].area[0]);
  double high = fmin(s->edge[i.last].area[0], s->edge[j.last].area[0]);
  if (!(low < high)) return false;
  double at_low = Excess(s, i, j, low, x), at_high = Excess(s, i, j, high, x);
  if (!((at_low < 0 && at_high > 0) || (at_low > 0 && at_high < 0))) return false;
  for (int k = 0; k < 60; k++) {
    double middle = 0.5 * (low + high);
    if ((Excess(s, i, j, middle, x) > 0) == (at_low > 0)) low = middle;
    else high = middle;
  }
  return true;
}

/* The step to the zero of both areas; false when there is none. */
static bool NewtonStep(Areas *s, int npanel, const double x[2], double step[2]) {
  Solution at[2] = {At(s, x[0], npanel), At(s, x[1], npanel)};
  double slope[2][2], F[2];
  for (int e = 0; e < 2; e++) {
    double out[NOUT][NGAUSS];
    Evaluate(s, 1, &x[e], out);
    for (int k = 0; k < 2; k++) slope[k][e] = (e ? 1 : -1) * s->sign * out[OUT_S][0] * at[e].p[k] / out[OUT_P][0];
  }
  for (int k = 0; k < 2; k++) F[k] = at[1].area[k] - at[0].area[k];
  double determinant = slope[0][0] * slope[1][1] - slope[0][1] * slope[1][0];
  step[0] = -(F[0] * slope[1][1] - F[1] * slope[0][1]) / determinant;
  step[1] = -(F[1] * slope[0][0] - F[0] * slope[1][0]) / determinant;
  return isfinite(step[0]) && isfinite(step[1]);
}

/* Shorter where it would leave the branch. */
static double Stay(const Areas *s, Branch branch, double x, double step) {
  double low = s->edge[branch.first].x, high = s->edge[branch.last].x;
  if (branch.first == 0) low = s->positive ? 0 : -INFINITY;
  if (branch.last == s->nedge - 1) high = INFINITY;
  while (!(x + step > low && x + step < high) && step != 0) step *= 0.5;
  return step;
}

static double Size(const double x[2]) { return fmax(fabs(x[0]), fabs(x[1])); }

static bool Newton(Areas *s, const Branch *of[2], int npanel, double x[2]) {
  double before = INFINITY;
  for (int k = 0; k < 40; k++) {
    double step[2];
    if (!NewtonStep(s, npanel, x, step)) return false;
    for (int e = 0; e < 2; e++) x[e] += step[e] = Stay(s, *of[e], x[e], step[e]);
    if (fabs(step[0]) <= 4 * DBL_EPSILON * fabs(x[0]) + DBL_MIN && fabs(step[1]) <= 4 * DBL_EPSILON * fabs(x[1]))
      return true;
    double longest = fmax(fabs(step[0]), fabs(step[1]));
    if (k > 6 && longest <= 64 * DBL_EPSILON * Size(x)) return true;
    if (k > 6 && longest >= 0.5 * before && longest <= 1e-4 * (x[1] - x[0])) return true; /* nearly critical */
    before = longest;
  }
  return false;
}

/* More panels until that changes nothing: *error is the last change. */
static bool Refine(Areas *s, Branch i, Branch j, double x[2], double *error) {
  const Branch *of[2] = {&i, &j};
  *error = INFINITY;
  for (int npanel = 16; npanel <= MOST_PANELS; npanel *= 2) {
    double before[2] = {x[0], x[1]}, change = *error;
    if (!Newton(s, of, npanel, x)) return false;
    *error = fmax(fabs(x[0] - before[0]), fabs(x[1] - before[1]));
    if (npanel > 16 && (*error <= 1e-13 * Size(x) || *error > 0.5 * change)) return *error <= 1e-3 * (x[1] - x[0]);
  }
  return true;
}

static double Potential(Areas *s, const double x[2]) {
  double out[NOUT][NGAUSS];
  Evaluate(s, 2, x, out);
  const double *mu = out[OUT_POTENTIAL];
  return fabs(mu[1] - mu[0]) <= 1e-9 * fmax(1, fabs(mu[0])) ? 0.5 * (mu[0] + mu[1]) : NAN;
}

/* Would a third phase win?  For psi that rises with x the larger B does. */
static bool Metastable(Areas *s, int nbranch, const Branch *branch, int i, int j, const double x[2]) {
  double A = At(s, x[0], 64).area[0], at, B[2], other;
  Interpolate(s, branch[i], A, &at, &B[0]);
  Interpolate(s, branch[j], A, &at, &B[1]);
  const Solution *low = &s->edge[0], *high = &s->edge[s->nedge - 1];
  double sign = high->p[1] / high->p[0] > low->p[1] / low->p[0] ? 1 : -1,
         size = fabs(high->area[1]) + fabs(low->area[1]);
  for (int k = 0; k < nbranch; k++) {
    if (k == i || k == j || A < s->edge[branch[k].first].area[0] || A > s->edge[branch[k].last].area[0]) continue;
    Interpolate(s, branch[k], A, &at, &other);
    if (sign * (other - fmax(sign * B[0], sign * B[1]) * sign) > 1e-6 * size) return true;
  }
  return false;
}

static void FindPairs(Areas *s, bool has_potential, int *npair, RhoPhasePair *pair) {
  Branch *branch = RhoArenaAlloc(s->arena, sizeof *branch * MOST_EDGES);
  int n = Branches(s, branch);
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) {
      double x[2], error;
      if (*npair == MOST_EDGES || !Bracket(s, branch[i], branch[j], x)) continue;
      if (!Refine(s, branch[i], branch[j], x, &error)) continue;
      pair[(*npair)++] =
          (RhoPhasePair){x[0], x[1], has_potential ? Potential(s, x) : NAN, error, Metastable(s, n, branch, i, j, x)};
    }
}

/* ---------------------------------------------------------------------------------------------------------------------
 */

/* The tape; false without memory. */
static bool Create(Areas *s, RhoEquations eq, const RhoFront *front, const double *value) {
  RhoNode out[NOUT] = {front->P, front->Q, front->R, front->S, front->tilt, front->potential}, missing;
  s->tape = RhoTapeCreate(eq->graph, NOUT, out, 1, &front->x, eq->nuniform, eq->uniform, &missing);
  s->positive = eq->model->field[0].kind == RHO_DENSITY;
  if (!s->tape) return false;
  RhoTapeBind(s->tape, value);
  Collocation(s);
  return true;
}

static RhoStatus Guarded(Areas *s, const RhoFront *front, int *npair, const RhoPhasePair **pair) {
  if (setjmp(*RhoArenaGuard(s->arena))) return RHO_NOMEM;
  FindSpinodals(s);
  if (!npair || s->nspinodal < 2) return RHO_OK;
  RhoPhasePair *found = RhoArenaAlloc(s->arena, sizeof *found * MOST_EDGES);
  Begin(s);
  FillTable(s);
  FindPairs(s, front->potential >= 0, npair, found);
  *pair = found;
  return RHO_OK;
}

RhoStatus RhoFrontPhases(RhoEquations eq, const RhoFront *front, const double *value, RhoArena arena, int *npair,
                         const RhoPhasePair **pair) {
  Areas areas = {.arena = arena};
  *npair = 0;
  *pair = NULL;
  if (!Create(&areas, eq, front, value)) return RHO_NOMEM;
  RhoStatus status = Guarded(&areas, front, npair, pair);
  RhoTapeDestroy(&areas.tape);
  return status;
}

RhoStatus RhoFrontSpinodals(RhoEquations eq, const RhoFront *front, const double *value, RhoArena arena, int *n,
                            const double **x) {
  Areas areas = {.arena = arena};
  *n = 0;
  if (!Create(&areas, eq, front, value)) return RHO_NOMEM;
  RhoStatus status = Guarded(&areas, front, NULL, NULL);
  RhoTapeDestroy(&areas.tape);
  *n = areas.nspinodal;
  *x = areas.spinodal;
  return status;
}
