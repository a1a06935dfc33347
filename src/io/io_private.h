/* io_private.h - what the files of layer io share: outcomes of rank 0's work, files written aside, HDF5 in straight
   lines, cells on rank 0, the parts of a result.

   Rank 0 works on files alone and must not stop in the middle, or the other ranks would wait for it.  So its work
   runs to the end whatever happens, an Outcome keeps the first thing that went wrong, and all ranks learn of it and
   act on it together. */
#ifndef RHO_IO_PRIVATE_H
#define RHO_IO_PRIVATE_H
#include "rhoflux/io.h"
#include <hdf5.h>

_Static_assert(sizeof(PetscScalar) == sizeof(double),
               "results hold doubles, and PETSc's vectors are written as they are");

/* ---- outcome.c ---- */

typedef struct {
  PetscErrorCode code; /* a failure: of the system or of HDF5 */
  bool mistake;        /* of the user: id, message, hint       */
  RhoDiagId id;
  char message[1536], hint[768];
  char hdf5[384]; /* the innermost message of the first HDF5 call that failed; "" when none did */
} Outcome;

static inline bool rho_bad(const Outcome *outcome) { return outcome->code || outcome->mistake; }
/* Each keeps what it says only when nothing was wrong before. */
void rho_fail(Outcome *outcome, PetscErrorCode code, const char *format, ...) RHO_PRINTF(3, 4);
void rho_mistake(Outcome *outcome, RhoDiagId id, const char *format, ...) RHO_PRINTF(3, 4);
void rho_hint(Outcome *outcome, const char *format, ...) RHO_PRINTF(2, 3);
/* "; did you mean 'a'?" and "'a', 'b', 'c'" as a hint of the mistake just made. */
void rho_hint_names(Outcome *outcome, const char *what, const char *name, int n, const char *const *candidate);
/* Collective: everybody gets rank 0's outcome. */
PetscErrorCode rho_outcome_share(MPI_Comm comm, Outcome *outcome);
/* The failure as PETSc's error; to be called by all ranks after sharing. */
PetscErrorCode rho_outcome_raise(MPI_Comm comm, const Outcome *outcome);
/* Adds the mistake, if any, to diag. */
void rho_outcome_report(const Outcome *outcome, RhoDiag diag, RhoPlace place);

/* ---- aside.c: files written aside, then renamed ---- */

typedef struct {
  FILE *stream; /* NULL after a failure */
  const char *path;
  const char *keep; /* NULL, or what the file that stands at path becomes */
  bool lax;         /* it need not be on the disk to be renamed */
  char part[PETSC_MAX_PATH_LEN + 8];
} Aside;

void rho_aside_open(Aside *aside, const char *path, Outcome *outcome);
void rho_aside_bytes(Aside *aside, const void *bytes, size_t nbyte, Outcome *outcome);
/* On disk (unless lax), then under its name, then closed; removed when anything was wrong. */
void rho_aside_commit(Aside *aside, Outcome *outcome);
bool rho_path_exists(const char *path);

/* ---- hdf5.c: HDF5 in straight lines ----

   Between rho_hdf5_begin and rho_hdf5_end HDF5 prints nothing; the first failing call leaves its message in the
   outcome. A call with the invalid id of one that failed fails in turn and does no harm, so that code needs no
   branches: it asks rho_hdf5_check (or `hdf5[0]`) at its end. */

typedef struct {
  H5E_auto2_t print;
  void *data;
} Hdf5Guard;

void rho_hdf5_begin(Hdf5Guard *guard, Outcome *outcome);
void rho_hdf5_end(Hdf5Guard *guard);
/* Makes a failure of an HDF5 call, if there was one, the failure `format`: HDF5's words. */
void rho_hdf5_check(Outcome *outcome, PetscErrorCode code, const char *format, ...) RHO_PRINTF(3, 4);

/* An HDF5 file in memory; written aside to path as a whole, so that HDF5 never meets a full disk.  nhead: bytes before
   what HDF5 calls the file, 0 or a power of two from 512 on. */
