/* runs.h - many runs in one box that start from the stationary covariance of a stepper.

   The runs stand side by side along an internal dimension r, the fastest one, so that ranks share the runs themselves.
   Their start is Gaussian, of the covariance S that the theory in discrete time says (discrete.h). */
#ifndef RHO_TESTS_EVOLVE_RUNS_H
#define RHO_TESTS_EVOLVE_RUNS_H
#include "discrete.h"
#include <Random123/philox.h>

enum { MOST = 64 };

typedef struct {
  const Model *model;
  const char *scheme;
  int dim;
  double h;
  int nstep, ncopy;
  PetscInt64 seed;
  double omega;
  Reading reading;
} Job;

typedef struct {
  int k[RHO_MAXDIM];
  bool own;  /* its own opposite: real */
  Mat2 root; /* L L' = S */
} Wave;

typedef struct {
  RhoMesh mesh;
  Setup s;
  int ncell, nwave; /* cells and waves of one run */
  Wave wave[MOST];
  double unit;       /* <|x|^2> = unit S, x the sum over cells of u e^(-iqx) */
  double complex *x; /* [nwave][ncopy][nfield] */
} Box;

/* ---- random numbers of the start ---- */

static inline void Normals(uint32_t copy, uint32_t wave, uint32_t field, PetscInt64 seed, double g[2]) {
  philox4x32_key_t key = {{(uint32_t)seed, 0x53746172}};
  philox4x32_ctr_t at = {{copy, wave, field, 0}}, w = philox4x32(at, key);
  double u = ((double)w.v[0] + 1) / 4294967297.0, v = (double)w.v[1] / 4294967296.0;
  g[0] = sqrt(-2 * log(u)) * cos(2 * M_PI * v);
  g[1] = sqrt(-2 * log(u)) * sin(2 * M_PI * v);
}

/* ---- waves ---- */

static inline Mat2 Root(Mat2 S) {
  Mat2 L = {{{0}}};
  L.m[0][0] = sqrt(creal(S.m[0][0]));
  L.m[1][0] = S.m[1][0] / L.m[0][0];
  L.m[1][1] = sqrt(creal(S.m[1][1]) - creal(L.m[1][0] * conj(L.m[1][0])));
  return L;
}

/* Half of the waves, those that are their own opposites once; never the mean. */
static inline void FindWaves(Box *box, const Job *job) {
  int nx = box->mesh.dimension[1].ncell, ny = job->dim > 1 ? box->mesh.dimension[2].ncell : 1;
  for (int ky = 0; ky < ny; ky++)
    for (int kx = 0; kx < nx; kx++) {
      int opposite = (ny - ky) % ny * nx + (nx - kx) % nx, number = ky * nx + kx;
      if (number == 0 || opposite < number) continue;
      if (job->reading == SPECTRAL && (2 * kx == nx || 2 * ky == ny)) continue; /* not kept */
      Wave *w = &box->wave[box->nwave++];
      *w = (Wave){.k = {0, kx > nx / 2 ? kx - nx : kx, ky > ny / 2 ? ky - ny : ky}, .own = opposite == number};
      Mode mode = ModeOn(&box->s, job->model, &box->mesh, w->k);
      w->root = Root(Stationary(job->scheme, job->h, &mode));
    }
}

/* e^(iqx) in cell p of a run */
static inline double complex Factor(const Box *box, const Wave *w, int p) {
  int nx = box->mesh.dimension[1].ncell, ny = box->ncell / nx;
  return cexp(2 * M_PI * I * ((double)(w->k[1] * (p % nx)) / nx + (double)(w->k[2] * (p / nx)) / ny));
}

/* ---- the start ---- */

static inline void StartWave(const Box *box, const Job *job, int number) {
  const Wave *w = &box->wave[number];
  int nf = job->model->nfield;
  for (int r = 0; r < job->ncopy; r++) {
    double complex z[2] = {0}, *x = box->x + ((size_t)number * (size_t)job->ncopy + (size_t)r) * (size_t)nf;
    for (int f = 0; f < nf; f++) {
      double g[2];
      Normals((uint32_t)r, (uint32_t)number, (uint32_t)f, job->seed, g);
      z[f] = w->own ? g[0] : (g[0] + I * g[1]) / sqrt(2);
    }
    for (int f = 0; f < nf; f++) x[f] = sqrt(box->unit) * (w->root.m[f][0] * z[0] + w->root.m[f][1] * z[1]);
  }
}

static inline void Start(const Box *box, const Job *job) {
  RhoGrid g = box->s.grid;
  int nf = job->model->nfield;
  PetscScalar *u;
  for (int k = 0; k < box->nwave; k++) StartWave(box, job, k);
  OK(VecGetArray(box->s.u, &u));
  for (PetscInt k = 0; k < g->nowned * nf; k++) u[k] = job->model->rho[k % nf];
  for (PetscInt q = 0; q < g->nowned / g->n[0]; q++)
    for (int k = 0; k < box->nwave; k++) {
      PetscInt i = q % g->count[1] + g->start[1], j = q / g->count[1] + g->start[2];
      double complex e = Factor(box, &box->wave[k], (int)(j * g->n[1] + i)) * (box->wave[k].own ? 1 : 2) / box->ncell;
      const double complex *x = box->x + (size_t)(k * job->ncopy * nf);
      for (PetscInt m = 0; m < job->ncopy * nf; m++) u[q * job->ncopy * nf + m] += creal(e * x[m]);
    }
  OK(VecRestoreArray(box->s.u, &u));
}

/* ---- opening and closing ---- */

static inline void Open(Box *box, const Job *job) {
  const Model *model = job->model;
  *box = (Box){.mesh = {.place = RHO_NOWHERE}};
  AddDimension(&box->mesh, "r", job->ncopy, job->ncopy);
  if (job->dim == 1) AddDimension(&box->mesh, "x", model->length, model->ncell);
  if (job->dim == 2) AddDimension(&box->mesh, "x", 4, 8);
  if (job->dim == 2) AddDimension(&box->mesh, "y", 4.5, 6);
  OpenIn(model, &box->mesh, &box->s);
  BindTo(&box->s, &box->mesh);
  assert_true(MakeGridAs(&box->s, PETSC_COMM_WORLD, &box->mesh, job->reading));
  box->ncell = (int)(box->s.grid->n[1] * box->s.grid->n[2]);
  box->unit = box->ncell / (box->s.grid->volume * job->omega);
  FindWaves(box, job);
  box->x = calloc((size_t)(box->nwave * job->ncopy * model->nfield), sizeof *box->x);
  assert_non_null(box->x);
}

static inline void Close(Box *box) {
  free(box->x);
  CloseGrid(&box->s);
  CloseModel(&box->s);
}

static inline RhoEvolveOptions OptionsOf(const Box *box, const Job *job) {
  RhoEvolveOptions options = Until(job->h * job->nstep, 1e-6);
  options.scheme = job->scheme;
  options.fixed = job->h;
  options.constant = (PetscBool)(strcmp(job->scheme, "em") != 0);
  OK(RhoNoiseCreate(box->s.fm, job->omega, job->seed, &options.noise));
  return options;
}

static inline bool Speaks(void) {
  PetscMPIInt rank;
  OK(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  return rank == 0;
}

static inline int Ranks(void) {
  PetscMPIInt size;
  OK(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  return (int)size;
}

static const char *const schemes[] = {"em", "imex_em", "imex_midpoint"};

#endif
