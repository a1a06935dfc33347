/* formulas.c - cell formulas as arrays, and the free energy, which is the sum of one. */
#include "field_private.h"

struct RhoCellFormulas_s {
  RhoFieldModel fm;
  Vec ulocal;
  FvProgram program;
  PetscInt halo;
};

static PetscErrorCode Plan(RhoCellFormulas f, PetscInt n, const RhoNode *node) {
  RhoFieldModel fm = f->fm;
  int ninput = 0;
  FvPlan plan = {.sink = FV_TO_CELLS, .ntarget = (int)n, .nkeep = (int)n};
  PetscFunctionBegin;
  if (setjmp(*RhoArenaGuard(fm->arena))) SETERRQ(fm->grid->comm, PETSC_ERR_MEM, "no memory for cell formulas");
  FvArray *input = RhoArenaAlloc(fm->arena, sizeof(FvArray) * (size_t)(fm->eq->nfield + fm->ncoordinate));
  int *margin = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)n);
  PetscCall(rho_fv_inputs(fm, f->ulocal, rho_fv_field_symbols(fm), &ninput, input));
  for (int c = 0; c < fm->ncoordinate; c++) input[ninput++] = fm->coordinate[c];
  PetscInt reach = RhoFormulasHalo(fm->eq, n, node);
  PetscCheck(reach <= fm->grid->halo, fm->grid->comm, PETSC_ERR_ARG_SIZ,
             "a cell formula reaches %d cells, the grid has %d ghosts", (int)reach, (int)fm->grid->halo);
  plan.ninput = ninput;
  plan.input = input;
  plan.target = node;
  plan.margin = margin;
  PetscCall(rho_fv_create(fm, &plan, &f->program));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoCellFormulasCreate(RhoFieldModel fm, PetscInt n, const RhoNode *node, RhoCellFormulas *out) {
  RhoCellFormulas f;
  PetscFunctionBegin;
  PetscCall(PetscNew(&f));
  *out = f;
  f->fm = fm;
  PetscCall(DMCreateLocalVector(fm->grid->da, &f->ulocal));
  PetscCall(VecSet(f->ulocal, 1.0));
  PetscCall(Plan(f, n, node));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoCellFormulasEval(RhoCellFormulas f, PetscReal t, Vec u, Vec out) {
  PetscFunctionBegin;
  PetscCall(rho_walls_frame(f->fm, t, u, f->ulocal));
  PetscCall(rho_fv_run(f->fm, &f->program, t, u, out));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoCellFormulasDestroy(RhoCellFormulas *out) {
  RhoCellFormulas f = *out;
  PetscFunctionBegin;
  if (!f) PetscFunctionReturn(0);
  PetscCall(rho_fv_destroy(f->fm, &f->program));
  PetscCall(VecDestroy(&f->ulocal));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}
