/* plan.c - from nodes to the steps of a finite-volume program.

   Levels.  A global operator (conv, integral) needs its argument in all cells before its result exists anywhere: phase
   l holds the global operators of depth l.  Inside a segment a local operator of depth l needs its arguments from the
   tape of depth l - 1. Margins.  A local operator reads one layer more than it writes; margins grow from the targets
   towards the inputs, and the grid's halo is the largest one. */
#include "fv.h"

#define CACHE (96 * 1024) /* doubles */

typedef struct {
  RhoFieldModel fm;
  RhoGraph graph;
  FvProgram *program;
  int size;    /* nodes at the start; planning makes no new ones */
  int *margin; /* [size] needed of each node in the segment being planned; -1: not needed */
  int *depth;  /* [size] local depth within the segment */
  int *level;  /* [size] global depth */
} Planner;

static PetscBool IsOperator(RhoNodeInfo info, unsigned set) {
  return (PetscBool)(info.kind == RHO_APPLY && (set >> info.code & 1u));
}

static int MaxI(int a, int b) { return a > b ? a : b; }

/* Arguments come before nodes: one pass down. */
int rho_fv_reach(RhoGraph graph, int nroot, const RhoNode *root, const int *margin, int *work) {
  int top = -1, reach = 0;
  for (int k = 0; k < nroot; k++) top = MaxI(top, root[k]);
  for (int n = 0; n < RhoGraphSize(graph); n++) work[n] = work[n] == RHO_REACH_STOP ? RHO_REACH_STOP : -1;
  for (int k = 0; k < nroot; k++) {
    if (root[k] < 0) continue;
    reach = MaxI(reach, margin[k]);
    if (work[root[k]] != RHO_REACH_STOP) work[root[k]] = MaxI(work[root[k]], margin[k]);
  }
  for (int n = top; n >= 0; n--) {
    if (work[n] < 0) continue;
    RhoNodeInfo info = RhoGraphNode(graph, n);
    int below = IsOperator(info, RHO_GLOBAL_OPERATORS) ? 0 : work[n] + IsOperator(info, RHO_LOCAL_OPERATORS);
    for (int k = 0; k < info.narg; k++) {
      reach = MaxI(reach, below);
      if (work[info.arg[k]] != RHO_REACH_STOP) work[info.arg[k]] = MaxI(work[info.arg[k]], below);
    }
  }
  return reach;
}

/* ---- arrays ---- */

static int AddArray(Planner *p, RhoNode node) {
  FvProgram *g = p->program;
  FvArray *old = g->array;
  if (g->narray % 16 == 0) {
    g->array = RhoArenaAlloc(p->fm->arena, sizeof(FvArray) * (size_t)(g->narray + 16));
    for (int k = 0; k < g->narray; k++) g->array[k] = old[k];
  }
  g->array[g->narray] = (FvArray){.node = node, .scratch = -1, .stride = 1};
  g->array_of[node] = g->narray;
  return g->narray++;
}

static int ScratchArray(Planner *p, RhoNode node) {
  int a = AddArray(p, node);
  p->program->array[a].scratch = 0; /* until Place */
  return a;
}

/* ---- tapes ---- */

