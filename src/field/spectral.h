/* spectral.h - spectral programs: nodes of the graph -> transforms, products in transform space, tapes over points.
   Private to field.

   The transform of a node is a sum over atoms, pointwise formulas whose values at the points are transformed as a
   whole, each times a uniform number and the symbols of a wave:

     node^ = sum_k c_k w_k(q) atom_k^,   w = product of i, q_d, S = |q|^2, K^(|q|), L_d [q_d = 0]

   Fields (and variations) are atoms whose transforms are known.  An operator inside a formula that is not linear is an
   *input*: its transform is summed and transformed back before the formula is evaluated.  Atoms with the same w are
   added up at the points, so that each distinct w costs one transform; what is linear with uniform coefficients costs
   none. */
#ifndef RHO_SPECTRAL_H
#define RHO_SPECTRAL_H
#include "field_private.h"

enum { SP_FACTORS = 16 }; /* symbols in one product */

/* Codes of symbols of a wave, in a product sorted. */
enum { SP_DIFF, SP_LAP = SP_DIFF + RHO_MAXDIM, SP_MEAN, SP_KERNEL = SP_MEAN + RHO_MAXDIM };

typedef struct {
  int n, code[SP_FACTORS];
} SpWave;

/* coef i^turn wave atom^ */
typedef struct {
  RhoNode atom, coef;
  int turn; /* 0 .. 3 */
  SpWave wave;
} SpPart;

typedef struct {
  int n;
  SpPart *part;
} SpForm;

/* A product of symbols at the modes of the grid, 0 at those that are left out. */
typedef struct {
  SpWave wave;
  PetscReal *at; /* [nmode] */
} SpFactor;

/* coefficient i^turn wave of a field's transform */
typedef struct {
  int field, turn, factor, number; /* number: of the coefficient */
} SpLinear;

/* The transform of one node, ready to be summed. */
typedef struct {
  int nlinear, natom;
  SpLinear *linear;
  struct SpShare {
    int atom, turn, factor;
  } * atom;
  PetscReal **re, **im;   /* [nfield] what the linear parts multiply a field's transform by, [nmode]; NULL: zero */
  const PetscReal *shift; /* NULL, or: of the owner alone, without its factor, shift[nfield] times fields added to it */
  PetscBool unwanted;     /* nobody reads it */
} SpSum;

/* i^turn factor x, as a sum is run */
typedef struct {
  int turn;
  const PetscReal *factor;
  const PetscScalar *x;
} SpTerm;

typedef struct {
  RhoNode node;
  int level;        /* evaluated when the inputs of this level are there */
  int slot;         /* of its level */
  int owner;        /* the target that is made where its transform is made; -1: none */
  PetscScalar *hat; /* its transform; NULL: an owner's */
} SpAtom;

typedef struct {
  RhoNode node;
  int level;
  SpSum sum;
  PetscScalar *at; /* [nowned] */
} SpInput;

/* Known values at the points besides: one double for each owned point, or the same everywhere (stride 0). */
typedef struct {
  RhoNode node;
  const PetscScalar *at;
  PetscInt stride;
} SpKnown;

typedef struct {
  RhoFieldModel fm;
  const RhoNode *field; /* [nfield] symbols whose values are a vector's: fields or variations */
  int nknown;
  SpKnown *known;
  int natom, ninput, ntarget, nlevel, ncoef;
  SpAtom *atom;
  SpInput *input;
  SpSum *target; /* transforms; or */
  int nout;      /* formulas at the points */
  RhoNode *out, *coef;
  RhoTape *tape, last;                      /* [nlevel] atoms of a level; the formulas */
  int **tapein, *ntapein, *lastin, nlastin; /* arrays that each reads: field, known, input, in this order */
  RhoTape coefficients;
  int nmean;
  const RhoNode *mean; /* [nmean] symbols that are uniform, with values set between runs */
  double *meanvalue;
  double *value, **place; /* [ncoef] */
  const double **in;      /* what a tape reads, as it runs */
  long *instride, *outstride;
  PetscBool timed, bound, *reads; /* reads[nfield]: its transform is needed */
  PetscReal time;
} SpProgram;

/* A state: transforms, values at the points, or both. */
typedef struct {
  PetscScalar *const *hat;  /* [nfield]; NULL: made of u */
  const PetscScalar *u;     /* [nowned][nfield]; NULL: made of half, a piece at a time, ... */
  PetscScalar *const *half; /* ... which are hat's copies, and are destroyed */
} SpState;

/* What all programs of a model share. */
typedef struct RhoSpectral_s {
  PetscInt nmode;
  int nfactor;
  SpFactor *factor;
  PetscReal *keep;            /* [nmode] 1, or 0 of modes that are left out */
  PetscInt zero;              /* the mode q = 0, if it is on this rank (1-D: on the first one), else -1 */
  PetscScalar **hat;          /* [nfield] of the state at hand, or on their way back */
  PetscScalar **result;       /* [nfield] of targets */
  PetscScalar *sum;           /* one spectrum on its way back */
  PetscInt nslab, ncell, few; /* as RhoTransformSlabs; a piece is few slabs */
  int npoint;
  PetscScalar **point; /* [npoint] values of a piece: of atoms on their way forth, */
  PetscScalar **field; /* ... [nfield] of fields on their way back */
  PetscScalar *whole;  /* [nowned][nfield] of fields; NULL: was not needed */
  int nterm;
  SpTerm *term; /* [nterm] room for the terms of any sum */
  int nknown;
  SpKnown known[3 * RHO_MAXDIM]; /* coordinates, centres, widths */
  PetscScalar *coordinate[RHO_MAXDIM];
  SpProgram residual;
} * RhoSpectral;

