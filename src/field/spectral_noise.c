/* spectral_noise.c - noise with the spectral discretisation.

     du_i^ = sum_d i q_d [sum_k g_ik xi_kd]^ + [sum_k h_ik eta_k]^,   amplitudes and noises at the centres of the cells

   Every mode of a white noise at the points has the same variance, and q is the wave's own: S(q) of independent
   particles is flat to the last mode that is kept, and the mean of a field stays what it is, exactly. */
#include "noise.h"
#include "loops.h"
#include "spectral.h"

struct SpNoise_s {
  SpProgram program;
  int n;               /* amplitudes of all kinds, then drifts */
  PetscScalar **at;    /* [n][nowned] what the program makes */
  PetscScalar **value; /* [n][nghosted] the same, by ghosted cells */
  PetscScalar *sum;    /* [nowned] */
};

static int CountAll(RhoNoise noise) {
  int n = noise->drift.n;
  for (int k = 0; k <= RHO_NOISE_CELL; k++) n += noise->kind[k].n;
  return n;
}

PetscErrorCode rho_sp_noise_create(RhoNoise noise, RhoNode *const *node) {
  RhoFieldModel fm = noise->fm;
  struct SpNoise_s *s;
  int n = CountAll(noise), first = 0;
  RhoNode *target = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)(n + 1));
  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  noise->spectral = s;
  s->n = n;
  PetscCall(PetscCalloc2((size_t)n + 1, &s->at, (size_t)n + 1, &s->value));
  PetscCall(PetscCalloc1((size_t)fm->grid->nowned, &s->sum));
  for (int k = 0; k < n; k++) {
    PetscCall(PetscCalloc1((size_t)fm->grid->nowned, &s->at[k]));
    PetscCall(PetscCalloc1((size_t)fm->grid->nghosted, &s->value[k]));
  }
  for (int kind = 0; kind <= RHO_NOISE_CELL; kind++)
    for (int k = 0; k < noise->kind[kind].n; k++, first++) {
      target[first] = node[kind][k];
      noise->kind[kind].amplitude[k].value = s->value[first];
    }
  noise->drift.value = s->value + first;
  for (int k = 0; k < noise->drift.n; k++) target[first + k] = noise->drift.node[k];
  PetscCall(rho_sp_create(fm, rho_fv_field_symbols(fm), fm->spectral->nknown, fm->spectral->known, n, target,
                          PETSC_TRUE, &s->program));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_noise_destroy(RhoNoise noise) {
  struct SpNoise_s *s = noise->spectral;
  PetscFunctionBegin;
  PetscCall(rho_sp_destroy(&s->program));
  for (int k = 0; k < s->n; k++) {
    PetscCall(PetscFree(s->at[k]));
    PetscCall(PetscFree(s->value[k]));
  }
  PetscCall(PetscFree2(s->at, s->value));
  PetscCall(PetscFree(s->sum));
  PetscCall(PetscFree(noise->spectral));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_noise_amplitudes(RhoNoise noise, PetscReal t, Vec u) {
  struct SpNoise_s *s = noise->spectral;
  PetscInt first, cell, n = noise->fm->grid->count[0];
  PetscFunctionBegin;
  PetscCall(rho_sp_values(&s->program, t, u, s->at, 1));
  for (int k = 0; k < s->n; k++)
    for (PetscInt row = 0; rho_noise_row(noise->fm, row, &first, &cell); row++)
      PetscCall(PetscArraycpy(s->value[k] + first, s->at[k] + cell, n));
  PetscFunctionReturn(0);
}

/* The sum of a field's noises of one kind at the points; PETSC_FALSE: it has none. */
static PetscBool Gather(RhoNoise noise, int kind, int field) {
  PetscScalar *sum = noise->spectral->sum;
  PetscInt first, cell, n = noise->fm->grid->count[0];
  PetscBool any = PETSC_FALSE;
  for (int k = 0; k < noise->kind[kind].n; k++) {
    const Amplitude *a = &noise->kind[kind].amplitude[k];
    if (a->field != field) continue;
    for (PetscInt row = 0; rho_noise_row(noise->fm, row, &first, &cell); row++)
      for (PetscInt p = 0; p < n; p++) sum[cell + p] = (any ? sum[cell + p] : 0) + a->value[first + p];
    any = PETSC_TRUE;
  }
  return any;
}

/* The drifts of Stratonovich noises of the cells, onto those. */
static void AddDrifts(RhoNoise noise, int field, PetscReal dt, PetscBool *any) {
  PetscReal size = noise->kind[RHO_NOISE_CELL].same;
  PetscScalar *sum = noise->spectral->sum;
  PetscInt first, cell, n = noise->fm->grid->count[0];
  for (int k = 0; k < noise->drift.n; k++) {
    if (noise->drift.field[k] != field) continue;
    for (PetscInt row = 0; rho_noise_row(noise->fm, row, &first, &cell); row++)
      for (PetscInt p = 0; p < n; p++)
        sum[cell + p] = (*any ? sum[cell + p] : 0) + dt * size * size * noise->drift.value[k][first + p];
    *any = PETSC_TRUE;
  }
}

/* The transform of a field's noise into fm->spectral->result[field]. */
static PetscErrorCode FieldNoise(RhoNoise noise, int field, PetscReal dt) {
  RhoFieldModel fm = noise->fm;
  RhoSpectral s = fm->spectral;
  PetscScalar *out = s->result[field];
  PetscFunctionBegin;
  PetscCall(PetscArrayzero(out, 2 * s->nmode));
  for (int kind = 0; kind <= RHO_NOISE_CELL; kind++) {
    PetscBool flux = (PetscBool)(kind < RHO_NOISE_CELL), any = Gather(noise, kind, field);
    SpWave wave = {.n = flux, .code = {SP_DIFF + kind}};
    int number;
    if (!flux) AddDrifts(noise, field, dt, &any);
    if (!any) continue;
    PetscCall(rho_sp_factor(fm, &wave, &number));
    PetscCall(RhoTransformForward(fm->transform, noise->spectral->sum, 1, s->sum));
    if (flux) rho_loop_add_turned(s->nmode, 1, s->factor[number].at, s->sum, false, out);
    else rho_loop_add_modes(s->nmode, 1, s->factor[number].at, s->sum, false, out);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_noise_add(RhoNoise noise, PetscReal dt, Vec du) {
  PetscFunctionBegin;
  for (int i = 0; i < noise->fm->eq->nfield; i++) PetscCall(FieldNoise(noise, i, dt));
  PetscCall(rho_sp_back_all(noise->fm, noise->fm->spectral->result, du));
  PetscFunctionReturn(0);
}
