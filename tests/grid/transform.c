#include "check.h"

/* ---- for every shape and boundary ---- */

typedef struct {
  RhoGrid grid;
  RhoTransform t;
  PetscScalar *u, *v, *spectrum; /* u, v [nowned] */
  PetscInt nmode, width;
  const PetscReal *q[RHO_MAXDIM];
} Case;

static Case Open(MPI_Comm comm, Shape shape, int walls, RhoPlanning planning) {
  Case c;
  RhoMesh mesh = MeshOf(shape, walls);
  OK(RhoGridCreate(comm, &mesh, 1, 1, &c.grid));
  OK(RhoTransformCreate(c.grid, planning, &c.t));
  OK(RhoTransformModes(c.t, &c.nmode, &c.width, &c.q[0], &c.q[1], &c.q[2]));
  OK(RhoTransformSpectrum(c.t, &c.spectrum));
  OK(PetscMalloc2(c.grid->nowned, &c.u, c.grid->nowned, &c.v));
  return c;
}

static void Close(Case *c) {
  OK(PetscFree2(c->u, c->v));
  OK(RhoTransformFreeSpectrum(c->t, &c->spectrum));
  OK(RhoTransformDestroy(&c->t));
  OK(RhoGridDestroy(&c->grid));
}

static void ForAll(double tolerance, double (*error)(Case *c)) {
  for (int s = 0; s < NSHAPE; s++)
    for (int walls = 0; walls < 1 << shapes[s].ndim; walls++) {
      if (!Shared(shapes[s], 1)) continue;
      Case c = Open(PETSC_COMM_WORLD, shapes[s], walls, RHO_PLAN_ESTIMATE);
      double largest = Largest(error(&c));
      if (!(largest <= tolerance)) print_message("shape %d walls %d: %g > %g\n", s, walls, largest, tolerance);
      assert_true(largest <= tolerance);
      Close(&c);
    }
}

static void SetNoise(Case *c, int field) { FOR_OWNED(c->grid, i, p) c->u[p] = Noise(i[0], i[1], i[2], field); }

static double Difference(const Case *c, const PetscScalar *a, const PetscScalar *b) {
  double error = 0;
  for (PetscInt p = 0; p < c->grid->nowned; p++) error = Worse(error, a[p] - b[p]);
  return error;
}

/* ---- there and back ---- */

/* With these strides, at an aligned and at an unaligned address; what lies between the cells stays. */
static double StridedError(Case *c, int stride, int first) {
  PetscInt n = c->grid->nowned;
  PetscScalar *in, *out;
  double error = 0;
  OK(PetscMalloc2(n * stride + 1, &in, n * stride + 1, &out));
  for (PetscInt p = 0; p <= n * stride; p++) out[p] = in[p] = 7;
  for (PetscInt p = 0; p < n; p++) in[first + p * stride] = c->u[p];
  OK(RhoTransformForward(c->t, in + first, stride, c->spectrum));
  OK(RhoTransformBackward(c->t, c->spectrum, out + first, stride));
  for (PetscInt p = 0; p <= n * stride; p++) {
    bool cell = p >= first && (p - first) % stride == 0 && (p - first) / stride < n;
    error = Worse(error, cell ? out[p] * RhoTransformScale(c->t) - in[p] : out[p] - 7);
    error = Worse(error, in[p] - (cell ? c->u[(p - first) / stride] : 7));
  }
  OK(PetscFree2(in, out));
  return error;
}

static double RoundTrip(Case *c) {
  double error = 0;
  SetNoise(c, 0);
  for (int stride = 1; stride <= 3; stride++)
    for (int first = 0; first <= 1; first++) error = Worse(error, StridedError(c, stride, first));
  return error;
}

/* Property: Backward(Forward(u)) scale = u for random u and strides 1, 2, 3, and u is kept. */
static void BackwardInvertsForward(void **state) {
  (void)state;
  ForAll(2e-15, RoundTrip);
}

/* Property: the same with measured plans. */
static void MeasuredPlansInvert(void **state) {
  (void)state;
  for (int walls = 0; walls < 4; walls++) {
    Case c = Open(PETSC_COMM_WORLD, (Shape){2, {12, 20}}, walls, RHO_PLAN_MEASURE);
    assert_true(Largest(RoundTrip(&c)) <= 2e-15);
    Close(&c);
  }
}

