/* reading.c - the discretisations, and what is asked of whichever a model is read with (reading.h). */
#include "field_private.h"
#include "spectral.h"

const RhoReading rho_finite_volumes = {.create = rho_fv_residual_create,
                                       .destroy = rho_fv_residual_destroy,
                                       .residual = rho_fv_residual,
                                       .formulas_create = rho_fv_formulas_create,
                                       .formulas_destroy = rho_fv_formulas_destroy,
                                       .formulas_eval = rho_fv_formulas_eval,
                                       .tangent_create = rho_fv_tangent_create,
                                       .tangent_destroy = rho_fv_tangent_destroy,
                                       .tangent_set = rho_fv_tangent_set,
                                       .tangent_apply = rho_fv_tangent_apply,
                                       .tangent_constant = rho_fv_tangent_constant};

const RhoReading rho_spectral = {.create = rho_sp_residual_create,
                                 .destroy = rho_sp_residual_destroy,
                                 .residual = rho_sp_residual,
                                 .formulas_create = rho_sp_formulas_create,
                                 .formulas_destroy = rho_sp_formulas_destroy,
                                 .formulas_eval = rho_sp_formulas_eval,
                                 .tangent_create = rho_sp_tangent_create,
                                 .tangent_destroy = rho_sp_tangent_destroy,
                                 .tangent_set = rho_sp_tangent_set,
                                 .tangent_apply = rho_sp_tangent_apply,
                                 .tangent_constant = rho_sp_tangent_constant};

/* ---- the residual ---- */

PetscErrorCode RhoResidual(RhoFieldModel fm, PetscReal t, Vec u, Vec F) {
  PetscFunctionBegin;
  PetscCall(PetscArrayzero(fm->inflow, fm->eq->nfield));
  fm->bad = PETSC_FALSE;
  PetscCall(fm->reading->residual(fm, t, u, F));
  PetscFunctionReturn(0);
}

/* ---- cell formulas ---- */

struct RhoCellFormulas_s {
  RhoFieldModel fm;
  void *own;
};

PetscErrorCode RhoCellFormulasCreate(RhoFieldModel fm, PetscInt n, const RhoNode *node, RhoCellFormulas *formulas) {
  PetscFunctionBegin;
  PetscCall(PetscNew(formulas));
  (*formulas)->fm = fm;
  if (setjmp(*RhoArenaGuard(fm->arena))) SETERRQ(fm->grid->comm, PETSC_ERR_MEM, "no memory for cell formulas");
  PetscCall(fm->reading->formulas_create(fm, n, node, &(*formulas)->own));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoCellFormulasEval(RhoCellFormulas formulas, PetscReal t, Vec u, Vec out) {
  PetscFunctionBegin;
  PetscCall(formulas->fm->reading->formulas_eval(formulas->own, t, u, out));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoCellFormulasDestroy(RhoCellFormulas *formulas) {
  PetscFunctionBegin;
  if (!*formulas) PetscFunctionReturn(0);
  PetscCall((*formulas)->fm->reading->formulas_destroy(&(*formulas)->own));
  PetscCall(PetscFree(*formulas));
  PetscFunctionReturn(0);
}

/* ---- tangents ---- */

PetscErrorCode RhoTangentCreate(RhoFieldModel fm, RhoPart part, RhoTangent *out) {
  RhoTangent t;
  PetscFunctionBegin;
  PetscCall(PetscNew(&t));
  *out = t;
  t->fm = fm;
  t->part = part;
  if (setjmp(*RhoArenaGuard(fm->arena))) SETERRQ(fm->grid->comm, PETSC_ERR_MEM, "no memory for a tangent");
  PetscCall(fm->reading->tangent_create(fm, part, &t->own));
  t->whole = (PetscBool)(part == RHO_PART_STIFF && !rho_walls_any(fm) && RhoStiffWhole(fm->eq));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTangentDestroy(RhoTangent *tangent) {
  PetscFunctionBegin;
  if (!*tangent) PetscFunctionReturn(0);
  PetscCall((*tangent)->fm->reading->tangent_destroy(&(*tangent)->own));
  PetscCall(PetscFree(*tangent));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTangentSet(RhoTangent tangent, PetscReal t, Vec u) {
  PetscFunctionBegin;
  PetscCall(tangent->fm->reading->tangent_set(tangent->own, t, u));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTangentApply(RhoTangent tangent, Vec v, Vec Lv) {
  PetscFunctionBegin;
  PetscCall(tangent->fm->reading->tangent_apply(tangent->own, v, Lv));
  PetscFunctionReturn(0);
}

PetscBool RhoTangentWhole(RhoTangent tangent) { return tangent->whole; }
PetscBool RhoTangentConstant(RhoTangent tangent) { return tangent->fm->reading->tangent_constant(tangent->own); }
