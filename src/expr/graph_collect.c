/* graph_collect.c - like terms of a formula as one, its numbers multiplied, its equal factors cancelled.

   Arguments first, each node becomes a polynomial (graph_poly.h) over what a polynomial does not look into; that is
   written as a formula again (graph_compose.c).  A sum that is multiplied, divided by or raised to a power is an atom
   (RHO_ATOM_SUM); it is multiplied out only where the formula around it gets smaller:

     T*(log(c) - 1) + T  ->  T*log(c),     but  a*(b + c)*(d + e)  stays

   and likewise lap(a + b) is lap(a) + lap(b) only where that merges with others.  Uniform factors pass through
   operators, which are multilinear.  What stands in a function is collected, never multiplied out, and stays as it was
   unless it gets shorter: then the formulas of the user that share it still do.

   As in algebra, x/x = 1 and x - x = 0: the result has a value where the formula has one, and may have more. */
#include "graph_collect.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_OPENED 20  /* sums of one formula for which each choice is tried, else only all and none */
#define MOST_TERMS 200L /* of one product multiplied out */
#define MOST_NUMBERS 64 /* that are known again in a measure */
#define MOST_ATOMS 4096
#define SWEEP 8 /* what an operator counts for, in nodes */
#define PASS 4  /* and what its argument does where that has to be computed first */

/* mark[key] equals the stamp: seen */
typedef struct {
  int capacity, *mark;
} Marks;

typedef struct {
  RhoScribe scribe;
  RhoAtomFn whole;
  void *ctx;
  RhoPoly *poly;   /* [node] */
  RhoPoly *factor; /* [node] the same as one term; n < 0: not yet asked for */
  int lengthcapacity;
  double *length; /* [node] work space */
  int stamp;
  Marks atom, mono; /* met by the measure under way */
  int nnumber;
  double number[MOST_NUMBERS];
} Collector;

static RhoRing *Ring(Collector *c) { return &c->scribe.ring; }
static RhoPoly One(Collector *c) { return RhoPolyRational(Ring(c), 1, 1); }
static RhoPoly Zero(void) { return (RhoPoly){0, NULL}; }

/* ---- measure ----------------------------------------------------------------------------------------------------- */

/* Is it the first time in this measure? */
static bool First(Collector *c, Marks *marks, int key) {
  while (marks->capacity <= key)
    marks->mark = RhoArenaGrow(Ring(c)->arena, marks->mark, &marks->capacity, sizeof *marks->mark);
  bool first = marks->mark[key] != c->stamp;
  marks->mark[key] = c->stamp;
  return first;
}

/* 1 for a number that was not met before */
static int NumberSize(Collector *c, double value) {
  for (int k = 0; k < c->nnumber; k++)
    if (c->number[k] == fabs(value)) return 0;
  if (c->nnumber < MOST_NUMBERS) c->number[c->nnumber++] = fabs(value);
  return 1;
}

static int PolySize(Collector *c, RhoPoly p, bool inside);

/* Is p a symbol, a function, an operator? */
static bool IsAtom(const Collector *c, RhoPoly p) {
  RhoMono mono = c->scribe.ring.mono[p.n == 1 ? p.term[0].mono : 0];
  return mono.n == 1 && mono.factor[0].power == 1 && c->scribe.ring.atom[mono.factor[0].atom].kind != RHO_ATOM_SUM;
}

/* What is inside an atom; a name is one node. */
static int AtomSize(Collector *c, int atom) {
  RhoAtom inside = Ring(c)->atom[atom];
  int size = inside.kind == RHO_ATOM_OPERATOR ? SWEEP : inside.kind == RHO_ATOM_SUM ? 0 : 1;
  if (c->scribe.form[atom].named) return 1;
  for (int k = 0; k < inside.narg; k++) {
    if (inside.kind == RHO_ATOM_OPERATOR && !IsAtom(c, inside.arg[k])) size += PASS;
    size += PolySize(c, inside.arg[k], true);
  }
  return size;
}

