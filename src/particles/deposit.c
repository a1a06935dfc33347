/* deposit.c - the density of a particle at x on the cells c of a grid, of centres r_c and volumes V_c:

     rho_c = w_c/(V_c sum over c' of w_c'),   so that the sum over cells of rho_c V_c is 1 to round-off

     count     w_c = 1 in the cell that holds x
     cic       w_c linear between the centres to both sides of x, in each dimension (Hockney and Eastwood 1988, ch. 5)
     kernel    w_c = V_c exp(-1/(1 - (r_c - x)^2/W^2)) within W
     gaussian  w_c = V_c exp(-(r_c - x)^2/(2 W^2)) within 6 W in each dimension, a product over the dimensions

   Periodic dimensions are gone around as often as the kernel reaches; beyond walls there are no cells. */
#include "particles_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SHARES 1e8 /* of a particle, by far more than is of use */

/* A cell along one dimension, and what its method has to say of it. */
typedef struct {
  int cell;
  double value;
} Share;

typedef struct {
  int ncell, n;
  bool periodic;
  double from, to, width; /* width: of the kernel */
  double *edge, *centre;  /* [ncell + 1], [ncell] */
  Share *share;           /* [n] */
} Axis;

typedef void (*AlongFn)(Axis *axis, double reach, double x);
typedef void (*RowFn)(const Axis *axis, const double value[RHO_MAXDIM], double *weight);

typedef struct {
  const char *name;
  double reach;
  bool sampled;
  AlongFn along;
  RowFn row;
} Method;

struct RhoDeposit_s {
  RhoGrid grid;
  const Method *method;
  double width;
  Axis axis[RHO_MAXDIM];
  double *weight; /* of the cells of all shares */
};

/* ---- one dimension ---- */

/* Into [from, to) where it is periodic. */
static double Inside(const Axis *axis, double x) {
  if (!axis->periodic) return x;
  double length = axis->to - axis->from;
  x -= length * floor((x - axis->from) / length);
  return x >= axis->to || x < axis->from ? axis->from : x;
}

/* The cell that holds x; one on an edge is of the cell behind it, at the last wall of the one before. */
static int Find(const Axis *axis, double x) {
  int low = 0, high = axis->ncell;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (x >= axis->edge[middle]) low = middle;
    else high = middle;
  }
  return low;
}

/* The centre of cell i, of any image; the cell itself in *cell, -1 beyond a wall. */
static double Centre(const Axis *axis, int i, int *cell) {
  int turn = (int)floor((double)i / axis->ncell);
  *cell = turn == 0 || axis->periodic ? i - turn * axis->ncell : -1;
  return *cell < 0 ? 0 : axis->centre[*cell] + turn * (axis->to - axis->from);
}

static void Push(Axis *axis, int cell, double value) { axis->share[axis->n++] = (Share){cell, value}; }

static void Nearest(Axis *axis, double reach, double x) {
  (void)reach;
  Push(axis, Find(axis, x), 1);
}

static void Linear(Axis *axis, double reach, double x) {
  (void)reach;
  int here = Find(axis, x), left = x < axis->centre[here] ? here - 1 : here, first, second;
  double a = Centre(axis, left, &first), b = Centre(axis, left + 1, &second);
  if (first < 0 || second < 0) {
    Push(axis, here, 1);
    return;
  }
  Push(axis, first, (b - x) / (b - a));
  Push(axis, second, (x - a) / (b - a));
}

/* Squares of the distances in units of the width. */
static void Distances(Axis *axis, double reach, double x) {
  int here = Find(axis, x);
  for (int way = -1; way <= 1; way += 2)
    for (int i = way < 0 ? here - 1 : here;; i += way) {
      int cell;
      double distance = (Centre(axis, i, &cell) - x) / axis->width;
      if (cell < 0 || (fabs(distance) >= reach && i != here)) break;
      Push(axis, cell, distance * distance);
    }
}

/* The cells' part of a Gaussian's integral. */
static void Bell(Axis *axis, double reach, double x) {
  Distances(axis, reach, x);
  for (int k = 0; k < axis->n; k++) {
    Share *share = &axis->share[k];
    share->value = exp(-0.5 * share->value) * (axis->edge[share->cell + 1] - axis->edge[share->cell]);
  }
}

/* ---- all dimensions: weights of a row of cells along the first one; value[1..]: of its place in the others ---- */

