/* slab.c - profiles along the longest side, and what fronts in them say.

   Each state is averaged over the other sides.  A periodic side is shifted so that the longest wave of the first field
   has its crest in the middle, by the phases of its Fourier series, which moves cell averages by fractions of a cell
   and changes nothing else; for the fits each field is shifted by its own longest wave.  The mean of the shifted
   profiles is fitted by a band (slab.h), between walls by a band or a front.

     dense, dilute     means of the plateaus, the cells farther than 4 widths from both fronts
     fitted dense, ... the densities of the fit
     width             w of tanh((x - front)/w)

   Errors are those of the same in blocks of states. */
#include "slab.h"
#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <string.h>

enum { BLOCKS = 8 };
enum { DENSE, DILUTE, FITTED_DENSE, FITTED_DILUTE, WIDTH, MISFIT, NSAID };
#define FAR 4 /* widths from a front at which a plateau begins */

typedef struct {
  int along, n; /* dimension; its cells */
  bool periodic;
  double h;
  double *u;
  fftw_complex *wave;
  fftw_plan forward, backward;
  double *x; /* [n] centres */
} Slab;

/* ---- an observer ---- */

static int Longest(const RhoMesh *mesh) {
  int along = 0;
  for (int d = 1; d < mesh->ndimension; d++) {
    const RhoDimension *a = &mesh->dimension[d], *b = &mesh->dimension[along];
    if (a->to - a->from > (b->to - b->from) * (1 + 1e-12)) along = d;
  }
  return along;
}

/* Numbers: the profile of each field, shifted with the first, then shifted by its own wave. */
static PetscErrorCode Create(RhoObserver o) {
  Slab *s;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&s));
  o->data = s;
  s->along = Longest(o->mesh);
  const RhoDimension *d = &o->mesh->dimension[s->along];
  s->n = d->ncell;
  s->h = (d->to - d->from) / s->n;
  s->periodic = d->boundary == RHO_PERIODIC;
  s->u = fftw_malloc((size_t)s->n * sizeof *s->u);
  s->wave = fftw_malloc(((size_t)s->n / 2 + 1) * sizeof *s->wave);
  PetscCheck(s->u && s->wave, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  s->forward = fftw_plan_dft_r2c_1d(s->n, s->u, s->wave, FFTW_ESTIMATE);
  s->backward = fftw_plan_dft_c2r_1d(s->n, s->wave, s->u, FFTW_ESTIMATE);
  PetscCall(PetscMalloc1(s->n, &s->x));
  for (int k = 0; k < s->n; k++) s->x[k] = RhoMeshCentre(d, k);
  PetscCall(rho_samples_create((PetscInt)(2 * o->nfield * s->n), false, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoObserver o) {
  Slab *s = o->data;
  PetscFunctionBeginUser;
  fftw_destroy_plan(s->forward);
  fftw_destroy_plan(s->backward);
  fftw_free(s->wave);
  fftw_free(s->u);
  PetscCall(PetscFree(s->x));
  PetscCall(PetscFree(s));
  PetscFunctionReturn(0);
}

/* ---- profiles of a state ---- */

static void Profile(RhoObserver o, const double *u, double *profile) {
  const Slab *s = o->data;
  size_t stride = 1, n = (size_t)s->n;
  for (int d = 0; d < s->along; d++) stride *= (size_t)o->mesh->dimension[d].ncell;
  for (size_t k = 0; k < n; k++) profile[k] = 0;
  for (size_t p = 0; p < o->ncell; p++) profile[p / stride % n] += u[p] * (double)n / (double)o->ncell;
}

/* How far, in cells, the crest of the longest wave is from the middle; one cell has none. */
static double Crest(Slab *s, const double *profile) {
  if (s->n < 2) return 0;
  memcpy(s->u, profile, (size_t)s->n * sizeof *s->u);
  fftw_execute(s->forward);
  return -carg(s->wave[1]) * s->n / (2 * M_PI) - 0.5 * (s->n - 1);
}

/* to[k] = from[k + by]; the Nyquist wave keeps its real part. */
static void Shift(Slab *s, const double *from, double by, double *to) {
  memcpy(s->u, from, (size_t)s->n * sizeof *s->u);
  fftw_execute(s->forward);
  for (int m = 0; m <= s->n / 2; m++) {
    s->wave[m] *= cexp(2 * M_PI * I * m * by / s->n) / s->n;
    if (2 * m == s->n) s->wave[m] = creal(s->wave[m]);
  }
  fftw_execute(s->backward);
  memcpy(to, s->u, (size_t)s->n * sizeof *s->u);
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  Slab *s = o->data;
  double *profile, first = 0;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(s->n, &profile));
  for (int f = 0; f < o->nfield; f++) {
    double *common = number + f * s->n, *own = number + (o->nfield + f) * s->n;
    Profile(o, u[f], profile);
    double by = s->periodic ? Crest(s, profile) : 0;
    if (f == 0) first = by;
    Shift(s, profile, first, common);
    Shift(s, profile, by, own);
  }
  PetscCall(PetscFree(profile));
  PetscFunctionReturn(0);
}

/* ---- what a mean profile says ---- */

/* Of the cells within both fronts (side 0: between them) and far from them. */
static double Plateau(const RhoProfile *p, const RhoSlabFit *fit, bool inner) {
  double sum = 0;
  int n = 0;
  for (int k = 0; k < p->n; k++) {
    double x = (k + 0.5) * p->h, a = x - fit->front[0], b = p->band ? fit->front[1] - x : INFINITY;
    double distance = inner ? fmin(a, b) : fmax(-a, -b);
    if (!(distance > FAR * fit->width)) continue;
    sum += p->u[k];
    n++;
  }
  return n ? sum / n : NAN;
}

/* Fields that are low between the fronts have their dense phase outside. */
static void Say(const RhoProfile *p, const RhoSlabFit *fit, double *said) {
  bool crest = fit->inner > fit->outer;
  for (int k = 0; k < NSAID; k++) said[k] = NAN;
  if (!fit->found) return;
  said[DENSE] = Plateau(p, fit, crest);
  said[DILUTE] = Plateau(p, fit, !crest);
  said[FITTED_DENSE] = fmax(fit->inner, fit->outer);
  said[FITTED_DILUTE] = fmin(fit->inner, fit->outer);
  said[WIDTH] = fit->width;
  said[MISFIT] = fit->misfit;
}

/* Between walls there is one front when the two ends are of different phases. */
static bool IsBand(const Slab *s, const double *u) {
  double low = u[0], high = u[0];
  for (int k = 0; k < s->n; k++) {
    low = fmin(low, u[k]);
    high = fmax(high, u[k]);
  }
  double middle = 0.5 * (low + high);
  return s->periodic || (u[0] - middle) * (u[s->n - 1] - middle) > 0;
}

/* Of the mean over rows first .. last - 1 of field f. */
static PetscErrorCode Look(RhoObserver o, int f, PetscInt first, PetscInt last, double *said) {
  const Slab *s = o->data;
  double *u, share = 0;
  RhoSlabFit fit;
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(s->n, &u));
  for (PetscInt k = first; k < last; k++) {
    const double *row = o->samples.row + k * o->samples.nnumber + (o->nfield + f) * s->n;
    share += (double)(k < o->samples.nrow ? o->samples.per : o->samples.left);
    for (int p = 0; p < s->n; p++) u[p] += row[p];
  }
  for (int p = 0; p < s->n; p++) u[p] /= share;
  const RhoProfile profile = {s->n, s->h, u, IsBand(s, u)};
  PetscCall(rho_slab_fit(&profile, &fit));
  Say(&profile, &fit, said);
  PetscCall(PetscFree(u));
  PetscFunctionReturn(0);
}