/* The factors' powers and insides, and one sign of multiplication for each. */
static int MonoSize(Collector *c, int mono) {
  RhoMono product = Ring(c)->mono[mono];
  int size = product.n;
  for (int k = 0; k < product.n; k++) {
    RhoFactor factor = product.factor[k];
    if (abs(factor.power) != 1) size += 1 + NumberSize(c, factor.power);
    if (First(c, &c->atom, factor.atom)) size += AtomSize(c, factor.atom);
  }
  return size;
}

/* Is a number written, be it a 1 above the line? */
static bool HasNumber(Collector *c, RhoTerm term) {
  RhoMono product = Ring(c)->mono[term.mono];
  for (int k = 0; k < product.n; k++)
    if (product.factor[k].power > 0) return fabs(term.coef.value) != 1;
  return true;
}

/* The nodes of a sum; of the sum that is measured, not of those inside, terms with the same varying part are one. */
static int PolySize(Collector *c, RhoPoly p, bool inside) {
  int size = -1;
  for (int k = 0; k < p.n; k++) {
    int uniform, varying;
    RhoMonoSplit(Ring(c), p.term[k].mono, &uniform, &varying);
    size += MonoSize(c, uniform);
    if (HasNumber(c, p.term[k])) size += 1 + NumberSize(c, p.term[k].coef.value);
    if (varying && (inside || First(c, &c->mono, varying))) size += MonoSize(c, varying);
  }
  return size;
}

/* How many nodes there are to write, equal ones once. */
static int Size(Collector *c, RhoPoly p) {
  c->stamp++;
  c->nnumber = 0;
  return PolySize(c, p, false);
}

/* ---- atoms ------------------------------------------------------------------------------------------------------- */

/* Functions that jump, which a rounding error of the argument would turn. */
static bool Jumps(const RhoNodeInfo *info) {
  if (info->kind != RHO_CALL) return false;
  return (info->code >= RHO_FN_LT && info->code <= RHO_FN_NOT) || info->code == RHO_FN_SIGN ||
         info->code == RHO_FN_STEP;
}

/* Is the node not looked into? */
static bool IsOpaque(RhoGraph graph, RhoNode node, void *ctx) {
  Collector *c = ctx;
  RhoNodeInfo info = graph->node[node];
  if (info.kind == RHO_CONSTANT) return !isfinite(info.value);
  if (info.kind == RHO_SYMBOL || Jumps(&info)) return true;
  return c->whole && RhoGraphIsUniform(graph, node) && c->whole(graph, node, c->ctx);
}

/* The nodes of the formula as it is written, what is shared as often as it stands there. */
static double Length(Collector *c, RhoNode node) {
  RhoGraph graph = c->scribe.graph;
  RhoNode *list = RhoGraphTake(graph, node + 1);
  int n = RhoGraphReach(graph, node, IsOpaque, c, list);
  while (c->lengthcapacity <= node)
    c->length = RhoArenaGrow(Ring(c)->arena, c->length, &c->lengthcapacity, sizeof *c->length);
  for (int i = 0; i < n; i++) {
    RhoNodeInfo info = graph->node[list[i]];
    c->length[list[i]] = 1;
    for (int k = 0; k < info.narg && !IsOpaque(graph, list[i], c); k++) c->length[list[i]] += c->length[info.arg[k]];
  }
  RhoGraphGive(graph);
  return c->length[node];
}

/* made, or what it was made from unless that is longer */
static RhoNode Shorter(Collector *c, RhoNode made, RhoNode original) {
  return original == RHO_NONE || Length(c, made) < Length(c, original) ? made : original;
}