hid_t rho_image_create(size_t nhead, size_t nbyte_expected);
/* Its bytes, head included, until it is closed; NULL after a failure. */
char *rho_image_bytes(hid_t file, const char *path, size_t *nbyte, Outcome *outcome);
void rho_image_save(hid_t file, const char *path, bool lax, Outcome *outcome); /* closes it */

/* A name as HDF5 takes it (slash -> U+2215) and back; in place of a buffer of RHO_LINK_ROOM bytes. */
enum { RHO_LINK_ROOM = 768 };
const char *rho_link_name(char *buffer, const char *name);

hid_t rho_group_create(hid_t at, const char *name);
/* An open dataset of doubles [shape], filled from data (NULL: not written); create: its properties. */
hid_t rho_array_create(hid_t at, const char *name, int rank, const hsize_t *shape, hid_t create, const double *data);
hid_t rho_array_properties(void);
void rho_text_create(hid_t at, const char *name, const char *text);
void rho_set_text(hid_t object, const char *name, const char *text);
void rho_set_texts(hid_t object, const char *name, int n, const char *const *text);
void rho_set_double(hid_t object, const char *name, double value);
void rho_set_int(hid_t object, const char *name, int value);

/* Reading; copies live in the arena.  Absent: NULL, the default, 0. */
const char *rho_get_text(RhoArena arena, hid_t object, const char *name);
int rho_get_texts(RhoArena arena, hid_t object, const char *name, const char ***text);
double rho_get_double(hid_t object, const char *name, double absent);
const char *rho_text_read(RhoArena arena, hid_t at, const char *name);
/* The dataset of doubles `name`, of rank 0 or 1, in whole; *n its size, -1 when there is none. */
const double *rho_line_read(RhoArena arena, hid_t at, const char *name, int *n);
/* An HDF5 file for reading; says why not as a mistake CANNOT_READ. */
hid_t rho_hdf5_open(const char *path, Outcome *outcome);

/* ---- crc32.c ---- */

typedef struct {
  uint32_t table[4][256], value;
} Crc;

void rho_crc_begin(Crc *crc);
void rho_crc_add(Crc *crc, const void *bytes, size_t nbyte);
uint32_t rho_crc_end(const Crc *crc);

/* ---- gather.c: one field of all ranks <-> rank 0 ---- */

typedef struct {
  RhoGrid grid;
  Vec one, zero;
  VecScatter to_zero;
} Gather;

PetscErrorCode rho_gather_create(RhoGrid grid, Gather *gather);
PetscErrorCode rho_gather_destroy(Gather *gather);
/* Unknown `field` of nfield in natural order on rank 0, data[ncell], until the next call; NULL on the others. */
PetscErrorCode rho_gather_field(Gather *gather, Vec cells, int field, int nfield, const double **data);
/* The other way; data is looked at on rank 0 only. */
PetscErrorCode rho_scatter_field(Gather *gather, const double *data, Vec cells, int field, int nfield);
/* The number of unknowns per cell of a global vector of the grid's layout. */
PetscErrorCode rho_unknowns(RhoGrid grid, Vec cells, int *nfield);

/* ---- result.c and what it writes ---- */

struct RhoResult_s {
  RhoGrid grid;
  RhoArena arena;
  RhoResultContent content;
  Gather gather;
  const char *index, *folder, *xdmf, *base; /* NAME.h5, NAME.d, NAME.xdmf, and NAME without its folder */
  const char *checkpoint, *previous;        /* NAME.checkpoint.h5, NAME.checkpoint.old.h5 */
  const char **list;                        /* [nfield + nseries], scratch */
  int narray;                               /* kept in checkpoints */
  const RhoArray *array;
  int *all, *state, nstate; /* fields of an output and of a checkpoint */
  /* rank 0: */
  int lock; /* descriptor of the folder, + 1; 0: none */
  bool temporary;
  double synced, saved;         /* when outputs, and a checkpoint, were last brought to the disk */
  int first_pending;            /* the first snapshot that may not be there */
  bool index_pending;           /* it may not be there either */
  bool unsaved;                 /* outputs or lines since the last index */
  int nindexed;                 /* outputs that it has */
  double indexed, index_took;   /* when it was written, and for how long */
  bool on_disk, before_on_disk; /* the checkpoint is, the one before is */
  int ntime, timecapacity, nline, linecapacity;
  double *time;
  double *line; /* [nline][1 + nseries]: time, values */
};

