/* front.c - which equation a planar front at rest obeys, found on the terms of one conserved field.

   Square gradients.  J = sum_k c_k grad(e_k), where with L = lap(u), G = |grad u|^2 every operator is resolved by the
   chain rule,
     e = e0(u) + e1(u) G + e2(u) L,   c = c0(u) + c1(u) G + c2(u) L.
   In one dimension G = 2y, L = y', grad = u' d/du, and J = 0 divided by u' is linear in y as long as no c1, c2 meets an
   e1, e2:
     P = sum c0 e2,  Q = sum c0 (2 e1 + e2') + c2 e0',  R = 2 sum c0 e1' + c1 e0',  S = sum c0 e0'.
   All are divided by the c0 of an e2, so that a mobility drops out.

   Kernels.  J = -M grad(T log u + w(s)), s = conv(K, u): u = exp((mu - w(s))/T), hence s = conv(K, exp((mu - w(s))/T)).
   For symmetric K that is the extremum of int [s K^-1 s/2 - int^s exp((mu - w)/T)], whose flat states have equal
   "pressure", K^(0) int exp((mu - w)/T) ds = s^2/2.  With x = s/K^(0):  P = -1, Q = -w'/T, S = 1 + x w'/T. */
#include "rhoflux/coexist.h"

typedef struct {
  RhoEquations eq;
  RhoGraph graph;
  RhoNode field, x, one, L, G;
  int kernel; /* of the convolutions met so far, -1 */
  RhoFront *front;
  const char *reason; /* NULL: nothing stands in the way */
} Search;

static const char *const name[RHO_CONSTRUCTIONS] = {"common_tangent", "exact_kernel", "pseudo_density"};

const char *RhoConstructionName(RhoConstruction construction) { return name[construction]; }

/* ---- nodes; RHO_NONE is zero ----------------------------------------------------------------------------------------
 */

static RhoNode Plus(Search *s, RhoNode a, RhoNode b) { return RhoGraphPlus(s->graph, a, b); }

static RhoNode Times(Search *s, RhoNode a, RhoNode b) { return RhoGraphTimes(s->graph, a, b); }

static RhoNode Scaled(Search *s, double number, RhoNode a) { return Times(s, RhoGraphConstant(s->graph, number), a); }

static RhoNode Over(Search *s, RhoNode a, RhoNode b) { return a < 0 ? a : RhoGraph2(s->graph, RHO_FN_DIV, a, b); }

static RhoNode ByX(Search *s, RhoNode a, RhoNode x) {
  return a < 0 ? a : RhoGraphDifferential(s->graph, a, 1, &x, &s->one, 0);
}

static RhoNode ByField(Search *s, RhoNode a) { return ByX(s, a, s->field); }

static RhoNode Number(Search *s, RhoNode a) { return a < 0 ? RhoGraphConstant(s->graph, 0) : a; }

static bool OfFields(Search *s, RhoNode a) { return RhoGraphDependsOnKind(s->graph, a, RHO_SYM_FIELD); }

/* ---- the terms as c grad(e) -----------------------------------------------------------------------------------------
 */

typedef struct {
  RhoNode c, e;
} Pair;

/* -coef (T grad u + u grad w) = -coef u grad(T log u + w) */
static Pair PairOf(Search *s, const RhoTerm *term) {
  if (term->kind == RHO_TERM_GRADIENT) return (Pair){term->coef, term->arg};
  if (term->kind == RHO_TERM_ADVECTIVE) s->reason = "its flux has a drift that is no gradient";
  else if (OfFields(s, term->T)) s->reason = "its temperature depends on the field";
  if (s->reason) return (Pair){RHO_NONE, RHO_NONE};
  RhoNode ideal = Times(s, term->T, RhoGraph1(s->graph, RHO_FN_LOG, term->density));
  return (Pair){Scaled(s, -1, Times(s, term->coef, term->density)), Plus(s, ideal, term->arg)};
}

static const char *OneConservedField(RhoEquations eq) {
  if (eq->nfield != 1) return "it takes a model of one field";
  if (eq->nexchange > 0 || eq->equation[0].source >= 0) return "its field is not conserved";
  if (eq->uses_coordinate) return "its equation depends on the place";
  if (eq->uses_time) return "its equation depends on time";
  if (eq->equation[0].nterm == 0) return "its field does not move";
  for (int k = 0; k < eq->equation[0].nterm; k++)
    if (eq->equation[0].term[k].direction >= 0) return "its flux is not the same along all directions";
  return NULL;
}

/* ---- square gradients -----------------------------------------------------------------------------------------------
 */

static RhoNode Laplacian(Search *s, RhoNode f) {
  RhoNode f1 = ByField(s, f);
  return Plus(s, Times(s, f1, s->L), Times(s, ByField(s, f1), s->G));
}

static RhoNode Dot(Search *s, RhoNode a, RhoNode b) { return Times(s, Times(s, ByField(s, a), ByField(s, b)), s->G); }

