/* verify.h - what the tests of time evolution share: a model from a file or a text on a grid of any communicator, runs,
   norms, and how a model is put on a box of its own dimensions. */
#ifndef RHO_TESTS_VERIFY_H
#define RHO_TESTS_VERIFY_H
#include "../field/check.h"
#include "rhoflux/evolve.h"
#include <unistd.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* ---- models ---- */

static inline void Require(RhoDiag diag, RhoStatus status, const char *what) {
  if (status == RHO_OK) return;
  RhoDiagPrint(diag, stderr);
  fail_msg("%s does not load", what);
}

static inline void OpenModel(const char *path, Setup *s) {
  *s = (Setup){.diag = RhoDiagCreate()};
  Require(s->diag, RhoModelLoad(path, s->diag, &s->model), path);
  Require(s->diag, RhoEquationsCreate(s->model, s->diag, &s->eq), path);
  s->value = calloc((size_t)s->eq->nuniform, sizeof(double));
}

/* A model written where it is used. */
static inline void OpenText(const char *text, Setup *s) {
  char path[] = MODEL_PATH;
  WriteModel(path, text);
  OpenModel(path, s);
  unlink(path);
}

static inline void CloseModel(Setup *s) {
  RhoModelDestroy(&s->model);
  RhoDiagDestroy(&s->diag);
  free(s->value);
}

/* ---- grids ---- */

static inline void CloseGrid(Setup *s) {
  OK(VecDestroy(&s->u));
  OK(RhoFieldDestroy(&s->fm));
  OK(RhoGridDestroy(&s->grid));
}

static inline void BindTo(Setup *s, const RhoMesh *mesh) {
  int dim = s->model->dim ? s->model->dim : RhoMeshSpatial(mesh);
  Require(s->diag, RhoEquationsBind(s->eq, dim, 0, NULL, s->value), "parameters");
}

/* For a bound model.  false: it does not go with this mesh. */
static inline bool MakeGridAs(Setup *s, MPI_Comm comm, const RhoMesh *mesh, Reading reading) {
  OK(RhoGridCreate(comm, mesh, s->eq->nfield, RhoFieldHalo(s->eq), &s->grid));
  if (reading == VOLUMES) OK(RhoFieldCreate(s->eq, s->grid, s->value, s->diag, &s->fm));
  else OK(RhoFieldCreateSpectral(s->eq, s->grid, s->value, PETSC_FALSE, s->diag, &s->fm));
  if (s->fm) OK(DMCreateGlobalVector(s->grid->da, &s->u));
  else OK(RhoGridDestroy(&s->grid));
  return s->fm != NULL;
}

static inline bool MakeGrid(Setup *s, MPI_Comm comm, const RhoMesh *mesh) { return MakeGridAs(s, comm, mesh, VOLUMES); }

static inline bool OpenGrid(Setup *s, MPI_Comm comm, const RhoMesh *mesh) {
  BindTo(s, mesh);
  return MakeGrid(s, comm, mesh);
}

static inline RhoMesh Line(double from, double to, int ncell, RhoBoundary boundary) {
  return (RhoMesh){
      .ndimension = 1,
      .dimension[0] = {.name = "x", .from = from, .to = to, .ncell = ncell, .boundary = boundary, .spatial = true},
      .place = RHO_NOWHERE};
}

/* A box with the names of the model's dimensions (x, y, z without); false: the model has more than ndim, or other than
   its own number. */
static inline bool ModelBox(const Setup *s, int ndim, const int *ncell, const double *from, const double *to,
                            RhoBoundary boundary, RhoMesh *mesh) {
  static const char *const plain[RHO_MAXDIM] = {"x", "y", "z"};
  RhoModel model = s->model;
  int named = model->ndimension, spatial = 0;
  if (named > ndim) return false;
  *mesh = (RhoMesh){.ndimension = ndim, .place = RHO_NOWHERE};
  for (int d = 0; d < ndim; d++) {
    bool own = d < named;
    mesh->dimension[d] = (RhoDimension){.name = own ? model->dimension[d] : plain[d],
                                        .from = from[d],
                                        .to = to[d],
                                        .ncell = ncell[d],
                                        .boundary = boundary,
                                        .spatial = !(own && model->internal[d])};
    spatial += mesh->dimension[d].spatial;
  }
  return !(model->dim && model->dim < spatial);
}

