/* free_energy.c - dF/dt = sum over species and faces of A J (mu_R - mu_L), for every model found that has a functional.

   Three ways to the same number, on periodic boxes and between walls, with equal and with unequal cells:
     faces      fluxes by the formulas of field.h, computed here from coefficients at the cells
     cells      V sum mu_i F_i, F the residual (summation by parts: equal to the faces' to rounding)
     quotient   (E(u + e F) - E(u - e F))/(2 e) of RhoFreeEnergy: slope 2 in e
   No species' faces add a positive part.  In runs with error control E rises by no more than about the tolerance. */
#include "verify.h"

/* ---- which models ---- */

/* Every equation a potential, every flux from it alone, nothing made or exchanged. */
static bool Relaxes(RhoEquations eq) {
  bool relaxes = eq->nexchange == 0;
  for (int i = 0; i < eq->nfield; i++)
    relaxes = relaxes && eq->equation[i].potential >= 0 && eq->equation[i].nterm == 1 && eq->equation[i].source < 0;
  return relaxes;
}

static bool HasEnergy(Setup *s) {
  PetscBool exists = PETSC_FALSE;
  PetscReal E;
  if (Relaxes(s->eq)) OK(RhoFreeEnergy(s->fm, 0, s->u, &exists, &E));
  return exists;
}

static double Energy(Setup *s, Vec u) {
  PetscBool exists;
  PetscReal E;
  OK(RhoFreeEnergy(s->fm, 0, u, &exists, &E));
  assert_true(exists);
  return E;
}

/* ---- the faces ---- */

enum { MU, COEF, ARG, TEMPERATURE, DENSITY, NPART };

static double Bernoulli(double z) { return fabs(z) < 1e-5 ? 1 - z / 2 + z * z / 12 : z / expm1(z); }

/* J times the distance of the cells, through the face between cells with these parts */
static double Flux(RhoTermKind kind, const double *left, const double *right) {
  double coef = (left[COEF] + right[COEF]) / 2, T = (left[TEMPERATURE] + right[TEMPERATURE]) / 2;
  double jump = right[ARG] - left[ARG];
  if (kind == RHO_TERM_GRADIENT) return coef * jump;
  return coef * T * (Bernoulli(jump / T) * left[DENSITY] - Bernoulli(-jump / T) * right[DENSITY]);
}

/* The parts of field i in every cell: part[cell*NPART + ...] */
static double *Parts(Setup *s, int i) {
  const RhoTerm *term = &s->eq->equation[i].term[0];
  RhoNode zero = RhoGraphConstant(s->eq->graph, 0),
          node[NPART] = {s->eq->equation[i].potential, term->coef, term->arg, term->T, term->density};
  double *part = malloc(sizeof(double) * NPART * (size_t)s->grid->ncell);
  const PetscScalar *value;
  RhoCellFormulas formulas;
  DM da;
  Vec v;
  for (int k = 0; k < NPART; k++)
    if (node[k] < 0) node[k] = zero;
  OK(RhoCellFormulasCreate(s->fm, NPART, node, &formulas));
  OK(RhoGridCompatible(s->grid, NPART, &da));
  OK(DMCreateGlobalVector(da, &v));
  OK(RhoCellFormulasEval(formulas, 0, s->u, v));
  OK(VecGetArrayRead(v, &value));
  memcpy(part, value, sizeof(double) * NPART * (size_t)s->grid->ncell);
  OK(VecRestoreArrayRead(v, &value));
  OK(VecDestroy(&v));
  OK(DMDestroy(&da));
  OK(RhoCellFormulasDestroy(&formulas));
  return part;
}

/* The cell behind p along d, or -1 at a wall. */
static PetscInt Next(RhoGrid g, PetscInt p, int d) {
  PetscInt stride = d ? g->n[0] : 1, at = p / stride % g->n[d];
  if (at + 1 < g->n[d]) return p + stride;
  return g->mesh.dimension[d].boundary == RHO_WALL ? -1 : p - at * stride;
}

/* Edge i along d, by the mesh alone. */
static double EdgeOf(RhoGrid g, int d, PetscInt i) { return RhoMeshEdge(&g->mesh.dimension[d], (int)i); }

/* Area of the face between cells p and q along d over the distance of their centres. */
static double AreaOverDistance(RhoGrid g, int d, PetscInt p, PetscInt q) {
  PetscInt stride = d ? g->n[0] : 1, i = p / stride % g->n[d], k = q / stride % g->n[d];
  double width = EdgeOf(g, d, i + 1) - EdgeOf(g, d, i), next = EdgeOf(g, d, k + 1) - EdgeOf(g, d, k);
  return (double)VolumeOf(g, p) / width / (0.5 * (width + next));
}

/* sum over faces of A J (mu_R - mu_L) of field i; *size of the moduli */
static double FaceSum(Setup *s, int i, double *size) {
  RhoGrid g = s->grid;
  double *part = Parts(s, i), sum = 0;
  for (int d = 0; d < g->mesh.ndimension; d++)
    for (PetscInt p = 0; p < g->ncell; p++) {
      PetscInt q = Next(g, p, d);
      const double *left = part + p * NPART, *right = part + q * NPART;
      if (q < 0) continue;
      double rate =
          AreaOverDistance(g, d, p, q) * Flux(s->eq->equation[i].term[0].kind, left, right) * (right[MU] - left[MU]);
      sum += rate;
      *size += fabs(rate);
    }
  free(part);
  return sum;
}