static void Product(const Axis *axis, const double value[RHO_MAXDIM], double *weight) {
  double others = value[1] * value[2];
  for (int k = 0; k < axis->n; k++) weight[k] = others * axis->share[k].value;
}

static void Bump(const Axis *axis, const double value[RHO_MAXDIM], double *weight) {
  double others = value[1] + value[2];
  for (int k = 0; k < axis->n; k++) {
    double square = others + axis->share[k].value;
    weight[k] = square < 1 ? exp(-1 / (1 - square)) : 0;
  }
}

static const Method method_row[] = {
#define RHO_DEPOSIT(id, name, reach, sampled, along, row) {name, reach, sampled, along, row},
#include "rhoflux/deposits.def"
#undef RHO_DEPOSIT
};

bool RhoDepositParse(const char *text, RhoDepositMethod *method, double *width) {
  size_t n = strcspn(text, ":");
  char *end;
  for (int k = 0; k < RHO_DEPOSIT_METHOD_COUNT; k++) {
    if (!rho_word_is(text, n, method_row[k].name)) continue;
    *method = (RhoDepositMethod)k;
    *width = 0;
    if (method_row[k].reach == 0) return !text[n];
    if (!text[n] || !text[n + 1]) return false;
    *width = strtod(text + n + 1, &end);
    return !*end && isfinite(*width) && *width > 0;
  }
  return false;
}

/* ---- life ---- */

static double Narrowest(const RhoDimension *dimension) {
  double least = INFINITY;
  for (int i = 0; i < dimension->ncell; i++) least = fmin(least, RhoMeshWidth(dimension, i));
  return least;
}

static double Widest(const RhoDimension *dimension) {
  double most = 0;
  for (int i = 0; i < dimension->ncell; i++) most = fmax(most, RhoMeshWidth(dimension, i));
  return most;
}

