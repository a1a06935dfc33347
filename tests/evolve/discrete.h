/* discrete.h - the theory of small fluctuations in discrete time, and the models that tests of noise hold against it.

   With A the symbol on the grid, L its stiff part, Q the strength of the noise, one step is x' = G x + noise,

     em             G = 1 + h A                                C = h Q
     imex_em        G = 1 + P h A, P = (1 - h L)^-1            C = P h Q P'
     imex_midpoint  G = 1 + P h (A + (A - L) P h A/2),         C = (B Q B' + P Q P') h/2,  B = P + P h (A - L) P
                    P = (1 - h L/2)^-1

   and S_{n+1} = G S_n G' + C.  Models stand on boxes with an internal dimension r along which nothing flows: each of
   its cells is a run of its own. */
#ifndef RHO_TESTS_EVOLVE_DISCRETE_H
#define RHO_TESTS_EVOLVE_DISCRETE_H
#include "../verify/verify.h"
#include <complex.h>

/* ---- 2 x 2 matrices (of one field: 1 x 1 in the corner) ---- */

typedef struct {
  double complex m[2][2];
} Mat2;

static const Mat2 one2 = {{{1, 0}, {0, 1}}};

static inline Mat2 Sum(Mat2 a, double s, Mat2 b) {
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) a.m[i][j] += s * b.m[i][j];
  return a;
}

static inline Mat2 Times(Mat2 a, Mat2 b) {
  Mat2 c = {{{0}}};
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 2; k++) c.m[i][j] += a.m[i][k] * b.m[k][j];
  return c;
}

static inline Mat2 Inverse(Mat2 a) {
  double complex det = a.m[0][0] * a.m[1][1] - a.m[0][1] * a.m[1][0];
  return (Mat2){{{a.m[1][1] / det, -a.m[0][1] / det}, {-a.m[1][0] / det, a.m[0][0] / det}}};
}

static inline Mat2 Between(Mat2 a, Mat2 S) { /* a S a* */
  Mat2 t;
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) t.m[i][j] = conj(a.m[j][i]);
  return Times(Times(a, S), t);
}

/* ---- theory ---- */

/* A the symbol, L its stiff part, Q the strength of the noise. */
typedef struct {
  Mat2 A, L, Q;
} Mode;

/* x' = G x + noise of covariance C */
static inline void OneStep(const char *scheme, double h, const Mode *q, Mat2 *G, Mat2 *C) {
  bool midpoint = !strcmp(scheme, "imex_midpoint");
  Mat2 P = Inverse(Sum(one2, midpoint ? -0.5 * h : -h, q->L)), N = Sum(q->A, -1, q->L), zero = {{{0}}};
  if (!strcmp(scheme, "em")) P = one2;
  if (!midpoint) {
    *G = Sum(one2, h, Times(P, q->A));
    *C = Sum(zero, h, Between(P, q->Q));
    return;
  }
  *G = Sum(one2, h, Times(P, Sum(q->A, 0.5 * h, Times(N, Times(P, q->A)))));
  *C = Sum(zero, 0.5 * h, Between(Sum(P, h, Times(P, Times(N, P))), q->Q));
  *C = Sum(*C, 0.5 * h, Between(P, q->Q));
}

/* From no fluctuations, after n steps. */
static inline Mat2 Covariance(const char *scheme, double h, int nstep, const Mode *q) {
  Mat2 G, C, S = {{{0}}};
  OneStep(scheme, h, q, &G, &C);
  for (int n = 0; n < nstep; n++) S = Sum(Between(G, S), 1, C);
  return S;
}

/* S = G S G' + C, from the sums of 2^k steps. */
static inline Mat2 Stationary(const char *scheme, double h, const Mode *q) {
  Mat2 G, S;
  OneStep(scheme, h, q, &G, &S);
  for (int k = 0; k < 60; k++) {
    S = Sum(Between(G, S), 1, S);
    G = Times(G, G);
  }
  return S;
}

/* ---- models ---- */

typedef struct {
  const char *name, *head, *field, *flux, *noise; /* flux and noise along each dimension of space */
  double rho[2], N[2];                            /* the uniform state; mobilities, so that Q = 2 q^2 N */
  int nfield, ncell;
  double length; /* of the ring in one dimension */
} Model;

static const Model single = {"independent particles",
                             "fields: {rho: density}\n",
                             "rho",
                             "-0.7*grad(rho)",
                             "sqrt(1.4*rho)",
                             {3, 0},
                             {2.1, 0},
                             1,
                             16,
                             8};

#define TWO(sensing, logv)                                                                                             \
  "index: {\"s, n\": [a, b]}\nfields: {\"rho[s]\": density}\n"                                                         \
  "kernels: {K: {shape: gaussian, width: 1}}\n" logv "define:\n  \"near[s]\": \"" sensing                              \
  "\"\n  \"v[s]\": \"exp(logv[s])\"\n  \"D[s]\": \"alpha[s]*v[s]^2\"\n"
#define FLUXES "rho[s]", "-D[s]*grad(rho[s]) - rho[s]*D[s]*grad(logv[s])", "sqrt(2*rho[s]*D[s])"
#define SET1                                                                                                           \
  "parameters: {\"k[s]\": [-0.8, -0.6], \"l[s]\": [0, 0.3], \"alpha[s]\": [1, 0.5], \"c[s]\": [1, 1.2], "              \
  "\"w[s]\": [0.5, 0.6]}\n"
