/* regrid.c - cells onto other cells of the same box, conservative and of second order.

   One dimension after the other.  In source cell i, of centre x_i, the field is a_i + s_i (x - x_i); a target cell of
   width H_j gets its mean over the source cells that it overlaps, w_ij and c_ij being width and centre of the overlap:

     b_j = sum_i (w_ij/H_j) [a_i + s_i (c_ij - x_i)]

   The linear parts have zero mean in their cells, so  sum_j H_j b_j = sum_i h_i a_i  to round-off, and cells that merge
   become their mean.  s_i is the central difference, limited so that no face value leaves the range of the two cells at
   that face (monotonised central: van Leer, J. Comput. Phys. 23, 276 (1977)); at a wall the one-sided difference.  A
   linear field is met exactly where it is not limited; a field without negative values keeps none. */
#include "io_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool rho_regrid_fits(int ndimension, const long long *from, const long long *to) {
  for (int d = 0; d < ndimension; d++)
    if (from[d] < 1 || (from[d] % to[d] && to[d] % from[d])) return false;
  return true;
}

/* ---- one dimension ---- */

typedef struct {
  long long source, target;
  double weight, offset; /* w_ij/H_j, c_ij - x_i */
} Overlap;

typedef struct {
  long long nsource, ntarget, noverlap;
  bool periodic;
  double *width, *centre; /* [nsource] */
  Overlap *overlap;       /* [noverlap], targets ascending */
} Line;

static void LineFree(Line *line) {
  free(line->width);
  free(line->overlap);
  *line = (Line){0};
}

static void Overlaps(Line *line, const double *source, const double *target) {
  long long i = 0, j = 0;
  while (i < line->nsource && j < line->ntarget) {
    double low = fmax(source[i], target[j]), high = fmin(source[i + 1], target[j + 1]);
    if (high > low)
      line->overlap[line->noverlap++] = (Overlap){i, j, (high - low) / (target[j + 1] - target[j]),
                                                  0.5 * (low + high) - 0.5 * (source[i] + source[i + 1])};
    if (source[i + 1] < target[j + 1]) i++;
    else if (source[i + 1] > target[j + 1]) j++;
    else i++, j++;
  }
}

/* Of equal cells in a unit in which the faces of both meshes are whole numbers. */
static void Faces(const RhoDimension *d, const RhoDimension *other, double *face) {
  bool equal = !d->edge && !other->edge;
  for (int i = 0; i <= d->ncell; i++) face[i] = equal ? (double)i * other->ncell : RhoMeshEdge(d, i);
}

static bool LineMake(const RhoDimension *from, const RhoDimension *to, Line *line) {
  size_t n = (size_t)from->ncell, m = (size_t)to->ncell;
  double *face = malloc((n + m + 2) * sizeof *face);
  *line = (Line){.nsource = from->ncell, .ntarget = to->ncell, .periodic = from->boundary == RHO_PERIODIC};
  line->width = malloc(2 * n * sizeof *line->width);
  line->overlap = malloc((n + m) * sizeof *line->overlap);
  bool made = face && line->width && line->overlap;
  if (made) {
    line->centre = line->width + n;
    Faces(from, to, face);
    Faces(to, from, face + n + 1);
    face[n + 1] = face[0]; /* the extents agree but for rounding */
    face[n + 1 + m] = face[n];
    for (size_t i = 0; i < n; i++) {
      line->width[i] = face[i + 1] - face[i];
      line->centre[i] = 0.5 * (face[i] + face[i + 1]);
    }
    Overlaps(line, face, face + n + 1);
  }
  free(face);
  return made;
}

/* ---- slopes ---- */

static double Least(double a, double b) { return fabs(a) < fabs(b) ? a : b; }

/* left, right: changes of the field to the neighbours, across distances dl and dr; h: the width. */
static double Limited(double left, double right, double dl, double dr, double h) {
  if (!(left * right > 0)) return 0;
  return Least((left + right) / (dl + dr), 2 * Least(left, right) / h);
}

/* At a wall: the difference to the only neighbour, and no negative value where there was none. */
static double OneSided(double value, double change, double distance, double h, bool nonnegative) {
  double slope = Least(change / distance, 2 * change / h);
  return nonnegative ? copysign(fmin(fabs(slope), 2 * value / h), slope) : slope;
}

