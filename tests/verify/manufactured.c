/* manufactured.c - second order in space in the maximum norm, for every model found.

   Smooth U_i(x, t) without symmetry are put in the place of the fields (exact.h), S_i = dU_i/dt - RHS_i(U) is added to
   the equations, and the run from U(0) must stay at U: what is left at the end time falls as h^2 on grids 12 x 20, 24 x
   40, ... (1-D models: 20, 40, ...).  Between walls U is a sum of cosines, so that every odd normal derivative
   vanishes, also the third one of fourth-order models; a model that flows through such a wall gets a U that is zero
   there with three derivatives (with one alone the error at the wall is of second order too, but seen so only where h
   is far below sqrt(D t): test_wall). */
#include "exact.h"

#define NGRID 4
static int wrong; /* models whose slope is not 2 */

/* ---- what is solved on ---- */

/* Boxes and sizes that suit a model; the others get 7 x 5.5, with coordinates in their formulas 1 x 1 and 5 along
   internal dimensions. */
typedef struct {
  const char *model;
  double from[3], to[3], scale, end;
} Suits;

static const Suits suits[] = {
    {"quorum_sensing", {0, 0, 0}, {7, 5.5, 6}, 80, 0.2},
    {"two_temperature", {0, 0, 0}, {7, 5.5, 6}, 1, 0.004}, /* T = 50 */
};

static Suits SuitsModel(const Setup *s) {
  Suits plain = {"", {0, 0, 0}, {7, 5.5, 6}, 1, 0.2};
  for (int k = 0; k < COUNT(suits); k++)
    if (!strcmp(suits[k].model, s->model->name)) return suits[k];
  for (int d = 0; d < RHO_MAXDIM && s->eq->uses_coordinate; d++) {
    bool internal = d < s->model->ndimension && s->model->internal[d];
    plain.from[d] = internal ? -2.5 : 0;
    plain.to[d] = internal ? 2.5 : 1;
  }
  return plain;
}

static bool BoxOf(const Setup *s, int ndim, RhoBoundary boundary, const Suits *suit, RhoMesh *mesh) {
  static const int cells[3][3] = {{20, 0, 0}, {12, 20, 0}, {6, 10, 8}};
  return ModelBox(s, ndim, cells[ndim - 1], suit->from, suit->to, boundary, mesh);
}

/* ---- the functions ---- */

static void AddWave(Exact *e, int i, double amplitude, const int *k, double omega, double phase) {
  Wave *w = &e->wave[i][e->nwave[i]++];
  *w = (Wave){.amplitude = amplitude, .omega = omega, .phase = phase};
  for (int d = 0; d < e->mesh.ndimension; d++) w->k[d] = k[d];
}

/* Along one wall dimension a cos(k), b cos(k + 2), c cos(k + 4) that vanish together at both walls with one derivative
   (order 1: c = 0) or with three (order 2). */
static double Share(int order, int k, int part) {
  double c = order == 2 ? (k + 1.0) / (k + 3.0) : 0;
  return part == 0 ? 1 : part == 1 ? -(1 + c) : c;
}

static void AddVanishing(Exact *e, int order, int i, double amplitude, const int *k, double omega, double phase) {
  for (int corner = 0; corner < (int)lround(pow(3, e->mesh.ndimension)); corner++) {
    int part[3] = {corner % 3, corner / 3 % 3, corner / 9}, shifted[RHO_MAXDIM] = {0};
    double a = amplitude;
    for (int d = 0; d < e->mesh.ndimension; d++) {
      shifted[d] = k[d] + 2 * part[d];
      a *= Share(order, k[d], part[d]);
    }
    if (a != 0) AddWave(e, i, a, shifted, omega, phase);
  }
}

/* order 0: free at the walls */
static void Waves(Exact *e, double scale, int order) {
  static const int k[4][RHO_MAXDIM] = {{0, 0, 0}, {1, 1, 1}, {2, 1, 0}, {1, 2, 1}};
  for (int i = 0; i < e->s->eq->nfield; i++) {
    e->nwave[i] = 0;
    for (unsigned m = 0; m < 4; m++) {
      double a = scale * (m ? 0.07 + 0.03 * Hash(m, (unsigned)i, 9) : order ? 0.5 : BaseOf(e->s, i));
      double omega = m ? 1 + 0.5 * Hash(m, (unsigned)i, 2) : 0, phase = m ? 3 * Hash(m, (unsigned)i, 4) : 0;
      if (order) AddVanishing(e, order, i, a, k[m], omega, phase);
      else AddWave(e, i, a, k[m], omega, phase);
    }
    e->U[i] = FieldNode(e, i, NULL);
  }
}

/* ---- does the exact solution obey the boundary conditions? ---- */

