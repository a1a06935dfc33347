/* io.h - results: HDF5 snapshots, their index, scalar series, provenance, checkpoints; tables; fields and initial
   states from files. Layer io (uses grid, model; HDF5).  The layout for readers: models/README.md, "Results".

   A result NAME is
     NAME.h5            the index: opened by h5py, xarray, `rhoflux plot`; written aside and renamed at outputs.
                        /time [nt], /x /y /z (cell centres) as dimension scales; one virtual dataset per field
                        [nt, (nz, (ny,)) nx] over the snapshot files; /series/NAME [ns] over /series/time; provenance
     NAME.d/000000.h5   one snapshot per output, complete in itself (time, scales, fields), written aside and renamed
     NAME.xdmf          for ParaView, over the snapshot files
     NAME.checkpoint.h5 what the run goes on from: a snapshot of the state with the numbers of the run and a checksum;
                        NAME.checkpoint.old.h5 the one before
   A run killed at any moment therefore leaves a readable result up to an output written a moment ago (RhoResultWrite),
   and a whole checkpoint.
   Files are brought to the disk once a second: a failure of the machine takes what was written in the last second.
   All of them may be moved together to another folder, not renamed: the index names its snapshots relative to itself.

   Numbers are doubles, bit for bit.  The same calls give the same bytes on any number of ranks.  In the names of
   datasets a slash is written as U+2215 (HDF5 keeps / for its paths). */
#ifndef RHOFLUX_IO_H
#define RHOFLUX_IO_H
#include "rhoflux/grid.h"

/* ---- writing --------------------------------------------------------------------------------------------------- */

typedef struct RhoResult_s *RhoResult;

/* One array of cells in each snapshot.  A field of the model is a state: always finite.  A derived one (a formula of
   the state) may be undefined in places, as NaN. */
typedef struct {
  const char *name;  /* "rho[a]" */
  const char *latex; /* attribute "latex" when not NULL */
  PetscBool derived;
} RhoResultField;

/* A named scalar per output time or step: totals, free energy, extrema, steps, iterations. */
typedef struct {
  const char *name; /* "total(rho[a])" */
  const char *what; /* a sentence, attribute "what"; or NULL */
} RhoSeries;

/* A text that says where the result comes from: "model_text", "rhoflux_version", ...  A string attribute of the index
   when short, else a dataset in its group /provenance. */
typedef struct {
  const char *name, *what;
} RhoProvenance;

typedef struct {
  int nfield, nseries, nprovenance;
  const RhoResultField *field;
  const RhoSeries *series;
  const RhoProvenance *provenance;
} RhoResultContent;

/* Is name one that a result on this mesh has for itself, so that no field can have it? */
bool RhoResultTakes(const RhoMesh *mesh, const char *name);

/* Starts a result at path (with or without .h5) by writing an index without outputs; a result of that name is replaced
   only when overwrite.  Copies the content; keeps the grid, which must live longer.
   All functions of a result are collective; rank 0 writes.  PETSC_ERR_FILE_OPEN, PETSC_ERR_FILE_WRITE on all ranks,
   with the path and the system's reason; what was there before is left as it was. */
PetscErrorCode RhoResultCreate(RhoGrid grid, const char *path, PetscBool overwrite, const RhoResultContent *content,
                               RhoResult *result);
/* From here on nobody needs it before it is destroyed: the index is written then, and checkpoints are not. */
void RhoResultTemporary(RhoResult result);
/* Writes one snapshot, and the index unless that was written a moment ago: outputs may wait for it, as long as they are
   at most a quarter of those it has and for at most ten times as long as writing it takes.
     cells [in] global vector of the grid's layout with nfield unknowns per cell
     value [in] [nseries] at this time, on rank 0: a line of the series, in place of the last one if that has this time
   PETSC_ERR_FP, before anything is written: a state with NaN or infinity.  After any error the result is as before and
   the call may be repeated. */
