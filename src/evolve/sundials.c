/* sundials.c - this program's residual, weights and Newton systems in the words of SUNDIALS. */
#include "sundials.h"

static RhoSundials *Of(SUNLinearSolver solver) { return solver->content; }

/* An error of PETSc ends the integration; the engine raises it again. */
static int Failed(RhoSundials *sundials, PetscErrorCode error) {
  if (error && !sundials->error) sundials->error = error;
  return error ? -1 : 0;
}

/* ---- residual, weights ---- */

int rho_sundials_residual(realtype t, N_Vector y, N_Vector ydot, void *ctx) {
  RhoSundials *sundials = ctx;
  PetscBool left = PETSC_FALSE;
  if (Failed(sundials,
             rho_problem_residual(sundials->problem, t, N_VGetVector_Petsc(y), N_VGetVector_Petsc(ydot), &left)))
    return -1;
  sundials->domain = (PetscBool)(sundials->domain || left);
  return left ? 1 : 0;
}

int rho_sundials_weights(N_Vector y, N_Vector w, void *ctx) {
  RhoSundials *sundials = ctx;
  if (sundials->system)
    return Failed(sundials, rho_newton_weigh(&sundials->newton, N_VGetVector_Petsc(y), N_VGetVector_Petsc(w)));
  return Failed(sundials, rho_tolerance_weights(&sundials->tolerance, sundials->leeway, N_VGetVector_Petsc(y),
                                                N_VGetVector_Petsc(w)));
}

/* ---- preconditioner, tangent ---- */

int rho_sundials_prepare(realtype t, N_Vector y, N_Vector fy, booleantype keep, booleantype *current, realtype gamma,
                         void *ctx) {
  RhoSundials *sundials = ctx;
  (void)fy;
  keep = keep && sundials->newton.linear.frozen;
  *current = !keep;
  return Failed(sundials, rho_newton_prepare(&sundials->newton, t, N_VGetVector_Petsc(y),
                                             keep ? PETSC_TRUE : PETSC_FALSE, gamma));
}

int rho_sundials_about(realtype t, N_Vector y, N_Vector fy, void *ctx) {
  RhoSundials *sundials = ctx;
  RhoSundialsSystem system;
  (void)fy;
  if (sundials->system(sundials->integrator, &system)) return -1;
  return Failed(sundials, rho_newton_about(&sundials->newton, t, N_VGetVector_Petsc(y), system.gamma,
                                           N_VGetVector_Petsc(system.a), system.factor, N_VGetVector_Petsc(system.b)));
}

int rho_sundials_times(N_Vector v, N_Vector Jv, realtype t, N_Vector y, N_Vector fy, void *ctx, N_Vector work) {
  RhoSundials *sundials = ctx;
  (void)t, (void)y, (void)fy, (void)work;
  return Failed(sundials, RhoTangentApply(sundials->newton.full, N_VGetVector_Petsc(v), N_VGetVector_Petsc(Jv)));
}

int rho_sundials_precondition(realtype t, N_Vector y, N_Vector fy, N_Vector r, N_Vector z, realtype gamma,
                              realtype delta, int side, void *ctx) {
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
  RhoSundials *sundials = Of(solver);
  int code = sundials->setup ? sundials->setup(sundials->setup_data) : 0;
  (void)A;
  return code == 0 ? SUNLS_SUCCESS : code < 0 ? SUNLS_PSET_FAIL_UNREC : SUNLS_PSET_FAIL_REC;
}

static int Solved(SUNLinearSolver solver, SUNMatrix A, N_Vector x, N_Vector b, realtype tol) {
  RhoSundials *sundials = Of(solver);
  PetscBool converged = PETSC_FALSE;
  RhoSundialsSystem system;
  (void)A;
  if (sundials->system(sundials->integrator, &system)) return SUNLS_PACKAGE_FAIL_UNREC;
  if (Failed(sundials, rho_newton_solve(&sundials->newton, N_VGetVector_Petsc(b), N_VGetVector_Petsc(x), system.gamma,
                                        tol * RHO_SUNDIALS_NEARER, &converged)))
    return SUNLS_PACKAGE_FAIL_UNREC;
  return converged ? SUNLS_SUCCESS : SUNLS_CONV_FAIL;
}

static int Iterations(SUNLinearSolver solver) {
  PetscInt n = 0;
  (void)KSPGetIterationNumber(Of(solver)->newton.linear.ksp, &n);
  return (int)n;
}

static int Free(SUNLinearSolver solver) {
  solver->content = NULL;
  SUNLinSolFreeEmpty(solver);
  return SUNLS_SUCCESS;
}

static PetscErrorCode CreateSolver(RhoSundials *sundials) {
  PetscFunctionBegin;
  sundials->solver = SUNLinSolNewEmpty(sundials->context);
  PetscCheck(sundials->solver, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a linear solver");
  sundials->solver->content = sundials;
  sundials->solver->ops->gettype = Type;
  sundials->solver->ops->setatimes = SetTimes;
  sundials->solver->ops->setpreconditioner = SetPreconditioner;
  sundials->solver->ops->setscalingvectors = SetScaling;
  sundials->solver->ops->initialize = Initialise;
  sundials->solver->ops->setup = Prepared;
  sundials->solver->ops->solve = Solved;
  sundials->solver->ops->numiters = Iterations;
  sundials->solver->ops->free = Free;
  PetscFunctionReturn(0);
}

/* ---- life ---- */

void rho_sundials_say(int code, const char *module, const char *function, char *message, void *ctx) {
  RhoSundials *sundials = ctx;
  (void)code, (void)module, (void)function;
  (void)PetscStrncpy(sundials->said, message, sizeof sundials->said);
}

PetscErrorCode rho_sundials_create(RhoProblem *problem, int (*system)(void *, RhoSundialsSystem *), PetscReal leeway,
                                   RhoSundials *sundials) {
  MPI_Comm comm = RhoFieldGrid(problem->fm)->comm;
  PetscFunctionBegin;
  *sundials = (RhoSundials){.problem = problem, .leeway = leeway, .system = system};
  PetscCallExternal(SUNContext_Create, &comm, &sundials->context);
  sundials->u = N_VMake_Petsc(problem->u, sundials->context);
  if (sundials->u) sundials->f = N_VClone(sundials->u);
  PetscCheck(sundials->u && sundials->f, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a vector");
  PetscCall(rho_tolerance_create(problem, &sundials->tolerance));
  if (!system) PetscFunctionReturn(0);
  PetscCall(rho_newton_create(problem, &sundials->tolerance, leeway, &sundials->newton));
  PetscCall(CreateSolver(sundials));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sundials_destroy(RhoSundials *sundials) {
  PetscFunctionBegin;
  if (sundials->solver) PetscCallExternal(SUNLinSolFree, sundials->solver);
  if (sundials->f) N_VDestroy(sundials->f);
  if (sundials->u) N_VDestroy(sundials->u);
  if (sundials->system) PetscCall(rho_newton_destroy(&sundials->newton));
  PetscCall(rho_tolerance_destroy(&sundials->tolerance));
  PetscCallExternal(SUNContext_Free, &sundials->context);
  PetscFunctionReturn(0);
}
