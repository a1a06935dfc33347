/* modal_state.c - see modal_state.h. */
#include "modal_state.h"
#include "combine.h"
#include "modal_loops.h"
#include "step_totals.h"
#include <math.h>

#define BLOCK 256 /* modes whose numbers stay in the first cache */

/* ---- sums ---- */

/* sum_k c[k] x[k][field] of the block of modes from p on; work is for it, unless it is one of them. */
static const PetscScalar *Combined(const RhoModalState *s, const PetscReal *c, PetscInt field, PetscInt p, PetscInt n,
                                   PetscScalar *work) {
  const PetscScalar *from[RHO_MODAL_REGISTERS];
  PetscReal factor[RHO_MODAL_REGISTERS];
  PetscInt w = s->modes->width;
  int count = 0;
  for (int k = 0; k < RHO_MODAL_REGISTERS; k++) {
    if (c[k] == 0) continue;
    factor[count] = c[k];
    from[count++] = s->x[k][field] + p * w;
  }
  if (count == 1 && factor[0] == 1) return from[0];
  rho_combine(n * w, count, factor, from, work);
  return work;
}

static void AddPlain(PetscInt n, const PetscScalar *x, PetscBool first, PetscScalar *out) {
  for (PetscInt k = 0; k < n; k++) out[k] = x[k] + (first ? 0 : out[k]);
}

/* One term of all fields, of the block of modes from p on. */
static void AddTerm(const RhoModalState *s, int table, const PetscReal *c, PetscInt p, PetscInt n, PetscBool first,
                    PetscScalar *const *out) {
  PetscInt nf = s->n, w = s->modes->width;
  int parts = s->modes->B ? 2 : 1;
  for (PetscInt j = 0; j < nf; j++) {
    const PetscScalar *x = Combined(s, c, j, p, n, s->work);
    if (table < 0) AddPlain(n * w, x, first, out[j]);
    for (PetscInt i = 0; i < nf && table >= 0; i++) {
      PetscReal *const *plane = s->plane[table] + (i * nf + j) * parts;
      rho_modal_multiply(n, w, plane[0] + p, parts == 2 ? plane[1] + p : NULL, x, (PetscBool)(first && j == 0), out[i]);
    }
  }
}

PetscErrorCode rho_modal_state_sum(RhoModalState *s, const RhoModalSum *sum, int to, PetscBool onto,
                                   PetscReal *square) {
  PetscInt nf = s->n, w = s->modes->width;
  PetscScalar *out[RHO_SYMBOL_MOST];
  PetscFunctionBegin;
  for (PetscInt i = 0; i < nf && square; i++) square[i] = 0;
  for (PetscInt p = 0; p < s->modes->nmode; p += BLOCK) {
    PetscInt n = PetscMin(BLOCK, s->modes->nmode - p);
    for (PetscInt i = 0; i < nf; i++) out[i] = to < 0 ? s->work + (1 + i) * BLOCK * w : s->x[to][i] + p * w;
    for (int t = 0; t < sum->nterm; t++)
      AddTerm(s, sum->term[t].table, sum->term[t].c, p, n, (PetscBool)(t == 0 && !onto), out);
    if (sum->shift != 0) {
      const PetscReal *A = s->modes->A + p * nf * nf, *B = s->modes->B ? s->modes->B + p * nf * nf : NULL;
      rho_modal_solve(n, w, (int)nf, sum->shift, A, B, out);
    }
    for (PetscInt i = 0; i < nf && square; i++) square[i] += rho_modal_square(n, w, s->weight + p, out[i]);
  }
  PetscFunctionReturn(0);
}

/* ---- totals ---- */

/* The sum over cells of a field is so much times its mode of the mean. */
static PetscReal MeanFactor(const RhoOneStep *one) {
  const RhoModes *modes = one->modal->modes;
  return PetscSqrtReal(RhoFieldGrid(one->problem->fm)->ncell * modes->scale * modes->weight[modes->mean]);
}

#define MOST_ROUNDING 1e-11 /* of int |u|, as stage_flow.c */

/* missing[c] = target + amount - total; M_cc' = sum_i w_ci w_c'i rms_i, by columns */
static void Defects(const RhoOneStep *one, const PetscReal *amount, PetscReal factor, PetscReal *missing,
                    PetscReal *M) {
  const RhoModalState *s = one->modal;
  RhoEquations eq = RhoFieldEquations(one->problem->fm);
  RhoGrid grid = RhoFieldGrid(one->problem->fm);
  for (int c = 0; c < eq->nconserved; c++) {
    PetscReal size = 0;
    missing[c] = one->problem->target[c] + (amount[c] - one->problem->lost[c]);
    for (PetscInt i = 0; i < s->n; i++) {
      missing[c] -= eq->conserved[c][i] * factor * s->x[RHO_MODAL_NEXT][i][s->modes->mean * s->modes->width];
      size += PetscAbsReal(eq->conserved[c][i]) * s->rms[i] * grid->volume * grid->ncell;
      for (int k = 0; k < eq->nconserved; k++)
        M[k * eq->nconserved + c] += eq->conserved[c][i] * eq->conserved[k][i] * s->rms[i];
    }
    if (RhoTotalOpen(one->problem->fm, c) && !(PetscAbsReal(missing[c]) <= MOST_ROUNDING * size)) missing[c] = 0;
  }
}

