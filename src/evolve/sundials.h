/* sundials.h - what the engines of SUNDIALS share: vectors, the residual, weights, and Newton's linear solver.  Private
   to evolve. */
#ifndef RHO_SUNDIALS_H
#define RHO_SUNDIALS_H
#include "newton.h"
#include <nvector/nvector_petsc.h>
#include <sundials/sundials_linearsolver.h>

/* What the integrator solves at hand: y = a + factor*b + gamma F(y). */
typedef struct {
  realtype gamma, factor;
  N_Vector a, b;
} RhoSundialsSystem;

typedef struct {
  RhoProblem *problem;
  SUNContext context;
  N_Vector u, f; /* problem->u; a residual */
  RhoTolerance tolerance;
  PetscReal leeway;
  RhoNewton newton; /* with system */
  SUNLinearSolver solver;
  SUNPSetupFn setup; /* of SUNDIALS, to be called when the preconditioner is to be made */
  void *setup_data;
  int (*system)(void *integrator, RhoSundialsSystem *system);
  void *integrator;
  PetscErrorCode error; /* of PETSc, in a function that SUNDIALS called */
  PetscBool domain;     /* a residual left a formula's domain since this was put to false */
  char said[256];       /* by SUNDIALS, of its last error */
} RhoSundials;

/* To be given to SUNDIALS as its linear tolerance: it would skip systems whose right-hand side is within the usual one,
   and their totals with them. */
#define RHO_SUNDIALS_EPSLIN (0.05 / RHO_SUNDIALS_NEARER)
#define RHO_SUNDIALS_NEARER 1e6

/* leeway: the integrator's tolerances are so many times those of the run.  system NULL: without Newton's method. */
PetscErrorCode rho_sundials_create(RhoProblem *problem, int (*system)(void *, RhoSundialsSystem *), PetscReal leeway,
                                   RhoSundials *sundials);
PetscErrorCode rho_sundials_destroy(RhoSundials *sundials);

/* ---- for SUNDIALS, with a RhoSundials as user data ---- */

/* F(y); > 0: outside a formula's domain, to be tried with a shorter step. */
int rho_sundials_residual(realtype t, N_Vector y, N_Vector ydot, void *sundials);
/* 1/tolerance of every cell. */
int rho_sundials_weights(N_Vector y, N_Vector w, void *sundials);
/* The preconditioner, from the state y unless it may be kept. */
int rho_sundials_prepare(realtype t, N_Vector y, N_Vector fy, booleantype keep, booleantype *current, realtype gamma,
                         void *sundials);
/* The tangent about the iterate y. */
int rho_sundials_about(realtype t, N_Vector y, N_Vector fy, void *sundials);
/* Unused, but asked for: the solver has its own. */
int rho_sundials_times(N_Vector v, N_Vector Jv, realtype t, N_Vector y, N_Vector fy, void *sundials, N_Vector work);
int rho_sundials_precondition(realtype t, N_Vector y, N_Vector fy, N_Vector r, N_Vector z, realtype gamma,
                              realtype delta, int side, void *sundials);
void rho_sundials_say(int code, const char *module, const char *function, char *message, void *sundials);

#endif