PetscErrorCode RhoResultWrite(RhoResult result, PetscReal time, Vec cells, const PetscReal *value);
/* Adds a line to the series between snapshots; in memory until the next index or checkpoint. */
PetscErrorCode RhoResultSeries(RhoResult result, PetscReal time, const PetscReal *value);
/* Do outputs wait for the index, and may go on to?  Of rank 0; false on the others. */
PetscBool RhoResultWaits(RhoResult result);
/* Writes the index when it has not all outputs and lines.  Checkpoints and RhoResultDestroy do so by themselves. */
PetscErrorCode RhoResultSave(RhoResult result);

/* A number by its name, such as the length of the next step. */
typedef struct {
  const char *name;
  double value;
} RhoNumber;

/* Writes NAME.checkpoint.h5, from which the result can be completed: the state, numbers, the provenance, and how many
   outputs and lines the result has.  What was there becomes NAME.checkpoint.old.h5 when the new one is whole.
     cells [in] global vector of the grid's layout with one unknown per cell for each field that is not derived
   Errors as those of RhoResultWrite. */
PetscErrorCode RhoResultCheckpoint(RhoResult result, PetscReal time, Vec cells, int nnumber, const RhoNumber *number);
/* An array by its name, such as what observables have counted. */
typedef struct {
  const char *name;
  int n;
  const double *data; /* [n] */
} RhoArray;
/* What the checkpoints from now on carry beside numbers: rank 0's arrays, which must stay; NULL, 0: nothing. */
void RhoResultKeep(RhoResult result, int narray, const RhoArray *array);
/* The path of the index, and of the checkpoint. */
const char *RhoResultPath(RhoResult result);
const char *RhoResultCheckpointPath(RhoResult result);
/* Writes the index once more when lines were added since; frees in any case. */
PetscErrorCode RhoResultDestroy(RhoResult *result);
/* Removes all that belongs to the result at path, in the calling process alone; what is not there is no error. */
PetscErrorCode RhoResultRemove(const char *path);

/* ---- reading: integrals are kept to round-off, fields without negative values keep none; where cells become smaller
   they follow limited slopes.  Collective; rank 0 reads.  What does not fit is reported through diag at place, on all
   ranks, with *ok false and the cells untouched. --------------------------------------------------------------------
 */

/* Fields of a result (its index or one snapshot, with or without .h5) on the same dimensions and extents, of any cells.
     time  [in]  the output nearest to it; PETSC_INFINITY: the last
     cells [out] global vector of the grid's layout with nfield unknowns per cell
     found [out] the time of the output; may be NULL */
PetscErrorCode RhoResultRead(RhoGrid grid, RhoDiag diag, RhoPlace place, const char *path, PetscReal time, int nfield,
                             const char *const *name, Vec cells, PetscReal *found, PetscBool *ok);

#define RHO_MAXINDEX 4 /* leading indices of a plain dataset */

/* A plain HDF5 dataset of any number type with its leading indices fixed; the remaining ones are the cells, along every
   dimension a multiple or a divisor of the mesh's. */
typedef struct {
  const char *file, *dataset;
  int nindex, index[RHO_MAXINDEX]; /* negative: from the end */
  PetscReal from_fraction;         /* >= 0: instead of index[0], the average over the last part of the first index,
                                      from this fraction of its extent on (0: over all); nindex >= 1 */
  PetscBool xfirst;                /* the cells' shape is [nx, ny, nz], x slowest (particle files), not [nz, ny, nx] */
  RhoPlace place;
} RhoDataset;
/* Sets unknown `field` of cells, a global vector of the grid's layout; the other unknowns stay. */
PetscErrorCode RhoDatasetRead(RhoGrid grid, RhoDiag diag, const RhoDataset *dataset, int field, Vec cells,
                              PetscBool *ok);

/* ---- going on ---------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *path;    /* of the file taken */
  PetscBool previous;  /* it is the one before: the last one is damaged or missing */
  PetscBool same_mesh; /* as the grid's: the state is the one written, bit for bit */
  PetscReal time;
  int noutput, nline;       /* of the result when it was written */
  PetscReal written;        /* the time of its last output; -infinity: none */
  int nnumber, nprovenance; /* as given to RhoResultCheckpoint; in the arena */
  const RhoNumber *number;
  const RhoProvenance *provenance;
} RhoCheckpoint;

