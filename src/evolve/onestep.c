/* onestep.c - see onestep.h. */
#include "onestep.h"

/* ---- life ---- */

/* F and the inflow at the state at hand. */
static PetscErrorCode LookAtState(RhoOneStep *one) {
  RhoProblem *problem = one->problem;
  PetscBool left;
  PetscFunctionBegin;
  PetscCall(rho_problem_residual(problem, problem->time, problem->u, one->F, &left));
  PetscCall(PetscArraycpy(one->rate, problem->inflow, RhoFieldEquations(problem->fm)->nconserved));
  problem->F = one->F;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_create(RhoProblem *problem, const RhoOneStepMethod *method, void **engine) {
  RhoOneStep *one;
  PetscFunctionBegin;
  PetscCall(PetscNew(&one));
  *engine = one;
  *one = (RhoOneStep){
      .problem = problem, .method = method, .order = 2, .next = problem->first, .proposed = problem->first};
  PetscCall(VecDuplicate(problem->u, &one->begin));
  PetscCall(VecDuplicate(problem->u, &one->F));
  PetscCall(VecDuplicate(problem->u, &one->after));
  PetscCall(VecDuplicate(problem->u, &one->e));
  PetscCall(PetscCalloc1((size_t)RhoFieldEquations(problem->fm)->nconserved + 1, &one->rate));
  PetscCall(rho_tolerance_create(problem, &one->tolerance));
  PetscCall(method->create(one));
  PetscCall(LookAtState(one));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_destroy(void **engine) {
  RhoOneStep *one = *engine;
  PetscFunctionBegin;
  PetscCall(one->method->destroy(one));
  PetscCall(rho_tolerance_destroy(&one->tolerance));
  PetscCall(VecDestroy(&one->begin));
  PetscCall(VecDestroy(&one->F));
  PetscCall(VecDestroy(&one->after));
  PetscCall(VecDestroy(&one->e));
  PetscCall(PetscFree(one->rate));
  PetscCall(PetscFree(*engine));
  PetscFunctionReturn(0);
}

/* ---- the controller ---- */

PetscErrorCode rho_onestep_set_step(void *engine, PetscReal step) {
  RhoOneStep *one = engine;
  PetscFunctionBegin;
  one->next = one->proposed = step;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_get_step(void *engine, PetscReal *step) {
  PetscFunctionBegin;
  *step = ((RhoOneStep *)engine)->next;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_reset(void *engine) {
  PetscFunctionBegin;
  PetscCall(LookAtState(engine));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_save(void *engine, RhoEvolveMemory *memory) {
  RhoOneStep *one = engine;
  PetscFunctionBegin;
  PetscCall(rho_memory_put(memory, "next_step", one->next));
  PetscCall(rho_memory_put(memory, "proposed_step", one->proposed));
  PetscCall(rho_tolerance_save(&one->tolerance, memory));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_load(void *engine, const RhoEvolveMemory *memory) {
  RhoOneStep *one = engine;
  PetscFunctionBegin;
  PetscCall(rho_memory_get(memory, "next_step", &one->next));
  PetscCall(rho_memory_get(memory, "proposed_step", &one->proposed));
  PetscCall(rho_tolerance_load(&one->tolerance, memory));
  PetscFunctionReturn(0);
}

/* ---- a step ---- */

/* The attempt failed: back, and on with a shorter one, or not at all. */
static PetscErrorCode Shorten(RhoOneStep *one, PetscReal *h, RhoEvolveReason reason, const char *text, RhoStep *step) {
  PetscFunctionBegin;
  one->problem->nreject++;
  PetscCall(VecCopy(one->begin, one->problem->u));
  *h *= 0.25;
  one->proposed = *h;
  if (!(one->problem->options->fixed > 0) && *h >= one->problem->smallest) PetscFunctionReturn(0);
  step->reason = reason;
  step->text = text;
  PetscFunctionReturn(0);
}

static PetscErrorCode Error(RhoOneStep *one, PetscReal h, PetscReal *error) {
  PetscFunctionBegin;
  if (one->method->smooth) {
    PetscCall(VecWAXPY(one->e, -1.0, one->begin, one->problem->u));
    PetscCall(VecAXPBYPCZ(one->e, -0.5 * h, -0.5 * h, 1.0, one->F, one->after));
    PetscCall(one->method->smooth(one, h, one->e));
  }
  PetscCall(rho_tolerance_norm(&one->tolerance, one->problem->u, one->e, error));
  PetscFunctionReturn(0);
}

static PetscReal Clip(PetscReal x, PetscReal low, PetscReal high) { return PetscMin(PetscMax(x, low), high); }

static PetscReal Factor(const RhoOneStep *one, PetscReal error) {
  return 0.9 * PetscPowReal(PetscMax(error, 1e-30), -1.0 / one->order);
}

/* The controller's own step survives being cut to meet a time. */
static void Propose(RhoOneStep *one, PetscReal h, PetscReal error, PetscBool reached) {
  PetscReal largest = one->problem->options->largest, next = h * Clip(Factor(one, error), 0.2, 5);
  if (largest > 0) next = PetscMin(next, largest);
  one->next = reached ? PetscMax(next, one->proposed) : next;
  if (!reached) one->proposed = next;
}

/* Steps that creep up to the edge of a domain end the run, too. */
static void TooSmall(const RhoOneStep *one, PetscReal left, RhoStep *step) {
  if (step->length >= one->problem->smallest || left <= one->problem->smallest) return;
  step->reason = one->left ? RHO_EVOLVE_DOMAIN : RHO_EVOLVE_STEP;
  step->text = "the step became too small to go on";
}

static PetscErrorCode Accept(RhoOneStep *one, PetscReal h, PetscReal error, PetscReal until, RhoStep *step) {
  RhoProblem *problem = one->problem;
  Vec swap = one->F;
  PetscBool reached;
  PetscFunctionBegin;
  if (one->method->accept) PetscCall(one->method->accept(one, h, problem->u));
  one->F = one->after;
  one->after = swap;
  problem->F = one->F;
  PetscCall(PetscArraycpy(one->rate, problem->inflow, RhoFieldEquations(problem->fm)->nconserved));
  problem->time += h;
  step->length = h;
  TooSmall(one, until - problem->time, step);
  reached = rho_problem_reached(problem, until);
  if (reached) problem->time = until;
  Propose(one, h, error, reached);
  PetscFunctionReturn(0);
}

/* Is the error small enough?  If not, back with a shorter step. */
static PetscErrorCode Control(RhoOneStep *one, PetscReal *h, PetscReal *error, PetscBool *fine, RhoStep *step) {
  PetscFunctionBegin;
  *error = 1;
  *fine = PETSC_TRUE;
  if (one->problem->options->fixed > 0) PetscFunctionReturn(0);
  PetscCall(Error(one, *h, error));
  *fine = (PetscBool)(*error <= 1);
  if (*fine) PetscFunctionReturn(0);
  PetscCall(Shorten(one, h, RHO_EVOLVE_STEP, "no step however short was accepted", step));
  *h *= 4 * Clip(Factor(one, *error), 0.1, 0.9);
  one->proposed = *h;
  PetscFunctionReturn(0);
}

static PetscErrorCode Attempt(RhoOneStep *one, PetscReal *h, PetscReal until, RhoStep *step) {
  RhoProblem *problem = one->problem;
  PetscReal error;
  PetscBool fine = PETSC_TRUE;
  PetscFunctionBegin;
  one->domain = PETSC_FALSE;
  PetscCall(one->method->solve(one, *h, problem->u, &fine));
  if (fine) PetscCall(rho_problem_residual(problem, problem->time + *h, problem->u, one->after, &one->domain));
  one->left = (PetscBool)(one->left || one->domain);
  if (one->domain) {
    PetscCall(Shorten(one, h, RHO_EVOLVE_DOMAIN, NULL, step));
    PetscFunctionReturn(0);
  }
  if (!fine) {
    PetscCall(Shorten(one, h, RHO_EVOLVE_LINEAR, "no step however short could be solved", step));
    PetscFunctionReturn(0);
  }
  PetscCall(Control(one, h, &error, &fine, step));
  if (!fine) PetscFunctionReturn(0);
  if (one->method->judge) PetscCall(one->method->judge(one, *h, problem->u, &fine));
  if (fine) PetscCall(Accept(one, *h, error, until, step));
  else PetscCall(Shorten(one, h, RHO_EVOLVE_STEP, one->method->refused, step));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_step(void *engine, PetscReal until, RhoStep *step) {
  RhoOneStep *one = engine;
  PetscReal fixed = one->problem->options->fixed, h = fixed > 0 ? fixed : one->next;
  PetscBool changed;
  PetscFunctionBegin;
  h = PetscMin(h, until - one->problem->time);
  one->left = PETSC_FALSE;
  PetscCall(VecCopy(one->problem->u, one->begin));
  PetscCall(rho_tolerance_update(&one->tolerance, one->begin, &changed));
  PetscCall(one->method->begin(one));
  while (step->length == 0 && !step->reason) PetscCall(Attempt(one, &h, until, step));
  PetscFunctionReturn(0);
}
