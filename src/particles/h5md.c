/* h5md.c - H5MD (de Buyl, Colberg, Hoefling 2014; nongnu.org/h5md): the one group of /particles that has positions:

     position/value [frame, particle, coordinate], position/step, position/time [frame], or a number per frame
     species [particle], or species/value [frame, particle]: whole numbers, or an enumeration whose names are the types
     box/edges [coordinate] or [coordinate, coordinate], or box/edges/value the same for each frame; box boundary

   A position that is a dataset is one frame.  The box begins at 0. */
#include "particles_private.h"
#include <hdf5.h>
#include <math.h>
#include <string.h>

enum { PIECE = 4096, LABEL = 64, MOST_RANK = 3 };

/* Numbers per frame, or one for all. */
typedef struct {
  hid_t set;
  int rank;
  hsize_t shape[MOST_RANK];
  bool moves; /* the first index counts frames */
  hsize_t ntime;
  const double *step, *time; /* [ntime]; NULL: not said */
  bool bad;                  /* one of the two is there, and is not that */
} Element;

typedef struct {
  hid_t file, group;
  Element position, species, edges;
  hid_t kind; /* the type of species when it is an enumeration */
  bool periodic[COORDINATES];
  hsize_t piece, npiece; /* first one and number of the particles in memory */
  double *x;             /* [PIECE][coordinates] */
  long long *type;       /* [PIECE]              */
  char label[LABEL];
} Own;

/* HDF5 prints nothing between the two. */
typedef struct {
  H5E_auto2_t print;
  void *data;
} Silence;

static Silence Quiet(void) {
  Silence silence;
  H5Eget_auto2(H5E_DEFAULT, &silence.print, &silence.data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return silence;
}

static void Loud(Silence silence) { H5Eset_auto2(H5E_DEFAULT, silence.print, silence.data); }

static bool Is(const char *head, size_t nbyte) { return nbyte >= 8 && !memcmp(head, "\211HDF\r\n\032\n", 8); }

static RhoStatus Report(RhoParticles p, RhoDiag diag, RhoDiagId id, const char *what) {
  RhoDiagReport(diag, id, RHO_NOWHERE, "'%s', read as H5MD: %s", p->path, what);
  return RHO_INPUT;
}

/* ---- elements ---- */

static hsize_t Count(hid_t set) {
  hid_t space = H5Dget_space(set);
  hssize_t n = H5Sget_simple_extent_npoints(space);
  H5Sclose(space);
  return n > 0 ? (hsize_t)n : 0;
}

/* group/name as ntime numbers: given one by one, or by an increment and an offset. */
static const double *Line(RhoParticles p, hid_t group, const char *name, hsize_t ntime, bool *bad) {
  double *line = NULL, first[2] = {0, 0};
  bool there = H5Lexists(group, name, H5P_DEFAULT) > 0;
  hid_t set = there ? H5Dopen2(group, name, H5P_DEFAULT) : -1;
  if (set < 0) {
    *bad = *bad || there;
    return NULL;
  }
  hid_t space = H5Dget_space(set);
  int rank = H5Sget_simple_extent_ndims(space);
  H5Sclose(space);
  bool each = rank == 1 && Count(set) >= ntime;
  if (each || rank == 0) line = RhoArenaAlloc(p->arena, sizeof *line * (size_t)(each ? Count(set) : ntime));
  if (line && H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, each ? line : first) < 0) line = NULL;
  if (rank == 0 && H5Aexists(set, "offset") > 0) {
    hid_t offset = H5Aopen(set, "offset", H5P_DEFAULT);
    H5Aread(offset, H5T_NATIVE_DOUBLE, &first[1]);
    H5Aclose(offset);
  }
  for (hsize_t k = 0; k < ntime && rank == 0 && line; k++) line[k] = first[1] + (double)k * first[0];
  H5Dclose(set);
  *bad = *bad || !line;
  return line;
}

static bool IsGroup(hid_t at, const char *name) {
  hid_t object = H5Lexists(at, name, H5P_DEFAULT) > 0 ? H5Oopen(at, name, H5P_DEFAULT) : -1;
  bool is = object >= 0 && H5Iget_type(object) == H5I_GROUP;
  if (object >= 0) H5Oclose(object);
  return is;
}

