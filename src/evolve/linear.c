/* linear.c - (shift - J) x = b: Krylov with one of the preconditioners made of the stiff part, or one transform when J
   is the stiff part and constant, or is to be taken as constant: then J is its symbol, by definition, and what that
   leaves out is explicit.

   With weights W the system is W (shift - J) W^-1 (W x) = W b, so that the residual is small in the measure of the
   errors. */
#include "linear.h"

static PetscErrorCode Unscale(RhoLinear *linear, Vec x, Vec *unscaled) {
  PetscFunctionBegin;
  *unscaled = x;
  if (!linear->weight) PetscFunctionReturn(0);
  PetscCall(VecPointwiseDivide(linear->scaled, x, linear->weight));
  *unscaled = linear->scaled;
  PetscFunctionReturn(0);
}

static PetscErrorCode Scale(RhoLinear *linear, Vec x) {
  PetscFunctionBegin;
  if (linear->weight) PetscCall(VecPointwiseMult(x, x, linear->weight));
  PetscFunctionReturn(0);
}

static PetscErrorCode Multiply(Mat A, Vec x, Vec y) {
  RhoLinear *linear;
  Vec plain;
  PetscFunctionBegin;
  PetscCall(MatShellGetContext(A, &linear));
  PetscCall(Unscale(linear, x, &plain));
  PetscCall(RhoTangentApply(linear->J, plain, y));
  PetscCall(Scale(linear, y));
  PetscCall(VecAYPX(y, -1.0, x));
  PetscCall(VecAXPY(y, linear->shift - 1.0, x));
  PetscFunctionReturn(0);
}

static PetscErrorCode ApplySymbol(PC pc, Vec b, Vec x) {
  RhoLinear *linear;
  Vec plain;
  PetscFunctionBegin;
  PetscCall(PCShellGetContext(pc, &linear));
  PetscCall(Unscale(linear, b, &plain));
  PetscCall(RhoSymbolSolverApply(linear->symbol, plain, x));
  PetscCall(Scale(linear, x));
  PetscFunctionReturn(0);
}

/* ---- life ---- */

static PetscErrorCode CreateShell(RhoLinear *linear) {
  PetscInt local;
  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(linear->problem->u, &local));
  PetscCall(MatCreateShell(RhoFieldGrid(linear->problem->fm)->comm, local, local, PETSC_DETERMINE, PETSC_DETERMINE,
                           linear, &linear->shell));
  PetscCall(MatShellSetOperation(linear->shell, MATOP_MULT, (void (*)(void))Multiply));
  PetscFunctionReturn(0);
}

#define MOST_STRETCH 4 /* widths may vary as much for the symbol of equal cells to be a good preconditioner */

static PetscBool Stretched(const RhoMesh *mesh) {
  for (int d = 0; d < mesh->ndimension; d++)
    if (RhoMeshStretch(&mesh->dimension[d]) > MOST_STRETCH) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* Spectral: there is no matrix.  1-D on one rank: a banded factorisation is cheap and exact; otherwise the symbol,
 * unless cells are too unequal. */
static RhoPreconditioner Choose(const RhoLinear *linear) {
  RhoGrid grid = RhoFieldGrid(linear->problem->fm);
  RhoPreconditioner given = linear->problem->options->preconditioner;
  if (linear->constant) return RHO_PC_SYMBOL;
  if (given != RHO_PC_AUTO) return given;
  if (RhoFieldIsSpectral(linear->problem->fm)) return grid->nfield > RHO_SYMBOL_MOST ? RHO_PC_NONE : RHO_PC_SYMBOL;
  if (grid->nfield > RHO_SYMBOL_MOST) return grid->mesh.ndimension == 1 && grid->size == 1 ? RHO_PC_LU : RHO_PC_JACOBI;
  if (RhoTangentConstant(linear->stiff)) return RHO_PC_SYMBOL;
  if (grid->mesh.ndimension == 1 && grid->size == 1) return RHO_PC_LU;
  return Stretched(&grid->mesh) ? RHO_PC_MULTIGRID : RHO_PC_SYMBOL;
}

/* Aggregation of unknowns does not do for operators of fourth order; Ruge-Stueben coarsening does. */
#if defined(PETSC_HAVE_HYPRE)
#define MULTIGRID PCHYPRE
#else
#define MULTIGRID PCGAMG
#endif

static PetscErrorCode SetPreconditioner(RhoLinear *linear, PC pc) {
  PetscFunctionBegin;
  switch (linear->kind) {
  case RHO_PC_SYMBOL:
    PetscCall(RhoSymbolSolverCreate(linear->stiff, &linear->symbol));
    PetscCall(PCSetType(pc, PCSHELL));
    PetscCall(PCShellSetContext(pc, linear));
    PetscCall(PCShellSetApply(pc, ApplySymbol));
    break;
  case RHO_PC_LU:
    PetscCall(PCSetType(pc, PCLU));
    if (RhoFieldGrid(linear->problem->fm)->size > 1) PetscCall(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS));
    break;
  case RHO_PC_MULTIGRID: PetscCall(PCSetType(pc, MULTIGRID)); break;
  case RHO_PC_JACOBI: PetscCall(PCSetType(pc, PCPBJACOBI)); break;
  default: PetscCall(PCSetType(pc, PCNONE)); break;
  }
  PetscFunctionReturn(0);
}

