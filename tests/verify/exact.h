/* exact.h - the term graph read with smooth functions of the coordinates and of time in the place of the fields.

     field i      U_i(x, t) = sum of waves (periodic: cos(q.r + w t + c); walls: cos(w t + c) prod_d cos(q_d x_d))
     lap, div, dot, d    derivatives by the coordinate symbols, RhoGraphDifferential
     conv(K, e)   e affine in the fields with uniform coefficients: every wave times K^(|q|); integral(v, e) likewise

   Nothing here knows of a grid. */
#ifndef RHO_TESTS_EXACT_H
#define RHO_TESTS_EXACT_H
#include "verify.h"

#define MAX_WAVES 128

typedef struct {
  double amplitude;
  int k[RHO_MAXDIM]; /* q_d = k_d 2 pi/L_d (periodic), k_d pi/L_d (walls) */
  double omega, phase;
} Wave;

typedef struct {
  Setup *s;
  RhoMesh mesh;
  RhoBoundary boundary;
  bool stretched; /* the cells of the mesh are not equal */
  RhoNode x[RHO_MAXDIM], time;
  int nwave[16];
  Wave wave[16][MAX_WAVES];
  RhoNode U[16];
  RhoNode flux[16][RHO_MAXDIM]; /* of the exact solution; RHO_NONE: zero */
  const char *reason;           /* why the model has no exact interpretation; NULL */
} Exact;

static inline RhoNode Number(Exact *e, double value) { return RhoGraphConstant(e->s->eq->graph, value); }
static inline RhoNode Sum(Exact *e, RhoNode a, RhoNode b) { return RhoGraphPlus(e->s->eq->graph, a, b); }
static inline RhoNode Product(Exact *e, RhoNode a, RhoNode b) { return RhoGraphTimes(e->s->eq->graph, a, b); }

/* d node/d symbol; RHO_NONE: zero */
static inline RhoNode Partial(Exact *e, RhoNode node, RhoNode symbol) {
  RhoNode one = Number(e, 1);
  return node < 0 ? RHO_NONE : RhoGraphDifferential(e->s->eq->graph, node, 1, &symbol, &one, 0);
}

/* ---- waves ---- */

static inline double WaveNumber(const Exact *e, const Wave *w, int d) {
  const RhoDimension *dimension = &e->mesh.dimension[d];
  return (e->boundary == RHO_PERIODIC ? 2 : 1) * M_PI * w->k[d] / (dimension->to - dimension->from);
}

/* q_d (x_d - from_d) */
static inline RhoNode Angle(Exact *e, const Wave *w, int d) {
  RhoNode place = Sum(e, e->x[d], Number(e, -e->mesh.dimension[d].from));
  return w->k[d] ? Product(e, Number(e, WaveNumber(e, w, d)), place) : RHO_NONE;
}

static inline RhoNode Cosine(Exact *e, RhoNode angle) {
  return angle < 0 ? Number(e, 1) : RhoGraph1(e->s->eq->graph, RHO_FN_COS, angle);
}

static inline RhoNode WaveNode(Exact *e, const Wave *w) {
  RhoNode angle = Sum(e, Number(e, w->phase), Product(e, Number(e, w->omega), e->time)), node;
  if (e->boundary == RHO_PERIODIC) {
    for (int d = 0; d < e->mesh.ndimension; d++) angle = Sum(e, angle, Angle(e, w, d));
    return Cosine(e, angle);
  }
  node = Cosine(e, angle);
  for (int d = 0; d < e->mesh.ndimension; d++)
    if (w->k[d]) node = Product(e, node, Cosine(e, Angle(e, w, d)));
  return node;
}

/* What a global operator multiplies a wave by. */
static inline double Multiplier(Exact *e, RhoNodeInfo op, const Wave *w) {
  const RhoDimension *along = &e->mesh.dimension[op.attr];
  double q2 = 0, q, hat = NAN;
  if (op.code == RHO_OP_INTEGRAL) return w->k[op.attr] ? 0 : along->to - along->from;
  for (int d = 0; d < e->mesh.ndimension; d++)
    if (e->mesh.dimension[d].spatial) q2 += WaveNumber(e, w, d) * WaveNumber(e, w, d);
  q = sqrt(q2);
  int dim = (int)e->s->value[e->s->model->nparameter];
  assert_int_equal(RhoKernelTransform(e->s->model, op.attr, dim, e->s->value, 1, &q, &hat), RHO_OK);
  return hat;
}