/* at/name, a dataset, or a group with the dataset `value`, `step` and `time`. */
static bool OpenElement(RhoParticles p, hid_t at, const char *name, Element *element) {
  char value[32];
  *element = (Element){.set = -1, .moves = IsGroup(at, name)};
  if (H5Lexists(at, name, H5P_DEFAULT) <= 0) return false;
  snprintf(value, sizeof value, element->moves ? "%s/value" : "%s", name);
  element->set = H5Dopen2(at, value, H5P_DEFAULT);
  hid_t space = H5Dget_space(element->set);
  element->rank = H5Sget_simple_extent_ndims(space);
  bool good = element->rank >= 1 && element->rank <= MOST_RANK;
  if (good) H5Sget_simple_extent_dims(space, element->shape, NULL);
  H5Sclose(space);
  element->ntime = good && element->moves ? element->shape[0] : 1;
  if (!good || !element->moves) return good;
  hid_t group = H5Gopen2(at, name, H5P_DEFAULT);
  element->step = Line(p, group, "step", element->ntime, &element->bad);
  element->time = Line(p, group, "time", element->ntime, &element->bad);
  H5Gclose(group);
  return true;
}

/* count numbers from first on, in the order of the file, of frame k. */
static bool ReadElement(const Element *element, hsize_t k, hsize_t first, hsize_t count, hid_t type, void *data) {
  hsize_t start[MOST_RANK] = {0}, n[MOST_RANK] = {1, 1, 1};
  int d = element->moves;
  for (int r = 0; r < element->rank; r++) n[r] = element->shape[r];
  if (element->moves) start[0] = k, n[0] = 1;
  if (d < element->rank) start[d] = first, n[d] = count;
  hid_t space = H5Dget_space(element->set), memory = H5Screate_simple(element->rank, n, NULL);
  bool good = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, n, NULL) >= 0 &&
              H5Dread(element->set, type, memory, space, H5P_DEFAULT, data) >= 0;
  H5Sclose(memory);
  H5Sclose(space);
  return good;
}

/* The last one that is not later than the frame. */
static hsize_t FrameOf(const Element *element, const Element *position, hsize_t k) {
  hsize_t found = 0;
  if (!element->moves || element->ntime <= 1) return 0;
  if (!element->step || !position->step) return k < element->ntime ? k : element->ntime - 1;
  while (found + 1 < element->ntime && element->step[found + 1] <= position->step[k]) found++;
  return found;
}

/* ---- opening ---- */

typedef struct {
  int n;
  char name[256];
} Groups;

static herr_t CountGroup(hid_t at, const char *name, const H5L_info_t *info, void *context) {
  Groups *groups = context;
  (void)info;
  if (!IsGroup(at, name)) return 0;
  hid_t group = H5Gopen2(at, name, H5P_DEFAULT);
  if (H5Lexists(group, "position", H5P_DEFAULT) > 0 && groups->n++ == 0)
    snprintf(groups->name, sizeof groups->name, "/particles/%s", name);
  H5Gclose(group);
  return 0;
}