/* Property: strided and unaligned cells give the spectrum of contiguous ones to the last bit. */
static double StrideBits(Case *c) {
  PetscInt n = c->grid->nowned, nentry = c->nmode * c->width;
  PetscScalar *in, *other;
  double error = 0;
  SetNoise(c, 1);
  OK(PetscMalloc1(3 * n + 1, &in));
  OK(RhoTransformSpectrum(c->t, &other));
  OK(RhoTransformForward(c->t, c->u, 1, c->spectrum));
  for (int stride = 1; stride <= 3; stride++) {
    for (PetscInt p = 0; p < n; p++) in[1 + p * stride] = c->u[p];
    OK(RhoTransformForward(c->t, in + 1, stride, other));
    for (PetscInt m = 0; m < nentry; m++) error = Worse(error, other[m] - c->spectrum[m]);
  }
  OK(RhoTransformFreeSpectrum(c->t, &other));
  OK(PetscFree(in));
  return error;
}

static void StridesDoNotChangeBits(void **state) {
  (void)state;
  ForAll(0, StrideBits);
}

enum { NFIELD = 3 };

/* Spectra of fields transformed together and one by one; then the cells of the same. */
static double TogetherBits(Case *c) {
  PetscInt n = c->grid->nowned, nentry = c->nmode * c->width;
  PetscScalar *in, *out, *one[NFIELD], *all[NFIELD];
  double error = 0;
  OK(PetscMalloc2(NFIELD * n, &in, NFIELD * n, &out));
  FOR_OWNED(c->grid, i, p) for (int f = 0; f < NFIELD; f++) in[p * NFIELD + f] = Noise(i[0], i[1], i[2], f);
  for (int f = 0; f < NFIELD; f++) {
    OK(RhoTransformSpectrum(c->t, &one[f]));
    OK(RhoTransformSpectrum(c->t, &all[f]));
    OK(RhoTransformForward(c->t, in + f, NFIELD, one[f]));
  }
  OK(RhoTransformForwardAll(c->t, NFIELD, in, all));
  for (int f = 0; f < NFIELD; f++)
    for (PetscInt m = 0; m < nentry; m++) error = Worse(error, all[f][m] - one[f][m]);
  for (int f = 0; f < NFIELD; f++) OK(RhoTransformBackward(c->t, one[f], in + f, NFIELD));
  OK(RhoTransformBackwardAll(c->t, NFIELD, all, out));
  for (PetscInt p = 0; p < NFIELD * n; p++) error = Worse(error, out[p] - in[p]);
  for (int f = 0; f < NFIELD; f++) {
    OK(RhoTransformFreeSpectrum(c->t, &one[f]));
    OK(RhoTransformFreeSpectrum(c->t, &all[f]));
  }
  OK(PetscFree2(in, out));
  return error;
}

/* n slabs at a time, forth and back, against the whole; cells a quarter of what they were, which is exact. */
static double PiecesBits(Case *c, PetscInt n) {
  PetscInt nslab, ncell, few, nentry = c->nmode * c->width;
  PetscScalar *half;
  double error = 0;
  OK(RhoTransformSpectrum(c->t, &half));
  RhoTransformSlabs(c->t, &nslab, &ncell, &few);
  assert_true(few > 0 && nslab * ncell == c->grid->nowned);
  if (n == 0) n = few;
  for (PetscInt s = 0; s < nslab; s += n)
    OK(RhoTransformForwardWithin(c->t, s, PetscMin(n, nslab - s), 1, c->u + s * ncell, &half));
  OK(RhoTransformForwardAcross(c->t, half));
  OK(RhoTransformForward(c->t, c->u, 1, c->spectrum));
  for (PetscInt m = 0; m < nentry; m++) error = Worse(error, half[m] - c->spectrum[m]);
  OK(RhoTransformBackwardAcross(c->t, half));
  for (PetscInt s = 0; s < nslab; s += n)
    OK(RhoTransformBackwardWithin(c->t, s, PetscMin(n, nslab - s), 1, 0.25, &half, c->v + s * ncell));
  OK(RhoTransformBackward(c->t, c->spectrum, c->u, 1));
  for (PetscInt p = 0; p < c->grid->nowned; p++) error = Worse(error, c->v[p] - 0.25 * c->u[p]);
  OK(RhoTransformFreeSpectrum(c->t, &half));
  return error;
}

static double AllPieces(Case *c) {
  static const PetscInt n[] = {0, 1, 3};
  double error = 0;
  for (int k = 0; k < 3; k++) {
    SetNoise(c, k);
    error = Worse(error, PiecesBits(c, n[k]));
  }
  return error;
}