/* An operator on formulas of u as a formula of u, L and G. */
static RhoNode ChainRule(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  Search *s = ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  RhoNode derivative[2] = {s->L, s->G};
  if (info.kind != RHO_APPLY) return RHO_NONE;
  for (int k = 0; k < info.narg; k++)
    if (RhoGraphDependsOn(graph, arg[k], 2, derivative)) s->reason = "its flux has derivatives of derivatives";
  switch ((RhoOperator)info.code) {
  case RHO_OP_LAP: return Number(s, Laplacian(s, arg[0]));
  case RHO_OP_DIVGRAD: return Number(s, Plus(s, Times(s, arg[0], Laplacian(s, arg[1])), Dot(s, arg[0], arg[1])));
  case RHO_OP_GDOT: return Number(s, Dot(s, arg[0], arg[1]));
  case RHO_OP_CONV: s->reason = "its flux has a convolution"; return s->one;
  default: s->reason = "its flux has more than lap, div and dot of the field"; return s->one;
  }
}

static bool IsDerivative(RhoGraph graph, RhoNode node, void *ctx) {
  const Search *s = ctx;
  (void)graph;
  return node == s->L || node == s->G;
}

/* part = {of u alone, factor of G, factor of L} */
static void Split(Search *s, RhoNode node, RhoNode part[3]) {
  int n;
  RhoNode *coef, *atom, bad;
  part[0] = part[1] = part[2] = RHO_NONE;
  if (node < 0) return;
  RhoNode resolved = RhoGraphRewrite(s->graph, node, ChainRule, s);
  if (s->reason) return;
  if (!RhoGraphAffine(s->graph, resolved, IsDerivative, s, &n, &coef, &atom, &part[0], &bad)) {
    s->reason = "its flux is not linear in second derivatives";
    return;
  }
  for (int k = 0; k < n; k++) {
    RhoNode *to = &part[atom[k] == s->G ? 1 : 2];
    *to = Plus(s, *to, coef[k]);
  }
}

typedef struct {
  RhoNode c[3], e[3];
} Form;

static void AddForm(Search *s, const Form *f) {
  RhoFront *front = s->front;
  const RhoNode *c = f->c, *e = f->e;
  RhoNode slope = ByField(s, e[0]);
  if ((c[1] >= 0 || c[2] >= 0) && (e[1] >= 0 || e[2] >= 0)) s->reason = "its flux has products of second derivatives";
  front->P = Plus(s, front->P, Times(s, c[0], e[2]));
  front->Q = Plus(s, front->Q, Times(s, c[0], Plus(s, Scaled(s, 2, e[1]), ByField(s, e[2]))));
  front->Q = Plus(s, front->Q, Times(s, c[2], slope));
  front->R = Plus(s, front->R, Scaled(s, 2, Plus(s, Times(s, c[0], ByField(s, e[1])), Times(s, c[1], slope))));
  front->S = Plus(s, front->S, Times(s, c[0], slope));
}

/* sum (c0/scale) e0, where the quotients are numbers */
static RhoNode PotentialOf(Search *s, int n, const Form *form, RhoNode scale) {
  RhoNode sum = RHO_NONE;
  for (int k = 0; k < n; k++) {
    RhoNode factor = form[k].c[0] < 0 ? RHO_NONE : RhoGraphCollect(s->graph, Over(s, form[k].c[0], scale), NULL, NULL);
    if (factor < 0 || form[k].e[0] < 0) continue;
    if (OfFields(s, factor)) return RHO_NONE;
    sum = Plus(s, sum, Times(s, factor, form[k].e[0]));
  }
  return sum;
}

/* The factor of the first term with a local part, or with a curvature. */
static RhoNode LocalFactor(Search *s, int n, const Form *form) {
  for (int k = 0; k < n; k++)
    if (form[k].c[0] >= 0 && ByField(s, form[k].e[0]) >= 0) return form[k].c[0];
  s->reason = "its flux has no local part";
  return s->one;
}

static RhoNode CurvatureFactor(Search *s, int n, const Form *form) {
  for (int k = 0; k < n; k++)
    if (form[k].c[0] >= 0 && form[k].e[2] >= 0) return form[k].c[0];
  s->reason = "its flux has no lap of the field";
  return s->one;
}

static void Resolve(Search *s, int n, Form *form) {
  for (int k = 0; k < n && !s->reason; k++) {
    Pair pair = PairOf(s, &s->eq->equation[0].term[k]);
    if (!s->reason) Split(s, pair.c, form[k].c);
    if (!s->reason) Split(s, pair.e, form[k].e);
    if (!s->reason) AddForm(s, &form[k]);
  }
}

