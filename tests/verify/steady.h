/* steady.h - relaxation to a steady state, and values of what it left on a line. */
#ifndef RHO_TESTS_STEADY_H
#define RHO_TESTS_STEADY_H
#include "verify.h"

/* Long, then shortly at a tolerance that leaves no trace of the stepping. */
static inline void RelaxBy(Setup *s, RhoPreconditioner preconditioner, double rtol, double end, double last) {
  RhoEvolveOptions options = Until(end, rtol);
  Outcome first, second;
  options.preconditioner = preconditioner;
  first = RunDone(s, options);
  options.end = last;
  options.rtol = 1e-10;
  options.linear_rtol = 1e-12;
  options.step = 1e-6;
  second = RunDone(s, options);
  print_message("  %4d cells, %4d steps:", (int)s->grid->ncell, (int)(first.last.nstep + second.last.nstep));
}

static inline void Relax(Setup *s, double rtol, double end, double last) { RelaxBy(s, RHO_PC_AUTO, rtol, end, last); }

static inline void assert_second_order(int n, const double *error, const char *what) {
  double slope = log2(error[n - 2] / error[n - 1]);
  if (!(slope > 1.9 && slope < 2.1)) fail_msg("%s: slope %.3f", what, slope);
}

/* u[field] of cell p of a line */
static inline double Cell(const Setup *s, PetscInt p, int field) {
  const PetscScalar *u;
  double value;
  OK(VecGetArrayRead(s->u, &u));
  value = u[p * s->grid->nfield + field];
  OK(VecRestoreArrayRead(s->u, &u));
  return value;
}

/* At the face left of cell p of a line of n cells, by a cubic through its four neighbours, which are mirrored at the
   walls. */
static inline double FaceOf(const double *line, PetscInt n, PetscInt p) {
  static const double weight[] = {-1. / 16, 9. / 16, 9. / 16, -1. / 16};
  double sum = 0;
  for (int k = 0; k < 4; k++) {
    PetscInt c = p - 2 + k;
    sum += weight[k] * line[c < 0 ? -1 - c : c >= n ? 2 * n - 1 - c : c];
  }
  return sum;
}

/* ---- formulas ---- */

static inline RhoNode FormulaNode(Setup *s, const char *text) {
  int source = RhoDiagAddSource(s->diag, "formula", text, strlen(text));
  RhoFormula formula = {.text = text, .nbyte = strlen(text), .source = source};
  RhoNode node = RhoModelFormula(s->model, formula, 0, NULL, NULL);
  if (node < 0) Require(s->diag, RHO_INPUT, text);
  return node;
}

/* A formula of the model's fields, definitions and coordinates in the cells (one rank); the caller frees it. */
static inline double *CellsOf(Setup *s, const char *text) {
  RhoNode node = FormulaNode(s, text);
  RhoCellFormulas formulas;
  const PetscScalar *x;
  DM da;
  Vec out;
  double *cells = malloc(sizeof(double) * (size_t)s->grid->ncell);
  OK(RhoCellFormulasCreate(s->fm, 1, &node, &formulas));
  OK(RhoGridCompatible(s->grid, 1, &da));
  OK(DMCreateGlobalVector(da, &out));
  OK(RhoCellFormulasEval(formulas, 0, s->u, out));
  OK(VecGetArrayRead(out, &x));
  memcpy(cells, x, sizeof(double) * (size_t)s->grid->ncell);
  OK(VecRestoreArrayRead(out, &x));
  OK(VecDestroy(&out));
  OK(DMDestroy(&da));
  OK(RhoCellFormulasDestroy(&formulas));
  return cells;
}

/* Its integral over the box. */
static inline double IntegralOf(Setup *s, const char *text) {
  double *cells = CellsOf(s, text), sum = 0;
  for (PetscInt p = 0; p < s->grid->ncell; p++) sum += cells[p];
  free(cells);
  return sum * s->grid->volume;
}

/* u[field] <- formula, brought to the integral `total`; 0: as it is */
static inline void FillFormula(Setup *s, int field, const char *text, double total) {
  double *cells = CellsOf(s, text), factor = total != 0 ? total / IntegralOf(s, text) : 1;
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->ncell; p++) u[p * s->grid->nfield + field] = factor * cells[p];
  OK(VecRestoreArray(s->u, &u));
  free(cells);
}

#endif
