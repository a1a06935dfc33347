/* terms.c - from the entries of dynamics: to the short list of flux terms of each field.

     mobility, potential   T log(u) + w with mobility = m*u   ->  FITTED(m, T, u, w)
                           else                               ->  GRADIENT(-mobility, potential)
     flux, drift           affine in outermost gradients      ->  GRADIENT(c_k, e_k) ...
                           what has no gradient               ->  ADVECTIVE

   fit.c then looks for pairs -D grad(u) - u*g*grad(w). */
#include "ops_private.h"

RhoTerm *rho_term_add(RhoEquations eq, RhoEquation *equation) {
  RhoTerm *old = equation->term;
  int n = equation->nterm++;
  equation->term = RhoArenaAlloc(eq->model->arena, sizeof(RhoTerm) * (size_t)(n + 1));
  for (int k = 0; k < n; k++) equation->term[k] = old[k];
  equation->term[n] = (RhoTerm){
      .direction = -1, .coef = RHO_NONE, .arg = RHO_NONE, .T = RHO_NONE, .density = RHO_NONE, .place = RHO_NOWHERE};
  return &equation->term[n];
}

void rho_term_gradient(RhoEquations eq, RhoEquation *equation, int direction, RhoNode coef, RhoNode arg,
                       RhoPlace place) {
  if (coef < 0 || RhoGraphUniform(eq->graph, arg)) return;
  RhoTerm *term = rho_term_add(eq, equation);
  term->kind = RHO_TERM_GRADIENT;
  term->direction = direction;
  term->coef = coef;
  term->arg = arg;
  term->place = place;
}

static void AddAdvective(RhoEquations eq, RhoEquation *equation, int direction, RhoNode coef, RhoPlace place) {
  RhoNodeInfo info;
  if (coef < 0 || ((info = RhoGraphNode(eq->graph, coef)).kind == RHO_CONSTANT && info.value == 0)) return;
  RhoTerm *term = rho_term_add(eq, equation);
  term->kind = RHO_TERM_ADVECTIVE;
  term->direction = direction;
  term->coef = coef;
  term->place = place;
}

static RhoNode Negative(RhoGraph graph, RhoNode node) { return RhoGraph1(graph, RHO_FN_NEG, node); }

static void WarnOfTemperature(RhoDiag diag, const RhoField *f) {
  RhoDiagReport(diag, RHO_ID_TEMPERATURE_GRADIENT, f->place,
                "the potential of '%s' has T*log(%s) with T varying in space: the flux contains "
                "-mobility*log(%s)*grad(T)",
                f->name, f->name, f->name);
  RhoDiagHint(diag, "for thermal diffusion write the flux itself, e.g. flux: \"-T*grad(%s) - %s*grad(U)\"", f->name,
              f->name);
}

/* grad(T log u) = (T/u) grad u + log(u) grad T: where T varies the second half is a drift of its own. */
static void AddFitted(RhoEquations eq, RhoDiag diag, int field, RhoNode m, RhoNode T, RhoNode excess) {
  RhoField *f = &eq->model->field[field];
  RhoEquation *equation = &eq->equation[field];
  RhoGraph graph = eq->graph;
  RhoTerm *term = rho_term_add(eq, equation);
  RhoPlace place = RhoGraphNode(graph, equation->potential).place;
  *term = (RhoTerm){RHO_TERM_FITTED, -1, m, excess, T, f->symbol, place, true};
  if (!RhoGraphDependsOnKind(graph, T, RHO_SYM_COORDINATE)) return;
  RhoNode drift = RhoGraph2(graph, RHO_FN_MUL, f->mobility, RhoGraph1(graph, RHO_FN_LOG, f->symbol));
  rho_term_gradient(eq, equation, -1, Negative(graph, drift), T, place);
  WarnOfTemperature(diag, f);
}

static void PotentialTerms(RhoEquations eq, RhoDiag diag, int field) {
  RhoField *f = &eq->model->field[field];
  RhoEquation *equation = &eq->equation[field];
  RhoNode T, excess, m;
  if (f->mobility < 0) return;
  m = rho_factor_divide(eq->graph, f->mobility, f->symbol);
  if (m >= 0 && RhoPotentialSplit(eq, field, &T, &excess)) AddFitted(eq, diag, field, m, T, excess);
  else rho_term_gradient(eq, equation, -1, Negative(eq->graph, f->mobility), equation->potential, f->place);
}

typedef struct {
  int direction; /* -1: grad as a vector; else also d(., direction) */
} Outer;

static bool IsGradient(RhoGraph graph, RhoNode node, void *ctx) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  int direction = ((Outer *)ctx)->direction;
  if (info.kind != RHO_APPLY) return false;
  return info.code == RHO_OP_GRAD || (direction >= 0 && info.code == RHO_OP_DIFF && info.attr == direction);
}

static RhoNode TimesFactor(RhoGraph graph, RhoNode factor, RhoNode node) {
  return factor < 0 || node < 0 ? node : RhoGraphTimes(graph, factor, node);
}

static RhoStatus NotAffine(RhoEquations eq, RhoDiag diag, int field, RhoNode bad) {
  RhoDiagReport(diag, RHO_ID_FLUX_NOT_AFFINE, RhoGraphNode(eq->graph, bad).place,
                "the flux of '%s' is not affine in its outermost gradients", eq->model->field[field].name);
  RhoDiagHint(diag, "a flux is a sum of (cell scalar)*grad(cell scalar); inside a coefficient use |grad(a)|^2, "
                    "dot(grad(a), grad(b)) or lap(a)");
  return RHO_INPUT;
}

/* formula*factor as terms; factor RHO_NONE: 1 */
static RhoStatus FormulaTerms(RhoEquations eq, RhoDiag diag, int field, int direction, RhoNode formula,
                              RhoNode factor) {
  RhoGraph graph = eq->graph;
  RhoEquation *equation = &eq->equation[field];
  Outer outer = {direction};
  RhoNode *coef, *atom, rest, bad;
  RhoPlace place = RhoGraphNode(graph, formula).place;
  int n;
  if (!RhoGraphAffine(graph, formula, IsGradient, &outer, &n, &coef, &atom, &rest, &bad))
    return NotAffine(eq, diag, field, bad);
  for (int k = 0; k < n; k++)
    rho_term_gradient(eq, equation, direction, TimesFactor(graph, factor, coef[k]), RhoGraphNode(graph, atom[k]).arg[0],
                      place);
  AddAdvective(eq, equation, direction, TimesFactor(graph, factor, rest), place);
  return RHO_OK;
}

static RhoStatus VectorTerms(RhoEquations eq, RhoDiag diag, int field, RhoNode all, const RhoNode *each,
                             RhoNode factor) {
  RhoStatus status = RHO_OK;
  if (all >= 0) status = FormulaTerms(eq, diag, field, -1, all, factor);
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (each[d] >= 0 && FormulaTerms(eq, diag, field, d, each[d], factor)) status = RHO_INPUT;
  return status;
}

RhoStatus rho_terms_of_field(RhoEquations eq, RhoDiag diag, int field) {
  RhoField *f = &eq->model->field[field];
  PotentialTerms(eq, diag, field);
  RhoStatus flux = VectorTerms(eq, diag, field, f->flux_all, f->flux, RHO_NONE);
  RhoStatus drift = VectorTerms(eq, diag, field, f->drift_all, f->drift, f->symbol);
  rho_terms_fit(eq, field);
  return flux ? flux : drift;
}
