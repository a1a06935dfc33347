/* memory.c - the numbers that a run goes on with, by name. */
#include "engine.h"
#include <string.h>

static PetscInt Find(const RhoEvolveMemory *memory, const char *name) {
  for (PetscInt k = 0; k < memory->n; k++)
    if (!strcmp(memory->name[k], name)) return k;
  return -1;
}

PetscErrorCode rho_memory_put(RhoEvolveMemory *memory, const char *name, PetscReal value) {
  PetscFunctionBegin;
  PetscCheck(memory->n < RHO_EVOLVE_MOST_NUMBERS, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "a run is remembered by at most %d numbers", RHO_EVOLVE_MOST_NUMBERS);
  PetscCheck(strlen(name) < RHO_EVOLVE_NAME, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ, "too long a name: %s", name);
  strcpy(memory->name[memory->n], name);
  memory->value[memory->n++] = value;
  PetscFunctionReturn(0);
}

PetscBool rho_memory_has(const RhoEvolveMemory *memory, const char *name) {
  return (PetscBool)(Find(memory, name) >= 0);
}

PetscErrorCode rho_memory_get(const RhoEvolveMemory *memory, const char *name, PetscReal *value) {
  PetscInt k = Find(memory, name);
  PetscFunctionBegin;
  PetscCheck(k >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "what is remembered of the run has no number '%s'", name);
  *value = memory->value[k];
  PetscFunctionReturn(0);
}

PetscErrorCode rho_memory_put_all(RhoEvolveMemory *memory, const char *name, int n, const PetscReal *value) {
  char element[RHO_EVOLVE_NAME];
  PetscFunctionBegin;
  for (int k = 0; k < n; k++) {
    PetscCall(PetscSNPrintf(element, sizeof element, "%s[%d]", name, k));
    PetscCall(rho_memory_put(memory, element, value[k]));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_memory_get_all(const RhoEvolveMemory *memory, const char *name, int n, PetscReal *value) {
  char element[RHO_EVOLVE_NAME];
  PetscFunctionBegin;
  for (int k = 0; k < n; k++) {
    PetscCall(PetscSNPrintf(element, sizeof element, "%s[%d]", name, k));
    PetscCall(rho_memory_get(memory, element, &value[k]));
  }
  PetscFunctionReturn(0);
}
