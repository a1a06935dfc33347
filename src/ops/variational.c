/* variational.c - is there a free energy, and how is that known.

     local        d mu_i/d u_j = d mu_j/d u_i for uniform fields
     functional   int w (delta mu_i/delta u_j)[v] = int v (delta mu_j/delta u_i)[w] for all v, w

   By algebra: forward differential of mu_i along u_j -> v against the adjoint, which is the variational derivative of
   int v mu_j by u_i; once as written, once expanded, once with numbers for the parameters.  Otherwise by sampling: a
   verdict against is a number, a verdict for says how many states were looked at. */
#include "ops_private.h"
#include <math.h>

enum { NLOCAL = 400, NWAVY1 = 24, NWAVY2 = 6, GRID1 = 32, GRID2 = 16, FINEST1 = 256, FINEST2 = 32 };
static const double SYMMETRIC = 1e-9;

typedef struct {
  RhoEquations eq;
  const double *value;
  RhoVerdict verdict;
  RhoNode v, w; /* symbols of test functions */
  int *kernel;  /* [nkernel] the first kernel that is the same */
} Test;

/* ---- algebra --------------------------------------------------------------------------------------------------------
 */

static bool Equal(RhoGraph graph, RhoNode a, RhoNode b) {
  if (a == b) return true;
  return RhoGraphEqual(graph, a < 0 ? RhoGraphConstant(graph, 0) : a, b < 0 ? RhoGraphConstant(graph, 0) : b);
}

static RhoNode NumberForSymbol(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const Test *test = ctx;
  (void)arg;
  for (int k = 0; k < test->eq->nuniform; k++)
    if (test->eq->uniform[k] == node && isfinite(test->value[k])) return RhoGraphConstant(graph, test->value[k]);
  return RHO_NONE;
}

static RhoNode WithNumbers(Test *test, RhoNode node) {
  return RhoGraphRewrite(test->eq->graph, node, NumberForSymbol, test);
}

static bool SameKernel(Test *test, const RhoKernel *a, const RhoKernel *b) {
  return a->form == b->form && a->dim == b->dim && a->variable == b->variable &&
         WithNumbers(test, a->formula) == WithNumbers(test, b->formula) &&
         WithNumbers(test, a->cutoff) == WithNumbers(test, b->cutoff) &&
         WithNumbers(test, a->integral) == WithNumbers(test, b->integral);
}

static void FindSameKernels(Test *test) {
  RhoModel model = test->eq->model;
  test->kernel = RhoArenaAlloc(model->arena, sizeof(int) * (size_t)model->nkernel);
  for (int k = 0; k < model->nkernel; k++) {
    int first = 0;
    while (first < k && !SameKernel(test, &model->kernel[first], &model->kernel[k])) first++;
    test->kernel[k] = first;
  }
}

static bool LocalProof(Test *test, int i, int j) {
  RhoEquations eq = test->eq;
  RhoNode a = RhoLocalHessian(eq, i, j), b = RhoLocalHessian(eq, j, i);
  return Equal(eq->graph, a, b) || Equal(eq->graph, WithNumbers(test, a), WithNumbers(test, b));
}

/* the differential of mu_i along u_j -> direction */
static RhoNode Forward(Test *test, int i, int j, RhoNode direction) {
  RhoEquations eq = test->eq;
  return RhoGraphDifferential(eq->graph, eq->equation[i].potential, 1, &eq->priv->symbol[j], &direction, 0);
}

static RhoNode Backward(Test *test, int i, int j) {
  RhoEquations eq = test->eq;
  RhoNode density = RhoGraph2(eq->graph, RHO_FN_MUL, test->v, eq->equation[j].potential);
  return RhoVariationalDerivative(eq, density, eq->priv->symbol[i]);
}

static bool FunctionalProof(Test *test, int i, int j) {
  RhoEquations eq = test->eq;
  RhoNode a = Forward(test, i, j, test->v), b = Backward(test, i, j);
  if (Equal(eq->graph, a, b)) return true;
  a = rho_expand(eq, a, NULL);
  b = rho_expand(eq, b, NULL);
  if (Equal(eq->graph, a, b)) return true;
  a = rho_expand(eq, WithNumbers(test, a), test->kernel);
  b = rho_expand(eq, WithNumbers(test, b), test->kernel);
  return Equal(eq->graph, a, b);
}

/* Is it proved for all pairs? */
static bool AllPairs(Test *test, int diagonal, bool (*proof)(Test *, int, int)) {
  for (int i = 0; i < test->eq->nfield; i++)
    for (int j = i + diagonal; j < test->eq->nfield; j++)
      if (!proof(test, i, j)) return false;
  return true;
}

/* ---- samples of uniform states
 * ---------------------------------------------------------------------------------------- */

