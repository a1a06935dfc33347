/* phase_forms.c - f along its flattest path through a critical point, and tricritical points.

   Along x + s e + s^2 w/2 + s^3 z/6 + ... the potentials stay what they are, order by order, as far as they can; M_k
   are their k-th derivatives by x, l_i = u_i e_i is the left null vector of M_1 = N:

     M_1 e = 0
     M_1 w = -M_2 e e                               solvable where the cubic form   l M_2 e e = 0
     M_1 z = -M_3 e e e - 3 M_2 e w                 solvable where the quartic form, l of the right-hand side, is 0
     quintic form: l (M_4 e e e e + 6 M_3 e e w + 3 M_2 w w + 4 M_2 e z)

   In a tricritical point all of these forms vanish.  These are two equations more than those of critical points in one
   unknown more: there are such points where a symmetry makes the odd ones vanish together.  At them critical points
   branch, so that no square system is regular; the least squares of all equations are, and vanish. */
#include "phase_private.h"
#include <math.h>
#include <string.h>

typedef struct {
  double quartic, quintic, w[MOSTFIELDS], z[MOSTFIELDS];
} Forms;

static void Times(int n, int nx, const double *N, const double *e, double *out) {
  for (int i = 0; i < n; i++) {
    out[i] = 0;
    for (int j = 0; j < n; j++) out[i] += N[i * nx + j] * e[j];
  }
}

/* N w = b up to multiples of l, e w = 0. */
static bool Bordered(const RhoPhases *p, const double *N, const double *l, const double *e, const double *b,
                     double *w) {
  int n = p->n, m = n + 2;
  double a[MOSTX * (MOSTX + 1)] = {0};
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) a[i * m + j] = N[i * p->nx + j];
    a[i * m + n] = l[i];
    a[i * m + n + 1] = b[i];
    a[n * m + i] = e[i];
  }
  if (!rho_eliminate(n + 1, a)) return false;
  for (int i = 0; i < n; i++) w[i] = a[i * m + n + 1];
  return true;
}

/* At x, along e; false: no value. */
static bool MakeForms(const RhoPhases *p, const double *x, const double *direction, Forms *forms) {
  int n = p->n, nx = p->nx;
  double N[MOSTFIELDS * MOSTX], N1[MOSTFIELDS * MOSTX], N2[MOSTFIELDS * MOSTX], W1[MOSTFIELDS * MOSTX];
  double e[MOSTX] = {0}, w[MOSTX] = {0}, l[MOSTFIELDS] = {0}, b[MOSTFIELDS] = {0}, c[MOSTFIELDS], fourth[MOSTFIELDS];
  memcpy(e, direction, sizeof *e * (size_t)n);
  RhoLocalPath(p->local, 1, x, e, N, N1, N2);
  for (int i = 0; i < n; i++) l[i] = rho_field_slope(p, i, x[i]) * e[i];
  Times(n, nx, N1, e, b);
  for (int i = 0; i < n; i++) b[i] = -b[i];
  if (!Bordered(p, N, l, e, b, w)) return false;
  Times(n, nx, N2, e, b);
  Times(n, nx, N1, w, c);
  forms->quartic = forms->quintic = 0;
  for (int i = 0; i < n; i++) {
    b[i] = -b[i] - 3 * c[i];
    forms->quartic -= l[i] * b[i];
  }
  if (!Bordered(p, N, l, e, b, forms->z)) return false;
  memcpy(forms->w, w, sizeof forms->w);
  RhoLocalFourth(p->local, 1, x, e, fourth);
  RhoLocalPath(p->local, 1, x, w, N, W1, NULL);
  Times(n, nx, N2, w, b);
  Times(n, nx, W1, w, c);
  for (int i = 0; i < n; i++) forms->quintic += l[i] * (fourth[i] + 6 * b[i] + 3 * c[i]);
  Times(n, nx, N1, forms->z, b);
  for (int i = 0; i < n; i++) forms->quintic += 4 * l[i] * b[i];
  return true;
}

