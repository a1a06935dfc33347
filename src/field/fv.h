/* fv.h - finite-volume programs: nodes of the graph -> steps over chunks of cells.  Private to field.

   A program has
     inputs    ghosted arrays known before it runs: fields, variations, coordinates, saved coefficients
     phases    global operators (convolutions, integrals over a dimension), level by level: a segment that computes
               their arguments, the operators, the exchange of ghosts
     final     a segment that computes the cell targets (traces that faces read, sources)
     faces     for each dimension a tape over the traces left and right of a face
     sink      what becomes of the outputs

   A segment is a list of steps run chunk by chunk (whole rows of the slowest dimension), so that what lies between
   stays in cache.  Ghosts are evaluated rather than exchanged: a local operator costs one ghost layer (its margin), see
   plan.c. */
#ifndef RHO_FV_H
#define RHO_FV_H
#include "reading.h"

#define FV_BLOCK 1024 /* cells of a brief array */

typedef struct {
  RhoNode node;
  PetscScalar *data; /* value of cell p at data[p*stride], p in the ghosted numbering; unused for scratch */
  PetscInt stride;
  int scratch;     /* >= 0: number of a chunk array, or of a brief one */
  PetscBool brief; /* holds a block only: read by the steps that the one that makes it goes together with */
  PetscBool laid;  /* of a field: into a chunk array, the owned cells from the run's vector, ghosts from data */
} FvArray;

typedef enum { FV_LOAD, FV_TAPE, FV_LAP, FV_DIVGRAD, FV_GDOT, FV_DIFF } FvStepKind;

typedef struct {
  FvStepKind kind;
  int margin;      /* rows beyond the chunk on either side */
  PetscBool joins; /* goes together with the step before, block by block */
  RhoTape tape;    /* FV_TAPE */
  int nin, nout, attr;
  int *in, *out; /* numbers of arrays */
} FvStep;

typedef struct {
  int nstep;
  FvStep *step;
} FvSegment;

typedef struct {
  RhoNode node, arg;
  RhoOperator op;  /* CONV or INTEGRAL */
  int attr, array; /* where the result is read */
  int forward;     /* number of the transform of its argument within the phase */
} FvGlobal;

typedef struct {
  FvSegment segment;
  int nglobal, nargument;
  FvGlobal *global;
  int *argument; /* [nargument] arrays of distinct arguments */
  DM da;         /* nglobal unknowns per cell */
  Vec owned, ghosted;
} FvPhase;

/* coef*div(grad(arg)) with a coefficient that is the same everywhere: a stencil of its own instead of fluxes */
typedef struct {
  int field;
  RhoNode coef, arg; /* coef uniform; arg a trace */
  int array;         /* of arg */
  PetscReal value;   /* of coef, when bound */
} FvLaplacian;

/* walls.c: what flows through the wall faces of one field */
typedef enum {
  FV_WALL_CLOSED, /* nothing                                      */
  FV_WALL_MIRROR, /* what the face formula says; nothing in sum   */
  FV_WALL_OPEN,   /* what the face formula says                   */
  FV_WALL_GIVEN   /* plane[], a number for each face of the wall  */
} FvWallKind;
typedef struct {
  FvWallKind kind;
  const PetscReal *plane;
} FvWallFlux;
typedef struct FvWalls_s *FvWalls;
typedef struct FvWallTangent_s *FvWallTangent;

typedef enum {
  FV_TO_DIVERGENCE, /* cell targets are sources, face outputs fluxes of fields, over h where cells are equal:
                       F = source - div J */
  FV_TO_ARRAYS,     /* cell and face outputs are kept in ghosted arrays (coefficients of a tangent)   */
  FV_TO_CELLS       /* cell targets into a global vector                                              */
} FvSink;

typedef struct {
  int narray, nlaid, nscratch, nbrief, graphsize; /* chunk arrays: the first nlaid are the fields, in every segment */
  FvArray *array;
  int *array_of; /* [graphsize] array that holds a node, or -1 */
  int nphase;
  FvPhase *phase;
  FvSegment final;
  int ntarget, nkeep;          /* nkeep: leading targets that the sink takes; the others are traces */
  int *target;                 /* [ntarget] array of each cell target; -1: identically zero (no source) */
  PetscScalar **keep;          /* FV_TO_ARRAYS: [ntarget] ghosted arrays (owned) */
  int nface[RHO_MAXDIM];       /* outputs of the face tape of each dimension */
  int *face_field[RHO_MAXDIM]; /* FV_TO_DIVERGENCE: field of each output */
  RhoTape face[RHO_MAXDIM];
  int nfacein[RHO_MAXDIM];
  struct FvFaceInput {
    int array;
    PetscBool right, kept;
    PetscScalar *face;
  } * facein[RHO_MAXDIM];
  PetscScalar *
      *facekeep[RHO_MAXDIM]; /* FV_TO_ARRAYS: [nface] ghosted arrays (owned); face p lies between p and p + stride */
  int nlaplacian;
  FvLaplacian *laplacian; /* FV_TO_DIVERGENCE */
  RhoTape coefficients;   /* of them, without inputs */
  FvSink sink;
  PetscInt chunk;         /* rows per chunk */
  const FvWallFlux *wall; /* FV_TO_DIVERGENCE: [nfield][RHO_MAXDIM][2] */
  PetscBool counted;      /* what flows in through walls is added up in fm->inflow */
  const int *margin;      /* [ntarget] of the cell targets; NULL: none has any */
  const double **in;      /* argument lists of the tapes, filled as they run */
  double **out;
  long *istride;
} FvProgram;