/* Property: the two halves of a transform, a few slabs at a time, give the bits of the whole. */
static void PiecesAreTheWhole(void **state) {
  (void)state;
  ForAll(0, AllPieces);
}

/* Property: several fields at once give the bits of one after the other. */
static void FieldsTogetherAreFieldsAlone(void **state) {
  (void)state;
  ForAll(0, TogetherBits);
}

/* ---- what the entries are ---- */

/* Product over the dimensions of cos or sin of wavenumber k: bit d of sine takes the sine, along periodic dimensions.
   Whole turns are taken off as integers. */
static double Wave(const Case *c, const PetscInt i[3], const int k[3], int sine) {
  double wave = 1;
  for (int d = 0; d < c->grid->mesh.ndimension; d++) {
    bool wall = c->grid->mesh.dimension[d].boundary == RHO_WALL;
    PetscInt n = c->grid->n[d], turn = wall ? k[d] * (2 * i[d] + 1) % (4 * n) : k[d] * i[d] % n;
    double phase = M_PI * turn / (wall ? 2.0 * n : n / 2.0);
    wave *= sine >> d & 1 ? sin(phase) : cos(phase);
  }
  return wave;
}

static bool IsEntry(const Case *c, PetscInt m, const int k[3]) {
  for (int d = 0; d < c->grid->mesh.ndimension; d++) {
    bool wall = c->grid->mesh.dimension[d].boundary == RHO_WALL;
    double length = c->grid->n[d] * c->grid->h[d], q = k[d] * (wall ? M_PI : 2 * M_PI) / length;
    if (!(fabs(c->q[d][m] - q) <= 1e-12 * (1 + q))) return false;
  }
  return true;
}

/* The largest entry of the spectrum of the wave where it does not belong; 1 when all else is empty too. */
static double Leakage(Case *c, const int k[3], int sine) {
  double outside = 0, inside = 0, norm = 0;
  FOR_OWNED(c->grid, i, p) {
    c->u[p] = Wave(c, i, k, sine);
    norm = PetscMax(norm, fabs(c->u[p]));
  }
  OK(RhoTransformForward(c->t, c->u, 1, c->spectrum));
  for (PetscInt m = 0; m < c->nmode; m++) {
    double size = hypot(c->spectrum[m * c->width], c->width == 2 ? c->spectrum[2 * m + 1] : 0);
    double *where = IsEntry(c, m, k) ? &inside : &outside;
    *where = Worse(*where, size * RhoTransformScale(c->t));
  }
  if (Largest(norm) > 1e-10 && Largest(inside) < 0.01) return 1;
  return outside;
}

/* A few wavenumbers of each dimension, the highest among them. */
static double AllLeakage(Case *c) {
  double error = 0;
  int ndim = c->grid->mesh.ndimension, top[3] = {0}, k[3];
  for (int d = 0; d < ndim; d++) {
    bool wall = c->grid->mesh.dimension[d].boundary == RHO_WALL;
    top[d] = wall ? c->grid->n[d] - 1 : c->grid->n[d] / 2;
  }
  for (int choice = 0; choice < 64; choice++) {
    int sine = 0;
    for (int d = 0; d < 3; d++) {
      int pick = choice >> 2 * d & 3;
      k[d] = pick < 2 ? PetscMin(pick, top[d]) : pick == 2 ? top[d] : top[d] / 2;
      bool wall = d >= ndim || c->grid->mesh.dimension[d].boundary == RHO_WALL;
      if (!wall && (choice * 7 >> d & 1)) sine |= 1 << d;
    }
    error = Worse(error, Leakage(c, k, sine));
  }
  return error;
}

/* Property: cosines and sines have entries only where the tables of q say so: the tables are right. */
static void WavesStandWhereTheyBelong(void **state) {
  (void)state;
  ForAll(1e-14, AllLeakage);
}

/* ---- even operators ---- */

