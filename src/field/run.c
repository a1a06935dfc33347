/* run.c - a finite-volume program over the cells of this rank.

   Chunks are whole rows of the slowest dimension.  For the cells [P0, P1) of a chunk a step of margin m covers
   [P0 - m S, P1 + m S), S cells a row; ghosts in the faster dimensions are part of the rows.  What a step computes in
   the corners beyond its reach is rubbish that nothing reads.

   The arrays of a chunk begin on lines of the cache, all at the same multiple of whole vectors, and steps are widened
   to whole vectors: the rubbish at their ends is overwritten or not read either. */
#include "fv.h"
#include "loops.h"
#include <stdint.h>
#include <string.h>

#define LINE ((uintptr_t)64) /* bytes: of the largest vectors, and of the cache */
#define WHOLE 16             /* cells: whole vectors and blocks of tapes */
#define PAGE 512             /* cells */

typedef struct {
  RhoFieldModel fm;
  FvProgram *program;
  PetscInt from, to; /* the chunk: [from, to) in the ghosted numbering, ghost cells of the faster dimensions included */
  PetscInt origin;   /* index of element 0 of the scratch arrays */
  PetscInt length;   /* of a scratch array */
  PetscInt block;    /* first cell of a block: element 0 of the brief arrays */
  PetscScalar *brief;
  PetscScalar *flux[RHO_MAXDIM]; /* nface arrays of `length`, origin as scratch */
  const PetscScalar *u;          /* owned cells of the fields */
} Chunk;

typedef struct {
  PetscInt from, to;
} Range;

/* address of cell p in array a */
static PetscScalar *At(const Chunk *c, int a, PetscInt p) {
  const FvArray *array = &c->program->array[a];
  if (array->brief) return c->brief + array->scratch * (FV_BLOCK + WHOLE) + (p - c->block);
  if (array->scratch >= 0) return c->fm->scratch + (size_t)array->scratch * (size_t)c->length + (p - c->origin);
  return array->data + p * array->stride;
}

static PetscInt StrideOf(const Chunk *c, int a) {
  return c->program->array[a].scratch >= 0 ? 1 : c->program->array[a].stride;
}

/* ---- fields ---- */

/* Cells [lo, hi) of one row of the fastest dimension; owned: the first owned cell of the row in u, or NULL. */
static void LoadRow(const Chunk *c, int a, PetscInt lo, PetscInt hi, PetscInt start, const PetscScalar *owned) {
  const FvArray *array = &c->program->array[a];
  PetscInt nf = array->stride, in = PetscMin(PetscMax(start, lo), hi),
           out = PetscMax(in, PetscMin(start + c->fm->grid->count[0], hi));
  PetscScalar *to = At(c, a, lo);
  if (!owned) in = out = hi;
  for (PetscInt p = lo; p < in; p++) to[p - lo] = array->data[p * nf];
  if (in < out) rho_loop_column(out - in, nf, owned + (in - start) * nf, to + (in - lo));
  for (PetscInt p = out; p < hi; p++) to[p - lo] = array->data[p * nf];
}

/* The fields, from the run's vector and the ghosts of the local one. */
static void RunLoad(const Chunk *c, const FvStep *step, Range range) {
  RhoGrid grid = c->fm->grid;
  PetscInt gx = grid->gcount[0], hx = grid->start[0] - grid->gstart[0];
  for (PetscInt r = range.from / gx; r * gx < range.to; r++) {
    PetscInt j = r % grid->gcount[1] - (grid->start[1] - grid->gstart[1]),
             k = r / grid->gcount[1] - (grid->start[2] - grid->gstart[2]);
    bool owned = j >= 0 && j < grid->count[1] && k >= 0 && k < grid->count[2];
    for (int o = 0; o < step->nout; o++) {
      PetscInt unknown = c->program->array[step->out[o]].scratch;
      const PetscScalar *row = owned ? c->u + (k * grid->count[1] + j) * grid->count[0] * grid->nfield + unknown : NULL;
      LoadRow(c, step->out[o], PetscMax(range.from, r * gx), PetscMin(range.to, (r + 1) * gx), r * gx + hx, row);
    }
  }
}