static RhoPoly AtomWith(Collector *c, RhoAtom atom, RhoAtomForm form) {
  if (Ring(c)->natom > MOST_ATOMS) RhoRingGiveUp(Ring(c));
  int number = RhoRingAtom(Ring(c), atom);
  if (number == c->scribe.nform)
    *RHO_PUSH(Ring(c)->arena, c->scribe.form, c->scribe.nform, c->scribe.formcapacity) = form;
  return RhoPolyAtom(Ring(c), number, 1);
}

static RhoPoly OpaqueAtom(Collector *c, RhoNode node) {
  RhoGraph graph = c->scribe.graph;
  bool uniform = RhoGraphIsUniform(graph, node) && graph->node[node].kind != RHO_CONSTANT;
  return AtomWith(c, (RhoAtom){.kind = RHO_ATOM_SYMBOL, .code = node, .uniform = uniform},
                  (RhoAtomForm){node, 1, true});
}

/* The sign that leaves fewer minus signs, where that is none the one proposed. */
static int BetterSign(RhoPoly p, int proposed) {
  int nminus = 0;
  for (int k = 0; k < p.n; k++) nminus += p.term[k].coef.value < 0;
  return 2 * nminus == p.n ? proposed : 2 * nminus > p.n ? -1 : 1;
}

/* A sum of several terms as it stands; it may be written as the node it was made from, sign*original. */
static RhoPoly SumAtom(Collector *c, RhoPoly p, RhoNode original, int sign) {
  RhoAtom atom = {.kind = RHO_ATOM_SUM, .narg = 1, .arg = {p}};
  int better = BetterSign(p, sign);
  RhoNode made = RhoCompose(&c->scribe, RhoPolySum(Ring(c), Zero(), better, p)), shorter = Shorter(c, made, original);
  return AtomWith(c, atom, (RhoAtomForm){shorter, shorter == original ? sign : better, false});
}

/* A definition of the user, written by its name. */
static RhoPoly NamedAtom(Collector *c, RhoPoly p, RhoNode node) {
  return AtomWith(c, (RhoAtom){.kind = RHO_ATOM_SUM, .narg = 1, .arg = {p}}, (RhoAtomForm){node, 1, true});
}

/* ---- choice of form ---------------------------------------------------------------------------------------------- */

static RhoPoly Operator(Collector *c, int op, int attr, const RhoPoly *arg, const RhoNode *original);

/* The operator of all combinations of terms of its arguments. */
static RhoPoly OpenOperator(Collector *c, RhoAtom atom) {
  RhoPoly x = atom.arg[0], one = One(c), y = atom.narg > 1 ? atom.arg[1] : one, sum = Zero();
  for (int i = 0; i < x.n; i++)
    for (int j = 0; j < y.n; j++) {
      RhoPoly arg[2] = {{1, &x.term[i]}, {1, &y.term[j]}};
      sum = RhoPolySum(Ring(c), sum, 1, Operator(c, atom.code, atom.attr, arg, NULL));
    }
  return sum;
}

/* The number of terms the factor gives when multiplied out; 1: it is not. */
static long OpenedTerms(const Collector *c, RhoFactor factor) {
  const RhoAtom *atom = &c->scribe.ring.atom[factor.atom];
  long n = atom->kind == RHO_ATOM_OPERATOR ? (long)atom->arg[0].n * (atom->narg > 1 ? atom->arg[1].n : 1) : 1;
  if (atom->kind == RHO_ATOM_SUM) n = atom->arg[0].n;
  long all = 1;
  for (int k = 0; k < factor.power && all <= MOST_TERMS; k++) all *= n;
  return all;
}

static bool CanOpen(Collector *c, RhoTerm term) {
  RhoMono mono = Ring(c)->mono[term.mono];
  long n = 1;
  for (int k = 0; k < mono.n && n <= MOST_TERMS; k++) n *= OpenedTerms(c, mono.factor[k]);
  return n > 1 && n <= MOST_TERMS;
}

