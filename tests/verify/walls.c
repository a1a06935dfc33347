/* walls.c - second order in space in the maximum norm for every condition at walls, in 1-D, 2-D and 3-D.

   As in manufactured.c, sources make smooth U_i(x, t) the solution; here U is a sum of waves with arbitrary phases, so
   that nothing vanishes at a wall, and the conditions there are U's own: its value, its slope, its flux J (as a given
   function, and as J + k (u - U), which depends on the field at the wall), for equations of second and fourth order. */
#include "exact.h"

typedef enum { VALUE, SLOPE, FLUX, EXCHANGE, VALUE_FLUX, SLOPE_FLUX, NKIND } Kind;
static const char *const kind_name[] = {"value", "slope", "flux", "flux of u", "value, flux", "slope, flux"};

typedef struct {
  const char *name, *text;
  bool fourth;
} Case;

static const Case cases[] = {
    {"advection", "dynamics:\n  w: {flux: \"-(1 + 0.1*x)*grad(w)\", drift: {x: \"0.4\"}, reaction: \"-w^2\"}", false},
    {"fitted",
     "fields: {w: density}\ndynamics:\n  w: {mobility: \"w*(1 + 0.2*w)\", potential: \"log(w) + w^2 + 0.2*x\"}", false},
    {"nested", "dynamics:\n  w: {flux: \"-grad(w + 0.2*w^3)\", reaction: \"0.1*|grad(w)|^2\"}", false},
    {"fourth order", "dynamics:\n  w: {mobility: \"1 + 0.1*w\", potential: \"w^3 - w - 0.2*lap(w)\"}", true},
};

static int wrong;

static void Waves(Exact *e) {
  static const int k[4][RHO_MAXDIM] = {{0, 0, 0}, {1, 1, 1}, {1, -1, 0}, {1, 0, -1}};
  e->nwave[0] = 4;
  for (unsigned m = 0; m < 4; m++) {
    e->wave[0][m] = (Wave){.amplitude = m ? 0.06 + 0.03 * Hash(m, 1, 9) : 0.8,
                           .omega = m ? 1 + 0.5 * Hash(m, 4, 2) : 0,
                           .phase = m ? 3 * Hash(m, 2, 4) : 0};
    for (int d = 0; d < RHO_MAXDIM; d++) e->wave[0][m].k[d] = k[m][d];
  }
  e->U[0] = FieldNode(e, 0, NULL);
}

static void Manufacture(Exact *e) {
  RhoModel model = e->s->model;
  for (int d = 0; d < e->mesh.ndimension; d++) {
    if (model->coordinate[d] < 0)
      model->coordinate[d] = RhoGraphSymbol(model->graph, RHO_SYM_COORDINATE, model->dimension[d]);
    e->x[d] = model->coordinate[d];
  }
  e->time = model->time;
  Waves(e);
  RhoNode rate = ExactRate(e, 0), source = Sum(e, Partial(e, e->U[0], e->time), Product(e, Number(e, -1), rate));
  e->s->eq->equation[0].source = Sum(e, e->s->eq->equation[0].source, source);
  e->s->eq->uses_time = e->s->eq->uses_coordinate = true;
}

static void Conditions(Exact *e, Kind kind) {
  RhoNode difference = Sum(e, e->s->model->field[0].symbol, Product(e, Number(e, -1), e->U[0]));
  for (int d = 0; d < e->mesh.ndimension; d++)
    for (int side = 0; side < 2; side++) {
      RhoCondition *c = RHO_CONDITION(e->s->model, 0, d, side);
      *c = (RhoCondition){RHO_NONE, RHO_NONE, RHO_NONE, {0, 0, 0}};
      if (kind == VALUE || kind == VALUE_FLUX) c->value = e->U[0];
      if (kind == SLOPE || kind == SLOPE_FLUX)
        c->slope = Product(e, Number(e, side ? 1 : -1), Partial(e, e->U[0], e->x[d]));
      if (kind >= FLUX) c->flux = e->flux[0][d];
      if (kind == EXCHANGE) c->flux = Sum(e, c->flux, Product(e, Number(e, side ? 0.7 : -0.7), difference));
    }
}

static void Refine(Exact *e, const Case *c, Kind kind) {
  static const int ngrid[] = {4, 4, 3};
  int ndim = e->mesh.ndimension;
  double last = 0, slope = 0;
  print_message("%-14s %-12s %d-D%s", c->name, kind_name[kind], ndim, e->stretched ? ", stretched" : "");
  for (int k = 0; k < ngrid[ndim - 1] + e->stretched; k++) {
    RhoMesh mesh = e->mesh;
    for (int d = 0; d < ndim; d++) mesh.dimension[d].ncell <<= k;
    if (e->stretched) Stretch(&mesh);
    assert_true(OpenGrid(e->s, PETSC_COMM_SELF, &mesh));
    double error = EndError(e, 1e-7, 10, 0.05);
    CloseGrid(e->s);
    slope = log2(last / error);
    print_message("  %.3e", error);
    if (k) print_message(" (%.2f)", slope);
    last = error;
  }
  print_message("\n");
  if (!(slope > 1.85 && slope < 2.1)) print_message("    ^ slope %.3f\n", slope), wrong++;
}

static void Run(const Case *c, Kind kind, int ndim, bool stretched) {
  static const int cells[3][3] = {{20, 0, 0}, {12, 20, 0}, {14, 20, 16}};
  static const double from[3] = {0, 0, 0}, to[3] = {4, 3.2, 3.5};
  Setup s;
  Exact *e = calloc(1, sizeof *e);
  OpenText(c->text, &s);
  assert_int_equal(setjmp(*RhoArenaGuard(s.model->arena)), 0);
  e->s = &s;
  e->boundary = RHO_PERIODIC; /* of the waves */
  e->stretched = stretched;
  assert_true(ModelBox(&s, ndim, cells[ndim - 1], from, to, RHO_WALL, &e->mesh));
  BindTo(&s, &e->mesh);
  Manufacture(e);
  Conditions(e, kind);
  Refine(e, c, kind);
  CloseModel(&s);
  free(e);
}

static void AllOf(int ndim, int most, bool stretched) {
  wrong = 0;
  for (int k = 0; k < COUNT(cases); k++)
    for (Kind kind = VALUE; kind < NKIND; kind++) {
      if (cases[k].fourth != (kind >= VALUE_FLUX)) continue;
      if (ndim > 1 && k % 2 != most) continue; /* in more dimensions every condition, not every equation */
      Run(&cases[k], kind, ndim, stretched);
    }
  assert_int_equal(wrong, 0);
}

static void test_line(void **state) {
  (void)state;
  AllOf(1, 0, false);
}

/* The same where cells are not equal and their widths have a slope at the walls. */
static void test_stretched(void **state) {
  (void)state;
  AllOf(1, 0, true);
}

static void test_plane(void **state) {
  (void)state;
  AllOf(2, 1, false);
}

static void test_space(void **state) {
  (void)state;
  wrong = 0;
  for (Kind kind = VALUE; kind <= EXCHANGE; kind++) Run(&cases[1], kind, 3, false);
  assert_int_equal(wrong, 0);
}

/* In a plane and in space on request: they take minutes. */
int main(int argc, char **argv) {
  const struct CMUnitTest line[] = {cmocka_unit_test(test_line), cmocka_unit_test(test_stretched)};
  const struct CMUnitTest more[] = {cmocka_unit_test(test_plane), cmocka_unit_test(test_space)};
  bool all = argc > 1 && !strcmp(argv[1], "more");
  return RunTests(argc, argv, all ? more : line, all ? COUNT(more) : COUNT(line));
}
