/* exponential.c - exponential Runge-Kutta steps in transform space,  d_t u = A u + N(u, t).

   With z = h A, phi_k of z (phi.h), phi_k' of z/2, E = e^z:

     4   a = E' u + h/2 phi_1' N(u)                       Krogstad (2005), order 4
         b = a + h phi_2' (N(a) - N(u))
         c = E u + h phi_1 N(u) + 2 h phi_2 (N(b) - N(u))
         v = c + h phi_2 (-N(u) + 2 N(a) - N(c)) + 4 h phi_3 (N(u) - N(a) - N(b) + N(c))
         error  h (4 phi_3 - phi_2) (N(v) - N(c)), of order 3: N(v), which the next step begins with, in the place of
                N(c) (Whalen, Brio, Moloney 2015)

     2   a = E u + h phi_1 N(u),  v = a + h phi_2 (N(a) - N(u))     Cox and Matthews (2002), order 2
         error  v - a, of order 1

   As many N as the order, one of them at the new state.  A is any matrix: growing, defective, zero, of waves.  Error
   and state are exact for A alone; sums of conserved combinations are, A and N having none.

   Tables of h phi_k take as long as one to three stages: they stay as long as h does, and A with them, which is set
   anew when they are made anyway, or is old.  Those of k > 0 multiply N alone, and have its factors in them. */
#include "exponential.h"
#include "phi.h"
#include <string.h>

#define OLDEST 50  /* steps with one A, where it depends on the state */
#define SAME 1e-12 /* lengths that differ by less have the same tables */

/* table = factor h^(k > 0) phi_k of z, or of z/2 */
typedef struct {
  PetscBool half;
  int k;
  PetscReal factor;
} Table;

typedef struct {
  int to;
  PetscBool onto;
  RhoModalSum sum;
  int rest; /* register for N there; RHO_MODAL_NONE: it is the new state */
  PetscReal at;
} Stage;

typedef struct RhoExponentialScheme_s {
  const char *variant;
  int order, ntable, nstage;
  unsigned registers;
  Table table[RHO_MODAL_TABLES];
  Stage stage[4];
  RhoModalSum error, low, whole;
  PetscReal weight[4]; /* of the rates of inflow at the stages */
} Scheme;

#define U [RHO_MODAL_U]
#define N [RHO_MODAL_N]
#define BIT(name) (1u << RHO_MODAL_##name)
#define STAGE [RHO_MODAL_U2] /* registers of the stages */
#define NA [RHO_MODAL_AFTER]
#define NB [RHO_MODAL_N2]
#define NC [RHO_MODAL_MORE]
#define NV [RHO_MODAL_AFTER] /* when it is known N(a) is not needed any more */
enum { E, F1, F2, F3, E_HALF, F1_HALF, F2_HALF };

static const Scheme schemes[] =
    {{.variant = "4",
      .order = 4,
      .ntable = 7,
      .nstage = 4,
      .registers = BIT(U) | BIT(U2) | BIT(NEXT) | BIT(N) | BIT(N2) | BIT(AFTER) | BIT(MORE),
      .table = {[E] = {PETSC_FALSE, 0, 1},
                [F1] = {PETSC_FALSE, 1, 1},
                [F2] = {PETSC_FALSE, 2, 1},
                [F3] = {PETSC_FALSE, 3, 4},
                [E_HALF] = {PETSC_TRUE, 0, 1},
                [F1_HALF] = {PETSC_TRUE, 1, 0.5},
                [F2_HALF] = {PETSC_TRUE, 2, 1}},
      .stage =
          {{RHO_MODAL_U2, PETSC_FALSE, {2, {{E_HALF, {U = 1}}, {F1_HALF, {N = 1}}}}, RHO_MODAL_AFTER, 0.5},
           {RHO_MODAL_U2, PETSC_TRUE, {1, {{F2_HALF, {N = -1, NA = 1}}}}, RHO_MODAL_N2, 0.5},
           {RHO_MODAL_NEXT, PETSC_FALSE, {3, {{E, {U = 1}}, {F1, {N = 1}}, {F2, {N = -2, NB = 2}}}}, RHO_MODAL_MORE, 1},
           {RHO_MODAL_NEXT,
            PETSC_TRUE,
            {2, {{F2, {N = -1, NA = 2, NC = -1}}, {F3, {N = 1, NA = -1, NB = -1, NC = 1}}}},
            RHO_MODAL_NONE,
            1}},
      .error = {2, {{F3, {NV = 1, NC = -1}}, {F2, {NV = -1, NC = 1}}}},
      .low = {1, {{F2, {N = 1.0 / 3, NB = -2.0 / 3, NV = 1.0 / 3}}}},
      .whole = {1, {{F1, {N = 1}}}},
      .weight = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}},
     {.variant = "2",
      .order = 2,
      .ntable = 3,
      .nstage = 2,
      .registers = BIT(U) | BIT(NEXT) | BIT(N) | BIT(AFTER) | BIT(MORE),
      .table = {[E] = {PETSC_FALSE, 0, 1}, [F1] = {PETSC_FALSE, 1, 1}, [F2] = {PETSC_FALSE, 2, 1}},
      .stage = {{RHO_MODAL_NEXT, PETSC_FALSE, {2, {{E, {U = 1}}, {F1, {N = 1}}}}, RHO_MODAL_MORE, 1},
                {RHO_MODAL_NEXT, PETSC_TRUE, {1, {{F2, {N = -1, NC = 1}}}}, RHO_MODAL_NONE, 1}},
      .error = {1, {{F2, {N = -1, NC = 1}}}},
      .weight = {0.5, 0.5}}};

