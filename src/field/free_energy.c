/* free_energy.c - F[u] on the grid.

     given:        sum over cells of V f(u), dot(grad a, grad b) as the residual takes it, so that dF/dt = sum over
                   faces of A J (mu_R - mu_L) holds exactly for the semi-discrete equations
     functional:   sum over cells of V [sum_i T_i u_i (log u_i - 1) + int_0^1 ds sum_i u_i mu_ex,i[s u]],
                   16 Gauss points in s */
#include "field_private.h"

struct RhoFreeEnergyPart_s {
  PetscBool exists, given;
  RhoCellFormulas formulas; /* given: f; else mu_ex,i and T_i of every field */
  DM da;
  Vec cells, scaled;
  PetscReal modulus; /* sum of the moduli of what was summed last, on this rank */
};

/* mu_i = T_i log u_i + excess_i; the nodes of all fields */
static PetscErrorCode Split(RhoFieldModel fm, RhoNode *node) {
  int nf = fm->eq->nfield;
  PetscFunctionBegin;
  if (setjmp(*RhoArenaGuard(fm->arena))) SETERRQ(fm->grid->comm, PETSC_ERR_MEM, "no memory for a free energy");
  for (int i = 0; i < nf; i++) {
    RhoNode T, excess, zero = RhoGraphConstant(fm->graph, 0);
    PetscBool ideal = (PetscBool)RhoPotentialSplit(fm->eq, i, &T, &excess);
    node[i] = !ideal ? fm->eq->equation[i].potential : excess < 0 ? zero : excess;
    node[nf + i] = ideal ? T : zero;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Prepare(RhoFieldModel fm, struct RhoFreeEnergyPart_s *part) {
  RhoNode node[64];
  PetscInt n = 1;
  PetscFunctionBegin;
  part->given = (PetscBool)(fm->eq->model->free_energy >= 0);
  part->exists = part->given;
  if (!part->given && 2 * fm->eq->nfield <= 64) {
    RhoVerdict verdict = RhoVariationalTest(fm->eq, fm->value, 0, 0);
    part->exists = (PetscBool)(verdict.applicable && verdict.verdict == RHO_FUNCTIONAL);
  }
  if (!part->exists) PetscFunctionReturn(0);
  node[0] = fm->eq->model->free_energy;
  if (!part->given) {
    PetscCall(Split(fm, node));
    n = 2 * fm->eq->nfield;
  }
  PetscCall(RhoCellFormulasCreate(fm, n, node, &part->formulas));
  PetscCall(RhoGridCompatible(fm->grid, n, &part->da));
  PetscCall(DMCreateGlobalVector(part->da, &part->cells));
  PetscCall(DMCreateGlobalVector(fm->grid->da, &part->scaled));
  PetscFunctionReturn(0);
}

/* sum over the owned cells of weight * sum_i u_i * column i (ideal: of T_i u_i (log u_i - 1)), in mean cell volumes */
static PetscErrorCode AddCells(RhoFieldModel fm, struct RhoFreeEnergyPart_s *part, Vec u, PetscReal weight,
                               PetscBool ideal, PetscReal *sum) {
  PetscInt nf = fm->eq->nfield, n = part->given ? 1 : 2 * nf;
  const PetscScalar *c, *x;
  PetscReal volume = 1;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(part->cells, &c));
  PetscCall(VecGetArrayRead(u, &x));
  for (PetscInt p = 0; p < fm->grid->nowned; p++) {
    PetscReal before = *sum;
    if (fm->grid->volumes) volume = fm->grid->volumes[p] / fm->grid->volume;
    if (part->given) *sum += volume * c[p];
    for (PetscInt i = 0; !part->given && i < nf; i++) {
      PetscReal v = x[p * nf + i], T = c[p * n + nf + i];
      if (!ideal) *sum += volume * weight * v * c[p * n + i];
      else if (T != 0 && v != 0) *sum += volume * T * v * (PetscLogReal(v) - 1);
    }
    part->modulus += PetscAbsReal(*sum - before);
  }
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscCall(VecRestoreArrayRead(part->cells, &c));
  PetscFunctionReturn(0);
}

static PetscErrorCode Integrate(RhoFieldModel fm, struct RhoFreeEnergyPart_s *part, PetscReal t, Vec u,
                                PetscReal *sum) {
  double weight;
  PetscFunctionBegin;
  for (int k = 0; k < RHO_GAUSS; k++) {
    PetscReal s = RhoGaussPoint(k, &weight);
    PetscCall(VecCopy(u, part->scaled));
    PetscCall(VecScale(part->scaled, s));
    PetscCall(RhoCellFormulasEval(part->formulas, t, part->scaled, part->cells));
    PetscCall(AddCells(fm, part, u, weight, PETSC_FALSE, sum));
  }
  PetscCall(AddCells(fm, part, u, 1, PETSC_TRUE, sum));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoFreeEnergy(RhoFieldModel fm, PetscReal t, Vec u, PetscBool *exists, PetscReal *F) {
  PetscReal sum = 0;
  PetscFunctionBegin;
  if (!fm->energy) {
    PetscCall(PetscNew(&fm->energy));
    PetscCall(Prepare(fm, fm->energy));
  }
  *exists = fm->energy->exists;
  *F = 0;
  fm->energy->modulus = 0;
  if (!*exists) PetscFunctionReturn(0);
  if (fm->energy->given) {
    PetscCall(RhoCellFormulasEval(fm->energy->formulas, t, u, fm->energy->cells));
    PetscCall(AddCells(fm, fm->energy, u, 1, PETSC_FALSE, &sum));
  } else PetscCall(Integrate(fm, fm->energy, t, u, &sum));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPIU_REAL, MPI_SUM, fm->grid->comm));
  *F = sum * fm->grid->volume;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoFreeEnergyRounding(RhoFieldModel fm, PetscReal *rounding) {
  PetscReal modulus = fm->energy ? fm->energy->modulus : 0;
  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &modulus, 1, MPIU_REAL, MPI_SUM, fm->grid->comm));
  *rounding = PETSC_MACHINE_EPSILON * (16 + PetscSqrtReal((PetscReal)fm->grid->ncell)) * modulus * fm->grid->volume;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_free_energy_destroy(RhoFieldModel fm) {
  PetscFunctionBegin;
  if (!fm->energy) PetscFunctionReturn(0);
  PetscCall(RhoCellFormulasDestroy(&fm->energy->formulas));
  PetscCall(VecDestroy(&fm->energy->cells));
  PetscCall(VecDestroy(&fm->energy->scaled));
  PetscCall(DMDestroy(&fm->energy->da));
  PetscCall(PetscFree(fm->energy));
  PetscFunctionReturn(0);
}
