/* noise.c - what noise adds to the fields in one step.

     du_i = div sum_k g_ik xi_k + sum_k h_ik eta_k,   in discrete time and space
     du_i(cell) = sum over its faces  +- (1/w) g_ik(face) xi_k(face) sqrt(dt/(Omega V_face))
                + sum_k h_ik(cell) eta_k(cell) sqrt(dt/(Omega V_cell))

   xi, eta: independent numbers of the normal distribution, one for each white noise k at each face (each cell), hashed
   from where, when and the seed (noise_random.h), before any amplitude is known.  V_face is the distance of its two
   cells times its area, w the width of the cell.  Walls are closed: the noise flux moves what is there, it makes
   nothing.

   In the sense of Stratonovich a noise of the cells adds the drift  sum_jk (d h_ik/d u_j) h_jk dt/(2 Omega V),  from
   the derivatives of the amplitudes by the fields of the cell.  The noise of a face does not change the mean there,
   where cells are equal: both senses are one.

   Amplitudes (Ito: at the state given).  g at a face is the formula of the arithmetic means of the two cells: of each
   field, of densities max(mean, 0), and of what operators and given functions of the coordinates are in the cells; in
   cells densities are max(u, 0).  For g = sqrt(2 D u) the variance is then linear in u, so that independent particles
   have S(q) = u exactly as long as no mean is below zero; geometric and harmonic means would diminish it.  The spectral
   discretisation has fluxes at the centres of the cells, xi too: spectral_noise.c. */
#include "noise.h"
#include <math.h>
#include <string.h>

enum { PIECE = 1024 }; /* faces or cells for which numbers are drawn at once */

/* ---- amplitudes at faces and in cells, as nodes ---- */

static RhoNode NotBelowZero(RhoFieldModel fm, RhoNode node, RhoNode value) {
  for (int i = 0; i < fm->eq->nfield; i++)
    if (fm->eq->model->field[i].symbol == node && fm->eq->model->field[i].kind == RHO_DENSITY)
      return RhoGraph2(fm->graph, RHO_FN_MAX, value, RhoGraphConstant(fm->graph, 0));
  return value;
}

/* Operators and given functions are averaged as a whole, functions of fields taken of the averages. */
static RhoNode AtFace(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  (void)arg;
  if (info.kind == RHO_CALL && RhoGraphDependsOnKind(graph, node, RHO_SYM_FIELD)) return RHO_NONE;
  return NotBelowZero(ctx, node, rho_face_mean(graph, node));
}

static RhoNode InCell(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  (void)arg;
  if (RhoGraphNode(graph, node).kind == RHO_CALL) return RHO_NONE;
  return NotBelowZero(ctx, node, node);
}

static PetscBool Goes(const RhoNoiseTerm *term, int kind) {
  if (kind == RHO_NOISE_CELL) return (PetscBool)!term->flux;
  return (PetscBool)(term->flux && (term->direction < 0 || term->direction == kind));
}

/* The number of the white noise of a term: that of its name, or one of its own. */
static int SourceOf(RhoNoise noise, const RhoNoiseTerm *term) {
  for (int k = 0; k < noise->nsource && term->name; k++)
    if (noise->source[k] && !strcmp(noise->source[k], term->name)) return k;
  noise->source[noise->nsource] = term->name;
  return noise->nsource++;
}

static int CountTerms(RhoFieldModel fm) {
  int n = 0;
  for (int i = 0; i < fm->eq->nfield; i++) n += fm->eq->model->field[i].nnoise;
  return n;
}

/* node[n] of all amplitudes of a kind. */
static RhoNode *Nodes(RhoNoise noise, int kind, const int *source) {
  RhoFieldModel fm = noise->fm;
  int number = 0, room = CountTerms(fm) + 1;
  Kind *k = &noise->kind[kind];
  RhoNode *node = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)room);
  k->amplitude = RhoArenaAlloc(fm->arena, sizeof(Amplitude) * (size_t)room);
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int l = 0; l < fm->eq->model->field[i].nnoise; l++, number++) {
      const RhoNoiseTerm *term = &fm->eq->model->field[i].noise[l];
      if (!Goes(term, kind)) continue;
      RhoNode amplitude = RhoCellFormula(fm->eq, term->amplitude);
      node[k->n] = RhoGraphRewrite(fm->graph, amplitude, kind == RHO_NOISE_CELL || fm->spectral ? InCell : AtFace, fm);
      k->amplitude[k->n++] = (Amplitude){.field = i, .source = source[number], .term = term};
    }
  return node;
}

