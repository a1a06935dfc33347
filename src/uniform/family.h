/* family.h - the states of a family one after the other; private to the layer. */
#ifndef RHO_UNIFORM_FAMILY_H
#define RHO_UNIFORM_FAMILY_H
#include "rhoflux/stability.h"

/* A family with what its states have in common, and one of them. */
typedef struct {
  const RhoFamily *family;
  int dim;
  RhoArena arena;
  bool bound, varies; /* value[] is there; an axis sets parameters */
  bool *matters;
  RhoSetting *setting; /* [nsetting + those of the axes] */
  int nsetting;
  double *value, *next, *state;
} FamilyState;

/* The arena has the caller's guard. */
void rho_family_begin(const RhoFamily *family, int dim, RhoArena arena, FamilyState *f);
/* f->value, f->state at x[naxis]. */
RhoStatus rho_family_at(FamilyState *f, const double *x);
/* A formula like those of the states, at the x that rho_family_at was at. */
double rho_family_formula(const FamilyState *f, const double *x, RhoNode formula);
#endif