static RhoStatus FindGroup(RhoParticles p, RhoDiag diag) {
  Own *own = p->own;
  Groups groups = {0, ""};
  own->file = H5Fopen(p->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (own->file < 0) return Report(p, diag, RHO_ID_PARTICLE_TRUNCATED, "not a whole HDF5 file");
  if (IsGroup(own->file, "particles")) {
    hid_t at = H5Gopen2(own->file, "particles", H5P_DEFAULT);
    H5Literate(at, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, CountGroup, &groups);
    H5Gclose(at);
  }
  if (groups.n == 0) {
    Report(p, diag, RHO_ID_PARTICLE_FORMAT, "no positions in a group of /particles");
    RhoDiagHint(diag, "densities on a grid need no coarse-graining: rhoflux info says what is in the file");
    return RHO_INPUT;
  }
  if (groups.n > 1) return Report(p, diag, RHO_ID_PARTICLE_FORMAT, "several groups of /particles have positions");
  own->group = H5Gopen2(own->file, groups.name, H5P_DEFAULT);
  return RHO_OK;
}

static RhoStatus CheckTimes(RhoParticles p, RhoDiag diag, RhoDiagId id, const char *what, const Element *element) {
  if (!element->bad) return RHO_OK;
  return Report(p, diag, id,
                RhoArenaPrint(p->arena, "step or time of %s is not a number, or one for each frame", what));
}

static RhoStatus OpenPosition(RhoParticles p, RhoDiag diag) {
  Own *own = p->own;
  Element *position = &own->position;
  if (!OpenElement(p, own->group, "position", position) || position->rank != 2 + position->moves)
    return Report(p, diag, RHO_ID_PARTICLE_FORMAT, "position is not [frame, particle, coordinate]");
  if (CheckTimes(p, diag, RHO_ID_PARTICLE_FORMAT, "position", position)) return RHO_INPUT;
  hsize_t ncoordinate = position->shape[position->rank - 1];
  for (int c = 0; c < COORDINATES; c++)
    if (p->wanted[c] && (hsize_t)c >= ncoordinate)
      return Report(p, diag, RHO_ID_PARTICLE_COLUMNS, "positions have fewer coordinates than the mesh wants");
  own->x = RhoArenaAlloc(p->arena, sizeof *own->x * PIECE * (size_t)ncoordinate);
  own->type = RhoArenaAlloc(p->arena, sizeof *own->type * PIECE);
  return RHO_OK;
}

static RhoStatus OpenSpecies(RhoParticles p, RhoDiag diag) {
  Own *own = p->own;
  Element *species = &own->species;
  hsize_t n = own->position.shape[own->position.moves];
  if (!OpenElement(p, own->group, "species", species)) {
    Report(p, diag, RHO_ID_PARTICLE_COLUMNS, "particles have no species");
    RhoDiagHint(diag, "without --species all particles make one field");
    return RHO_INPUT;
  }
  if (species->rank != 1 + species->moves || species->shape[species->moves] != n)
    return Report(p, diag, RHO_ID_PARTICLE_FORMAT, "species is not one number for each particle");
  if (CheckTimes(p, diag, RHO_ID_PARTICLE_FORMAT, "species", species)) return RHO_INPUT;
  hid_t type = H5Dget_type(species->set);
  H5T_class_t class = H5Tget_class(type);
  if (class == H5T_ENUM) own->kind = H5Tget_native_type(type, H5T_DIR_DEFAULT);
  H5Tclose(type);
  if (class == H5T_ENUM || class == H5T_INTEGER) return RHO_OK;
  return Report(p, diag, RHO_ID_PARTICLE_FORMAT, "species are neither whole numbers nor an enumeration");
}

/* Strings of fixed or variable length, one per coordinate. */
static void ReadBoundary(Own *own, hid_t box) {
  if (H5Aexists(box, "boundary") <= 0) return;
  hid_t boundary = H5Aopen(box, "boundary", H5P_DEFAULT), type = H5Aget_type(boundary);
  hid_t space = H5Aget_space(boundary);
  hssize_t n = H5Sget_simple_extent_npoints(space);
  size_t size = H5Tget_size(type);
  char fixed[COORDINATES * 64], *variable[COORDINATES] = {NULL};
  bool varies = H5Tis_variable_str(type) > 0;
  if (n > 0 && n <= COORDINATES && (varies || size * (size_t)n <= sizeof fixed) &&
      H5Aread(boundary, type, varies ? (void *)variable : (void *)fixed) >= 0)
    for (int c = 0; c < n; c++) {
      const char *word = varies ? variable[c] : fixed + (size_t)c * size;
      own->periodic[c] = word && !strncmp(word, "periodic", varies || size > 8 ? 8 : size);
    }
  if (varies) H5Dvlen_reclaim(type, space, H5P_DEFAULT, variable);
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(boundary);
}

static RhoStatus OpenBox(RhoParticles p, RhoDiag diag) {
  Own *own = p->own;
  if (!IsGroup(own->group, "box")) return RHO_OK;
  hid_t box = H5Gopen2(own->group, "box", H5P_DEFAULT);
  OpenElement(p, box, "edges", &own->edges);
  ReadBoundary(own, box);
  H5Gclose(box);
  return CheckTimes(p, diag, RHO_ID_PARTICLE_BOX, "the edges of the box", &own->edges);
}

static RhoStatus Open(RhoParticles p, RhoDiag diag) {
  Own *own = p->own = RhoArenaAlloc(p->arena, sizeof *own);
  Silence silence = Quiet();
  own->group = own->position.set = own->species.set = own->edges.set = own->kind = -1;
  RhoStatus status = FindGroup(p, diag);
  if (!status) status = OpenPosition(p, diag);
  if (!status && p->species) status = OpenSpecies(p, diag);
  if (!status) status = OpenBox(p, diag);
  Loud(silence);
  return status;
}

static void Close(RhoParticles p) {
  Own *own = p->own;
  Silence silence = Quiet();
  const hid_t set[] = {own->position.set, own->species.set, own->edges.set};
  for (int k = 0; k < 3; k++) H5Dclose(set[k]);
  H5Tclose(own->kind);
  H5Gclose(own->group);
  H5Fclose(own->file);
  Loud(silence);
}

/* ---- frames and particles ---- */

/* Edges [coordinate] or [coordinate, coordinate] of frame k, as they stand in the file; *n coordinates. */
static bool ReadEdges(const Own *own, hsize_t k, double *edge, hsize_t *n) {
  const Element *edges = &own->edges;
  int rank = edges->rank - edges->moves;
  if (rank < 1 || rank > 2) return false;
  const hsize_t *shape = edges->shape + edges->moves;
  *n = shape[0];
  return *n <= COORDINATES && shape[rank - 1] == *n &&
         ReadElement(edges, FrameOf(edges, &own->position, k), 0, *n, H5T_NATIVE_DOUBLE, edge);
}

static RhoStatus ReadBox(RhoParticles p, RhoDiag diag, hsize_t k) {
  Own *own = p->own;
  double edge[COORDINATES * COORDINATES] = {0};
  hsize_t n;
  if (own->edges.set < 0) return RHO_OK;
  if (!ReadEdges(own, k, edge, &n)) return Report(p, diag, RHO_ID_PARTICLE_BOX, "the edges of the box can not be read");
  bool matrix = own->edges.rank - own->edges.moves == 2;
  for (hsize_t a = 0; a < n * n && matrix; a++)
    if (a % (n + 1) != 0 && edge[a] != 0) return rho_box_sheared(p, diag, RHO_NOWHERE);
  for (hsize_t c = 0; c < n; c++) {
    p->frame.from[c] = 0;
    p->frame.to[c] = edge[matrix ? c * (n + 1) : c];
    p->frame.periodic[c] = own->periodic[c];
  }
  return RHO_OK;
}

static RhoStatus Next(RhoParticles p, RhoDiag diag, bool *more) {
  Own *own = p->own;
  const Element *position = &own->position;
  hsize_t k = (hsize_t)p->nframe - 1;
  *more = k < position->ntime;
  if (!*more) return RHO_OK;
  p->frame.nparticle = (long long)position->shape[position->moves];
  if (position->step && position->step[k] >= 0) p->frame.step = (long long)position->step[k];
  if (position->time) p->frame.time = position->time[k];
  own->npiece = own->piece = 0;
  Silence silence = Quiet();
  RhoStatus status = ReadBox(p, diag, k);
  Loud(silence);
  return status;
}

static bool ReadPiece(RhoParticles p) {
  Own *own = p->own;
  hsize_t k = (hsize_t)p->nframe - 1, left = (hsize_t)(p->frame.nparticle - p->nread);
  hid_t kind = own->kind < 0 ? H5T_NATIVE_LLONG : own->kind;
  Silence silence = Quiet();
  own->piece = (hsize_t)p->nread;
  own->npiece = left < PIECE ? left : PIECE;
  bool good = ReadElement(&own->position, k, own->piece, own->npiece, H5T_NATIVE_DOUBLE, own->x);
  if (good && own->species.set >= 0)
    good =
        ReadElement(&own->species, FrameOf(&own->species, &own->position, k), own->piece, own->npiece, kind, own->type);
  Loud(silence);
  return good;
}

static void Label(Own *own, hsize_t i, RawParticle *raw) {
  if (own->species.set < 0) return;
  if (own->kind < 0) snprintf(own->label, sizeof own->label, "%lld", own->type[i]);
  else if (H5Tenum_nameof(own->kind, (char *)own->type + i * H5Tget_size(own->kind), own->label, LABEL) < 0)
    snprintf(own->label, sizeof own->label, "?");
  raw->type = own->label;
  raw->ntype = strlen(own->label);
}

static RhoStatus Read(RhoParticles p, RhoDiag diag, RawParticle *raw) {
  Own *own = p->own;
  char what[128];
  hsize_t n = own->position.shape[own->position.rank - 1], i = (hsize_t)p->nread - own->piece;
  if (i >= own->npiece) {
    snprintf(what, sizeof what, "frame %d can not be read", p->nframe);
    if (!ReadPiece(p)) return Report(p, diag, RHO_ID_PARTICLE_TRUNCATED, what);
    i = 0;
  }
  Label(own, i, raw);
  for (int c = 0; c < COORDINATES; c++) {
    if (!p->wanted[c]) continue;
    raw->x[c] = own->x[i * n + (hsize_t)c];
    if (isfinite(raw->x[c])) continue;
    snprintf(what, sizeof what, "%s of particle %lld (from 0) in frame %d is not a finite number", rho_coordinate[c],
             p->nread, p->nframe);
    return Report(p, diag, RHO_ID_PARTICLE_VALUE, what);
  }
  return RHO_OK;
}

const Format rho_format_h5md = {Is, Open, Next, Read, Close};
