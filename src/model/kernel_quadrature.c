/* kernel_quadrature.c - the radial Fourier integral of a kernel given in r.

     K^(q) = int_0^R K(r) phi(q r) S_d r^(d-1) dr,   phi = cos, J0, sin(x)/x  and  S_d = 2, 2 pi, 4 pi  for d = 1, 2, 3

   Composite Gauss-Legendre.  Panels are halved until the last Legendre coefficients of K r^(d-1) are negligible against
   the whole integral: kinks and jumps (hard cores) end in panels as narrow as round-off, singularities at 0 in a
   geometric sequence.  For waves the panels are divided once more, to at most WAVE radians each.  For many q the
   transform, an entire function of type R, is interpolated by Chebyshev polynomials on intervals of q. */
#include "kernel_private.h"
#include <math.h>
#include <string.h>

enum { MOST_PANELS = 200000, FIRST_PANELS = 16, OCTAVES = 200, CHEBYSHEV = 56 };
static const double RESOLVED = 1e-14, NEGLIGIBLE = 2e-16, WAVE = 10, SPAN = 40;

/* ---- the rule ---------------------------------------------------------------------------------------------------- */

void rho_kernel_rule(Rule *rule) {
  RhoGaussRule(RULE, rule->x, rule->w);
  for (int i = 0; i < RULE; i++)
    for (int m = 0; m < 4; m++) {
      int degree = RULE - 4 + m;
      rule->legendre[m][i] = (2 * degree + 1) * rule->w[i] * RhoLegendre(degree, 2 * rule->x[i] - 1, NULL);
    }
}

/* ---- reports ------------------------------------------------------------------------------------------------------
 */

RhoStatus rho_kernel_report(const Kernel *kernel, RhoDiagId id, const char *message, double at, const char *hint) {
  RhoDiagReport(kernel->model->diag, id, kernel->kernel->place, message, kernel->kernel->name, at);
  RhoDiagHint(kernel->model->diag, "%s", hint);
  return RHO_INPUT;
}

static RhoStatus Diverges(const Kernel *kernel, double at) {
  return rho_kernel_report(kernel, RHO_ID_KERNEL_DIVERGES, "the integral of the kernel '%s' does not converge (r = %g)",
                           at, "give a cutoff, or a kernel that decays faster and is less singular at r = 0");
}

/* ---- values -------------------------------------------------------------------------------------------------------
 */

static double Measure(const Kernel *kernel, double r) {
  return kernel->dim == 1 ? 2 : kernel->dim == 2 ? 2 * M_PI * r : 4 * M_PI * r * r;
}

/* K at the points of n panels of which a and h are set. */
static void FillPanels(const Kernel *kernel, int n, Panel *panel) {
  double r[RULE * 8], k[RULE * 8];
  const double *in[] = {r};
  double *out[] = {k};
  for (int first = 0; first < n; first += 8) {
    int count = n - first < 8 ? n - first : 8;
    for (int p = 0; p < count; p++)
      for (int i = 0; i < RULE; i++) r[p * RULE + i] = panel[first + p].a + panel[first + p].h * kernel->rule.x[i];
    RhoTapeEval(kernel->tape, (long)count * RULE, in, NULL, out, NULL);
    for (int p = 0; p < count; p++) memcpy(panel[first + p].k, k + p * RULE, RULE * sizeof *k);
  }
}

static double Point(const Kernel *kernel, const Panel *panel, int i) { return panel->a + panel->h * kernel->rule.x[i]; }

/* int |K| S r^(d-1) dr over the panel. */
static double Absolute(const Kernel *kernel, const Panel *panel) {
  double sum = 0;
  for (int i = 0; i < RULE; i++)
    sum += kernel->rule.w[i] * fabs(panel->k[i]) * Measure(kernel, Point(kernel, panel, i));
  return panel->h * sum;
}

/* How much of the panel's integral is in its last Legendre coefficients. */
static double Tail(const Kernel *kernel, const Panel *panel) {
  double largest = 0;
  for (int m = 0; m < 4; m++) {
    double c = 0;
    for (int i = 0; i < RULE; i++)
      c += kernel->rule.legendre[m][i] * panel->k[i] * Measure(kernel, Point(kernel, panel, i));
    if (fabs(c) > largest) largest = fabs(c);
  }
  return panel->h * largest;
}

/* ---- range --------------------------------------------------------------------------------------------------------
 */