static void Sources(RhoNoise noise, int *source) {
  RhoFieldModel fm = noise->fm;
  int number = 0;
  noise->source = RhoArenaAlloc(fm->arena, sizeof(char *) * (size_t)(CountTerms(fm) + 1));
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int l = 0; l < fm->eq->model->field[i].nnoise; l++)
      source[number++] = SourceOf(noise, &fm->eq->model->field[i].noise[l]);
}

/* The densities whose mean, kept from below zero, the amplitudes read. */
static void Clips(RhoNoise noise, Kind *kind, const RhoNode *node) {
  RhoFieldModel fm = noise->fm;
  kind->clip = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)(fm->eq->nfield + 1));
  for (int i = 0; i < fm->eq->nfield; i++) {
    RhoNode symbol = fm->eq->model->field[i].symbol,
            clipped = NotBelowZero(fm, symbol, fm->spectral ? symbol : rho_face_mean(fm->graph, symbol));
    PetscBool reads = PETSC_FALSE;
    for (int k = 0; k < kind->n && fm->eq->model->field[i].kind == RHO_DENSITY; k++)
      reads = (PetscBool)(reads || RhoGraphDependsOn(fm->graph, node[k], 1, &clipped));
    if (reads) kind->clip[kind->nclip++] = i;
  }
}

/* ---- drifts ---- */

/* sum of the amplitudes of field j in the cells with which it takes part in a white noise; RHO_NONE */
static RhoNode Share(RhoNoise noise, int j, int source) {
  const Kind *cells = &noise->kind[RHO_NOISE_CELL];
  RhoNode sum = RHO_NONE;
  for (int k = 0; k < cells->n; k++)
    if (cells->amplitude[k].field == j && cells->amplitude[k].source == source)
      sum = RhoGraphPlus(noise->fm->graph, sum, cells->amplitude[k].term->amplitude);
  return sum;
}

/* (1/2) sum_j (d h/d u_j) h_j, collected: of sqrt(u) it is 1/4, also at u = 0 */
static RhoNode DriftOf(RhoNoise noise, const Amplitude *a) {
  RhoFieldModel fm = noise->fm;
  RhoNode *symbol = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)fm->eq->nfield),
          *seed = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)fm->eq->nfield);
  int n = 0;
  for (int j = 0; j < fm->eq->nfield; j++) {
    seed[n] = Share(noise, j, a->source);
    symbol[n] = fm->eq->model->field[j].symbol;
    n += seed[n] >= 0;
  }
  RhoNode node =
      RhoGraphDifferential(fm->graph, a->term->amplitude, n, symbol, seed, RHO_LOCAL_OPERATORS | RHO_GLOBAL_OPERATORS);
  if (node < 0) return RHO_NONE;
  node =
      RhoGraphCollect(fm->graph, RhoGraph2(fm->graph, RHO_FN_MUL, RhoGraphConstant(fm->graph, 0.5), node), NULL, NULL);
  return RhoGraphRewrite(fm->graph, RhoCellFormula(fm->eq, node), InCell, fm);
}

static void FindDrifts(RhoNoise noise) {
  const Kind *cells = &noise->kind[RHO_NOISE_CELL];
  RhoArena arena = noise->fm->arena;
  Drifts *drift = &noise->drift;
  drift->field = RhoArenaAlloc(arena, sizeof(int) * (size_t)(cells->n + 1));
  drift->node = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)(cells->n + 1));
  for (int k = 0; k < cells->n; k++) {
    if (!cells->amplitude[k].term->stratonovich) continue;
    drift->field[drift->n] = cells->amplitude[k].field;
    drift->node[drift->n] = DriftOf(noise, &cells->amplitude[k]);
    drift->n += drift->node[drift->n] >= 0;
  }
}

/* ---- planning ---- */

