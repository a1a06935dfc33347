/* field.h - a model on a grid: residual, tangent, stiff part, totals, free energy.
   Layer field (uses grid, ops; PETSc).  Theory: src/README.md, "Finite volumes".

   The same term graph, read with finite volumes: cell averages, one flux per face shared by its two cells,
     GRADIENT   J_f = <c> (e_R - e_L)/h
     FITTED     J_f = (<m><T>/h) [B(d) u_L - B(-d) u_R],  d = (w_R - w_L)/<T>
     ADVECTIVE  J_f = <c>
   <.> the arithmetic mean of the two cells, B(z) = z/(e^z - 1). */
#ifndef RHOFLUX_FIELD_H
#define RHOFLUX_FIELD_H
#include "rhoflux/grid.h"
#include "rhoflux/ops.h"

typedef struct RhoFieldModel_s *RhoFieldModel; /* one model, bound to parameters, on one grid; owns its work arrays */

/* Cells of ghosts that the model's operators need, and those of the cell formulas node[n]; for RhoGridCreate. */
PetscInt RhoFieldHalo(RhoEquations eq);
PetscInt RhoFormulasHalo(RhoEquations eq, PetscInt n, const RhoNode *node);
/* Can the model stand on the mesh, with a halo of so many cells?  Reports what the two do not agree on: dimensions by
   name and number, dimensions with too few cells, convolutions where cells are stretched. */
bool RhoFieldFits(RhoEquations eq, const RhoMesh *mesh, PetscInt halo, RhoDiag diag);
/* The last of these for cell formulas node[n]. */
bool RhoFormulasFit(RhoEquations eq, PetscInt n, const RhoNode *node, const RhoMesh *mesh, RhoDiag diag);
/* Can the kernels of the equations?  One that is stated to reach further than half a period, or than from wall to wall,
   would meet its own images; one of q must have a value at the largest |q| of the mesh.  Reports. */
bool RhoKernelsFit(RhoEquations eq, const RhoMesh *mesh, const double *value, RhoDiag diag);
/* Conditions at walls come from eq->model.  The grid must have nfield = the model's and at least that halo.
   value[nuniform] from RhoEquationsBind; kept by copy. diag gets what the mesh and the model do not agree on
   (dimensions by name); *out NULL then.  Collective. */
PetscErrorCode RhoFieldCreate(RhoEquations eq, RhoGrid grid, const double *value, RhoDiag diag, RhoFieldModel *out);
/* The same with the spectral discretisation: fields are trigonometric polynomials, known by their values at the centres
   of the cells; all that is said of cells below is true of these points.  All dimensions periodic with equal cells,
   else reported.  dealias: without modes from a third of the cells on (products of two fields are then exact).  One
   mode less than the cells could hold is left out anyway, that at the edge of an even number. */
PetscErrorCode RhoFieldCreateSpectral(RhoEquations eq, RhoGrid grid, const double *value, PetscBool dealias,
                                      RhoDiag diag, RhoFieldModel *out);
bool RhoSpectralFits(const RhoMesh *mesh, RhoDiag diag); /* reports */
PetscBool RhoFieldIsSpectral(RhoFieldModel fm);
/* u without what the discretisation leaves out: what a run has to start with.  Finite volumes: as it is.  Collective.
 */
PetscErrorCode RhoFieldRepresent(RhoFieldModel fm, Vec u);
PetscErrorCode RhoFieldDestroy(RhoFieldModel *fm);
RhoGrid RhoFieldGrid(RhoFieldModel fm);
RhoEquations RhoFieldEquations(RhoFieldModel fm);

/* F = -div J(u) + R(u, t)                                                               [field/time]
     u, F  global vectors of grid->da, u[k][j][i][field], cell averages                 [field]
   Collective.  Allocates nothing.  Sums of conserved combinations vanish to round-off (no flux through walls). */
PetscErrorCode RhoResidual(RhoFieldModel fm, PetscReal t, Vec u, Vec F);
/* Whether the last residual or tangent met a NaN or infinity on any rank.  Collective (one reduction). */
PetscErrorCode RhoFieldDomain(RhoFieldModel fm, PetscBool *left);
/* Says where and why: the first cell (global order) whose formula leaves its domain in state u: "log(-0.3) at x = 1.2:
   rho[a] = -0.3". text in fm, valid until the next call.  Collective. */
PetscErrorCode RhoFieldExplain(RhoFieldModel fm, PetscReal t, Vec u, const char **text);

/* The exact derivative of RhoResidual about u, or its stiff local part: coefficients and convolutions frozen
   (u -> argument gradients, pointwise reactions).  Set computes and keeps every coefficient; Apply is linear in v. */