/* ---- steps ---- */

static void RunTape(const Chunk *c, const FvStep *step, PetscInt lo, PetscInt n) {
  FvProgram *g = c->program;
  for (int k = 0; k < step->nin; k++) {
    g->in[k] = At(c, step->in[k], lo);
    g->istride[k] = StrideOf(c, step->in[k]);
  }
  for (int k = 0; k < step->nout; k++) g->out[k] = At(c, step->out[k], lo);
  RhoTapeEval(step->tape, n, g->in, g->istride, g->out, NULL);
}

static void InverseSquares(RhoFieldModel fm, PetscReal factor, PetscReal w[RHO_MAXDIM]) {
  for (int d = 0; d < RHO_MAXDIM; d++) w[d] = factor / (fm->grid->h[d] * fm->grid->h[d]);
}

/* of the cells from lo on, along dimension d */
static RhoStretched StretchedAt(RhoFieldModel fm, int d, PetscInt lo) {
  const FvStretch *s = &fm->stretch[d];
  return (RhoStretched){s->inside + lo, s->face + lo - fm->stride[d], s->face + lo};
}

/* One dimension of equal cells. */
static bool AddOne(RhoFieldModel fm, int d, PetscReal w, PetscInt n, const PetscScalar *a, PetscInt s, PetscBool first,
                   PetscScalar *out) {
  const PetscInt stride[RHO_MAXDIM] = {fm->stride[d], 0, 0};
  const PetscReal weight[RHO_MAXDIM] = {w, 0, 0};
  return rho_loop_add_laplacian(n, 1, stride, weight, a, s, first, out);
}

/* out (+)= factor lap(a), a of stride s, for the cells from lo on; first: = instead of +=; is any no number? */
static bool AddLaplacian(RhoFieldModel fm, PetscReal factor, PetscInt lo, PetscInt n, const PetscScalar *a, PetscInt s,
                         PetscBool first, PetscScalar *out) {
  PetscReal w[RHO_MAXDIM];
  InverseSquares(fm, factor, w);
  bool bad = false;
  if (RhoGridUniform(fm->grid))
    return rho_loop_add_laplacian(n, fm->grid->mesh.ndimension, fm->stride, w, a, s, first, out);
  for (int d = 0; d < fm->grid->mesh.ndimension; d++, first = PETSC_FALSE)
    if (fm->stretch[d].face)
      bad = rho_loop_stretched_laplacian(n, factor, StretchedAt(fm, d, lo), a, fm->stride[d] * s, s, first, out);
    else bad = AddOne(fm, d, w[d], n, a, s, first, out);
  return bad;
}

static void RunLap(const Chunk *c, const FvStep *step, PetscInt lo, PetscInt n) {
  PetscScalar *out = At(c, step->out[0], lo);
  AddLaplacian(c->fm, 1, lo, n, At(c, step->in[0], lo), StrideOf(c, step->in[0]), PETSC_TRUE, out);
}

/* div(a grad b) with the arithmetic mean of a at the faces, or grad a . grad b as the mean of the two faces of each
   dimension, whose variation is the former */
static void RunProduct(const Chunk *c, const FvStep *step, PetscInt lo, PetscInt n) {
  PetscScalar *out = At(c, step->out[0], lo);
  const PetscScalar *a = At(c, step->in[0], lo), *b = At(c, step->in[1], lo);
  PetscInt sa = StrideOf(c, step->in[0]), sb = StrideOf(c, step->in[1]);
  PetscReal w[RHO_MAXDIM];
  InverseSquares(c->fm, 0.5, w);
  for (int d = 0; d < c->fm->grid->mesh.ndimension; d++) {
    PetscInt ja = c->fm->stride[d] * sa, jb = c->fm->stride[d] * sb;
    PetscBool first = (PetscBool)(d == 0), divgrad = (PetscBool)(step->kind == FV_DIVGRAD);
    if (c->fm->stretch[d].face)
      (divgrad ? rho_loop_stretched_divgrad : rho_loop_stretched_gdot)(n, StretchedAt(c->fm, d, lo), a, ja, sa, b, jb,
                                                                       sb, first, out);
    else (divgrad ? rho_loop_divgrad : rho_loop_gdot)(n, w[d], a, ja, sa, b, jb, sb, first, out);
  }
}

