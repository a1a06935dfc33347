/* graph_poly.h - polynomials over atoms, for graph_equal.c and graph_collect.c: sums of coefficient * product of
   atom^power.

   An atom is anything a polynomial does not look into: a symbol, a function or an operator of polynomials, a q-th
   root, the sum in a denominator.  Powers are integers of either sign.  Coefficients are rational while their parts
   fit, otherwise numbers that know how large the terms were that made them, so that a difference of rounding errors
   counts as zero.  All lives in one arena; whoever meets more than MAX_TERM terms leaves by RhoRingGiveUp. */
#ifndef RHOFLUX_GRAPH_POLY_H
#define RHOFLUX_GRAPH_POLY_H
#include "rhoflux/base.h"

#define RHO_GIVE_UP 77 /* what setjmp returns, on the guard of the ring's arena, after RhoRingGiveUp */

typedef struct {
  long long p, q; /* p/q in lowest terms, q > 0; q = 0: not a rational */
  double value;
  double size; /* sum of the magnitudes that made it */
} RhoCoef;

typedef struct {
  int mono; /* number of the product of atoms; 0 is the empty product */
  RhoCoef coef;
} RhoTerm;

/* Terms with nonzero coefficients by increasing mono; n = 0 is zero. */
typedef struct {
  int n;
  const RhoTerm *term;
} RhoPoly;

typedef enum {
  RHO_ATOM_SYMBOL,      /* code: node                                                   */
  RHO_ATOM_FUNCTION,    /* code, attr: of a call; arg[narg]                             */
  RHO_ATOM_INDICATOR,   /* 1 where arg[0] <= 0 (code 0), where arg[0] == 0 (code 1)     */
  RHO_ATOM_OPERATOR,    /* code, attr: of an operator; arg[narg] single products        */
  RHO_ATOM_ROOT,        /* arg[0]^(1/code)                                              */
  RHO_ATOM_DENOMINATOR, /* arg[0], several terms, with negative powers only             */
  RHO_ATOM_SUM          /* arg[0], several terms, not multiplied out                    */
} RhoAtomKind;

typedef struct {
  RhoAtomKind kind;
  int code, attr, narg;
  RhoPoly arg[3];
  bool uniform; /* the same everywhere in space */
} RhoAtom;

typedef struct {
  int atom, power;
} RhoFactor;

typedef struct {
  int n;
  const RhoFactor *factor; /* [n] by increasing atom, powers not 0 */
} RhoMono;

typedef struct {
  RhoArena arena;
  int natom, atomcapacity;
  RhoAtom *atom;
  int nmono, monocapacity, nslot, *slot;
  RhoMono *mono;
  int nterm, termcapacity;
  RhoTerm *term; /* stack of terms not yet collected */
  int factorcapacity;
  RhoFactor *factor; /* work space for one product */
  long nproduct;     /* work done so far */
} RhoRing;

void RhoRingCreate(RhoRing *ring, RhoArena arena);
_Noreturn void RhoRingGiveUp(RhoRing *ring);
/* The number of the atom, a new one unless an equal one is there.  uniform is asked of symbols, found for others. */
int RhoRingAtom(RhoRing *ring, RhoAtom atom);

RhoPoly RhoPolyNumber(RhoRing *ring, double value);
RhoPoly RhoPolyRational(RhoRing *ring, long long p, long long q);
RhoPoly RhoPolyAtom(RhoRing *ring, int atom, int power);
RhoPoly RhoPolySum(RhoRing *ring, RhoPoly p, double factor, RhoPoly q); /* p + factor q; factor a small integer */
RhoPoly RhoPolyTimes(RhoRing *ring, RhoPoly p, RhoPoly q);
/* p^n; a zero p with n < 0 gives up. */
RhoPoly RhoPolyPower(RhoRing *ring, RhoPoly p, int n);
/* Is p zero once denominators are cleared? */
bool RhoPolyIsZero(RhoRing *ring, RhoPoly p);
bool RhoPolyIsUniform(const RhoRing *ring, RhoPoly p);
/* Is p a number? */
bool RhoPolyIsNumber(RhoPoly p, RhoCoef *coef);
/* The sum of n polynomials. */
RhoPoly RhoPolySumAll(RhoRing *ring, int n, const RhoPoly *p);
/* p = front * the polynomial returned, whose first coefficient is positive and whose terms have no factor in common.
   front is one term: products of atoms (of uniform ones only, if uniform is set) and, where it leaves fewer numbers,
   the largest number in all coefficients.  p is not zero. */
RhoPoly RhoPolyPrimitive(RhoRing *ring, RhoPoly p, bool uniform, RhoPoly *front);
/* The product in two factors: what is uniform in space, and the rest. */
void RhoMonoSplit(RhoRing *ring, int mono, int *uniform, int *rest);
/* One product of p, times coef, in two factors: what is uniform in space, with the coefficient, and the rest. */
void RhoPolySplitTerm(RhoRing *ring, RhoTerm term, RhoPoly *uniform, RhoPoly *rest);

#endif
