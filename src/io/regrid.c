/* regrid.c - cells onto other cells of the same box, when they subdivide or merge.

   Dimension by dimension: r cells become one with their mean, or one cell becomes r equal ones.  So the sum over cells
   times their volume is conserved to round-off, and a block's mean equals the cell it becomes or comes from. */
#include "io_private.h"
#include <stdlib.h>
#include <string.h>

bool rho_regrid_fits(int ndimension, const long long *from, const long long *to) {
  for (int d = 0; d < ndimension; d++)
    if (from[d] < 1 || (from[d] % to[d] && to[d] % from[d])) return false;
  return true;
}

/* in[outer][r*m][inner] -> out[outer][m][inner] */
static void Merge(const double *in, long long outer, long long m, long long r, long long inner, double *out) {
  for (long long o = 0; o < outer * m; o++, in += r * inner, out += inner)
    for (long long i = 0; i < inner; i++) {
      double sum = 0;
      for (long long q = 0; q < r; q++) sum += in[q * inner + i];
      out[i] = sum / (double)r;
    }
}

/* in[outer][n][inner] -> out[outer][n*r][inner] */
static void Subdivide(const double *in, long long outer, long long n, long long r, long long inner, double *out) {
  for (long long o = 0; o < outer * n; o++, in += inner)
    for (long long q = 0; q < r; q++, out += inner) memcpy(out, in, (size_t)inner * sizeof *in);
}

static long long Product(int n, const long long *count) {
  long long product = 1;
  for (int d = 0; d < n; d++) product *= count[d];
  return product;
}

/* Changes count[d] to wanted in cells (freed), returning the new ones. */
static double *Along(int d, int ndimension, long long *count, long long wanted, double *cells) {
  long long inner = Product(d, count), outer = Product(ndimension - d - 1, count + d + 1), old = count[d];
  double *out = malloc((size_t)(inner * outer * wanted) * sizeof *out);
  count[d] = wanted;
  if (out && wanted < old) Merge(cells, outer, wanted, old / wanted, inner, out);
  if (out && wanted > old) Subdivide(cells, outer, old, wanted / old, inner, out);
  free(cells);
  return out;
}

double *rho_regrid(int ndimension, const long long *from, const long long *to, const double *cells) {
  long long count[RHO_MAXDIM];
  memcpy(count, from, (size_t)ndimension * sizeof *count);
  size_t nbyte = (size_t)Product(ndimension, count) * sizeof *cells;
  double *out = malloc(nbyte);
  if (out) memcpy(out, cells, nbyte);
  for (int pass = 0; pass < 2; pass++) /* merging first keeps the arrays small */
    for (int d = 0; d < ndimension; d++)
      if (out && (pass ? count[d] < to[d] : count[d] > to[d])) out = Along(d, ndimension, count, to[d], out);
  return out;
}

const char *rho_shape_text(char *buffer, size_t room, int rank, const long long *shape, bool reversed) {
  size_t used = (size_t)snprintf(buffer, room, "[");
  for (int d = 0; d < rank && used + 24 < room; d++)
    used += (size_t)snprintf(buffer + used, room - used, "%s%lld", d ? ", " : "", shape[reversed ? rank - 1 - d : d]);
  snprintf(buffer + used, room - used, "]");
  return buffer;
}