/* The term with its sums multiplied out, and its operators of sums taken apart. */
static RhoPoly OpenTerm(Collector *c, RhoTerm term) {
  RhoTerm number = {0, term.coef};
  RhoPoly product = {1, &number};
  RhoMono mono = Ring(c)->mono[term.mono];
  for (int k = 0; k < mono.n; k++) {
    RhoFactor factor = mono.factor[k];
    RhoAtom atom = Ring(c)->atom[factor.atom];
    RhoPoly power = RhoPolyAtom(Ring(c), factor.atom, factor.power);
    if (OpenedTerms(c, factor) > 1)
      power = RhoPolyPower(Ring(c), atom.kind == RHO_ATOM_SUM ? atom.arg[0] : OpenOperator(c, atom), factor.power);
    product = RhoPolyTimes(Ring(c), product, power);
  }
  return product;
}

/* A sum and the choice of its terms to be opened. */
typedef struct {
  int n;           /* terms, or polynomials */
  RhoPoly *closed; /* [n] */
  RhoPoly *opened; /* [n] */
  int nfree;
  int *free;     /* [nfree] those for which there is a choice */
  bool *open;    /* [n] */
  RhoPoly *part; /* [n] work space */
  RhoPoly best;
  int size; /* its score */
} Choice;

/* Nodes first; of equally many, terms that merged are better than closed ones, and these better than more terms. */
static int Score(Collector *c, const Choice *choice, RhoPoly sum) {
  bool open = false;
  for (int k = 0; k < choice->n; k++) open = open || choice->open[k];
  return 4 * Size(c, sum) + (!open ? 1 : sum.n > choice->n ? 2 : 0);
}

/* Is the sum as now chosen smaller?  Then it is the best. */
static bool Improves(Collector *c, Choice *choice) {
  for (int k = 0; k < choice->n; k++) choice->part[k] = choice->open[k] ? choice->opened[k] : choice->closed[k];
  RhoPoly sum = RhoPolySumAll(Ring(c), choice->n, choice->part);
  int size = Score(c, choice, sum);
  if (size >= choice->size) return false;
  choice->best = sum;
  choice->size = size;
  return true;
}

/* From all open or all closed, one at a time is reversed as long as that improves. */
static void Search(Collector *c, Choice *choice, bool open) {
  for (int k = 0; k < choice->nfree; k++) choice->open[choice->free[k]] = open;
  choice->size = INT_MAX;
  for (bool more = Improves(c, choice) && choice->nfree <= MOST_OPENED; more;) {
    more = false;
    for (int k = 0; k < choice->nfree; k++) {
      bool *one = &choice->open[choice->free[k]];
      *one = !*one;
      if (Improves(c, choice)) more = true;
      else *one = !*one;
    }
  }
}

static Choice ChoiceOf(Collector *c, RhoPoly p) {
  RhoArena arena = Ring(c)->arena;
  size_t n = (size_t)p.n + 1;
  Choice choice = {.n = p.n};
  choice.closed = RhoArenaAlloc(arena, n * sizeof *choice.closed);
  choice.opened = RhoArenaAlloc(arena, n * sizeof *choice.opened);
  choice.part = RhoArenaAlloc(arena, n * sizeof *choice.part);
  choice.free = RhoArenaAlloc(arena, n * sizeof *choice.free);
  choice.open = RhoArenaAlloc(arena, n * sizeof *choice.open);
  for (int k = 0; k < p.n; k++) {
    choice.closed[k] = choice.opened[k] = (RhoPoly){1, &p.term[k]};
    if (!CanOpen(c, p.term[k])) continue;
    choice.opened[k] = OpenTerm(c, p.term[k]);
    choice.free[choice.nfree++] = k;
  }
  return choice;
}

