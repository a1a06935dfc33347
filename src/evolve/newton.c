/* newton.c - Newton's systems (1 - gamma J) x = b for the integrators of SUNDIALS, J the exact tangent at the iterate.

   An iterative solver leaves its tolerance in the totals of x; they are put right (newton_totals.c).  What the
   integrators make of such iterates by linear combination keeps them to round-off. */
#include "newton.h"
#include <string.h>

static RhoNewton *Of(SUNLinearSolver solver) { return solver->content; }

/* An error of PETSc ends the integration; the engine raises it again. */
static int Failed(RhoNewton *newton, PetscErrorCode error) {
  if (error && !newton->error) newton->error = error;
  return error ? -1 : 0;
}

/* ---- residual, tolerances ---- */

int rho_newton_residual(realtype t, N_Vector y, N_Vector ydot, void *ctx) {
  RhoNewton *newton = ctx;
  PetscBool left = PETSC_FALSE;
  if (Failed(newton, rho_problem_residual(newton->problem, t, N_VGetVector_Petsc(y), N_VGetVector_Petsc(ydot), &left)))
    return -1;
  newton->domain = (PetscBool)(newton->domain || left);
  return left ? 1 : 0;
}

static PetscErrorCode Weights(RhoNewton *newton, Vec u, Vec w) {
  const RhoTolerance *tolerance = &newton->tolerance;
  PetscBool changed;
  PetscFunctionBegin;
  PetscCall(rho_tolerance_update(&newton->tolerance, u, &changed));
  if (tolerance->cells) PetscCall(VecCopy(tolerance->cells, w));
  else {
    PetscCall(VecCopy(u, w));
    PetscCall(VecAbs(w));
    PetscCall(VecScale(w, tolerance->rtol));
    PetscCall(VecShift(w, tolerance->atol));
  }
  PetscCall(VecScale(w, newton->leeway));
  PetscCall(VecReciprocal(w));
  PetscFunctionReturn(0);
}

int rho_newton_weights(N_Vector y, N_Vector w, void *ctx) {
  ((RhoNewton *)ctx)->linear.weight = N_VGetVector_Petsc(w); /* the integrator keeps it */
  return Failed(ctx, Weights(ctx, N_VGetVector_Petsc(y), N_VGetVector_Petsc(w)));
}

/* ---- preconditioner, tangent ---- */

static PetscErrorCode Prepare(RhoNewton *newton, PetscReal t, Vec u, PetscBool keep, PetscReal gamma) {
  PetscFunctionBegin;
  if (!keep) {
    PetscCall(RhoTangentSet(newton->stiff, rho_problem_inside(newton->problem, t), u));
    PetscCall(rho_linear_freeze(&newton->linear, u));
  }
  PetscCall(rho_linear_prepare(&newton->linear, 1 / gamma));
  PetscFunctionReturn(0);
}

int rho_newton_prepare(realtype t, N_Vector y, N_Vector fy, booleantype keep, booleantype *current, realtype gamma,
                       void *ctx) {
  RhoNewton *newton = ctx;
  (void)fy;
  keep = keep && newton->linear.frozen;
  *current = !keep;
  return Failed(newton, Prepare(newton, t, N_VGetVector_Petsc(y), keep ? PETSC_TRUE : PETSC_FALSE, gamma));
}

static PetscErrorCode About(RhoNewton *newton, PetscReal t, Vec u) {
  PetscFunctionBegin;
  PetscCall(RhoTangentSet(newton->full, rho_problem_inside(newton->problem, t), u));
  PetscCall(rho_newton_missing(newton, t, u));
  PetscFunctionReturn(0);
}

int rho_newton_about(realtype t, N_Vector y, N_Vector fy, void *ctx) {
  (void)fy;
  return Failed(ctx, About(ctx, t, N_VGetVector_Petsc(y)));
}

