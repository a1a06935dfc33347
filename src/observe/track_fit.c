/* track_fit.c - what amplitudes a_f(t) of waves say of the motion.

     phase        the turn from one output to the next is  arg sum_f w_f a_f(t') conj a_f(t),  w_f one over the field's
                  variance: a wave that moves as exp(i k.(x - v t)) turns by -k.v dt
     coherence    sum_k |sum_t a_k exp(i k.s(t))|^2 / (nt sum_k sum_t |a_k|^2), over the waves followed and all fields,
                  s the displacement by the turns of the strongest waves
     oscillation  a_f(t) = C_f + A_f exp(-i w t) + B_f exp(i w t): for each w linear least squares; w by a scan over
                  what the outputs resolve, then golden sections

   Errors are those of the mean of blocks, which for motion that diffuses are independent. */
#include "observe_private.h"
#include "track.h"
#include <math.h>
#include <string.h>

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

enum { BLOCKS = 8, LEAST_IN_BLOCK = 4, LEAST_BLOCKS = 4 };

/* Of few outputs rather short blocks than few, whose spread would be chance. */
static int Blocks(int n) {
  int blocks = n / LEAST_IN_BLOCK;
  if (blocks < LEAST_BLOCKS) blocks = n / 2 < LEAST_BLOCKS ? n / 2 : LEAST_BLOCKS;
  return blocks > BLOCKS ? BLOCKS : blocks;
}

static double ErrorOfMean(int n, const double *y) { return rho_block_estimate(rho_mean(n, y), n, y).error; }

RhoEstimate rho_track_mean(int n, const double *y) {
  double block[BLOCKS];
  int nblock = Blocks(n);
  for (int b = 0; b < nblock; b++) {
    int from = b * n / nblock, to = (b + 1) * n / nblock;
    block[b] = rho_mean(to - from, y + from);
  }
  return (RhoEstimate){rho_mean(n, y), ErrorOfMean(nblock, block)};
}

static double Slope(int n, const double *x, const double *y) {
  double xm = rho_mean(n, x), ym = rho_mean(n, y), xx = 0, xy = 0;
  for (int k = 0; k < n; k++) {
    xx += (x[k] - xm) * (x[k] - xm);
    xy += (x[k] - xm) * (y[k] - ym);
  }
  return xy / xx;
}

RhoEstimate rho_track_slope(int n, const double *x, const double *y) {
  double block[BLOCKS];
  int nblock = Blocks(n);
  for (int b = 0; b < nblock; b++) {
    int from = b * n / nblock, to = (b + 1) * n / nblock;
    block[b] = Slope(to - from, x + from, y + from);
  }
  return (RhoEstimate){Slope(n, x, y), ErrorOfMean(nblock, block)};
}

/* ---- motion as a whole ------------------------------------------------------------------------------------------- */

double rho_track_phase(const RhoTracking *t, int m, double *phase) {
  double largest = 0;
  phase[0] = 0;
  for (int k = 1; k < t->nt; k++) {
    double complex turn = 0;
    for (int f = 0; f < t->nfield; f++) {
      const double complex *a = rho_track_series(t, m, f);
      turn += t->weight[f] * a[k] * conj(a[k - 1]);
    }
    phase[k] = phase[k - 1] + carg(turn);
    largest = fmax(largest, fabs(carg(turn)));
  }
  return largest;
}

double rho_track_coherence(const RhoTracking *t, const double *s) {
  double moving = 0, all = 0;
  for (int m = 0; m < t->nmode; m++)
    for (int f = 0; f < t->nfield; f++) {
      const double complex *a = rho_track_series(t, m, f);
      double complex sum = 0;
      for (int k = 0; k < t->nt; k++) {
        double ks = 0;
        for (int d = 0; d < t->ndim; d++) ks += t->mode[m].k[d] * s[k * t->ndim + d];
        sum += a[k] * cexp(I * ks);
        all += t->weight[f] * t->nt * creal(a[k] * conj(a[k]));
      }
      moving += t->weight[f] * creal(sum * conj(sum));
    }
  return all > 0 ? moving / all : 0;
}

/* ---- oscillation in place ---------------------------------------------------------------------------------------- */

typedef struct {
  const RhoTracking *t;
  int mode, from, to; /* outputs */
  double change;      /* sum of |a - mean of a|^2 */
} Window;

typedef struct {
  double left, forward, backward; /* residual; sums of w_f |A_f|^2, w_f |B_f|^2 */
} Fit;

