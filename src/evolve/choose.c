/* choose.c - what `auto` stands for: the fastest scheme that model, grid and options allow.

     noise that takes no more than there is      em
     noise                                       imex_midpoint
     stages with a solver of the user's choice   ark3
     cells or walls without a transform          ark3
     A in transform space depends on the fields  ark3: what A leaves out would be stiff and explicit
     else                                        etdrk4

   A is asked about states with half and twice the densities: an initial state that hardly varies says little about what
   will follow. */
#include "engine.h"
#include <string.h>

#define HARDLY 0.25
#define MEMORY "auto_scheme" /* 1: it was etdrk4 */

static const char explicit[] = "etdrk4", implicit[] = "ark3";

static PetscErrorCode FromFields(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, const char **scheme,
                                 const char **why) {
  PetscReal variation;
  RhoModal modal;
  PetscFunctionBegin;
  PetscCall(RhoModalCreate(fm, &modal));
  PetscCall(RhoModalVariation(modal, options->start, u, &variation));
  PetscCall(RhoModalDestroy(&modal));
  *scheme = variation < HARDLY ? explicit : implicit;
  *why = variation < HARDLY ? "the stiff part hardly depends on the fields, and transforms solve it"
                            : "the stiff part depends on the fields";
  PetscFunctionReturn(0);
}

PetscErrorCode RhoEvolveChoose(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, const char **scheme,
                               const char **why) {
  PetscReal before = -1;
  PetscFunctionBegin;
  *scheme = options->scheme;
  *why = NULL;
  if (strcmp(options->scheme, RHO_EVOLVE_AUTO)) PetscFunctionReturn(0);
  *scheme = implicit;
  if (options->noise) {
    *scheme = options->nonnegative ? "em" : "imex_midpoint";
    *why = options->nonnegative ? "with noise that takes no more than there is" : "with noise";
    PetscFunctionReturn(0);
  }
  if (options->memory && !options->memory->anew && rho_memory_has(options->memory, MEMORY))
    PetscCall(rho_memory_get(options->memory, MEMORY, &before));
  if (before >= 0) {
    *scheme = before > 0 ? explicit : implicit;
    *why = "the run began with it";
  } else if (options->constant || options->preconditioner != RHO_PC_AUTO) *why = "the case says how stages are solved";
  else if (RhoModalRefuses(fm)) *why = RhoModalRefuses(fm);
  else PetscCall(FromFields(fm, options, u, scheme, why));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_choice(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, const char **scheme) {
  const char *why;
  PetscFunctionBegin;
  *scheme = options->chosen;
  if (!*scheme) PetscCall(RhoEvolveChoose(fm, options, u, scheme, &why));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_choice_save(const RhoEvolveOptions *options, const char *scheme, RhoEvolveMemory *memory) {
  PetscFunctionBegin;
  if (strcmp(options->scheme, RHO_EVOLVE_AUTO) || options->noise) PetscFunctionReturn(0);
  PetscCall(rho_memory_put(memory, MEMORY, !strcmp(scheme, explicit)));
  PetscFunctionReturn(0);
}
