/* combine.c - see combine.h. */
#include "combine.h"

#define TERM(k) (c[k] * from[k][p])

/* to (first: = else +=) the first m <= 4 of them */
RHO_VECTOR_LEVELS static void Some(PetscInt n, int m, int first, const PetscReal *c, const PetscScalar *const *from,
                                   PetscScalar *restrict to) {
  if (m == 1)
    for (PetscInt p = 0; p < n; p++) to[p] = first ? TERM(0) : to[p] + TERM(0);
  else if (m == 2)
    for (PetscInt p = 0; p < n; p++) to[p] = (first ? TERM(0) : to[p] + TERM(0)) + TERM(1);
  else if (m == 3)
    for (PetscInt p = 0; p < n; p++) to[p] = (first ? TERM(0) : to[p] + TERM(0)) + TERM(1) + TERM(2);
  else
    for (PetscInt p = 0; p < n; p++) to[p] = (first ? TERM(0) : to[p] + TERM(0)) + TERM(1) + TERM(2) + TERM(3);
}

void rho_combine(PetscInt n, int m, const PetscReal *c, const PetscScalar *const *from, PetscScalar *to) {
  for (int k = 0; k < m; k += 4) Some(n, m - k < 4 ? m - k : 4, k == 0, c + k, from + k, to);
}

RHO_VECTOR_LEVELS void rho_combine_less(PetscInt n, PetscReal s, const PetscScalar *restrict y,
                                        PetscScalar *restrict x) {
  for (PetscInt p = 0; p < n; p++) x[p] = s * y[p] - x[p];
}
