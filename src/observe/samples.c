/* samples.c - numbers of one state after the other in bounded memory.

   A row is the sum over `per` successive states.  When `most` rows are full, neighbours are added up and per doubles,
   so that there are never fewer than most/2 blocks for the errors. */
#include "observe_private.h"
#include <math.h>

enum { FIRST = 4, LEAST = 32, MOST = 1 << 16, BYTES = 1 << 25 };

PetscErrorCode rho_samples_create(PetscInt nnumber, bool series, RhoSamples *s) {
  PetscInt fit = BYTES / (PetscInt)sizeof(double) / (nnumber + 1);
  PetscFunctionBeginUser;
  *s = (RhoSamples){.nnumber = nnumber, .per = 1, .room = FIRST, .first = NAN, .last = NAN};
  s->most = series ? PETSC_MAX_INT : fit < LEAST ? LEAST : fit > MOST ? MOST : fit / 2 * 2;
  PetscCall(PetscCalloc1(s->room * nnumber, &s->row));
  PetscCall(PetscCalloc1(s->room, &s->time));
  PetscCall(PetscCalloc1(nnumber, &s->next));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_samples_destroy(RhoSamples *s) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(s->row));
  PetscCall(PetscFree(s->time));
  PetscCall(PetscFree(s->next));
  PetscFunctionReturn(0);
}

static void Merge(RhoSamples *s) {
  for (PetscInt k = 0; k < s->nrow / 2; k++) {
    const double *a = s->row + 2 * k * s->nnumber, *b = a + s->nnumber;
    double *to = s->row + k * s->nnumber;
    for (PetscInt j = 0; j < s->nnumber; j++) to[j] = a[j] + b[j];
    s->time[k] = s->time[2 * k] + s->time[2 * k + 1];
  }
  s->nrow /= 2;
  s->per *= 2;
  for (PetscInt k = s->nrow; k < s->room; k++) s->time[k] = 0;
  PetscArrayzero(s->row + s->nrow * s->nnumber, (s->room - s->nrow) * s->nnumber);
}

static PetscErrorCode Widen(RhoSamples *s) {
  double *row, *time;
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(2 * s->room * s->nnumber, &row));
  PetscCall(PetscCalloc1(2 * s->room, &time));
  PetscCall(PetscArraycpy(row, s->row, s->room * s->nnumber));
  PetscCall(PetscArraycpy(time, s->time, s->room));
  PetscCall(PetscFree(s->row));
  PetscCall(PetscFree(s->time));
  s->row = row;
  s->time = time;
  s->room *= 2;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_samples_add(RhoSamples *s, double time) {
  PetscFunctionBeginUser;
  if (s->nrow == s->most) Merge(s);
  if (s->nrow == s->room) PetscCall(Widen(s));
  double *row = s->row + s->nrow * s->nnumber;
  for (PetscInt j = 0; j < s->nnumber; j++) row[j] += s->next[j];
  s->time[s->nrow] += time;
  if (s->nsample++ == 0) s->first = time;
  s->last = time;
  if (++s->left < s->per) PetscFunctionReturn(0);
  s->left = 0;
  s->nrow++;
  PetscFunctionReturn(0);
}

/* ---- packed: a head, then the time and the numbers of each row, the unfinished one too ---- */

enum { HEAD = 7 };

static PetscInt Rows(const RhoSamples *s) { return s->nrow + (s->left > 0); }

PetscErrorCode rho_samples_pack(const RhoSamples *s, PetscInt *n, double **data) {
  const double head[HEAD] = {(double)s->nnumber, (double)s->nrow, (double)s->per, (double)s->left,
                             (double)s->nsample, s->first,        s->last};
  PetscFunctionBeginUser;
  *n = HEAD + Rows(s) * (s->nnumber + 1);
  PetscCall(PetscMalloc1(*n, data));
  PetscCall(PetscArraycpy(*data, head, HEAD));
  for (PetscInt k = 0; k < Rows(s); k++) {
    double *to = *data + HEAD + k * (s->nnumber + 1);
    to[0] = s->time[k];
    PetscCall(PetscArraycpy(to + 1, s->row + k * s->nnumber, s->nnumber));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_samples_unpack(RhoSamples *s, PetscInt n, const double *data, bool *ok) {
  PetscFunctionBeginUser;
  *ok = n >= HEAD && data[0] == (double)s->nnumber && data[1] >= 0 && data[1] <= (double)s->most &&
        n == HEAD + (PetscInt)(data[1] + (data[3] > 0)) * (s->nnumber + 1);
  if (!*ok) PetscFunctionReturn(0);
  s->nrow = (PetscInt)data[1];
  s->per = (PetscInt64)data[2];
  s->left = (PetscInt64)data[3];
  s->nsample = (PetscInt64)data[4];
  s->first = data[5];
  s->last = data[6];
  while (s->room < Rows(s)) PetscCall(Widen(s));
  for (PetscInt k = 0; k < Rows(s); k++) {
    const double *from = data + HEAD + k * (s->nnumber + 1);
    s->time[k] = from[0];
    PetscCall(PetscArraycpy(s->row + k * s->nnumber, from + 1, s->nnumber));
  }
  PetscFunctionReturn(0);
}

void rho_samples_series(const RhoSamples *s, PetscInt j, double *y) {
  for (PetscInt k = 0; k < s->nrow; k++) y[k] = s->row[k * s->nnumber + j] / (double)s->per;
}

double rho_samples_mean(const RhoSamples *s, PetscInt j) {
  double sum = 0;
  for (PetscInt k = 0; k < s->nrow + (s->left > 0); k++) sum += s->row[k * s->nnumber + j];
  return sum / (double)s->nsample;
}

RhoEstimate rho_samples_estimate(const RhoSamples *s, PetscInt j, double *work) {
  rho_samples_series(s, j, work);
  return (RhoEstimate){rho_samples_mean(s, j), rho_estimate(s->nrow, work, NULL).error};
}
