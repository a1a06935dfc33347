/* observing.c - see observing.h. */
#include "observing.h"
#include <math.h>
#include <string.h>

const char *rho_estimate_text(RhoArena arena, RhoEstimate x) {
  if (isnan(x.value)) return "-";
  if (!(x.error > 0)) return RhoArenaPrint(arena, "%.10g", x.value);
  int digits = (int)ceil(log10(fabs(x.value) / x.error)) + 2;
  return RhoArenaPrint(arena, "%.*g +- %.2g", digits < 2 ? 2 : digits > 12 ? 12 : digits, x.value, x.error);
}

enum { LINES = 24 };

int rho_curve_step(int n) { return n > LINES ? (n + LINES - 1) / LINES : 1; }

const char *rho_tables_beside(const RhoCli *cli, const char *path, const char *word) {
  if (rho_given(cli, RHO_OPT_OUTPUT)) return cli->value[RHO_OPT_OUTPUT];
  size_t n = strlen(path);
  if (n > 3 && !strcmp(path + n - 3, ".h5")) n -= 3;
  return RhoArenaPrint(cli->arena, "%.*s-%s", (int)n, path, word);
}

int rho_tables_place(const RhoCli *cli) {
  const char *name = cli->value[RHO_OPT_OUTPUT];
  return name ? rho_result_place(cli, name, true, "") : RHO_EXIT_DONE;
}

int rho_tables_write(RhoCli *cli, RhoTables tables, const char *path) {
  RhoProvenance provenance[RHO_VERSIONS];
  int n = rho_versions_provenance(cli->arena, provenance);
  PetscErrorCode code = RhoTablesWrite(PETSC_COMM_SELF, tables, path, PETSC_TRUE, n, provenance);
  if (code) return rho_write_failed(cli, code);
  const char *file = rho_result_path(cli, path);
  if (rho_speaks(cli)) printf("tables in %s; rhoflux plot %s draws them\n", file, file);
  return RHO_EXIT_DONE;
}

/* --window FROM:TO */
static bool ReadRange(const RhoCli *cli, double *range) {
  const char *text = cli->value[RHO_OPT_WINDOW];
  int end = 0;
  if (!text) return true;
  if (sscanf(text, "%lf:%lf%n", &range[0], &range[1], &end) == 2 && !text[end] && range[0] < range[1] &&
      isfinite(range[0]) && isfinite(range[1]))
    return true;
  rho_refuse(cli, "--window: '%s' is not FROM:TO, two densities, the smaller one first", text);
  return false;
}

bool rho_observe_options(const RhoCli *cli, RhoObserveOptions *o) {
  const char **field;
  *o = RhoObserveDefaults();
  bool ok = rho_option_time(cli, RHO_OPT_FROM, &o->from) && rho_option_time(cli, RHO_OPT_TO, &o->to) &&
            rho_option_count(cli, RHO_OPT_BINS, 2, RHO_BINS_MOST, &o->nbin) &&
            rho_option_number(cli, RHO_OPT_Q, &o->top) && rho_option_number(cli, RHO_OPT_OMEGA, &o->omega) &&
            ReadRange(cli, o->range);
  o->nfield = rho_option_list(cli, RHO_OPT_FIELD, &field);
  o->field = field;
  return ok;
}

static void PrintObservables(void) {
  const RhoObservableInfo *list;
  int n = RhoObservables(&list);
  for (int k = 0; k < n; k++) fprintf(stderr, "  %-24s %s\n", list[k].name, list[k].summary);
}

int rho_observe_names(const RhoCli *cli, const char ***name) {
  int n = 0;
  if (!rho_option_names(cli, RHO_OPT_OBSERVABLE, &n, name)) return 0;
  if (n) return n;
  rho_refuse(cli, "%s needs --observable NAME, one or several of", cli->verb->name);
  if (cli->rank == 0) PrintObservables();
  return 0;
}