typedef struct RhoTangent_s *RhoTangent;
PetscErrorCode RhoTangentCreate(RhoFieldModel fm, RhoPart part, RhoTangent *tangent);
PetscErrorCode RhoTangentDestroy(RhoTangent *tangent);
PetscErrorCode RhoTangentSet(RhoTangent tangent, PetscReal t, Vec u);
PetscErrorCode RhoTangentApply(RhoTangent tangent, Vec v, Vec Lv);
/* No coefficient depends on the state or the place: the transform diagonalises it. */
PetscBool RhoTangentConstant(RhoTangent tangent);
/* F(u) = L(u) u, L the stiff tangent about u, for every u (proved on the graph; walls closed): it leaves no remainder.
 */
PetscBool RhoTangentWhole(RhoTangent tangent);
/* Assembles into a matrix of grid->da (DMCreateMatrix): coloured, from RhoTangentApply; local parts only (PART_STIFF).
 */
PetscErrorCode RhoTangentAssemble(RhoTangent tangent, Mat *matrix);

/* ---- the dissipative symbol as a solver
   ------------------------------------------------------------------------------ M = (shift - A(q))^-1 in transform
   space, A the stiff symbol with its coefficients averaged over cells of u and its growing part cut off; exact when
   RhoTangentConstant. */
typedef struct RhoSymbolSolver_s *RhoSymbolSolver;
enum { RHO_SYMBOL_MOST = 16 }; /* fields: a dense matrix for every mode */
PetscErrorCode RhoSymbolSolverCreate(RhoTangent tangent, RhoSymbolSolver *solver);
PetscErrorCode RhoSymbolSolverDestroy(RhoSymbolSolver *solver);
/* Collective.  Samples the state about which the tangent was set. */
PetscErrorCode RhoSymbolSolverSet(RhoSymbolSolver solver, Vec u, PetscReal shift);
PetscErrorCode RhoSymbolSolverShift(RhoSymbolSolver solver, PetscReal shift);
PetscErrorCode RhoSymbolSolverApply(RhoSymbolSolver solver, Vec b, Vec x);
/* A v itself: the dissipative operator whose solver this is. */
PetscErrorCode RhoSymbolSolverMultiply(RhoSymbolSolver solver, Vec v, Vec Av);

/* ---- the equations in transform space ------------------------------------------------------------------------------

     d_t u^ = A u^ + N^(u, t),   A(q) an nfield x nfield matrix for each mode that depends on neither place nor time

   A + N is the whole residual whatever A is: N^ = F^(u) - A u^.  src/field/modal.c */
typedef struct RhoModal_s *RhoModal;
typedef struct {
  PetscInt nmode, width, nfield; /* of this rank; numbers per mode, 2: complex, 1: real */
  PetscInt pitch;                /* RhoModesPitch(nmode): tables have zeros behind their nmode numbers */
  const PetscReal *A, *B;        /* [nfield][nfield][pitch], real parts and imaginary ones; B NULL: none (width 2) */
  const PetscReal *weight;       /* [nmode] as RhoTransformWeight */
  PetscReal scale;               /* sum over cells of u v = scale sum over ranks and modes of weight Re(U conj V) */
  PetscInt mean;                 /* the mode of the mean; -1: another rank has it */
  PetscBool constant;            /* A is the same about any state, at any time */
  const PetscBool *back;         /* [nfield] N is made of values of this field, which has to come back for it */
  const PetscBool *linear;       /* [nfield] A is all there is of that row, at any time: N^ is zero, and is not set */
  PetscReal **factor;            /* [nfield][pitch] N^ is so much times what Rest gives of that row; NULL: once that */
} RhoModes;
#define RhoModesA(modes, i, j) ((modes)->A + ((i) * (modes)->nfield + (j)) * (modes)->pitch)
#define RhoModesB(modes, i, j) ((modes)->B + ((i) * (modes)->nfield + (j)) * (modes)->pitch)

/* Why there is none; NULL: there is.  All dimensions of equal cells, periodic or between walls of no flux. */
const char *RhoModalRefuses(RhoFieldModel fm);
/* PETSC_ERR_SUP where that refuses.  A is zero until it is set.  Collective, as all that follow but Modes, Spectra. */
PetscErrorCode RhoModalCreate(RhoFieldModel fm, RhoModal *modal);
PetscErrorCode RhoModalDestroy(RhoModal *modal);
/* A about this state: the stiff symbol with its coefficients averaged over cells, growing modes included.  What Rest
   gave of n states (hat[k], N[k]) before becomes what it would give now. */