/* ---- tables ---- */

static PetscReal Factor(const Table *table, PetscReal h) { return table->k > 0 ? table->factor * h : table->factor; }

#define CHUNK 512

/* One field, real A: loops over modes. */
static void NumberTables(RhoModalState *s, const Scheme *scheme, PetscReal h) {
  PetscReal z[CHUNK], room[RHO_NPHI][CHUNK], *const phi[RHO_NPHI] = {room[0], room[1], room[2], room[3]};
  for (PetscInt p = 0; p < s->modes->nmode; p += CHUNK) {
    PetscInt n = PetscMin(CHUNK, s->modes->nmode - p);
    for (PetscInt m = 0; m < n; m++) z[m] = 0.5 * h * s->modes->A[p + m];
    rho_phi_numbers(n, z, phi);
    for (int half = 1; half >= 0; half--) {
      if (!half) rho_phi_numbers_twice(n, phi);
      for (int t = 0; t < scheme->ntable; t++) {
        PetscReal factor = Factor(&scheme->table[t], h);
        if ((int)scheme->table[t].half != half) continue;
        const PetscReal *rest = scheme->table[t].k > 0 ? s->modes->factor[0] : NULL, *f = phi[scheme->table[t].k];
        for (PetscInt m = 0; m < n; m++) s->plane[t][0][p + m] = factor * (rest ? rest[p + m] * f[m] : f[m]);
      }
    }
  }
}

/* h/2 A as a real matrix: of complex ones  ((a, -b), (b, a))  with its parts. */
static int Embed(const RhoModes *modes, PetscInt m, PetscReal factor, PetscReal *z) {
  int n = (int)modes->nfield, parts = modes->B ? 2 : 1, size = n * parts;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      PetscReal a = factor * RhoModesA(modes, i, j)[m], b = modes->B ? factor * RhoModesB(modes, i, j)[m] : 0;
      z[i * size + j] = a;
      if (parts == 1) continue;
      z[(n + i) * size + n + j] = a;
      z[(n + i) * size + j] = b;
      z[i * size + n + j] = -b;
    }
  return size;
}

/* The entries of mode m from phi[k][size][size]. */
static void Store(RhoModalState *s, const Scheme *scheme, PetscReal h, PetscBool half, PetscInt m,
                  PetscReal *const *phi) {
  PetscInt n = s->n, parts = s->modes->B ? 2 : 1, size = n * parts;
  for (int t = 0; t < scheme->ntable; t++) {
    PetscReal factor = Factor(&scheme->table[t], h);
    const PetscReal *f = phi[scheme->table[t].k];
    if (scheme->table[t].half != half) continue;
    for (PetscInt e = 0; e < n * n; e++) {
      const PetscReal *rest = scheme->table[t].k > 0 ? s->modes->factor[e % n] : NULL;
      for (PetscInt part = 0; part < parts; part++)
        s->plane[t][e * parts + part][m] = factor * (rest ? rest[m] : 1) * f[(e / n + part * n) * size + e % n];
    }
  }
}

static PetscErrorCode MatrixTables(RhoModalState *s, const Scheme *scheme, PetscReal h) {
  PetscReal *phi[RHO_NPHI], *z;
  size_t room = RHO_PHI_MOST * RHO_PHI_MOST;
  PetscFunctionBegin;
  PetscCall(PetscMalloc5(room, &z, room, &phi[0], room, &phi[1], room, &phi[2], room, &phi[3]));
  for (PetscInt m = 0; m < s->modes->nmode; m++) {
    int size = Embed(s->modes, m, 0.5 * h, z);
    rho_phi_matrix(size, z, phi);
    Store(s, scheme, h, PETSC_TRUE, m, phi);
    rho_phi_matrix_twice(size, phi);
    Store(s, scheme, h, PETSC_FALSE, m, phi);
  }
  PetscCall(PetscFree5(z, phi[0], phi[1], phi[2], phi[3]));
  PetscFunctionReturn(0);
}

