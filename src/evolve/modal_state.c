/* modal_state.c - see modal_state.h. */
#include "modal_state.h"
#include "modal_sum.h"
#include "step_totals.h"
#include <math.h>

/* ---- sums ---- */

#define BIT(name) (1u << RHO_MODAL_##name)
enum { RESTS = BIT(N) | BIT(N1) | BIT(N2) | BIT(AFTER) | BIT(MORE), STATES = ~RESTS };

_Static_assert((int)RHO_MODAL_SOURCES >= (int)RHO_MODAL_REGISTERS && (int)RHO_MODAL_FIELDS >= (int)RHO_SYMBOL_MOST,
               "room of a sum");
_Static_assert((int)RHO_MODAL_PARTS >= 2 * (int)RHO_MODAL_TERMS * (int)RHO_MODAL_FIELDS, "room of a sum");

/* One part more: the registers among `of`, field j, of a term; N^ of linear fields is nothing. */
static RhoModalPart *AddPart(const RhoModalState *s, const PetscReal *c, unsigned of, PetscInt j, RhoModalRun *run) {
  RhoModalPart *part = &run->part[run->npart];
  *part = (RhoModalPart){.field = j, .parts = s->modes->B ? 2 : 1};
  if (s->modes->linear[j]) of &= STATES;
  for (int k = 0; k < RHO_MODAL_REGISTERS; k++) {
    if (c[k] == 0 || !(of & 1u << k)) continue;
    part->c[part->nsource] = c[k];
    part->x[part->nsource++] = s->x[k][j];
  }
  run->npart += part->nsource > 0;
  return part;
}

static void AddTerm(const RhoModalState *s, int table, const PetscReal *c, PetscInt j, RhoModalRun *run) {
  if (table >= 0) AddPart(s, c, STATES | RESTS, j, run)->plane = s->plane[table];
  else if (!s->modes->factor[j]) AddPart(s, c, STATES | RESTS, j, run);
  else {
    AddPart(s, c, STATES, j, run);
    AddPart(s, c, RESTS, j, run)->factor = s->modes->factor[j];
  }
}

PetscErrorCode rho_modal_state_sum(RhoModalState *s, const RhoModalSum *sum, int to, PetscBool onto,
                                   const PetscReal *weight, PetscReal *square) {
  RhoModalRun *run = &s->run;
  PetscFunctionBegin;
  run->npart = 0;
  run->shift = sum->shift;
  run->A = s->modes->A;
  run->B = s->modes->B;
  run->onto = onto;
  run->out = to < 0 ? NULL : s->x[to];
  run->copy = to < 0 ? NULL : s->copy;
  run->weight = weight;
  run->square = square;
  for (int t = 0; t < sum->nterm; t++)
    for (PetscInt j = 0; j < s->n; j++) AddTerm(s, sum->term[t].table, sum->term[t].c, j, run);
  rho_modal_run(run);
  if (to >= 0) s->copied = to;
  PetscFunctionReturn(0);
}

PetscReal *rho_modal_state_squares(const RhoOneStep *one) {
  return one->problem->options->fixed > 0 ? NULL : one->modal->square;
}

/* ---- totals ---- */

/* The sum over cells of a field is so much times its mode of the mean. */
static PetscReal MeanFactor(const RhoOneStep *one) {
  const RhoModes *modes = one->modal->modes;
  return PetscSqrtReal(RhoFieldGrid(one->problem->fm)->ncell * modes->scale * one->modal->mean_weight);
}

/* |mean| of the state that a step leads to, on ranks that have it */
static PetscReal OwnMean(const RhoOneStep *one, PetscInt i) {
  const RhoModalState *s = one->modal;
  PetscReal sum = MeanFactor(one) * s->x[RHO_MODAL_NEXT][i][s->modes->mean * s->modes->width];
  return PetscAbsReal(sum) / RhoFieldGrid(one->problem->fm)->ncell;
}

#define MOST_ROUNDING 1e-11 /* of int |u|, as stage_flow.c */

/* share[i] of what totals lack: the fields' rms, or, where steps are fixed and nobody makes those, their means. */
static void Shares(const RhoOneStep *one, PetscReal *share) {
  const RhoModalState *s = one->modal;
  PetscReal any = 0;
  for (PetscInt i = 0; i < s->n; i++) {
    share[i] = OwnMean(one, i);
    any += share[i];
  }
  for (PetscInt i = 0; i < s->n && (any == 0 || rho_modal_state_squares(one)); i++) share[i] = s->rms[i];
}