int rho_newton_times(N_Vector v, N_Vector Jv, realtype t, N_Vector y, N_Vector fy, void *ctx, N_Vector work) {
  RhoNewton *newton = ctx;
  (void)t, (void)y, (void)fy, (void)work;
  return Failed(newton, RhoTangentApply(newton->full, N_VGetVector_Petsc(v), N_VGetVector_Petsc(Jv)));
}

int rho_newton_precondition(realtype t, N_Vector y, N_Vector fy, N_Vector r, N_Vector z, realtype gamma, realtype delta,
                            int side, void *ctx) {
  (void)t, (void)y, (void)fy, (void)gamma, (void)delta, (void)side, (void)ctx;
  N_VScale(1, r, z);
  return 0;
}

/* ---- the linear solver ---- */

static SUNLinearSolver_Type Type(SUNLinearSolver solver) {
  (void)solver;
  return SUNLINEARSOLVER_ITERATIVE;
}

static int SetTimes(SUNLinearSolver solver, void *data, SUNATimesFn times) {
  (void)solver, (void)data, (void)times;
  return SUNLS_SUCCESS;
}

static int SetPreconditioner(SUNLinearSolver solver, void *data, SUNPSetupFn setup, SUNPSolveFn solve) {
  (void)solve;
  Of(solver)->setup = setup;
  Of(solver)->setup_data = data;
  return SUNLS_SUCCESS;
}

/* The weights of errors, which the solver has already. */
static int SetScaling(SUNLinearSolver solver, N_Vector left, N_Vector right) {
  (void)solver, (void)left, (void)right;
  return SUNLS_SUCCESS;
}

static int Initialise(SUNLinearSolver solver) {
  (void)solver;
  return SUNLS_SUCCESS;
}

static int Prepared(SUNLinearSolver solver, SUNMatrix A) {
  RhoNewton *newton = Of(solver);
  int code = newton->setup ? newton->setup(newton->setup_data) : 0;
  (void)A;
  return code == 0 ? SUNLS_SUCCESS : code < 0 ? SUNLS_PSET_FAIL_UNREC : SUNLS_PSET_FAIL_REC;
}

/* W (1/gamma - J) W^-1 (W x) = W b/gamma, until the residual of the system as SUNDIALS has it is tol.  A right-hand
   side that is within the tolerance already is the solution, as SUNDIALS has it, too. */
static PetscErrorCode Solve(RhoNewton *newton, Vec b, Vec x, PetscReal gamma, PetscReal tol, PetscBool *converged) {
  RhoLinear *linear = &newton->linear;
  PetscInt n;
  PetscFunctionBegin;
  PetscCall(VecPointwiseMult(newton->b, b, linear->weight));
  PetscCall(VecScale(newton->b, 1 / gamma));
  PetscCall(KSPSetTolerances(linear->ksp, linear->own_rtol > 0 ? linear->own_rtol : 1e-14,
                             linear->own_rtol > 0 ? 0 : tol / gamma, PETSC_DEFAULT, PETSC_DEFAULT));
  newton->problem->nnewton++;
  PetscCall(rho_linear_solve(linear, 1 / gamma, newton->b, x, converged));
  PetscCall(KSPGetIterationNumber(linear->ksp, &n));
  if (n == 0) PetscCall(VecCopy(b, x));
  else PetscCall(VecPointwiseDivide(x, x, linear->weight));
  if (*converged) PetscCall(rho_newton_restore(newton, gamma, x));
  PetscFunctionReturn(0);
}

static int Solved(SUNLinearSolver solver, SUNMatrix A, N_Vector x, N_Vector b, realtype tol) {
  RhoNewton *newton = Of(solver);
  PetscBool converged = PETSC_FALSE;
  RhoNewtonSystem system;
  (void)A;
  if (newton->system(newton->integrator, &system)) return SUNLS_PACKAGE_FAIL_UNREC;
  if (Failed(newton, Solve(newton, N_VGetVector_Petsc(b), N_VGetVector_Petsc(x), system.gamma, tol * RHO_NEWTON_NEARER,
                           &converged)))
    return SUNLS_PACKAGE_FAIL_UNREC;
  return converged ? SUNLS_SUCCESS : SUNLS_CONV_FAIL;
}

