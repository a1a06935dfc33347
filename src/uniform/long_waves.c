/* long_waves.c - the modes as q -> 0, from the series A(q) = A0 + q A1 + q^2 A2 + ... along the line.

   In the coordinates (s, f) = (C u, Z^T u), C the conserved combinations, Z a basis of what they leave out, the rows of
   A0 of the slow part s vanish.  The fast part has the rates F = A0_ff at q = 0 and follows the slow one,
   f = -F^-1 A0_fs s + ..., which leaves  lambda s = (q M1 + q^2 M2) s  with

     G = -F^-1 A0_fs,  M1 = A1_ss + A1_sf G,
     M2 = A2_ss + A2_sf G + A1_sf F^-1 (G M1 - A1_fs - A1_ff G)

   Without drift M1 = 0, and the eigenvalues of M2 are the coefficients D of lambda = D q^2.  With it the modes are
   those of M1, taken as distinct, and D the diagonal of M2 in them. */
#include "line.h"
#include <math.h>
#include <string.h>

typedef double complex Complex;
enum { MOST = RHO_LINE_MOST };

typedef struct {
  int n, ns, nf;
  double S[MOST * MOST], T[MOST * MOST]; /* new coordinates = S u, u = T new */
} Frame;

/* Rows orthogonal to those before, of length 1; false: nothing is left. */
static bool Orthonormal(int n, int nrow, const double *rows, double *row) {
  for (int twice = 0; twice < 2; twice++)
    for (int k = 0; k < nrow; k++) {
      double along = 0;
      for (int j = 0; j < n; j++) along += row[j] * rows[k * n + j];
      for (int j = 0; j < n; j++) row[j] -= along * rows[k * n + j];
    }
  double size = 0;
  for (int j = 0; j < n; j++) size += row[j] * row[j];
  if (size < 1e-12) return false;
  for (int j = 0; j < n; j++) row[j] /= sqrt(size);
  return true;
}

/* One more row of the frame, if it is independent of those before. */
static void AddRow(Frame *f, const double *row) {
  double *at = f->S + f->n * f->ns, size = 0;
  if (f->ns == f->n) return;
  for (int j = 0; j < f->n; j++) size += row[j] * row[j];
  for (int j = 0; j < f->n; j++) at[j] = row[j] / sqrt(size);
  f->ns += Orthonormal(f->n, f->ns, f->S, at);
}

/* An orthonormal frame: fields that only move, the other conserved combinations, then what is left. */
static void MakeFrame(const Line *line, Frame *f) {
  int n = f->n = line->n;
  double unit[MOST][MOST] = {{0}};
  f->ns = 0;
  for (int i = 0; i < n; i++) unit[i][i] = 1;
  for (int i = 0; i < n; i++)
    if (line->still[i]) AddRow(f, unit[i]);
  for (int k = 0; k < line->eq->nconserved; k++) AddRow(f, line->eq->conserved[k]);
  int ns = f->ns;
  for (int i = 0; i < n; i++) AddRow(f, unit[i]);
  f->nf = n - ns;
  f->ns = ns;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) f->T[i * n + j] = f->S[j * n + i];
}

/* The block of S A T that begins at (row, column). */
static void Block(const Frame *f, const Complex *A, double by, int row, int nrow, int column, int ncolumn, Complex *B) {
  int n = f->n;
  for (int r = 0; r < nrow; r++)
    for (int c = 0; c < ncolumn; c++) {
      Complex sum = 0;
      for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) sum += f->S[(row + r) * n + i] * A[i * n + j] * f->T[j * n + column + c];
      B[r * ncolumn + c] = by * sum;
    }
}

/* C += sign A B */
static void AddProduct(int n, int m, int l, double sign, const Complex *A, const Complex *B, Complex *C) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < l; j++)
      for (int k = 0; k < m; k++) C[i * l + j] += sign * A[i * m + k] * B[k * l + j];
}

typedef struct {
  Complex M1[MOST * MOST], M2[MOST * MOST];
} Slow;

static void SlowMatrices(const Frame *f, const Complex *A, const LongWaves *out, Slow *slow) {
  int ns = f->ns, nf = f->nf, nn = f->n * f->n;
  Complex F[MOST * MOST], G[MOST * MOST], H[MOST * MOST], sf1[MOST * MOST], sf2[MOST * MOST], ff1[MOST * MOST];
  memcpy(F, out->F, sizeof F);
  Block(f, A, -1, ns, nf, 0, ns, G);
  (void)rho_solve(nf, ns, F, G);
  Block(f, A + nn, 1, 0, ns, 0, ns, slow->M1);
  Block(f, A + 2 * nn, 0.5, 0, ns, 0, ns, slow->M2);
  Block(f, A + nn, 1, 0, ns, ns, nf, sf1);
  Block(f, A + 2 * nn, 0.5, 0, ns, ns, nf, sf2);
  AddProduct(ns, nf, ns, 1, sf1, G, slow->M1);
  AddProduct(ns, nf, ns, 1, sf2, G, slow->M2);
  Block(f, A + nn, -1, ns, nf, 0, ns, H);
  Block(f, A + nn, 1, ns, nf, ns, nf, ff1);
  AddProduct(nf, nf, ns, -1, ff1, G, H);
  AddProduct(nf, ns, ns, 1, G, slow->M1, H);
  memcpy(F, out->F, sizeof F);
  (void)rho_solve(nf, ns, F, H);
  AddProduct(ns, nf, ns, 1, sf1, H, slow->M2);
}

/* The modes of the drift M1, and their D. */
static RhoStatus Drifting(int n, const Slow *slow, LongWaves *out) {
  Complex A[3 * MOST * MOST] = {0}, rate[MOST][3];
  memcpy(A, slow->M1, sizeof *A * (size_t)(n * n));
  memcpy(A + n * n, slow->M2, sizeof *A * (size_t)(n * n));
  RhoStatus status = rho_mode_slopes(n, A, rate);
  for (int k = 0; k < n && !status; k++) {
    int at = k;
    for (; at > 0 && creal(rate[k][1]) > creal(out->slow[at - 1]); at--)
      out->slow[at] = out->slow[at - 1], out->speed[at] = out->speed[at - 1];
    out->slow[at] = rate[k][1];
    out->speed[at] = cimag(rate[k][0]);
  }
  return status;
}

RhoStatus rho_long_waves(Line *line, LongWaves *out) {
  int n = line->n, nn = n * n;
  Complex A[3 * MOST * MOST];
  Frame frame;
  Slow slow = {0};
  *out = (LongWaves){0};
  RhoStatus status = rho_line_at(line, 0, A);
  if (status) return status;
  MakeFrame(line, &frame);
  out->nfast = frame.nf;
  out->nslow = frame.ns;
  out->fast_scale = rho_norm(n, A);
  out->slow_scale = 0.5 * rho_norm(n, A + 2 * nn);
  Block(&frame, A, 1, frame.ns, frame.nf, frame.ns, frame.nf, out->F);
  SlowMatrices(&frame, A, out, &slow);
  memcpy(out->M, slow.M2, sizeof out->M);
  status = rho_rates(frame.nf, out->F, out->fast);
  if (status) return status;
  if (rho_norm(frame.ns, slow.M1) > 1e-14 * rho_norm(n, A + nn)) return Drifting(frame.ns, &slow, out);
  return rho_rates(frame.ns, out->M, out->slow);
}