/* The last whole checkpoint of the result `name`; or, when name is that of a checkpoint file itself, this one.
     field [in]  [nfield] names of the state: exactly those of the checkpoint, in any order
     cells [out] global vector of the grid's layout with nfield unknowns per cell
   Reports (*ok false, cells untouched): that there is none, that it is something else, cut short or damaged, of other
   fields or of another box; and as a warning that the last one is damaged and the one before is taken. */
PetscErrorCode RhoCheckpointRead(RhoGrid grid, RhoArena arena, RhoDiag diag, const char *name, int nfield,
                                 const char *const *field, Vec cells, RhoCheckpoint *checkpoint, PetscBool *ok);
/* An array that the checkpoint carries, in the arena, whose guard it takes; NULL: it has none of this name.  In the
   calling process alone. */
const double *RhoCheckpointArray(RhoArena arena, const RhoCheckpoint *checkpoint, const char *name, int *n);
/* Opens the result at path to complete it: as RhoResultCreate with the outputs and lines that it had at the
   checkpoint; what came later is forgotten, and written anew.  Reports (*result NULL): a result of other fields or
   series, or with fewer outputs. */
PetscErrorCode RhoResultContinue(RhoGrid grid, RhoDiag diag, const char *path, const RhoResultContent *content,
                                 const RhoCheckpoint *checkpoint, RhoResult *result);

/* ---- tables: results that are not fields on a grid ----------------------------------------------------------------

   NAME.h5, one file, written aside and renamed: datasets of doubles in groups, by paths such as "map/growth", with
   dimension scales, texts and numbers as attributes, and provenance as a run's index has it.  The attribute
   `analysis` of the file says what the tables are: "stability", "phase_diagram"; `rhoflux plot` goes by it. */

typedef struct RhoTables_s *RhoTables;

/* Tables without content, in the arena, which must live as long.  No MPI: tables are made where they are wanted; those
   of rank 0 are written.  What is given is copied; memory running out takes the arena's guard. */
RhoTables RhoTablesCreate(RhoArena arena, const char *analysis);
/* A dataset [shape[0]]...[shape[rank - 1]], slowest index first, of rank 0 to 8 and maybe of no size, NaN where
   something is not defined.  what: a sentence with the unit, attribute "what"; or NULL. */
void RhoTablesArray(RhoTables tables, const char *path, const char *what, int rank, const long long *shape,
                    const double *data);
/* The dataset at `scale`, of rank 1, has the coordinates of axis `axis` of the dataset at path. */
void RhoTablesScale(RhoTables tables, const char *path, int axis, const char *scale);
/* Attributes of what stands at path: a dataset, else a group, which this makes; "": the file. */
void RhoTablesText(RhoTables tables, const char *path, const char *name, const char *text);
void RhoTablesTexts(RhoTables tables, const char *path, const char *name, int n, const char *const *text);
void RhoTablesNumber(RhoTables tables, const char *path, const char *name, double value);
/* Writes them to path (with or without .h5), replacing tables of that name only when overwrite, and other files never.
   Collective; rank 0 writes, the other ranks' tables may be NULL.  PETSC_ERR_FILE_OPEN, PETSC_ERR_FILE_WRITE on all
   ranks; what was there is left as it was.  PETSC_ERR_ARG_WRONG: two datasets, or a dataset and a group, of one path;
   scales that are not there or do not fit. */
PetscErrorCode RhoTablesWrite(MPI_Comm comm, RhoTables tables, const char *path, PetscBool overwrite, int nprovenance,
                              const RhoProvenance *provenance);

/* ---- journals: records that are there whole or not at all, whenever the process ends; calling process alone ------ */

typedef struct RhoJournal_s *RhoJournal;

/* To add to the file at path, which is made when there is none.  PETSC_ERR_FILE_OPEN with the system's reason. */
PetscErrorCode RhoJournalOpen(const char *path, RhoJournal *journal);
/* One record, a text without line ends, is on the disk when this returns; PETSC_ERR_FILE_WRITE. */
PetscErrorCode RhoJournalAdd(RhoJournal journal, const char *text);
PetscErrorCode RhoJournalClose(RhoJournal *journal);
/* The whole records of a file, in the order of writing: record[*n] in the arena, none when there is no file.  What a
   kill has cut short is passed over. */
