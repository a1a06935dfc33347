/* particles_private.h - what the readers share: the seam of a format, lines and words of text. */
#ifndef RHO_PARTICLES_PRIVATE_H
#define RHO_PARTICLES_PRIVATE_H
#include "rhoflux/particles.h"

/* One particle as a format gives it. */
typedef struct {
  double x[3];
  const char *type; /* not terminated; NULL: the file has no types */
  size_t ntype;
} RawParticle;

typedef struct {
  bool (*is)(const char *head, size_t nbyte);                  /* by the first bytes of the file */
  RhoStatus (*open)(RhoParticles p, RhoDiag diag);             /* NULL: nothing to do            */
  RhoStatus (*next)(RhoParticles p, RhoDiag diag, bool *more); /* fills p->frame              */
  RhoStatus (*read)(RhoParticles p, RhoDiag diag, RawParticle *raw);
  void (*close)(RhoParticles p); /* NULL: nothing to do */
} Format;

#define RHO_PARTICLE_FORMAT(id, name) extern const Format rho_format_##id;
#include "formats.def"
#undef RHO_PARTICLE_FORMAT

enum { COORDINATES = 3, KEPT = 256 };
extern const char *const rho_coordinate[COORDINATES]; /* "x", "y", "z" */

struct RhoParticles_s {
  RhoArena arena;
  const char *path, *name; /* of the file, of the format */
  const Format *format;
  const RhoMesh *mesh;
  int coordinate[RHO_MAXDIM]; /* of each dimension of the mesh */
  bool wanted[COORDINATES];
  int nspecies;
  const RhoSpecies *species;     /* NULL: types are not looked at */
  RhoParticleFrame frame, first; /* first: whose box all others have */
  long long nread;               /* particles of the frame */
  int nframe;
  void *own; /* the format's */
  /* text: the line at hand and the one that is the frame's head */
  FILE *stream;
  char *line;
  size_t room, length;
  bool whole; /* the line has an end */
  int nline, head_nline;
  char head[KEPT];
};

/* ---- text.c ---- */

/* The next line, without its end; false behind the last. */
bool rho_line_next(RhoParticles p);
/* The same inside a frame: behind the last, or at one without an end, reports that the file is cut short. */
RhoStatus rho_line_need(RhoParticles p, RhoDiag diag);
/* Of n bytes at `at` in the line at hand. */
RhoPlace rho_line_place(RhoParticles p, RhoDiag diag, const char *at, size_t n);
void rho_line_keep(RhoParticles p); /* this one is the head of the frame */
/* The next word behind *at, which moves past it; n 0: there is none. */
const char *rho_word(const char **at, size_t *n);
bool rho_word_is(const char *word, size_t n, const char *text);
/* A finite number, a whole one; reports what else it is. */
RhoStatus rho_word_number(RhoParticles p, RhoDiag diag, const char *word, size_t n, double *value);
RhoStatus rho_word_whole(RhoParticles p, RhoDiag diag, const char *word, size_t n, long long *value);
/* Reports that the line has fewer columns than are wanted. */
RhoStatus rho_line_short(RhoParticles p, RhoDiag diag, int ncolumn, int wanted);
/* Reports that the file ends inside the frame. */
RhoStatus rho_truncated(RhoParticles p, RhoDiag diag);

/* ---- fit.c: does a frame fit the mesh? ---- */

/* Coordinate 0, 1, 2 that the dimension is; -1: none. */
int rho_coordinate_of(const RhoDimension *dimension);
/* Finds the coordinates of the mesh. */
RhoStatus rho_mesh_fits(RhoParticles p, RhoDiag diag, RhoPlace place);
/* Reports a box without right angles; place nowhere: names file and frame. */
RhoStatus rho_box_sheared(RhoParticles p, RhoDiag diag, RhoPlace place);
/* The frame just begun. */
RhoStatus rho_frame_fits(RhoParticles p, RhoDiag diag);
/* Inside the walls of the mesh? */
RhoStatus rho_position_fits(RhoParticles p, RhoDiag diag, const double x[COORDINATES]);

#endif