/* largest |J_d| at one end of dimension d, and its difference from the other end, over some places and times */
static void EndFlux(Exact *e, int i, int d, double *flux, double *jump) {
  enum { N = 9 };
  double store[RHO_MAXDIM][2 * N], out[2 * N], *x[RHO_MAXDIM];
  *flux = *jump = 0;
  if (e->flux[i][d] < 0) return;
  for (int k = 0; k < RHO_MAXDIM; k++) {
    const RhoDimension *dimension = &e->mesh.dimension[k];
    x[k] = store[k];
    for (int p = 0; p < 2 * N && k < e->mesh.ndimension; p++)
      x[k][p] = k != d  ? dimension->from + (dimension->to - dimension->from) * (p % N + 0.3) / N
                : p < N ? dimension->from
                        : dimension->to;
  }
  for (int step = 0; step < 3; step++) {
    NodeAt(e, e->flux[i][d], 2 * N, x, 0.1 * step, out);
    for (int p = 0; p < 2 * N; p++) *flux = isfinite(out[p]) ? fmax(*flux, fabs(out[p])) : INFINITY;
    for (int p = 0; p < N; p++) *jump = isfinite(out[p]) ? fmax(*jump, fabs(out[p] - out[p + N])) : INFINITY;
  }
}

static bool EndsFit(Exact *e) {
  for (int i = 0; i < e->s->eq->nfield; i++)
    for (int d = 0; d < e->mesh.ndimension; d++) {
      double flux, jump;
      EndFlux(e, i, d, &flux, &jump);
      if ((e->boundary == RHO_WALL ? flux : jump) > 1e-9) return false;
    }
  return true;
}

/* ---- the equations with their sources ---- */

/* Names the coordinates and puts U in the place of the fields; *rate[i] the exact right-hand side. */
static void Interpret(Exact *e, double scale, int order, RhoNode *rate) {
  RhoModel model = e->s->model;
  for (int d = 0; d < e->mesh.ndimension; d++) {
    if (model->coordinate[d] < 0)
      model->coordinate[d] = RhoGraphSymbol(model->graph, RHO_SYM_COORDINATE, model->dimension[d]);
    e->x[d] = model->coordinate[d];
  }
  e->time = model->time;
  e->reason = NULL;
  Waves(e, scale, order);
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (model->centre[d] >= 0) e->reason = "the ends of its zones are jumps";
  for (int i = 0; i < e->s->eq->nfield && !e->reason; i++) rate[i] = ExactRate(e, i);
}

/* Zones are shares of cells: what depends on them jumps. */
static bool HasZones(Exact *e, const RhoNode *rate) {
  for (int d = 0; d < e->mesh.ndimension; d++) {
    RhoNode width = RhoCellWidth(e->s->eq->graph, e->mesh.dimension[d].name);
    for (int i = 0; i < e->s->eq->nfield; i++)
      if (RhoGraphDependsOn(e->s->eq->graph, rate[i], 1, &width)) return true;
  }
  return false;
}

/* Is a field only advected along some dimension?  What arrives at a closed wall then has nowhere to go: such a problem
   has inflow or mirror walls (walls.c, kramers.c). */
static bool OnlyAdvected(const Exact *e) {
  for (int i = 0; i < e->s->eq->nfield; i++)
    for (int d = 0; d < e->mesh.ndimension; d++) {
      int advected = 0, other = 0;
      for (int k = 0; k < e->s->eq->equation[i].nterm; k++) {
        const RhoTerm *term = &e->s->eq->equation[i].term[k];
        if (term->direction >= 0 && term->direction != d) continue;
        *(term->kind == RHO_TERM_ADVECTIVE ? &advected : &other) += 1;
      }
      if (advected && !other) return true;
    }
  return false;
}

/* false, with e->reason: this model has no manufactured solution here */
static bool Manufacture(Exact *e, double scale, int order) {
  RhoEquations eq = e->s->eq;
  RhoNode rate[16];
  assert_int_equal(setjmp(*RhoArenaGuard(e->s->model->arena)), 0);
  Interpret(e, scale, order, rate);
  if (!e->reason && HasZones(e, rate)) e->reason = "zones are not smooth";
  if (!e->reason && !EndsFit(e) && e->boundary == RHO_WALL) Interpret(e, scale, 2, rate);
  if (!e->reason && !EndsFit(e))
    e->reason = e->boundary == RHO_WALL ? "its flux does not vanish at a wall" : "its coefficients are not periodic";
  if (!e->reason && e->boundary == RHO_WALL && OnlyAdvected(e)) e->reason = "it is only advected into a closed wall";
  if (e->reason) return false;
  for (int i = 0; i < eq->nfield; i++) {
    RhoNode source = Sum(e, Partial(e, e->U[i], e->time), Product(e, Number(e, -1), rate[i]));
    eq->equation[i].source = Sum(e, eq->equation[i].source, source);
  }
  eq->uses_time = eq->uses_coordinate = true;
  eq->nconserved = 0; /* on a grid the sources feed all totals a little */
  return true;
}