/* The shape of a field, slowest dimension first. */
void rho_shape(const RhoMesh *mesh, hsize_t *shape);
/* The dataset of the edges of a dimension, x_edges of x, which is there when some cells of the mesh are unequal. */
const char *rho_edges_name(char *buffer, const RhoDimension *dimension);
bool rho_mesh_stretched(const RhoMesh *mesh);
/* Dimension scales of the mesh in a file, and attached to a field from its axis `first` on. */
void rho_scales_create(hid_t file, const RhoMesh *mesh);
void rho_scales_attach(hid_t file, const RhoMesh *mesh, hid_t field, unsigned first);
void rho_scale_attach(hid_t at, const char *scale, hid_t dataset, unsigned axis);
/* What marks a file as ours: version, names of the fields field[n] and of dimensions. */
void rho_mark(hid_t file, RhoResult result, int n, const int *field);
void rho_field_attributes(hid_t dataset, const RhoResultField *field);
void rho_provenance_write(hid_t file, int n, const RhoProvenance *provenance);
#define RHO_RESULT_MARK "rhoflux_result"
#define RHO_RESULT_VERSION 1
#define RHO_TABLES_MARK "rhoflux_tables"
#define RHO_TABLES_VERSION 1

/* Path of snapshot number k below the folder of the index; buffer of PETSC_MAX_PATH_LEN. */
const char *rho_snapshot_path(RhoResult result, int k, bool relative, char *buffer);
/* Collective.  Makes the image of a snapshot in memory, on rank 0, of cells with the unknowns field[n]. */
PetscErrorCode rho_snapshot_make(RhoResult result, size_t nhead, double time, int n, const int *field, Vec cells,
                                 hid_t *file);
PetscErrorCode rho_snapshot_write(RhoResult result, int k, double time, Vec cells, Outcome *outcome);
void rho_index_write(RhoResult result, Outcome *outcome);
/* Have outputs waited long enough for the next index? */
bool rho_index_due(RhoResult result);
void rho_xdmf_write(RhoResult result, Outcome *outcome);
/* The fields of an array of cells: all of them, or those that are not derived; field[nfield], returns how many. */
int rho_fields_list(const RhoResultContent *content, bool derived, int *field);
/* Collective: PETSC_ERR_FP naming the first cell and field, in natural order, that is not finite, of cells with the
   unknowns field[nunknown]. */
PetscErrorCode rho_state_check(RhoResult result, int nunknown, const int *field, Vec cells);
/* Names that can stand together in one file, or PETSC_ERR_ARG_WRONG. */
void rho_content_check(const RhoMesh *mesh, const RhoResultContent *content, Outcome *outcome);
/* Brackets of names a result has for itself. */
bool rho_is_own_attribute(const char *name);

/* A result with nothing on the disk yet, and away with one. */
PetscErrorCode rho_result_make(RhoGrid grid, const char *path, const RhoResultContent *content, RhoResult *result);
PetscErrorCode rho_result_free(RhoResult *result);
/* Makes sure that no other process writes the result until this one has freed it or ended. */
void rho_result_lock(RhoResult result, Outcome *outcome);
/* Room for one more record of nbyte bytes. */
PetscErrorCode rho_result_room(int n, int *capacity, size_t nbyte, double **records);
/* Removes the snapshots, whole or not, from number `from` on. */
void rho_snapshots_remove(RhoResult result, int from, Outcome *outcome);

