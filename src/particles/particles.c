/* particles.c - a file of particles: its format, its frames, whose field each particle is.

   The format gives raw particles; that their numbers are finite, their types known and their count right is seen to
   here. */
#include "particles_private.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const rho_coordinate[COORDINATES] = {"x", "y", "z"};

static const struct {
  const char *name;
  const Format *format;
} format_row[] = {
#define RHO_PARTICLE_FORMAT(id, name) {name, &rho_format_##id},
#include "formats.def"
#undef RHO_PARTICLE_FORMAT
};
enum { NFORMAT = sizeof format_row / sizeof *format_row };

/* ---- opening ---- */

/* The program that unpacks a file beginning so; NULL: it is not packed. */
static const char *Unpacker(const char *head, size_t n) {
  static const struct {
    const char *begin, *program;
  } packed[] = {{"\x1f\x8b", "gunzip"},
                {"\x28\xb5\x2f\xfd", "unzstd"},
                {"BZh", "bunzip2"},
                {"\xfd"
                 "7zXZ",
                 "unxz"}};
  for (size_t k = 0; k < sizeof packed / sizeof *packed; k++)
    if (n > strlen(packed[k].begin) && !memcmp(head, packed[k].begin, strlen(packed[k].begin)))
      return packed[k].program;
  return NULL;
}

static RhoStatus Recognise(RhoParticles p, RhoDiag diag, RhoPlace place) {
  char head[64];
  size_t n = fread(head, 1, sizeof head, p->stream);
  if (n == 0 && ferror(p->stream)) {
    RhoDiagReport(diag, RHO_ID_CANNOT_READ, place, "cannot read '%s': %s", p->path, strerror(errno));
    return RHO_INPUT;
  }
  rewind(p->stream);
  for (int k = 0; k < NFORMAT && !p->format; k++)
    if (format_row[k].format->is(head, n)) {
      p->format = format_row[k].format;
      p->name = format_row[k].name;
    }
  if (p->format) return RHO_OK;
  const char *unpacker = Unpacker(head, n);
  if (unpacker) {
    RhoDiagReport(diag, RHO_ID_PARTICLE_FORMAT, place, "'%s' is compressed", p->path);
    RhoDiagHint(diag, "%s '%s', then coarsen what comes out", unpacker, p->path);
    return RHO_INPUT;
  }
  RhoDiagReport(diag, RHO_ID_PARTICLE_FORMAT, place, "'%s' is not a file of particles that can be read", p->path);
  for (int k = 0; k < NFORMAT; k++) RhoDiagHint(diag, "can be read: %s", format_row[k].name);
  return RHO_INPUT;
}

static RhoStatus Open(RhoParticles p, RhoDiag diag, RhoPlace place) {
  p->stream = fopen(p->path, "rb");
  if (!p->stream) {
    RhoDiagReport(diag, RHO_ID_CANNOT_READ, place, "cannot read '%s': %s", p->path, strerror(errno));
    return RHO_INPUT;
  }
  RhoStatus status = Recognise(p, diag, place);
  return status || !p->format->open ? status : p->format->open(p, diag);
}

RhoStatus RhoParticlesOpen(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, const RhoMesh *mesh,
                           int nspecies, const RhoSpecies *species, RhoParticles *particles) {
  *particles = NULL;
  if (setjmp(*RhoArenaGuard(arena))) {
    RhoParticlesClose(particles);
    return RHO_NOMEM;
  }
  RhoParticles p = *particles = RhoArenaAlloc(arena, sizeof *p);
  p->arena = arena;
  p->path = RhoArenaString(arena, path, strlen(path));
  p->nspecies = nspecies;
  p->species = species;
  p->mesh = mesh;
  RhoStatus status = rho_mesh_fits(p, diag, place);
  if (!status) status = Open(p, diag, place);
  if (status) RhoParticlesClose(particles);
  return status;
}

void RhoParticlesClose(RhoParticles *particles) {
  RhoParticles p = *particles;
  *particles = NULL;
  if (!p) return;
  if (p->format && p->format->close && p->own) p->format->close(p);
  if (p->stream) fclose(p->stream);
  free(p->line);
}

const char *RhoParticlesPath(RhoParticles particles) { return particles->path; }

const char *RhoParticlesFormat(RhoParticles particles) { return particles->name; }

RhoPlace RhoParticlesHeadPlace(RhoParticles p, RhoDiag diag) {
  if (!p->head_nline) return RHO_NOWHERE;
  size_t n = strlen(p->head);
  return (RhoPlace){RhoDiagAddExcerpt(diag, p->path, p->head_nline, p->head, n), 0, (int)n};
}

/* ---- whose field ---- */

static bool IsOf(const RhoSpecies *species, const RawParticle *raw) {
  for (int k = 0; k < species->ntype; k++)
    if (rho_word_is(raw->type, raw->ntype, species->type[k])) return true;
  return species->ntype == 0;
}

static RhoStatus FindField(RhoParticles p, RhoDiag diag, const RawParticle *raw, int *field) {
  int n = 0;
  *field = 0;
  if (!p->species) return RHO_OK;
  for (int s = 0; s < p->nspecies; s++) {
    bool named = p->species[s].name != NULL;
    *field = named ? n : -1;
    if (IsOf(&p->species[s], raw)) return RHO_OK;
    n += named;
  }
  RhoPlace place = p->line ? rho_line_place(p, diag, raw->type, raw->ntype) : RHO_NOWHERE;
  RhoDiagReport(diag, RHO_ID_PARTICLE_SPECIES, place, "particles of type '%.*s' are of no species", (int)raw->ntype,
                raw->type);
  RhoDiagHint(diag, "--species NAME=%.*s makes a field of them, --species none=%.*s leaves them out", (int)raw->ntype,
              raw->type, (int)raw->ntype, raw->type);
  return RHO_INPUT;
}

/* ---- frames ---- */

static void Begin(RhoParticles p) {
  p->frame = (RhoParticleFrame){.step = -1, .time = NAN};
  for (int c = 0; c < COORDINATES; c++) p->frame.from[c] = p->frame.to[c] = NAN;
  p->nread = 0;
  p->nframe++;
}

RhoStatus RhoParticlesNext(RhoParticles p, RhoDiag diag, const RhoParticleFrame **frame) {
  RhoParticle skipped[64];
  RhoStatus status = RHO_OK;
  bool more = false;
  *frame = NULL;
  for (int n = 1; p->nframe > 0 && n > 0 && !status;) status = RhoParticlesRead(p, diag, 64, skipped, &n);
  if (status) return status;
  Begin(p);
  status = p->format->next(p, diag, &more);
  if (status || !more) return status;
  *frame = &p->frame;
  status = rho_frame_fits(p, diag);
  return status;
}

RhoStatus RhoParticlesRead(RhoParticles p, RhoDiag diag, int most, RhoParticle *particle, int *n) {
  RhoStatus status = RHO_OK;
  for (*n = 0; *n < most && p->nread < p->frame.nparticle && !status; p->nread += !status, *n += !status) {
    RawParticle raw = {{0}, NULL, 0};
    status = p->format->read(p, diag, &raw);
    if (!status) status = FindField(p, diag, &raw, &particle[*n].field);
    if (!status && particle[*n].field >= 0) status = rho_position_fits(p, diag, raw.x);
    memcpy(particle[*n].x, raw.x, sizeof raw.x);
  }
  return status;
}
