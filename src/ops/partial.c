/* partial.c - partial derivatives of one function node, of any order, as nodes of its own arguments.

   The function is written in symbols of its own, differentiated, and the arguments put back: only so does f(x, x)
   have two partial derivatives. */
#include "ops_private.h"

typedef struct {
  int n;
  RhoNode from[3], to[3];
} Renaming;

static RhoNode Rename(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const Renaming *r = ctx;
  (void)graph;
  (void)arg;
  for (int k = 0; k < r->n; k++)
    if (node == r->from[k]) return r->to[k];
  return RHO_NONE;
}

/* An integer power's exponent is part of the function. */
static Renaming OwnSymbols(RhoGraph graph, RhoNodeInfo call) {
  static const char *const name[3] = {"partial:0", "partial:1", "partial:2"};
  Renaming r = {call.narg, {0}, {0}};
  for (int j = 0; j < call.narg; j++) {
    r.from[j] = RhoGraphSymbol(graph, RHO_SYM_TRACE, name[j]);
    r.to[j] = call.arg[j];
  }
  if (call.code == RHO_FN_POWI) r.from[1] = call.arg[1];
  return r;
}

RhoNode rho_partial(RhoGraph graph, RhoNode call, int n, const int *k) {
  RhoNodeInfo info = RhoGraphNode(graph, call);
  Renaming r = OwnSymbols(graph, info);
  RhoNode one = RhoGraphConstant(graph, 1);
  RhoNode f = RhoGraphCall(graph, (RhoFunction)info.code, info.attr, r.from);
  for (int m = 0; m < n && f >= 0; m++) {
    if (info.code == RHO_FN_POWI && k[m] == 1) return RHO_NONE;
    f = RhoGraphDifferential(graph, f, 1, &r.from[k[m]], &one, 0);
  }
  return f < 0 ? RHO_NONE : RhoGraphRewrite(graph, f, Rename, &r);
}