static PetscErrorCode PlanAmplitudes(RhoNoise noise, RhoNode *node[RHO_NOISE_CELL + 1]) {
  RhoFieldModel fm = noise->fm;
  int nd = fm->grid->mesh.ndimension, ncell = noise->kind[RHO_NOISE_CELL].n, room, ninput = 0;
  int nkeep = ncell + noise->drift.n;
  FvPlan plan = {.sink = FV_TO_ARRAYS, .nkeep = nkeep, .ntarget = nkeep};
  PetscFunctionBegin;
  room = 8 * RhoGraphSize(fm->graph) + 1024;
  FvArray *input = RhoArenaAlloc(fm->arena, sizeof(FvArray) * (size_t)(fm->eq->nfield + fm->ncoordinate));
  RhoNode *target = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)room);
  int *margin = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)room);
  int *none = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)room);
  PetscCall(rho_fv_inputs(fm, fm->ulocal, rho_fv_field_symbols(fm), &ninput, input));
  for (int c = 0; c < fm->ncoordinate; c++) input[ninput++] = fm->coordinate[c];
  for (int k = 0; k < nkeep; k++) target[k] = k < ncell ? node[RHO_NOISE_CELL][k] : noise->drift.node[k - ncell];
  for (int d = 0; d < nd; d++) {
    plan.nface[d] = noise->kind[d].n;
    plan.face[d] = node[d];
    plan.face_field[d] = none;
    rho_fv_traces(fm, plan.nface[d], plan.face[d], nkeep, &plan.ntarget, target, margin);
  }
  plan.ninput = ninput;
  plan.input = input;
  plan.target = target;
  plan.margin = margin;
  PetscCall(rho_fv_create(fm, &plan, &noise->program));
  for (int k = 0; k < ncell; k++) noise->kind[RHO_NOISE_CELL].amplitude[k].value = noise->program.keep[k];
  noise->drift.value = noise->program.keep + ncell;
  for (int d = 0; d < nd; d++)
    for (int k = 0; k < noise->kind[d].n; k++) noise->kind[d].amplitude[k].value = noise->program.facekeep[d][k];
  PetscFunctionReturn(0);
}

/* Box and Muller (1958): sine and cosine are loops of their own. */
static PetscErrorCode NormalNumbers(RhoNoise noise) {
  RhoFieldModel fm = noise->fm;
  RhoGraph graph = fm->graph;
  RhoNode missing = RHO_NONE,
          in[2] = {RhoGraphSymbol(graph, RHO_SYM_TRACE, "noise:u"), RhoGraphSymbol(graph, RHO_SYM_TRACE, "noise:v")};
  RhoNode logarithm = RhoGraph1(graph, RHO_FN_LOG, in[0]);
  RhoNode radius = RhoGraph1(graph, RHO_FN_SQRT, RhoGraph2(graph, RHO_FN_MUL, RhoGraphConstant(graph, -2), logarithm));
  RhoNode angle = RhoGraph2(graph, RHO_FN_MUL, RhoGraphConstant(graph, 2 * M_PI), in[1]);
  RhoNode out[2] = {RhoGraph2(graph, RHO_FN_MUL, radius, RhoGraph1(graph, RHO_FN_COS, angle)),
                    RhoGraph2(graph, RHO_FN_MUL, radius, RhoGraph1(graph, RHO_FN_SIN, angle))};
  PetscFunctionBegin;
  noise->one = RhoTapeCreate(graph, 1, out, 2, in, fm->nuniform, fm->uniform, &missing);
  noise->two = RhoTapeCreate(graph, 2, out, 2, in, fm->nuniform, fm->uniform, &missing);
  PetscCheck(noise->one && noise->two, fm->grid->comm, PETSC_ERR_MEM, "no memory for a tape");
  RhoTapeBind(noise->one, fm->value);
  RhoTapeBind(noise->two, fm->value);
  for (int k = 0; k < 4; k++) PetscCall(PetscCalloc1(PIECE, &noise->draw[k]));
  PetscFunctionReturn(0);
}

/* Global index of a ghosted cell along d. */
static PetscInt Wrapped(RhoGrid grid, int d, PetscInt i) {
  return ((grid->gstart[d] + i) % grid->n[d] + grid->n[d]) % grid->n[d];
}

