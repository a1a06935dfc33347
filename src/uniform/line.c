/* line.c - the symbol along a line of wavevectors.

   Kernels are expanded once per set of the parameters they depend on (ops/kernel_series.c); a state costs one binding
   of the program, a wave some instructions. */
#include "line.h"
#include <math.h>
#include <string.h>

/* ---- which parameters are the kernels' ---- */

static bool KernelNeeds(RhoEquations eq, const RhoKernel *kernel, RhoNode node) {
  const RhoNode part[] = {kernel->formula, kernel->cutoff, kernel->integral};
  for (int k = 0; k < 3; k++)
    if (part[k] >= 0 && RhoGraphDependsOn(eq->graph, part[k], 1, &node)) return true;
  return false;
}

bool *rho_kernel_matters(RhoEquations eq, RhoArena arena) {
  bool *matters = RhoArenaAlloc(arena, sizeof *matters * ((size_t)eq->nuniform + 1));
  for (int u = 0; u < eq->nuniform; u++)
    for (int k = 0; k < eq->model->nkernel; k++)
      matters[u] = matters[u] || KernelNeeds(eq, &eq->model->kernel[k], eq->uniform[u]);
  return matters;
}

bool rho_kernels_same(RhoEquations eq, const bool *matters, const double *a, const double *b) {
  for (int u = 0; u < eq->nuniform; u++)
    if (matters[u] && a[u] != b[u]) return false;
  return true;
}

static RhoStatus ExpandAll(Line *line, const double *value) {
  int nkernel = line->eq->model->nkernel;
  if (setjmp(*RhoArenaGuard(line->hats))) return RHO_NOMEM;
  line->series = RhoArenaAlloc(line->hats, sizeof *line->series * (size_t)(nkernel + 1));
  for (int k = 0; k < nkernel; k++) {
    RhoStatus status = RhoKernelSeriesCreate(line->eq, line->hats, k, line->dim, value, line->top, &line->series[k]);
    if (status) return status;
  }
  memcpy(line->made, value, sizeof *value * (size_t)line->eq->nuniform);
  line->is_made = true;
  return RHO_OK;
}

static RhoStatus Expand(Line *line, const double *value) {
  RhoArenaDestroy(&line->hats);
  line->is_made = false;
  line->hats = RhoArenaCreate();
  return line->hats ? ExpandAll(line, value) : RHO_NOMEM;
}

/* ---- rows that vanish at q = 0 ---- */