static PetscErrorCode MakeTape(Planner *p, int nout, const RhoNode *out, FvStep *step) {
  FvProgram *g = p->program;
  RhoNode *in = RhoArenaAlloc(p->fm->arena, sizeof(RhoNode) * (size_t)(g->narray + 1)), missing = RHO_NONE;
  PetscFunctionBegin;
  step->in = RhoArenaAlloc(p->fm->arena, sizeof(int) * (size_t)(g->narray + 1));
  for (int a = 0; a < g->narray; a++) {
    if (g->array_of[g->array[a].node] != a) continue; /* of an earlier segment */
    in[step->nin] = g->array[a].node;
    step->in[step->nin++] = a;
  }
  step->tape = RhoTapeCreate(p->graph, nout, out, step->nin, in, p->fm->nuniform, p->fm->uniform, &missing);
  PetscCheck(missing < 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "node %d has no meaning for finite volumes", missing);
  PetscCheck(step->tape, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a tape");
  PetscFunctionReturn(0);
}

/* ---- segments ---- */

/* Needs and depths, arguments after nodes: margins flow down, depths flow up. */
static void Needs(Planner *p, int ntarget, const RhoNode *target, const int *margin) {
  for (int n = 0; n < p->size; n++) p->margin[n] = p->depth[n] = -1;
  for (int k = 0; k < ntarget; k++)
    if (target[k] >= 0) p->margin[target[k]] = MaxI(p->margin[target[k]], margin ? margin[k] : 0);
  for (int n = p->size - 1; n >= 0; n--) {
    if (p->margin[n] < 0 || p->program->array_of[n] >= 0) continue;
    RhoNodeInfo info = RhoGraphNode(p->graph, n);
    int more = IsOperator(info, RHO_LOCAL_OPERATORS) ? 1 : 0;
    for (int k = 0; k < info.narg; k++) p->margin[info.arg[k]] = MaxI(p->margin[info.arg[k]], p->margin[n] + more);
  }
  for (int n = 0; n < p->size; n++) {
    if (p->margin[n] < 0) continue;
    RhoNodeInfo info = RhoGraphNode(p->graph, n);
    p->depth[n] = 0;
    if (p->program->array_of[n] >= 0) continue;
    for (int k = 0; k < info.narg; k++) p->depth[n] = MaxI(p->depth[n], p->depth[info.arg[k]]);
    if (IsOperator(info, RHO_LOCAL_OPERATORS)) p->depth[n]++;
  }
}

static FvStepKind KindOf(int op) {
  return op == RHO_OP_LAP ? FV_LAP : op == RHO_OP_DIVGRAD ? FV_DIVGRAD : op == RHO_OP_GDOT ? FV_GDOT : FV_DIFF;
}

/* Is n a local operator at this depth that the segment needs? */
static PetscBool OperatorAt(Planner *p, int n, int depth) {
  return (PetscBool)(p->margin[n] >= 0 && p->depth[n] == depth && p->program->array_of[n] < 0 &&
                     IsOperator(RhoGraphNode(p->graph, n), RHO_LOCAL_OPERATORS));
}

/* The tape that makes the arguments of the operators of one depth, and the largest margin among them. */
static PetscErrorCode ArgumentTape(Planner *p, int depth, FvSegment *segment) {
  RhoNode *out = RhoArenaAlloc(p->fm->arena, sizeof(RhoNode) * (size_t)p->size);
  FvStep *step = &segment->step[segment->nstep];
  PetscFunctionBegin;
  *step = (FvStep){.kind = FV_TAPE};
  for (int n = 0; n < p->size; n++) {
    if (!OperatorAt(p, n, depth)) continue;
    RhoNodeInfo info = RhoGraphNode(p->graph, n);
    for (int k = 0; k < info.narg; k++) {
      PetscBool known = (PetscBool)(p->program->array_of[info.arg[k]] >= 0);
      for (int o = 0; o < step->nout; o++) known = (PetscBool)(known || out[o] == info.arg[k]);
      if (known) continue;
      out[step->nout++] = info.arg[k];
      step->margin = MaxI(step->margin, p->margin[info.arg[k]]);
    }
  }
  if (step->nout == 0) PetscFunctionReturn(0);
  PetscCall(MakeTape(p, step->nout, out, step));
  step->out = RhoArenaAlloc(p->fm->arena, sizeof(int) * (size_t)step->nout);
  for (int o = 0; o < step->nout; o++) step->out[o] = ScratchArray(p, out[o]);
  segment->nstep++;
  PetscFunctionReturn(0);
}

static void OperatorSteps(Planner *p, int depth, FvSegment *segment) {
  for (int n = 0; n < p->size; n++) {
    if (!OperatorAt(p, n, depth)) continue;
    RhoNodeInfo info = RhoGraphNode(p->graph, n);
    FvStep *step = &segment->step[segment->nstep++];
    *step = (FvStep){.kind = KindOf(info.code), .margin = p->margin[n], .attr = info.attr, .nin = info.narg, .nout = 1};
    step->in = RhoArenaAlloc(p->fm->arena, sizeof(int) * (size_t)(info.narg + 1));
    step->out = RhoArenaAlloc(p->fm->arena, sizeof(int));
    for (int k = 0; k < info.narg; k++) step->in[k] = p->program->array_of[info.arg[k]];
    step->out[0] = ScratchArray(p, n);
  }
}

static int CountSteps(Planner *p) {
  int n = 3, deepest = 0;
  for (int k = 0; k < p->size; k++) {
    if (p->margin[k] < 0) continue;
    n++;
    deepest = MaxI(deepest, p->depth[k]);
  }
  return n + deepest;
}

/* The targets that are not arrays already, by one tape at the largest of their margins. */
static PetscErrorCode TargetTape(Planner *p, int ntarget, const RhoNode *target, FvSegment *segment) {
  RhoNode *out = RhoArenaAlloc(p->fm->arena, sizeof(RhoNode) * (size_t)(ntarget + 1));
  FvStep *step = &segment->step[segment->nstep];
  PetscFunctionBegin;
  *step = (FvStep){.kind = FV_TAPE};
  for (int k = 0; k < ntarget; k++) {
    if (target[k] < 0 || p->program->array_of[target[k]] >= 0) continue;
    PetscBool known = PETSC_FALSE;
    for (int o = 0; o < step->nout; o++) known = (PetscBool)(known || out[o] == target[k]);
    if (!known) out[step->nout++] = target[k];
    step->margin = MaxI(step->margin, p->margin[target[k]]);
  }
  if (step->nout == 0) PetscFunctionReturn(0);
  PetscCall(MakeTape(p, step->nout, out, step));
  step->out = RhoArenaAlloc(p->fm->arena, sizeof(int) * (size_t)step->nout);
  for (int o = 0; o < step->nout; o++) step->out[o] = ScratchArray(p, out[o]);
  segment->nstep++;
  PetscFunctionReturn(0);
}

/* The fields that the segment reads, with all their ghosts. */
static void LoadStep(Planner *p, FvSegment *segment) {
  FvProgram *g = p->program;
  FvStep *step = &segment->step[segment->nstep];
  *step = (FvStep){.kind = FV_LOAD, .margin = (int)p->fm->grid->halo};
  step->out = RhoArenaAlloc(p->fm->arena, sizeof(int) * (size_t)(g->nlaid + 1));
  for (int a = 0; a < g->narray; a++)
    if (g->array[a].laid && p->margin[g->array[a].node] >= 0) step->out[step->nout++] = a;
  segment->nstep += step->nout > 0;
}

/* ---- steps that go together ----

   A step that reads of its neighbours nothing that those before it make can follow them block by block, and what is
   read by them alone needs no room but that of a block. */

static PetscBool Among(int n, const int *list, int array) {
  for (int k = 0; k < n; k++)
    if (list[k] == array) return PETSC_TRUE;
  return PETSC_FALSE;
}

static PetscBool Reads(const FvStep *step, int array) {
  for (int k = 0; k < step->nin; k++)
    if (step->in[k] == array) return (PetscBool)(step->kind != FV_TAPE || RhoTapeUses(step->tape, k));
  return PETSC_FALSE;
}

static PetscBool Follows(const FvStep *step, int nbefore, const FvStep *before) {
  for (int k = 0; k < step->nin && step->kind != FV_TAPE; k++)
    for (int b = 0; b < nbefore; b++)
      if (Among(before[b].nout, before[b].out, step->in[k])) return PETSC_FALSE;
  return (PetscBool)(before->kind != FV_LOAD);
}

/* Do only steps [first, end) read the array? */
static PetscBool Brief(const Planner *p, int ntarget, const RhoNode *target, const FvSegment *segment, int first,
                       int end, int array) {
  for (int k = 0; k < ntarget; k++)
    if (target[k] >= 0 && p->program->array_of[target[k]] == array) return PETSC_FALSE;
  for (int s = 0; s < segment->nstep; s++)
    if ((s < first || s >= end) && Reads(&segment->step[s], array)) return PETSC_FALSE;
  return PETSC_TRUE;
}

/* Finds the steps that go together, and room for what they make. */
static void Place(Planner *p, int ntarget, const RhoNode *target, FvSegment *segment) {
  FvProgram *g = p->program;
  int nscratch = g->nlaid;
  for (int first = 0, end; first < segment->nstep; first = end) {
    int nbrief = 0;
    const FvStep *step = &segment->step[first];
    for (end = first + 1; end < segment->nstep && Follows(&segment->step[end], end - first, step); end++)
      segment->step[end].joins = PETSC_TRUE;
    for (int s = first; s < end && step->kind != FV_LOAD; s++)
      for (int o = 0; o < segment->step[s].nout; o++) {
        FvArray *array = &g->array[segment->step[s].out[o]];
        array->brief = Brief(p, ntarget, target, segment, first, end, segment->step[s].out[o]);
        array->scratch = array->brief ? nbrief++ : nscratch++;
      }
    g->nbrief = MaxI(g->nbrief, nbrief);
  }
  g->nscratch = MaxI(g->nscratch, nscratch);
}

static PetscErrorCode PlanSegment(Planner *p, int ntarget, const RhoNode *target, const int *margin,
                                  FvSegment *segment) {
  int deepest = 0;
  PetscFunctionBegin;
  Needs(p, ntarget, target, margin);
  segment->step = RhoArenaAlloc(p->fm->arena, sizeof(FvStep) * (size_t)CountSteps(p));
  LoadStep(p, segment);
  for (int n = 0; n < p->size; n++) deepest = MaxI(deepest, p->depth[n]);
  for (int depth = 1; depth <= deepest; depth++) {
    PetscCall(ArgumentTape(p, depth, segment));
    OperatorSteps(p, depth, segment);
  }
  PetscCall(TargetTape(p, ntarget, target, segment));
  Place(p, ntarget, target, segment);
  PetscFunctionReturn(0);
}

/* Scratch arrays do not outlive their segment. */
static void ForgetScratch(Planner *p) {
  for (int a = 0; a < p->program->narray; a++)
    if (p->program->array[a].scratch >= 0 && !p->program->array[a].laid)
      p->program->array_of[p->program->array[a].node] = -1;
}

/* ---- phases ---- */

static int GlobalLevels(Planner *p, int ntarget, const RhoNode *target) {
  int deepest = 0;
  for (int n = 0; n < p->size; n++) p->margin[n] = -1;
  for (int k = 0; k < ntarget; k++)
    if (target[k] >= 0) p->margin[target[k]] = 0;
  for (int n = p->size - 1; n >= 0; n--) {
    if (p->margin[n] < 0 || p->program->array_of[n] >= 0) continue;
    RhoNodeInfo info = RhoGraphNode(p->graph, n);
    for (int k = 0; k < info.narg; k++) p->margin[info.arg[k]] = 0;
  }
  for (int n = 0; n < p->size; n++) {
    p->level[n] = 0;
    if (p->margin[n] < 0 || p->program->array_of[n] >= 0) continue;
    RhoNodeInfo info = RhoGraphNode(p->graph, n);
    for (int k = 0; k < info.narg; k++) p->level[n] = MaxI(p->level[n], p->level[info.arg[k]]);
    if (IsOperator(info, RHO_GLOBAL_OPERATORS)) p->level[n]++;
    deepest = MaxI(deepest, p->level[n]);
  }
  return deepest;
}

static PetscBool GlobalAt(Planner *p, int n, int level) {
  return (PetscBool)(p->level[n] == level && p->program->array_of[n] < 0 &&
                     IsOperator(RhoGraphNode(p->graph, n), RHO_GLOBAL_OPERATORS));
}

static void CollectGlobals(Planner *p, int level, FvPhase *phase, RhoNode *argument) {
  int count = 0;
  for (int n = 0; n < p->size; n++) count += GlobalAt(p, n, level);
  phase->global = RhoArenaAlloc(p->fm->arena, sizeof(FvGlobal) * (size_t)(count + 1));
  for (int n = 0; n < p->size; n++) {
    if (!GlobalAt(p, n, level)) continue;
    RhoNodeInfo info = RhoGraphNode(p->graph, n);
    FvGlobal *global = &phase->global[phase->nglobal++];
    *global = (FvGlobal){.node = n, .arg = info.arg[0], .op = (RhoOperator)info.code, .attr = info.attr, .forward = -1};
    for (int k = 0; k < phase->nargument; k++)
      if (argument[k] == global->arg) global->forward = k;
    if (global->forward >= 0) continue;
    global->forward = phase->nargument;
    argument[phase->nargument++] = global->arg;
  }
}

static PetscErrorCode ReserveCells(RhoFieldModel fm, PetscInt nargument) {
  PetscFunctionBegin;
  if (nargument <= fm->ncells) PetscFunctionReturn(0);
  PetscCall(PetscFree(fm->cells));
  fm->ncells = nargument;
  PetscCall(PetscCalloc1((size_t)nargument * (size_t)fm->grid->nowned, &fm->cells));
  PetscFunctionReturn(0);
}

static PetscErrorCode PlanPhase(Planner *p, int level, FvPhase *phase) {
  RhoNode *argument = RhoArenaAlloc(p->fm->arena, sizeof(RhoNode) * (size_t)p->size);
  int *saved = RhoArenaAlloc(p->fm->arena, sizeof(int) * (size_t)p->size);
  PetscFunctionBegin;
  CollectGlobals(p, level, phase, argument);
  for (int n = 0; n < p->size; n++) saved[n] = p->level[n];
  PetscCall(PlanSegment(p, phase->nargument, argument, NULL, &phase->segment));
  PetscCall(ReserveCells(p->fm, phase->nargument));
  phase->argument = RhoArenaAlloc(p->fm->arena, sizeof(int) * (size_t)(phase->nargument + 1));
  for (int k = 0; k < phase->nargument; k++) phase->argument[k] = p->program->array_of[argument[k]];
  ForgetScratch(p);
  for (int n = 0; n < p->size; n++) p->level[n] = saved[n];
  PetscCall(RhoGridCompatible(p->fm->grid, phase->nglobal, &phase->da));
  PetscCall(DMCreateGlobalVector(phase->da, &phase->owned));
  PetscCall(DMCreateLocalVector(phase->da, &phase->ghosted));
  PetscCall(VecSet(phase->ghosted, 0.0));
  for (int g = 0; g < phase->nglobal; g++) phase->global[g].array = AddArray(p, phase->global[g].node);
  PetscFunctionReturn(0);
}

/* The result arrays point into the phase's ghosted vector, whose memory does not move. */
static PetscErrorCode PointGlobals(FvProgram *program, FvPhase *phase) {
  PetscScalar *data;
  PetscFunctionBegin;
  PetscCall(VecGetArray(phase->ghosted, &data));
  for (int g = 0; g < phase->nglobal; g++) {
    program->array[phase->global[g].array].data = data + g;
    program->array[phase->global[g].array].stride = phase->nglobal;
  }
  PetscCall(VecRestoreArray(phase->ghosted, &data));
  PetscFunctionReturn(0);
}

/* ---- faces ---- */

static PetscErrorCode PlanFace(Planner *p, const FvPlan *plan, int d) {
  FvProgram *g = p->program;
  int room = 2 * g->ntarget + plan->nkept[d] + 1;
  RhoNode *in = RhoArenaAlloc(p->fm->arena, sizeof(RhoNode) * (size_t)room), missing = RHO_NONE;
  int n = 0;
  PetscFunctionBegin;
  g->nface[d] = plan->nface[d];
  g->face_field[d] = (int *)plan->face_field[d];
  if (plan->nface[d] == 0) PetscFunctionReturn(0);
  g->facein[d] = RhoArenaAlloc(p->fm->arena, sizeof(struct FvFaceInput) * (size_t)room);
  for (int k = plan->nkeep; k < plan->ntarget; k++) {
    for (int side = 0; side < 2; side++) {
      in[n] = side ? rho_face_right(p->graph, plan->target[k]) : rho_face_left(p->graph, plan->target[k]);
      g->facein[d][n++] = (struct FvFaceInput){.array = g->target[k], .right = (PetscBool)side};
    }
  }
  for (int k = 0; k < plan->nkept[d]; k++) {
    in[n] = plan->kept[d][k];
    g->facein[d][n++] = (struct FvFaceInput){.array = -1, .kept = PETSC_TRUE, .face = plan->keptface[d][k]};
  }
  if (p->fm->stretch[d].face) {
    in[n] = p->fm->stretch[d].symbol;
    g->facein[d][n++] = (struct FvFaceInput){.array = -1, .kept = PETSC_TRUE, .face = p->fm->stretch[d].face};
  }
  g->nfacein[d] = n;
  g->face[d] = RhoTapeCreate(p->graph, plan->nface[d], plan->face[d], n, in, p->fm->nuniform, p->fm->uniform, &missing);
  PetscCheck(g->face[d], PETSC_COMM_SELF, PETSC_ERR_PLIB, "face formula of dimension %d: node %d is not a trace", d,
             missing);
  PetscFunctionReturn(0);
}

/* ---- laplacians ---- */

static PetscErrorCode PlanLaplacians(Planner *p, const FvPlan *plan) {
  FvProgram *g = p->program;
  RhoNode *coef = RhoArenaAlloc(p->fm->arena, sizeof(RhoNode) * (size_t)(plan->nlaplacian + 1)), missing = RHO_NONE;
  PetscFunctionBegin;
  g->nlaplacian = plan->nlaplacian;
  g->laplacian = plan->laplacian;
  if (plan->nlaplacian == 0) PetscFunctionReturn(0);
  for (int k = 0; k < plan->nlaplacian; k++) {
    coef[k] = g->laplacian[k].coef;
    g->laplacian[k].array = g->array_of[g->laplacian[k].arg];
  }
  g->coefficients = RhoTapeCreate(p->graph, g->nlaplacian, coef, 0, NULL, p->fm->nuniform, p->fm->uniform, &missing);
  PetscCheck(g->coefficients, PETSC_COMM_SELF, PETSC_ERR_PLIB, "coefficient: node %d is not uniform", missing);
  PetscFunctionReturn(0);
}

/* ---- the program ---- */

static PetscErrorCode Keep(RhoFieldModel fm, FvProgram *g) {
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)g->nkeep + 1, &g->keep));
  for (int k = 0; k < g->nkeep; k++) PetscCall(PetscCalloc1((size_t)fm->grid->nghosted, &g->keep[k]));
  for (int d = 0; d < RHO_MAXDIM; d++) {
    PetscCall(PetscCalloc1((size_t)g->nface[d] + 1, &g->facekeep[d]));
    for (int k = 0; k < g->nface[d]; k++) PetscCall(PetscCalloc1((size_t)fm->grid->nghosted, &g->facekeep[d][k]));
  }
  PetscFunctionReturn(0);
}

