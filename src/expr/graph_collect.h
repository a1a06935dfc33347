/* graph_collect.h - what graph_collect.c, which makes polynomials of formulas, and graph_compose.c, which makes
   formulas of polynomials, share. */
#ifndef RHOFLUX_GRAPH_COLLECT_H
#define RHOFLUX_GRAPH_COLLECT_H
#include "graph_poly.h"
#include "graph_private.h"

/* How an atom is written: it equals sign*node. */
typedef struct {
  RhoNode node;
  int sign;
  bool named; /* a symbol, or a node with a name */
} RhoAtomForm;

typedef struct {
  RhoGraph graph;
  RhoRing ring;
  int nform, formcapacity;
  RhoAtomForm *form; /* [nform] by number of the atom */
} RhoScribe;

/* The polynomial as a node: terms with the same varying part as one, with the sum of what is uniform before it; factors
   and terms in the order of RhoFactorOrder and RhoTermOrder.  Zero is the number 0. */
RhoNode RhoCompose(RhoScribe *scribe, RhoPoly p);

#endif
