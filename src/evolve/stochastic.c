/* stochastic.c - steps with noise, du = F(u) dt + noise, in the sense of Ito; fixed lengths h.

   F(u) = L u + (F(u) - L u), L the stiff part about the state at the step's beginning, n_1, n_2 the noises of the two
   stages, each of a time:

     em             u' - u = h F(u) + n_1[u, h]                                          explicit Euler-Maruyama
     imex_em        (1 - h L)(u' - u) = h F(u) + n_1[u, h]                                 the same, L implicit
     imex_midpoint  (1 - h/2 L)(m - u) = h/2 F(u) + n_1[u, h/2]
                    (1 - h/2 L)(u' - u) = h (F(m) - L (m - u)) + n_1 + n_2[2 m - u, h/2]
                    L by the trapezoidal rule, the rest by the midpoint rule (Delong, Sun, Griffith, Vanden-Eijnden,
                    Donev 2014).  Of h L (m - u) the equation of m says what it is.

   Weak orders.  em, imex_em: 1.  imex_midpoint: 2 for noise whose amplitude does not depend on the state, and for the
   covariances of small fluctuations, about a state that moves too (the second noise has the amplitude of the end); 1
   for multiplicative noise in general.  S of independent particles: u/(1 - h k/2), u/(1 + h k/2), u, with k the grid's
   rate of decay; variances that are linear in u exactly so at any noise strength, as long as no mean is below zero.

   A step can not be taken back because of where its noise led: what is left out so is missing from the average.  A
   state outside a formula's domain therefore ends the run. */
#include "linear.h"
#include "step_totals.h"
#include <string.h>

typedef enum { EM, IMEX_EM, IMEX_MIDPOINT } Method;

typedef struct {
  RhoProblem *problem;
  Method method;
  RhoTangent stiff; /* NULL: explicit */
  RhoLinear linear;
  RhoStepTotals totals;
  Vec begin, F, end;                      /* state at the beginning, residuals there and at the end (work before) */
  Vec noise, second, b, dx;               /* noises of the stages; right-hand side; increment; NULL where not needed */
  PetscReal *rate, *flow, *amount, *more; /* [nconserved] */
  PetscReal *target, *lost;               /* [nconserved] of the problem before the step */
} Stochastic;

/* ---- life ---- */

