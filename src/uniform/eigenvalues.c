/* eigenvalues.c - a small complex eigenproblem by LAPACK, in an order and a normalisation that do not depend on it. */
#include "rhoflux/uniform.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef double complex Complex;

void zgeev_(const char *jobvl, const char *jobvr, const int *n, Complex *a, const int *lda, Complex *w, Complex *vl,
            const int *ldvl, Complex *vr, const int *ldvr, Complex *work, const int *lwork, double *rwork, int *info);

static bool Finite(int n, const Complex *a) {
  bool finite = true;
  for (int k = 0; k < n; k++) finite = finite && isfinite(creal(a[k])) && isfinite(cimag(a[k]));
  return finite;
}

static void Fill(int n, Complex *a) {
  for (int k = 0; a && k < n; k++) a[k] = NAN;
}

/* LAPACK's matrices are stored by columns: A is transposed, and mode k of its vectors is a row of ours. */
static void Transpose(int n, Complex *A) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++) {
      Complex swap = A[i * n + j];
      A[i * n + j] = A[j * n + i];
      A[j * n + i] = swap;
    }
}

static void Normalise(int n, Complex *v) {
  int largest = 0;
  double sum = 0;
  for (int i = 0; i < n; i++) {
    if (cabs(v[i]) > cabs(v[largest]) * (1 + 1e-12)) largest = i;
    sum += creal(v[i]) * creal(v[i]) + cimag(v[i]) * cimag(v[i]);
  }
  Complex factor = conj(v[largest]) / (cabs(v[largest]) * sqrt(sum));
  for (int i = 0; i < n; i++) v[i] *= factor;
}

/* Does a come before b?  Real parts within round-off of the spectrum count as equal, so that pairs stay ordered. */
static bool Before(Complex a, Complex b, double tolerance) {
  double real = creal(a) - creal(b);
  return fabs(real) > tolerance ? real > 0 : cimag(a) > cimag(b);
}

static void SwapModes(int n, Complex *eigenvalue, Complex *vector, int a, int b) {
  Complex swap = eigenvalue[a];
  eigenvalue[a] = eigenvalue[b];
  eigenvalue[b] = swap;
  for (int i = 0; vector && i < n; i++) {
    swap = vector[a * n + i];
    vector[a * n + i] = vector[b * n + i];
    vector[b * n + i] = swap;
  }
}

static void Sort(int n, Complex *eigenvalue, Complex *vector) {
  double largest = 0;
  for (int k = 0; k < n; k++) largest = fmax(largest, cabs(eigenvalue[k]));
  for (int k = 0; k < n; k++) {
    int first = k;
    for (int m = k + 1; m < n; m++)
      if (Before(eigenvalue[m], eigenvalue[first], 1e-13 * largest)) first = m;
    if (first != k) SwapModes(n, eigenvalue, vector, k, first);
  }
}

RhoStatus RhoEigenvalues(int n, double complex *A, double complex *eigenvalue, double complex *vector) {
  int lwork = 4 * n, info = 1;
  Complex *work = malloc(sizeof *work * (size_t)lwork);
  double *rwork = malloc(sizeof *rwork * 2 * (size_t)n);
  if (work && rwork && Finite(n * n, A)) {
    Transpose(n, A);
    zgeev_("N", vector ? "V" : "N", &n, A, &n, eigenvalue, NULL, &n, vector, &n, work, &lwork, rwork, &info);
  }
  bool memory = work && rwork;
  free(work);
  free(rwork);
  if (info) {
    Fill(n, eigenvalue);
    Fill(n * n, vector);
    return memory ? RHO_INPUT : RHO_NOMEM;
  }
  for (int k = 0; vector && k < n; k++) Normalise(n, &vector[k * n]);
  Sort(n, eigenvalue, vector);
  return RHO_OK;
}