double rho_quartic_form(RhoPhases *p, const double *x, const double *e, double *w) {
  Forms forms;
  if (!MakeForms(p, x, e, &forms)) return NAN;
  memcpy(w, forms.w, sizeof *w * (size_t)p->n);
  return forms.quartic;
}

bool rho_critical_is_stable(RhoPhases *p, const double *x, const double *e) {
  double w[MOSTFIELDS], trace, minors;
  if (!rho_is_defined(p, x) || !(rho_quartic_form(p, x, e, w) > 0)) return false;
  minors = rho_minors(p, x, &trace);
  return p->n == 1 || (trace > 0 && (p->n == 2 || minors > 0));
}

/* ---- tricritical points ----------------------------------------------------------------------------------------- */

enum { MOSTROWS = MOSTX + 4, MOSTUNKNOWNS = 2 * MOSTX };

static bool FormsAt(const RhoPhases *p, const double *y, double *form) {
  double x[MOSTX];
  Forms forms;
  rho_spinodal_state(p, y, x);
  if (!rho_is_defined(p, x) || !MakeForms(p, x, y + p->n, &forms)) return false;
  form[0] = forms.quartic;
  form[1] = forms.quintic;
  return true;
}

/* F[n + 4] and J: those of critical points, the two forms with derivatives by central differences, which leave a
   root where it is; each row over the length of its gradient. */
static bool TricriticalEquations(RhoPhases *p, const double *y, double *F, double *J) {
  const double h = 1e-5;
  RhoSpinodal critical = {p, true};
  RhoSystem system = rho_spinodal_system(&critical);
  int m = system.m, n = system.n;
  double form[2][2], moved[MOSTUNKNOWNS];
  if (!system.fn(y, F, J, system.ctx) || !FormsAt(p, y, F + n)) return false;
  for (int j = 0; j < m; j++) {
    for (int side = 0; side < 2; side++) {
      memcpy(moved, y, sizeof *y * (size_t)m);
      moved[j] += side ? h : -h;
      if (!FormsAt(p, moved, form[side])) return false;
    }
    for (int k = 0; k < 2; k++) J[(n + k) * m + j] = (form[1][k] - form[0][k]) / (2 * h);
  }
  for (int i = 0; i < n + 2; i++) {
    double norm = 0;
    for (int j = 0; j < m; j++) norm += J[i * m + j] * J[i * m + j];
    norm = 1 / sqrt(norm);
    F[i] *= norm;
    for (int j = 0; j < m; j++) J[i * m + j] *= norm;
  }
  return true;
}

/* The step of Gauss and Newton; its length. */
static double LeastSquares(int n, int m, const double *F, const double *J, double *step) {
  double a[MOSTUNKNOWNS * (MOSTUNKNOWNS + 1)] = {0}, length = 0;
  for (int i = 0; i < m; i++)
    for (int k = 0; k < n; k++) {
      for (int j = 0; j < m; j++) a[i * (m + 1) + j] += J[k * m + i] * J[k * m + j];
      a[i * (m + 1) + m] -= J[k * m + i] * F[k];
    }
  if (!rho_eliminate(m, a)) return NAN;
  for (int i = 0; i < m; i++) {
    step[i] = a[i * (m + 1) + m];
    length += step[i] * step[i];
  }
  return sqrt(length);
}

bool rho_tricritical(RhoPhases *p, double *y) {
  enum { MOST = 40 };
  double F[MOSTROWS], J[MOSTROWS * MOSTUNKNOWNS], step[MOSTUNKNOWNS], before = INFINITY, left = 0;
  int m = p->n + p->nx, n = p->n + 4;
  for (int iteration = 0; iteration < MOST; iteration++) {
    if (!TricriticalEquations(p, y, F, J)) return false;
    double length = LeastSquares(n, m, F, J, step);
    if (!(length < 0.5)) return false;
    for (int i = 0; i < m; i++) y[i] += step[i];
    bool done = length < 1e-14 || (length < 1e-9 && length >= 0.5 * before);
    before = length;
    if (done) break;
  }
  if (!(before < 1e-6) || !TricriticalEquations(p, y, F, J)) return false;
  for (int i = 0; i < n; i++) left = fmax(left, fabs(F[i]));
  return left < 1e-10;
}