/* ---- spectral_plan.c ---- */

/* A program for the transforms of target[ntarget], or (to_points) their values at the points.  The guard is the
   caller's. */
PetscErrorCode rho_sp_create(RhoFieldModel fm, const RhoNode *field, int nknown, const SpKnown *known, int ntarget,
                             const RhoNode *target, PetscBool to_points, SpProgram *program);
/* The linear parts alone of target[ntarget], with nmean more uniform symbols, whose values are program->meanvalue. */
PetscErrorCode rho_sp_create_linear(RhoFieldModel fm, const RhoNode *field, int nmean, const RhoNode *mean, int ntarget,
                                    const RhoNode *target, SpProgram *program);
PetscErrorCode rho_sp_destroy(SpProgram *program);
/* The node without dot and div(. grad .). */
RhoNode rho_sp_apart(RhoFieldModel fm, RhoNode node);
/* ---- spectral_run.c ---- */

/* Uniform values at time t: factors of linear parts, tapes. */
void rho_sp_bind(SpProgram *program, PetscReal t);
/* out[ntarget]: sums as in target, which is the program's own or one with other linear parts; not scaled, as
   RhoTransformForward has it.  out overlaps no hat.  fm->bad: some point has no value. */
PetscErrorCode rho_sp_transforms(SpProgram *program, PetscReal t, SpState state, const SpSum *target,
                                 PetscScalar **out);
/* Are values of the field wanted at the points, whatever is added there? */
PetscBool rho_sp_reads(const SpProgram *program, int field);
/* out[nout], each at every stride-th number. */
PetscErrorCode rho_sp_values(SpProgram *program, PetscReal t, Vec u, PetscScalar *const *out, PetscInt stride);

/* The linear parts anew, after meanvalue has changed. */
void rho_sp_refill(SpProgram *program, PetscReal t);

/* The first point of this rank (-1: none) where an atom has no value, of the first level at which some rank has one;
   the inputs of that level are there.  Collective. */
PetscErrorCode rho_sp_outside(SpProgram *program, PetscReal t, Vec u, int *level, PetscInt *point);
/* The value at a point of what a tape reads; NaN: nothing of that kind. */
double rho_sp_leaf(const SpProgram *program, const PetscScalar *u, RhoNode node, PetscInt point);

/* ---- spectral.c ---- */

/* The outermost nodes of node[n] that vary in space and below which no variation stands; list[graph size]. */
int rho_sp_states(RhoFieldModel fm, int n, const RhoNode *node, RhoNode *list);
/* The differential of F_i, without dot and div(. grad .). */
RhoNode rho_sp_differential(RhoFieldModel fm, RhoPart part, int field);

PetscBool rho_sp_same_wave(const SpWave *a, const SpWave *b);
/* The number of the product in fm->spectral->factor, made if it is new. */
PetscErrorCode rho_sp_factor(RhoFieldModel fm, const SpWave *wave, int *number);
/* fm->inflow from the transforms of F. */
void rho_sp_inflow(RhoFieldModel fm, PetscScalar *const *F);
/* Room for the values of n atoms, and for sums of nterm terms. */
PetscErrorCode rho_sp_reserve(RhoFieldModel fm, int n, int nterm);
/* Points of a piece. */
PetscInt rho_sp_piece(RhoSpectral s);
/* hat, which is destroyed, at the points, with the transform's scale. */
PetscErrorCode rho_sp_back(RhoFieldModel fm, PetscScalar *hat, PetscScalar *at);
/* The same of all fields. */
PetscErrorCode rho_sp_back_all(RhoFieldModel fm, PetscScalar *const *hat, Vec u);

/* ---- reading.h ---- */

PetscErrorCode rho_sp_residual_create(RhoFieldModel fm);
PetscErrorCode rho_sp_residual_destroy(RhoFieldModel fm);
PetscErrorCode rho_sp_residual(RhoFieldModel fm, PetscReal t, Vec u, Vec F);
PetscErrorCode rho_sp_formulas_create(RhoFieldModel fm, PetscInt n, const RhoNode *node, void **formulas);
PetscErrorCode rho_sp_formulas_destroy(void **formulas);
PetscErrorCode rho_sp_formulas_eval(void *formulas, PetscReal t, Vec u, Vec out);
PetscErrorCode rho_sp_tangent_create(RhoFieldModel fm, RhoPart part, void **tangent);
PetscErrorCode rho_sp_tangent_destroy(void **tangent);
PetscErrorCode rho_sp_tangent_set(void *tangent, PetscReal t, Vec u);
PetscErrorCode rho_sp_tangent_apply(void *tangent, Vec v, Vec Lv);
PetscBool rho_sp_tangent_constant(void *tangent);

#endif