/* Rows of a chunk: its arrays should stay in a second cache of a megabyte, and its rows be many more than its ghosts.
 */
static PetscInt Chunk(RhoFieldModel fm, int narray) {
  PetscInt halo = fm->grid->halo, row = fm->rowstride, n = CACHE / (PetscMax(narray, 3) * row) - 2 * halo;
  return PetscMin(PetscMax(n, 4 * halo), fm->grid->count[fm->slow]);
}

static void ArgumentLists(RhoFieldModel fm, const FvPlan *plan, FvProgram *g) {
  int nin = g->narray, nout = MaxI(g->narray, g->nlaplacian);
  for (int d = 0; d < RHO_MAXDIM; d++) {
    nin = MaxI(nin, g->nfacein[d]);
    nout = MaxI(nout, g->nface[d]);
  }
  g->margin = plan->margin;
  g->in = RhoArenaAlloc(fm->arena, sizeof *g->in * (size_t)(nin + 1));
  g->istride = RhoArenaAlloc(fm->arena, sizeof *g->istride * (size_t)(nin + 1));
  g->out = RhoArenaAlloc(fm->arena, sizeof *g->out * (size_t)(nout + 1));
}

static void StartPlanner(Planner *p, RhoFieldModel fm, FvProgram *program, const FvPlan *plan) {
  size_t size = (size_t)RhoGraphSize(fm->graph);
  *p = (Planner){.fm = fm, .graph = fm->graph, .program = program, .size = (int)size};
  p->margin = RhoArenaAlloc(fm->arena, size * sizeof(int));
  p->depth = RhoArenaAlloc(fm->arena, size * sizeof(int));
  p->level = RhoArenaAlloc(fm->arena, size * sizeof(int));
  *program = (FvProgram){.graphsize = (int)size, .sink = plan->sink, .ntarget = plan->ntarget, .nkeep = plan->nkeep};
  program->array_of = RhoArenaAlloc(fm->arena, size * sizeof(int));
  for (size_t n = 0; n < size; n++) program->array_of[n] = -1;
  for (int k = 0; k < plan->ninput; k++) {
    int a = AddArray(p, plan->input[k].node);
    program->array[a].data = plan->input[k].data;
    program->array[a].stride = plan->input[k].stride;
    program->array[a].laid = plan->input[k].laid;
    if (plan->input[k].laid) program->array[a].scratch = program->nlaid++;
  }
}

