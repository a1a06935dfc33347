/* tableau.c - see tableau.h; the tables of Kennedy and Carpenter are ARKODE's. */
#include "tableau.h"
#include <arkode/arkode_butcher_dirk.h>
#include <arkode/arkode_butcher_erk.h>
#include <string.h>

typedef struct {
  const char *name;
  ARKODE_DIRKTableID implicit;
  ARKODE_ERKTableID explicit;
} Pair;

static const Pair pairs[] = {{"3", ARKODE_ARK324L2SA_DIRK_4_2_3, ARKODE_ARK324L2SA_ERK_4_2_3},
                             {"4", ARKODE_ARK436L2SA_DIRK_6_3_4, ARKODE_ARK436L2SA_ERK_6_3_4},
                             {"5", ARKODE_ARK548L2SA_DIRK_8_4_5, ARKODE_ARK548L2SA_ERK_8_4_5}};

static void Second(RhoTableau *t) {
  const PetscReal r = PetscSqrtReal(2), w = 1 / (2 * r), g = 1 - 2 * w;
  *t = (RhoTableau){.nstage = 3,
                    .order = 2,
                    .implicit = {{0}, {g, g}, {w, w, g}},
                    .explicit = {{0}, {2 * g}, {(3 - 2 * r) / 6, (3 + 2 * r) / 6}},
                    .c = {0, 2 * g, 1},
                    .b = {w, w, g},
                    .d = {(4 - r) / 8, (4 - r) / 8, w}};
}

static PetscErrorCode Copy(ARKodeButcherTable implicit, ARKodeButcherTable explicit, RhoTableau *t) {
  PetscFunctionBegin;
  PetscCheck(implicit && explicit, PETSC_COMM_SELF, PETSC_ERR_MEM, "no table");
  *t = (RhoTableau){.nstage = implicit->stages, .order = implicit->q};
  for (int i = 0; i < t->nstage; i++) {
    for (int j = 0; j <= i; j++) {
      t->implicit[i][j] = implicit->A[i][j];
      t->explicit[i][j] = explicit->A[i][j];
    }
    t->c[i] = implicit->c[i];
    t->b[i] = implicit->b[i];
    t->d[i] = implicit->d[i];
  }
  ARKodeButcherTable_Free(implicit);
  ARKodeButcherTable_Free(explicit);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tableau(const char *name, RhoTableau *tableau) {
  PetscFunctionBegin;
  Second(tableau);
  if (!strcmp(name, "2")) PetscFunctionReturn(0);
  tableau->nstage = 0;
  for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
    if (!strcmp(name, pairs[k].name))
      PetscCall(
          Copy(ARKodeButcherTable_LoadDIRK(pairs[k].implicit), ARKodeButcherTable_LoadERK(pairs[k].explicit), tableau));
  PetscCheck(tableau->nstage, PETSC_COMM_SELF, PETSC_ERR_PLIB, "no scheme '%s'", name);
  PetscFunctionReturn(0);
}
