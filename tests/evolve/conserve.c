/* conserve.c - conserved totals change by rounding alone, whatever takes the steps and solves their equations.

   Every conserved combination of every model found, with every preconditioner or every scheme, on small 1-D and 2-D
   boxes, periodic and between walls, with equal and unequal cells; the totals are summed here, in extended precision
   (those that sources feed: inflow.c).  The linear tolerance is the default one: a solver that leaves a thousandth of
   the time stepping error in a stage must not leave it in the total.

   conserve N LIMIT [schemes]: N steps, the largest change relative to int sum_i |w_i u_i|. */
#include "../verify/verify.h"

static int nstep = 300, nwrong;
static double limit = 1e-14;

enum { MOST = 32 };
typedef struct {
  const char *name, *scheme;
  RhoPreconditioner code;
} Column;

static Column column[MOST] = {{"symbol", "ark3", RHO_PC_SYMBOL},
                              {"lu", "ark3", RHO_PC_LU},
                              {"multigrid", "ark3", RHO_PC_MULTIGRID},
                              {"jacobi", "ark3", RHO_PC_JACOBI},
                              {"none", "ark3", RHO_PC_NONE}};
static int ncolumn = 5;

static void Schemes(void) {
  const char *name[MOST];
  ncolumn = RhoEvolveSchemes(MOST, name);
  for (int k = 0; k < ncolumn; k++) column[k] = (Column){name[k], name[k], RHO_PC_AUTO};
  column[ncolumn++] = (Column){"constant", "ark3 constant", RHO_PC_AUTO};
}

static const struct {
  const char *name;
  int ndim, ncell[2];
  RhoBoundary boundary;
  bool stretched;
} boxes[] = {{"1-D periodic", 1, {18, 0}, RHO_PERIODIC, false},
             {"2-D walls", 2, {6, 16}, RHO_WALL, false},
             {"1-D walls", 1, {18, 0}, RHO_WALL, false},
             {"2-D periodic", 2, {6, 16}, RHO_PERIODIC, false},
             {"2-D unequal", 2, {6, 16}, RHO_WALL, true}};

static const char *Ending(RhoEvolveReason reason) {
  static const char *const text[] = {"end", "left a domain", "step", "solver", "steps", "stopped"};
  return text[reason];
}

/* ---- one run ---- */

typedef struct {
  double worst; /* largest change of a total, relative */
  int nstep;
  RhoEvolveReason reason;
} Drift;

static void Totals(const Setup *s, double *total, double *size) {
  for (int c = 0; c < s->eq->nconserved; c++) {
    double sum[2];
    sum[0] = OwnTotal(s, s->eq->conserved[c], s->u, &sum[1]);
    MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
    total[c] = sum[0];
    size[c] = sum[1];
  }
}

static Drift Measure(Setup *s, const Column *by) {
  RhoEvolveOptions options = Until(1e6, 1e-3);
  double before[16], after[16], size[16], now[16];
  Drift drift = {0, 0, RHO_EVOLVE_DONE};
  options.max_steps = nstep;
  options.largest = 0.1;
  options.preconditioner = by->code;
  SetScheme(&options, by->scheme);
  FillState(s, 1, 1, 0.08, s->u);
  Totals(s, before, size);
  Outcome out = RunWith(s, options, NULL, NULL);
  Totals(s, after, now);
  for (int c = 0; c < s->eq->nconserved; c++)
    if (!s->eq->fed[c]) drift.worst = Worse(drift.worst, fabs(after[c] - before[c]) / fmax(size[c], now[c]));
  drift.nstep = (int)out.last.nstep;
  drift.reason = out.reason;
  if (out.reason != RHO_EVOLVE_STEPS) print_message("  %s: %s\n", by->name, out.text);
  return drift;
}

static void Report(const Setup *s, int box, int p, Drift drift) {
  bool wrong = !(drift.worst < limit);
  if (wrong || drift.reason != RHO_EVOLVE_STEPS)
    print_message("  %-12s %-8s %.1e after %d steps (%s)%s\n", boxes[box].name, column[p].name, drift.worst,
                  drift.nstep, Ending(drift.reason), wrong ? "  <- changes" : "");
  nwrong += wrong;
  if (drift.nstep < 20) fail_msg("%s: the run ended after %d steps", s->model->name, drift.nstep);
}

/* ---- one model ---- */

/* largest drift of this column over its boxes; -1: no box fits */
static double Row(const char *path, int p) {
  double worst = -1, from[2] = {0, 0}, to[2] = {7, 5.5};
  for (int box = 0; box < COUNT(boxes); box++) {
    Setup s;
    RhoMesh mesh;
    OpenModel(path, &s);
    bool fits =
        s.eq->nconserved && ModelBox(&s, boxes[box].ndim, boxes[box].ncell, from, to, boxes[box].boundary, &mesh);
    if (fits && boxes[box].stretched) Stretch(&mesh);
    if (fits && OpenGrid(&s, PETSC_COMM_WORLD, &mesh)) {
      if (Goes(&s, column[p].scheme)) {
        Drift drift = Measure(&s, &column[p]);
        Report(&s, box, p, drift);
        worst = Worse(worst, drift.worst);
      }
      CloseGrid(&s);
    }
    CloseModel(&s);
  }
  return worst;
}

static void Table(const char *path) {
  double worst[MOST];
  const char *name = path + strlen(RHO_SOURCE_DIR) + 1;
  for (int p = 0; p < ncolumn; p++) worst[p] = Row(path, p);
  print_message("%-48s", name);
  for (int p = 0; p < ncolumn; p++) {
    if (worst[p] < 0) print_message("  %8s", "-");
    else print_message("  %8.1e", worst[p]);
  }
  print_message("\n");
}

/* The table: the largest change of any total, model by model. */
static void test_totals(void **state) {
  (void)state;
  print_message("changes of totals over %d steps relative to int |u|\n%-48s", nstep, "");
  for (int p = 0; p < ncolumn; p++) print_message("  %8s", column[p].name);
  print_message("\n");
  EachModel(Table);
  assert_int_equal(nwrong, 0);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_totals)};
  if (argc > 1) nstep = atoi(argv[1]);
  if (argc > 2) limit = atof(argv[2]);
  if (argc > 3) Schemes();
  return RunTests(1, argv, tests, sizeof tests / sizeof *tests);
}