static double RandomValue(Test *test, int i, uint64_t *seed) {
  double from = log(test->verdict.from), to = log(test->verdict.to), x = rho_random(seed);
  return test->eq->model->field[i].kind == RHO_DENSITY ? exp(from + x * (to - from)) : 4 * x - 2;
}

static void Witness(Test *test, int i, int j, double asymmetry) {
  if (!(asymmetry > test->verdict.asymmetry)) return;
  test->verdict.asymmetry = asymmetry;
  test->verdict.witness[0] = i;
  test->verdict.witness[1] = j;
}

/* |a - b| relative to both, and a little to what stands on the diagonal, where differences below it are round-off */
static double Relative(double difference, double size, double diagonal) {
  double scale = size + 1e-3 * diagonal;
  return scale > 0 ? fabs(difference) / scale : 0;
}

/* H[nfield][nfield] at one state; false outside the domain of some formula */
static bool HessianAt(Test *test, const RhoNode *node, const double *state, double *H) {
  int n = test->eq->nfield;
  bool finite = true;
  for (int k = 0; k < n * n; k++) {
    H[k] = RhoLocalValue(test->eq, node[k], test->value, state);
    finite = finite && isfinite(H[k]);
  }
  return finite;
}

static void CompareHessian(Test *test, const double *H) {
  int n = test->eq->nfield;
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) {
      double a = H[i * n + j], b = H[j * n + i];
      Witness(test, i, j, Relative(a - b, fabs(a) + fabs(b), sqrt(fabs(H[i * n + i] * H[j * n + j]))));
    }
}

static bool LocalBySampling(Test *test) {
  RhoArena arena = test->eq->model->arena;
  size_t n = (size_t)test->eq->nfield;
  RhoNode *node = RhoArenaAlloc(arena, sizeof(RhoNode) * n * n);
  double *H = RhoArenaAlloc(arena, sizeof(double) * n * n), *state = RhoArenaAlloc(arena, sizeof(double) * n);
  uint64_t seed = 1;
  for (size_t k = 0; k < n * n; k++) node[k] = RhoLocalHessian(test->eq, (int)(k / n), (int)(k % n));
  for (int s = 0; s < NLOCAL; s++) {
    for (size_t i = 0; i < n; i++) state[i] = RandomValue(test, (int)i, &seed);
    if (!HessianAt(test, node, state, H)) continue;
    test->verdict.nsample++;
    CompareHessian(test, H);
  }
  return test->verdict.nsample > 0 && test->verdict.asymmetry < SYMMETRIC;
}

/* ---- samples of fields in space -------------------------------------------------------------------------------------
 */

typedef struct {
  RhoSample sample;
  const double *v, *w;
  double vv, ww;
} Wavy;

static void SetState(Test *test, RhoSample sample, uint64_t *seed) {
  RhoModel model = test->eq->model;
  for (int i = 0; i < test->eq->nfield; i++) {
    bool density = model->field[i].kind == RHO_DENSITY;
    double base = RandomValue(test, i, seed);
    rho_sample_set(sample, model->field[i].symbol, rho_sample_wave(sample, seed, base, density ? 0.3 : 0.5, density));
  }
  for (int d = 0; d < RHO_MAXDIM; d++) {
    if (model->coordinate[d] >= 0) rho_sample_set(sample, model->coordinate[d], rho_sample_coordinate(sample, d));
    if (model->centre[d] >= 0) rho_sample_set(sample, model->centre[d], rho_sample_coordinate(sample, d));
    if (model->width[d] >= 0) rho_sample_set(sample, model->width[d], rho_sample_width(sample));
  }
}

static Wavy BeginWavy(Test *test, RhoSample sample, uint64_t seed) {
  Wavy wavy = {.sample = sample};
  SetState(test, sample, &seed);
  wavy.v = rho_sample_wave(sample, &seed, rho_random(&seed), 1, false);
  wavy.w = rho_sample_wave(sample, &seed, rho_random(&seed), 1, false);
  wavy.vv = rho_sample_product(sample, wavy.v, wavy.v);
  wavy.ww = rho_sample_product(sample, wavy.w, wavy.w);
  rho_sample_set(sample, test->v, wavy.v);
  rho_sample_set(sample, test->w, wavy.w);
  return wavy;
}

static double Norm(const Wavy *wavy, const double *a) { return sqrt(rho_sample_product(wavy->sample, a, a)); }