/* ---- sync.c: rank 0 ---- */

/* Seconds. */
double rho_now(void);
/* From here on time is counted.  goes_on: what is there is on the disk. */
void rho_sync_begin(RhoResult result, bool goes_on);
/* Is it long enough since then? */
bool rho_sync_due(RhoResult result, double since);
/* Brings snapshots and index to the disk, and the checkpoint. */
void rho_sync_outputs(RhoResult result, Outcome *outcome);
void rho_sync_checkpoint(RhoResult result, Outcome *outcome);
/* What the checkpoint becomes when the next is renamed: the path of the one before, or NULL when that has to stay. */
const char *rho_sync_keeps(RhoResult result);
/* A new one stands, and is on the disk. */
void rho_sync_replaced(RhoResult result, bool on_disk);

/* ---- checkpoint.c, checkpoint_read.c ---- */

enum { RHO_CHECKPOINT_HEAD = 512, RHO_CHECKPOINT_VERSION = 1 };
#define RHO_CHECKPOINT_MARK "rhoflux checkpoint "
/* The group of what RhoResultKeep was given. */
#define RHO_CHECKPOINT_ARRAYS "kept"
/* Attributes of /provenance, beside the run's own. */
#define RHO_CHECKPOINT_OUTPUTS "result.outputs"
#define RHO_CHECKPOINT_LINES "result.lines"
#define RHO_CHECKPOINT_WRITTEN "result.written"
/* Whether an open HDF5 file has them. */
bool rho_is_checkpoint(hid_t file);
/* text[RHO_CHECKPOINT_HEAD]: the head, filled up with zeros. */
void rho_checkpoint_head(char *text, int version, unsigned crc, unsigned long long nbyte);

/* ---- regrid.c ---- */

/* Whether every count is a multiple or a divisor of the other; fastest dimension first. */
bool rho_regrid_fits(int ndimension, const long long *from, const long long *to);
/* Whether two dimensions of the same extent have the same cells. */
bool rho_same_cells(const RhoDimension *a, const RhoDimension *b);
/* The cells of one mesh on another of the same dimensions and extents, to be freed with free(); NULL without memory. */
double *rho_regrid(const RhoMesh *from, const RhoMesh *to, const double *cells);
/* "[20, 12]" as h5py prints it, slowest first; shape is given fastest first when reversed. */
const char *rho_shape_text(char *buffer, size_t room, int rank, const long long *shape, bool reversed);

/* ---- info_read.c, info_list.c: what a file holds ---- */

/* Opens path, or path.h5 when only that exists; found[PETSC_MAX_PATH_LEN]: its path. */
hid_t rho_result_open(const char *path, char *found, Outcome *outcome);
void rho_info_read(RhoArena arena, hid_t file, const char *path, RhoResultInfo *info, Outcome *outcome);
/* All datasets of a file, groups in depth, by name. */
void rho_list_datasets(RhoArena arena, hid_t file, RhoResultInfo *info);
const char *rho_type_text(hid_t dataset);
/* Provenance: the root's attributes and the texts of /provenance, by name. */
void rho_list_provenance(RhoArena arena, hid_t file, RhoResultInfo *info);
/* The name of attribute i of an object; "" when there is none. */
const char *rho_attribute_name(RhoArena arena, hid_t object, hsize_t i);
/* source.c: a mistake when the file that holds output k of an index's dataset is missing. */
void rho_source_check(hid_t dataset, const char *index, int k, Outcome *outcome);
/* One field of a result at output k: data[cells of the mesh]. */
void rho_field_read(hid_t file, const RhoResultInfo *info, const char *name, int k, double *data, Outcome *outcome);
long long rho_mesh_cells(const RhoMesh *mesh);
/* The place of the first number that is not finite; -1: none. */
long long rho_first_undefined(long long n, const double *data);
/* Turns a failed HDF5 call into the mistake "cannot read 'path'". */
void rho_hdf5_unreadable(const char *path, Outcome *outcome);

#endif