/* 1/sqrt(Omega V) of faces and cells where widths vary. */
static PetscErrorCode UnequalSizes(RhoNoise noise, int kind) {
  RhoGrid grid = noise->fm->grid;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)grid->nghosted, &noise->kind[kind].size));
  for (PetscInt p = 0; p < grid->nghosted; p++) {
    PetscReal volume = noise->omega;
    for (int d = 0; d < grid->mesh.ndimension; d++) {
      PetscInt i = p / noise->fm->stride[d] % grid->gcount[d];
      volume *= d == kind ? RhoGridDistance(grid, d)[i] : RhoGridWidth(grid, d)[i];
    }
    noise->kind[kind].size[p] = 1 / PetscSqrtReal(volume);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Sizes(RhoNoise noise) {
  RhoGrid grid = noise->fm->grid;
  PetscFunctionBegin;
  for (int kind = 0; kind <= RHO_NOISE_CELL; kind++) {
    noise->kind[kind].same = 1 / PetscSqrtReal(noise->omega * grid->volume);
    if (noise->kind[kind].n > 0 && !RhoGridUniform(grid)) PetscCall(UnequalSizes(noise, kind));
  }
  PetscCall(PetscMalloc1((size_t)grid->gcount[0], &noise->x));
  for (PetscInt i = 0; i < grid->gcount[0]; i++) noise->x[i] = (uint32_t)Wrapped(grid, 0, i);
  PetscFunctionReturn(0);
}

/* Does the noise of the cells change a conserved combination?  Not where a shared one cancels in it. */
static PetscErrorCode Feeds(RhoNoise noise) {
  RhoFieldModel fm = noise->fm;
  const Kind *cells = &noise->kind[RHO_NOISE_CELL];
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)fm->eq->nconserved + 1, &noise->fed));
  for (int c = 0; c < fm->eq->nconserved; c++)
    for (int s = 0; s < noise->nsource; s++) {
      RhoNode sum = RHO_NONE;
      for (int k = 0; k < cells->n; k++) {
        double weight = fm->eq->conserved[c][cells->amplitude[k].field];
        if (cells->amplitude[k].source != s || weight == 0) continue;
        sum = RhoGraphPlus(
            fm->graph, sum,
            RhoGraphTimes(fm->graph, RhoGraphConstant(fm->graph, weight), cells->amplitude[k].term->amplitude));
      }
      if (sum >= 0 && !RhoGraphEqual(fm->graph, sum, RhoGraphConstant(fm->graph, 0))) noise->fed[c] = PETSC_TRUE;
    }
  PetscFunctionReturn(0);
}

/* ---- life ---- */

