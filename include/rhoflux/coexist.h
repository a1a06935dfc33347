/* coexist.h - two phases of one conserved field side by side, with or without a free energy.
   Layer uniform (uses ops; LAPACK).  Theory: src/README.md, "Fronts at rest".

   Across a planar front at rest let x run from one phase to the other and y(x) = (dx/dr)^2/2.  In every case known here

     P y'' + Q y' + R y + S = 0,   y = y' = 0 at both ends x1, x2,

   formulas of x.  That can be solved iff, for both solutions chi of (P chi)'' - (Q chi)' + R chi = 0,

     int_{x1}^{x2} chi S dx = 0,

   equal areas of A = int chi_1 S dx (a chemical potential) over psi = chi_2/chi_1 (a pseudo-density). */
#ifndef RHOFLUX_COEXIST_H
#define RHOFLUX_COEXIST_H
#include "rhoflux/phase.h"

typedef enum {
  RHO_COMMON_TANGENT, /* d_x mu = S, psi = u: what a free energy without gradients gives                             */
  RHO_EXACT_KERNEL,   /* mu = T log u + w(conv(K, u)): conv(K, exp((mu - w(s))/T)) = s, for every symmetric K; x =
                         s/K^(0);   Dinelli et al. 2023, with the sensed density as the unknown   */
  RHO_PSEUDO_DENSITY, /* J = sum c grad e with second derivatives: Solon et al., Phys. Rev. E 97, 020602 (2018)       */
  RHO_CONSTRUCTIONS
} RhoConstruction;

typedef struct {
  RhoConstruction construction;
  RhoNode x; /* P ... potential are formulas of this symbol and of parameters; in a uniform state it is the field */
  RhoNode P, Q, R, S; /* RHO_NONE: zero */
  RhoNode tilt;       /* Q chi_1 - (P chi_1)' where chi_1 = 1: makes it 1 everywhere if there is a chemical potential */
  RhoNode potential;  /* mu(x), the same in both phases; RHO_NONE: there is none */
} RhoFront;

/* The word of a case file: "common_tangent", "exact_kernel", "pseudo_density". */
const char *RhoConstructionName(RhoConstruction construction);

/* Recognises the construction on the terms of the equation.  *recognised false: *reason says in a line what stands in
   the way (static text). */
RhoStatus RhoFrontCreate(RhoEquations eq, RhoConstruction construction, bool *recognised, RhoFront *front,
                         const char **reason);

/* Phases low < high that can stand side by side.  mu: NaN when the front has no potential.  error: of low and high,
   from two resolutions.  metastable: a third phase at the same mu would take over from both. */
typedef struct {
  double low, high, mu, error;
  bool metastable;
} RhoPhasePair;

/* All pairs, by ascending low, in the arena: searched for on all of a density's range 1e-8 ... 1e8, of a real field's
   -1e4 ... 1e4, without a guess.  value[nuniform] from RhoEquationsBind. */
RhoStatus RhoFrontPhases(RhoEquations eq, const RhoFront *front, const double *value, RhoArena arena, int *npair,
                         const RhoPhasePair **pair);

/* Where uniform states lose their stability against long waves (S = 0), ascending, in the arena. */
RhoStatus RhoFrontSpinodals(RhoEquations eq, const RhoFront *front, const double *value, RhoArena arena, int *n,
                            const double **x);

/* The same as a phase diagram: pairs with a phase in the window as tie lines, over a parameter as curves to their ends,
   spinodals, critical points (where two spinodals meet).  Pressures are NaN.  All in the arena. */
RhoStatus RhoFrontDiagram(RhoEquations eq, const RhoFront *front, const RhoPhaseRequest *request, RhoBindFn bind,
                          void *ctx, RhoArena arena, RhoPhaseDiagram *out);

#endif