static int Iterations(SUNLinearSolver solver) {
  PetscInt n = 0;
  (void)KSPGetIterationNumber(Of(solver)->linear.ksp, &n);
  return (int)n;
}

static int Free(SUNLinearSolver solver) {
  solver->content = NULL;
  SUNLinSolFreeEmpty(solver);
  return SUNLS_SUCCESS;
}

static PetscErrorCode CreateSolver(RhoNewton *newton) {
  PetscFunctionBegin;
  newton->solver = SUNLinSolNewEmpty(newton->context);
  PetscCheck(newton->solver, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a linear solver");
  newton->solver->content = newton;
  newton->solver->ops->gettype = Type;
  newton->solver->ops->setatimes = SetTimes;
  newton->solver->ops->setpreconditioner = SetPreconditioner;
  newton->solver->ops->setscalingvectors = SetScaling;
  newton->solver->ops->initialize = Initialise;
  newton->solver->ops->setup = Prepared;
  newton->solver->ops->solve = Solved;
  newton->solver->ops->numiters = Iterations;
  newton->solver->ops->free = Free;
  PetscFunctionReturn(0);
}

/* ---- life ---- */

void rho_newton_say(int code, const char *module, const char *function, char *message, void *ctx) {
  RhoNewton *newton = ctx;
  (void)code, (void)module, (void)function;
  (void)PetscStrncpy(newton->said, message, sizeof newton->said);
}

PetscErrorCode rho_newton_create(RhoProblem *problem, int (*system)(void *, RhoNewtonSystem *), PetscReal leeway,
                                 RhoNewton *newton) {
  MPI_Comm comm = RhoFieldGrid(problem->fm)->comm;
  size_t ntotal = (size_t)RhoFieldEquations(problem->fm)->nconserved + 1;
  PetscFunctionBegin;
  *newton = (RhoNewton){.problem = problem, .system = system, .leeway = leeway};
  PetscCallExternal(SUNContext_Create, &comm, &newton->context);
  newton->u = N_VMake_Petsc(problem->u, newton->context);
  if (newton->u) newton->f = N_VClone(newton->u);
  PetscCheck(newton->u && newton->f, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a vector");
  PetscCall(rho_tolerance_create(problem, &newton->tolerance));
  PetscCall(RhoTangentCreate(problem->fm, RHO_PART_ALL, &newton->full));
  PetscCall(RhoTangentCreate(problem->fm, RHO_PART_STIFF, &newton->stiff));
  PetscCall(rho_linear_create(problem, newton->full, newton->stiff, "newton_", &newton->linear));
  PetscCall(KSPSetInitialGuessNonzero(newton->linear.ksp, PETSC_FALSE));
  PetscCall(VecDuplicate(problem->u, &newton->linear.scaled));
  PetscCall(VecDuplicate(problem->u, &newton->b));
  PetscCall(PetscCalloc2(ntotal, &newton->missing, ntotal, &newton->wanted));
  PetscCall(CreateSolver(newton));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_newton_destroy(RhoNewton *newton) {
  PetscFunctionBegin;
  if (newton->solver) PetscCallExternal(SUNLinSolFree, newton->solver);
  if (newton->f) N_VDestroy(newton->f);
  if (newton->u) N_VDestroy(newton->u);
  PetscCall(rho_linear_destroy(&newton->linear));
  PetscCall(rho_tolerance_destroy(&newton->tolerance));
  PetscCall(RhoTangentDestroy(&newton->full));
  PetscCall(RhoTangentDestroy(&newton->stiff));
  PetscCall(VecDestroy(&newton->b));
  PetscCall(PetscFree2(newton->missing, newton->wanted));
  PetscCallExternal(SUNContext_Free, &newton->context);
  PetscFunctionReturn(0);
}
