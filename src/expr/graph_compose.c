/* graph_compose.c - a polynomial over atoms as a formula, as people write it.

     sum over groups of terms with the same varying part X of  (c U + c' U' + ..) X

   where the sum of uniform factors U is written c U (c'' + c''' U'' ..) if they have something in common.  A product:

     number*parameters/(number*parameters)*fields*functions*operators/(fields ..)

   Fractions stay fractions, 2*x/3, K/2*x; short decimals are decimals, 0.3*x. */
#include "graph_collect.h"
#include <math.h>
#include <stdlib.h>

/* ---- products ---------------------------------------------------------------------------------------------------- */

typedef struct {
  int order;
  RhoNode node;
} Ranked;

typedef struct {
  int n;
  Ranked *item;
} List;

typedef struct {
  bool negative;
  List up, down;               /* uniform */
  List varyingup, varyingdown; /* not uniform */
} Product;

static List EmptyList(RhoScribe *scribe, int room) {
  return (List){0, RhoArenaAlloc(scribe->ring.arena, (size_t)room * sizeof(Ranked))};
}

static Product EmptyProduct(RhoScribe *scribe, int nfactor) {
  int room = nfactor + 3; /* numbers, a sum */
  return (Product){false, EmptyList(scribe, room), EmptyList(scribe, room), EmptyList(scribe, room),
                   EmptyList(scribe, room)};
}

static bool IsBefore(Ranked x, Ranked y) { return x.order == y.order ? x.node < y.node : x.order < y.order; }

static void Insert(List *list, int order, RhoNode node) {
  Ranked item = {order, node};
  int k = list->n++;
  for (; k > 0 && IsBefore(item, list->item[k - 1]); k--) list->item[k] = list->item[k - 1];
  list->item[k] = item;
}

static void AddFactor(RhoScribe *scribe, Product *product, RhoFactor factor) {
  RhoGraph graph = scribe->graph;
  RhoAtomForm form = scribe->form[factor.atom];
  bool uniform = scribe->ring.atom[factor.atom].uniform;
  List *up = uniform ? &product->up : &product->varyingup, *down = uniform ? &product->down : &product->varyingdown;
  if (form.sign < 0 && factor.power % 2) product->negative = !product->negative;
  RhoNode power = RhoGraphPower(graph, form.node, RhoGraphConstant(graph, abs(factor.power)));
  int order = form.named ? RhoNamedOrder(graph, form.node) : RhoFactorOrder(graph, form.node);
  Insert(factor.power > 0 ? up : down, order, power);
}

static bool IsPowerOfTwo(long long n) { return (n & (n - 1)) == 0; }

/* Is it a decimal of at most six digits? */
static bool IsShort(double value) {
  double scaled = value;
  for (int k = 0; k < 8; k++, scaled *= 10)
    if (fabs(scaled - rint(scaled)) <= 1e-12 * fabs(scaled)) return fabs(rint(scaled)) < 1e6;
  return false;
}

/* |coef| as a number above, below, or both. */
static void AddNumber(RhoScribe *scribe, Product *product, RhoCoef coef) {
  RhoGraph graph = scribe->graph;
  double value = fabs(coef.value), up = value, down = 1;
  bool fraction = coef.q > 1 && coef.q <= 1000000 && llabs(coef.p) <= 1000000;
  if (fraction && (llabs(coef.p) == 1 ? IsPowerOfTwo(coef.q) || !IsShort(value) : !IsShort(value)))
    up = (double)llabs(coef.p), down = (double)coef.q;
  if (coef.value < 0) product->negative = !product->negative;
  if (up != 1) Insert(&product->up, 0, RhoGraphConstant(graph, up));
  if (down != 1) Insert(&product->down, 0, RhoGraphConstant(graph, down));
}

/* front*node*node*.. */
static RhoNode Chain(RhoGraph graph, RhoNode front, const List *list) {
  for (int k = 0; k < list->n; k++)
    front = front == RHO_NONE ? list->item[k].node : RhoGraph2(graph, RHO_FN_MUL, front, list->item[k].node);
  return front;
}

static RhoNode Over(RhoGraph graph, RhoNode up, RhoNode down) {
  if (down == RHO_NONE) return up;
  return RhoGraph2(graph, RHO_FN_DIV, up == RHO_NONE ? RhoGraphConstant(graph, 1) : up, down);
}

/* Is what is uniform written before the rest, K/2*x, not as in 2*x/3 or K/(2*x)? */
static bool StandsApart(RhoGraph graph, const Product *product, RhoNode front) {
  if (front == RHO_NONE || graph->node[front].kind == RHO_CONSTANT) return false;
  return product->varyingup.n > 0 || product->varyingdown.n == 0;
}

