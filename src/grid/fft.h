/* fft.h - FFTW behind one set of calls: real-to-complex or real-to-real, on one rank or on the ranks of comm. */
#ifndef RHOFLUX_FFT_H
#define RHOFLUX_FFT_H
#include <fftw3-mpi.h>
#include <stdbool.h>

enum { RHO_FFT_MAXDIM = 3 };

/* What is transformed.  Dimensions slowest first, as FFTW has them. */
typedef struct {
  bool periodic, distributed; /* periodic: in all dimensions */
  MPI_Comm comm;
  unsigned flags; /* FFTW_ESTIMATE or FFTW_MEASURE */
  int ndim;
  ptrdiff_t n[RHO_FFT_MAXDIM];
  bool wall[RHO_FFT_MAXDIM];
} RhoFftShape;

/* What FFTW says about the arrays on this rank. */
typedef struct {
  ptrdiff_t nroom;          /* doubles to allocate for cells and for spectrum                    */
  ptrdiff_t pitch;          /* doubles from row to row of the cells (longer than a row: padding) */
  ptrdiff_t start0, count0; /* cells of this rank along the slowest dimension                    */
  ptrdiff_t start1, count1; /* distributed: entries of this rank along the second slowest        */
} RhoFftLayout;

typedef struct {
  fftw_plan (*plan_forward)(const RhoFftShape *shape, double *cells, double *spectrum);
  fftw_plan (*plan_backward)(const RhoFftShape *shape, double *cells, double *spectrum);
  void (*forward)(fftw_plan plan, double *cells, double *spectrum);  /* cells stay when not distributed */
  void (*backward)(fftw_plan plan, double *spectrum, double *cells); /* spectrum does not               */
} RhoFft;

const RhoFft *rho_fft(const RhoFftShape *shape);
void rho_fft_layout(const RhoFftShape *shape, RhoFftLayout *layout);

#endif
