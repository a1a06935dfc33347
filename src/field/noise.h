/* noise.h - what noise.c, noise_limit.c and spectral_noise.c share.  Private to field. */
#ifndef RHO_NOISE_H
#define RHO_NOISE_H
#include "field_private.h"
#include "noise_random.h"

typedef struct {
  int field, source; /* source: the white noise */
  const RhoNoiseTerm *term;
  PetscScalar *value; /* of the ghosted array: the amplitude, then times the noise */
} Amplitude;

typedef struct {
  int n;
  Amplitude *amplitude;
  int nclip, *clip;  /* densities whose means are kept from below zero */
  PetscScalar *size; /* [nghosted] 1/sqrt(Omega V), or NULL: the same everywhere */
  PetscReal same;
} Kind;

typedef struct {
  int n, *field;
  RhoNode *node;
  PetscScalar **value; /* [n] ghosted */
} Drifts;

struct RhoNoise_s {
  RhoFieldModel fm;
  uint64_t seed;
  PetscReal omega;
  int nsource;
  const char **source;                        /* [nsource] names, NULL: of one field only */
  Kind kind[RHO_NOISE_CELL + 1];              /* faces of each dimension; cells */
  Drifts drift;                               /* of cells, times omega V */
  RhoTape one, two;                           /* one or two normal numbers from them */
  double *draw[4];                            /* [PIECE] u, v, and the normal numbers */
  uint32_t *x;                                /* [gcount] global index of the ghosted cells of a row */
  FvProgram program;                          /* of amplitudes, */
  struct SpNoise_s *spectral;                 /* ... or what the spectral discretisation has instead */
  PetscInt64 clipped, faces, negative, cells; /* on this rank since they were asked for */
  Vec stock;                                  /* limits the next noise, see noise_limit.c; NULL: nothing does */
  PetscScalar *share;                         /* [nghosted] */
  PetscInt64 limited, looked;                 /* cells on this rank since they were asked for */
  PetscBool *fed;                             /* [nconserved] some noise of the cells changes it */
  char words[512];
};

/* The owned rows, one after the other; first: ghosted index, cell: owned one. */
PetscBool rho_noise_row(RhoFieldModel fm, PetscInt number, PetscInt *first, PetscInt *cell);

/* From the first face or cell of a kind that an owned cell has to the last one, in ghosted indices. */
void rho_noise_range(RhoNoise noise, int kind, PetscInt *from, PetscInt *to);

/* ---- noise_limit.c ---- */

/* Of what is drawn, before it is added up. */
PetscErrorCode rho_noise_limit(RhoNoise noise);

/* ---- spectral_noise.c ---- */

/* node[kind]: the amplitudes of the fluxes along each dimension, of the cells. */
PetscErrorCode rho_sp_noise_create(RhoNoise noise, RhoNode *const *node);
PetscErrorCode rho_sp_noise_destroy(RhoNoise noise);
/* All of them at the state u, where DrawKind reads them. */
PetscErrorCode rho_sp_noise_amplitudes(RhoNoise noise, PetscReal t, Vec u);
/* Of amplitudes times noise. */
PetscErrorCode rho_sp_noise_add(RhoNoise noise, PetscReal dt, Vec du);

#endif