PetscErrorCode RhoModalSet(RhoModal modal, PetscReal t, Vec u, int n, PetscScalar **const *hat, PetscScalar **const *N);
const RhoModes *RhoModalModes(RhoModal modal); /* valid as long as it, A until it is set again */
/* hat[nfield], arrays from RhoTransformSpectrum; only these may be transformed. */
PetscErrorCode RhoModalSpectra(RhoModal modal, PetscScalar ***hat);
PetscErrorCode RhoModalFreeSpectra(RhoModal modal, PetscScalar ***hat);
/* [nfield] room for what a transform destroys, until the next call of Backward or RestOf. */
PetscScalar **RhoModalHalf(RhoModal modal);
PetscErrorCode RhoModalForward(RhoModal modal, Vec u, PetscScalar **hat);
/* hat is kept; Backward(Forward(u)) = u. */
PetscErrorCode RhoModalBackward(RhoModal modal, PetscScalar **hat, Vec u);
/* N = F^(u) - A hat, A once set, with hat = Forward(u), known to the caller: without its factor, where a row has one;
   of linear rows it is left as it is: zero, in arrays that are new.  RhoFieldDomain, RhoInflow as after RhoResidual. */
PetscErrorCode RhoModalRest(RhoModal modal, PetscReal t, Vec u, PetscScalar **hat, PetscScalar **N);
/* The same of u = Backward(hat), of which only what N is made of is brought back, and nothing kept.  half: a copy of
   hat, which is destroyed; NULL: it is made. */
PetscErrorCode RhoModalRestOf(RhoModal modal, PetscReal t, PetscScalar **hat, PetscScalar **half, PetscScalar **N);
/* How much A depends on the state: the largest |A' - A| over modes relative to the largest |A|, A' about states with
   half and twice the densities, and other fields moved by (1 + |u|)/2; infinity: A' has no value.  A is about u then.
 */
PetscErrorCode RhoModalVariation(RhoModal modal, PetscReal t, Vec u, PetscReal *variation);

/* ---- noise ------------------------------------------------------------------------------------------------------- */

/* The white noises of the model (models/README.md, "Noise") in discrete time, amplitudes at the state given: Ito; of
   Stratonovich noises du has their drift as well.
     du_i = sum_k [div(g_ik xi_k) + h_ik eta_k] sqrt(dt/(Omega V)),   xi, eta of normal distribution, V of face and cell
   omega: particles per unit of the fields' own amount, by which the noise of all fields is 1/sqrt(omega) of what the
   model says.  xi is a function of (seed, step, stage, face or cell, white noise) alone: the same bits on any ranks.
   The noise of fluxes moves exactly: sums of du over cells vanish to round-off, walls of whatever condition are closed.
   Fields of kind density enter amplitudes as max(., 0); fields themselves are never clipped.  src/field/noise.c */
typedef struct RhoNoise_s *RhoNoise;
/* *noise NULL: the model has none.  Collective. */
PetscErrorCode RhoNoiseCreate(RhoFieldModel fm, PetscReal omega, PetscInt64 seed, RhoNoise *noise);
PetscErrorCode RhoNoiseDestroy(RhoNoise *noise);
/* du [field], a global vector as u.  0 <= step < 2^48, 0 <= stage < 16.  Collective.  Allocates nothing. */
PetscErrorCode RhoNoiseApply(RhoNoise noise, PetscReal t, Vec u, PetscInt64 step, int stage, PetscReal dt, Vec du);
/* amount[nconserved]: what du adds to the totals by the noise of cells; 0 where that cancels.  Collective. */
PetscErrorCode RhoNoiseTotals(RhoNoise noise, Vec du, PetscReal *amount);
/* Since they were asked for last: the share of faces at which the mean of a density was below zero and counted as zero,
   and of the densities' cells with values below zero.  Collective. */
PetscErrorCode RhoNoiseShares(RhoNoise noise, PetscReal *clipped, PetscReal *negative);
/* The next RhoNoiseApply takes from no cell more of a density than stock (as u; not owned) has there, 0 where that is
   negative: with du from it, stock + du is nowhere below zero where stock is not, totals as exact as ever.  Biased:
   src/field/noise_limit.c.  PETSC_ERR_SUP: the spectral discretisation. */
PetscErrorCode RhoNoiseLimit(RhoNoise noise, Vec stock);
/* The share of the densities' cells where that was less than drawn, since it was asked for last.  Collective. */
PetscErrorCode RhoNoiseLimited(RhoNoise noise, PetscReal *share);
/* What these shares are made of, on all ranks together: to be kept beside the state, so that a run gone on with has the
   same ones.  Save is collective; Load takes the same numbers on all ranks, in place of what was counted. */
enum { RHO_NOISE_NUMBERS = 6 };
PetscErrorCode RhoNoiseSave(RhoNoise noise, PetscReal number[RHO_NOISE_NUMBERS]);
void RhoNoiseLoad(RhoNoise noise, const PetscReal number[RHO_NOISE_NUMBERS]);
/* In words the first cell where du is no number, u being the state it was made for; NULL: there is none.  Collective.
 */
