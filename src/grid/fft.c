/* fft.c - the four kinds of FFTW plans.

                      one rank                     distributed (slabs, spectrum transposed)
     all periodic     dft_r2c, dft_c2r             mpi dft_r2c, dft_c2r: rows padded to 2 (n/2 + 1)
     with walls       r2r                          mpi r2r

   r2r kinds: R2HC and its inverse HC2R on periodic dimensions, REDFT10 (DCT-II) and its inverse REDFT01 between walls.
   Transposed output leaves out the last of FFTW's two global transpositions. */
#include "fft.h"

static fftw_r2r_kind Forward(bool wall) { return wall ? FFTW_REDFT10 : FFTW_R2HC; }
static fftw_r2r_kind Backward(bool wall) { return wall ? FFTW_REDFT01 : FFTW_HC2R; }

typedef struct {
  int n[RHO_FFT_MAXDIM];
  fftw_r2r_kind forward[RHO_FFT_MAXDIM], backward[RHO_FFT_MAXDIM];
} Kinds;

static Kinds KindsOf(const RhoFftShape *s) {
  Kinds k;
  for (int d = 0; d < s->ndim; d++) {
    k.n[d] = (int)s->n[d];
    k.forward[d] = Forward(s->wall[d]);
    k.backward[d] = Backward(s->wall[d]);
  }
  return k;
}

/* ---- one rank: out of place; forward keeps the cells, so that it can read a caller's array ---- */

static fftw_plan PlanForwardComplex(const RhoFftShape *s, double *cells, double *spectrum) {
  return fftw_plan_dft_r2c(s->ndim, KindsOf(s).n, cells, (fftw_complex *)spectrum, s->flags | FFTW_PRESERVE_INPUT);
}

static fftw_plan PlanBackwardComplex(const RhoFftShape *s, double *cells, double *spectrum) {
  return fftw_plan_dft_c2r(s->ndim, KindsOf(s).n, (fftw_complex *)spectrum, cells, s->flags | FFTW_DESTROY_INPUT);
}

static fftw_plan PlanForwardReal(const RhoFftShape *s, double *cells, double *spectrum) {
  Kinds k = KindsOf(s);
  return fftw_plan_r2r(s->ndim, k.n, cells, spectrum, k.forward, s->flags | FFTW_PRESERVE_INPUT);
}

static fftw_plan PlanBackwardReal(const RhoFftShape *s, double *cells, double *spectrum) {
  Kinds k = KindsOf(s);
  return fftw_plan_r2r(s->ndim, k.n, spectrum, cells, k.backward, s->flags | FFTW_DESTROY_INPUT);
}

static void ForwardComplex(fftw_plan plan, double *cells, double *spectrum) {
  fftw_execute_dft_r2c(plan, cells, (fftw_complex *)spectrum);
}

static void BackwardComplex(fftw_plan plan, double *spectrum, double *cells) {
  fftw_execute_dft_c2r(plan, (fftw_complex *)spectrum, cells);
}

static void RunReal(fftw_plan plan, double *in, double *out) { fftw_execute_r2r(plan, in, out); }

/* ---- distributed ---- */

static fftw_plan PlanForwardComplexMpi(const RhoFftShape *s, double *cells, double *spectrum) {
  unsigned flags = s->flags | FFTW_DESTROY_INPUT | FFTW_MPI_TRANSPOSED_OUT;
  return fftw_mpi_plan_dft_r2c(s->ndim, s->n, cells, (fftw_complex *)spectrum, s->comm, flags);
}

static fftw_plan PlanBackwardComplexMpi(const RhoFftShape *s, double *cells, double *spectrum) {
  unsigned flags = s->flags | FFTW_DESTROY_INPUT | FFTW_MPI_TRANSPOSED_IN;
  return fftw_mpi_plan_dft_c2r(s->ndim, s->n, (fftw_complex *)spectrum, cells, s->comm, flags);
}

static fftw_plan PlanForwardRealMpi(const RhoFftShape *s, double *cells, double *spectrum) {
  Kinds k = KindsOf(s);
  unsigned flags = s->flags | FFTW_DESTROY_INPUT | FFTW_MPI_TRANSPOSED_OUT;
  return fftw_mpi_plan_r2r(s->ndim, s->n, cells, spectrum, s->comm, k.forward, flags);
}

static fftw_plan PlanBackwardRealMpi(const RhoFftShape *s, double *cells, double *spectrum) {
  Kinds k = KindsOf(s);
  unsigned flags = s->flags | FFTW_DESTROY_INPUT | FFTW_MPI_TRANSPOSED_IN;
  return fftw_mpi_plan_r2r(s->ndim, s->n, spectrum, cells, s->comm, k.backward, flags);
}

static void ForwardComplexMpi(fftw_plan plan, double *cells, double *spectrum) {
  fftw_mpi_execute_dft_r2c(plan, cells, (fftw_complex *)spectrum);
}

static void BackwardComplexMpi(fftw_plan plan, double *spectrum, double *cells) {
  fftw_mpi_execute_dft_c2r(plan, (fftw_complex *)spectrum, cells);
}

static void RunRealMpi(fftw_plan plan, double *in, double *out) { fftw_mpi_execute_r2r(plan, in, out); }

/* ---- */

const RhoFft *rho_fft(const RhoFftShape *shape) {
  static const RhoFft table[2][2] = {
      {{PlanForwardReal, PlanBackwardReal, RunReal, RunReal},
       {PlanForwardRealMpi, PlanBackwardRealMpi, RunRealMpi, RunRealMpi}},
      {{PlanForwardComplex, PlanBackwardComplex, ForwardComplex, BackwardComplex},
       {PlanForwardComplexMpi, PlanBackwardComplexMpi, ForwardComplexMpi, BackwardComplexMpi}}};
  return &table[shape->periodic][shape->distributed];
}

void rho_fft_layout(const RhoFftShape *shape, RhoFftLayout *layout) {
  int last = shape->ndim - 1;
  ptrdiff_t n[RHO_FFT_MAXDIM] = {0}, unit = shape->periodic ? 2 : 1;
  *layout = (RhoFftLayout){.nroom = unit, .pitch = shape->n[last], .count0 = shape->n[0]};
  for (int d = 0; d <= last; d++) n[d] = shape->n[d];
  if (shape->periodic) n[last] = n[last] / 2 + 1;
  for (int d = 0; d <= last; d++) layout->nroom *= n[d];
  if (!shape->distributed) return;
  layout->pitch = unit * n[last];
  layout->nroom = unit * fftw_mpi_local_size_transposed(shape->ndim, n, shape->comm, &layout->count0, &layout->start0,
                                                        &layout->count1, &layout->start1);
}