/* sum of the waves of field i, each times what op (NULL: nothing) makes of it */
static inline RhoNode FieldNode(Exact *e, int i, const RhoNodeInfo *op) {
  RhoNode sum = RHO_NONE;
  for (int k = 0; k < e->nwave[i]; k++) {
    const Wave *w = &e->wave[i][k];
    double a = w->amplitude * (op ? Multiplier(e, *op, w) : 1);
    if (a != 0) sum = Sum(e, sum, Product(e, Number(e, a), WaveNode(e, w)));
  }
  return sum < 0 ? Number(e, 0) : sum;
}

/* ---- the interpretation ---- */

static inline bool IsField(RhoGraph graph, RhoNode node, void *ctx) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  (void)ctx;
  return info.kind == RHO_SYMBOL && info.code == RHO_SYM_FIELD;
}

static inline int FieldOf(const Setup *s, RhoNode symbol) {
  for (int i = 0; i < s->eq->nfield; i++)
    if (s->model->field[i].symbol == symbol) return i;
  return -1;
}

static inline bool UniformNode(RhoGraph graph, RhoNode node) {
  return node < 0 ||
         !(RhoGraphDependsOnKind(graph, node, RHO_SYM_FIELD) ||
           RhoGraphDependsOnKind(graph, node, RHO_SYM_COORDINATE) || RhoGraphContainsOperator(graph, node, -1));
}

/* conv(K, sum_i c_i u_i + c), integral(v, ...): the same sum over the waves */
static inline RhoNode GlobalNode(Exact *e, RhoNodeInfo op) {
  RhoGraph graph = e->s->eq->graph;
  RhoNode *coef, *atom, rest, bad, sum = RHO_NONE;
  Wave constant = {.amplitude = 1};
  int n;
  bool affine = RhoGraphAffine(graph, op.arg[0], IsField, NULL, &n, &coef, &atom, &rest, &bad);
  for (int k = 0; affine && k < n; k++) affine = UniformNode(graph, coef[k]);
  if (!affine || !UniformNode(graph, rest)) {
    e->reason = "a convolution or integral of something that is not a sum of fields";
    return Number(e, 0);
  }
  for (int k = 0; k < n; k++) sum = Sum(e, sum, Product(e, coef[k], FieldNode(e, FieldOf(e->s, atom[k]), &op)));
  sum = Sum(e, sum, Product(e, Number(e, Multiplier(e, op, &constant)), rest));
  return sum < 0 ? Number(e, 0) : sum;
}

/* sum over the dimensions of lap, div(a grad b), dot(grad a, grad b) */
static inline RhoNode LocalNode(Exact *e, RhoNodeInfo op, const RhoNode *arg) {
  RhoNode sum = RHO_NONE;
  if (op.code == RHO_OP_DIFF) sum = Partial(e, arg[0], e->x[op.attr]);
  for (int d = 0; op.code != RHO_OP_DIFF && d < e->mesh.ndimension; d++) {
    RhoNode first = Partial(e, arg[0], e->x[d]), second = op.narg > 1 ? Partial(e, arg[1], e->x[d]) : RHO_NONE;
    if (op.code == RHO_OP_LAP) sum = Sum(e, sum, Partial(e, first, e->x[d]));
    if (op.code == RHO_OP_GDOT) sum = Sum(e, sum, Product(e, first, second));
    if (op.code == RHO_OP_DIVGRAD) sum = Sum(e, sum, Partial(e, Product(e, arg[0], second), e->x[d]));
  }
  return sum < 0 ? Number(e, 0) : sum;
}

static inline RhoNode Substitute(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  Exact *e = ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (IsField(graph, node, NULL)) return e->U[FieldOf(e->s, node)];
  if (info.kind != RHO_APPLY) return RHO_NONE;
  if (info.code == RHO_OP_CONV || info.code == RHO_OP_INTEGRAL) return GlobalNode(e, info);
  return LocalNode(e, info, arg);
}

/* The value of a node of the model along the exact solution. */
static inline RhoNode ExactNode(Exact *e, RhoNode node) {
  return node < 0 ? RHO_NONE : RhoGraphRewrite(e->s->eq->graph, node, Substitute, e);
}

