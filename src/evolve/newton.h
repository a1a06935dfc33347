/* newton.h - what the engines of SUNDIALS share: vectors, the residual, tolerances, and Newton's linear systems with
   the exact tangent.  Private to evolve. */
#ifndef RHO_NEWTON_H
#define RHO_NEWTON_H
#include "linear.h"
#include <nvector/nvector_petsc.h>
#include <sundials/sundials_linearsolver.h>

/* What the integrator solves at hand: y = a + factor*b + gamma F(y). */
typedef struct {
  realtype gamma, factor;
  N_Vector a, b;
} RhoNewtonSystem;

typedef struct {
  RhoProblem *problem;
  SUNContext context;
  N_Vector u, f; /* problem->u; a residual */
  RhoTolerance tolerance;
  PetscReal leeway;
  RhoTangent full, stiff; /* of the operator, about each iterate; of the preconditioner, kept */
  RhoLinear linear;
  SUNLinearSolver solver;
  SUNPSetupFn setup; /* of SUNDIALS, to be called when the preconditioner is to be made */
  void *setup_data;
  Vec b, now;                  /* right-hand side times weights; the iterate that is to be corrected, not owned */
  PetscReal time;              /* of that iterate */
  PetscReal *wanted, *missing; /* [nconserved] its totals without the inflow of the stage, and what they lack */
  int (*system)(void *integrator, RhoNewtonSystem *system);
  void *integrator;
  PetscErrorCode error; /* of PETSc, in a function that SUNDIALS called */
  PetscBool domain;     /* a residual left a formula's domain since this was put to false */
  char said[256];       /* by SUNDIALS, of its last error */
} RhoNewton;

/* To be given to SUNDIALS as its linear tolerance: it would skip systems whose right-hand side is within the usual one,
   and their totals with them. */
#define RHO_NEWTON_EPSLIN (0.05 / RHO_NEWTON_NEARER)
#define RHO_NEWTON_NEARER 1e6

/* leeway: the integrator's tolerances are so many times those of the run. */
PetscErrorCode rho_newton_create(RhoProblem *problem, int (*system)(void *, RhoNewtonSystem *), PetscReal leeway,
                                 RhoNewton *newton);
PetscErrorCode rho_newton_destroy(RhoNewton *newton);

/* ---- newton_totals.c ---- */

/* Notes what the totals of the iterate y lack, after its residual was computed. */
PetscErrorCode rho_newton_missing(RhoNewton *newton, PetscReal t, Vec y);
/* Brings the totals of y + x to what they ought to be. */
PetscErrorCode rho_newton_restore(RhoNewton *newton, PetscReal gamma, Vec x);

/* ---- for SUNDIALS, with a RhoNewton as user data ---- */

/* F(y); > 0: outside a formula's domain, to be tried with a shorter step. */
int rho_newton_residual(realtype t, N_Vector y, N_Vector ydot, void *newton);
/* 1/tolerance of every cell. */
int rho_newton_weights(N_Vector y, N_Vector w, void *newton);
/* The preconditioner, from the state y unless it may be kept. */
int rho_newton_prepare(realtype t, N_Vector y, N_Vector fy, booleantype keep, booleantype *current, realtype gamma,
                       void *newton);
/* The tangent about the iterate y. */
int rho_newton_about(realtype t, N_Vector y, N_Vector fy, void *newton);
/* Unused, but asked for: the solver has its own. */
int rho_newton_times(N_Vector v, N_Vector Jv, realtype t, N_Vector y, N_Vector fy, void *newton, N_Vector work);
int rho_newton_precondition(realtype t, N_Vector y, N_Vector fy, N_Vector r, N_Vector z, realtype gamma, realtype delta,
                            int side, void *newton);
void rho_newton_say(int code, const char *module, const char *function, char *message, void *newton);

#endif