PetscErrorCode RhoNoiseExplain(RhoNoise noise, Vec u, Vec du, const char **text);

/* ---- entropy production of a noisy run ----------------------------------------------------------------------------

   The work of the deterministic forces, of Stratonovich's kind,  W = -omega sum_i int dr int mu_i o d u_i,  with mu_i
   such that J_i = -M_i grad mu_i + g_i xi, M_i = g_i^2/2.  In a stationary state <dW/dt> is the rate of entropy
   production of the whole box, in units of 1/time; 0 where mu is the variation of one functional.  src/field/work.c */
typedef struct RhoWork_s *RhoWork;
/* *work NULL and *why in words (in fm): a field whose flux and noise are not of that kind.  omega: as of the noise.
   Collective, as are Begin, Look and Step. */
PetscErrorCode RhoWorkCreate(RhoFieldModel fm, PetscReal omega, const char **why, RhoWork *work);
PetscErrorCode RhoWorkDestroy(RhoWork *work);
/* The state a run starts from or goes on with, before the first step. */
PetscErrorCode RhoWorkBegin(RhoWork work, PetscReal t, Vec u);
/* The same state again, where formulas jump or it was changed. */
PetscErrorCode RhoWorkLook(RhoWork work, PetscReal t, Vec u);
/* A step led from `before`, the last state seen, to `after` at time t. */
PetscErrorCode RhoWorkStep(RhoWork work, Vec before, PetscReal t, Vec after);
/* Work per time since this was asked last; NaN: no time has passed, or a potential has no value (a density below zero).
 */
PetscReal RhoWorkRate(RhoWork work);
/* What is to be kept beside the state, so that a run gone on with (Begin, then Load) has the same rates. */
enum { RHO_WORK_NUMBERS = 2 };
void RhoWorkSave(RhoWork work, PetscReal number[RHO_WORK_NUMBERS]);
void RhoWorkLoad(RhoWork work, const PetscReal number[RHO_WORK_NUMBERS]);

/* ---- integrals
 * ---------------------------------------------------------------------------------------------------------- */

/* Cell formulas as arrays: node[n] (any scalar nodes of the model, operators included) evaluated on the owned cells
   into out, a global vector of a compatible DMDA with n unknowns. */
typedef struct RhoCellFormulas_s *RhoCellFormulas;
PetscErrorCode RhoCellFormulasCreate(RhoFieldModel fm, PetscInt n, const RhoNode *node, RhoCellFormulas *formulas);
PetscErrorCode RhoCellFormulasEval(RhoCellFormulas formulas, PetscReal t, Vec u, Vec out);
PetscErrorCode RhoCellFormulasDestroy(RhoCellFormulas *formulas);

/* total[nconserved] = sum_i w_i int u_i dV with compensated summation; scale[nconserved] = sum_i |w_i| int |u_i| dV.
 * Collective. */
PetscErrorCode RhoTotals(RhoFieldModel fm, Vec u, PetscReal *total, PetscReal *scale);
/* Whether something may flow through the walls that changes conserved combination c, or a given source feeds it. */
PetscBool RhoTotalOpen(RhoFieldModel fm, int c);
/* rate[nconserved]: what flowed in through the walls, and out of given sources, in the last RhoResidual, per time; the
   sums of F are these to round-off.  Collective (no communication when nothing is open). */
PetscErrorCode RhoInflow(RhoFieldModel fm, PetscReal *rate);
/* Brings the totals of u to target[nconserved]: u_i += (sum_c lambda_c w_ci) |along_i|, one number per combination.
   along: u itself, or for a correction u of a state that state, so that empty cells stay empty.
   Open ones are left as they are. */
PetscErrorCode RhoTotalsRestore(RhoFieldModel fm, Vec u, Vec along, const PetscReal *target);
/* The open ones too: for a target that counts what flowed in. */
PetscErrorCode RhoTotalsRestoreAll(RhoFieldModel fm, Vec u, Vec along, const PetscReal *target);
/* low, high[nfield].  Collective. */
PetscErrorCode RhoExtrema(RhoFieldModel fm, Vec u, PetscReal *low, PetscReal *high);
/* F[u] on the grid: the model's free_energy summed over cells (gradients as the residual takes them), or for a
   functional model without one  int_0^1 ds sum_i int u_i mu_i[s u]; PETSC_FALSE when there is none. */
PetscErrorCode RhoFreeEnergy(RhoFieldModel fm, PetscReal t, Vec u, PetscBool *exists, PetscReal *F);
/* What rounding may have done to the last of them.  Collective. */
PetscErrorCode RhoFreeEnergyRounding(RhoFieldModel fm, PetscReal *rounding);

#endif