static PetscErrorCode AxisCreate(RhoDeposit deposit, const RhoDimension *dimension, Axis *axis, size_t *room) {
  int n = dimension->ncell;
  double narrowest = Narrowest(dimension), reach = deposit->method->reach * deposit->width;
  PetscFunctionBeginUser;
  *axis = (Axis){.ncell = n,
                 .periodic = dimension->boundary == RHO_PERIODIC,
                 .from = dimension->from,
                 .to = dimension->to,
                 .width = deposit->width};
  PetscCheck(reach == 0 || deposit->width >= Widest(dimension), deposit->grid->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "the kernel's width, %g, is smaller than the largest cell along %s, %g", deposit->width, dimension->name,
             Widest(dimension));
  PetscCheck(reach / narrowest < 1e6, deposit->grid->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "the kernel's width, %g, is %g cells along %s", deposit->width, deposit->width / narrowest,
             dimension->name);
  size_t nshare = 2 * (size_t)ceil(reach / narrowest) + 4;
  PetscCall(PetscMalloc3(n + 1, &axis->edge, n, &axis->centre, nshare, &axis->share));
  for (int i = 0; i <= n; i++) axis->edge[i] = RhoMeshEdge(dimension, i);
  for (int i = 0; i < n; i++) axis->centre[i] = RhoMeshCentre(dimension, i);
  *room *= nshare;
  PetscCheck(*room < MOST_SHARES, deposit->grid->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "the kernel's width, %g, makes one particle share more than %g cells", deposit->width, MOST_SHARES);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoDepositCreate(RhoGrid grid, RhoDepositMethod method, double width, RhoDeposit *deposit) {
  size_t room = 1;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(deposit));
  (*deposit)->grid = grid;
  (*deposit)->method = &method_row[method];
  (*deposit)->width = width;
  for (int d = 0; d < grid->mesh.ndimension; d++)
    PetscCall(AxisCreate(*deposit, &grid->mesh.dimension[d], &(*deposit)->axis[d], &room));
  PetscCall(PetscMalloc1(room, &(*deposit)->weight));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoDepositDestroy(RhoDeposit *deposit) {
  PetscFunctionBeginUser;
  if (!*deposit) PetscFunctionReturn(0);
  for (int d = 0; d < RHO_MAXDIM; d++)
    PetscCall(PetscFree3((*deposit)->axis[d].edge, (*deposit)->axis[d].centre, (*deposit)->axis[d].share));
  PetscCall(PetscFree((*deposit)->weight));
  PetscCall(PetscFree(*deposit));
  PetscFunctionReturn(0);
}

/* ---- a particle ---- */

/* Is any of the cells along the dimension that ranks share this rank's? */
static bool Concerns(const RhoDeposit deposit) {
  int d = deposit->grid->mesh.ndimension - 1;
  PetscInt start = deposit->grid->start[d], end = start + deposit->grid->count[d];
  for (int k = 0; k < deposit->axis[d].n; k++)
    if (deposit->axis[d].share[k].cell >= start && deposit->axis[d].share[k].cell < end) return true;
  return false;
}

/* For each combination of shares but those of the first dimension, in the order of the loops, its number. */
typedef struct {
  int n[RHO_MAXDIM], k[RHO_MAXDIM];
} Walk;

static bool Step(Walk *walk) {
  for (int d = 1; d < RHO_MAXDIM; d++) {
    if (++walk->k[d] < walk->n[d]) return true;
    walk->k[d] = 0;
  }
  return false;
}

static Walk Start(const RhoDeposit deposit) {
  Walk walk = {{1, 1, 1}, {0}};
  for (int d = 1; d < deposit->grid->mesh.ndimension; d++) walk.n[d] = deposit->axis[d].n;
  return walk;
}

static double WidthOf(const Axis *axis, int k) {
  int cell = axis->share[k].cell;
  return axis->edge[cell + 1] - axis->edge[cell];
}

/* Returns their sum. */
static double RowWeights(const RhoDeposit deposit, const Walk *walk, double *weight) {
  const Method *method = deposit->method;
  const Axis *first = &deposit->axis[0];
  double value[RHO_MAXDIM], area = 1, total = 0;
  for (int d = 1; d < RHO_MAXDIM; d++) {
    const Axis *axis = &deposit->axis[d];
    bool used = d < deposit->grid->mesh.ndimension;
    value[d] = used ? axis->share[walk->k[d]].value : method->sampled ? 0 : 1;
    if (used && method->sampled) area *= WidthOf(axis, walk->k[d]);
  }
  method->row(first, value, weight);
  for (int k = 0; k < first->n && method->sampled; k++) weight[k] *= area * WidthOf(first, k);
  for (int k = 0; k < first->n; k++) total += weight[k];
  return total;
}

/* The number of the owned row, -1: another rank's. */
static PetscInt OwnedRow(const RhoDeposit deposit, const Walk *walk) {
  const struct RhoGrid_s *grid = deposit->grid;
  PetscInt row = 0;
  for (int d = grid->mesh.ndimension - 1; d > 0; d--) {
    PetscInt i = deposit->axis[d].share[walk->k[d]].cell - grid->start[d];
    if (i < 0 || i >= grid->count[d]) return -1;
    row = row * grid->count[d] + i;
  }
  return row;
}

static void AddRow(const RhoDeposit deposit, PetscInt row, double scale, const double *weight, PetscInt nfield,
                   PetscScalar *cells) {
  const struct RhoGrid_s *grid = deposit->grid;
  const Axis *axis = &deposit->axis[0];
  const PetscReal *volumes = grid->volumes ? grid->volumes + row * grid->count[0] : NULL;
  if (!volumes) scale /= grid->volume;
  for (int k = 0; k < axis->n; k++) {
    PetscInt i = axis->share[k].cell - grid->start[0];
    if (i < 0 || i >= grid->count[0]) continue;
    cells[(row * grid->count[0] + i) * nfield] += volumes ? scale * weight[k] / volumes[i] : scale * weight[k];
  }
}

void RhoDepositAdd(RhoDeposit deposit, double weight, const double *x, PetscInt nfield, PetscInt field,
                   PetscScalar *cells) {
  double *w = deposit->weight, total = 0;
  for (int d = 0; d < deposit->grid->mesh.ndimension; d++) {
    Axis *axis = &deposit->axis[d];
    axis->n = 0;
    deposit->method->along(axis, deposit->method->reach, Inside(axis, x[d]));
  }
  if (!Concerns(deposit)) return;
  int n = deposit->axis[0].n;
  Walk walk = Start(deposit);
  do total += RowWeights(deposit, &walk, w), w += n;
  while (Step(&walk));
  w = deposit->weight;
  do {
    PetscInt row = OwnedRow(deposit, &walk);
    if (row >= 0) AddRow(deposit, row, weight / total, w, nfield, cells + field);
    w += n;
  } while (Step(&walk));
}