static PetscErrorCode AddField(RhoObserver o, RhoArena arena, RhoObserved *found, int f) {
  static const char *const name[NSAID] = {"dense", "dilute", "fitted dense", "fitted dilute", "width", "misfit"};
  static const char *const what[NSAID] = {"mean of the plateau",        "mean of the plateau",
                                          "density of the fit by tanh", "density of the fit by tanh",
                                          "w of tanh((x - front)/w)",   "of the fit, in units of dense - dilute"};
  PetscInt n = o->samples.nrow;
  int nblock = n < BLOCKS ? (int)n : BLOCKS;
  double whole[NSAID], said[NSAID], block[NSAID][BLOCKS];
  PetscFunctionBeginUser;
  PetscCall(Look(o, f, 0, n + (o->samples.left > 0), whole));
  for (int b = 0; b < nblock; b++) {
    PetscCall(Look(o, f, b * n / nblock, (b + 1) * n / nblock, said));
    for (int k = 0; k < NSAID; k++) block[k][b] = said[k];
  }
  for (int k = 0; k < NSAID; k++)
    rho_add_quantity(arena, found, RhoArenaPrint(arena, "%s(%s)", name[k], o->field[f]), what[k],
                     rho_block_estimate(whole[k], nblock, block[k]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  const Slab *s = o->data;
  PetscFunctionBeginUser;
  found->what = "profile along the longest side, its crest in the middle; densities of the phases, width of the fronts";
  found->abscissa = RhoArenaPrint(arena, "%s", o->mesh->dimension[s->along].name);
  found->scales = "linear";
  for (int f = 0; f < o->nfield; f++) {
    rho_add_samples(o, arena, found, RhoArenaPrint(arena, "profile(%s)", o->field[f]), (PetscInt)(f * s->n), s->n, s->x,
                    1);
    PetscCall(AddField(o, arena, found, f));
  }
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_slab = {Create, Sample, Finish, Destroy};