/* a: cell i of a line whose cells are `stride` apart. */
static double Slope(const Line *line, long long i, const double *a, long long stride, bool nonnegative) {
  long long n = line->nsource;
  const double *x = line->centre, *h = line->width;
  if (n < 2) return 0;
  long long l = i > 0 ? -1 : n - 1, r = i + 1 < n ? 1 : 1 - n;
  double left = a[0] - a[l * stride], right = a[r * stride] - a[0];
  double dl = i > 0 ? x[i] - x[i - 1] : 0.5 * (h[0] + h[n - 1]);
  double dr = i + 1 < n ? x[i + 1] - x[i] : 0.5 * (h[0] + h[n - 1]);
  if (!line->periodic && i == 0) return OneSided(a[0], right, dr, h[i], nonnegative);
  if (!line->periodic && i == n - 1) return OneSided(a[0], left, dl, h[i], nonnegative);
  return Limited(left, right, dl, dr, h[i]);
}

/* ---- arrays: [outer][n][inner] ---- */

static void Apply(const Line *line, long long inner, const double *in, double *out, bool nonnegative) {
  memset(out, 0, (size_t)(line->ntarget * inner) * sizeof *out);
  for (long long k = 0; k < line->noverlap; k++) {
    const Overlap *o = &line->overlap[k];
    const double *a = in + o->source * inner;
    double *b = out + o->target * inner;
    for (long long p = 0; p < inner; p++) {
      double slope = o->offset ? Slope(line, o->source, a + p, inner, nonnegative) : 0;
      double mean = a[p] + slope * o->offset;
      b[p] += o->weight * (nonnegative && mean < 0 ? 0 : mean); /* by rounding alone */
    }
  }
}

static bool IsNonnegative(long long n, const double *cells) {
  for (long long i = 0; i < n; i++)
    if (cells[i] < 0) return false;
  return true;
}

static long long Product(int n, const long long *count) {
  long long product = 1;
  for (int d = 0; d < n; d++) product *= count[d];
  return product;
}

/* Changes count[d] to the target's in cells (freed), returning the new ones. */
static double *Along(int d, const RhoMesh *from, const RhoMesh *to, long long *count, double *cells) {
  Line line;
  long long n = from->ndimension, inner = Product(d, count), outer = Product((int)n - d - 1, count + d + 1);
  bool made = LineMake(&from->dimension[d], &to->dimension[d], &line);
  bool nonnegative = IsNonnegative(Product((int)n, count), cells);
  count[d] = line.ntarget;
  double *out = made ? malloc((size_t)(inner * outer * count[d]) * sizeof *out) : NULL;
  for (long long o = 0; out && o < outer; o++)
    Apply(&line, inner, cells + o * line.nsource * inner, out + o * count[d] * inner, nonnegative);
  LineFree(&line);
  free(cells);
  return out;
}

bool rho_same_cells(const RhoDimension *a, const RhoDimension *b) {
  bool same = a->ncell == b->ncell;
  for (int i = 0; i <= a->ncell && same && (a->edge || b->edge); i++) same = RhoMeshEdge(a, i) == RhoMeshEdge(b, i);
  return same;
}

double *rho_regrid(const RhoMesh *from, const RhoMesh *to, const double *cells) {
  long long count[RHO_MAXDIM];
  int n = from->ndimension;
  for (int d = 0; d < n; d++) count[d] = from->dimension[d].ncell;
  size_t nbyte = (size_t)Product(n, count) * sizeof *cells;
  double *out = malloc(nbyte);
  if (out) memcpy(out, cells, nbyte);
  for (int pass = 0; pass < 2; pass++) /* merging first keeps the arrays small */
    for (int d = 0; d < n; d++) {
      const RhoDimension *have = &from->dimension[d], *want = &to->dimension[d];
      if (!out || rho_same_cells(have, want) || (have->ncell > want->ncell) == pass) continue;
      out = Along(d, from, to, count, out);
    }
  return out;
}

const char *rho_shape_text(char *buffer, size_t room, int rank, const long long *shape, bool reversed) {
  size_t used = (size_t)snprintf(buffer, room, "[");
  for (int d = 0; d < rank && used + 24 < room; d++)
    used += (size_t)snprintf(buffer + used, room - used, "%s%lld", d ? ", " : "", shape[reversed ? rank - 1 - d : d]);
  snprintf(buffer + used, room - used, "]");
  return buffer;
}