/* What a program is made from. */
typedef struct {
  FvSink sink;
  int ninput;
  const FvArray *input;
  int ntarget, nkeep;    /* the sink takes the first nkeep */
  const RhoNode *target; /* RHO_NONE allowed among those */
  const int *margin;
  int nface[RHO_MAXDIM];
  const RhoNode *face[RHO_MAXDIM]; /* nodes over L/R symbols and kept face symbols */
  const int *face_field[RHO_MAXDIM];
  int nlaplacian;
  FvLaplacian *laplacian;
  int nkept[RHO_MAXDIM]; /* symbols that stand for kept face arrays */
  const RhoNode *kept[RHO_MAXDIM];
  PetscScalar **keptface[RHO_MAXDIM];
} FvPlan;

/* What stands for 1/h along a dimension with unequal cells; the arrays are NULL along others. */
typedef struct {
  RhoNode symbol;             /* in face formulas: 1/distance of the two cells */
  PetscScalar *face, *inside; /* [nghosted] 1/distance of cells p and p + stride; 1/width of cell p */
} FvStretch;

struct RhoFieldModel_s {
  const RhoReading *reading;
  struct RhoSpectral_s *spectral; /* of that discretisation */
  PetscBool dealias;
  RhoEquations eq;
  RhoGraph graph;
  RhoGrid grid;
  RhoArena arena; /* graph-side memory of the programs: the model's */
  int nuniform;   /* eq->nuniform, then 1/h (unless stretched) and the extent of each dimension */
  RhoNode *uniform;
  double *value;                     /* [nuniform] */
  double time;                       /* the tapes are bound to this t */
  PetscInt stride[RHO_MAXDIM], slow; /* neighbour distances in the ghosted numbering; slowest used dimension */
  PetscInt rowstride;                /* cells of one row (plane, cell) of the slowest dimension */
  PetscInt maxhalo;
  int ncoordinate, nexpanded;
  FvArray coordinate[3 * RHO_MAXDIM]; /* coordinates and widths [nexpanded], with memory of their own; then centres */
  FvStretch stretch[RHO_MAXDIM];      /* of dimensions with unequal cells */
  FvWalls walls;
  struct FvSum {
    PetscReal sum, lost;
  } * inflow;             /* [nfield]: into each field through the walls of this rank, by the last residual */
  RhoTransform transform; /* made when first needed */
  PetscReal **kernel;     /* [nkernel] K^ times the transform's scale, or NULL */
  PetscScalar *spectrum, *product, *cells;
  Vec ulocal;                 /* finite volumes: the ghosts of a state, */
  PetscObjectId framed;       /* ... which one, */
  PetscObjectState framed_as; /* ... and as which of its states */
  FvProgram residual;
  PetscScalar *memory, *scratch; /* allocated; aligned in there */
  PetscInt nscratch;             /* doubles */
  PetscInt ncells;               /* arguments that cells[ncells*nowned] has room for */
  PetscScalar *rows;             /* [nfield][nrow]: one row of each field */
  PetscInt nrow;
  PetscBool counted;                  /* something flows in through walls, or out of sources */
  PetscBool bad;                      /* a NaN or infinity was met on this rank */
  struct RhoFreeEnergyPart_s *energy; /* made when first asked for */
  char explanation[512];
};

