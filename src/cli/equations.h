/* equations.h - a model's equations as text, plain or LaTeX, in the names of its definitions. */
#ifndef RHO_EQUATIONS_H
#define RHO_EQUATIONS_H
#include "rhoflux/ops.h"

/* "P1 + 2*P2": what the k-th conserved combination is. */
const char *rho_combination_text(RhoArena arena, RhoEquations eq, int k);

/* Has some field a noise term? */
bool rho_has_noise(RhoModel model);

typedef struct {
  const char *left, *right;
} RhoFormulaLine;

typedef struct {
  int nequation, nwith;
  RhoFormulaLine *equation; /* [nequation]: d_t u = ... , one for each field */
  RhoFormulaLine *with;     /* [nwith]: potentials, rates, definitions used */
} RhoTypeset;

/* All in the arena. */
RhoTypeset rho_typeset(RhoArena arena, RhoEquations eq, bool latex);
/* One node of the model in the names of its definitions; a potential by its name in the equations. */
const char *rho_typeset_node(RhoArena arena, RhoEquations eq, RhoNode node, bool latex);

#endif