PetscErrorCode RhoJournalRead(RhoArena arena, const char *path, int *n, const char *const **record);

/* A file with this text, written aside, brought to the disk and renamed, in place of any of that name. */
PetscErrorCode RhoTextSave(const char *path, const char *text);

/* ---- what a file holds: for `rhoflux info`, and the mesh and times of a result to be worked on ------------------- */

typedef enum { RHO_FILE_INDEX, RHO_FILE_SNAPSHOT, RHO_FILE_CHECKPOINT, RHO_FILE_TABLES, RHO_FILE_OTHER } RhoFileKind;

typedef struct {
  const char *name;
  PetscBool derived;
  double lowest, highest, mean; /* over the cells of the last output that are finite; NaN when there are none */
  long long nundefined;         /* the others: of derived fields, where their formula has no value */
} RhoFieldInfo;

typedef struct {
  const char *name, *what; /* what: "" when not said */
  double first, last;      /* NaN without lines */
  const double *value;     /* [nline]; NULL without lines */
} RhoSeriesInfo;

typedef struct {
  const char *name; /* path in the file */
  int rank;
  long long shape[32];
  const char *type; /* "float64", "int32", "text", ... */
  const char *what; /* attribute "what"; "" without     */
} RhoDatasetInfo;

typedef struct {
  const char *path;
  RhoFileKind kind;
  const char *analysis; /* of tables; "" otherwise */
  RhoMesh mesh;         /* of a result; ndimension 0 otherwise; place nowhere */
  int ntime;
  const double *time; /* [ntime] */
  int nfield, nseries, nline, nprovenance, ndataset;
  const RhoFieldInfo *field;       /* [nfield], in the order of writing  */
  const RhoSeriesInfo *series;     /* [nseries], of nline lines each     */
  const RhoProvenance *provenance; /* [nprovenance], by name; numbers too */
  const RhoDatasetInfo *dataset;   /* [ndataset], of tables and of a file that is no result: all it has */
} RhoResultInfo;

/* Reads in the calling process alone (no MPI).  statistics: also lowest, highest and mean, which takes reading the last
   output.  Everything lives in the arena.  RHO_INPUT: reported at place. */
RhoStatus RhoResultInfoRead(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, bool statistics,
                            const RhoResultInfo **info);
void RhoResultInfoPrint(const RhoResultInfo *info, FILE *stream);
void RhoResultInfoPrintJson(const RhoResultInfo *info, FILE *stream); /* one object; undefined numbers are null */

/* ---- frames: the fields of a result, one output after the other, in the calling process (no MPI) ----------------- */

typedef struct RhoFrames_s *RhoFrames;

/* Opens a result (its index or one snapshot, with or without .h5).  *info lives in the arena; *frames is to be closed,
   NULL unless all is well.  RHO_INPUT: reported at place. */
RhoStatus RhoFramesOpen(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, RhoFrames *frames,
                        const RhoResultInfo **info);
/* data[cells]: info->field[field] at info->time[output], the first dimension fastest.  RHO_INPUT: cannot be read, or
   has undefined values. */
RhoStatus RhoFramesRead(RhoFrames frames, RhoDiag diag, int field, int output, double *data);
/* A stored series by its name, or "time" of all of them, [*n] in the arena, whose guard it takes; NULL: there is none.
 */
const double *RhoFramesSeries(RhoFrames frames, RhoArena arena, const char *name, int *n);
void RhoFramesClose(RhoFrames *frames);

/* ---- the fields of a state, on rank 0 ---------------------------------------------------------------------------- */

typedef struct RhoGather_s *RhoGather;

PetscErrorCode RhoGatherCreate(RhoGrid grid, int nfield, RhoGather *gather);
/* cells: global vector of the grid's layout with nfield unknowns per cell; *u on rank 0: [nfield][cells], the first
   dimension fastest, until the next call; NULL on the others.  Collective. */
PetscErrorCode RhoGatherFields(RhoGather gather, Vec cells, const double *const **u);
PetscErrorCode RhoGatherDestroy(RhoGather *gather);

#endif