PetscErrorCode rho_fv_create(RhoFieldModel fm, const FvPlan *plan, FvProgram *program) {
  Planner p;
  PetscFunctionBegin;
  StartPlanner(&p, fm, program, plan);
  program->nphase = GlobalLevels(&p, plan->ntarget, plan->target);
  program->phase = RhoArenaAlloc(fm->arena, sizeof(FvPhase) * (size_t)(program->nphase + 1));
  for (int l = 0; l < program->nphase; l++) PetscCall(PlanPhase(&p, l + 1, &program->phase[l]));
  PetscCall(PlanSegment(&p, plan->ntarget, plan->target, plan->margin, &program->final));
  program->target = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)(plan->ntarget + 1));
  for (int k = 0; k < plan->ntarget; k++)
    program->target[k] = plan->target[k] < 0 ? -1 : program->array_of[plan->target[k]];
  for (int l = 0; l < program->nphase; l++) PetscCall(PointGlobals(program, &program->phase[l]));
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) PetscCall(PlanFace(&p, plan, d));
  PetscCall(PlanLaplacians(&p, plan));
  program->chunk = Chunk(fm, rho_fv_chunk_arrays(program));
  if (plan->sink == FV_TO_ARRAYS) PetscCall(Keep(fm, program));
  ArgumentLists(fm, plan, program);
  rho_fv_bind(fm, program);
  PetscFunctionReturn(0);
}

