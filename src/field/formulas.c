/* formulas.c - cell formulas as arrays. */
#include "field_private.h"

typedef struct {
  RhoFieldModel fm;
  FvProgram program;
} Formulas;

static PetscErrorCode Plan(Formulas *f, PetscInt n, const RhoNode *node) {
  RhoFieldModel fm = f->fm;
  int ninput = 0;
  FvPlan plan = {.sink = FV_TO_CELLS, .ntarget = (int)n, .nkeep = (int)n};
  PetscFunctionBegin;
  FvArray *input = RhoArenaAlloc(fm->arena, sizeof(FvArray) * (size_t)(fm->eq->nfield + fm->ncoordinate));
  int *margin = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)n);
  PetscCall(rho_fv_inputs(fm, fm->ulocal, rho_fv_field_symbols(fm), &ninput, input));
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

PetscErrorCode rho_fv_formulas_create(RhoFieldModel fm, PetscInt n, const RhoNode *node, void **out) {
  Formulas *f;
  PetscFunctionBegin;
  PetscCall(PetscNew(&f));
  *out = f;
  f->fm = fm;
  PetscCall(Plan(f, n, node));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_fv_formulas_eval(void *formulas, PetscReal t, Vec u, Vec out) {
  Formulas *f = formulas;
  PetscFunctionBegin;
  PetscCall(rho_walls_frame(f->fm, t, u));
  PetscCall(rho_fv_run(f->fm, &f->program, t, u, out));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_fv_formulas_destroy(void **out) {
  Formulas *f = *out;
  PetscFunctionBegin;
  if (!f) PetscFunctionReturn(0);
  PetscCall(rho_fv_destroy(f->fm, &f->program));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}