static PetscErrorCode Setup(RhoNoise noise) {
  RhoFieldModel fm = noise->fm;
  RhoNode *node[RHO_NOISE_CELL + 1] = {0};
  PetscFunctionBegin;
  if (setjmp(*RhoArenaGuard(fm->arena))) SETERRQ(fm->grid->comm, PETSC_ERR_MEM, "no memory for the noise");
  int *source = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)(CountTerms(fm) + 1));
  Sources(noise, source);
  PetscCheck(noise->nsource <= 2 * RHO_NOISE_BLOCKS, fm->grid->comm, PETSC_ERR_ARG_SIZ, "%d noises are too many",
             noise->nsource);
  for (int k = 0; k <= RHO_NOISE_CELL; k++) {
    if (k < RHO_NOISE_CELL && k >= fm->grid->mesh.ndimension) continue;
    node[k] = Nodes(noise, k, source);
    if (k < RHO_NOISE_CELL) Clips(noise, &noise->kind[k], node[k]);
  }
  FindDrifts(noise);
  PetscCall(Feeds(noise));
  if (fm->spectral) PetscCall(rho_sp_noise_create(noise, node));
  else PetscCall(PlanAmplitudes(noise, node));
  PetscCall(NormalNumbers(noise));
  PetscCall(Sizes(noise));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseCreate(RhoFieldModel fm, PetscReal omega, PetscInt64 seed, RhoNoise *out) {
  RhoNoise noise;
  PetscFunctionBegin;
  *out = NULL;
  if (CountTerms(fm) == 0) PetscFunctionReturn(0);
  PetscCheck(omega > 0, fm->grid->comm, PETSC_ERR_ARG_OUTOFRANGE, "a system size of %g", (double)omega);
  PetscCheck(fm->grid->n[0] < 1 << 30, fm->grid->comm, PETSC_ERR_ARG_SIZ, "%d cells in a row are too many",
             (int)fm->grid->n[0]);
  PetscCall(PetscNew(&noise));
  *out = noise;
  noise->fm = fm;
  noise->omega = omega;
  noise->seed = (uint64_t)seed;
  PetscCall(Setup(noise));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseDestroy(RhoNoise *out) {
  RhoNoise noise = *out;
  PetscFunctionBegin;
  if (!noise) PetscFunctionReturn(0);
  if (noise->spectral) PetscCall(rho_sp_noise_destroy(noise));
  else PetscCall(rho_fv_destroy(noise->fm, &noise->program));
  if (noise->one) RhoTapeDestroy(&noise->one);
  if (noise->two) RhoTapeDestroy(&noise->two);
  for (int k = 0; k < 4; k++) PetscCall(PetscFree(noise->draw[k]));
  for (int k = 0; k <= RHO_NOISE_CELL; k++) PetscCall(PetscFree(noise->kind[k].size));
  PetscCall(PetscFree(noise->x));
  PetscCall(PetscFree(noise->fed));
  PetscCall(PetscFree(noise->share));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}

/* ---- drawing ---- */

/* Which of the block's two noises has the kind use for? */
static int Needed(const Kind *kind, uint32_t block) {
  int needed = 0;
  for (int k = 0; k < kind->n; k++)
    if ((uint32_t)kind->amplitude[k].source / 2 == block) needed |= 1 << kind->amplitude[k].source % 2;
  return needed;
}

/* Uniform numbers of the ghosted cells [from, from + n), row by row. */
static void Uniforms(RhoNoise noise, RhoNoiseCounter *counter, PetscInt from, PetscInt n) {
  RhoGrid grid = noise->fm->grid;
  PetscInt gx = grid->gcount[0];
  for (PetscInt p = from, m; p < from + n; p += m) {
    PetscInt row = p / gx, x = p % gx, j = row % grid->gcount[1], k = row / grid->gcount[1];
    m = PetscMin(gx - x, from + n - p);
    counter->row = (uint32_t)(Wrapped(grid, 1, j) + grid->n[1] * Wrapped(grid, 2, k));
    rho_noise_uniforms(counter, m, noise->x + x, noise->draw[0] + (p - from), noise->draw[1] + (p - from));
  }
}

static void Multiply(PetscInt n, const double *xi, PetscReal factor, const PetscScalar *size,
                     PetscScalar *restrict value) {
  if (size)
    for (PetscInt p = 0; p < n; p++) value[p] *= factor * size[p] * xi[p];
  else
    for (PetscInt p = 0; p < n; p++) value[p] *= factor * xi[p];
}

/* The amplitudes of a block, times the noise, of the cells [from, from + n). */
static void Draw(RhoNoise noise, RhoNoiseCounter *counter, int needed, PetscReal root, PetscInt from, PetscInt n) {
  Kind *kind = &noise->kind[counter->kind];
  const double *in[2] = {noise->draw[0], noise->draw[1]};
  double *out[2] = {noise->draw[2], noise->draw[3]};
  Uniforms(noise, counter, from, n);
  RhoTapeEval(needed & 2 ? noise->two : noise->one, n, in, NULL, out, NULL);
  for (int k = 0; k < kind->n; k++) {
    const Amplitude *a = &kind->amplitude[k];
    if ((uint32_t)a->source / 2 != counter->block) continue;
    Multiply(n, out[a->source % 2], kind->size ? root : root * kind->same, kind->size ? kind->size + from : NULL,
             a->value + from);
  }
}

void rho_noise_range(RhoNoise noise, int kind, PetscInt *from, PetscInt *to) {
  RhoFieldModel fm = noise->fm;
  RhoGrid grid = fm->grid;
  *from = 0;
  *to = 1;
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    *from += grid->halo * fm->stride[d];
    *to += (grid->halo + grid->count[d] - 1) * fm->stride[d];
  }
  if (kind < RHO_NOISE_CELL && !fm->spectral) *from -= fm->stride[kind];
}

static void DrawKind(RhoNoise noise, RhoNoiseCounter *counter, PetscReal root) {
  const Kind *kind = &noise->kind[counter->kind];
  PetscInt from, to;
  rho_noise_range(noise, (int)counter->kind, &from, &to);
  for (counter->block = 0; 2 * (int)counter->block < noise->nsource; counter->block++) {
    int needed = Needed(kind, counter->block);
    for (PetscInt p = from; needed && p < to; p += PIECE)
      Draw(noise, counter, needed, root, p, PetscMin(PIECE, to - p));
  }
}

/* ---- walls ---- */

/* Nothing goes through the faces with ghosted index `at` along d. */
static void Close(RhoNoise noise, int d, PetscInt at) {
  RhoGrid grid = noise->fm->grid;
  PetscInt stride = noise->fm->stride[d], period = stride * grid->gcount[d];
  for (int k = 0; k < noise->kind[d].n; k++)
    for (PetscInt start = at * stride; start < grid->nghosted; start += period)
      memset(noise->kind[d].amplitude[k].value + start, 0, sizeof(PetscScalar) * (size_t)stride);
}

static PetscBool IsWall(RhoGrid grid, int d, int side) {
  if (grid->mesh.dimension[d].boundary != RHO_WALL) return PETSC_FALSE;
  return (PetscBool)(side ? grid->start[d] + grid->count[d] == grid->n[d] : grid->start[d] == 0);
}

