/* verb_track.c - `rhoflux track RESULT`: how its pattern moves, in words, as JSON, and as tables beside the result. */
#include "observing.h"
#include "track.h"
#include <math.h>
#include <string.h>

int rho_verb_track(RhoCli *cli);

/* ---- in words ---------------------------------------------------------------------------------------------------- */

static void PrintMotion(RhoArena arena, const RhoMotion *p, const RhoMesh *mesh) {
  printf("  speed       %s", rho_estimate_text(arena, p->speed));
  for (int d = 0; d < p->ndim && p->ndim > 1; d++)
    printf("%s%s %s", d ? ", " : "   (", mesh->dimension[d].name, rho_estimate_text(arena, p->velocity[d]));
  if (p->ndim > 1) printf(")");
  else if (p->kind == RHO_MOTION_TRAVELLING) printf(", to %s x", p->velocity[0].value < 0 ? "smaller" : "larger");
  printf("\n");
}

static void PrintFields(RhoArena arena, const RhoMotion *p) {
  printf("  %-16s %-14s %-26s ahead of %s, in wavelengths\n", "field", "mean", "amplitude", p->name[0]);
  for (int f = 0; f < p->nfield; f++)
    printf("  %-16s %-14.7g %-26s %s\n", p->name[f], p->mean[f], rho_estimate_text(arena, p->amplitude[f]),
           f ? rho_estimate_text(arena, p->lead[f]) : "0");
}

static void Print(RhoArena arena, const RhoMotion *p, const RhoResultInfo *info) {
  printf("%s: %s, %d outputs from t = %.6g to %.6g\n", info->path, RhoMotionName(p->kind), p->noutput, p->from, p->to);
  if (p->kind != RHO_MOTION_UNIFORM) {
    printf("  wavelength  %.10g  (", p->wavelength);
    for (int d = 0; d < p->ndim; d++) printf("%s%d along %s", d ? ", " : "", p->mode[d], info->mesh.dimension[d].name);
    printf("; %.3g %% of the fluctuation)\n", 100 * p->share);
    PrintMotion(arena, p, &info->mesh);
    printf("  period      %s\n", rho_estimate_text(arena, p->period));
    printf("  coherence   %.6g of the fluctuation moves as one\n", p->coherence);
    if (!isnan(p->balance))
      printf("  oscillation %.6g of the change of the strongest wave, of two waves as 1 to %.3g\n", p->oscillation,
             p->balance);
  }
  PrintFields(arena, p);
  if (p->step > 0.4)
    printf("  the pattern moves by up to %.2g of its wavelength between two outputs: it needs more of them for its "
           "sense\n",
           p->step);
}

/* ---- as numbers by name: JSON and tables ------------------------------------------------------------------------- */

static void PrintJson(RhoArena arena, const RhoMotion *p, const RhoResultInfo *info) {
  RhoJson json = {stdout, true};
  RhoNumber row[RHO_TRACK_ROWS];
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "result", info->path);
  rho_json_text(&json, "pattern", RhoMotionName(p->kind));
  int n = rho_track_rows(arena, p, &info->mesh, row);
  for (int k = 0; k < n; k++) rho_json_number(&json, row[k].name, row[k].value);
  rho_json_open(&json, "fields", '{');
  for (int f = 0; f < p->nfield; f++) {
    rho_json_open(&json, p->name[f], '{');
    n = rho_track_field_rows(p, f, row);
    for (int k = 0; k < n; k++) rho_json_number(&json, row[k].name, row[k].value);
    rho_json_close(&json, '}');
  }
  rho_json_close(&json, '}');
  rho_json_close(&json, '}');
  printf("\n");
}

static RhoTables MakeTables(RhoArena arena, const RhoMotion *p, const RhoResultInfo *info) {
  RhoTables tables = RhoTablesCreate(arena, "track");
  const long long n = p->noutput;
  RhoNumber row[RHO_TRACK_ROWS];
  int nrow = rho_track_rows(arena, p, &info->mesh, row);
  RhoTablesText(tables, "", "pattern", RhoMotionName(p->kind));
  RhoTablesText(tables, "", "result", info->path);
  for (int k = 0; k < nrow; k++) RhoTablesNumber(tables, "", row[k].name, row[k].value);
  RhoTablesArray(tables, "time", "of the outputs", 1, &n, p->time);
  RhoTablesArray(tables, "displacement", "of the strongest wave along its wavevector, in wavelengths", 1, &n,
                 p->displacement);
  RhoTablesScale(tables, "displacement", 0, "time");
  for (int f = 0; f < p->nfield; f++) {
    const char *group = RhoArenaPrint(arena, "fields/%s", p->name[f]);
    nrow = rho_track_field_rows(p, f, row);
    for (int k = 0; k < nrow; k++) RhoTablesNumber(tables, group, row[k].name, row[k].value);
  }
  return tables;
}

static int Write(RhoCli *cli, const RhoMotion *p, const RhoResultInfo *info) {
  return rho_tables_write(cli, MakeTables(cli->files, p, info), rho_tables_beside(cli, info->path, "track"));
}

static int Run(RhoCli *cli, double from) {
  const RhoMotion *pattern = NULL;
  const RhoResultInfo *info = NULL;
  const char *path = cli->argument[0];
  RhoStatus status = RhoTrack(cli->files, cli->diag, RHO_NOWHERE, path, cli->value[RHO_OPT_FIELD], from, &pattern);
  if (!status) status = RhoResultInfoRead(cli->files, cli->diag, RHO_NOWHERE, path, false, &info);
  if (rho_report(cli) || status) return status == RHO_NOMEM ? RHO_EXIT_FAILED : RHO_EXIT_INPUT;
  if (rho_given(cli, RHO_OPT_JSON)) PrintJson(cli->arena, pattern, info);
  else if (rho_speaks(cli)) Print(cli->arena, pattern, info);
  return Write(cli, pattern, info);
}

int rho_verb_track(RhoCli *cli) {
  double from;
  int status = RHO_EXIT_DONE;
  if (!rho_option_time(cli, RHO_OPT_FROM, &from) || rho_tables_place(cli)) return RHO_EXIT_INPUT;
  status = rho_start(cli);
  if (!status && cli->rank == 0) status = Run(cli, from);
  return rho_finish(cli, rho_agree(cli, status));
}