/* Tables of this length, and A of this state with them. */
static PetscErrorCode Prepare(RhoOneStep *one, RhoExponential *exponential, PetscReal h) {
  RhoModalState *s = one->modal;
  PetscBool same = (PetscBool)(PetscAbsReal(h - exponential->length) <= SAME * h && !s->set);
  PetscFunctionBegin;
  if (same && (s->modes->constant || s->age < OLDEST)) PetscFunctionReturn(0);
  PetscCall(rho_modal_state_set(one));
  if (s->n == 1 && !s->modes->B) NumberTables(s, exponential->scheme, h);
  else PetscCall(MatrixTables(s, exponential->scheme, h));
  exponential->length = h;
  s->set = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* ---- a step ---- */

static PetscErrorCode Restore(RhoOneStep *one, PetscReal h) {
  RhoProblem *problem = one->problem;
  PetscReal *amount;
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)RhoFieldEquations(problem->fm)->nconserved + 1, &amount));
  if (problem->open) PetscCall(rho_stage_flow_amounts(&one->modal->flow, h, amount));
  PetscCall(rho_modal_state_restore(one, amount));
  PetscCall(PetscFree(amount));
  PetscFunctionReturn(0);
}

static PetscErrorCode SolveStage(RhoOneStep *one, const Stage *stage, PetscReal h, PetscBool *solved) {
  RhoModalState *s = one->modal;
  PetscBool last = (PetscBool)(stage->rest == RHO_MODAL_NONE);
  PetscFunctionBegin;
  PetscCall(rho_modal_state_sum(s, &stage->sum, stage->to, stage->onto, s->weight,
                                last ? rho_modal_state_squares(one) : NULL));
  if (last) PetscCall(Restore(one, h));
  else PetscCall(rho_modal_state_rest(one, one->problem->time + stage->at * h, stage->to, stage->rest, solved));
  if (!last) rho_stage_flow_note(&s->flow);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_exponential_solve(RhoOneStep *one, RhoExponential *exponential, PetscReal h, PetscBool *solved) {
  RhoModalState *s = one->modal;
  const Scheme *scheme = exponential->scheme;
  PetscFunctionBegin;
  PetscCall(Prepare(one, exponential, h));
  PetscCall(PetscArraycpy(one->problem->inflow, one->rate, RhoFieldEquations(one->problem->fm)->nconserved));
  PetscCall(PetscArraycpy(s->flow.weight, scheme->weight, scheme->nstage));
  s->flow.nstage = scheme->nstage;
  s->flow.stage = 0;
  rho_stage_flow_note(&s->flow);
  one->order = scheme->order;
  s->error = scheme->error;
  s->low = scheme->low;
  s->whole = scheme->whole;
  *solved = PETSC_TRUE;
  for (int k = 0; k < scheme->nstage && *solved; k++) PetscCall(SolveStage(one, &scheme->stage[k], h, solved));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_exponential_create(RhoOneStep *one, const char *variant, unsigned registers,
                                      RhoExponential *exponential) {
  const Scheme *scheme = schemes;
  PetscFunctionBegin;
  while (strcmp(scheme->variant, variant)) scheme++;
  *exponential = (RhoExponential){.scheme = scheme};
  PetscCall(rho_modal_state_room(one->modal, scheme->registers | registers, scheme->ntable));
  PetscFunctionReturn(0);
}

/* ---- the engine ---- */

static PetscErrorCode CreateExponential(RhoOneStep *one) {
  RhoExponential *exponential;
  PetscFunctionBegin;
  PetscCall(PetscNew(&exponential));
  one->data = exponential;
  PetscCall(rho_exponential_create(one, one->problem->variant, 0, exponential));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyExponential(RhoOneStep *one) {
  PetscFunctionBegin;
  PetscCall(PetscFree(one->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode Solve(RhoOneStep *one, PetscReal h, Vec u, PetscBool *solved) {
  PetscFunctionBegin;
  (void)u;
  PetscCall(rho_exponential_solve(one, one->data, h, solved));
  PetscFunctionReturn(0);
}

static PetscErrorCode Accept(RhoOneStep *one, PetscReal h, Vec u) {
  PetscFunctionBegin;
  (void)u;
  PetscCall(rho_stage_flow_accept(&one->modal->flow, h));
  PetscFunctionReturn(0);
}

static const RhoOneStepMethod exponential_method = {.state = &rho_modal_state,
                                                    .steady = PETSC_TRUE,
                                                    .create = CreateExponential,
                                                    .destroy = DestroyExponential,
                                                    .solve = Solve,
                                                    .accept = Accept};

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  PetscFunctionBegin;
  PetscCall(rho_onestep_create(problem, &exponential_method, engine));
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_exponential = RHO_ONESTEP_ENGINE(Create);