/* ---- adding up ---- */

PetscBool rho_noise_row(RhoFieldModel fm, PetscInt number, PetscInt *first, PetscInt *cell) {
  RhoGrid grid = fm->grid;
  PetscInt j = number % grid->count[1], k = number / grid->count[1];
  if (k >= grid->count[2]) return PETSC_FALSE;
  *first = grid->halo;
  if (grid->mesh.ndimension > 1) *first += (j + grid->halo) * fm->stride[1];
  if (grid->mesh.ndimension > 2) *first += (k + grid->halo) * fm->stride[2];
  *cell = number * grid->count[0];
  return PETSC_TRUE;
}

static void AddFaces(PetscInt n, PetscInt nf, PetscReal inverse, const PetscScalar *inside, PetscInt stride,
                     const PetscScalar *J, PetscScalar *restrict du) {
  if (inside)
    for (PetscInt p = 0; p < n; p++) du[p * nf] += inside[p] * (J[p] - J[p - stride]);
  else
    for (PetscInt p = 0; p < n; p++) du[p * nf] += inverse * (J[p] - J[p - stride]);
}

static void AddDrifts(RhoNoise noise, PetscReal dt, PetscInt first, PetscScalar *du) {
  const Kind *cells = &noise->kind[RHO_NOISE_CELL];
  PetscInt nf = noise->fm->grid->nfield;
  for (int k = 0; k < noise->drift.n; k++)
    for (PetscInt p = 0; p < noise->fm->grid->count[0]; p++) {
      PetscReal size = cells->size ? cells->size[first + p] : cells->same;
      du[p * nf + noise->drift.field[k]] += dt * size * size * noise->drift.value[k][first + p];
    }
}

static void AddUp(RhoNoise noise, PetscReal dt, PetscScalar *du) {
  RhoFieldModel fm = noise->fm;
  RhoGrid grid = fm->grid;
  PetscInt nf = grid->nfield, first, cell;
  memset(du, 0, sizeof *du * (size_t)(grid->nowned * nf));
  for (PetscInt number = 0; rho_noise_row(fm, number, &first, &cell); number++) {
    for (int d = 0; d < grid->mesh.ndimension; d++)
      for (int k = 0; k < noise->kind[d].n; k++) {
        const Amplitude *a = &noise->kind[d].amplitude[k];
        const PetscScalar *inside = fm->stretch[d].inside ? fm->stretch[d].inside + first : NULL;
        AddFaces(grid->count[0], nf, 1 / grid->h[d], inside, fm->stride[d], a->value + first,
                 du + cell * nf + a->field);
      }
    for (int k = 0; k < noise->kind[RHO_NOISE_CELL].n; k++) {
      const Amplitude *a = &noise->kind[RHO_NOISE_CELL].amplitude[k];
      for (PetscInt p = 0; p < grid->count[0]; p++) du[(cell + p) * nf + a->field] += a->value[first + p];
    }
    AddDrifts(noise, dt, first, du + cell * nf);
  }
}

/* ---- counts ---- */

/* How many means of a density of neighbours are below zero, n pairs. */
static PetscInt CountBelow(PetscInt n, PetscInt nf, const PetscScalar *left, const PetscScalar *right) {
  PetscInt count = 0;
  for (PetscInt p = 0; p < n; p++) count += left[p * nf] + right[p * nf] < 0;
  return count;
}

/* Owned cells and ghosted ones, of which only the outermost and the ghosts are there (NULL: none are needed). */
typedef struct {
  const PetscScalar *u, *ghosted;
} Cells;

/* Faces behind the owned cells of a row, but for walls; spectral: the cells themselves. */
static void CountFaces(RhoNoise noise, int d, PetscInt row, PetscInt first, PetscInt cell, const Cells *cells) {
  RhoGrid grid = noise->fm->grid;
  const Kind *kind = &noise->kind[d];
  PetscInt index = d == 0 ? grid->count[0] - 1 : d == 1 ? row % grid->count[1] : row / grid->count[1];
  PetscInt nf = grid->nfield, n = grid->count[0], step = d == 0 ? 1 : d == 1 ? n : n * grid->count[1];
  PetscInt inside = index < grid->count[d] - 1 ? n : d == 0 ? n - 1 : 0, outside = IsWall(grid, d, 1) ? 0 : n - inside;
  if (noise->fm->spectral) step = 0, inside = n, outside = 0;
  for (int k = 0; k < kind->nclip; k++) {
    const PetscScalar *x = cells->u + cell * nf + kind->clip[k];
    noise->clipped += CountBelow(inside, nf, x, x + step * nf);
    if (outside == 0) continue;
    x = cells->ghosted + (first + n - outside) * nf + kind->clip[k];
    noise->clipped += CountBelow(outside, nf, x, x + noise->fm->stride[d] * nf);
  }
  noise->faces += (inside + outside) * kind->nclip;
}

