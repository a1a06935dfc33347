/* coarsen.c - frames of particles -> densities on a grid: rank 0 reads, all ranks get the particles in pieces, and each
   adds what falls into its cells, in the order of the file.  So the bits do not depend on the number of ranks.

     rho_i(c, window) = mean over its frames of (1/Omega) sum over particles of species i of the deposit in cell c */
#include "particles_private.h"
#include <math.h>

enum { PIECE = 4096 };

/* What rank 0 tells the others before the particles come. */
typedef enum { PIECE_OF_FRAME, END_OF_FRAME, END_OF_FILE, MISTAKE } NewsKind;
typedef struct {
  NewsKind kind;
  int n;       /* particles that follow */
  double time; /* of the frame          */
} News;

struct RhoCoarsen_s {
  RhoGrid grid;
  RhoParticles particles;
  RhoCoarsenOptions options;
  RhoDeposit deposit;
  RhoParticle *piece; /* [PIECE] */
  double *number;     /* [nfield] */
  RhoCoarsened output;
  int coordinate[RHO_MAXDIM]; /* of each dimension */
  int nframe;
  double time; /* rank 0: of the frame before */
};

void RhoCoarsenDefaults(RhoCoarsenOptions *options) {
  *options = (RhoCoarsenOptions){.method = RHO_DEPOSIT_NEAREST, .omega = 1, .time_step = NAN, .every = 1};
}

PetscErrorCode RhoCoarsenCreate(RhoGrid grid, RhoParticles particles, const RhoCoarsenOptions *options,
                                RhoCoarsen *coarsen) {
  PetscFunctionBeginUser;
  PetscCall(PetscNew(coarsen));
  (*coarsen)->grid = grid;
  (*coarsen)->particles = particles;
  (*coarsen)->options = *options;
  for (int d = 0; d < grid->mesh.ndimension; d++)
    (*coarsen)->coordinate[d] = rho_coordinate_of(&grid->mesh.dimension[d]);
  PetscCall(RhoDepositCreate(grid, options->method, options->width, &(*coarsen)->deposit));
  PetscCall(PetscMalloc2(PIECE, &(*coarsen)->piece, grid->nfield, &(*coarsen)->number));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoCoarsenDestroy(RhoCoarsen *coarsen) {
  PetscFunctionBeginUser;
  if (!*coarsen) PetscFunctionReturn(0);
  PetscCall(RhoDepositDestroy(&(*coarsen)->deposit));
  PetscCall(PetscFree2((*coarsen)->piece, (*coarsen)->number));
  PetscCall(PetscFree(*coarsen));
  PetscFunctionReturn(0);
}

/* ---- rank 0 ---- */

static double TimeOf(const RhoCoarsen c, const RhoParticleFrame *frame) {
  double step = frame->step >= 0 ? (double)frame->step : c->nframe;
  if (!isnan(c->options.time_step)) return step * c->options.time_step;
  return isnan(frame->time) ? step : frame->time;
}

static RhoStatus CheckTime(RhoCoarsen c, RhoDiag diag, double time) {
  if (c->nframe == 0 || time > c->time) return RHO_OK;
  RhoDiagReport(diag, RHO_ID_PARTICLE_TIME, RhoParticlesHeadPlace(c->particles, diag),
                "frame %d is of the time %.10g, the one before of %.10g", c->nframe + 1, time, c->time);
  RhoDiagHint(diag, "frames of a run that was begun again are in the file twice: take out those of one of them");
  return RHO_INPUT;
}

/* The head of a frame that fits. */
static NewsKind Head(RhoCoarsen c, RhoDiag diag, double *time) {
  const RhoParticleFrame *frame;
  if (RhoParticlesNext(c->particles, diag, &frame)) return MISTAKE;
  if (!frame) return END_OF_FILE;
  *time = TimeOf(c, frame);
  if (CheckTime(c, diag, *time)) return MISTAKE;
  c->time = *time;
  return PIECE_OF_FRAME;
}

static NewsKind Piece(RhoCoarsen c, RhoDiag diag, int *n) {
  if (RhoParticlesRead(c->particles, diag, PIECE, c->piece, n)) return MISTAKE;
  return *n > 0 ? PIECE_OF_FRAME : END_OF_FRAME;
}

/* ---- all ranks ---- */

static PetscErrorCode Tell(RhoCoarsen c, News *news) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(news, sizeof *news, MPI_BYTE, 0, c->grid->comm));
  if (news->kind == PIECE_OF_FRAME && news->n > 0)
    PetscCallMPI(MPI_Bcast(c->piece, (PetscMPIInt)(sizeof *c->piece * (size_t)news->n), MPI_BYTE, 0, c->grid->comm));
  PetscFunctionReturn(0);
}

static void Add(RhoCoarsen c, int n, PetscScalar *cells) {
  double x[RHO_MAXDIM], weight = 1 / (c->options.omega * c->options.every);
  for (int k = 0; k < n; k++) {
    const RhoParticle *particle = &c->piece[k];
    if (particle->field < 0) continue;
    for (int d = 0; d < c->grid->mesh.ndimension; d++) x[d] = particle->x[c->coordinate[d]];
    RhoDepositAdd(c->deposit, weight, x, c->grid->nfield, particle->field, cells);
    c->number[particle->field] += weight;
  }
}

/* *kind: END_OF_FRAME when it was read. */
static PetscErrorCode Frame(RhoCoarsen c, RhoDiag diag, PetscScalar *cells, NewsKind *kind) {
  News news = {0};
  PetscFunctionBeginUser;
  if (c->particles) news.kind = Head(c, diag, &news.time);
  PetscCall(Tell(c, &news));
  if (news.kind == PIECE_OF_FRAME) c->output.time += news.time / c->options.every;
  while (news.kind == PIECE_OF_FRAME) {
    if (c->particles) news.kind = Piece(c, diag, &news.n);
    PetscCall(Tell(c, &news));
    if (news.kind == PIECE_OF_FRAME) Add(c, news.n, cells);
  }
  c->nframe += news.kind == END_OF_FRAME;
  *kind = news.kind;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoCoarsenNext(RhoCoarsen coarsen, RhoDiag diag, Vec cells, const RhoCoarsened **output, bool *ok) {
  NewsKind kind = END_OF_FRAME;
  PetscScalar *array;
  PetscFunctionBeginUser;
  *output = NULL;
  coarsen->output = (RhoCoarsened){.number = coarsen->number};
  PetscCall(PetscArrayzero(coarsen->number, coarsen->grid->nfield));
  PetscCall(VecSet(cells, 0));
  PetscCall(VecGetArray(cells, &array));
  for (int k = 0; k < coarsen->options.every && kind == END_OF_FRAME; k++)
    PetscCall(Frame(coarsen, diag, array, &kind));
  PetscCall(VecRestoreArray(cells, &array));
  *ok = kind != MISTAKE;
  if (kind == END_OF_FRAME) *output = &coarsen->output;
  PetscFunctionReturn(0);
}

int RhoCoarsenFrames(RhoCoarsen coarsen) { return coarsen->nframe; }