#define LOGV1 "  \"logv[s]\": \"l[s] + k[s]*tanh((near[s] - c[s])/w[s]) + 0.5*tanh((near[a] + near[b] - 2)/1)\"\n"
#define SET2                                                                                                           \
  "parameters: {\"k[s]\": [-0.3, -0.2], \"l[s]\": [0, 0.2], \"alpha[s]\": [1, 0.5], \"c[s]\": [1, 1.1], "              \
  "\"w[s]\": [0.5, 0.6], \"kc[s]\": [0.6, -0.5], \"cc[s]\": [0.9, 1], \"wc[s]\": [0.5, 0.7]}\n"
#define LOGV2                                                                                                          \
  "  \"logv[s]\": \"l[s] + k[s]*tanh((near[s] - c[s])/w[s]) + kc[s]*tanh((sum(n, n != s, near[n]) - cc[s])/wc[s])\"\n"
#define STATE1 {0.4, 0.6}, {0.7089023319379664, 0.6365744034648025}, 2, 32, 16
#define STATE2 {0.8, 1.1}, {1.5852856005923273, 1.0836646477069785}, 2, 32, 16

/* [set][sensing] */
static const Model pairs[2][2] = {{{"set 1, local", TWO("rho[s]", SET1) LOGV1, FLUXES, STATE1},
                                   {"set 1, kernel", TWO("conv(K, rho[s])", SET1) LOGV1, FLUXES, STATE1}},
                                  {{"set 2, local", TWO("rho[s]", SET2) LOGV2, FLUXES, STATE2},
                                   {"set 2, kernel", TWO("conv(K, rho[s])", SET2) LOGV2, FLUXES, STATE2}}};

/* Opens the model in the dimensions of the mesh. */
static inline void OpenIn(const Model *model, const RhoMesh *mesh, Setup *s) {
  char text[4000], flux[600] = "", noise[400] = "", names[40] = "";
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *m = &mesh->dimension[d];
    sprintf(names + strlen(names), "%s%s", d ? ", " : "", m->name);
    if (!m->spatial) continue;
    sprintf(flux + strlen(flux), "%s%s: \"%s\"", *flux ? ", " : "", m->name, model->flux);
    sprintf(noise + strlen(noise), "%s%s: \"%s\"", *noise ? ", " : "", m->name, model->noise);
  }
  snprintf(text, sizeof text, "dimensions: [%s]\n%sdynamics:\n  \"%s\": {flux: {%s}, noise: {flux: {%s}}}\n", names,
           model->head, model->field, flux, noise);
  OpenText(text, s);
}

static inline void AddDimension(RhoMesh *mesh, const char *name, double length, int ncell) {
  mesh->dimension[mesh->ndimension++] = (RhoDimension){
      .name = name, .to = length, .ncell = ncell, .boundary = RHO_PERIODIC, .spatial = strcmp(name, "r") != 0};
}

/* Rings, one after the other. */
static inline RhoMesh Copies(const Model *model, int ncopy) {
  RhoMesh mesh = {.place = RHO_NOWHERE};
  AddDimension(&mesh, "x", model->length, model->ncell);
  AddDimension(&mesh, "r", ncopy, ncopy);
  return mesh;
}

/* The symbols for the wave of k[d] periods, on the grid or, with the spectral discretisation, of the continuum; of one
   field in the corner, the other one at rest. */
static inline Mode ModeOn(const Setup *s, const Model *model, const RhoMesh *mesh, const int *k) {
  double q[RHO_MAXDIM] = {0}, spacing[RHO_MAXDIM] = {1, 1, 1}, square = 0;
  const double *at[RHO_MAXDIM] = {NULL};
  double complex A[4], L[4];
  bool spectral = s->fm && RhoFieldIsSpectral(s->fm);
  Mode mode = {{{{0}}}, {{{0}}}, {{{0}}}};
  RhoWaves waves;
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *m = &mesh->dimension[d];
    if (!m->spatial) continue;
    double h = spacing[d] = (m->to - m->from) / m->ncell;
    q[d] = 2 * M_PI * k[d] / (m->to - m->from);
    at[d] = &q[d];
    square += spectral ? q[d] * q[d] : pow(2 / h * sin(q[d] * h / 2), 2);
  }
  assert_int_equal(
      RhoWavesCreate(s->eq, s->model->arena, RhoMeshSpatial(mesh), s->value, 1, at, spectral ? NULL : spacing, &waves),
      RHO_OK);
  assert_int_equal(RhoSymbol(s->eq, RHO_PART_ALL, s->value, model->rho, &waves, A), RHO_OK);
  assert_int_equal(RhoSymbol(s->eq, RHO_PART_STIFF, s->value, model->rho, &waves, L), RHO_OK);
  for (int i = 0; i < model->nfield; i++) {
    mode.Q.m[i][i] = 2 * square * model->N[i];
    for (int j = 0; j < model->nfield; j++) {
      mode.A.m[i][j] = A[i * model->nfield + j];
      mode.L.m[i][j] = L[i * model->nfield + j];
    }
  }
  if (model->nfield == 1) mode.Q.m[1][1] = 1; /* anything but 0 */
  if (model->nfield == 1) mode.A.m[1][1] = mode.L.m[1][1] = -1;
  return mode;
}

#endif
