/* weights.c - the weights b_k of an additive Runge-Kutta scheme: what a step of length 1 from 0 makes of a right-hand
   side that is 1 at stage k and 0 at all others.  PETSc does not hand out its tableaux. */
#include "imex.h"

typedef struct {
  PetscInt call, stage;
} Indicator;

static PetscErrorCode RHS(TS ts, PetscReal t, Vec U, Vec G, void *ctx) {
  Indicator *indicator = ctx;
  PetscFunctionBegin;
  (void)ts, (void)t, (void)U;
  PetscCall(VecSet(G, indicator->call++ == indicator->stage ? 1 : 0));
  PetscFunctionReturn(0);
}

/* No implicit part. */
static PetscErrorCode IFunction(TS ts, PetscReal t, Vec U, Vec Udot, Vec F, void *ctx) {
  PetscFunctionBegin;
  (void)ts, (void)t, (void)U, (void)ctx;
  PetscCall(VecCopy(Udot, F));
  PetscFunctionReturn(0);
}

static PetscErrorCode IJacobian(TS ts, PetscReal t, Vec U, Vec Udot, PetscReal shift, Mat A, Mat P, void *ctx) {
  PetscFunctionBegin;
  (void)ts, (void)t, (void)U, (void)Udot, (void)P, (void)ctx;
  PetscCall(MatSetValue(A, 0, 0, shift, INSERT_VALUES));
  PetscCall(MatAssemblyBegin(A, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(A, MAT_FINAL_ASSEMBLY));
  PetscFunctionReturn(0);
}

static PetscErrorCode OneStep(TSARKIMEXType scheme, Mat A, Vec u, Indicator *indicator) {
  TSAdapt adapt;
  TS ts;
  PetscFunctionBegin;
  PetscCall(TSCreate(PETSC_COMM_SELF, &ts));
  PetscCall(TSSetType(ts, TSARKIMEX));
  PetscCall(TSARKIMEXSetType(ts, scheme));
  PetscCall(TSSetEquationType(ts, TS_EQ_EXPLICIT));
  PetscCall(TSSetRHSFunction(ts, NULL, RHS, indicator));
  PetscCall(TSSetIFunction(ts, NULL, IFunction, NULL));
  PetscCall(TSSetIJacobian(ts, A, A, IJacobian, NULL));
  PetscCall(TSGetAdapt(ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, TSADAPTNONE));
  PetscCall(TSSetTimeStep(ts, 1));
  PetscCall(TSSetMaxSteps(ts, 1));
  PetscCall(TSSetExactFinalTime(ts, TS_EXACTFINALTIME_STEPOVER));
  PetscCall(VecSet(u, 0));
  PetscCall(TSSetSolution(ts, u));
  PetscCall(TSSetUp(ts));
  PetscCall(TSStep(ts));
  PetscCall(TSDestroy(&ts));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_weights(TSARKIMEXType scheme, PetscInt *nstage, PetscReal weight[RHO_MAXSTAGE]) {
  Indicator indicator = {.stage = 0};
  Mat A;
  Vec u;
  PetscFunctionBegin;
  PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, 1, 1, NULL, &A));
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, 1, &u));
  *nstage = 1;
  for (indicator.stage = 0; indicator.stage < *nstage; indicator.stage++) {
    const PetscScalar *value;
    indicator.call = 0;
    PetscCall(OneStep(scheme, A, u, &indicator));
    *nstage = indicator.call;
    PetscCheck(*nstage <= RHO_MAXSTAGE, PETSC_COMM_SELF, PETSC_ERR_PLIB, "a scheme of %d stages", (int)*nstage);
    PetscCall(VecGetArrayRead(u, &value));
    weight[indicator.stage] = value[0];
    PetscCall(VecRestoreArrayRead(u, &value));
  }
  PetscCall(VecDestroy(&u));
  PetscCall(MatDestroy(&A));
  PetscFunctionReturn(0);
}