/* missing[c] = target + amount - total; M_cc' = sum_i w_ci w_c'i share_i, by columns */
static void Defects(const RhoOneStep *one, const PetscReal *amount, PetscReal factor, const PetscReal *share,
                    PetscReal *missing, PetscReal *M) {
  const RhoModalState *s = one->modal;
  RhoEquations eq = RhoFieldEquations(one->problem->fm);
  RhoGrid grid = RhoFieldGrid(one->problem->fm);
  for (int c = 0; c < eq->nconserved; c++) {
    PetscReal size = 0;
    missing[c] = one->problem->target[c] + (amount[c] - one->problem->lost[c]);
    for (PetscInt i = 0; i < s->n; i++) {
      missing[c] -= eq->conserved[c][i] * factor * s->x[RHO_MODAL_NEXT][i][s->modes->mean * s->modes->width];
      size += PetscAbsReal(eq->conserved[c][i]) * PetscMax(s->rms[i], OwnMean(one, i)) * grid->volume * grid->ncell;
      for (int k = 0; k < eq->nconserved; k++)
        M[k * eq->nconserved + c] += eq->conserved[c][i] * eq->conserved[k][i] * share[i];
    }
    if (RhoTotalOpen(one->problem->fm, c) && !(PetscAbsReal(missing[c]) <= MOST_ROUNDING * size)) missing[c] = 0;
  }
}

PetscErrorCode rho_modal_state_restore(RhoOneStep *one, const PetscReal *amount) {
  RhoModalState *s = one->modal;
  RhoEquations eq = RhoFieldEquations(one->problem->fm);
  size_t nc = (size_t)eq->nconserved;
  PetscReal *missing, *M, factor, share[RHO_SYMBOL_MOST], volume = RhoFieldGrid(one->problem->fm)->volume;
  PetscFunctionBegin;
  if (nc == 0 || s->modes->mean < 0) PetscFunctionReturn(0);
  factor = volume * MeanFactor(one);
  PetscCall(PetscCalloc2(nc, &missing, nc * nc, &M));
  Shares(one, share);
  Defects(one, amount, factor, share, missing, M);
  PetscCall(rho_step_totals_solve((int)nc, M, missing));
  for (PetscInt i = 0; i < s->n; i++) {
    PetscReal sum = 0;
    for (int c = 0; c < eq->nconserved; c++) sum += missing[c] * eq->conserved[c][i];
    s->x[RHO_MODAL_NEXT][i][s->modes->mean * s->modes->width] += sum * share[i] / factor;
  }
  PetscCall(PetscFree2(missing, M));
  PetscFunctionReturn(0);
}

/* ---- sizes ---- */

/* Of a register whose squares are at hand, this rank's: those, and the squares of the modes of the mean. */
static void OwnMoments(const RhoModalState *s, int of, PetscReal *moment) {
  for (PetscInt i = 0; i < s->n; i++) {
    PetscReal mean = s->modes->mean >= 0 ? s->x[of][i][s->modes->mean * s->modes->width] : 0;
    moment[i] = s->square[i];
    moment[s->n + i] = mean == 0 ? 0 : s->modes->weight[s->modes->mean] * mean * mean;
  }
}

/* rms and fluctuation of the fields from the sums over all ranks */
static void Sizes(RhoModalState *s, PetscInt ncell) {
  for (PetscInt i = 0; i < s->n; i++) {
    s->fluctuation[i] = PetscSqrtReal(s->moment[i] * s->modes->scale / ncell);
    s->rms[i] = PetscSqrtReal((s->moment[i] + s->moment[s->n + i]) * s->modes->scale / ncell);
  }
  s->sized = PETSC_TRUE;
}

static PetscErrorCode Add(RhoOneStep *one, PetscInt n, PetscReal *sum) {
  PetscFunctionBegin;
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, sum, (PetscMPIInt)n, MPIU_REAL, MPI_SUM, RhoFieldGrid(one->problem->fm)->comm));
  PetscFunctionReturn(0);
}

/* ---- states ---- */

PetscErrorCode rho_modal_state_rest(RhoOneStep *one, PetscReal t, int of, int into, PetscBool *solved) {
  RhoModalState *s = one->modal;
  PetscScalar **half = s->copied == of ? RhoModalHalf(s->modal) : NULL;
  PetscInt mean = s->modes->mean * s->modes->width;
  PetscFunctionBegin;
  for (PetscInt i = 0; i < s->n && half && mean >= 0; i++) half[i][mean] = s->x[of][i][mean]; /* totals are restored */
  s->copied = RHO_MODAL_NONE;
  PetscCall(rho_problem_rest(one->problem, s->modal, t, NULL, s->x[of], half, s->x[into], &one->domain));
  *solved = (PetscBool)!one->domain;
  PetscFunctionReturn(0);
}