/* Numbers in (1/2, 3/2) that no formula expects (splitmix64, Steele, Lea, Flood 2014). */
static double Arbitrary(unsigned long long *seed) {
  unsigned long long z = *seed += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return 0.5 + (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

/* What vanishes for arbitrary numbers, exactly, vanishes. */
static RhoStatus FindStill(Line *line) {
  RhoEquations eq = line->eq;
  int n = line->n;
  unsigned long long seed = 1;
  double complex A[RHO_LINE_MOST * RHO_LINE_MOST];
  double *value = RhoArenaAlloc(line->arena, sizeof *value * (size_t)(eq->nuniform + n)), *state = value + eq->nuniform;
  RhoWaves origin = {.n = 1};
  for (int i = 0; i < n; i++) line->still[i] = true;
  for (int trial = 0; trial < 3; trial++) {
    for (int k = 0; k < eq->nuniform + n; k++) value[k] = Arbitrary(&seed);
    RhoStatus status = RhoSymbolProgramBind(line->plain, value, state, NULL, NULL);
    if (!status) status = RhoSymbolProgramEval(line->plain, &origin, A);
    if (status) return status;
    for (int k = 0; k < n * n; k++) line->still[k / n] = line->still[k / n] && A[k] == 0;
  }
  return RHO_OK;
}

/* ---- the domain of the formulas ---- */

/* The symbol knows derivatives only, which may be finite where a formula has no value (log(1 - phi) beyond phi = 1). */
static RhoStatus MakeDomain(Line *line) {
  RhoEquations eq = line->eq;
  RhoNode *out = RhoArenaAlloc(line->arena, sizeof *out * (size_t)(2 * line->n + eq->nexchange));
  RhoNode *field = RhoArenaAlloc(line->arena, sizeof *field * (size_t)line->n), missing;
  int n = 0;
  if (setjmp(*RhoArenaGuard(eq->model->arena))) return RHO_NOMEM;
  for (int i = 0; i < line->n; i++) {
    field[i] = eq->model->field[i].symbol;
    if (eq->equation[i].potential >= 0) out[n++] = RhoHomogeneous(eq, eq->equation[i].potential);
    if (eq->equation[i].source >= 0) out[n++] = RhoHomogeneous(eq, eq->equation[i].source);
  }
  for (int e = 0; e < eq->nexchange; e++) out[n++] = RhoHomogeneous(eq, eq->rate[e]);
  line->ndomain = n;
  line->domain = n ? RhoTapeCreate(eq->graph, n, out, line->n, field, eq->nuniform, eq->uniform, &missing) : NULL;
  return line->domain || !n || missing >= 0 ? RHO_OK : RHO_NOMEM;
}

/* Infinite is inside: log(0) of an ideal part. */
static void TestDomain(Line *line, const double *value, const double *state) {
  double result[3 * RHO_LINE_MOST + 64];
  const double *in[RHO_LINE_MOST];
  double *out[3 * RHO_LINE_MOST + 64];
  line->inside = true;
  if (!line->domain || line->ndomain > 3 * RHO_LINE_MOST + 64) return;
  for (int i = 0; i < line->n; i++) in[i] = &state[i];
  for (int k = 0; k < line->ndomain; k++) out[k] = &result[k];
  RhoTapeBind(line->domain, value);
  RhoTapeEval(line->domain, 1, in, NULL, out, NULL);
  for (int k = 0; k < line->ndomain; k++) line->inside = line->inside && !isnan(result[k]);
}

/* ---- life ---- */

void rho_line_turn(Line *line, const double *direction) { memcpy(line->direction, direction, sizeof line->direction); }

RhoStatus rho_line_create(RhoEquations eq, int dim, const double *direction, const double *spacing, double top,
                          Line *line) {
  const double all[RHO_MAXDIM] = {1, 1, 1};
  *line = (Line){.eq = eq, .dim = dim ? dim : eq->model->dim, .n = eq->nfield, .top = top, .arena = RhoArenaCreate()};
  if (!line->arena) return RHO_NOMEM;
  if (eq->uses_coordinate || eq->nfield > RHO_LINE_MOST) return RHO_INPUT;
  if (setjmp(*RhoArenaGuard(line->arena))) return RHO_NOMEM;
  if (spacing) memcpy(line->spacing, spacing, sizeof line->spacing);
  line->matters = rho_kernel_matters(eq, line->arena);
  line->made = RhoArenaAlloc(line->arena, sizeof(double) * (size_t)eq->nuniform);
  RhoWavesLine(eq, line->arena, all, 1, 2, line->one);
  rho_line_turn(line, direction);
  RhoStatus status = RhoSymbolProgramCreate(eq, RHO_PART_ALL, 2, &line->program);
  if (!status) status = RhoSymbolProgramCreate(eq, RHO_PART_ALL, 0, &line->plain);
  if (!status) status = FindStill(line);
  return status ? status : MakeDomain(line);
}

void rho_line_destroy(Line *line) {
  RhoSymbolProgramDestroy(&line->program);
  RhoSymbolProgramDestroy(&line->plain);
  RhoTapeDestroy(&line->domain);
  RhoArenaDestroy(&line->hats);
  RhoArenaDestroy(&line->arena);
}

/* ---- evaluation ---- */

RhoStatus rho_line_bind(Line *line, const double *value, const double *state) {
  bool stand = line->is_made && rho_kernels_same(line->eq, line->matters, line->made, value);
  RhoStatus status = stand ? RHO_OK : Expand(line, value);
  TestDomain(line, value, state);
  if (!status) status = RhoSymbolProgramBind(line->program, value, state, NULL, NULL);
  return status ? status : RhoSymbolProgramBind(line->plain, value, state, NULL, NULL);
}

/* Room is for every direction; those the line has not keep q_d = 0. */
static void SetWaves(Line *line, const double *q, int order, RhoWaves *waves) {
  RhoWavesLineSet(line->eq, line->series, line->direction, q, line->spacing, order, waves);
}

RhoStatus rho_line_at(Line *line, double q, double complex *A) {
  SetWaves(line, &q, 2, line->one);
  return RhoSymbolProgramEval(line->program, line->one, A);
}

void rho_line_scan(Line *line, Scan *scan) {
  const double all[RHO_MAXDIM] = {1, 1, 1};
  RhoWavesLine(line->eq, line->arena, all, scan->n, 0, &scan->waves);
  scan->A = RhoArenaAlloc(line->arena, sizeof *scan->A * (size_t)(scan->n * line->n * line->n));
}

RhoStatus rho_line_fill(Line *line, Scan *scan, bool set) {
  if (set) SetWaves(line, scan->q, 0, &scan->waves);
  return RhoSymbolProgramEval(line->plain, &scan->waves, scan->A);
}