/* J_d of one term: GRADIENT c grad e, FITTED -c (T grad u + u grad w), ADVECTIVE c */
static inline RhoNode TermFlux(Exact *e, const RhoTerm *term, int d) {
  RhoNode coef = ExactNode(e, term->coef), arg = ExactNode(e, term->arg), sum;
  if (term->direction >= 0 && term->direction != d) return RHO_NONE;
  if (term->kind == RHO_TERM_ADVECTIVE) return coef;
  if (term->kind == RHO_TERM_GRADIENT) return Product(e, coef, Partial(e, arg, e->x[d]));
  RhoNode u = ExactNode(e, term->density), T = ExactNode(e, term->T);
  sum = Sum(e, Product(e, T, Partial(e, u, e->x[d])), Product(e, u, Partial(e, arg, e->x[d])));
  return Product(e, Number(e, -1), Product(e, coef, sum));
}

/* -div J + R + exchanges along the exact solution */
static inline RhoNode ExactRate(Exact *e, int i) {
  const RhoEquation *equation = &e->s->eq->equation[i];
  RhoNode sum = ExactNode(e, equation->source);
  for (int k = 0; k < e->s->eq->nexchange; k++) {
    const RhoExchange *exchange = &e->s->model->exchange[k];
    if (exchange->change[i] != 0)
      sum = Sum(e, sum, Product(e, Number(e, exchange->change[i]), ExactNode(e, exchange->rate)));
  }
  for (int d = 0; d < e->mesh.ndimension; d++) {
    RhoNode flux = RHO_NONE;
    for (int k = 0; k < equation->nterm; k++) flux = Sum(e, flux, TermFlux(e, &equation->term[k], d));
    e->flux[i][d] = flux;
    sum = Sum(e, sum, Product(e, Number(e, -1), Partial(e, flux, e->x[d])));
  }
  return sum;
}

/* ---- values at points ---- */

/* out[n] of a node at n places x[d][n] and time t */
static inline void NodeAt(Exact *e, RhoNode node, int n, double *const *x, double t, double *out) {
  RhoEquations eq = e->s->eq;
  RhoNode missing;
  const double *in[RHO_MAXDIM];
  long stride[RHO_MAXDIM] = {1, 1, 1}, one = 1;
  double *value = malloc(sizeof(double) * (size_t)eq->nuniform);
  memcpy(value, e->s->value, sizeof(double) * (size_t)eq->nuniform);
  value[e->s->model->nparameter + 1] = t;
  RhoTape tape = RhoTapeCreate(eq->graph, 1, &node, e->mesh.ndimension, e->x, eq->nuniform, eq->uniform, &missing);
  if (!tape) fail_msg("%s: node %d of the exact solution has no value", e->s->model->name, missing);
  for (int d = 0; d < RHO_MAXDIM; d++) in[d] = x[d];
  RhoTapeBind(tape, value);
  RhoTapeEval(tape, n, in, stride, &out, &one);
  RhoTapeDestroy(&tape);
  free(value);
}

/* U_i(t) into the owned cells */
static inline void FillExact(Exact *e, double t, Vec u) {
  RhoGrid g = e->s->grid;
  PetscScalar *to;
  double *x[RHO_MAXDIM], *value = malloc(sizeof(double) * (size_t)g->nowned);
  for (int d = 0; d < RHO_MAXDIM; d++) x[d] = malloc(sizeof(double) * (size_t)g->nowned);
  for (PetscInt p = 0; p < g->nowned; p++) {
    double place[RHO_MAXDIM];
    PlaceOf(g, p, place);
    for (int d = 0; d < RHO_MAXDIM; d++) x[d][p] = place[d];
  }
  OK(VecGetArray(u, &to));
  for (int i = 0; i < g->nfield; i++) {
    NodeAt(e, e->U[i], (int)g->nowned, x, t, value);
    for (PetscInt p = 0; p < g->nowned; p++) to[p * g->nfield + i] = value[p];
  }
  OK(VecRestoreArray(u, &to));
  for (int d = 0; d < RHO_MAXDIM; d++) free(x[d]);
  free(value);
}

/* Largest error at the end of a run, to rtol, whose first step is a part of nfirst. */
static inline double EndError(Exact *e, double rtol, int nfirst, double end) {
  RhoEvolveOptions options = Until(end, rtol);
  Vec U;
  double error;
  options.scheme = "ark4";
  options.step = end / nfirst;
  options.linear_rtol = 1e-10;
  FillExact(e, 0, e->s->u);
  RunDone(e->s, options);
  OK(VecDuplicate(e->s->u, &U));
  FillExact(e, end, U);
  error = MaxDifference(U, e->s->u);
  OK(VecDestroy(&U));
  return error;
}

#endif
