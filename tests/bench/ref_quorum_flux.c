/* ref_quorum_flux.c - d_t rho_s = div(rho_s D_s grad(log rho_s + w_s)), D_s = v_s^2/2, v_s = exp(w_s), two species
   whose w_s = k_ss tanh(2 (R_s - 1)) + k_sn tanh(2 (R_n - 1)), on an n x n periodic box with fitted fluxes, in one
   sweep over the rows: w and D of row j + 1, the fluxes above row j, its divergence. */
#include "ref.h"

/* z/(e^z - 1), and B(-z) = B(z) + z */
static inline double Fit(double z) {
  double small = 1 - z / 2 + z * z / 12, large = z / (exp(z) - 1);
  return fabs(z) < 1e-5 ? small : large;
}

REF_LEVELS static void Speeds(long n, double self, double cross, const double *restrict R, const double *restrict S,
                              double *restrict w, double *restrict D) {
  for (long i = 0; i < n; i++) {
    w[i] = self * tanh(2 * (R[i] - 1)) + cross * tanh(2 * (S[i] - 1));
    D[i] = exp(2 * w[i]) / 2;
  }
}

/* J between the cells of a and of b, 1/h^2 in c; species s of the interleaved rho. */
REF_LEVELS static void Fluxes(long n, double c, const double *restrict wa, const double *restrict Da,
                              const double *restrict a, const double *restrict wb, const double *restrict Db,
                              const double *restrict b, double *restrict J) {
  for (long i = 0; i < n; i++) {
    double z = wb[i] - wa[i], fit = Fit(z);
    J[i] = c / 2 * (Da[i] + Db[i]) * (fit * a[2 * i] - (fit + z) * b[2 * i]);
  }
}

static void Wrap(long n, double *a) { a[n] = a[0]; }

void RefQuorumFlux(long n, double h, const double *number, const double *R, const double *S, const double *rho,
                   double *F, double *room) {
  const double c = 1 / (h * h);
  const double *sensed[2] = {R, S};
  for (int s = 0; s < 2; s++) {
    double *w[2] = {room, room + (n + 8)}, *D[2] = {room + 2 * (n + 8), room + 3 * (n + 8)};
    double *up[2] = {room + 4 * (n + 8), room + 5 * (n + 8)}, *along = room + 6 * (n + 8);
    double *right = room + 7 * (n + 8); /* rho of the row and its first cell again */
    const double *r = rho + s;
    for (long j = -1; j < n; j++) {
      long k = (j + n) % n, next = (j + 1) % n, at = (j + 1) % 2, to = 1 - at;
      if (j < 0) Speeds(n, number[0], number[1 + s], sensed[s] + k * n, sensed[1 - s] + k * n, w[at], D[at]);
      Speeds(n, number[0], number[1 + s], sensed[s] + next * n, sensed[1 - s] + next * n, w[to], D[to]);
      Fluxes(n, c, w[at], D[at], r + 2 * k * n, w[to], D[to], r + 2 * next * n, up[at]);
      if (j < 0) continue;
      for (long i = 0; i < n; i++) right[2 * i] = r[2 * (j * n + i)];
      right[2 * n] = right[0];
      Wrap(n, w[at]);
      Wrap(n, D[at]);
      Fluxes(n, c, w[at], D[at], right, w[at] + 1, D[at] + 1, right + 2, along + 1);
      along[0] = along[n];
      for (long i = 0; i < n; i++) F[2 * (j * n + i) + s] = along[i] - along[i + 1] + up[to][i] - up[at][i];
    }
  }
}