/* Five-point Laplacian (2 ndim + 1 points) on ghosts filled by the grid. */
static void Stencil(Case *c, const PetscScalar *u, PetscScalar *out) {
  RhoGrid g = c->grid;
  PetscInt step[3] = {1, g->gcount[0], g->gcount[0] * g->gcount[1]}, first[3];
  PetscScalar *w;
  for (int d = 0; d < 3; d++) first[d] = g->gstart[d];
  OK(PetscCalloc1(g->nghosted, &w));
  FOR_OWNED(g, i, p) w[(i[0] - first[0]) + (i[1] - first[1]) * step[1] + (i[2] - first[2]) * step[2]] = u[p];
  OK(RhoGridFillGhosts(g, 1, w));
  FOR_OWNED(g, i, p) {
    PetscInt at = (i[0] - first[0]) + (i[1] - first[1]) * step[1] + (i[2] - first[2]) * step[2];
    out[p] = 0;
    for (int d = 0; d < g->mesh.ndimension; d++)
      out[p] += (w[at + step[d]] - 2 * w[at] + w[at - step[d]]) / (g->h[d] * g->h[d]);
  }
  OK(PetscFree(w));
}

static double LaplacianError(Case *c) {
  PetscReal *factor, scale = 0;
  SetNoise(c, 2);
  Stencil(c, c->u, c->v);
  OK(PetscMalloc1(c->nmode + 1, &factor));
  for (PetscInt m = 0; m < c->nmode; m++) {
    factor[m] = 0;
    for (int d = 0; d < c->grid->mesh.ndimension; d++) {
      PetscReal h = c->grid->h[d], s = sin(c->q[d][m] * h / 2);
      factor[m] -= 4 / (h * h) * s * s * RhoTransformScale(c->t);
    }
  }
  for (int d = 0; d < c->grid->mesh.ndimension; d++) scale += 4 / (c->grid->h[d] * c->grid->h[d]);
  OK(RhoTransformForward(c->t, c->u, 1, c->spectrum));
  RhoTransformScaleModes(c->t, factor, c->spectrum, c->spectrum);
  OK(RhoTransformBackward(c->t, c->spectrum, c->u, 1));
  OK(PetscFree(factor));
  return Difference(c, c->u, c->v) / scale;
}

/* Property: the Laplacian through the spectrum is the Laplacian on mirrored and periodic ghosts: both agree about the
   boundaries, in every combination. */
static void LaplaciansAgree(void **state) {
  (void)state;
  ForAll(4e-15, LaplacianError);
}

static double DerivativeError(Case *c) {
  double error = 0;
  if (c->width == 1) return 0;
  for (int d = 0; d < c->grid->mesh.ndimension; d++) {
    const PetscReal *k;
    int wave[3] = {1, 1, 1};
    double q = 2 * M_PI / (c->grid->n[d] * c->grid->h[d]);
    if (c->grid->n[d] < 3) continue;
    OK(RhoTransformSigned(c->t, d, &k));
    FOR_OWNED(c->grid, i, p) {
      c->u[p] = Wave(c, i, wave, 1 << d);
      c->v[p] = q * Wave(c, i, wave, 0);
    }
    OK(RhoTransformForward(c->t, c->u, 1, c->spectrum));
    for (PetscInt m = 0; m < c->nmode; m++) {
      double re = c->spectrum[2 * m], factor = k[m] * RhoTransformScale(c->t);
      c->spectrum[2 * m] = -factor * c->spectrum[2 * m + 1];
      c->spectrum[2 * m + 1] = factor * re;
    }
    OK(RhoTransformBackward(c->t, c->spectrum, c->u, 1));
    error = Worse(error, Difference(c, c->u, c->v) / (q * c->grid->n[d]));
  }
  return error;
}

/* The signed wavenumber is the unsigned one up to its sign, and 0 at q = pi/h, where cos and -cos are the same wave. */
static double SignError(Case *c) {
  double error = 0;
  if (c->width == 1) return 0;
  for (int d = 0; d < c->grid->mesh.ndimension; d++) {
    const PetscReal *k;
    OK(RhoTransformSigned(c->t, d, &k));
    for (PetscInt m = 0; m < c->nmode; m++) {
      bool nyquist = c->q[d][m] * c->grid->h[d] > M_PI * (1 - 1e-12);
      error = Worse(error, fabs(k[m]) - (nyquist ? 0 : c->q[d][m]));
    }
  }
  return error;
}

static void SignedWavenumbersHaveTheirSize(void **state) {
  (void)state;
  ForAll(0, SignError);
}

/* Property: multiplying by i k differentiates sines exactly. */
static void SignedWavenumbersDifferentiate(void **state) {
  (void)state;
  ForAll(1e-14, DerivativeError);
}