PetscErrorCode rho_modal_state_restore(RhoOneStep *one, const PetscReal *amount) {
  RhoModalState *s = one->modal;
  RhoEquations eq = RhoFieldEquations(one->problem->fm);
  size_t nc = (size_t)eq->nconserved;
  PetscReal *missing, *M, factor, volume = RhoFieldGrid(one->problem->fm)->volume;
  PetscFunctionBegin;
  if (nc == 0 || s->modes->mean < 0 || s->modes->weight[s->modes->mean] == 0) PetscFunctionReturn(0);
  factor = volume * MeanFactor(one);
  PetscCall(PetscCalloc2(nc, &missing, nc * nc, &M));
  Defects(one, amount, factor, missing, M);
  PetscCall(rho_step_totals_solve((int)nc, M, missing));
  for (PetscInt i = 0; i < s->n; i++) {
    PetscReal sum = 0;
    for (int c = 0; c < eq->nconserved; c++) sum += missing[c] * eq->conserved[c][i];
    s->x[RHO_MODAL_NEXT][i][s->modes->mean * s->modes->width] += sum * s->rms[i] / factor;
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
  RhoProblem *problem = one->problem;
  PetscFunctionBegin;
  PetscCall(RhoModalBackward(s->modal, s->x[of], problem->u));
  PetscCall(rho_problem_rest(problem, s->modal, t, problem->u, s->x[of], s->x[into], &one->domain));
  *solved = (PetscBool)!one->domain;
  PetscFunctionReturn(0);
}

static const int states[] = {RHO_MODAL_NEXT, RHO_MODAL_U, RHO_MODAL_U1, RHO_MODAL_U2};
static const int rests[] = {RHO_MODAL_AFTER, RHO_MODAL_N, RHO_MODAL_N1, RHO_MODAL_N2};

PetscErrorCode rho_modal_state_set(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  RhoProblem *problem = one->problem;
  PetscFunctionBegin;
  if (s->modes->constant || s->age == 0) PetscFunctionReturn(0);
  for (int k = 1; k <= s->npast; k++) RhoModalAdd(s->modal, 1, s->x[states[k]], s->x[rests[k]]);
  PetscCall(RhoModalSet(s->modal, rho_problem_inside(problem, problem->time), problem->u));
  for (int k = 1; k <= s->npast; k++) RhoModalAdd(s->modal, -1, s->x[states[k]], s->x[rests[k]]);
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
  PetscCall(RhoModalSet(s->modal, rho_problem_inside(problem, problem->time), problem->u));
  PetscCall(
      rho_problem_rest(problem, s->modal, problem->time, problem->u, s->x[RHO_MODAL_U], s->x[RHO_MODAL_N], &left));
  PetscCall(PetscArraycpy(one->rate, problem->inflow, RhoFieldEquations(problem->fm)->nconserved));
  s->age = 0;
  s->npast = 1;
  s->time[1] = problem->time;
  s->fresh = s->set = PETSC_TRUE;
  s->known = s->sized = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Look(RhoOneStep *one) {
  PetscFunctionBegin;
  one->modal->fresh = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* Of the state at hand; control of the error has made them with the error of the step before. */
static PetscErrorCode MakeSizes(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  PetscFunctionBegin;
  for (PetscInt i = 0; i < s->n && !s->known; i++)
    s->square[i] = rho_modal_square(s->modes->nmode, s->modes->width, s->weight, s->x[RHO_MODAL_U][i]);
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

static PetscErrorCode Back(RhoOneStep *one) {
  RhoModalState *s = one->modal;
  PetscFunctionBegin;
  PetscCall(RhoModalBackward(s->modal, s->x[RHO_MODAL_U], one->problem->u));
  s->known = s->ahead = PETSC_FALSE;
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
  s->age++;
  s->known = PETSC_TRUE;
  s->sized = PETSC_FALSE;
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
  PetscCall(rho_modal_state_sum(s, sum, RHO_MODAL_ERROR, PETSC_FALSE, NULL));
  PetscCall(RhoModalBackward(s->modal, s->x[RHO_MODAL_ERROR], one->e));
  PetscCall(rho_tolerance_norm(&one->tolerance, one->problem->u, one->e, norm));
  PetscFunctionReturn(0);
}

/* Of this rank. */
static PetscErrorCode OwnSquare(const RhoOneStep *one, const RhoModalSum *sum, PetscReal *total) {
  RhoModalState *s = one->modal;
  PetscReal square[RHO_SYMBOL_MOST];
  PetscFunctionBegin;
  PetscCall(rho_modal_state_sum(s, sum, RHO_MODAL_NONE, PETSC_FALSE, square));
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
  RhoModalState *s;
  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  one->modal = s;
  PetscCall(RhoModalCreate(one->problem->fm, &s->modal));
  s->modes = RhoModalModes(s->modal);
  s->n = s->modes->nfield;
  s->most = 1;
  PetscCall(PetscMalloc1((size_t)s->modes->nmode + 1, &s->weight));
  PetscCall(PetscArraycpy(s->weight, s->modes->weight, s->modes->nmode));
  if (s->modes->mean >= 0) s->weight[s->modes->mean] = 0;
  PetscCall(PetscCalloc4((size_t)s->n, &s->square, (size_t)s->n, &s->rms, (size_t)s->n, &s->fluctuation,
                         (size_t)(2 * s->n), &s->moment));
  PetscCall(PetscMalloc1((size_t)((s->n + 1) * BLOCK * s->modes->width), &s->work));
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
    for (PetscInt e = 0; e < Planes(s); e++) PetscCall(PetscMalloc1((size_t)s->modes->nmode + 1, &s->plane[t][e]));
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
  PetscCall(PetscFree(s->weight));
  PetscCall(PetscFree4(s->square, s->rms, s->fluctuation, s->moment));
  PetscCall(PetscFree(s->work));
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
                                         .saved = Look};
