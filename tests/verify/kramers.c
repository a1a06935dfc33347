/* kramers.c - an inertial particle between mirror walls relaxes to steady states that are known independently of this
   program (tests/reference/kramers.txt): int P dv, the heat flux int v^3 P dv/2, the pressure int v^2 P dv.

   With a profile T(x) that is flat at the walls everything is of second order.  With a linear one T' jumps in the
   mirror image and P has layers of width tau sqrt(T): compared inside, where it is of second order too. */
#include "../reference/rows.h"
#include "steady.h"

enum { NVALUE = 3 };
static const char *const value[NVALUE] = {"rho", "heat_flux", "pressure"};

typedef struct {
  const char *text;
  int which; /* in the file */
  double tau;
} Case;

static const Case cases[] = {{"define: {\"profile(s)\": \"(1 - cos(pi*s))/2\"}\n", 0, 0.3}, {"", 2, 0.3}};

typedef struct {
  double which, error[NVALUE];
  PetscInt n, nv;
  double *line[NVALUE];
  int nrow;
} Profile;

/* The derived arrays hold the same number for all v: every nv-th is one of the line. */
static void Row(const double *x, void *ctx) {
  Profile *p = ctx;
  if (x[0] != p->which || x[1] < 0.15 || x[1] > 0.85) return; /* a face of every grid; linear profiles: inside */
  for (int k = 0; k < NVALUE; k++)
    p->error[k] = Worse(p->error[k], FaceOf(p->line[k], p->n, (PetscInt)lround(x[1] * p->n)) - x[2 + k]);
  p->nrow++;
}

static void Compare(Setup *s, const Case *c, double *error) {
  Profile p = {.which = c->which, .n = s->grid->n[1], .nv = s->grid->n[0]};
  for (int k = 0; k < NVALUE; k++) {
    double *cells = CellsOf(s, value[k]);
    p.line[k] = malloc(sizeof(double) * (size_t)p.n);
    for (PetscInt i = 0; i < p.n; i++) p.line[k][i] = cells[i * p.nv];
    free(cells);
  }
  EachRow("kramers.txt", 2 + NVALUE, Row, &p);
  assert_int_equal(p.nrow, 7);
  for (int k = 0; k < NVALUE; k++) {
    error[k] = p.error[k];
    free(p.line[k]);
  }
}

static void Open(const Case *c, int refine, Setup *s) {
  char text[2048];
  RhoMesh mesh = {.ndimension = 2, .place = RHO_NOWHERE};
  mesh.dimension[0] = (RhoDimension){.name = "v", .from = -8.4, .to = 8.4, .ncell = 56 << refine, .boundary = RHO_WALL};
  mesh.dimension[1] =
      (RhoDimension){.name = "x", .to = 1, .ncell = 20 << refine, .boundary = RHO_WALL, .spatial = true, .mirror = 1};
  snprintf(text, sizeof text, "extends: " RHO_SOURCE_DIR "/models/kramers/model.yaml\nparameters: {tau: %g}\n%s",
           c->tau, c->text);
  OpenText(text, s);
  assert_true(OpenGrid(s, PETSC_COMM_SELF, &mesh));
}

/* The Maxwellian of the place at every x. */
static void Start(Setup *s) {
  PetscScalar *u;
  double *start = CellsOf(s, "maxwellian");
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) u[p] = start[p];
  OK(VecRestoreArray(s->u, &u));
  free(start);
}

static double Uniformity(Setup *s) { /* of int v^2 P dv */
  double *cells = CellsOf(s, "pressure"), low = INFINITY, high = -INFINITY;
  for (PetscInt p = 0; p < s->grid->ncell; p++) {
    low = fmin(low, cells[p]);
    high = fmax(high, cells[p]);
  }
  free(cells);
  return high - low;
}

static double LargestCurrent(Setup *s) {
  double *cells = CellsOf(s, "current"), most = 0;
  for (PetscInt p = 0; p < s->grid->ncell; p++) most = fmax(most, fabs(cells[p]));
  free(cells);
  return most;
}

static void RunCase(const Case *c, int ngrid) {
  double error[NVALUE][4], uniform[4];
  print_message("tau = %g, T %s\n", c->tau, *c->text ? "flat at the walls" : "linear");
  for (int k = 0; k < ngrid; k++) {
    double now[NVALUE];
    Setup s;
    Open(c, k, &s);
    Start(&s);
    Relax(&s, 1e-6, 8, 0.5);
    Compare(&s, c, now);
    uniform[k] = Uniformity(&s);
    print_message(" errors %.2e %.2e %.2e, pressure varies by %.2e, current %.1e\n", now[0], now[1], now[2], uniform[k],
                  LargestCurrent(&s));
    for (int v = 0; v < NVALUE; v++) error[v][k] = now[v];
    CloseGrid(&s);
    CloseModel(&s);
  }
  for (int v = 0; v < NVALUE; v++) assert_second_order(ngrid, error[v], value[v]);
  double slope = log2(uniform[ngrid - 2] / uniform[ngrid - 1]); /* of fourth order, as it happens */
  if (!(slope > 1.9)) fail_msg("a uniform pressure: slope %.3f", slope);
}

static void test_flat(void **state) {
  (void)state;
  RunCase(&cases[0], 3);
}

static void test_linear(void **state) {
  (void)state;
  RunCase(&cases[1], 3);
}

int main(int argc, char **argv) {
  const struct CMUnitTest flat[] = {cmocka_unit_test(test_flat)}, more[] = {cmocka_unit_test(test_linear)};
  return RunTests(argc, argv, argc > 1 ? more : flat, 1);
}