static void SquareGradients(Search *s) {
  RhoFront *front = s->front;
  int n = s->eq->equation[0].nterm;
  Form *form = RhoArenaAlloc(s->eq->model->arena, sizeof *form * (size_t)n);
  Resolve(s, n, form);
  if (s->reason) return;
  RhoNode scale = CurvatureFactor(s, n, form), local = LocalFactor(s, n, form);
  front->P = Over(s, front->P, scale);
  front->Q = Over(s, front->Q, scale);
  front->R = Over(s, front->R, scale);
  front->S = Over(s, front->S, scale);
  front->tilt = Plus(s, front->Q, Scaled(s, -1, ByField(s, front->P)));
  front->potential = PotentialOf(s, n, form, local);
}

/* ---- kernels --------------------------------------------------------------------------------------------------------
 */

static RhoNode SensedForConvolution(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  Search *s = ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (info.kind != RHO_APPLY) return RHO_NONE;
  if (info.code != RHO_OP_CONV) s->reason = "its excess potential has more than convolutions";
  else if (arg[0] != s->field) s->reason = "its kernel acts on more than the field itself";
  else if (s->kernel >= 0 && s->kernel != info.attr) s->reason = "its excess potential has several kernels";
  else s->kernel = info.attr;
  return s->reason ? s->one : RhoGraph2(graph, RHO_FN_MUL, s->eq->kernel0[info.attr], s->x);
}

static RhoNode Excess(Search *s, RhoNode given) {
  RhoNode w = given < 0 ? RHO_NONE : RhoGraphRewrite(s->graph, given, SensedForConvolution, s);
  if (!s->reason && s->kernel < 0) s->reason = "its potential has no convolution of the field";
  if (!s->reason && OfFields(s, w)) s->reason = "its excess potential has the field outside of the kernel";
  return w;
}

/* potential = T log u + excess */
static bool IdealPart(Search *s, RhoNode *T, RhoNode *excess) {
  const RhoEquation *equation = &s->eq->equation[0];
  *T = equation->term->T;
  *excess = equation->term->arg;
  if (equation->nterm != 1) return false;
  if (equation->term->kind == RHO_TERM_FITTED) return !OfFields(s, *T);
  return equation->potential == equation->term->arg && RhoPotentialSplit(s->eq, 0, T, excess);
}

static void Kernel(Search *s) {
  RhoFront *front = s->front;
  RhoNode T, w;
  if (!IdealPart(s, &T, &w)) s->reason = "its flux is not -mobility*grad(T*log(field) + excess)";
  if (s->reason) return;
  s->x = front->x = RhoGraphSymbol(s->graph, RHO_SYM_TRACE, "front:sensed");
  w = Excess(s, w);
  if (s->reason) return;
  RhoNode slope = Over(s, ByX(s, w, s->x), T);
  front->P = RhoGraphConstant(s->graph, -1);
  front->Q = Scaled(s, -1, slope);
  front->S = Plus(s, s->one, Times(s, s->x, slope));
  front->potential = Plus(s, Times(s, T, RhoGraph1(s->graph, RHO_FN_LOG, s->x)), w);
}

/* ---- common tangent -------------------------------------------------------------------------------------------------
 */

static void CommonTangent(Search *s) {
  if (s->eq->equation[0].potential < 0) s->reason = "its field has no potential";
  else if (s->eq->equation[0].nterm != 1) s->reason = "its flux has more than the gradient of a potential";
  if (s->reason) return;
  s->front->potential = RhoLocalPotential(s->eq, 0);
  s->front->P = RhoGraphConstant(s->graph, -1);
  s->front->S = ByField(s, s->front->potential);
}

/* ---------------------------------------------------------------------------------------------------------------------
 */

static RhoStatus Guarded(Search *s, RhoConstruction construction) {
  static void (*const recognise[RHO_CONSTRUCTIONS])(Search *) = {CommonTangent, Kernel, SquareGradients};
  if (setjmp(*RhoArenaGuard(s->eq->model->arena))) return RHO_NOMEM;
  if (s->reason) return RHO_OK;
  s->one = RhoGraphConstant(s->graph, 1);
  s->L = RhoGraphSymbol(s->graph, RHO_SYM_TRACE, "front:lap");
  s->G = RhoGraphSymbol(s->graph, RHO_SYM_TRACE, "front:dot");
  recognise[construction](s);
  return RHO_OK;
}

RhoStatus RhoFrontCreate(RhoEquations eq, RhoConstruction construction, bool *recognised, RhoFront *front,
                         const char **reason) {
  Search s = {.eq = eq, .graph = eq->graph, .field = eq->model->field[0].symbol, .kernel = -1, .front = front};
  *front = (RhoFront){construction, s.field, RHO_NONE, RHO_NONE, RHO_NONE, RHO_NONE, RHO_NONE, RHO_NONE};
  s.reason = OneConservedField(eq);
  RhoStatus status = Guarded(&s, construction);
  *recognised = !status && !s.reason;
  *reason = s.reason ? s.reason : "";
  return status;
}
