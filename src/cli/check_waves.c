/* check_waves.c - what waves about a uniform state say of a model and of a case: are short ones bounded, and does the
   mesh have room and cells for the one that grows fastest? */
#include "check.h"
#include <math.h>

enum { FEWEST_CELLS = 8, MOST_NAMED = 4 };

/* ---- short waves ---- */

static const double *Centre(const RhoCheckup *check) {
  double *place = RhoArenaAlloc(check->arena, RHO_MAXDIM * sizeof *place);
  const RhoMesh *mesh = &check->c->mesh;
  for (int d = 0; d < mesh->ndimension; d++) place[d] = (mesh->dimension[d].from + mesh->dimension[d].to) / 2;
  return place;
}

static void TestShortWaves(RhoCheckup *check) {
  const RhoCase *c = check->c;
  RhoShortWaves test;
  int n = c->has_mesh ? c->mesh.ndimension : c->model->ndimension ? c->model->ndimension : 1;
  const double *place = c->has_mesh ? Centre(check) : NULL;
  if (RhoShortWavesTest(c->eq, c->dim, n, c->value, check->state, place, &test)) return;
  check->posed = test.bounded ? RHO_WELL_POSED : RHO_ILL_POSED;
  if (test.bounded) return;
  RhoDiagReport(c->cli->diag, RHO_ID_ILL_POSED, c->model->field[0].place,
                "ill-posed: short waves grow without bound, as q^%.3g along %s, about %s", test.order,
                c->model->dimension[test.direction], check->state_text);
  RhoDiagHint(c->cli->diag, "what comes out is decided by the mesh; is a sign wrong? a potential with -kappa*lap(u), "
                            "kappa > 0, or a kernel gives short waves a cost");
}

/* ---- the fastest wave and the mesh ---- */

/* Wavelengths down to a 16th of a cell of the first dimension. */
static void FindFastest(RhoCheckup *check) {
  const RhoCase *c = check->c;
  const RhoDimension *m = &c->mesh.dimension[0];
  double L = m->to - m->from;
  check->fastest = rho_check_fastest(check, 2 * M_PI * 16 * m->ncell / L);
  check->has_fastest = isfinite(creal(check->fastest.rate));
  /* a bound that is reached as q goes to infinity or to 0 names no wavelength */
  check->has_length = creal(check->fastest.rate) > 0 && !check->fastest.edge && check->fastest.q > 2 * M_PI / (16 * L);
}

/* A stretched mesh is as fine as its smallest cell: that is where what is sharp should be. */
static double Smallest(const RhoDimension *m) {
  double least = INFINITY;
  for (int i = 0; i < m->ncell; i++) least = fmin(least, RhoMeshWidth(m, i));
  return least;
}

static void CompareCells(RhoCheckup *check, int d, double wavelength) {
  const RhoDimension *m = &check->c->mesh.dimension[d];
  RhoDiag diag = check->c->cli->diag;
  double h = Smallest(m), needed = ceil(m->ncell * FEWEST_CELLS * h / wavelength);
  if (wavelength >= FEWEST_CELLS * h) return;
  RhoDiagReport(diag, RHO_ID_COARSE_MESH, check->c->mesh.at[d],
                "the wave that grows fastest has the length %.3g, %.2g cells along %s", wavelength, wavelength / h,
                m->name);
  RhoDiagHint(diag, "a wave needs about %d cells to be resolved: cells: %.0f or more (about %s)", FEWEST_CELLS, needed,
              check->state_text);
}

static void CompareBox(RhoCheckup *check, double wavelength) {
  const RhoMesh *mesh = &check->c->mesh;
  RhoDiag diag = check->c->cli->diag;
  double longest = 0;
  int at = 0;
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *m = &mesh->dimension[d];
    double length = (m->to - m->from) * (m->boundary == RHO_PERIODIC ? 1 : 2);
    if (m->spatial && length > longest) longest = length, at = d;
  }
  if (wavelength <= longest || !check->uniform) return;
  RhoDiagReport(diag, RHO_ID_SMALL_BOX, mesh->at[at],
                "the wave that grows fastest has the length %.3g, longer than the mesh", wavelength);
  RhoDiagHint(diag, "the longest wave that fits has the length %.3g (about %s)", longest, check->state_text);
}

static void CompareMesh(RhoCheckup *check) {
  const RhoMesh *mesh = &check->c->mesh;
  double wavelength = 2 * M_PI / check->fastest.q;
  for (int d = 0; d < mesh->ndimension; d++)
    if (mesh->dimension[d].spatial) CompareCells(check, d, wavelength);
  CompareBox(check, wavelength);
}

void rho_check_waves(RhoCheckup *check) {
  const RhoCase *c = check->c;
  if (!check->state) return;
  RhoText text = RhoTextCreate(check->arena);
  for (int i = 0; i < c->model->nfield && i < MOST_NAMED; i++)
    RhoTextAdd(text, "%s%s = %.4g", i ? ", " : "", c->model->field[i].name, check->state[i]);
  if (c->model->nfield > MOST_NAMED) RhoTextAdd(text, ", ...");
  check->state_text = RhoTextGet(text);
  TestShortWaves(check);
  if (!c->has_mesh || c->eq->uses_coordinate || !c->mesh.dimension[0].spatial || check->posed == RHO_ILL_POSED) return;
  FindFastest(check);
  if (check->has_length) CompareMesh(check);
}

void rho_check_print_waves(const RhoCheckup *check, FILE *stream) {
  const RhoDimension *m = &check->c->mesh.dimension[0];
  double wavelength = 2 * M_PI / check->fastest.q;
  if (!check->has_fastest) return;
  fprintf(stream, "  waves  about %s: ", check->state_text);
  if (creal(check->fastest.rate) <= 0) fprintf(stream, "all decay\n");
  else if (!check->has_length)
    fprintf(stream, "%s waves grow fastest\n",
            check->fastest.q * (m->to - m->from) < 1 ? "the longest" : "the shortest");
  else
    fprintf(stream, "fastest growth %.4g at wavelength %.4g (%.3g cells along %s)\n", creal(check->fastest.rate),
            wavelength, wavelength / Smallest(m), m->name);
}