static PetscBool Assembles(const RhoLinear *linear) {
  return (PetscBool)(linear->kind == RHO_PC_LU || linear->kind == RHO_PC_MULTIGRID || linear->kind == RHO_PC_JACOBI);
}

/* With constant coefficients L is its own symbol, growing modes left to the explicit part: no Krylov method around it.
 */
PetscBool rho_linear_exact(const RhoLinear *linear) {
  return (PetscBool)(linear->constant ||
                     (linear->symbol && linear->J == linear->stiff && RhoTangentConstant(linear->stiff)));
}

static PetscErrorCode SetKrylov(RhoLinear *linear) {
  PetscFunctionBegin;
  if (rho_linear_exact(linear)) {
    PetscCall(KSPSetType(linear->ksp, KSPPREONLY));
    PetscFunctionReturn(0);
  }
  PetscCall(KSPSetType(linear->ksp, KSPGMRES));
  PetscCall(KSPGMRESSetRestart(linear->ksp, 20));
  PetscCall(KSPSetInitialGuessNonzero(linear->ksp, PETSC_TRUE));
  /* the residual itself enters the step (ark.c), so it is what must be small, and not a preconditioned one */
  PetscCall(KSPSetPCSide(linear->ksp, PC_RIGHT));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_create(RhoProblem *problem, RhoTangent J, RhoTangent stiff, const char *prefix,
                                 RhoLinear *linear) {
  const RhoEvolveOptions *options = problem->options;
  PetscReal rtol = options->linear_rtol > 0 ? options->linear_rtol : 1e-3 * options->rtol, set;
  PC pc;
  PetscFunctionBegin;
  *linear = (RhoLinear){.problem = problem, .J = J, .stiff = stiff, .constant = options->constant};
  PetscCall(CreateShell(linear));
  linear->kind = Choose(linear);
  PetscCall(KSPCreate(RhoFieldGrid(problem->fm)->comm, &linear->ksp));
  PetscCall(KSPSetOptionsPrefix(linear->ksp, prefix));
  PetscCall(KSPGetPC(linear->ksp, &pc));
  PetscCall(SetPreconditioner(linear, pc));
  PetscCall(SetKrylov(linear));
  PetscCall(KSPSetTolerances(linear->ksp, rtol, PETSC_DEFAULT, PETSC_DEFAULT, 400));
  PetscCall(KSPSetFromOptions(linear->ksp));
  PetscCall(KSPGetTolerances(linear->ksp, &set, NULL, NULL, NULL));
  linear->own_rtol = set != rtol || options->linear_rtol > 0 ? set : 0;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_destroy(RhoLinear *linear) {
  PetscFunctionBegin;
  PetscCall(KSPDestroy(&linear->ksp));
  PetscCall(MatDestroy(&linear->shell));
  PetscCall(MatDestroy(&linear->assembled));
  PetscCall(VecDestroy(&linear->scaled));
  PetscCall(RhoSymbolSolverDestroy(&linear->symbol));
  PetscFunctionReturn(0);
}

/* ---- use ---- */

#define SMALLEST_LINEAR 1e-13 /* nearer than this rounding does not let a residual come */

PetscErrorCode rho_linear_tolerance(RhoLinear *linear, PetscReal rtol) {
  PetscFunctionBegin;
  if (linear->own_rtol > 0) PetscFunctionReturn(0);
  PetscCall(KSPSetTolerances(linear->ksp, PetscMax(1e-3 * rtol, SMALLEST_LINEAR), PETSC_DEFAULT, PETSC_DEFAULT,
                             PETSC_DEFAULT));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_freeze(RhoLinear *linear, Vec u) {
  PetscFunctionBegin;
  linear->assembled_old = PETSC_TRUE;
  if (linear->symbol && (!RhoTangentConstant(linear->stiff) || !linear->frozen))
    PetscCall(RhoSymbolSolverSet(linear->symbol, u, 1.0));
  linear->frozen = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* shift - stiff as a matrix, when the tangent or the shift changed */
static PetscErrorCode Assemble(RhoLinear *linear, PetscReal shift) {
  PetscFunctionBegin;
  if (linear->assembled && !linear->assembled_old && linear->assembled_shift == shift) PetscFunctionReturn(0);
  PetscCall(RhoTangentAssemble(linear->stiff, &linear->assembled));
  PetscCall(MatScale(linear->assembled, -1.0));
  PetscCall(MatShift(linear->assembled, shift));
  if (linear->weight) {
    PetscCall(VecCopy(linear->weight, linear->scaled));
    PetscCall(VecReciprocal(linear->scaled));
    PetscCall(MatDiagonalScale(linear->assembled, linear->weight, linear->scaled));
  }
  linear->assembled_old = PETSC_FALSE;
  linear->assembled_shift = shift;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_prepare(RhoLinear *linear, PetscReal shift) {
  PetscFunctionBegin;
  if (linear->symbol) PetscCall(RhoSymbolSolverShift(linear->symbol, shift));
  if (Assembles(linear)) PetscCall(Assemble(linear, shift));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_multiply(RhoLinear *linear, Vec v, Vec Jv) {
  PetscFunctionBegin;
  if (rho_linear_exact(linear)) PetscCall(RhoSymbolSolverMultiply(linear->symbol, v, Jv));
  else PetscCall(RhoTangentApply(linear->J, v, Jv));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_roughly(RhoLinear *linear, PetscReal shift, Vec b, Vec x, PetscBool *converged) {
  PetscReal rtol, atol, dtol;
  PetscInt most;
  PetscBool guess;
  PetscFunctionBegin;
  PetscCall(KSPGetTolerances(linear->ksp, &rtol, &atol, &dtol, &most));
  PetscCall(KSPGetInitialGuessNonzero(linear->ksp, &guess));
  PetscCall(KSPSetTolerances(linear->ksp, 0.1, PETSC_SMALL * PETSC_SMALL, dtol, most));
  PetscCall(KSPSetInitialGuessNonzero(linear->ksp, PETSC_FALSE));
  PetscCall(rho_linear_solve(linear, shift, b, x, converged));
  PetscCall(KSPSetInitialGuessNonzero(linear->ksp, guess));
  PetscCall(KSPSetTolerances(linear->ksp, rtol, atol, dtol, most));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_linear_solve(RhoLinear *linear, PetscReal shift, Vec b, Vec x, PetscBool *converged) {
  KSPConvergedReason reason;
  PetscInt iterations;
  PetscFunctionBegin;
  linear->shift = shift;
  if (rho_linear_exact(linear)) {
    PetscCall(RhoSymbolSolverApply(linear->symbol, b, x));
    *converged = PETSC_TRUE;
    PetscFunctionReturn(0);
  }
  PetscCall(KSPSetOperators(linear->ksp, linear->shell, Assembles(linear) ? linear->assembled : linear->shell));
  PetscCall(KSPSolve(linear->ksp, b, x));
  PetscCall(KSPGetConvergedReason(linear->ksp, &reason));
  PetscCall(KSPGetIterationNumber(linear->ksp, &iterations));
  linear->problem->nlinear += iterations;
  *converged = (PetscBool)(reason > 0);
  PetscFunctionReturn(0);
}
