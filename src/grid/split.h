/* split.h - a real transform of 2m numbers from a complex one of m. */
#ifndef RHOFLUX_SPLIT_H
#define RHOFLUX_SPLIT_H

/* real[2k], real[2k + 1] = Re e_k;  turned[2k], turned[2k + 1] = -Im e_k, Im e_k;  k = 0 .. m/2 */
typedef struct {
  int m;
  double *real, *turned;
} RhoSplit;

/* Doubles of each of the two tables. */
int rho_split_room(int m);
/* Fills the tables, whose room is there. */
void rho_split_set(RhoSplit *split);
/* In place, a[m + 1] complex: of Z_0 ... Z_{m-1} the entries X_0 ... X_m of the real transform. */
void rho_split_forward(const RhoSplit *split, double *a);
/* The reverse, times two and the scale: with scale 1 the backward transform gives 2m times the cells.  Imaginary parts
   of X_0 and X_m count as 0. */
void rho_split_backward(const RhoSplit *split, double scale, double *a);

#endif