/* ---- errors ---- */

static const char *BoxText(const Exact *e) {
  static const char *const text[] = {"periodic", "walls", "periodic, stretched", "walls, stretched"};
  return text[2 * e->stretched + (e->boundary == RHO_WALL)];
}

static void Judge(const Exact *e, int ndim, int n, const double *error) {
  double slope = 0;
  print_message("%-30s %d-D %-20s", e->s->model->name, ndim, BoxText(e));
  for (int k = 0; k < n; k++) {
    print_message("  %.3e", error[k]);
    if (k) slope = log2(error[k - 1] / error[k]), print_message(" (%.2f)", slope);
  }
  print_message("\n");
  if (!(slope > 1.9 && slope < 2.1)) print_message("    ^ slope %.3f\n", slope), wrong++;
}

static void Leave(const char *path, int ndim, const Exact *e, const char *reason) {
  const char *name = strrchr(path, '/');
  if (!strcmp(name, "/model.yaml")) {
    while (*--name != '/') continue;
  }
  print_message("left out: %s, %d-D, %s: %s\n", name + 1, ndim, BoxText(e), reason);
}

static double OnGrid(Exact *e, int refine, const Suits *suit) {
  RhoMesh mesh = e->mesh;
  double error;
  for (int d = 0; d < mesh.ndimension; d++) mesh.dimension[d].ncell <<= refine;
  if (e->stretched) StretchBy(&mesh, mesh.ndimension < 3);
  if (!OpenGrid(e->s, PETSC_COMM_SELF, &mesh)) return NAN;
  error = EndError(e, 1e-8, 20, suit->end) / suit->scale;
  CloseGrid(e->s);
  return error;
}

static void Refine(Exact *e, const char *path, int ndim, const Suits *suit) {
  double error[NGRID + 1];
  int n = ndim == 3 ? NGRID - 1 : NGRID + (ndim == 1 && e->stretched);
  if (!Manufacture(e, suit->scale, 0)) {
    Leave(path, ndim, e, e->reason);
    return;
  }
  for (int k = 0; k < n; k++) error[k] = OnGrid(e, k, suit);
  if (e->stretched && isnan(error[0])) Leave(path, ndim, e, "convolutions need equal cells");
  else Judge(e, ndim, n, error);
}

static void Model(const char *path, int ndim, RhoBoundary boundary, bool stretched) {
  Setup s;
  Suits suit;
  Exact *e = calloc(1, sizeof *e);
  OpenModel(path, &s);
  e->s = &s;
  e->boundary = boundary;
  e->stretched = stretched;
  suit = SuitsModel(&s);
  if (BoxOf(&s, ndim, boundary, &suit, &e->mesh)) {
    for (int d = 0; d < 3 && stretched && ndim == 3; d++) e->mesh.dimension[d].ncell += 3; /* the widest cells */
    BindTo(&s, &e->mesh);
    Refine(e, path, ndim, &suit);
  } else Leave(path, ndim, e, "other dimensions");
  CloseModel(&s);
  free(e);
}

static void Both(const char *path, int ndim, bool stretched) {
  Model(path, ndim, RHO_PERIODIC, stretched);
  Model(path, ndim, RHO_WALL, stretched);
}

static void Line2(const char *path) { Both(path, 1, false); }
/* In a plane the models of tests/models, which have every kind of term; those that are shipped on request. */
static bool shipped;
static void Plane(const char *path) {
  if (shipped == !strstr(path, "/tests/models/")) Both(path, 2, false);
}
static void StretchedLine(const char *path) { Both(path, 1, true); }

/* The maximum error in 1-D falls as h^2. */
static void test_line(void **state) {
  (void)state;
  wrong = 0;
  EachModel(Line2);
  assert_int_equal(wrong, 0);
}

/* The maximum error in 2-D falls as h^2, on grids that are not square. */
static void test_plane(void **state) {
  (void)state;
  wrong = 0;
  EachModel(Plane);
  assert_int_equal(wrong, 0);
}

/* ---- single models ---- */

/* The same in 3-D, 6 x 10 x 8 to 24 x 40 x 32 cells: square gradients, a kernel, a fitted flux. */
static void test_space(void **state) {
  (void)state;
  wrong = 0;
  Both(RHO_SOURCE_DIR "/tests/models/variable_gradient.yaml", 3, false);
  Both(RHO_SOURCE_DIR "/tests/models/dean_kawasaki.yaml", 3, false);
  assert_int_equal(wrong, 0);
}