/* int |K| over the octave [2^k, 2^(k+1)]. */
static double Octave(const Kernel *kernel, int k) {
  Panel panel[4];
  double from = ldexp(1, k), sum = 0;
  for (int p = 0; p < 4; p++) panel[p] = (Panel){.a = from * (1 + 0.25 * p), .h = 0.25 * from};
  FillPanels(kernel, 4, panel);
  for (int p = 0; p < 4; p++) sum += Absolute(kernel, &panel[p]);
  return sum;
}

/* Without a cutoff: the octave beyond which nothing is left.  Octaves without a number do not matter far from the rest.
 */
static RhoStatus FindRange(Kernel *kernel) {
  double octave[2 * OCTAVES + 1], total = 0;
  int last = 0;
  kernel->range = kernel->cutoff;
  if (isfinite(kernel->cutoff)) return RHO_OK;
  for (int k = 0; k <= 2 * OCTAVES; k++) {
    octave[k] = Octave(kernel, k - OCTAVES);
    if (isfinite(octave[k])) total += octave[k];
  }
  for (int k = 0; k <= 2 * OCTAVES; k++)
    if (isfinite(octave[k]) && octave[k] > NEGLIGIBLE * total) last = k;
  if (octave[0] > NEGLIGIBLE * total) return Diverges(kernel, 0);
  if (last == 2 * OCTAVES || !isfinite(octave[last + 1])) return Diverges(kernel, ldexp(1, last + 1 - OCTAVES));
  kernel->range = total > 0 ? ldexp(1, last + 1 - OCTAVES) : 1;
  return RHO_OK;
}

/* ---- panels -------------------------------------------------------------------------------------------------------
 */

typedef struct {
  int n, capacity;
  Panel *panel;
} Panels;

static void AddPanel(Kernel *kernel, Panels *panels, double a, double h) {
  *RHO_PUSH(kernel->arena, panels->panel, panels->n, panels->capacity) = (Panel){.a = a, .h = h};
}

static bool IsFinite(const Panel *panel) {
  for (int i = 0; i < RULE; i++)
    if (!isfinite(panel->k[i])) return false;
  return true;
}

/* Too narrow to halve: 0 is approached much closer than other places. */
static bool IsNarrowest(const Kernel *kernel, const Panel *panel) {
  return panel->h < kernel->range * (panel->a > 0 ? 0x1p-50 : 0x1p-300);
}

/* Keeps the panels of a generation that are resolved and halves the others. */
static RhoStatus Refine(Kernel *kernel, const Panels *now, Panels *next, double total) {
  for (int p = 0; p < now->n; p++) {
    const Panel *panel = &now->panel[p];
    double tail = Tail(kernel, panel);
    if (tail <= RESOLVED * total || IsNarrowest(kernel, panel)) {
      if (panel->a == 0 && tail > 1e-12 * total) return Diverges(kernel, 0);
      *RHO_PUSH(kernel->arena, kernel->panel, kernel->npanel, kernel->capacity) = *panel;
      continue;
    }
    AddPanel(kernel, next, panel->a, 0.5 * panel->h);
    AddPanel(kernel, next, panel->a + 0.5 * panel->h, 0.5 * panel->h);
  }
  return RHO_OK;
}

static RhoStatus Check(const Kernel *kernel, const Panels *now) {
  for (int p = 0; p < now->n; p++) {
    if (IsFinite(&now->panel[p])) continue;
    return rho_kernel_report(kernel, RHO_ID_KERNEL_NOT_A_NUMBER, "the kernel '%s' is no finite number near r = %g",
                             now->panel[p].a + 0.5 * now->panel[p].h,
                             "a formula like exp(-u/T) may have u infinite, but not 'infinity minus infinity'");
  }
  return RHO_OK;
}

RhoStatus rho_kernel_resolve(Kernel *kernel) {
  Panels now = {0};
  RhoStatus status = FindRange(kernel);
  if (status != RHO_OK) return status;
  for (int p = 0; p < FIRST_PANELS; p++)
    AddPanel(kernel, &now, kernel->range * p / FIRST_PANELS, kernel->range / FIRST_PANELS);
  double kept = 0;
  while (now.n > 0) {
    Panels next = {0};
    double total = kept;
    int before = kernel->npanel;
    FillPanels(kernel, now.n, now.panel);
    if (Check(kernel, &now)) return RHO_INPUT;
    for (int p = 0; p < now.n; p++) total += Absolute(kernel, &now.panel[p]);
    if (Refine(kernel, &now, &next, total)) return RHO_INPUT;
    for (int p = before; p < kernel->npanel; p++) kept += Absolute(kernel, &kernel->panel[p]);
    if (kernel->npanel + next.n > MOST_PANELS) return Diverges(kernel, next.panel[0].a);
    now = next;
  }
  return RHO_OK;
}

/* ---- nodes for waves ----------------------------------------------------------------------------------------------
 */