static void DestroySegment(FvSegment *segment) {
  for (int s = 0; s < segment->nstep; s++)
    if (segment->step[s].tape) RhoTapeDestroy(&segment->step[s].tape);
}

PetscErrorCode rho_fv_destroy(RhoFieldModel fm, FvProgram *g) {
  PetscFunctionBegin;
  (void)fm;
  DestroySegment(&g->final);
  if (g->coefficients) RhoTapeDestroy(&g->coefficients);
  for (int l = 0; l < g->nphase; l++) {
    DestroySegment(&g->phase[l].segment);
    PetscCall(VecDestroy(&g->phase[l].owned));
    PetscCall(VecDestroy(&g->phase[l].ghosted));
    PetscCall(DMDestroy(&g->phase[l].da));
  }
  for (int d = 0; d < RHO_MAXDIM; d++) {
    if (g->face[d]) RhoTapeDestroy(&g->face[d]);
    for (int k = 0; g->facekeep[d] && k < g->nface[d]; k++) PetscCall(PetscFree(g->facekeep[d][k]));
    PetscCall(PetscFree(g->facekeep[d]));
  }
  for (int k = 0; g->keep && k < g->nkeep; k++) PetscCall(PetscFree(g->keep[k]));
  PetscCall(PetscFree(g->keep));
  PetscFunctionReturn(0);
}