static PetscErrorCode LookAtState(Stochastic *s) {
  RhoProblem *problem = s->problem;
  PetscBool left;
  PetscFunctionBegin;
  PetscCall(rho_problem_residual(problem, problem->time, problem->u, s->F, &left));
  PetscCall(PetscArraycpy(s->rate, problem->inflow, RhoFieldEquations(problem->fm)->nconserved));
  problem->F = s->F;
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateImplicit(Stochastic *s) {
  RhoProblem *problem = s->problem;
  PetscFunctionBegin;
  PetscCall(RhoTangentCreate(problem->fm, RHO_PART_STIFF, &s->stiff));
  PetscCall(rho_linear_create(problem, s->stiff, s->stiff, "stage_", &s->linear));
  PetscCall(KSPSetInitialGuessNonzero(s->linear.ksp, PETSC_FALSE));
  PetscCall(rho_step_totals_create(problem, s->stiff, PETSC_TRUE, &s->totals));
  PetscCall(VecDuplicate(problem->u, &s->b));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  static const char *const name[] = {"em", "imex_em", "imex_midpoint"};
  size_t n = (size_t)RhoFieldEquations(problem->fm)->nconserved + 1;
  Stochastic *s;
  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  *engine = s;
  s->problem = problem;
  while (strcmp(name[s->method], problem->variant)) s->method++;
  PetscCall(VecDuplicate(problem->u, &s->begin));
  PetscCall(VecDuplicate(problem->u, &s->F));
  PetscCall(VecDuplicate(problem->u, &s->end));
  PetscCall(VecDuplicate(problem->u, &s->dx));
  if (problem->options->noise) PetscCall(VecDuplicate(problem->u, &s->noise));
  if (problem->options->noise && s->method == IMEX_MIDPOINT) PetscCall(VecDuplicate(problem->u, &s->second));
  PetscCall(PetscCalloc6(n, &s->rate, n, &s->flow, n, &s->amount, n, &s->more, n, &s->target, n, &s->lost));
  if (s->method != EM) PetscCall(CreateImplicit(s));
  PetscCall(LookAtState(s));
  if (problem->options->work)
    PetscCall(RhoWorkBegin(problem->options->work, rho_problem_inside(problem, problem->time), problem->u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(void **engine) {
  Stochastic *s = *engine;
  PetscFunctionBegin;
  if (s->stiff) {
    PetscCall(rho_linear_destroy(&s->linear));
    PetscCall(rho_step_totals_destroy(&s->totals));
    PetscCall(RhoTangentDestroy(&s->stiff));
  }
  Vec *const vec[] = {&s->begin, &s->F, &s->end, &s->noise, &s->second, &s->b, &s->dx};
  for (size_t k = 0; k < sizeof vec / sizeof *vec; k++) PetscCall(VecDestroy(vec[k]));
  PetscCall(PetscFree6(s->rate, s->flow, s->amount, s->more, s->target, s->lost));
  PetscCall(PetscFree(*engine));
  PetscFunctionReturn(0);
}

/* ---- what the steps are made of ---- */

static PetscErrorCode Draw(Stochastic *s, Vec at, int stage, PetscReal h, Vec noise) {
  RhoProblem *problem = s->problem;
  PetscReal t = rho_problem_inside(problem, problem->time + (stage ? 2 * h : 0));
  PetscFunctionBegin;
  PetscCall(RhoNoiseApply(problem->options->noise, t, at, problem->nstep, stage, h, noise));
  PetscCall(RhoNoiseTotals(problem->options->noise, noise, s->more));
  for (int c = 0; c < RhoFieldEquations(problem->fm)->nconserved; c++) s->amount[c] += s->more[c];
  PetscFunctionReturn(0);
}

/* The noise to be drawn leaves what the explicit step has. */
static PetscErrorCode Limit(Stochastic *s, PetscReal h) {
  PetscFunctionBegin;
  PetscCall(VecWAXPY(s->end, h, s->F, s->begin));
  PetscCall(RhoNoiseLimit(s->problem->options->noise, s->end));
  PetscFunctionReturn(0);
}

/* amount += weight (rate + what L dx lets in); dx or rate may be NULL */
static PetscErrorCode CountInflow(Stochastic *s, PetscReal weight, const PetscReal *rate, Vec dx) {
  PetscFunctionBegin;
  if (!s->problem->open) PetscFunctionReturn(0);
  if (dx) PetscCall(rho_step_totals_flow(&s->totals, dx, s->end, s->flow));
  for (int c = 0; c < RhoFieldEquations(s->problem->fm)->nconserved; c++)
    s->amount[c] += weight * ((rate ? rate[c] : 0) + (dx ? s->flow[c] : 0));
  PetscFunctionReturn(0);
}

/* dx of (1 - a L) dx = b */
static PetscErrorCode Solve(Stochastic *s, PetscReal a, PetscBool *solved) {
  PetscFunctionBegin;
  PetscCall(VecScale(s->b, 1 / a));
  PetscCall(rho_linear_solve(&s->linear, 1 / a, s->b, s->dx, solved));
  PetscFunctionReturn(0);
}

static PetscErrorCode Freeze(Stochastic *s, PetscReal a) {
  RhoProblem *problem = s->problem;
  PetscFunctionBegin;
  PetscCall(RhoTangentSet(s->stiff, rho_problem_inside(problem, problem->time), problem->u));
  PetscCall(rho_linear_freeze(&s->linear, s->begin));
  PetscCall(rho_linear_prepare(&s->linear, 1 / a));
  PetscFunctionReturn(0);
}

/* ---- the methods: dx, and in amount what it adds to the totals ---- */

static PetscErrorCode StepExplicit(Stochastic *s, PetscReal h) {
  PetscFunctionBegin;
  PetscCall(VecCopy(s->F, s->dx));
  PetscCall(VecScale(s->dx, h));
  if (s->noise) PetscCall(VecAXPY(s->dx, 1.0, s->noise));
  PetscCall(CountInflow(s, h, s->rate, NULL));
  PetscFunctionReturn(0);
}

static PetscErrorCode StepEuler(Stochastic *s, PetscReal h, PetscBool *solved) {
  PetscFunctionBegin;
  PetscCall(Freeze(s, h));
  PetscCall(VecCopy(s->F, s->b));
  PetscCall(VecScale(s->b, h));
  if (s->noise) PetscCall(VecAXPY(s->b, 1.0, s->noise));
  PetscCall(Solve(s, h, solved));
  if (*solved) PetscCall(CountInflow(s, h, s->rate, s->dx));
  PetscFunctionReturn(0);
}

/* b = h (F(u) + F(m)) - 2 (m - u) + 3 n_1 + n_2[2 m - u],  h L (m - u) being 2 (m - u) - h F(u) - 2 n_1 */
static PetscErrorCode SecondHalf(Stochastic *s, PetscReal h, PetscBool *left) {
  RhoProblem *problem = s->problem;
  PetscFunctionBegin;
  PetscCall(CountInflow(s, -h, NULL, s->dx));
  PetscCall(VecWAXPY(problem->u, 1.0, s->begin, s->dx));
  PetscCall(rho_problem_residual(problem, problem->time + 0.5 * h, problem->u, s->end, left));
  PetscCall(VecWAXPY(s->b, 1.0, s->F, s->end));
  PetscCall(CountInflow(s, h, problem->inflow, NULL));
  if (*left) PetscFunctionReturn(0);
  PetscCall(VecAXPBY(s->b, -2.0, h, s->dx));
  if (!s->noise) PetscFunctionReturn(0);
  PetscCall(VecAXPY(problem->u, 1.0, s->dx));
  PetscCall(Draw(s, problem->u, 1, 0.5 * h, s->second));
  PetscCall(VecAXPBYPCZ(s->b, 3.0, 1.0, 1.0, s->noise, s->second));
  PetscFunctionReturn(0);
}

static PetscErrorCode StepMidpoint(Stochastic *s, PetscReal h, PetscBool *solved, PetscBool *left) {
  PetscReal a = 0.5 * h;
  PetscFunctionBegin;
  PetscCall(Freeze(s, a));
  PetscCall(VecCopy(s->F, s->b));
  PetscCall(VecScale(s->b, a));
  if (s->noise) PetscCall(VecAXPY(s->b, 1.0, s->noise));
  PetscCall(Solve(s, a, solved));
  if (*solved) PetscCall(SecondHalf(s, h, left));
  if (!*solved || *left) PetscFunctionReturn(0);
  PetscCall(Solve(s, a, solved));
  if (*solved) PetscCall(CountInflow(s, a, NULL, s->dx));
  PetscFunctionReturn(0);
}

static PetscErrorCode Increment(Stochastic *s, PetscReal h, PetscBool *solved, PetscBool *left) {
  PetscFunctionBegin;
  *solved = PETSC_TRUE;
  *left = PETSC_FALSE;
  PetscCall(PetscArrayzero(s->amount, RhoFieldEquations(s->problem->fm)->nconserved));
  if (s->noise && s->problem->options->nonnegative) PetscCall(Limit(s, h));
  if (s->noise) PetscCall(Draw(s, s->problem->u, 0, s->method == IMEX_MIDPOINT ? 0.5 * h : h, s->noise));
  switch (s->method) {
  case EM: PetscCall(StepExplicit(s, h)); break;
  case IMEX_EM: PetscCall(StepEuler(s, h, solved)); break;
  case IMEX_MIDPOINT: PetscCall(StepMidpoint(s, h, solved, left)); break;
  }
  PetscFunctionReturn(0);
}

/* ---- a step ---- */

/* Why there is none: a noise without a value says so itself. */
static PetscErrorCode Refuse(Stochastic *s, PetscBool solved, RhoStep *step) {
  RhoNoise noise = s->problem->options->noise;
  PetscFunctionBegin;
  step->reason = solved ? RHO_EVOLVE_DOMAIN : RHO_EVOLVE_LINEAR;
  step->text = solved ? NULL : "a step could not be solved: shorter ones may be";
  if (noise) PetscCall(RhoNoiseExplain(noise, s->begin, s->noise, &step->text));
  if (noise && s->second && !step->text) PetscCall(RhoNoiseExplain(noise, s->problem->u, s->second, &step->text));
  if (noise && step->text) step->reason = RHO_EVOLVE_DOMAIN;
  if (!solved && !step->text) step->text = "a step could not be solved: shorter ones may be";
  PetscCall(VecCopy(s->begin, s->problem->u));
  PetscCall(PetscArraycpy(s->problem->target, s->target, RhoFieldEquations(s->problem->fm)->nconserved));
  PetscCall(PetscArraycpy(s->problem->lost, s->lost, RhoFieldEquations(s->problem->fm)->nconserved));
  PetscFunctionReturn(0);
}

static PetscErrorCode Accept(Stochastic *s, PetscReal h, PetscReal until, RhoStep *step) {
  RhoProblem *problem = s->problem;
  RhoWork work = problem->options->work;
  Vec swap = s->F;
  PetscFunctionBegin;
  s->F = s->end;
  s->end = swap;
  problem->F = s->F;
  PetscCall(PetscArraycpy(s->rate, problem->inflow, RhoFieldEquations(problem->fm)->nconserved));
  problem->time += h;
  if (rho_problem_reached(problem, until)) problem->time = until;
  step->length = h;
  if (work) PetscCall(RhoWorkStep(work, s->begin, rho_problem_inside(problem, problem->time), problem->u));
  PetscFunctionReturn(0);
}

/* The end of the step, with the totals that it ought to have. */
static PetscErrorCode Arrive(Stochastic *s, PetscReal h, PetscBool *left) {
  RhoProblem *problem = s->problem;
  PetscFunctionBegin;
  PetscCall(VecWAXPY(problem->u, 1.0, s->begin, s->dx));
  rho_problem_flowed(problem, s->amount);
  if (problem->open) PetscCall(RhoTotalsRestoreAll(problem->fm, problem->u, problem->u, problem->target));
  else PetscCall(RhoTotalsRestore(problem->fm, problem->u, problem->u, problem->target));
  PetscCall(rho_problem_residual(problem, problem->time + h, problem->u, s->end, left));
  PetscFunctionReturn(0);
}

#define SLIVER 1e-6 /* of a step: so little is not left for one of its own */

static PetscErrorCode Step(void *engine, PetscReal until, RhoStep *step) {
  Stochastic *s = engine;
  RhoProblem *problem = s->problem;
  PetscReal h = problem->options->fixed, rest = until - problem->time;
  PetscBool solved, left;
  PetscFunctionBegin;
  if (rest <= h * (1 + SLIVER)) h = rest;
  PetscCall(VecCopy(problem->u, s->begin));
  PetscCall(PetscArraycpy(s->target, problem->target, RhoFieldEquations(problem->fm)->nconserved));
  PetscCall(PetscArraycpy(s->lost, problem->lost, RhoFieldEquations(problem->fm)->nconserved));
  PetscCall(Increment(s, h, &solved, &left));
  if (solved && !left) PetscCall(Arrive(s, h, &left));
  if (solved && !left) PetscCall(Accept(s, h, until, step));
  else PetscCall(Refuse(s, solved, step));
  PetscFunctionReturn(0);
}

/* ---- memory ---- */

static PetscErrorCode SetStep(void *engine, PetscReal step) {
  PetscFunctionBegin;
  (void)engine, (void)step; /* steps are fixed */
  PetscFunctionReturn(0);
}

static PetscErrorCode GetStep(void *engine, PetscReal *step) {
  PetscFunctionBegin;
  *step = ((Stochastic *)engine)->problem->options->fixed;
  PetscFunctionReturn(0);
}

static PetscErrorCode Reset(void *engine) {
  Stochastic *s = engine;
  RhoWork work = s->problem->options->work;
  PetscFunctionBegin;
  PetscCall(LookAtState(s));
  if (work) PetscCall(RhoWorkLook(work, rho_problem_inside(s->problem, s->problem->time), s->problem->u));
  PetscFunctionReturn(0);
}

static PetscErrorCode SaveCounts(RhoNoise noise, RhoEvolveMemory *memory) {
  PetscReal number[RHO_NOISE_NUMBERS];
  PetscFunctionBegin;
  if (!noise) PetscFunctionReturn(0);
  PetscCall(RhoNoiseSave(noise, number));
  PetscCall(rho_memory_put_all(memory, "noise", RHO_NOISE_NUMBERS, number));
  PetscFunctionReturn(0);
}

static PetscErrorCode LoadCounts(RhoNoise noise, const RhoEvolveMemory *memory) {
  PetscReal number[RHO_NOISE_NUMBERS];
  PetscFunctionBegin;
  if (!noise || !rho_memory_has(memory, "noise[0]")) PetscFunctionReturn(0);
  PetscCall(rho_memory_get_all(memory, "noise", RHO_NOISE_NUMBERS, number));
  RhoNoiseLoad(noise, number);
  PetscFunctionReturn(0);
}

/* Random numbers follow from the number of the step, which the loop remembers. */
static PetscErrorCode Save(void *engine, RhoEvolveMemory *memory) {
  Stochastic *s = engine;
  PetscReal number[RHO_WORK_NUMBERS];
  PetscFunctionBegin;
  PetscCall(SaveCounts(s->problem->options->noise, memory));
  if (!s->problem->options->work) PetscFunctionReturn(0);
  RhoWorkSave(s->problem->options->work, number);
  PetscCall(rho_memory_put_all(memory, "work", RHO_WORK_NUMBERS, number));
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(void *engine, const RhoEvolveMemory *memory) {
  Stochastic *s = engine;
  PetscReal number[RHO_WORK_NUMBERS];
  PetscFunctionBegin;
  PetscCall(LoadCounts(s->problem->options->noise, memory));
  if (!s->problem->options->work || !rho_memory_has(memory, "work[0]")) PetscFunctionReturn(0);
  PetscCall(rho_memory_get_all(memory, "work", RHO_WORK_NUMBERS, number));
  RhoWorkLoad(s->problem->options->work, number);
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_stochastic = {.create = Create,
                                         .destroy = Destroy,
                                         .set_step = SetStep,
                                         .get_step = GetStep,
                                         .step = Step,
                                         .reset = Reset,
                                         .save = Save,
                                         .load = Load};