/* V sum over cells of mu_i F_i */
static double CellSum(Setup *s, int i, Vec F) {
  double *part = Parts(s, i), sum = 0;
  const PetscScalar *f;
  OK(VecGetArrayRead(F, &f));
  for (PetscInt p = 0; p < s->grid->ncell; p++)
    sum += (double)VolumeOf(s->grid, p) * part[p * NPART + MU] * f[p * s->eq->nfield + i];
  OK(VecRestoreArrayRead(F, &f));
  free(part);
  return sum;
}

/* ---- the identity ---- */

static double Quotient(Setup *s, Vec F, double e) {
  Vec w;
  double plus, minus;
  OK(VecDuplicate(F, &w));
  OK(VecWAXPY(w, e, F, s->u));
  plus = Energy(s, w);
  OK(VecWAXPY(w, -e, F, s->u));
  minus = Energy(s, w);
  OK(VecDestroy(&w));
  return (plus - minus) / (2 * e);
}

static void Compare(Setup *s, const char *where) {
  double faces = 0, cells = 0, size = 0, step, coarse, fine;
  Vec F;
  FillState(s, 1, 1, 0.08, s->u);
  OK(VecDuplicate(s->u, &F));
  OK(RhoResidual(s->fm, 0, s->u, F));
  for (int i = 0; i < s->eq->nfield; i++) {
    double part = FaceSum(s, i, &size);
    if (!(part < 0)) fail_msg("%s: field %d adds %g to dF/dt", s->model->name, i, part);
    faces += part;
    cells += CellSum(s, i, F);
  }
  step = 0.02 / NormMax(F);
  coarse = fabs(Quotient(s, F, step) / faces - 1);
  fine = fabs(Quotient(s, F, step / 4) / faces - 1);
  print_message("%-26s %-18s dF/dt = %.9g  cells %.1e  quotient %.1e, %.1e\n", s->model->name, where, faces,
                fabs(cells - faces) / size, coarse, fine);
  if (!(fabs(cells - faces) < 1e-12 * size)) fail_msg("%s: cells and faces differ", s->model->name);
  if (!(fine < 1e-9 || (coarse / fine > 13 && coarse / fine < 19)))
    fail_msg("%s: the quotient does not converge to the faces", s->model->name);
  OK(VecDestroy(&F));
}

/* fn on every box of every model with a functional */
static void Boxes(const char *path, void (*fn)(Setup *, const char *)) {
  static const int cells[2] = {12, 20};
  static const double from[2] = {0, 0}, to[2] = {7, 11};
  static const char *const where[] = {"1-D periodic",       "1-D walls",       "2-D periodic",       "2-D walls",
                                      "1-D periodic, str.", "1-D walls, str.", "2-D periodic, str.", "2-D walls, str."};
  for (int k = 0; k < 8; k++) {
    Setup s;
    RhoMesh mesh;
    OpenModel(path, &s);
    bool box = ModelBox(&s, k / 2 % 2 + 1, cells, from, to, k % 2 ? RHO_WALL : RHO_PERIODIC, &mesh);
    if (box && k >= 4) Stretch(&mesh);
    if (box && OpenGrid(&s, PETSC_COMM_SELF, &mesh)) {
      FillState(&s, 1, 1, 0.08, s.u);
      if (HasEnergy(&s)) fn(&s, where[k]);
      else if (k == 0) print_message("left out: %s has no functional that it relaxes\n", s.model->name);
      CloseGrid(&s);
    }
    CloseModel(&s);
  }
}

static void Identity(const char *path) { Boxes(path, Compare); }

/* The identity, three ways. */
static void test_identity(void **state) {
  (void)state;
  EachModel(Identity);
}

/* ---- runs ---- */

#define NTIME 40
#define RTOL 1e-4

typedef struct {
  Setup *s;
  double last, rise, first;
} Descent;

static PetscErrorCode Watch(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Descent *descent = ctx;
  (void)stop;
  if (state->output < 0) return 0;
  double E = Energy(descent->s, u);
  assert_true(isfinite(E));
  if (state->output > 0) descent->rise = fmax(descent->rise, E - descent->last);
  else descent->first = E;
  descent->last = E;
  return 0;
}

static void Descend(Setup *s, const char *where) {
  Descent descent = {.s = s};
  RhoEvolveOptions options = Until(20, RTOL);
  PetscReal output[NTIME + 1];
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *text;
  for (int k = 0; k <= NTIME; k++) output[k] = options.end * pow((double)k / NTIME, 2);
  options.noutput = NTIME + 1;
  options.output = output;
  FillState(s, 1, 1, 0.15, s->u);
  OK(RhoEvolve(s->fm, &options, s->u, Watch, &descent, &reason, &last, &text));
  double range = descent.first - descent.last, share = descent.rise / (RTOL * range);
  print_message("%-26s %-18s F %.6g -> %.6g in %d steps, largest rise %.1e tolerances of the whole fall\n",
                s->model->name, where, descent.first, descent.last, (int)last.nstep, share);
  if (reason != RHO_EVOLVE_DONE) fail_msg("%s: %s", s->model->name, text);
  if (!(range > 0 && share < 10)) fail_msg("%s: the free energy rises by %g", s->model->name, descent.rise);
}

static void Fall(const char *path) { Boxes(path, Descend); }

/* E falls in runs with error control, but for about the tolerance. */
static void test_descent(void **state) {
  (void)state;
  EachModel(Fall);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_identity), cmocka_unit_test(test_descent)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