/* walls.c */
PetscErrorCode rho_walls_create(RhoFieldModel fm);
PetscErrorCode rho_walls_destroy(RhoFieldModel fm);
PetscBool rho_walls_agree(RhoEquations eq, const RhoMesh *mesh, RhoDiag diag);
PetscBool rho_walls_any(RhoFieldModel fm); /* conditions or mirrors, other than no flux */
/* Does something flow through this wall that reads what stands beyond it? */
PetscBool rho_walls_beyond(RhoFieldModel fm, int d, int side);
PetscBool rho_walls_open(RhoFieldModel fm, int field); /* something may flow through some wall */
const RhoGhostRule *rho_walls_rule(RhoFieldModel fm);
const RhoGhostRule *rho_walls_linear(RhoFieldModel fm, PetscBool local); /* local: without mirror images */
const FvWallFlux *rho_walls_flux(RhoFieldModel fm);
PetscErrorCode rho_walls_update(RhoFieldModel fm, PetscReal t);
/* fm->ulocal: its ghosts, unless they are those of u already; all of it. */
PetscErrorCode rho_walls_frame(RhoFieldModel fm, PetscReal t, Vec u);
PetscErrorCode rho_walls_local(RhoFieldModel fm, PetscReal t, Vec u);
PetscErrorCode rho_walls_fluxes(RhoFieldModel fm, PetscReal t, Vec local);
/* A value or slope (flux: a flux) at this rank's walls that is no number in the last residual, in words. */
PetscBool rho_walls_explain(RhoFieldModel fm, PetscBool flux, RhoText text);
PetscErrorCode rho_wall_tangent_create(RhoFieldModel fm, FvWallTangent *out);
PetscErrorCode rho_wall_tangent_destroy(RhoFieldModel fm, FvWallTangent *out);
const FvWallFlux *rho_wall_tangent_flux(FvWallTangent t);
PetscBool rho_wall_tangent_any(FvWallTangent t);
PetscErrorCode rho_wall_tangent_set(RhoFieldModel fm, FvWallTangent t, PetscReal time, Vec ulocal);
PetscErrorCode rho_wall_tangent_apply(RhoFieldModel fm, FvWallTangent t, Vec vlocal);
/* Symbols of the two cells at a face (face.c). */
RhoNode rho_face_left(RhoGraph graph, RhoNode node);
RhoNode rho_face_right(RhoGraph graph, RhoNode node);
/* Half their sum; a node that is the same in all cells itself. */
RhoNode rho_face_mean(RhoGraph graph, RhoNode node);
/* The cell node a symbol stands for, or RHO_NONE; *right. */
RhoNode rho_face_cell(RhoGraph graph, RhoNode symbol, PetscBool *right);
/* Is term coef*grad(arg) in every direction with the same coef everywhere? */
PetscBool rho_face_uniform(RhoFieldModel fm, const RhoTerm *term);
/* flux of one term through a face of dimension d, over h where cells are equal; RHO_NONE if the term has none there. */
RhoNode rho_face_flux(RhoFieldModel fm, const RhoTerm *term, int d);
/* log(u) of a fitted term whose formula has it and whose u is not declared a density; RHO_NONE of other terms. */
RhoNode rho_face_logarithm(RhoFieldModel fm, const RhoTerm *term);
/* u, NaN where it is negative. */
RhoNode rho_face_not_negative(RhoGraph graph, RhoNode u);
RhoNode rho_face_sum(RhoFieldModel fm, int field, int d);
/* The source of a field with its exchanges; RHO_NONE. */
RhoNode rho_source_node(RhoFieldModel fm, int field);
/* and its differential; RHO_NONE. */
RhoNode rho_source_differential(RhoFieldModel fm, RhoPart part, int field);

PetscErrorCode rho_fv_create(RhoFieldModel fm, const FvPlan *plan, FvProgram *program);
PetscErrorCode rho_fv_destroy(RhoFieldModel fm, FvProgram *program);
/* u: the vector whose ghosts (RhoGridFrameBy) are in the local one of rho_fv_inputs.  F: FV_TO_DIVERGENCE,
   FV_TO_CELLS. */
PetscErrorCode rho_fv_run(RhoFieldModel fm, FvProgram *program, PetscReal t, Vec u, Vec F);
int rho_fv_chunk_arrays(const FvProgram *program); /* arrays of a chunk */
void rho_fv_bind(RhoFieldModel fm, FvProgram *program);
PetscErrorCode rho_fv_globals(RhoFieldModel fm, FvProgram *program, FvPhase *phase);
PetscErrorCode rho_fv_transform(RhoFieldModel fm);
/* [nmode] K^ times the transform's scale. */
PetscErrorCode rho_fv_kernel(RhoFieldModel fm, int kernel, const PetscReal **factor);
/* Largest margin at which root[nroot], needed in so many layers of ghosts each, read what they are made from.  RHO_NONE
   allowed.  work[graph size] is overwritten, but for nodes marked RHO_REACH_STOP, below which nothing is looked at
   (plan.c). */
#define RHO_REACH_STOP (-2)
int rho_fv_reach(RhoGraph graph, int nroot, const RhoNode *root, const int *margin, int *work);

/* [graph size] >= 0: the equations are made from this node (field.c). */
int *rho_fv_reached(RhoEquations eq);

#define RHO_LOCAL_OPERATORS (1u << RHO_OP_LAP | 1u << RHO_OP_DIVGRAD | 1u << RHO_OP_GDOT | 1u << RHO_OP_DIFF)
#define RHO_GLOBAL_OPERATORS (1u << RHO_OP_CONV | 1u << RHO_OP_INTEGRAL)

#endif