/* The difference of the two faces' means over the width of the cell: second order on smooth maps, and skew with the
   widths as weights, so that what it enters a free energy with is varied exactly. */
static void RunDiff(const Chunk *c, const FvStep *step, PetscInt lo, PetscInt n) {
  PetscScalar *restrict out = At(c, step->out[0], lo);
  const PetscScalar *a = At(c, step->in[0], lo);
  PetscInt s = StrideOf(c, step->in[0]), j = c->fm->stride[step->attr] * s;
  PetscReal w = 0.5 / c->fm->grid->h[step->attr];
  const PetscScalar *inside = c->fm->stretch[step->attr].inside;
  if (inside)
    for (PetscInt p = 0; p < n; p++) out[p] = 0.5 * inside[lo + p] * (a[p * s + j] - a[p * s - j]);
  else
    for (PetscInt p = 0; p < n; p++) out[p] = w * (a[p * s + j] - a[p * s - j]);
}

/* The cells of a step: to whole vectors, but for the ends of the grid. */
static Range CellsOf(const Chunk *c, const FvStep *step) {
  PetscInt reach = step->margin * c->fm->rowstride, edge = step->kind == FV_TAPE ? 0 : c->fm->rowstride;
  if (step->kind == FV_LOAD) return (Range){c->from - reach, c->to + reach};
  return (Range){PetscMax((c->from - reach) & -WHOLE, edge),
                 PetscMin((c->to + reach + WHOLE - 1) & -WHOLE, c->fm->grid->nghosted - edge)};
}

static void RunStep(const Chunk *c, const FvStep *step, Range r) {
  PetscInt lo = r.from, n = r.to - r.from;
  switch (step->kind) {
  case FV_LOAD: RunLoad(c, step, r); break;
  case FV_TAPE: RunTape(c, step, lo, n); break;
  case FV_LAP: RunLap(c, step, lo, n); break;
  case FV_DIVGRAD:
  case FV_GDOT: RunProduct(c, step, lo, n); break;
  case FV_DIFF: RunDiff(c, step, lo, n); break;
  }
}

static Range Both(Range a, Range b) { return (Range){PetscMin(a.from, b.from), PetscMax(a.to, b.to)}; }
static Range Common(Range a, Range b) { return (Range){PetscMax(a.from, b.from), PetscMin(a.to, b.to)}; }

/* Steps that go together, block by block. */
static void RunGroup(Chunk *c, const FvStep *step, int nstep) {
  Range all = CellsOf(c, step);
  for (int s = 1; s < nstep; s++) all = Both(all, CellsOf(c, &step[s]));
  for (c->block = all.from & -FV_BLOCK; c->block < all.to; c->block += FV_BLOCK)
    for (int s = 0; s < nstep; s++) {
      Range r = Common(CellsOf(c, &step[s]), (Range){c->block, c->block + FV_BLOCK});
      if (r.from < r.to) RunStep(c, &step[s], r);
    }
}

static void RunSegment(Chunk *c, const FvSegment *segment) {
  for (int s = 0, end; s < segment->nstep; s = end) {
    for (end = s + 1; end < segment->nstep && segment->step[end].joins; end++) continue;
    if (end == s + 1) RunStep(c, &segment->step[s], CellsOf(c, &segment->step[s]));
    else RunGroup(c, &segment->step[s], end - s);
  }
}

/* ---- faces ---- */

/* Faces p | p + stride for p in [from - stride, to) */
static void RunFaces(const Chunk *c, int d) {
  FvProgram *g = c->program;
  PetscInt j = c->fm->stride[d], lo = c->from - j, n = c->to - lo;
  for (int k = 0; k < g->nfacein[d]; k++) {
    const struct FvFaceInput *f = &g->facein[d][k];
    g->in[k] = f->kept ? f->face + lo : At(c, f->array, f->right ? lo + j : lo);
    g->istride[k] = f->kept ? 1 : StrideOf(c, f->array);
  }
  for (int k = 0; k < g->nface[d]; k++)
    g->out[k] = g->sink == FV_TO_ARRAYS ? g->facekeep[d][k] + lo
                                        : c->flux[d] + (size_t)k * (size_t)c->length + (lo - c->origin);
  RhoTapeEval(g->face[d], n, g->in, g->istride, g->out, NULL);
}

