/* verb_run.c - `rhoflux run CASE`: evolves a case in time and says what became of it. */
#include "ensemble.h"

int rho_verb_run(RhoCli *cli);

static void PrintJson(const RhoRunOutcome *o) {
  RhoJson json = {stdout, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "case", o->name);
  if (o->ended) {
    rho_json_text(&json, "result", o->result);
    rho_json_text(&json, "checkpoint", o->checkpoint);
  }
  rho_json_bool(&json, "done", o->done);
  rho_json_text(&json, "reason", o->text);
  rho_json_number(&json, "time", o->time);
  if (o->ended) {
    rho_json_number(&json, "outputs", (double)o->noutput);
    rho_json_number(&json, "steps", (double)o->nstep);
    rho_json_number(&json, "rejected", (double)o->nreject);
    rho_json_number(&json, "newton", (double)o->nnewton);
    rho_json_number(&json, "iterations", (double)o->nlinear);
    rho_json_open(&json, "drift", '[');
    for (int k = 0; k < o->ndrift; k++) rho_json_number(&json, NULL, o->drift[k]);
    rho_json_close(&json, ']');
    rho_json_number(&json, "lowest", o->lowest);
    rho_json_number(&json, "seconds", o->seconds);
  }
  rho_json_close(&json, '}');
  fputc('\n', stdout);
}

static void SayHowToGoOn(const RhoCli *cli, const RhoRunOutcome *o) {
  if (!o->checkpoint) return;
  fprintf(cli->err, "  the last checkpoint is at t = %.6g; to go on from it: %s\n", o->saved_at, o->go_on);
}

static void SayHowItEnded(const RhoCli *cli, const RhoRunOutcome *o) {
  if (!o->ended) {
    fprintf(cli->err, "%s\n", o->text);
    return;
  }
  fprintf(cli->err, "%s%s: %ld steps (%ld rejected), %ld linear iterations, %.2f s; %ld outputs in %s\n",
          *o->text ? o->text : "done", *o->text ? RhoArenaPrint(cli->arena, " at t = %.6g", o->time) : "", o->nstep,
          o->nreject, o->nlinear, o->seconds, o->noutput, o->result);
}

static void Conclude(const RhoCli *cli, const RhoRunOutcome *o) {
  bool said = o->ended || o->done;
  if (said && rho_given(cli, RHO_OPT_JSON)) PrintJson(o);
  if (o->done) {
    if (rho_speaks(cli)) SayHowItEnded(cli, o);
    return;
  }
  if (o->ended) fprintf(cli->err, "rhoflux: %s at t = %.6g; the last state is in %s\n", o->text, o->time, o->result);
  SayHowToGoOn(cli, o);
}

int rho_verb_run(RhoCli *cli) {
  RhoRunOutcome outcome;
  if (rho_given(cli, RHO_OPT_ENSEMBLE)) return rho_ensemble_run(cli);
  if (rho_given(cli, RHO_OPT_RANKS_PER_RUN))
    return rho_refuse(cli, "--ranks-per-run is for several runs: --ensemble N; one run takes all ranks");
  int status = rho_run_case(cli, &outcome);
  if (cli->rank == 0) Conclude(cli, &outcome);
  return status;
}