/* Solves the Hermitian G[3][3] c = r in place by elimination; false: singular. */
static bool Solve3(double complex G[3][3], double complex r[3]) {
  for (int c = 0; c < 3; c++) {
    if (!(cabs(G[c][c]) > 1e-12 * cabs(G[0][0]))) return false;
    for (int i = c + 1; i < 3; i++) {
      double complex l = G[i][c] / G[c][c];
      for (int j = c; j < 3; j++) G[i][j] -= l * G[c][j];
      r[i] -= l * r[c];
    }
  }
  for (int c = 2; c >= 0; c--) {
    for (int j = c + 1; j < 3; j++) r[c] -= G[c][j] * r[j];
    r[c] /= G[c][c];
  }
  return true;
}

static bool FitField(const Window *win, int f, double w, Fit *fit) {
  const double complex *a = rho_track_series(win->t, win->mode, f);
  double complex G[3][3] = {{0}}, r[3] = {0}, c[3];
  double weight = win->t->weight[f], square = 0, explained = 0;
  for (int k = win->from; k < win->to; k++) {
    double complex e = cexp(-I * w * (win->t->time[k] - win->t->time[win->from])), basis[3] = {1, e, conj(e)};
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) G[i][j] += conj(basis[i]) * basis[j];
      r[i] += conj(basis[i]) * a[k];
    }
    square += creal(a[k] * conj(a[k]));
  }
  memcpy(c, r, sizeof c);
  if (!Solve3(G, c)) return false;
  for (int i = 0; i < 3; i++) explained += creal(conj(c[i]) * r[i]);
  fit->left += weight * fmax(square - explained, 0);
  fit->forward += weight * creal(c[1] * conj(c[1]));
  fit->backward += weight * creal(c[2] * conj(c[2]));
  return true;
}

static Fit FitAt(const Window *win, double w) {
  Fit fit = {0, 0, 0};
  for (int f = 0; f < win->t->nfield; f++)
    if (win->t->weight[f] > 0 && !FitField(win, f, w, &fit)) return (Fit){INFINITY, 0, 0};
  return fit;
}

static double Change(const Window *win) {
  double change = 0;
  for (int f = 0; f < win->t->nfield; f++) {
    const double complex *a = rho_track_series(win->t, win->mode, f);
    double complex mean = 0;
    for (int k = win->from; k < win->to; k++) mean += a[k] / (double)(win->to - win->from);
    for (int k = win->from; k < win->to; k++) {
      double complex d = a[k] - mean;
      change += win->t->weight[f] * creal(d * conj(d));
    }
  }
  return change;
}

/* The best w between low and high, within which there is one minimum. */
static double Golden(const Window *win, double low, double high) {
  const double g = 0.5 * (sqrt(5) - 1);
  double a = high - g * (high - low), b = low + g * (high - low);
  double fa = FitAt(win, a).left, fb = FitAt(win, b).left;
  while (high - low > 1e-9 * (high + low)) {
    if (fa < fb) {
      high = b, b = a, fb = fa;
      a = high - g * (high - low), fa = FitAt(win, a).left;
    } else {
      low = a, a = b, fa = fb;
      b = low + g * (high - low), fb = FitAt(win, b).left;
    }
  }
  return 0.5 * (low + high);
}

/* From three quarters of a period in the window to two outputs a period. */
static double BestFrequency(const Window *win) {
  double T = win->t->time[win->to - 1] - win->t->time[win->from], spacing = M_PI / (2 * T), best = NAN,
         least = INFINITY;
  int n = (int)(2.0 * (win->to - win->from - 1));
  for (int j = 3; j <= n; j++) {
    double left = FitAt(win, j * spacing).left;
    if (!(left < least)) continue;
    least = left;
    best = j * spacing;
  }
  return isnan(best) ? best : Golden(win, best - spacing, best + spacing);
}

/* From the frequencies of the halves of the window, refined from that of the whole. */
static double FrequencyError(const Window *win, double w) {
  double half[2], reach = M_PI / (win->t->time[win->to - 1] - win->t->time[win->from]);
  for (int b = 0; b < 2; b++) {
    Window part = *win;
    int middle = (win->from + win->to) / 2;
    if (b) part.from = middle;
    else part.to = middle;
    half[b] = Golden(&part, fmax(w - reach, 0.5 * w), w + reach);
  }
  return 0.5 * fabs(half[0] - half[1]);
}

RhoOscillation rho_track_oscillation(const RhoTracking *t, int m) {
  Window win = {t, m, 0, t->nt, 0};
  RhoOscillation out = {{NAN, NAN}, 0, NAN};
  if (t->nt < 8) return out;
  win.change = Change(&win);
  double w = BestFrequency(&win);
  if (isnan(w) || !(win.change > 0)) return out;
  Fit fit = FitAt(&win, w);
  out.frequency = (RhoEstimate){w, FrequencyError(&win, w)};
  out.share = 1 - fit.left / win.change;
  out.balance = sqrt(fmin(fit.forward, fit.backward) / fmax(fit.forward, fit.backward));
  return out;
}