/* NAN: undefined in this state */
static double PairAsymmetry(Test *test, const Wavy *wavy, int i, int j) {
  const double *ij = rho_sample_values(wavy->sample, Forward(test, i, j, test->v));
  const double *ji = rho_sample_values(wavy->sample, Forward(test, j, i, test->w));
  const double *ii = rho_sample_values(wavy->sample, Forward(test, i, i, test->v));
  const double *jj = rho_sample_values(wavy->sample, Forward(test, j, j, test->w));
  if (!ij || !ji || !ii || !jj) return NAN;
  double nv = sqrt(wavy->vv), nw = sqrt(wavy->ww);
  double a = rho_sample_product(wavy->sample, wavy->w, ij), b = rho_sample_product(wavy->sample, wavy->v, ji);
  double size = nw * Norm(wavy, ij) + nv * Norm(wavy, ji);
  double scale = size + 1e-3 * (nv * Norm(wavy, ii) + nw * Norm(wavy, jj));
  return isfinite(scale) ? Relative(a - b, scale, 0) : NAN;
}

typedef struct {
  double largest;
  int pair[2];
  bool defined;
} Asymmetry;

static Asymmetry StateAsymmetry(Test *test, RhoSample sample, uint64_t seed) {
  Wavy wavy = BeginWavy(test, sample, seed);
  Asymmetry worst = {0, {-1, -1}, true};
  for (int i = 0; i < test->eq->nfield; i++)
    for (int j = i; j < test->eq->nfield; j++) {
      double a = PairAsymmetry(test, &wavy, i, j);
      if (isnan(a)) worst.defined = false;
      else if (a > worst.largest) worst = (Asymmetry){a, {i, j}, worst.defined};
    }
  return worst;
}

typedef struct {
  Test *test;
  int ndim, n;
  double length;
  RhoArena grid, work; /* of the sample; of one state */
  uint64_t seed;
  Asymmetry asymmetry;
  RhoSample sample;
} Grid;

static RhoStatus OneState(void *ctx) {
  Grid *g = ctx;
  rho_sample_begin(g->sample, g->work);
  g->asymmetry = StateAsymmetry(g->test, g->sample, g->seed);
  return RHO_OK;
}

/* The model's arena may run out too, and then the grid's must still be freed. */
static RhoStatus OneStateInModel(void *ctx) {
  return rho_ops_guarded(((Grid *)ctx)->test->eq->model->arena, OneState, ctx);
}

static RhoStatus EvaluateState(Grid *g, uint64_t seed) {
  g->seed = seed;
  g->work = RhoArenaCreate();
  if (!g->work) return RHO_NOMEM;
  RhoStatus status = rho_ops_guarded(g->work, OneStateInModel, g);
  RhoArenaDestroy(&g->work);
  return status;
}

static RhoStatus MakeGrid(void *ctx) {
  Grid *g = ctx;
  return rho_sample_create(g->test->eq, g->grid, g->test->value, g->ndim, g->n, g->length, &g->sample);
}

static RhoStatus OpenGrid(Grid *g, int n) {
  g->n = n;
  g->grid = RhoArenaCreate();
  if (!g->grid) return RHO_NOMEM;
  return rho_ops_guarded(g->grid, MakeGrid, g);
}

/* An asymmetry that goes away on finer grids is the grid's (the product rule), not the model's. */
static RhoStatus Refined(Grid *coarse, uint64_t seed, int finest, Asymmetry *asymmetry) {
  RhoStatus status = RHO_OK;
  for (int n = 2 * coarse->n; n <= finest && !status && asymmetry->largest >= SYMMETRIC; n *= 2) {
    Grid fine = *coarse;
    double before = asymmetry->largest;
    status = OpenGrid(&fine, n);
    if (!status) status = EvaluateState(&fine, seed);
    RhoArenaDestroy(&fine.grid);
    *asymmetry = fine.asymmetry;
    if (asymmetry->largest > 0.5 * before) break;
  }
  return status;
}

static RhoStatus OneSample(Grid *g, uint64_t seed, int finest) {
  RhoStatus status = EvaluateState(g, seed);
  if (status || !g->asymmetry.defined) return status;
  Asymmetry a = g->asymmetry;
  status = Refined(g, seed, finest, &a);
  g->test->verdict.nsample++;
  Witness(g->test, a.pair[0], a.pair[1], a.largest);
  return status;
}

/* Stops at the first asymmetric state. */
static RhoStatus SampleFields(Test *test, int ndim) {
  Grid g = {.test = test, .ndim = ndim};
  int dim = (int)test->value[test->eq->model->nparameter];
  int nstate = ndim > 1 ? NWAVY2 : NWAVY1, finest = ndim > 1 ? FINEST2 : FINEST1;
  RhoStatus status = rho_sample_length(test->eq, test->value, dim, &g.length);
  if (!status) status = OpenGrid(&g, ndim > 1 ? GRID2 : GRID1);
  for (int s = 0; !status && s < nstate && test->verdict.asymmetry < SYMMETRIC; s++)
    status = OneSample(&g, (uint64_t)(1000 * ndim + s), finest);
  RhoArenaDestroy(&g.grid);
  return status;
}