/* A model of the text on a periodic line. */
static inline void OpenOnLine(const char *text, double length, int ncell, Setup *s) {
  RhoMesh mesh = Line(0, length, ncell, RHO_PERIODIC);
  OpenText(text, s);
  assert_true(OpenGrid(s, PETSC_COMM_WORLD, &mesh));
}

/* ---- states ---- */

/* The place of owned cell p. */
static inline void PlaceOf(RhoGrid g, PetscInt p, double *x) {
  for (int d = 0; d < RHO_MAXDIM; d++) {
    x[d] = d < g->mesh.ndimension ? RhoGridCoordinate(g, d)[p % g->count[d] + g->halo] : 0;
    p /= g->count[d];
  }
}

static inline double MaxDifference(Vec a, Vec b) {
  Vec w;
  double norm;
  OK(VecDuplicate(a, &w));
  OK(VecWAXPY(w, -1, a, b));
  norm = NormMax(w);
  OK(VecDestroy(&w));
  return norm;
}

/* Of owned cell p, in extended precision. */
static inline long double VolumeOf(RhoGrid g, PetscInt p) {
  long double volume = 1;
  for (int d = 0; d < g->mesh.ndimension; p /= g->count[d++]) {
    int i = (int)(g->start[d] + p % g->count[d]);
    const RhoDimension *m = &g->mesh.dimension[d];
    volume *= m->edge ? (long double)m->edge[i + 1] - m->edge[i] : (long double)g->h[d];
  }
  return volume;
}

/* int u_i w_i over the box and int |w_i u_i| in extended precision, by this test's own sums (one rank). */
static inline double OwnTotal(const Setup *s, const double *weight, Vec u, double *size) {
  const PetscScalar *x;
  long double sum = 0, modulus = 0;
  int n = s->eq->nfield;
  OK(VecGetArrayRead(u, &x));
  for (PetscInt k = 0; k < s->grid->nowned * n; k++) {
    long double term = VolumeOf(s->grid, k / n) * (long double)weight[k % n] * (long double)x[k];
    sum += term;
    modulus += fabsl(term);
  }
  OK(VecRestoreArrayRead(u, &x));
  if (size) *size = (double)modulus;
  return (double)sum;
}

/* ---- runs ---- */

static inline PetscErrorCode Silent(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  (void)ctx, (void)state, (void)u, (void)stop;
  return 0;
}

typedef struct {
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *text;
} Outcome;

/* To options->end, which becomes the only output. */
static inline Outcome RunWith(Setup *s, RhoEvolveOptions options, RhoEvolveMonitor monitor, void *ctx) {
  Outcome out;
  PetscReal end = options.end;
  options.noutput = 1;
  options.output = &end;
  OK(RhoEvolve(s->fm, &options, s->u, monitor ? monitor : Silent, ctx, &out.reason, &out.last, &out.text));
  return out;
}

/* "ark3", or with constant coefficients "ark3 constant" */
static inline void SetScheme(RhoEvolveOptions *options, const char *name) {
  static char scheme[32]; /* of the options set last */
  snprintf(scheme, sizeof scheme, "%.*s", (int)strcspn(name, " "), name);
  options->scheme = scheme;
  options->constant = (PetscBool)(strstr(name, " constant") != NULL);
}

/* Does the scheme go with the model? */
static inline bool Goes(Setup *s, const char *scheme) {
  RhoEvolveOptions options;
  const char *why;
  RhoEvolveDefaults(&options);
  SetScheme(&options, scheme);
  FillState(s, 1, 1, 0.05, s->u);
  OK(RhoEvolveRefuses(s->fm, &options, s->u, &why));
  return !why;
}

static inline RhoEvolveOptions Until(double end, double rtol) {
  RhoEvolveOptions options;
  RhoEvolveDefaults(&options);
  options.end = end;
  options.rtol = rtol;
  return options;
}

static inline Outcome RunDone(Setup *s, RhoEvolveOptions options) {
  Outcome out = RunWith(s, options, NULL, NULL);
  if (out.reason != RHO_EVOLVE_DONE)
    fail_msg("%s: the run ended at t = %g, reason %d: %s", s->model->name, out.last.time, (int)out.reason, out.text);
  return out;
}

#endif