static int Divisions(const Panel *panel, double qmax) {
  double n = ceil(qmax * panel->h / WAVE);
  return n < 1 ? 1 : n > MOST_PANELS ? MOST_PANELS : (int)n;
}

static void AddNodes(const Kernel *kernel, const Panel *panel, Nodes *nodes) {
  for (int i = 0; i < RULE; i++) {
    double r = Point(kernel, panel, i);
    double weight = panel->h * kernel->rule.w[i] * panel->k[i] * Measure(kernel, r);
    if (weight == 0) continue;
    nodes->r[nodes->n] = r;
    nodes->weight[nodes->n++] = weight;
    nodes->absolute += fabs(weight);
  }
}

RhoStatus rho_kernel_nodes(Kernel *kernel, double qmax, Nodes *nodes) {
  long npanel = 0;
  for (int p = 0; p < kernel->npanel; p++) npanel += Divisions(&kernel->panel[p], qmax);
  if (npanel > MOST_PANELS)
    return rho_kernel_report(kernel, RHO_ID_KERNEL_DIVERGES,
                             "the kernel '%s' decays too slowly to be transformed at q = %g", qmax,
                             "give a cutoff, or the kernel in q");
  *nodes = (Nodes){.qmax = qmax};
  nodes->r = RhoArenaAlloc(kernel->arena, (size_t)npanel * RULE * sizeof(double));
  nodes->weight = RhoArenaAlloc(kernel->arena, (size_t)npanel * RULE * sizeof(double));
  for (int p = 0; p < kernel->npanel; p++) {
    const Panel *panel = &kernel->panel[p];
    int n = Divisions(panel, qmax);
    for (int k = 0; k < n; k++) {
      Panel part = *panel;
      if (n > 1) {
        part.h = panel->h / n;
        part.a = panel->a + k * part.h;
        FillPanels(kernel, 1, &part);
      }
      AddNodes(kernel, &part, nodes);
    }
  }
  return RHO_OK;
}

/* ---- sums ---------------------------------------------------------------------------------------------------------
 */

static double Wave(int dim, double x) { return dim == 1 ? cos(x) : dim == 2 ? j0(x) : x == 0 ? 1 : sin(x) / x; }

static double Sum(const Kernel *kernel, const Nodes *nodes, double q) {
  long double sum = 0;
  for (long j = 0; j < nodes->n; j++) sum += nodes->weight[j] * Wave(kernel->dim, q * nodes->r[j]);
  return (double)sum;
}

/* Chebyshev coefficients of the sum on [from, to]. */
static void Interpolate(const Kernel *kernel, const Nodes *nodes, double from, double to, double *coef) {
  double f[CHEBYSHEV];
  for (int i = 0; i < CHEBYSHEV; i++)
    f[i] = Sum(kernel, nodes, 0.5 * (from + to) + 0.5 * (to - from) * cos(M_PI * (i + 0.5) / CHEBYSHEV));
  for (int k = 0; k < CHEBYSHEV; k++) {
    double c = 0;
    for (int i = 0; i < CHEBYSHEV; i++) c += f[i] * cos(M_PI * k * (i + 0.5) / CHEBYSHEV);
    coef[k] = (k ? 2 : 1) * c / CHEBYSHEV;
  }
}

/* Clenshaw's recurrence, x in [-1, 1]. */
static double Polynomial(const double *coef, double x) {
  double b = 0, before = 0;
  for (int k = CHEBYSHEV - 1; k > 0; k--) {
    double next = coef[k] + 2 * x * b - before;
    before = b;
    b = next;
  }
  return coef[0] + x * b - before;
}

void rho_kernel_sum(const Kernel *kernel, const Nodes *nodes, int n, const double *q, double *out) {
  double span = ceil(nodes->qmax * kernel->range / SPAN);
  if (n <= span * CHEBYSHEV || span < 1) {
    for (int i = 0; i < n; i++) out[i] = Sum(kernel, nodes, q[i]);
    return;
  }
  int nspan = (int)span;
  double width = nodes->qmax / nspan, *coef = RhoArenaAlloc(kernel->arena, (size_t)nspan * CHEBYSHEV * sizeof *coef);
  for (int s = 0; s < nspan; s++) Interpolate(kernel, nodes, s * width, (s + 1) * width, coef + (size_t)s * CHEBYSHEV);
  for (int i = 0; i < n; i++) {
    int s = q[i] / width < nspan - 1 ? (int)(q[i] / width) : nspan - 1;
    out[i] = Polynomial(coef + (size_t)s * CHEBYSHEV, 2 * (q[i] / width - s) - 1);
  }
}