static RhoStatus FunctionalBySampling(Test *test, bool *symmetric) {
  RhoStatus status = SampleFields(test, 1);
  if (!status && test->verdict.asymmetry < SYMMETRIC && test->eq->model->dim != 1) status = SampleFields(test, 2);
  *symmetric = test->verdict.nsample > 0 && test->verdict.asymmetry < SYMMETRIC;
  return status;
}

/* ---- the verdict
 * ------------------------------------------------------------------------------------------------------ */

static bool Applies(Test *test) {
  RhoModel model = test->eq->model;
  for (int i = 0; i < test->eq->nfield; i++) {
    if (test->eq->equation[i].potential >= 0) continue;
    test->verdict.reason =
        RhoArenaPrint(model->arena, "'%s' has no potential: its equation is given, not derived", model->field[i].name);
    return false;
  }
  return true;
}

static bool FreeEnergyGiven(RhoEquations eq) {
  bool given = eq->model->free_energy >= 0;
  for (int i = 0; i < eq->nfield; i++) given = given && eq->model->field[i].potential < 0;
  return given;
}

/* What else is in the equations, so that the free energy need not fall. */
static const char *Besides(RhoEquations eq) {
  for (int i = 0; i < eq->nfield; i++) {
    const RhoField *f = &eq->model->field[i];
    bool flux = f->flux_all >= 0 || f->drift_all >= 0;
    for (int d = 0; d < RHO_MAXDIM; d++) flux = flux || f->flux[d] >= 0 || f->drift[d] >= 0;
    if (flux || f->reaction >= 0)
      return RhoArenaPrint(eq->model->arena, "'%s' has a %s besides its potential", f->name,
                           flux ? "flux or drift" : "reaction");
  }
  return eq->nexchange > 0 ? "there is an exchange besides the potentials" : "";
}

static RhoStatus Decide(Test *test) {
  RhoVerdict *verdict = &test->verdict;
  bool functional;
  verdict->local_proved = AllPairs(test, 1, LocalProof);
  if (!verdict->local_proved && !LocalBySampling(test)) return RHO_OK;
  verdict->verdict = RHO_LOCAL;
  verdict->functional_proved = AllPairs(test, 0, FunctionalProof);
  if (verdict->functional_proved) verdict->verdict = RHO_FUNCTIONAL;
  if (verdict->functional_proved) return RHO_OK;
  verdict->nsample = 0;
  RhoStatus status = FunctionalBySampling(test, &functional);
  if (!status && functional) verdict->verdict = RHO_FUNCTIONAL;
  return status;
}

static RhoStatus Run(void *ctx) {
  Test *test = ctx;
  RhoVerdict *verdict = &test->verdict;
  RhoGraph graph = test->eq->graph;
  if (!Applies(test)) return RHO_OK;
  verdict->applicable = true;
  verdict->reason = Besides(test->eq);
  verdict->given = FreeEnergyGiven(test->eq);
  if (verdict->given) {
    verdict->verdict = RHO_FUNCTIONAL;
    verdict->local_proved = verdict->functional_proved = true;
    return RHO_OK;
  }
  test->v = RhoGraphSymbol(graph, RHO_SYM_VARIATION, "test:v");
  test->w = RhoGraphSymbol(graph, RHO_SYM_VARIATION, "test:w");
  FindSameKernels(test);
  return Decide(test);
}

RhoVerdict RhoVariationalTest(RhoEquations eq, const double *value, double from, double to) {
  bool window = from > 0 && to > from;
  Test test = {.eq = eq, .value = value};
  test.verdict = (RhoVerdict){.witness = {-1, -1}, .from = window ? from : 1e-2, .to = window ? to : 1e3, .reason = ""};
  RhoStatus status = rho_ops_guarded(eq->model->arena, Run, &test);
  if (!status) return test.verdict;
  test.verdict.applicable = false;
  test.verdict.verdict = RHO_NOT_VARIATIONAL;
  test.verdict.reason = status == RHO_NOMEM ? "out of memory" : "a kernel has no transform for these parameters";
  return test.verdict;
}

/* ---- what has no potential --------------------------------------------------------------------------------------- */

static bool HasFlux(const RhoField *field) {
  bool any = field->flux_all != RHO_NONE || field->drift_all != RHO_NONE;
  for (int d = 0; d < RHO_MAXDIM; d++) any = any || field->flux[d] != RHO_NONE || field->drift[d] != RHO_NONE;
  return any;
}

int RhoMovedOtherwise(RhoEquations eq, const char **what) {
  RhoModel model = eq->model;
  for (int i = 0; i < model->nfield; i++) {
    const RhoField *field = &model->field[i];
    *what = HasFlux(field) ? "a flux" : field->reaction != RHO_NONE ? "a reaction" : NULL;
    for (int e = 0; e < model->nexchange && !*what; e++)
      if (model->exchange[e].change[i] != 0) *what = "an exchange";
    if (*what) return i;
  }
  return -1;
}
