/* suite.c - one table of ratios: what the program takes over what nothing of the kind can do without, measured in turns
   in the same run.

     bench_suite [only=NAME]       the table (README.md) on standard output, or the rows with that in their name

   Works of some shapes are grids of n cells along each dimension; their unit is ns a cell, of a step where the work is
   one.  Memory is what the process had more at most than before, in bytes a cell, on grids large enough to tell. */
#include "bench.h"
#include "rhoflux/phase.h"
#include "rhoflux/stability.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- works ---- */

static PetscErrorCode Residual(Bench *b) {
  PetscFunctionBegin;
  PetscCall(BenchTouch(b->u));
  PetscCall(RhoResidual(b->fm, 0, b->u, b->F));
  PetscFunctionReturn(0);
}

static PetscErrorCode Tangent(Bench *b) {
  PetscFunctionBegin;
  if (!b->stiff) {
    PetscCall(RhoTangentCreate(b->fm, RHO_PART_ALL, &b->stiff));
    PetscCall(RhoTangentSet(b->stiff, 0, b->u));
  }
  PetscCall(RhoTangentApply(b->stiff, b->u, b->F));
  PetscFunctionReturn(0);
}

static PetscErrorCode Ghosts(Bench *b) {
  PetscFunctionBegin;
  if (!b->local) PetscCall(DMCreateLocalVector(b->grid->da, &b->local));
  PetscCall(RhoGridGlobalToLocal(b->grid, b->grid->da, b->u, b->local));
  PetscFunctionReturn(0);
}

/* All fields there and back; the state becomes larger, so it goes from and to one that is zero. */
static PetscErrorCode Transforms(Bench *b, RhoPlanning planning) {
  PetscScalar *x;
  PetscFunctionBegin;
  if (!b->transform) {
    PetscCall(RhoTransformCreate(b->grid, planning, &b->transform));
    PetscCall(PetscCalloc1(b->nfield, &b->spectrum));
    for (PetscInt f = 0; f < b->nfield; f++) PetscCall(RhoTransformSpectrum(b->transform, &b->spectrum[f]));
    PetscCall(VecSet(b->F, 0));
  }
  PetscCall(VecGetArray(b->F, &x));
  PetscCall(RhoTransformForwardAll(b->transform, (int)b->nfield, x, b->spectrum));
  PetscCall(RhoTransformBackwardAll(b->transform, (int)b->nfield, b->spectrum, x));
  PetscCall(VecRestoreArray(b->F, &x));
  PetscFunctionReturn(0);
}

static PetscErrorCode Estimated(Bench *b) { return Transforms(b, RHO_PLAN_ESTIMATE); }
static PetscErrorCode Measured(Bench *b) { return Transforms(b, RHO_PLAN_MEASURE); }

enum { FEW = 3, MORE = 9 };

static PetscErrorCode FewSteps(Bench *b) {
  b->nstep = FEW;
  return BenchSteps(b);
}

static PetscErrorCode MoreSteps(Bench *b) {
  b->nstep = MORE;
  return BenchSteps(b);
}

/* ---- rows on grids ---- */

static const char cahn_hilliard[] = "cahn_hilliard", quorum[] = "quorum_sensing_cross",
                  pair[] = "nonreciprocal_cahn_hilliard",
                  noisy[] = "rhoflux: 1\nmodel: bench\nfree_energy: \"-phi^2/2 + phi^4/4 + |grad(phi)|^2/2\"\n"
                            "dynamics: {phi: {mobility: 1, noise: \"sqrt(2 + phi^2)\"}}\n";

typedef struct {
  const char *name, *model;
  BenchWork work; /* NULL: a step of the scheme */
  const char *scheme;
  bool constant, spectral, noise;
  const char *limit; /* in words */
  struct {
    BenchWork work;
    double times;
  } part[3];
  unsigned shapes; /* bit k: shape k */
} Row;