static void TextModel(const char *text, int order, int ngrid) {
  Setup s;
  Suits suit;
  double error[8];
  Exact *e = calloc(1, sizeof *e);
  OpenText(text, &s);
  suit = SuitsModel(&s);
  e->s = &s;
  e->boundary = RHO_WALL;
  assert_true(BoxOf(&s, 1, e->boundary, &suit, &e->mesh));
  BindTo(&s, &e->mesh);
  assert_true(Manufacture(e, 1, order));
  for (int k = 0; k < ngrid; k++) error[k] = OnGrid(e, k, &suit);
  wrong = 0;
  Judge(e, 1, ngrid, error);
  assert_int_equal(wrong, 0);
  CloseModel(&s);
  free(e);
}

/* Second order too where the advective flux is curved at the wall that closes it: 20 to 640 cells. */
static void test_wall(void **state) {
  (void)state;
  TextModel("dynamics:\n  w: {flux: \"-0.3*grad(w)\", drift: {x: \"0.5\"}}", 1, 6);
}

/* Coefficients that depend on time. */
static void test_time(void **state) {
  (void)state;
  TextModel("dynamics:\n  w: {flux: \"-(1 + 0.5*sin(9*t))*grad(w)\", reaction: \"-cos(7*t)*w^2\"}", 0, 4);
  TextModel("fields: {c: density}\ndynamics:\n"
            "  c: {mobility: \"c*(1 + 0.5*sin(9*t))\", potential: \"(2 + cos(5*t))*log(c) + sin(3*t)*c^2\"}",
            0, 4);
}

/* ---- unequal cells ---- */

/* A model written where it is used. */
static void StretchedText(const char *text, int ndim) {
  char path[] = MODEL_PATH;
  WriteModel(path, text);
  Both(path, ndim, true);
  unlink(path);
}

static const char variable[] = "dynamics:\n  w: {flux: \"-(1 + w^2/2)*(2 + cos(w))*grad(w)\", reaction: \"-w^3\"}";
static const char fitted[] =
    "fields: {c: density}\ndynamics:\n  c: {mobility: \"c*(1 + c/3)\", potential: \"log(c) + c^2\"}";
static const char derivative[] = "dynamics:\n  w: {flux: \"-grad(w)\", reaction: \"0.3*d(w^2, x) - d(w, x)^2/2\"}";

/* Every model in 1-D where cells are not equal (check.h: widths in the proportion 7 to 3).  Between walls the widths
   have a slope there, and the slope of the error comes from below: a fifth grid. */
static void test_stretched(void **state) {
  (void)state;
  wrong = 0;
  EachModel(StretchedLine);
  StretchedText(variable, 1);
  StretchedText(fitted, 1);
  StretchedText(derivative, 1);
  assert_int_equal(wrong, 0);
}

static void StretchedModels(int ndim) {
  wrong = 0;
  StretchedText(variable, ndim);
  StretchedText(fitted, ndim);
  StretchedText(derivative, ndim);
  Both(RHO_SOURCE_DIR "/tests/models/variable_gradient.yaml", ndim, true);
  assert_int_equal(wrong, 0);
}

/* The same in 2-D: coefficients of the field, fitted fluxes, d(., x), square gradients and fourth order. */
static void test_stretched_plane(void **state) {
  (void)state;
  StretchedModels(2);
}

/* The same in 3-D, on coarse grids whose widths have no slope at the walls. */
static void test_stretched_space(void **state) {
  (void)state;
  StretchedModels(3);
}

int main(int argc, char **argv) {
  const struct CMUnitTest equal[] = {cmocka_unit_test(test_line), cmocka_unit_test(test_plane),
                                     cmocka_unit_test(test_space), cmocka_unit_test(test_wall),
                                     cmocka_unit_test(test_time)};
  const struct CMUnitTest unequal[] = {cmocka_unit_test(test_stretched), cmocka_unit_test(test_stretched_plane)};
  const struct CMUnitTest plane[] = {cmocka_unit_test(test_plane)};
  const struct CMUnitTest space[] = {cmocka_unit_test(test_stretched_space)};
  if (argc > 1 && !strcmp(argv[1], "stretched")) return RunTests(1, argv, unequal, COUNT(unequal));
  if (argc > 1 && !strcmp(argv[1], "space")) return RunTests(1, argv, space, COUNT(space));
  shipped = argc > 1 && !strcmp(argv[1], "plane");
  if (shipped) return RunTests(1, argv, plane, COUNT(plane));
  return RunTests(argc, argv, equal, COUNT(equal));
}