static void CountCells(RhoNoise noise, PetscInt cell, const PetscScalar *u) {
  RhoFieldModel fm = noise->fm;
  PetscInt nf = fm->grid->nfield, n = fm->grid->count[0], count = 0;
  for (int i = 0; i < nf; i++) {
    if (fm->eq->model->field[i].kind != RHO_DENSITY) continue;
    const PetscScalar *x = u + cell * nf + i;
    for (PetscInt p = 0; p < n; p++) count += x[p * nf] < 0;
    noise->cells += n;
  }
  noise->negative += count;
}

static void CountRows(RhoNoise noise, const Cells *cells) {
  PetscInt first, cell;
  for (PetscInt row = 0; rho_noise_row(noise->fm, row, &first, &cell); row++) {
    for (int d = 0; d < noise->fm->grid->mesh.ndimension; d++) CountFaces(noise, d, row, first, cell, cells);
    CountCells(noise, cell, cells->u);
  }
}

static PetscErrorCode Count(RhoNoise noise, Vec u) {
  RhoFieldModel fm = noise->fm;
  Cells cells = {NULL, NULL};
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(u, &cells.u));
  if (!fm->spectral) PetscCall(VecGetArrayRead(fm->ulocal, &cells.ghosted));
  CountRows(noise, &cells);
  if (!fm->spectral) PetscCall(VecRestoreArrayRead(fm->ulocal, &cells.ghosted));
  PetscCall(VecRestoreArrayRead(u, &cells.u));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseShares(RhoNoise noise, PetscReal *clipped, PetscReal *negative) {
  PetscInt64 count[4] = {noise->clipped, noise->faces, noise->negative, noise->cells};
  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, count, 4, MPIU_INT64, MPI_SUM, noise->fm->grid->comm));
  *clipped = count[1] > 0 ? (PetscReal)count[0] / (PetscReal)count[1] : 0;
  *negative = count[3] > 0 ? (PetscReal)count[2] / (PetscReal)count[3] : 0;
  noise->clipped = noise->faces = noise->negative = noise->cells = 0;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseSave(RhoNoise noise, PetscReal number[RHO_NOISE_NUMBERS]) {
  PetscInt64 count[RHO_NOISE_NUMBERS] = {noise->clipped, noise->faces,   noise->negative,
                                         noise->cells,   noise->limited, noise->looked};
  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, count, RHO_NOISE_NUMBERS, MPIU_INT64, MPI_SUM, noise->fm->grid->comm));
  for (int k = 0; k < RHO_NOISE_NUMBERS; k++) number[k] = (PetscReal)count[k];
  PetscFunctionReturn(0);
}

/* Shares are of sums over the ranks: rank 0 has all of it. */
void RhoNoiseLoad(RhoNoise noise, const PetscReal number[RHO_NOISE_NUMBERS]) {
  PetscInt64 *count[RHO_NOISE_NUMBERS] = {&noise->clipped, &noise->faces,   &noise->negative,
                                          &noise->cells,   &noise->limited, &noise->looked};
  for (int k = 0; k < RHO_NOISE_NUMBERS; k++) *count[k] = noise->fm->grid->rank ? 0 : (PetscInt64)number[k];
}

/* ---- the step's noise ---- */

