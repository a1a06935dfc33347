/* onestep.c - see onestep.h. */
#include "onestep.h"

/* ---- states as vectors of cells ---- */

static PetscErrorCode CreateCells(RhoOneStep *one) {
  Vec *const vec[] = {&one->begin, &one->F, &one->after, &one->e};
  PetscFunctionBegin;
  for (int k = 0; k < 4; k++) PetscCall(VecDuplicate(one->problem->u, vec[k]));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyCells(RhoOneStep *one) {
  Vec *const vec[] = {&one->begin, &one->F, &one->after, &one->e};
  PetscFunctionBegin;
  for (int k = 0; k < 4; k++) PetscCall(VecDestroy(vec[k]));
  PetscFunctionReturn(0);
}

/* F and the inflow at the state at hand. */
static PetscErrorCode LookAtCells(RhoOneStep *one) {
  RhoProblem *problem = one->problem;
  PetscBool left;
  PetscFunctionBegin;
  PetscCall(rho_problem_residual(problem, problem->time, problem->u, one->F, &left));
  PetscCall(PetscArraycpy(one->rate, problem->inflow, RhoFieldEquations(problem->fm)->nconserved));
  problem->F = one->F;
  PetscFunctionReturn(0);
}

static PetscErrorCode KeepCells(RhoOneStep *one) {
  PetscBool changed;
  PetscFunctionBegin;
  PetscCall(VecCopy(one->problem->u, one->begin));
  if (!one->untold) PetscCall(rho_tolerance_update(&one->tolerance, one->begin, &changed));
  PetscFunctionReturn(0);
}

static PetscErrorCode BackToCells(RhoOneStep *one) {
  PetscFunctionBegin;
  PetscCall(VecCopy(one->begin, one->problem->u));
  PetscFunctionReturn(0);
}

static PetscErrorCode ArriveAtCells(RhoOneStep *one, PetscReal h) {
  PetscFunctionBegin;
  PetscCall(rho_problem_residual(one->problem, one->problem->time + h, one->problem->u, one->after, &one->domain));
  PetscFunctionReturn(0);
}

static PetscErrorCode MeasureCells(RhoOneStep *one, PetscReal h, PetscReal *error) {
  PetscFunctionBegin;
  if (one->method->smooth) {
    PetscCall(VecWAXPY(one->e, -1.0, one->begin, one->problem->u));
    PetscCall(VecAXPBYPCZ(one->e, -0.5 * h, -0.5 * h, 1.0, one->F, one->after));
    PetscCall(one->method->smooth(one, h, one->e));
  }
  PetscCall(rho_tolerance_norm(&one->tolerance, one->problem->u, one->e, error));
  PetscFunctionReturn(0);
}

static PetscErrorCode PassCells(RhoOneStep *one) {
  Vec swap = one->F;
  PetscFunctionBegin;
  one->F = one->after;
  one->after = swap;
  one->problem->F = one->F;
  PetscFunctionReturn(0);
}

static const RhoOneStepState cells = {.create = CreateCells,
                                      .destroy = DestroyCells,
                                      .look = LookAtCells,
                                      .keep = KeepCells,
                                      .back = BackToCells,
                                      .arrive = ArriveAtCells,
                                      .measure = MeasureCells,
                                      .pass = PassCells};

/* ---- life ---- */

PetscErrorCode rho_onestep_create(RhoProblem *problem, const RhoOneStepMethod *method, void **engine) {
  RhoOneStep *one;
  PetscFunctionBegin;
  PetscCall(PetscNew(&one));
  *engine = one;
  *one = (RhoOneStep){.problem = problem,
                      .method = method,
                      .state = method->state ? method->state : &cells,
                      .order = 2,
                      .next = problem->first,
                      .proposed = problem->first};
  PetscCall(PetscCalloc1((size_t)RhoFieldEquations(problem->fm)->nconserved + 1, &one->rate));
  PetscCall(rho_tolerance_create(problem, &one->tolerance));
  PetscCall(one->state->create(one));
  PetscCall(method->create(one));
  PetscCall(one->state->look(one));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_destroy(void **engine) {
  RhoOneStep *one = *engine;
  PetscFunctionBegin;
  PetscCall(one->method->destroy(one));
  PetscCall(one->state->destroy(one));
  PetscCall(rho_tolerance_destroy(&one->tolerance));
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

PetscErrorCode rho_onestep_show(void *engine) {
  RhoOneStep *one = engine;
  PetscFunctionBegin;
  if (one->state->show) PetscCall(one->state->show(one));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_anew(void *engine) {
  RhoOneStep *one = engine;
  PetscFunctionBegin;
  if (one->state->anew) PetscCall(one->state->anew(one));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_onestep_reset(void *engine) {
  RhoOneStep *one = engine;
  PetscFunctionBegin;
  PetscCall(one->state->look(one));
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
  PetscCall(one->state->back(one));
  *h *= 0.25;
  one->proposed = *h;
  if (!(one->problem->options->fixed > 0) && *h >= one->problem->smallest) PetscFunctionReturn(0);
  rho_step_fail(step, reason, text);
  PetscFunctionReturn(0);
}

static PetscReal Clip(PetscReal x, PetscReal low, PetscReal high) { return PetscMin(PetscMax(x, low), high); }

static PetscReal Factor(const RhoOneStep *one, PetscReal error) {
  return 0.9 * PetscPowReal(PetscMax(error, 1e-30), -1.0 / one->order);
}

/* What the next step is, times this one.  Where a change is dear: none, or one that will last. */
static PetscReal Change(const RhoOneStep *one, PetscReal error) {
  PetscReal most = one->method->most > 0 ? one->method->most : 5, factor = Clip(Factor(one, error), 0.2, most);
  if (!one->method->steady) return factor;
  return factor >= 1 && factor < 1.3 ? 1 : 0.9 * factor;
}

/* The controller's own step survives being cut to meet a time. */
static void Propose(RhoOneStep *one, PetscReal h, PetscReal error, PetscBool reached) {
  PetscReal largest = one->problem->options->largest, next = h * Change(one, error);
  PetscBool cut = (PetscBool)(reached && !(one->method->steady && h > 0.7 * one->proposed));
  if (largest > 0) next = PetscMin(next, largest);
  one->next = cut ? PetscMax(next, one->proposed) : next;
  if (one->method->most > 0) one->next = PetscMin(one->next, one->method->most * h);
  if (!reached) one->proposed = next;
}

/* The step to be tried; where a change is dear equal ones up to the time that is to be met. */
static PetscReal Length(const RhoOneStep *one, PetscReal rest) {
  PetscReal fixed = one->problem->options->fixed, h = fixed > 0 ? fixed : one->next, left;
  if (!one->method->steady || fixed > 0 || rest > 8 * h) return PetscMin(h, rest);
  left = PetscCeilReal(rest / h - 1e-9);
  return left > 1 ? rest / left : rest;
}

/* Steps that creep up to the edge of a domain end the run, too. */
static void TooSmall(const RhoOneStep *one, PetscReal left, RhoStep *step) {
  if (step->length >= one->problem->smallest || left <= one->problem->smallest) return;
  if (one->left) rho_step_fail(step, RHO_EVOLVE_DOMAIN, NULL);
  else rho_step_fail(step, RHO_EVOLVE_STEP, "the step became too small to go on");
}

static PetscErrorCode Accept(RhoOneStep *one, PetscReal h, PetscReal error, PetscReal until, RhoStep *step) {
  RhoProblem *problem = one->problem;
  PetscBool reached;
  PetscFunctionBegin;
  if (one->method->accept) PetscCall(one->method->accept(one, h, problem->u));
  PetscCall(one->state->pass(one));
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
  PetscCall(one->state->measure(one, *h, error));
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
  if (fine) PetscCall(one->state->arrive(one, *h));
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
  PetscReal h = Length(one, until - one->problem->time);
  PetscFunctionBegin;
  one->left = PETSC_FALSE;
  PetscCall(one->state->keep(one));
  if (one->method->begin) PetscCall(one->method->begin(one));
  while (step->length == 0 && !step->reason) PetscCall(Attempt(one, &h, until, step));
  PetscFunctionReturn(0);
}