/* The faces p with index `at` along dimension d, a stretch of j cells every j*gcount, get the flux of a wall (over h
   where cells are equal): none, or its plane's. */
static void SetFaces(const Chunk *c, int d, PetscInt at, const PetscReal *plane, PetscScalar *flux) {
  PetscInt j = c->fm->stride[d], period = j * c->fm->grid->gcount[d];
  PetscReal inverse = c->fm->stretch[d].face ? 1 : 1 / c->fm->grid->h[d];
  for (PetscInt block = (c->from - j) / period; block * period + at * j < c->to; block++) {
    PetscInt start = block * period + at * j;
    for (PetscInt p = PetscMax(start, c->from - j); p < PetscMin(start + j, c->to); p++)
      flux[p] = plane ? inverse * plane[p - start + block * j] : 0;
  }
}

/* The faces left of the first cell and right of the last one. */
static void SetWall(const Chunk *c, int d, int side) {
  RhoGrid grid = c->fm->grid;
  PetscInt at = side ? grid->halo + grid->count[d] - 1 : grid->halo - 1;
  for (int k = 0; k < c->program->nface[d]; k++) {
    const FvWallFlux *wall = &c->program->wall[(c->program->face_field[d][k] * RHO_MAXDIM + d) * 2 + side];
    if (wall->kind == FV_WALL_CLOSED || wall->kind == FV_WALL_GIVEN)
      SetFaces(c, d, at, wall->plane, c->flux[d] + (size_t)k * (size_t)c->length - c->origin);
  }
}

static void SetWalls(const Chunk *c, int d) {
  RhoGrid grid = c->fm->grid;
  if (grid->mesh.dimension[d].boundary != RHO_WALL) return;
  if (grid->start[d] == 0) SetWall(c, d, 0);
  if (grid->start[d] + grid->count[d] == grid->n[d]) SetWall(c, d, 1);
}

/* ---- sinks ---- */

typedef struct {
  PetscInt p, cell, n; /* first cell of an owned row: ghosted index, owned index; cells */
} Row;