/* Property: sum over cells of u v is the weighted sum over the spectra (Parseval), each entry of each rank once. */
static double ParsevalError(Case *c) {
  double cells = 0, modes = 0;
  const PetscReal *weight;
  PetscScalar *other;
  OK(RhoTransformWeight(c->t, &weight));
  OK(RhoTransformWeight(c->t, &weight));
  OK(RhoTransformSpectrum(c->t, &other));
  SetNoise(c, 3);
  FOR_OWNED(c->grid, i, p) {
    c->v[p] = c->u[p] + 0.1 * Noise(i[0], i[1], i[2], 4);
    cells += c->u[p] * c->v[p];
  }
  OK(RhoTransformForward(c->t, c->u, 1, c->spectrum));
  OK(RhoTransformForward(c->t, c->v, 1, other));
  for (PetscInt m = 0; m < c->nmode; m++)
    for (PetscInt e = 0; e < c->width; e++)
      modes += weight[m] * c->spectrum[m * c->width + e] * other[m * c->width + e] * RhoTransformScale(c->t);
  OK(RhoTransformFreeSpectrum(c->t, &other));
  cells = Total(cells);
  return fabs(Total(modes) - cells) / cells;
}

static void ParsevalHolds(void **state) {
  (void)state;
  ForAll(2e-14, ParsevalError);
}

/* ---- ranks ---- */

/* A smoothing filter, the same function of q everywhere. */
static void Filter(Case *c) {
  PetscReal *factor;
  SetNoise(c, 5);
  OK(PetscMalloc1(c->nmode + 1, &factor));
  for (PetscInt m = 0; m < c->nmode; m++) {
    double qq = c->q[0][m] * c->q[0][m] + 2 * c->q[1][m] * c->q[1][m] + 3 * c->q[2][m] * c->q[2][m];
    factor[m] = RhoTransformScale(c->t) * exp(-0.01 * qq);
  }
  OK(RhoTransformForward(c->t, c->u, 1, c->spectrum));
  RhoTransformScaleModes(c->t, factor, c->spectrum, c->spectrum);
  OK(RhoTransformBackward(c->t, c->spectrum, c->u, 1));
  OK(PetscFree(factor));
}

static double SerialError(Case *c) {
  Shape shape = {c->grid->mesh.ndimension, {c->grid->n[0], c->grid->n[1], c->grid->n[2]}};
  int walls = 0;
  double error = 0;
  for (int d = 0; d < shape.ndim; d++) walls |= (c->grid->mesh.dimension[d].boundary == RHO_WALL) << d;
  Case serial = Open(PETSC_COMM_SELF, shape, walls, RHO_PLAN_ESTIMATE);
  Filter(&serial);
  Filter(c);
  FOR_OWNED(c->grid, i, p)
  error = Worse(error, c->u[p] - serial.u[i[0] + c->grid->n[0] * (i[1] + c->grid->n[1] * i[2])]);
  Close(&serial);
  return error;
}

/* Property: a filter gives on any number of ranks what it gives on one, to the last bit. */
static void RanksAgree(void **state) {
  (void)state;
  ForAll(0, SerialError);
}

/* Property: an estimated plan made anew gives the same bits. */
static double RepeatError(Case *c) {
  Shape shape = {c->grid->mesh.ndimension, {c->grid->n[0], c->grid->n[1], c->grid->n[2]}};
  int walls = 0;
  for (int d = 0; d < shape.ndim; d++) walls |= (c->grid->mesh.dimension[d].boundary == RHO_WALL) << d;
  Case again = Open(PETSC_COMM_WORLD, shape, walls, RHO_PLAN_ESTIMATE);
  Filter(c);
  Filter(&again);
  double error = Difference(c, c->u, again.u);
  Close(&again);
  return error;
}

static void EstimatedPlansRepeat(void **state) {
  (void)state;
  ForAll(0, RepeatError);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(BackwardInvertsForward),
                                          cmocka_unit_test(StridesDoNotChangeBits),
                                          cmocka_unit_test(FieldsTogetherAreFieldsAlone),
                                          cmocka_unit_test(PiecesAreTheWhole),
                                          cmocka_unit_test(WavesStandWhereTheyBelong),
                                          cmocka_unit_test(LaplaciansAgree),
                                          cmocka_unit_test(SignedWavenumbersHaveTheirSize),
                                          cmocka_unit_test(SignedWavenumbersDifferentiate),
                                          cmocka_unit_test(ParsevalHolds),
                                          cmocka_unit_test(RanksAgree),
                                          cmocka_unit_test(EstimatedPlansRepeat),
                                          cmocka_unit_test(MeasuredPlansInvert)};
RUN(tests)