static const int states[] = {RHO_MODAL_NEXT, RHO_MODAL_U, RHO_MODAL_U1, RHO_MODAL_U2};
static const int rests[] = {RHO_MODAL_AFTER, RHO_MODAL_N, RHO_MODAL_N1, RHO_MODAL_N2};

/* The register back to the points; what RhoModalHalf held is gone. */
static PetscErrorCode GoBack(RhoModalState *s, int of, Vec u) {
  PetscFunctionBegin;
  s->copied = RHO_MODAL_NONE;
  PetscCall(RhoModalBackward(s->modal, s->x[of], u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Show(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  PetscFunctionBegin;
  if (!s->shown) PetscCall(GoBack(s, RHO_MODAL_U, one->problem->u));
  s->shown = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_modal_state_set(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  RhoProblem *problem = one->problem;
  PetscScalar **hat[sizeof states / sizeof *states], **N[sizeof states / sizeof *states];
  PetscFunctionBegin;
  if (s->modes->constant || s->age == 0) PetscFunctionReturn(0);
  PetscCall(Show(one));
  for (int k = 1; k <= s->npast; k++) {
    hat[k - 1] = s->x[states[k]];
    N[k - 1] = s->x[rests[k]];
  }
  PetscCall(RhoModalSet(s->modal, rho_problem_inside(problem, problem->time), problem->u, s->npast, hat, N));
  s->age = 0;
  s->set = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* From u, all anew. */
static PetscErrorCode Start(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  RhoProblem *problem = one->problem;
  PetscBool left;
  PetscFunctionBegin;
  PetscCall(RhoModalForward(s->modal, problem->u, s->x[RHO_MODAL_U]));
  PetscCall(RhoModalSet(s->modal, rho_problem_inside(problem, problem->time), problem->u, 0, NULL, NULL));
  PetscCall(rho_problem_rest(problem, s->modal, problem->time, problem->u, s->x[RHO_MODAL_U], NULL, s->x[RHO_MODAL_N],
                             &left));
  PetscCall(PetscArraycpy(one->rate, problem->inflow, RhoFieldEquations(problem->fm)->nconserved));
  s->age = 0;
  s->npast = 1;
  s->time[1] = problem->time;
  s->fresh = s->set = PETSC_TRUE;
  s->known = s->sized = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* What is in problem->u is the state, whoever brought it there. */
static PetscErrorCode Look(RhoOneStep *one) {
  PetscFunctionBegin;
  one->modal->shown = PETSC_TRUE;
  one->modal->fresh = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* Of the state at hand; control of the error has made them with the error of the step before, and steps of fixed length
   need them of the first state only. */
static PetscErrorCode MakeSizes(RhoOneStep *one) {
  static const RhoModalSum state = {1, {{RHO_MODAL_NONE, {[RHO_MODAL_U] = 1}}}, 0};
  RhoModalState *s = one->modal;
  PetscFunctionBegin;
  if (!s->known) PetscCall(rho_modal_state_sum(s, &state, RHO_MODAL_NONE, PETSC_FALSE, s->weight, s->square));
  s->known = PETSC_TRUE;
  OwnMoments(s, RHO_MODAL_U, s->moment);
  PetscCall(Add(one, 2 * s->n, s->moment));
  Sizes(s, RhoFieldGrid(one->problem->fm)->ncell);
  PetscFunctionReturn(0);
}

static PetscErrorCode Keep(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  PetscBool changed;
  PetscFunctionBegin;
  if (!s->fresh) PetscCall(Start(one));
  if (!s->sized) PetscCall(MakeSizes(one));
  if (one->tolerance.cells) PetscCall(rho_tolerance_follow(&one->tolerance, s->rms, s->fluctuation, &changed));
  PetscFunctionReturn(0);
}

/* A step left the state where it was. */
static PetscErrorCode Back(RhoOneStep *one) {
  PetscFunctionBegin;
  one->modal->known = one->modal->ahead = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Arrive(RhoOneStep *one, PetscReal h) {
  PetscBool solved;
  PetscFunctionBegin;
  one->modal->time[0] = one->problem->time + h;
  PetscCall(rho_modal_state_rest(one, one->problem->time + h, RHO_MODAL_NEXT, RHO_MODAL_AFTER, &solved));
  PetscFunctionReturn(0);
}

/* x[name[0]], x[name[1]], ... move on by one; the last of n + 1, not needed any more, is the room of the next step. */
static void Rotate(RhoModalState *s, const int *name, int n) {
  PetscScalar **last = s->x[name[n]];
  for (int k = n; k > 0; k--) s->x[name[k]] = s->x[name[k - 1]];
  s->x[name[0]] = last;
}

static PetscErrorCode Pass(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  PetscFunctionBegin;
  Rotate(s, states, s->most);
  Rotate(s, rests, s->most);
  for (int k = s->most; k > 0; k--) s->time[k] = s->time[k - 1];
  s->npast = (int)PetscMin(s->npast + 1, s->most);
  s->shown = PETSC_FALSE;
  s->age++;
  s->known = (PetscBool)(rho_modal_state_squares(one) != NULL);
  s->sized = (PetscBool)!s->known;
  if (s->ahead) Sizes(s, RhoFieldGrid(one->problem->fm)->ncell);
  s->ahead = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* ---- errors ---- */

/* Where tolerances differ from cell to cell. */
static PetscErrorCode NormOfCells(RhoOneStep *one, const RhoModalSum *sum, PetscReal *norm) {
  RhoModalState *s = one->modal;
  PetscFunctionBegin;
  if (!one->e) PetscCall(VecDuplicate(one->problem->u, &one->e));
  if (!s->x[RHO_MODAL_ERROR]) PetscCall(RhoModalSpectra(s->modal, &s->x[RHO_MODAL_ERROR]));
  PetscCall(rho_modal_state_sum(s, sum, RHO_MODAL_ERROR, PETSC_FALSE, NULL, NULL));
  PetscCall(GoBack(s, RHO_MODAL_ERROR, one->e));
  PetscCall(GoBack(s, RHO_MODAL_NEXT, one->problem->u));
  s->shown = PETSC_FALSE;
  PetscCall(rho_tolerance_norm(&one->tolerance, one->problem->u, one->e, norm));
  PetscFunctionReturn(0);
}

/* Of this rank; the error of the mean counts where there are sources. */
static PetscErrorCode OwnSquare(const RhoOneStep *one, const RhoModalSum *sum, PetscReal *total) {
  RhoModalState *s = one->modal;
  PetscReal square[RHO_SYMBOL_MOST];
  PetscFunctionBegin;
  PetscCall(rho_modal_state_sum(s, sum, RHO_MODAL_NONE, PETSC_FALSE, s->every, square));
  *total = 0;
  for (PetscInt i = 0; i < s->n; i++) *total += square[i] / PetscSqr(one->tolerance.field[i]);
  PetscFunctionReturn(0);
}

enum { MOST_NORMS = 3 };

/* Norms of n sums, and what the next step wants to know of the state, in one reduction. */
static PetscErrorCode Norms(RhoOneStep *one, int n, const RhoModalSum *const *sum, PetscReal *norm) {
  RhoModalState *s = one->modal;
  PetscReal all[MOST_NORMS + 2 * RHO_SYMBOL_MOST], count = (PetscReal)RhoFieldGrid(one->problem->fm)->ncell * s->n;
  PetscFunctionBegin;
  for (int k = 0; k < n; k++) {
    if (one->tolerance.cells) PetscCall(OwnSquare(one, sum[k], &all[k]));
    else PetscCall(NormOfCells(one, sum[k], &norm[k]));
  }
  if (!one->tolerance.cells) PetscFunctionReturn(0);
  OwnMoments(s, RHO_MODAL_NEXT, all + n);
  PetscCall(Add(one, n + 2 * s->n, all));
  for (int k = 0; k < n; k++) norm[k] = PetscSqrtReal(all[k] * s->modes->scale / count);
  PetscCall(PetscArraycpy(s->moment, all + n, 2 * s->n));
  s->ahead = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* An estimate may be blind to what depends on time alone.  One of an order less is not, but far too large: its 3/2
   power over the change in the step has the order (as in QUADPACK). */
static PetscErrorCode Measure(RhoOneStep *one, PetscReal h, PetscReal *error) {
  const RhoModalState *s = one->modal;
  const RhoModalSum *const sum[MOST_NORMS] = {&s->error, &s->low, &s->whole};
  PetscBool blind = (PetscBool)(s->low.nterm > 0 && RhoFieldEquations(one->problem->fm)->uses_time);
  PetscReal norm[MOST_NORMS] = {0}, low, whole;
  PetscFunctionBegin;
  (void)h;
  PetscCall(Norms(one, blind ? MOST_NORMS : 1, sum, norm));
  *error = norm[0];
  low = norm[1];
  whole = norm[2];
  if (low > 0) *error = PetscMax(*error, low * PetscSqrtReal(PetscMin(low / PetscMax(whole, PETSC_SMALL), 1)));
  PetscFunctionReturn(0);
}

/* ---- life ---- */

static PetscErrorCode Create(RhoOneStep *one) {
  RhoEquations eq = RhoFieldEquations(one->problem->fm);
  PetscBool fixed = (PetscBool)(eq->nconserved == eq->nfield && !one->problem->open); /* all means are */
  RhoModalState *s;
  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  one->modal = s;
  PetscCall(RhoModalCreate(one->problem->fm, &s->modal));
  s->modes = RhoModalModes(s->modal);
  s->n = s->modes->nfield;
  s->most = 1;
  s->run = (RhoModalRun){.nmode = s->modes->nmode, .pitch = s->modes->pitch, .width = s->modes->width, .n = s->n};
  s->copied = RHO_MODAL_NONE;
  for (PetscInt i = 0; i < s->n; i++) s->copy[i] = s->modes->back[i] ? RhoModalHalf(s->modal)[i] : NULL;
  PetscCall(PetscCalloc2((size_t)s->modes->pitch + 1, &s->weight, (size_t)s->modes->pitch + 1, &s->every));
  PetscCall(PetscArraycpy(s->weight, s->modes->weight, s->modes->nmode));
  PetscCall(PetscArraycpy(s->every, s->modes->weight, s->modes->nmode));
  if (fixed && s->modes->mean >= 0) s->every[s->modes->mean] = 0; /* rounding is no error of the step */
  if (s->modes->mean >= 0) {
    s->mean_weight = s->weight[s->modes->mean];
    s->weight[s->modes->mean] = 0;
  }
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, &s->mean_weight, 1, MPIU_REAL, MPI_MAX, RhoFieldGrid(one->problem->fm)->comm));
  PetscCall(PetscCalloc4((size_t)s->n, &s->square, (size_t)s->n, &s->rms, (size_t)s->n, &s->fluctuation,
                         (size_t)(2 * s->n), &s->moment));
  PetscCall(rho_stage_flow_create(one->problem, &s->flow));
  PetscFunctionReturn(0);
}

static PetscInt Planes(const RhoModalState *s) { return s->n * s->n * (s->modes->B ? 2 : 1); }

PetscErrorCode rho_modal_state_room(RhoModalState *s, unsigned registers, int ntable) {
  PetscFunctionBegin;
  for (int k = 0; k < RHO_MODAL_REGISTERS; k++)
    if (registers & 1u << k) PetscCall(RhoModalSpectra(s->modal, &s->x[k]));
  s->ntable = ntable;
  for (int t = 0; t < ntable; t++) {
    PetscCall(PetscMalloc1((size_t)Planes(s), &s->plane[t]));
    for (PetscInt e = 0; e < Planes(s); e++) PetscCall(PetscCalloc1((size_t)s->modes->pitch + 1, &s->plane[t][e]));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  PetscFunctionBegin;
  for (int k = 0; k < RHO_MODAL_REGISTERS; k++) PetscCall(RhoModalFreeSpectra(s->modal, &s->x[k]));
  for (int t = 0; t < s->ntable; t++) {
    for (PetscInt e = 0; e < Planes(s); e++) PetscCall(PetscFree(s->plane[t][e]));
    PetscCall(PetscFree(s->plane[t]));
  }
  PetscCall(rho_stage_flow_destroy(&s->flow));
  PetscCall(PetscFree2(s->weight, s->every));
  PetscCall(PetscFree4(s->square, s->rms, s->fluctuation, s->moment));
  PetscCall(RhoModalDestroy(&s->modal));
  PetscCall(VecDestroy(&one->e));
  PetscCall(PetscFree(one->modal));
  PetscFunctionReturn(0);
}

const RhoOneStepState rho_modal_state = {.create = Create,
                                         .destroy = Destroy,
                                         .look = Look,
                                         .keep = Keep,
                                         .back = Back,
                                         .arrive = Arrive,
                                         .measure = Measure,
                                         .pass = Pass,
                                         .show = Show,
                                         .anew = Look};
