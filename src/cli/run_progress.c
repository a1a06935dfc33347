/* run_progress.c - how far a run is: one line, rewritten, on a terminal; a line for each output in a log. */
#include "run.h"
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Seconds between two lines on a terminal. */
#define PAUSE 0.1

double rho_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool HasDensity(const RhoModel model) {
  for (int i = 0; i < model->nfield; i++)
    if (model->field[i].kind == RHO_DENSITY) return true;
  return false;
}

void rho_progress_start(RhoProgress *progress, const RhoCli *cli) {
  *progress = (RhoProgress){.speaks = rho_speaks(cli), .line = isatty(STDERR_FILENO), .began = rho_clock()};
}

void rho_progress_begin(RhoProgress *progress, const RhoRun *run) {
  rho_progress_start(progress, run->c->cli);
  progress->density = HasDensity(run->c->model);
  progress->start = run->restart.from ? run->restart.checkpoint.time : run->c->number[RHO_CASE_START].value;
  progress->end = run->c->number[RHO_CASE_END].value;
}

double rho_progress_seconds(const RhoProgress *progress) { return rho_clock() - progress->began; }

/* 75 s as "1 min 15 s" */
int rho_progress_duration(char *text, size_t room, double seconds) {
  long s = lround(seconds);
  if (!(seconds < 1e7)) return snprintf(text, room, "long");
  if (s < 60) return snprintf(text, room, "%ld s", s);
  if (s < 3600) return snprintf(text, room, "%ld min %ld s", s / 60, s % 60);
  return snprintf(text, room, "%ld h %ld min", s / 3600, s % 3600 / 60);
}

static double WorstDrift(const RhoEvolveState *state, int nconserved) {
  double worst = 0;
  for (int k = 0; k < nconserved; k++) worst = fmax(worst, fabs(state->drift[k]));
  return worst;
}

static int Print(const RhoProgress *progress, const RhoEvolveState *state, int nconserved, char *text, size_t room) {
  double done = (state->time - progress->start) / (progress->end - progress->start);
  int n = snprintf(text, room, "t = %-9.4g of %.4g  step %-8.2g  steps %d (%d rejected)", state->time, progress->end,
                   state->step, (int)state->nstep, (int)state->nreject);
  if (nconserved > 0) n += snprintf(text + n, room - (size_t)n, "  drift %.1e", WorstDrift(state, nconserved));
  if (progress->density) n += snprintf(text + n, room - (size_t)n, "  lowest %.3g", state->low);
  if (done > 0 && done < 1) {
    n += snprintf(text + n, room - (size_t)n, "  left ");
    n += rho_progress_duration(text + n, room - (size_t)n, rho_progress_seconds(progress) * (1 - done) / done);
  }
  return n;
}

bool rho_progress_due(const RhoProgress *progress, bool output) {
  return progress->speaks && (progress->line ? rho_clock() - progress->said >= PAUSE : output);
}

void rho_progress_step(RhoProgress *progress, const RhoEvolveState *state, int nconserved) {
  char text[320];
  if (!rho_progress_due(progress, state->output >= 0)) return;
  rho_progress_say(progress, text, Print(progress, state, nconserved, text, sizeof text));
}

void rho_progress_say(RhoProgress *progress, const char *text, int n) {
  progress->said = rho_clock();
  if (progress->line) fprintf(stderr, "\r%s%*s", text, n < progress->ncolumn ? progress->ncolumn - n : 0, "");
  else fprintf(stderr, "%s\n", text);
  progress->ncolumn = n;
  fflush(stderr);
}

void rho_progress_end(RhoProgress *progress) {
  if (progress->line && progress->ncolumn > 0) fputc('\n', stderr);
  progress->ncolumn = 0;
}
