/* inflow.c - totals that something flows into through walls change by what flowed in, integrated with the weights of
   the steps, to round-off, with every scheme. */
#include "../verify/verify.h"

static const char *const text[] = {
    "fields: {a: density, b: density}\n"
    "dynamics:\n"
    "  a: {mobility: a, potential: \"log(a) + 0.2*x\"}\n"
    "  b: {flux: \"-0.3*grad(b)\"}\n"
    "exchange: [{from: a, to: b, rate: \"a^2\", back: b}]\n"
    "boundary:\n"
    "  a: {x: {from: {value: \"1 + 0.5*sin(3*t)\"}, to: {inflow: \"0.4*(2 - a) + t\"}}, y: {to: {flux: \"0.3*b\"}}}\n",
    "dynamics:\n  w: {mobility: 1, potential: \"w^3 - w - 0.05*lap(w)\"}\n"
    "boundary: {w: {x: {from: {value: 0.2, flux: \"1 + t\"}, to: {slope: 0.3}}, y: {flux: \"0.2*w\"}}}\n",
    "dynamics:\n  u: {flux: \"-grad(u)\", reaction: \"(1 + t)*exp(-(x - 1)^2) - zone(y, 0, 0.3)\"}\n",
};

static RhoMesh Box(void) {
  RhoMesh mesh = {.ndimension = 2, .place = RHO_NOWHERE};
  for (int d = 0; d < 2; d++)
    mesh.dimension[d] = (RhoDimension){
        .name = d ? "y" : "x", .to = d ? 1.5 : 2, .ncell = d ? 10 : 14, .boundary = RHO_WALL, .spatial = true};
  return mesh;
}

typedef struct {
  double drift, first, last, other; /* other: most that the second total changes */
  int told, ntotal;
} Seen;

static PetscErrorCode Note(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Seen *seen = ctx;
  (void)u, (void)stop;
  if (!seen->told++) seen->first = state->total[0];
  seen->last = state->total[0];
  for (int c = 0; c < seen->ntotal; c++) seen->drift = Worse(seen->drift, state->drift[c]);
  if (seen->ntotal > 1) seen->other = Worse(seen->other, state->total[1]);
  return 0;
}

static void RunScheme(const char *equations, const char *scheme, int ntotal, bool stretched) {
  RhoMesh mesh = Box();
  RhoEvolveOptions options = Until(2, 1e-5);
  PetscReal output[] = {0, 0.5, 1, 2};
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *words;
  Seen seen = {.ntotal = ntotal};
  Setup s;
  if (stretched) Stretch(&mesh);
  OpenText(equations, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  assert_int_equal(s.eq->nconserved, ntotal);
  if (!Goes(&s, scheme)) {
    CloseGrid(&s);
    CloseModel(&s);
    return;
  }
  FillState(&s, 1, 1, 0.05, s.u);
  if (ntotal > 1) OK(VecSet(s.u, 1));
  options.scheme = scheme;
  options.noutput = COUNT(output);
  options.output = output;
  OK(RhoEvolve(s.fm, &options, s.u, Note, &seen, &reason, &last, &words));
  print_message("%-12s %d fields: total %.6g to %.6g in %d steps, drift %.1e\n", scheme, s.eq->nfield, seen.first,
                seen.last, (int)last.nstep, seen.drift);
  assert_int_equal(reason, RHO_EVOLVE_DONE);
  assert_true(fabs(seen.last - seen.first) > 0.1);
  assert_true(seen.drift < 1e-13);
  assert_true(seen.other < 1e-12);
  CloseGrid(&s);
  CloseModel(&s);
}

/* Every scheme, and every one with one of the equations on unequal cells. */
static void test_inflow(void **state) {
  const char *scheme[64];
  int n = RhoEvolveSchemes(64, scheme);
  (void)state;
  for (int k = 0; k < n; k++)
    for (int m = 0; m < COUNT(text); m++) RunScheme(text[m], scheme[k], 1, m == k % COUNT(text));
}

/* A + B is fed, A - C, which shares A and the exchange with it, stays what it was: 0. */
static void test_shared(void **state) {
  static const char *const shared = "dynamics:\n"
                                    "  A: {flux: \"-grad(A)\"}\n"
                                    "  B: {flux: \"-grad(B)\", reaction: \"0.5*sin(x) + 1\"}\n"
                                    "  C: {flux: \"-0.1*grad(C)\"}\n"
                                    "exchange: [{from: \"A + C\", to: B, rate: \"A*C - 0.2*B\"}]\n";
  (void)state;
  RunScheme(shared, "ark3", 2, true);
  RunScheme(shared, "etdrk4", 2, false);
  RunScheme(text[2], "etdrk4", 1, false);
  RunScheme(shared, "sbdf3", 2, false);
  RunScheme(text[2], "sbdf2", 1, false);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_inflow), cmocka_unit_test(test_shared)};
  return RunTests(argc, argv, tests, COUNT(tests));
}