/* x/2 is 0.5*x, which is as exact and faster. */
static void Halve(RhoGraph graph, const Product *product, RhoNode *front, RhoNode *down) {
  if (*front != RHO_NONE || *down == RHO_NONE || product->varyingup.n == 0) return;
  RhoNodeInfo info = graph->node[*down];
  if (info.kind != RHO_CONSTANT || !IsPowerOfTwo((long long)info.value)) return;
  *front = RhoGraphConstant(graph, 1 / info.value);
  *down = RHO_NONE;
}

/* |product| */
static RhoNode Written(RhoGraph graph, const Product *product) {
  RhoNode front = Chain(graph, RHO_NONE, &product->up), down = Chain(graph, RHO_NONE, &product->down);
  Halve(graph, product, &front, &down);
  if (StandsApart(graph, product, front)) {
    front = Over(graph, front, down);
    down = RHO_NONE;
  }
  front = Chain(graph, front, &product->varyingup);
  front = Over(graph, front, Chain(graph, down, &product->varyingdown));
  return front == RHO_NONE ? RhoGraphConstant(graph, 1) : front;
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

static void AddMono(RhoScribe *scribe, Product *product, int mono) {
  RhoMono factors = scribe->ring.mono[mono];
  for (int k = 0; k < factors.n; k++) AddFactor(scribe, product, factors.factor[k]);
}

/* coef*varying, coef not zero and uniform */
static RhoAddend WriteGroup(RhoScribe *scribe, RhoPoly coef, int varying) {
  RhoRing *ring = &scribe->ring;
  RhoPoly front = coef, inside = coef;
  if (coef.n > 1) inside = RhoPolyPrimitive(ring, coef, false, &front);
  int nfactor = ring->mono[front.term[0].mono].n + ring->mono[varying].n;
  Product product = EmptyProduct(scribe, nfactor);
  AddNumber(scribe, &product, front.term[0].coef);
  AddMono(scribe, &product, front.term[0].mono);
  AddMono(scribe, &product, varying);
  if (coef.n > 1) {
    RhoNode sum = RhoCompose(scribe, inside);
    Insert(&product.up, RhoFactorOrder(scribe->graph, sum), sum);
  }
  return (RhoAddend){.negative = product.negative, .node = Written(scribe->graph, &product)};
}

/* A term by its varying part. */
typedef struct {
  int varying, index;
  RhoPoly uniform;
} Part;

static int CompareParts(const void *a, const void *b) {
  const Part *x = a, *y = b;
  int order = (x->varying > y->varying) - (x->varying < y->varying);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

static Part *PartsOf(RhoScribe *scribe, RhoPoly p) {
  Part *part = RhoArenaAlloc(scribe->ring.arena, (size_t)p.n * sizeof *part);
  for (int k = 0; k < p.n; k++) {
    RhoPoly rest;
    RhoPolySplitTerm(&scribe->ring, p.term[k], &part[k].uniform, &rest);
    part[k].index = k;
    part[k].varying = rest.term[0].mono;
  }
  qsort(part, (size_t)p.n, sizeof *part, CompareParts);
  return part;
}

/* How many parts from the first on are one group; those without varying part stand alone. */
static int GroupLength(int n, const Part *part) {
  int length = 1;
  while (part->varying != 0 && length < n && part[length].varying == part->varying) length++;
  return length;
}

static RhoPoly CoefficientOf(RhoScribe *scribe, int n, const Part *part) {
  RhoPoly *uniform = RhoArenaAlloc(scribe->ring.arena, (size_t)n * sizeof *uniform);
  for (int k = 0; k < n; k++) uniform[k] = part[k].uniform;
  return RhoPolySumAll(&scribe->ring, n, uniform);
}

RhoNode RhoCompose(RhoScribe *scribe, RhoPoly p) {
  if (p.n == 0) return RhoGraphConstant(scribe->graph, 0);
  Part *part = PartsOf(scribe, p);
  RhoAddend *addend = RhoArenaAlloc(scribe->ring.arena, (size_t)p.n * sizeof *addend);
  int n = 0;
  for (int k = 0, length; k < p.n; k += length) {
    length = GroupLength(p.n - k, part + k);
    RhoPoly coef = CoefficientOf(scribe, length, part + k);
    addend[n++] = WriteGroup(scribe, coef, part[k].varying);
  }
  return RhoGraphSum(scribe->graph, n, addend);
}