static PetscErrorCode Amplitudes(RhoNoise noise, PetscReal t, Vec u) {
  PetscFunctionBegin;
  if (noise->fm->spectral) {
    PetscCall(rho_sp_noise_amplitudes(noise, t, u));
    PetscFunctionReturn(0);
  }
  PetscCall(rho_walls_frame(noise->fm, t, u));
  PetscCall(rho_fv_run(noise->fm, &noise->program, t, u, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseApply(RhoNoise noise, PetscReal t, Vec u, PetscInt64 step, int stage, PetscReal dt, Vec du) {
  RhoFieldModel fm = noise->fm;
  RhoNoiseCounter counter = {.seed = noise->seed, .step = step, .stage = (uint32_t)stage};
  PetscScalar *x;
  PetscFunctionBegin;
  PetscCheck(step >= 0 && step >> 48 == 0 && stage >= 0 && stage < RHO_NOISE_STAGES, fm->grid->comm,
             PETSC_ERR_ARG_OUTOFRANGE, "no random numbers for stage %d of a step", stage);
  PetscCall(Amplitudes(noise, t, u));
  PetscCall(Count(noise, u));
  for (int k = 0; k <= RHO_NOISE_CELL; k++) {
    if (noise->kind[k].n == 0) continue;
    counter.kind = (uint32_t)k;
    DrawKind(noise, &counter, PetscSqrtReal(dt));
    if (k == RHO_NOISE_CELL) continue;
    if (IsWall(fm->grid, k, 0)) Close(noise, k, fm->grid->halo - 1);
    if (IsWall(fm->grid, k, 1)) Close(noise, k, fm->grid->halo + fm->grid->count[k] - 1);
  }
  if (fm->spectral) {
    PetscCall(rho_sp_noise_add(noise, dt, du));
    PetscFunctionReturn(0);
  }
  PetscCall(rho_noise_limit(noise));
  PetscCall(VecGetArrayWrite(du, &x));
  AddUp(noise, dt, x);
  PetscCall(VecRestoreArrayWrite(du, &x));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseTotals(RhoNoise noise, Vec du, PetscReal *amount) {
  PetscBool any = PETSC_FALSE;
  PetscFunctionBegin;
  for (int c = 0; c < noise->fm->eq->nconserved; c++) any = (PetscBool)(any || noise->fed[c]);
  PetscCall(PetscArrayzero(amount, noise->fm->eq->nconserved));
  if (!any) PetscFunctionReturn(0);
  PetscCall(RhoTotals(noise->fm, du, amount, NULL));
  for (int c = 0; c < noise->fm->eq->nconserved; c++)
    if (!noise->fed[c]) amount[c] = 0;
  PetscFunctionReturn(0);
}

/* ---- explaining ---- */

/* Of the first owned cell where the noise has no value; *i: its field. */
static PetscErrorCode FirstBad(RhoNoise noise, Vec du, PetscInt *cell, PetscInt *i) {
  const PetscScalar *x;
  PetscInt nf = noise->fm->grid->nfield;
  PetscFunctionBegin;
  *cell = -1;
  PetscCall(VecGetArrayRead(du, &x));
  for (PetscInt k = 0; k < noise->fm->grid->nowned * nf && *cell < 0; k++) {
    if (isfinite(x[k])) continue;
    *cell = k / nf;
    *i = k % nf;
  }
  PetscCall(VecRestoreArrayRead(du, &x));
  PetscFunctionReturn(0);
}

static PetscErrorCode Describe(RhoNoise noise, Vec u, PetscInt cell, PetscInt i, char *line, size_t n) {
  RhoGrid grid = noise->fm->grid;
  const RhoField *field = &noise->fm->eq->model->field[i];
  const PetscScalar *x;
  char at[160] = "";
  size_t used = 0;
  PetscFunctionBegin;
  PetscInt rest = cell;
  for (int d = 0; d < grid->mesh.ndimension; rest /= grid->count[d++])
    used += (size_t)snprintf(at + used, sizeof at - used, "%s%.40s = %.6g", d ? ", " : "", grid->mesh.dimension[d].name,
                             (double)RhoGridCoordinate(grid, d)[rest % grid->count[d] + grid->halo]);
  PetscCall(VecGetArrayRead(u, &x));
  double value = x[cell * grid->nfield + i];
  snprintf(line, n, "the noise of '%s' has no value at %s", field->name, at);
  used = strlen(line);
  if (isfinite(value)) snprintf(line + used, n - used, ", where it is %.6g", value);
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseExplain(RhoNoise noise, Vec u, Vec du, const char **text) {
  RhoGrid grid = noise->fm->grid;
  PetscMPIInt mine, first;
  PetscInt cell, i = 0;
  char line[512] = "";
  PetscFunctionBegin;
  *text = NULL;
  PetscCall(FirstBad(noise, du, &cell, &i));
  mine = cell < 0 ? grid->size : grid->rank;
  PetscCallMPI(MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, grid->comm));
  if (first == grid->size) PetscFunctionReturn(0);
  if (first == grid->rank) PetscCall(Describe(noise, u, cell, i, line, sizeof line));
  PetscCallMPI(MPI_Bcast(line, (PetscMPIInt)sizeof line, MPI_CHAR, first, grid->comm));
  PetscCall(PetscStrncpy(noise->words, line, sizeof noise->words));
  *text = noise->words;
  PetscFunctionReturn(0);
}
