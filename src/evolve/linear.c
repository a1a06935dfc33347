/* linear.c - the stage equation (shift - L) Y = b: Krylov with one of the preconditioners, or one transform when L is
 * constant. */
#include "imex.h"

static PetscErrorCode Multiply(Mat A, Vec x, Vec y) {
  RhoImex *imex;
  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &imex));
  PetscCall(RhoTangentApply(imex->stiff, x, y));
  PetscCall(VecAYPX(y, -1.0, x));
  PetscCall(VecAXPY(y, imex->shift - 1.0, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode ApplySymbol(PC pc, Vec b, Vec x) {
  RhoImex *imex;
  PetscFunctionBegin;
  PetscCall(PCShellGetContext(pc, &imex));
  PetscCall(RhoSymbolSolverApply(imex->symbol, b, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateShell(RhoImex *imex) {
  PetscInt local;
  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(imex->b, &local));
  PetscCall(
      MatCreateShell(RhoFieldGrid(imex->fm)->comm, local, local, PETSC_DETERMINE, PETSC_DETERMINE, imex, &imex->shell));
  PetscCall(MatShellSetOperation(imex->shell, MATOP_MULT, (void (*)(void))Multiply));
  PetscFunctionReturn(0);
}

/* 1-D on one rank: a banded factorisation is cheap and exact; otherwise the symbol. */
static RhoPreconditioner Choose(RhoImex *imex) {
  RhoGrid grid = RhoFieldGrid(imex->fm);
  if (imex->preconditioner != RHO_PC_AUTO) return imex->preconditioner;
  if (RhoTangentConstant(imex->stiff)) return RHO_PC_SYMBOL;
  return grid->mesh.ndimension == 1 && grid->size == 1 ? RHO_PC_LU : RHO_PC_SYMBOL;
}

static PetscErrorCode SetPreconditioner(RhoImex *imex, PC pc) {
  PetscFunctionBegin;
  switch (imex->preconditioner) {
  case RHO_PC_SYMBOL:
    PetscCall(RhoSymbolSolverCreate(imex->stiff, &imex->symbol));
    PetscCall(PCSetType(pc, PCSHELL));
    PetscCall(PCShellSetContext(pc, imex));
    PetscCall(PCShellSetApply(pc, ApplySymbol));
    break;
  case RHO_PC_LU:
    PetscCall(PCSetType(pc, PCLU));
    if (RhoFieldGrid(imex->fm)->size > 1) PetscCall(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS));
    break;
  case RHO_PC_JACOBI: PetscCall(PCSetType(pc, PCPBJACOBI)); break;
  default: PetscCall(PCSetType(pc, PCNONE)); break;
  }
  PetscFunctionReturn(0);
}

static PetscBool Assembles(const RhoImex *imex) {
  return (PetscBool)(imex->preconditioner == RHO_PC_LU || imex->preconditioner == RHO_PC_JACOBI);
}

PetscErrorCode rho_linear_create(RhoImex *imex, const RhoEvolveOptions *options) {
  PC pc;
  PetscReal rtol = options->linear_rtol > 0 ? options->linear_rtol : 1e-3 * options->rtol, set;
  PetscFunctionBegin;
  PetscCall(CreateShell(imex));
  imex->preconditioner = Choose(imex);
  PetscCall(KSPCreate(RhoFieldGrid(imex->fm)->comm, &imex->ksp));
  PetscCall(KSPSetOptionsPrefix(imex->ksp, "stage_"));
  PetscCall(KSPGetPC(imex->ksp, &pc));
  PetscCall(SetPreconditioner(imex, pc));
  if (imex->preconditioner == RHO_PC_SYMBOL && RhoTangentConstant(imex->stiff))
    PetscCall(KSPSetType(imex->ksp, KSPPREONLY));
  else {
    PetscCall(KSPSetType(imex->ksp, KSPGMRES));
    PetscCall(KSPGMRESSetRestart(imex->ksp, 20));
    PetscCall(KSPSetInitialGuessNonzero(imex->ksp, PETSC_TRUE));
    /* the residual itself enters the step (imex.c), so it is what must be small, and not a preconditioned one */
    PetscCall(KSPSetPCSide(imex->ksp, PC_RIGHT));
  }
  PetscCall(KSPSetTolerances(imex->ksp, rtol, PETSC_DEFAULT, PETSC_DEFAULT, 400));
  PetscCall(KSPSetFromOptions(imex->ksp));
  PetscCall(KSPGetTolerances(imex->ksp, &set, NULL, NULL, NULL));
  imex->linear_rtol = set != rtol || options->linear_rtol > 0 ? set : 0;
  PetscFunctionReturn(0);
}

#define SMALLEST_LINEAR 1e-13 /* nearer than this rounding does not let a residual come */

PetscErrorCode rho_linear_tolerance(RhoImex *imex, PetscReal rtol) {
  PetscFunctionBegin;
  if (imex->linear_rtol > 0) PetscFunctionReturn(0);
  PetscCall(KSPSetTolerances(imex->ksp, PetscMax(1e-3 * rtol, SMALLEST_LINEAR), PETSC_DEFAULT, PETSC_DEFAULT, 400));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_freeze(RhoImex *imex, Vec u) {
  PetscFunctionBegin;
  imex->assembled_old = PETSC_TRUE;
  if (imex->symbol && (!RhoTangentConstant(imex->stiff) || !imex->frozen))
    PetscCall(RhoSymbolSolverSet(imex->symbol, u, 1.0));
  imex->frozen = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* shift - L as a matrix, when the tangent or the shift changed */
static PetscErrorCode Assemble(RhoImex *imex) {
  PetscFunctionBegin;
  if (imex->assembled && !imex->assembled_old && imex->assembled_shift == imex->shift) PetscFunctionReturn(0);
  PetscCall(RhoTangentAssemble(imex->stiff, &imex->assembled));
  PetscCall(MatScale(imex->assembled, -1.0));
  PetscCall(MatShift(imex->assembled, imex->shift));
  imex->assembled_old = PETSC_FALSE;
  imex->assembled_shift = imex->shift;
  PetscFunctionReturn(0);
}

/* With constant coefficients L is its own symbol, growing modes left to the explicit part: no Krylov method around it.
 */
static PetscBool Exact(const RhoImex *imex) { return (PetscBool)(imex->symbol && RhoTangentConstant(imex->stiff)); }

PetscErrorCode rho_linear_multiply(RhoImex *imex, Vec v, Vec Lv) {
  PetscFunctionBegin;
  if (Exact(imex)) PetscCall(RhoSymbolSolverMultiply(imex->symbol, v, Lv));
  else PetscCall(RhoTangentApply(imex->stiff, v, Lv));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_solve(RhoImex *imex, Vec Y, PetscBool *converged) {
  KSPConvergedReason reason;
  PetscInt iterations;
  PetscFunctionBegin;
  if (imex->symbol) PetscCall(RhoSymbolSolverShift(imex->symbol, imex->shift));
  if (Exact(imex)) {
    PetscCall(RhoSymbolSolverApply(imex->symbol, imex->b, Y));
    *converged = PETSC_TRUE;
    PetscFunctionReturn(0);
  }
  if (Assembles(imex)) PetscCall(Assemble(imex));
  PetscCall(KSPSetOperators(imex->ksp, imex->shell, Assembles(imex) ? imex->assembled : imex->shell));
  PetscCall(KSPSolve(imex->ksp, imex->b, Y));
  PetscCall(KSPGetConvergedReason(imex->ksp, &reason));
  PetscCall(KSPGetIterationNumber(imex->ksp, &iterations));
  imex->problem->nlinear += iterations;
  *converged = (PetscBool)(reason > 0);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_destroy(RhoImex *imex) {
  PetscFunctionBegin;
  PetscCall(KSPDestroy(&imex->ksp));
  PetscCall(MatDestroy(&imex->shell));
  PetscCall(MatDestroy(&imex->assembled));
  PetscCall(RhoSymbolSolverDestroy(&imex->symbol));
  PetscFunctionReturn(0);
}