/* The smallest form of a sum that is found from none of its terms opened, and from all; then the same again. */
static RhoPoly Settled(Collector *c, RhoPoly p) {
  int size = 4 * Size(c, p) + 1;
  for (bool more = true; more;) {
    Choice choice = ChoiceOf(c, p);
    more = false;
    for (int open = 0; open < 2 && choice.nfree > 0; open++) {
      Search(c, &choice, open);
      if (choice.size >= size) continue;
      p = choice.best;
      size = choice.size;
      more = true;
    }
  }
  return p;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

/* The node as one term: a sum becomes an atom. */
static RhoPoly Factor(Collector *c, RhoNode node) {
  RhoPoly *factor = &c->factor[node], p = c->poly[node], front;
  if (factor->n >= 0) return *factor;
  if (p.n > 1) p = Settled(c, p);
  if (p.n > 1) {
    RhoPoly inside = RhoPolyPrimitive(Ring(c), p, false, &front);
    bool plain = front.term[0].mono == 0 && fabs(front.term[0].coef.value) == 1;
    RhoNode original = plain ? node : RHO_NONE;
    p = RhoPolyTimes(Ring(c), front, SumAtom(c, inside, original, front.term[0].coef.value < 0 ? -1 : 1));
  }
  return *factor = p;
}

/* A function of numbers is a number, if it is finite; not if(), whose condition is not looked into. */
static bool FoldNumbers(Collector *c, const RhoNodeInfo *info, RhoPoly *result) {
  double x[3] = {0, 0, 0};
  RhoCoef number;
  if (info->code == RHO_FN_SELECT) return false;
  for (int k = 0; k < info->narg; k++) {
    if (!RhoPolyIsNumber(c->poly[info->arg[k]], &number)) return false;
    x[k] = number.value;
  }
  double value = RhoGraphCallValue(c->scribe.graph, (RhoFunction)info->code, info->attr, x);
  if (isfinite(value)) *result = RhoPolyNumber(Ring(c), value);
  return isfinite(value);
}

static RhoPoly Function(Collector *c, RhoNode node, const RhoNodeInfo *info) {
  RhoAtom atom = {.kind = RHO_ATOM_FUNCTION, .code = info->code, .attr = info->attr, .narg = info->narg};
  RhoNode arg[3] = {RHO_NONE, RHO_NONE, RHO_NONE};
  RhoPoly result;
  bool same = true;
  if (FoldNumbers(c, info, &result)) return result;
  for (int k = 0; k < info->narg; k++) {
    bool condition = info->code == RHO_FN_SELECT && k == 0; /* jumps */
    atom.arg[k] = condition ? OpaqueAtom(c, info->arg[k]) : c->poly[info->arg[k]];
    arg[k] = Shorter(c, RhoCompose(&c->scribe, atom.arg[k]), info->arg[k]);
    same = same && arg[k] == info->arg[k];
  }
  RhoNode made = same ? node : RhoGraphCall(c->scribe.graph, (RhoFunction)info->code, info->attr, arg);
  return AtomWith(c, atom, (RhoAtomForm){made, 1, false});
}

/* x^n; x/0 stays what it is */
static RhoPoly Power(Collector *c, RhoNode node, RhoPoly x, int n) {
  return x.n == 0 && n < 0 ? OpaqueAtom(c, node) : RhoPolyPower(Ring(c), x, n);
}

static RhoPoly Quotient(Collector *c, RhoNode node, RhoPoly x, RhoPoly y) {
  return y.n == 0 ? OpaqueAtom(c, node) : RhoPolyTimes(Ring(c), x, RhoPolyPower(Ring(c), y, -1));
}

static RhoPoly Call(Collector *c, RhoNode node, const RhoNodeInfo *info) {
  const RhoPoly *poly = c->poly;
  RhoNode x = info->arg[0], y = info->arg[1];
  switch (info->code) {
  case RHO_FN_ADD: return RhoPolySum(Ring(c), poly[x], 1, poly[y]);
  case RHO_FN_SUB: return RhoPolySum(Ring(c), poly[x], -1, poly[y]);
  case RHO_FN_NEG: return RhoPolySum(Ring(c), Zero(), -1, poly[x]);
  case RHO_FN_MUL: return RhoPolyTimes(Ring(c), Factor(c, x), Factor(c, y));
  case RHO_FN_DIV: return Quotient(c, node, Factor(c, x), Factor(c, y));
  case RHO_FN_POWI: return Power(c, node, Factor(c, x), (int)c->scribe.graph->node[y].value);
  default: return Function(c, node, info);
  }
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

/* Does the operator see only how its argument number k varies? */
static bool Differentiates(int op, int k) {
  if (op == RHO_OP_DIVGRAD) return k == 1;
  return op != RHO_OP_CONV && op != RHO_OP_INTEGRAL;
}

static RhoPoly WithoutUniform(Collector *c, RhoPoly p) {
  RhoPoly *part = RhoArenaAlloc(Ring(c)->arena, (size_t)(p.n + 1) * sizeof *part);
  int n = 0;
  for (int k = 0; k < p.n; k++) {
    int uniform, varying;
    RhoMonoSplit(Ring(c), p.term[k].mono, &uniform, &varying);
    if (varying) part[n++] = (RhoPoly){1, &p.term[k]};
  }
  return n == p.n ? p : RhoPolySumAll(Ring(c), n, part);
}

/* Is p before q in some order that does not depend on how they came about? */
static bool Precedes(RhoPoly p, RhoPoly q) {
  for (int k = 0; k < p.n && k < q.n; k++)
    if (p.term[k].mono != q.term[k].mono) return p.term[k].mono < q.term[k].mono;
  return p.n < q.n;
}

/* grad a . grad b = grad b . grad a */
static void Sort(RhoAtom *atom, RhoNode *node) {
  RhoPoly p = atom->arg[0];
  RhoNode first = node[0];
  if (atom->code != RHO_OP_GDOT || !Precedes(atom->arg[1], p)) return;
  atom->arg[0] = atom->arg[1];
  atom->arg[1] = p;
  node[0] = node[1];
  node[1] = first;
}

/* The operator of arguments without factors to take out; the nodes are theirs where they are known. */
static RhoPoly OperatorAtom(Collector *c, RhoAtom atom, RhoNode *node) {
  Sort(&atom, node);
  for (int k = 0; k < atom.narg; k++) node[k] = Shorter(c, RhoCompose(&c->scribe, atom.arg[k]), node[k]);
  RhoNode made = RhoGraphApply(c->scribe.graph, (RhoOperator)atom.code, atom.attr, node);
  return AtomWith(c, atom, (RhoAtomForm){made, 1, false});
}

/* A uniform sum as one term. */
static RhoPoly UniformFactor(Collector *c, RhoPoly p) { return p.n > 1 ? SumAtom(c, p, RHO_NONE, 1) : p; }

/* original: the nodes of the arguments, or NULL */
static RhoPoly Operator(Collector *c, int op, int attr, const RhoPoly *arg, const RhoNode *original) {
  RhoAtom atom = {.kind = RHO_ATOM_OPERATOR, .code = op, .attr = attr, .narg = RhoOperatorArgs((RhoOperator)op)};
  RhoNode node[3] = {RHO_NONE, RHO_NONE, RHO_NONE};
  RhoPoly front = One(c), own;
  for (int k = 0; k < atom.narg; k++) {
    RhoPoly p = Differentiates(op, k) ? WithoutUniform(c, arg[k]) : arg[k];
    if (p.n == 0) return Zero();
    atom.arg[k] = RhoPolyPrimitive(Ring(c), p, true, &own);
    bool plain = own.term[0].mono == 0 && own.term[0].coef.value == 1 && p.n == arg[k].n;
    if (plain && original) node[k] = original[k];
    front = RhoPolyTimes(Ring(c), front, own);
  }
  if (op == RHO_OP_DIVGRAD && RhoPolyIsUniform(Ring(c), atom.arg[0])) { /* div(a grad b) = a lap b */
    front = RhoPolyTimes(Ring(c), front, UniformFactor(c, atom.arg[0]));
    return RhoPolyTimes(Ring(c), front, Operator(c, RHO_OP_LAP, 0, &atom.arg[1], &node[1]));
  }
  return RhoPolyTimes(Ring(c), front, OperatorAtom(c, atom, node));
}

/* The smallest form of what is left when uniform factors are taken out, with them. */
static RhoPoly SettledArgument(Collector *c, RhoPoly p) {
  RhoPoly front;
  if (p.n == 0) return p;
  RhoPoly inside = RhoPolyPrimitive(Ring(c), p, true, &front);
  return RhoPolyTimes(Ring(c), front, Settled(c, inside));
}

static RhoPoly Apply(Collector *c, const RhoNodeInfo *info) {
  RhoPoly arg[3];
  for (int k = 0; k < info->narg; k++) arg[k] = SettledArgument(c, c->poly[info->arg[k]]);
  return Operator(c, info->code, info->attr, arg, info->arg);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static RhoPoly PolyOf(Collector *c, RhoNode node) {
  RhoGraph graph = c->scribe.graph;
  RhoNodeInfo info = graph->node[node];
  graph->place = info.place;
  if (IsOpaque(graph, node, c)) return OpaqueAtom(c, node);
  if (info.kind == RHO_CONSTANT) return RhoPolyNumber(Ring(c), info.value);
  RhoPoly p = info.kind == RHO_CALL ? Call(c, node, &info) : Apply(c, &info);
  return p.n > 1 && c->whole && c->whole(graph, node, c->ctx) ? NamedAtom(c, p, node) : p;
}

static RhoNode Work(Collector *c, RhoArena arena, RhoNode node) {
  RhoGraph graph = c->scribe.graph;
  size_t size = (size_t)node + 1;
  RhoNode *list = RhoGraphTake(graph, node + 1);
  RhoRingCreate(Ring(c), arena);
  c->poly = RhoArenaAlloc(arena, size * sizeof *c->poly);
  c->factor = RhoArenaAlloc(arena, size * sizeof *c->factor);
  int n = RhoGraphReach(graph, node, IsOpaque, c, list);
  for (int k = 0; k < n; k++) {
    c->poly[list[k]] = PolyOf(c, list[k]);
    c->factor[list[k]].n = -1;
  }
  RhoNode made = RhoCompose(&c->scribe, Settled(c, c->poly[node]));
  RhoGraphGive(graph);
  return made;
}

/* The work has an arena of its own, which is let go also when the graph's has no more memory. */
static RhoNode WorkAside(Collector *c, RhoArena aside, RhoNode node, volatile bool *nomemory) {
  volatile RhoNode made = node;
  switch (setjmp(*RhoArenaGuard(aside))) {
  case 0: made = Work(c, aside, node); break;
  case RHO_GIVE_UP: break;
  default: *nomemory = true;
  }
  return made;
}

RhoNode RhoGraphCollect(RhoGraph graph, RhoNode node, RhoAtomFn whole, void *ctx) {
  if (node == RHO_NONE) return RHO_NONE;
  Collector c = {.scribe.graph = graph, .whole = whole, .ctx = ctx};
  RhoPlace place = graph->place;
  RhoArena aside = RhoArenaCreate();
  if (!aside) longjmp(*RhoArenaGuard(graph->arena), 1);
  jmp_buf outer;
  memcpy(&outer, RhoArenaGuard(graph->arena), sizeof outer);
  volatile RhoNode made = node;
  volatile bool nomemory = false;
  int ntaken = graph->ntaken;
  if (setjmp(*RhoArenaGuard(graph->arena))) nomemory = true;
  else made = WorkAside(&c, aside, node, &nomemory);
  memcpy(RhoArenaGuard(graph->arena), &outer, sizeof outer);
  RhoArenaDestroy(&aside);
  graph->ntaken = ntaken;
  graph->place = place;
  if (nomemory) longjmp(*RhoArenaGuard(graph->arena), 1);
  return made;
}