/* The owned rows (of the fastest dimension) of a chunk. */
static PetscBool NextRow(const Chunk *c, PetscInt *number, Row *row) {
  RhoGrid grid = c->fm->grid;
  PetscInt gx = grid->gcount[0], gy = grid->gcount[1], hy = grid->mesh.ndimension > 1 ? grid->halo : 0,
           hz = grid->mesh.ndimension > 2 ? grid->halo : 0;
  if (grid->mesh.ndimension == 1) {
    if ((*number)++ > 0) return PETSC_FALSE;
    *row = (Row){c->from, c->from - grid->halo, c->to - c->from};
    return PETSC_TRUE;
  }
  for (PetscInt r = c->from / gx + *number; r < c->to / gx; r++) {
    PetscInt j = r % gy - hy, k = r / gy - hz;
    (*number)++;
    if (j < 0 || j >= grid->count[1]) continue;
    *row = (Row){r * gx + grid->halo, (k * grid->count[1] + j) * grid->count[0], grid->count[0]};
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* The index of an owned row along dimension d; -1 along the row itself. */
static PetscInt RowIndex(RhoGrid grid, const Row *row, int d) {
  PetscInt number = row->cell / grid->count[0];
  return d == 0 ? -1 : d == 1 ? number % grid->count[1] : number / grid->count[1];
}

static void Count(struct FvSum *s, PetscReal x) {
  PetscReal t = s->sum + x;
  s->lost += PetscAbsReal(s->sum) >= PetscAbsReal(x) ? (s->sum - t) + x : (x - t) + s->sum;
  s->sum = t;
}

/* What flows into cell q of a row through its wall face, as its total is counted (totals.c): over h, or times the area
   of the face where volumes differ. */
static PetscReal Into(RhoFieldModel fm, const Row *row, PetscInt q, int d, int side, const PetscScalar *J) {
  PetscInt p = row->p + q;
  PetscReal flux = side ? -J[p] : J[p - fm->stride[d]];
  if (fm->stretch[d].inside) flux *= fm->stretch[d].inside[p];
  return fm->grid->volumes ? flux * fm->grid->volumes[row->cell + q] : flux;
}

static void CountRow(const Chunk *c, const Row *row, int d, int side, const PetscScalar *J, struct FvSum *inflow) {
  RhoGrid grid = c->fm->grid;
  PetscInt x = row->cell % grid->count[0], end = side ? row->n - 1 : 0;
  if (d == 0) {
    if (side ? x + row->n == grid->count[0] : x == 0) Count(inflow, Into(c->fm, row, end, d, side, J));
    return;
  }
  if (RowIndex(grid, row, d) != (side ? grid->count[d] - 1 : 0)) return;
  for (PetscInt q = 0; q < row->n; q++) Count(inflow, Into(c->fm, row, q, d, side, J));
}

static void CountInflow(const Chunk *c, int d) {
  RhoGrid grid = c->fm->grid;
  Row row;
  for (int side = 0; side < 2; side++) {
    if (side ? grid->start[d] + grid->count[d] < grid->n[d] : grid->start[d] > 0) continue;
    for (int k = 0; k < c->program->nface[d]; k++) {
      int field = c->program->face_field[d][k];
      FvWallKind kind = c->program->wall[(field * RHO_MAXDIM + d) * 2 + side].kind;
      if (kind != FV_WALL_OPEN && kind != FV_WALL_GIVEN) continue;
      for (PetscInt number = 0; NextRow(c, &number, &row);)
        CountRow(c, &row, d, side, c->flux[d] + (size_t)k * (size_t)c->length - c->origin, &c->fm->inflow[field]);
    }
  }
}

/* first: out has no values yet; returns whether it still has none; *bad: is any no number? */
static PetscBool AddLaplacians(const Chunk *c, int field, const Row *row, PetscBool first, PetscScalar *out,
                               bool *bad) {
  for (int k = 0; k < c->program->nlaplacian; k++) {
    const FvLaplacian *l = &c->program->laplacian[k];
    if (l->field != field) continue;
    *bad = AddLaplacian(c->fm, l->value, row->p, row->n, At(c, l->array, row->p), StrideOf(c, l->array), first, out);
    first = PETSC_FALSE;
  }
  return first;
}

/* What the sources of a row add to a field that is part of a total, if some total is fed: all such fields or none,
   since exchanges cancel in their sum alone. */
static void CountSource(const Chunk *c, int field, const Row *row, const PetscScalar *source) {
  RhoEquations eq = c->fm->eq;
  const PetscReal *volumes = c->fm->grid->volumes;
  PetscBool fed = PETSC_FALSE, part = PETSC_FALSE;
  PetscReal sum, lost, size;
  for (int k = 0; k < eq->nconserved; k++) {
    fed = (PetscBool)(fed || eq->fed[k]);
    part = (PetscBool)(part || eq->conserved[k][field] != 0);
  }
  if (!fed || !part) return;
  rho_loop_sums(row->n, 1, volumes ? volumes + row->cell : NULL, source, &sum, &lost, &size);
  Count(&c->fm->inflow[field], sum);
  Count(&c->fm->inflow[field], lost);
}

/* out = source + laplacians - sum_d (J_d[p] - J_d[p - stride_d]), over h already unless cells are unequal; is any no
   number? */
static bool Divergence(const Chunk *c, int field, const Row *row, PetscScalar *out) {
  FvProgram *g = c->program;
  int a = g->target[field];
  const PetscScalar *source = a < 0 ? NULL : At(c, a, row->p);
  bool bad = false;
  if (source) {
    rho_loop_column(row->n, StrideOf(c, a), source, out);
    bad = rho_loop_excess(row->n, out);
  }
  if (g->counted && source) CountSource(c, field, row, out);
  if (AddLaplacians(c, field, row, (PetscBool)!source, out, &bad)) memset(out, 0, sizeof *out * (size_t)row->n);
  for (int d = 0; d < c->fm->grid->mesh.ndimension; d++)
    for (int k = 0; k < g->nface[d]; k++) {
      if (g->face_field[d][k] != field) continue;
      const PetscScalar *J = c->flux[d] + (size_t)k * (size_t)c->length + (row->p - c->origin);
      if (!c->fm->stretch[d].face) bad = rho_loop_difference(row->n, J, J - c->fm->stride[d], out);
      else bad = rho_loop_stretched_difference(row->n, c->fm->stretch[d].inside + row->p, J, J - c->fm->stride[d], out);
    }
  return bad;
}

/* One field: straight into place.  Several: each into a row of its own, then interleaved. */
static void ToDivergence(const Chunk *c, PetscScalar *F) {
  Row row;
  PetscInt nf = c->fm->grid->nfield;
  for (PetscInt number = 0; NextRow(c, &number, &row);) {
    PetscScalar *rows = nf == 1 ? F + row.cell : c->fm->rows;
    for (int i = 0; i < nf; i++)
      if (Divergence(c, i, &row, rows + i * c->fm->nrow)) c->fm->bad = PETSC_TRUE;
    rho_loop_interleave(row.n, nf, rows, c->fm->nrow, F + row.cell * nf);
  }
}

static void ToCells(const Chunk *c, PetscScalar *out) {
  Row row;
  int nt = c->program->nkeep;
  for (PetscInt number = 0; NextRow(c, &number, &row);)
    for (int k = 0; k < nt; k++) {
      int a = c->program->target[k];
      const PetscScalar *from = a < 0 ? NULL : At(c, a, row.p);
      PetscInt s = a < 0 ? 0 : StrideOf(c, a);
      for (PetscInt q = 0; q < row.n; q++) out[(row.cell + q) * nt + k] = from ? from[q * s] : 0;
    }
}

/* every cell of the chunk, and as many rows around it as the target is right in: the next chunk's among them */
static void ToArrays(const Chunk *c) {
  for (int k = 0; k < c->program->nkeep; k++) {
    int a = c->program->target[k];
    PetscInt reach = c->program->margin[k] * c->fm->rowstride, lo = c->from - reach, hi = c->to + reach;
    const PetscScalar *from = At(c, a, lo);
    PetscInt s = StrideOf(c, a);
    for (PetscInt p = lo; p < hi; p++) c->program->keep[k][p] = from[(p - lo) * s];
  }
}

/* ---- chunks ---- */

static void RunFinal(Chunk *c, PetscScalar *out) {
  RunSegment(c, &c->program->final);
  for (int d = 0; d < c->fm->grid->mesh.ndimension; d++) {
    if (c->program->nface[d] == 0) continue;
    RunFaces(c, d);
    if (c->program->sink == FV_TO_DIVERGENCE) SetWalls(c, d);
    if (c->program->counted && c->fm->grid->mesh.dimension[d].boundary == RHO_WALL) CountInflow(c, d);
  }
  if (c->program->sink == FV_TO_DIVERGENCE) ToDivergence(c, out);
  else if (c->program->sink == FV_TO_CELLS) ToCells(c, out);
  else ToArrays(c);
}

/* Of a chunk's arrays: a chunk with its ghosts, widened; starts of arrays fall on different lines of a page. */
static PetscInt Length(RhoFieldModel fm, const FvProgram *g) {
  PetscInt n = (g->chunk + 2 * fm->grid->halo) * fm->rowstride + 4 * WHOLE;
  return (n + PAGE - 1) / PAGE * PAGE + 5 * WHOLE;
}

int rho_fv_chunk_arrays(const FvProgram *g) {
  int n = g->nscratch;
  for (int d = 0; d < RHO_MAXDIM; d++) n += g->nface[d];
  return n;
}

static PetscErrorCode Reserve(RhoFieldModel fm, const FvProgram *g) {
  PetscInt narray = rho_fv_chunk_arrays(g), length = Length(fm, g), nbrief = g->nbrief * (FV_BLOCK + WHOLE);
  PetscFunctionBegin;
  if (narray * length + nbrief <= fm->nscratch) PetscFunctionReturn(0);
  PetscCall(PetscFree(fm->memory));
  fm->nscratch = narray * length + nbrief;
  PetscCall(PetscCalloc1((size_t)(fm->nscratch + WHOLE), &fm->memory));
  fm->scratch = (PetscScalar *)(((uintptr_t)fm->memory + LINE - 1) & -LINE);
  PetscFunctionReturn(0);
}

static void StartChunk(RhoFieldModel fm, FvProgram *g, const PetscScalar *u, PetscInt row, Chunk *c) {
  PetscInt S = fm->rowstride, halo = fm->grid->halo, nrow = PetscMin(g->chunk, fm->grid->count[fm->slow] - row);
  *c = (Chunk){.fm = fm, .program = g, .u = u};
  c->from = (row + halo) * S;
  c->to = (row + halo + nrow) * S;
  c->origin = (row * S & -WHOLE) - WHOLE; /* what is widened reads a row further */
  c->length = Length(fm, g);
  PetscScalar *flux = fm->scratch + (size_t)g->nscratch * (size_t)c->length;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    c->flux[d] = flux;
    flux += (size_t)g->nface[d] * (size_t)c->length;
  }
  c->brief = flux;
}

/* Arguments of a phase's global operators, on the owned cells, into the grid's contiguous buffers. */
static void RunArguments(Chunk *c, const FvPhase *phase) {
  Row r;
  RunSegment(c, &phase->segment);
  for (PetscInt number = 0; NextRow(c, &number, &r);)
    for (int k = 0; k < phase->nargument; k++)
      rho_loop_column(r.n, StrideOf(c, phase->argument[k]), At(c, phase->argument[k], r.p),
                      c->fm->cells + (size_t)k * (size_t)c->fm->grid->nowned + r.cell);
}

/* The arguments of a phase, or (NULL) what the program is for. */
static void RunAll(RhoFieldModel fm, FvProgram *g, const FvPhase *phase, const PetscScalar *u, PetscScalar *out) {
  Chunk c;
  for (PetscInt row = 0; row < fm->grid->count[fm->slow]; row += g->chunk) {
    StartChunk(fm, g, u, row, &c);
    if (phase) RunArguments(&c, phase);
    else RunFinal(&c, out);
  }
}

static void BindSegment(RhoFieldModel fm, FvSegment *segment) {
  for (int s = 0; s < segment->nstep; s++)
    if (segment->step[s].tape) RhoTapeBind(segment->step[s].tape, fm->value);
}

void rho_fv_bind(RhoFieldModel fm, FvProgram *g) {
  for (int l = 0; l < g->nphase; l++) BindSegment(fm, &g->phase[l].segment);
  BindSegment(fm, &g->final);
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (g->face[d]) RhoTapeBind(g->face[d], fm->value);
  if (!g->coefficients) return;
  RhoTapeBind(g->coefficients, fm->value);
  for (int k = 0; k < g->nlaplacian; k++) g->out[k] = &g->laplacian[k].value;
  RhoTapeEval(g->coefficients, 1, NULL, NULL, g->out, NULL);
}

PetscErrorCode rho_fv_run(RhoFieldModel fm, FvProgram *g, PetscReal t, Vec u, Vec F) {
  const PetscScalar *in;
  PetscScalar *out = NULL;
  PetscFunctionBegin;
  if (fm->eq->uses_time || g->sink == FV_TO_CELLS) { /* other formulas may use t where the equations do not */
    fm->value[fm->eq->model->nparameter + 1] = t;
    rho_fv_bind(fm, g);
  }
  PetscCall(Reserve(fm, g));
  PetscCall(VecGetArrayRead(u, &in));
  for (int l = 0; l < g->nphase; l++) {
    RunAll(fm, g, &g->phase[l], in, NULL);
    PetscCall(rho_fv_globals(fm, g, &g->phase[l]));
  }
  if (F) PetscCall(VecGetArrayWrite(F, &out));
  RunAll(fm, g, NULL, in, out);
  if (F) PetscCall(VecRestoreArrayWrite(F, &out));
  PetscCall(VecRestoreArrayRead(u, &in));
  PetscFunctionReturn(0);
}