static const BenchShape shape[] = {{1, 4096}, {2, 128}, {2, 512}, {3, 64}};
enum { NSHAPE = sizeof shape / sizeof *shape, ALL = 15, PLANE = 6 };

static const Row rows[] = {
    {"ghosts", cahn_hilliard, Ghosts, .limit = "memcpy", .part = {{BenchCopy, 1}}, .shapes = ALL},
    {"residual", cahn_hilliard, Residual, .limit = "stencil", .part = {{BenchStencil, 1}}, .shapes = ALL},
    {"tangent", cahn_hilliard, Tangent, .limit = "stencil", .part = {{BenchStencil, 1}}, .shapes = ALL},
    {"residual_two_kernels", quorum, Residual, .limit = "by_hand", .part = {{BenchQuorum, 1}}, .shapes = PLANE},
    {"transform_estimated", cahn_hilliard, Estimated, .limit = "fftw_best", .part = {{BenchPair, 1}}, .shapes = ALL},
    {"transform_measured", cahn_hilliard, Measured, .limit = "fftw_best", .part = {{BenchPair, 1}}, .shapes = ALL},
    {"transform_two_fields", pair, Measured, .limit = "fftw_best", .part = {{BenchPair, 2}}, .shapes = ALL},
    {"step_imex", cahn_hilliard, .scheme = "ark3", .limit = "4_pairs", .part = {{BenchPair, 4}}, .shapes = ALL},
    {"step_imex_two_kernels", quorum, .scheme = "ark3", .constant = true, .limit = "8_pairs+4_by_hand",
     .part = {{BenchPair, 8}, {BenchQuorum, 4}}, .shapes = PLANE},
    {"step_exponential", cahn_hilliard, .scheme = "etdrk4", .limit = "4_pairs", .part = {{BenchPair, 4}},
     .shapes = ALL},
    {"step_exponential_spectral", cahn_hilliard, .scheme = "etdrk4", .spectral = true, .limit = "4_pairs",
     .part = {{BenchPair, 4}}, .shapes = ALL},
    {"step_newton_krylov", cahn_hilliard, .scheme = "bdf", .limit = "pair+stencil_each_iteration",
     .part = {{BenchPair, 0}, {BenchStencil, 0}}, .shapes = ALL & ~1},
    {"step_stochastic", noisy, .scheme = "imex_em", .constant = true, .noise = true, .limit = "numbers+pair+stencil",
     .part = {{BenchNumbers, 1}, {BenchPair, 1}, {BenchStencil, 1}}, .shapes = ALL},
};

static void Print(const char *name, const char *what, const char *unit, double ours, const char *words, double limit,
                  double memory) {
  printf("%-26s %-8s %-9s %10.3f %10.3f %8.2f ", name, what, unit, ours, limit, ours / limit);
  if (memory > 0) printf("%7.0f", memory);
  else printf("%7s", "-");
  printf("  %s\n", words);
  fflush(stdout);
}

/* ---- memory ---- */

/* Kilobytes of a line of /proc/self/status; 0: there is none. */
static double Status(const char *line) {
  char text[256];
  double value = 0;
  FILE *stream = fopen("/proc/self/status", "r");
  size_t n = strlen(line);
  while (stream && fgets(text, sizeof text, stream))
    if (!strncmp(text, line, n)) value = atof(text + n);
  if (stream) fclose(stream);
  return value;
}

static double Mark(void) {
  malloc_trim(0);
  FILE *stream = fopen("/proc/self/clear_refs", "w"); /* the peak begins anew */
  if (stream) {
    fputs("5", stream);
    fclose(stream);
  }
  return Status("VmRSS:");
}

/* ---- a row ---- */

