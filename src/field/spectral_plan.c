/* spectral_plan.c - from nodes to a spectral program.

   div(a grad b) and grad a . grad b are taken apart into derivatives along the dimensions first; what is uniform in
   space stays before the operators, so that lap, d, conv and integral have one meaning each, a product with the symbol
   of a wave:

     lap -> -S     d(., x_d) -> i q_d     conv(K, .) -> K^     integral over d -> L_d at q_d = 0, else 0 */
#include "spectral.h"
#include <string.h>

enum { MOST_PARTS = 4096 };
#define TOO_LONG "the equations are too long for the spectral discretisation; finite volumes take them"

typedef struct {
  RhoFieldModel fm;
  RhoGraph graph;
  SpProgram *program;
  int room; /* for atoms, for inputs */
  PetscBool toolong;
} Planner;

static void *New(Planner *p, size_t n, size_t size) { return RhoArenaAlloc(p->fm->arena, (n + 1) * size); }

/* ---- what has values ---- */

static int FieldOf(const Planner *p, RhoNode node) {
  for (int i = 0; i < p->fm->eq->nfield; i++)
    if (p->program->field[i] == node) return i;
  return -1;
}

static PetscBool IsKnown(const Planner *p, RhoNode node) {
  for (int k = 0; k < p->program->nknown; k++)
    if (p->program->known[k].node == node) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* ---- operators with one meaning ---- */

static RhoNode Derivative(RhoGraph graph, int d, RhoNode node) { return RhoGraphApply(graph, RHO_OP_DIFF, d, &node); }

static RhoNode TakeApart(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const Planner *p = ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  RhoNode sum = RHO_NONE;
  if (IsKnown(p, node)) return node;
  if (info.kind != RHO_APPLY || (info.code != RHO_OP_GDOT && info.code != RHO_OP_DIVGRAD)) return RHO_NONE;
  RhoNode a = arg[0], b = arg[1];
  if (info.code == RHO_OP_DIVGRAD && RhoGraphUniform(graph, a))
    return RhoGraph2(graph, RHO_FN_MUL, a, RhoGraphApply(graph, RHO_OP_LAP, 0, &b));
  for (int d = 0; d < p->fm->grid->mesh.ndimension; d++) {
    RhoNode term = info.code == RHO_OP_GDOT
                       ? RhoGraph2(graph, RHO_FN_MUL, Derivative(graph, d, a), Derivative(graph, d, b))
                       : Derivative(graph, d, RhoGraph2(graph, RHO_FN_MUL, a, Derivative(graph, d, b)));
    sum = RhoGraphPlus(graph, sum, term);
  }
  return sum;
}

/* ---- forms ---- */

static int CompareInt(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void AddPart(Planner *p, SpForm *form, SpPart part) {
  for (int k = 0; k < form->n; k++) {
    SpPart *old = &form->part[k];
    if (old->atom != part.atom || old->turn != part.turn || !rho_sp_same_wave(&old->wave, &part.wave)) continue;
    old->coef = RhoGraphPlus(p->graph, old->coef, part.coef);
    return;
  }
  if (form->n >= MOST_PARTS) {
    p->toolong = PETSC_TRUE;
    return;
  }
  if (form->n % 16 == 0) {
    SpPart *more = New(p, (size_t)form->n + 16, sizeof *more);
    if (form->n > 0) memcpy(more, form->part, sizeof *more * (size_t)form->n);
    form->part = more;
  }
  form->part[form->n++] = part;
}

static SpForm Read(Planner *p, RhoNode node);

static SpForm Scaled(Planner *p, SpForm form, RhoNode number, RhoFunction f) {
  for (int k = 0; k < form.n; k++)
    form.part[k].coef = f == RHO_FN_MUL ? RhoGraphTimes(p->graph, number, form.part[k].coef)
                                        : RhoGraph2(p->graph, f, form.part[k].coef, number);
  return form;
}

static SpForm Added(Planner *p, SpForm a, SpForm b, PetscBool minus) {
  for (int k = 0; k < b.n; k++) {
    SpPart part = b.part[k];
    if (minus) part.turn = (part.turn + 2) % 4;
    AddPart(p, &a, part);
  }
  return a;
}

/* i^turn times the symbol; what is uniform has no derivative. */
static SpForm Operated(Planner *p, SpForm form, int code, int turn) {
  SpForm out = {0};
  for (int k = 0; k < form.n; k++) {
    SpPart part = form.part[k];
    if (code <= SP_LAP && RhoGraphUniform(p->graph, part.atom)) continue;
    if (part.wave.n == SP_FACTORS) {
      p->toolong = PETSC_TRUE;
      continue;
    }
    part.wave.code[part.wave.n++] = code;
    qsort(part.wave.code, (size_t)part.wave.n, sizeof(int), CompareInt);
    part.turn = (part.turn + turn) % 4;
    AddPart(p, &out, part);
  }
  return out;
}

static SpForm Atom(Planner *p, RhoNode node) {
  SpForm form = {0};
  AddPart(p, &form, (SpPart){.atom = node, .coef = RhoGraphConstant(p->graph, 1)});
  return form;
}

static SpForm ReadOperator(Planner *p, RhoNodeInfo info) {
  SpForm arg = Read(p, info.arg[0]);
  switch ((RhoOperator)info.code) {
  case RHO_OP_LAP: return Operated(p, arg, SP_LAP, 2);
  case RHO_OP_DIFF: return Operated(p, arg, SP_DIFF + info.attr, 1);
  case RHO_OP_CONV: return Operated(p, arg, SP_KERNEL + info.attr, 0);
  default: return Operated(p, arg, SP_MEAN + info.attr, 0);
  }
}

/* A node that is linear in what has a transform is taken apart; any other is an atom. */
static SpForm Read(Planner *p, RhoNode node) {
  RhoGraph graph = p->graph;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (IsKnown(p, node) || RhoGraphUniform(graph, node) || info.kind == RHO_SYMBOL || info.kind == RHO_CONSTANT)
    return Atom(p, node);
  if (info.kind == RHO_APPLY) return ReadOperator(p, info);
  switch ((RhoFunction)info.code) {
  case RHO_FN_ADD: return Added(p, Read(p, info.arg[0]), Read(p, info.arg[1]), PETSC_FALSE);
  case RHO_FN_SUB: return Added(p, Read(p, info.arg[0]), Read(p, info.arg[1]), PETSC_TRUE);
  case RHO_FN_NEG: return Added(p, (SpForm){0}, Read(p, info.arg[0]), PETSC_TRUE);
  case RHO_FN_MUL:
    for (int k = 0; k < 2; k++)
      if (RhoGraphUniform(graph, info.arg[k])) return Scaled(p, Read(p, info.arg[1 - k]), info.arg[k], RHO_FN_MUL);
    return Atom(p, node);
  case RHO_FN_DIV:
    if (RhoGraphUniform(graph, info.arg[1])) return Scaled(p, Read(p, info.arg[0]), info.arg[1], RHO_FN_DIV);
    return Atom(p, node);
  default: return Atom(p, node);
  }
}

/* ---- sums ---- */

static int AddCoefficient(Planner *p, RhoNode node) {
  SpProgram *g = p->program;
  for (int k = 0; k < g->ncoef; k++)
    if (g->coef[k] == node) return k;
  if (g->ncoef % 16 == 0) {
    RhoNode *more = New(p, (size_t)g->ncoef + 16, sizeof *more);
    if (g->ncoef > 0) memcpy(more, g->coef, sizeof *more * (size_t)g->ncoef);
    g->coef = more;
  }
  g->coef[g->ncoef] = node;
  return g->ncoef++;
}

static PetscErrorCode AddInputs(Planner *p, RhoNode node, char *seen, int *level);

static PetscErrorCode AddAtom(Planner *p, RhoNode node, int *number) {
  SpProgram *g = p->program;
  int level = 0;
  PetscFunctionBegin;
  for (*number = 0; *number < g->natom; (*number)++)
    if (g->atom[*number].node == node) PetscFunctionReturn(0);
  PetscCall(AddInputs(p, node, New(p, (size_t)RhoGraphSize(p->graph), 1), &level));
  PetscCheck(g->natom < p->room, p->fm->grid->comm, PETSC_ERR_SUP, TOO_LONG);
  *number = g->natom++;
  g->atom[*number] = (SpAtom){.node = node, .level = level};
  PetscFunctionReturn(0);
}

static PetscErrorCode AddLinear(Planner *p, SpSum *sum, const SpPart *part, int field) {
  SpLinear *linear = &sum->linear[sum->nlinear++];
  PetscFunctionBegin;
  *linear = (SpLinear){.field = field, .turn = part->turn, .number = AddCoefficient(p, part->coef)};
  PetscCall(rho_sp_factor(p->fm, &part->wave, &linear->factor));
  p->program->reads[field] = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* The atoms that are multiplied by the same symbol, or by its negative, as one. */
static RhoNode Together(Planner *p, SpForm *form, int first, char *done) {
  RhoNode sum = RHO_NONE;
  for (int k = first; k < form->n; k++) {
    const SpPart *part = &form->part[k], *one = &form->part[first];
    if (done[k] || (part->turn - one->turn) % 2 || !rho_sp_same_wave(&part->wave, &one->wave)) continue;
    done[k] = 1;
    RhoNode term = RhoGraphTimes(p->graph, part->coef, part->atom);
    sum = RhoGraphPlus(p->graph, sum, part->turn == one->turn ? term : RhoGraph1(p->graph, RHO_FN_NEG, term));
  }
  return sum;
}

static PetscErrorCode MakeSum(Planner *p, SpForm form, SpSum *sum) {
  char *done = New(p, (size_t)form.n, 1);
  PetscFunctionBegin;
  sum->linear = New(p, (size_t)form.n, sizeof *sum->linear);
  sum->atom = New(p, (size_t)form.n, sizeof *sum->atom);
  for (int k = 0; k < form.n; k++) {
    int field = FieldOf(p, form.part[k].atom);
    if (field < 0) continue;
    done[k] = 1;
    PetscCall(AddLinear(p, sum, &form.part[k], field));
  }
  for (int k = 0; k < form.n; k++) {
    if (done[k]) continue;
    RhoNode node = Together(p, &form, k, done);
    struct SpShare *share = &sum->atom[sum->natom];
    if (node < 0) continue;
    share->turn = form.part[k].turn;
    PetscCall(AddAtom(p, node, &share->atom));
    PetscCall(rho_sp_factor(p->fm, &form.part[k].wave, &share->factor));
    sum->natom++;
  }
  PetscFunctionReturn(0);
}

/* ---- inputs ---- */

static PetscErrorCode AddInput(Planner *p, RhoNode node, int *level) {
  SpProgram *g = p->program;
  SpInput input = {.node = node};
  PetscFunctionBegin;
  for (int k = 0; k < g->ninput; k++) {
    if (g->input[k].node != node) continue;
    *level = PetscMax(*level, g->input[k].level);
    PetscFunctionReturn(0);
  }
  PetscCall(MakeSum(p, Read(p, node), &input.sum));
  for (int k = 0; k < input.sum.natom; k++)
    input.level = PetscMax(input.level, g->atom[input.sum.atom[k].atom].level + 1);
  PetscCheck(g->ninput < p->room, p->fm->grid->comm, PETSC_ERR_SUP, TOO_LONG);
  g->input[g->ninput++] = input;
  *level = PetscMax(*level, input.level);
  PetscFunctionReturn(0);
}

/* The outermost operators in a formula; *level: when all of them are there. */
static PetscErrorCode AddInputs(Planner *p, RhoNode node, char *seen, int *level) {
  PetscFunctionBegin;
  if (seen[node] || IsKnown(p, node)) PetscFunctionReturn(0);
  seen[node] = 1;
  RhoNodeInfo info = RhoGraphNode(p->graph, node);
  if (info.kind == RHO_APPLY) {
    PetscCall(AddInput(p, node, level));
    PetscFunctionReturn(0);
  }
  for (int k = 0; k < info.narg; k++) PetscCall(AddInputs(p, info.arg[k], seen, level));
  PetscFunctionReturn(0);
}

/* ---- owners ---- */

static int Uses(const SpSum *sum, int atom) {
  int n = 0;
  for (int k = 0; k < sum->natom; k++) n += sum->atom[k].atom == atom;
  return n;
}

static int UsesInAll(const SpProgram *g, int atom) {
  int n = 0;
  for (int k = 0; k < g->ntarget; k++) n += Uses(&g->target[k], atom);
  for (int k = 0; k < g->ninput; k++) n += Uses(&g->input[k].sum, atom);
  return n;
}

/* A target is made with the transform of its last atom, if nothing else reads that and its factor is real. */
static void FindOwners(SpProgram *g) {
  for (int k = 0; k < g->natom; k++) g->atom[k].owner = -1;
  for (int k = 0; k < g->ntarget; k++) {
    const struct SpShare *last = NULL;
    for (int j = 0; j < g->target[k].natom; j++) {
      const struct SpShare *a = &g->target[k].atom[j];
      const SpAtom *x = &g->atom[a->atom], *y = last ? &g->atom[last->atom] : NULL;
      if (!y || x->level > y->level || (x->level == y->level && x > y)) last = a;
    }
    if (last && last->turn % 2 == 0 && UsesInAll(g, last->atom) == 1) g->atom[last->atom].owner = k;
  }
}

/* ---- tapes ---- */

static bool Reads(const Planner *p, int nout, const RhoNode *out, RhoNode node) {
  for (int k = 0; k < nout; k++)
    if (RhoGraphDependsOn(p->graph, out[k], 1, &node)) return true;
  return false;
}

static PetscErrorCode MakeTape(Planner *p, int nout, const RhoNode *out, int level, RhoTape *tape, int *nin, int **in) {
  SpProgram *g = p->program;
  int nf = p->fm->eq->nfield, n = 0, room = nf + g->nknown + g->ninput;
  RhoNode *node = New(p, (size_t)room, sizeof *node), missing = RHO_NONE;
  PetscFunctionBegin;
  *in = New(p, (size_t)room, sizeof **in);
  for (int k = 0; k < room; k++) {
    if (k >= nf + g->nknown && g->input[k - nf - g->nknown].level > level) continue;
    if (k < nf && !Reads(p, nout, out, g->field[k])) continue;
    node[n] = k < nf ? g->field[k] : k < nf + g->nknown ? g->known[k - nf].node : g->input[k - nf - g->nknown].node;
    (*in)[n++] = k;
  }
  *nin = n;
  *tape = RhoTapeCreate(p->graph, nout, out, n, node, p->fm->nuniform, p->fm->uniform, &missing);
  PetscCheck(missing < 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "node %d has no spectral meaning", missing);
  PetscCheck(*tape, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a tape");
  PetscFunctionReturn(0);
}

static PetscErrorCode LevelTape(Planner *p, int level) {
  SpProgram *g = p->program;
  RhoNode *out = New(p, (size_t)g->natom, sizeof *out);
  int n = 0;
  PetscFunctionBegin;
  for (int k = 0; k < g->natom; k++)
    if (g->atom[k].level == level) {
      g->atom[k].slot = n;
      out[n++] = g->atom[k].node;
    }
  if (n > 0) PetscCall(MakeTape(p, n, out, level, &g->tape[level], &g->ntapein[level], &g->tapein[level]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Tapes(Planner *p) {
  SpProgram *g = p->program;
  RhoNode missing;
  PetscFunctionBegin;
  g->nlevel = 1;
  for (int k = 0; k < g->natom; k++) g->nlevel = PetscMax(g->nlevel, g->atom[k].level + 1);
  for (int k = 0; k < g->ninput; k++) g->nlevel = PetscMax(g->nlevel, g->input[k].level + 1);
  g->tape = New(p, (size_t)g->nlevel, sizeof *g->tape);
  g->tapein = New(p, (size_t)g->nlevel, sizeof *g->tapein);
  g->ntapein = New(p, (size_t)g->nlevel, sizeof *g->ntapein);
  for (int l = 0; l < g->nlevel; l++) PetscCall(LevelTape(p, l));
  if (g->nout > 0) PetscCall(MakeTape(p, g->nout, g->out, g->nlevel, &g->last, &g->nlastin, &g->lastin));
  size_t room = (size_t)(p->fm->eq->nfield + g->nknown + g->ninput + g->nmean);
  g->value = New(p, (size_t)g->ncoef, sizeof *g->value);
  g->place = New(p, (size_t)g->ncoef, sizeof *g->place);
  g->in = New(p, room, sizeof *g->in);
  g->instride = New(p, room, sizeof *g->instride);
  g->outstride = New(p, (size_t)g->nout, sizeof *g->outstride);
  if (g->ncoef == 0) PetscFunctionReturn(0);
  g->coefficients =
      RhoTapeCreate(p->graph, g->ncoef, g->coef, g->nmean, g->mean, p->fm->nuniform, p->fm->uniform, &missing);
  PetscCheck(g->coefficients, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for coefficients");
  PetscFunctionReturn(0);
}

/* ---- arrays ---- */

/* Which of a sum's arrays there are, real and imaginary, for each field. */
static PetscErrorCode SumArrays(Planner *p, SpSum *sum) {
  RhoSpectral s = p->fm->spectral;
  int nf = p->fm->eq->nfield;
  PetscFunctionBegin;
  sum->re = New(p, (size_t)nf, sizeof *sum->re);
  sum->im = New(p, (size_t)nf, sizeof *sum->im);
  for (int k = 0; k < sum->nlinear; k++) {
    PetscReal **at = sum->linear[k].turn % 2 ? &sum->im[sum->linear[k].field] : &sum->re[sum->linear[k].field];
    if (!*at) PetscCall(PetscMalloc1((size_t)s->nmode + 1, at));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Arrays(Planner *p) {
  SpProgram *g = p->program;
  RhoFieldModel fm = p->fm;
  int *count = New(p, (size_t)g->nlevel, sizeof *count), most = 0;
  PetscFunctionBegin;
  for (int k = 0; k < g->natom; k++) {
    if (g->atom[k].owner < 0) PetscCall(RhoTransformSpectrum(fm->transform, &g->atom[k].hat));
    most = PetscMax(most, ++count[g->atom[k].level]);
  }
  for (int k = 0; k < g->ninput; k++) {
    PetscCall(SumArrays(p, &g->input[k].sum));
    PetscCall(PetscCalloc1((size_t)fm->grid->nowned, &g->input[k].at));
  }
  for (int k = 0; k < g->ntarget; k++) PetscCall(SumArrays(p, &g->target[k]));
  PetscCall(rho_sp_reserve(fm, most, 2 * fm->eq->nfield + g->natom));
  PetscFunctionReturn(0);
}

/* ---- life ---- */

static PetscBool Timed(RhoGraph graph, const SpProgram *g) {
  for (int k = 0; k < g->ncoef; k++)
    if (RhoGraphDependsOnKind(graph, g->coef[k], RHO_SYM_TIME)) return PETSC_TRUE;
  return PETSC_FALSE;
}

static RhoNode Prepared(Planner *p, RhoNode node) {
  return node < 0 ? RHO_NONE : RhoGraphRewrite(p->graph, node, TakeApart, p);
}

RhoNode rho_sp_apart(RhoFieldModel fm, RhoNode node) {
  SpProgram none = {.fm = fm};
  Planner p = {.fm = fm, .graph = fm->graph, .program = &none};
  return Prepared(&p, node);
}

static void Begin(Planner *p, RhoFieldModel fm, const RhoNode *field, int ntarget, SpProgram *program) {
  *p = (Planner){.fm = fm, .graph = fm->graph, .program = program};
  *program = (SpProgram){.fm = fm, .field = field};
  program->reads = New(p, (size_t)fm->eq->nfield, sizeof *program->reads);
  program->target = New(p, (size_t)ntarget, sizeof *program->target);
}

/* Far more room than there are operators and symbols of waves before them. */
static void Reserve(Planner *p) {
  p->room = 2 * RhoGraphSize(p->graph) + 64;
  p->program->atom = New(p, (size_t)p->room, sizeof *p->program->atom);
  p->program->input = New(p, (size_t)p->room, sizeof *p->program->input);
}

static PetscErrorCode End(Planner *p) {
  PetscFunctionBegin;
  PetscCheck(!p->toolong, p->fm->grid->comm, PETSC_ERR_SUP, TOO_LONG);
  FindOwners(p->program);
  PetscCall(Tapes(p));
  PetscCall(Arrays(p));
  p->program->timed = Timed(p->graph, p->program);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_create(RhoFieldModel fm, const RhoNode *field, int nknown, const SpKnown *known, int ntarget,
                             const RhoNode *target, PetscBool to_points, SpProgram *program) {
  Planner p;
  PetscFunctionBegin;
  Begin(&p, fm, field, ntarget, program);
  program->nknown = nknown;
  program->known = New(&p, (size_t)nknown, sizeof *known);
  if (nknown > 0) memcpy(program->known, known, sizeof *known * (size_t)nknown);
  program->out = New(&p, (size_t)ntarget, sizeof *program->out);
  for (int k = 0; k < ntarget; k++) program->out[k] = Prepared(&p, target[k]);
  Reserve(&p);
  for (int k = 0; k < ntarget; k++) {
    RhoNode node = program->out[k];
    int level = 0;
    if (node < 0) continue;
    if (to_points) PetscCall(AddInputs(&p, node, New(&p, (size_t)RhoGraphSize(fm->graph), 1), &level));
    else PetscCall(MakeSum(&p, Read(&p, node), &program->target[k]));
  }
  *(to_points ? &program->nout : &program->ntarget) = ntarget;
  PetscCall(End(&p));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_create_linear(RhoFieldModel fm, const RhoNode *field, int nmean, const RhoNode *mean, int ntarget,
                                    const RhoNode *target, SpProgram *program) {
  Planner p;
  PetscFunctionBegin;
  Begin(&p, fm, field, ntarget, program);
  program->nmean = nmean;
  program->mean = mean;
  program->meanvalue = New(&p, (size_t)nmean, sizeof *program->meanvalue);
  Reserve(&p);
  for (int k = 0; k < ntarget; k++) {
    SpForm form = target[k] < 0 ? (SpForm){0} : Read(&p, target[k]), linear = {0};
    for (int l = 0; l < form.n; l++)
      if (FieldOf(&p, form.part[l].atom) >= 0) AddPart(&p, &linear, form.part[l]);
    PetscCall(MakeSum(&p, linear, &program->target[k]));
  }
  program->ntarget = ntarget;
  PetscCall(End(&p));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroySum(const SpProgram *g, SpSum *sum) {
  PetscFunctionBegin;
  for (int i = 0; i < g->fm->eq->nfield && sum->re; i++) {
    PetscCall(PetscFree(sum->re[i]));
    PetscCall(PetscFree(sum->im[i]));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_destroy(SpProgram *g) {
  PetscFunctionBegin;
  for (int k = 0; k < g->natom; k++) PetscCall(RhoTransformFreeSpectrum(g->fm->transform, &g->atom[k].hat));
  for (int k = 0; k < g->ninput; k++) {
    PetscCall(DestroySum(g, &g->input[k].sum));
    PetscCall(PetscFree(g->input[k].at));
  }
  for (int k = 0; k < g->ntarget; k++) PetscCall(DestroySum(g, &g->target[k]));
  for (int l = 0; l < g->nlevel; l++)
    if (g->tape[l]) RhoTapeDestroy(&g->tape[l]);
  if (g->last) RhoTapeDestroy(&g->last);
  if (g->coefficients) RhoTapeDestroy(&g->coefficients);
  PetscFunctionReturn(0);
}