/* Seconds of one work or step, and of its limit. */
static PetscErrorCode Measure(Bench *b, const Row *row, double *ours, double *limit) {
  BenchWork work[5] = {row->work ? row->work : FewSteps, row->work ? row->work : MoreSteps};
  double time[5], times[3];
  int n = 2;
  PetscFunctionBegin;
  for (; n < 5 && row->part[n - 2].work; n++) work[n] = row->part[n - 2].work;
  PetscCall(BenchTurns(b, 1.0, n, work, time));
  *ours = row->work ? PetscMin(time[0], time[1]) : (time[1] - time[0]) / (MORE - FEW);
  for (int k = 0; k < 3; k++) times[k] = row->part[k].times;
  if (row->scheme && !strcmp(row->scheme, "bdf")) { /* all of a run over all its iterations: steps are of any length */
    *ours = time[1];
    times[0] = (double)b->last.nlinear + (double)b->last.nnewton;
    times[1] = times[0];
  }
  *limit = 0;
  for (int k = 0; k < n - 2; k++) *limit += times[k] * time[k + 2];
  PetscFunctionReturn(0);
}

/* Is what was written by hand the same residual? */
static PetscErrorCode Agree(Bench *b) {
  const PetscScalar *F;
  double difference = 0, largest = 0;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(b->F, &F));
  for (PetscInt p = 0; p < b->ncell * b->nfield; p++) {
    difference = Worse(difference, F[p] - b->rate[p]);
    largest = fmax(largest, fabs(F[p]));
  }
  PetscCall(VecRestoreArrayRead(b->F, &F));
  PetscCheck(difference < 1e-10 * largest, PETSC_COMM_SELF, PETSC_ERR_PLIB, "by hand it is another residual: %g of %g",
             difference, largest);
  PetscFunctionReturn(0);
}

static PetscErrorCode RowOn(const Row *row, BenchShape s) {
  double ours = 0, limit = 0, before = Mark(), memory = 0;
  char what[16];
  Bench b;
  PetscFunctionBegin;
  PetscCall(BenchOpen(PETSC_COMM_WORLD, row->model, s, row->spectral, &b));
  b.scheme = row->scheme;
  b.constant = row->constant;
  if (row->noise) PetscCall(RhoNoiseCreate(b.fm, 1e4, 1, &b.noise));
  if (row->scheme && b.ncell >= 100000) {
    PetscCall(FewSteps(&b));
    memory = 1024 * (Status("VmHWM:") - before) / b.ncell;
  }
  PetscCall(Measure(&b, row, &ours, &limit));
  if (row->work == Residual && b.rate) PetscCall(Agree(&b));
  snprintf(what, sizeof what, "%dD-%d", s.ndim, s.n);
  Print(row->name, what, "ns/cell", 1e9 * ours / b.ncell, row->limit, 1e9 * limit / b.ncell, memory);
  PetscCall(BenchClose(&b));
  PetscFunctionReturn(0);
}

/* ---- states ---- */

enum { NMAP = 101, NWAVE = 128 };

/* By hand: the largest growth of NWAVE waves of a state of two species, from 2 x 2 matrices. */
static double Waves(double a, double b) {
  double most = -1e300;
  for (int k = 0; k < NWAVE; k++) {
    double q = 6.0 * k / NWAVE, K = exp(-q * q / 2), s = q * q;
    double A = -s * (1 + a * K), B = -s * a * K, C = s * b * K, D = -s * (1 - b * K), t = (A + D) / 2;
    double disc = t * t - (A * D - B * C), growth = disc > 0 ? t + sqrt(disc) : t;
    if (growth > most) most = growth;
  }
  return most;
}

static void Map(void) {
  RhoDiag diag = RhoDiagCreate();
  RhoModel model;
  RhoEquations eq;
  RhoNode state[2];
  RhoAxis axis[2];
  double x[NMAP], sum = 0, ours, limit;
  const double *at[2] = {x, x};
  const int n[2] = {NMAP, NMAP};
  RhoMapPoint *point = malloc(sizeof *point * NMAP * NMAP);
  if (RhoModelLoad(RHO_SOURCE_DIR "/models/quorum_sensing_cross/model.yaml", diag, &model) ||
      RhoEquationsCreate(model, diag, &eq))
    exit(1);
  for (int i = 0; i < NMAP; i++) x[i] = 0.1 + 1.9 * i / (NMAP - 1);
  for (int a = 0; a < 2; a++) {
    axis[a] = (RhoAxis){.name = model->field[a].name, .from = 0.1, .to = 2};
    axis[a].symbol = state[a] = model->field[a].symbol;
  }
  RhoFamily family = {eq, 0, NULL, state, 2, axis};
  RhoWaveRange range = {.dim = 1, .ndimension = 1, .top = 6};
  ours = -BenchNow();
  if (RhoStabilityMap(&family, &range, n, at, 0, 1, point)) exit(1);
  ours += BenchNow();
  limit = -BenchNow();
  for (int k = 0; k < NMAP * NMAP; k++) sum += Waves(x[k % NMAP], x[k / NMAP]);
  limit += BenchNow();
  Print("stability_map", sum < 1e300 ? "101^2" : "", "us/state", 1e6 * ours / (NMAP * NMAP), "128_waves_by_hand",
        1e6 * limit / (NMAP * NMAP), 0);
  free(point);
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

/* Beside evaluating a mixture's f by hand, a thousand times at as many samples. */
static void Phases(const char *name, const char *file, double window) {
  RhoDiag diag = RhoDiagCreate();
  RhoArena arena = RhoArenaCreate();
  RhoModel model = NULL;
  RhoEquations eq = NULL;
  RhoPhaseDiagram d;
  double from[3] = {0}, to[3] = {window, window, window}, sum = 0;
  char path[4096];
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s", file);
  if (RhoModelLoad(path, diag, &model) || RhoEquationsCreate(model, diag, &eq)) exit(1);
  double *value = calloc((size_t)eq->nuniform, sizeof *value), ours, limit;
  RhoPhaseRequest request = {.from = from, .to = to, .parameter = -1, .tangents = true};
  if (RhoEquationsBind(eq, 1, 0, NULL, value)) exit(1);
  ours = -BenchNow();
  if (RhoPhaseDiagramMake(eq, value, &request, arena, &d)) exit(1);
  ours += BenchNow();
  limit = -BenchNow();
  for (int k = 1; k <= 10 * d.nsample; k++) sum += log(window * k) * k + log(2.0 * k) * k + exp(-1.0 / k);
  limit += BenchNow();
  Print(name, sum > 0 ? "whole" : "", "ms", 1e3 * ours, "1000_x_its_samples_by_hand", 1e5 * limit, 0);
  free(value);
  RhoModelDestroy(&model);
  RhoArenaDestroy(&arena);
  RhoDiagDestroy(&diag);
}

/* ---- the table ---- */

static bool Wanted(const char *only, const char *name) { return !only || strstr(name, only); }

int main(int argc, char **argv) {
  int none = 1;
  const char *only = argc > 1 && !strncmp(argv[1], "only=", 5) ? argv[1] + 5 : NULL;
  mallopt(M_MMAP_THRESHOLD, 1 << 16); /* what is freed leaves the process */
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  PetscCall(PetscInitialize(&none, &argv, NULL, NULL));
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
    for (int k = 0; k < NSHAPE; k++)
      if (rows[r].shapes >> k & 1 && Wanted(only, rows[r].name)) PetscCall(RowOn(&rows[r], shape[k]));
  if (Wanted(only, "stability_map")) Map();
  if (Wanted(only, "phase_diagram_two")) Phases("phase_diagram_two", "quorum_sensing/model.yaml", 4);
  if (Wanted(only, "phase_diagram_three")) Phases("phase_diagram_three", "quorum_sensing/three.yaml", 4);
  PetscCall(PetscFinalize());
  return 0;
}
