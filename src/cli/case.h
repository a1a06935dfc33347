/* case.h - a case: a model with its parameters, a mesh, an initial state, times, and what to write.

   The file (models/CASES.md):

     rhoflux: 1
     case: NAME
     title: text
     model: ../model.yaml | shipped name
     parameters: {k: 2*pi, "T[A]": 1.5, "T[i]": [1, 2] | {A: 1, B: 2} | 1}
     protocol: {chi: formula of t, "T[A]": {at: [[t, value], ...], between: linear | step}}
     mesh: file | {x: {...}, ...}
     initial:                                  one of the first four; `random` may stand beside each
       state: a suggested one of the model
       formulas: {"rho[a]": formula, phi: formula}      rho: all of rho[...]
       result: path        (time: last | number)
       dataset: {file: path, name: dataset, fields: {"rho[a]": {index: [-1, 0]}}, average_from: 0.5, x_first: yes}
       random: {"rho[a]": amplitude}
     time: {start: 0, end: 100, outputs: 50 | every: 2 | at: [1, 10], breakpoints: [2], step: ,
            fixed_step: , largest_step: , steady: }
     solver: {scheme: ark3, preconditioner: auto, coefficients: variable, plans: estimated,
              rtol: , atol: , linear_rtol: , max_steps: , max_seconds: }
     output: {name: NAME, checkpoint: 600, derived: {NAME: formula}}
     noise: on | off | {omega: 1000, entropy_production: yes, nonnegative: yes}
     seed: 1
     discretization: finite_volumes | spectral | dealiased
     observe: [{name: structure_factor, every: 0.5, from: 10, to: , fields: [rho], bins: , range: [0, 3], q: , omega: }]
     stability: {state: , over: , extremes: , within: , neutral: , q: , direction: , spacing: }
                                               an analysis (case_stability.c)
     phase_diagram: {window: , compositions: , over: , paths: , construction: , front: }
                                               an analysis (case_phase.c)

   Files are found from the folder of the case file, the result is written from the folder the program runs in. */
#ifndef RHO_CASE_H
#define RHO_CASE_H
#include "cli_private.h"
#include "rhoflux/evolve.h"
#include "rhoflux/observe.h"

typedef enum {
#define RHO_CASE_NUMBER(id, section, key, kind, value) RHO_CASE_##id,
#include "case_numbers.def"
#undef RHO_CASE_NUMBER
  RHO_CASE_NUMBER_COUNT
} RhoCaseNumberId;

typedef struct {
  double value;
  bool given;
  RhoPlace place;
} RhoCaseNumber;

typedef enum { RHO_INITIAL_NONE, RHO_INITIAL_FORMULAS, RHO_INITIAL_RESULT, RHO_INITIAL_DATASET } RhoInitialKind;

typedef struct {
  RhoInitialKind kind;
  RhoPlace place;
  RhoNode *formula;    /* [nfield], FORMULAS (of the case, or the model's suggested ones) */
  const char *result;  /* RESULT: path */
  double time;         /* RESULT: PETSC_INFINITY: the last */
  RhoDataset *dataset; /* [nfield], DATASET */
  double *random;      /* [nfield]: amplitudes, and where they are given */
  RhoPlace *random_at;
} RhoCaseInitial;

/* The texts that the diagnostics got while something was read: first .. end - 1. */
typedef struct {
  int first, end;
} RhoSourceRange;

typedef enum { RHO_CASE_VOLUMES, RHO_CASE_SPECTRAL, RHO_CASE_DEALIASED } RhoCaseDiscretization;

/* What a sweep goes over. */
typedef struct {
  const char *name; /* as in --set */
  int n;
  const char **value; /* [n], as --set takes them */
  double *number;     /* [n] */
} RhoCaseAxis;

/* What is observed while it runs. */
typedef struct {
  const char *name; /* of the observable */
  RhoPlace place;
  double every;              /* time between states; 0: at each output */
  int nfield, *field;        /* of the model */
  RhoObserveOptions options; /* of which `fields` are none */
} RhoCaseObserve;

typedef struct RhoCaseStability_s RhoCaseStability;
typedef struct RhoCasePhase_s RhoCasePhase;

/* What a case is read for: to be run, it needs mesh, start and times, for an analysis it does not; one that is checked
   needs them unless it has the section of an analysis.  For an analysis and a check it may be a model file or a shipped
   name as well. */
typedef enum { RHO_CASE_FOR_RUN, RHO_CASE_FOR_ANALYSIS, RHO_CASE_FOR_CHECK } RhoCasePurpose;

typedef struct {
  RhoCli *cli;
  bool evolves;              /* what is missing for a run is reported */
  const char *path, *folder; /* of the file given; "" when it was a model's name */
  int source;                /* of the case file; -1: the file is a model, there is no case */
  const RhoYaml *root;       /* of the case file */
  const char *name, *title;
  RhoModel model;
  RhoEquations eq;
  int dim;       /* of the mesh, else of the model, else 1 */
  double *value; /* [eq->nuniform] */
  RhoPlace model_place;
  RhoSourceRange model_source, mesh_source;
  bool has_mesh;
  RhoMesh mesh;
  int nsetting, settingcapacity;
  RhoSetting *setting;
  int nfile_setting; /* the first ones are of the file, the others of the command line */
  int naxis, axiscapacity;
  RhoCaseAxis *axis; /* of --over; the case has the first value of each */
  RhoCaseNumber number[RHO_CASE_NUMBER_COUNT];
  int noutput;
  double *output; /* [noutput]: times, start and end included */
  int nbreak;
  double *breakpoint; /* [nbreak]: times between start and end at which the equations may jump, ascending */
  RhoCaseInitial initial;
  RhoCaseDiscretization discretization;
  const char *scheme; /* NULL: the default */
  RhoPreconditioner preconditioner;
  bool constant;        /* coefficients of the implicit part */
  RhoPlanning planning; /* of transforms */
  bool noise;           /* the model's noise is on */
  bool nonnegative;     /* ... and takes from no cell more than there is */
  bool work;            /* with it, entropy production is measured; where that was asked for */
  RhoPlace work_place;
  const char *result; /* the name of the result */
  int nderived;
  const char **derived_name;
  RhoNode *derived;
  int nobserve;
  RhoCaseObserve *observe;
  int halo;                    /* cells that the model and the derived formulas reach over */
  RhoCaseStability *stability; /* stability: (stability.h), or NULL */
  RhoCasePhase *phase;         /* phase_diagram: (phase.h), or NULL */
} RhoCase;

/* Reads a case file, with what the command line says on top (--set,
   --mesh, --output, --seed), and binds the parameters.  RHO_INPUT: reports are in cli->diag.  Destroy in any case. */
RhoStatus rho_case_load(RhoCli *cli, const char *path, RhoCasePurpose purpose, RhoCase *c);
void rho_case_destroy(RhoCase *c);

/* ---- case_kind.c: what a file is, by its keys ---- */

typedef enum { RHO_INPUT_UNKNOWN, RHO_INPUT_CASE, RHO_INPUT_MODEL, RHO_INPUT_MESH } RhoInputKind;
RhoInputKind rho_input_kind(const RhoYaml *root);
/* Of a file that somebody else reads in earnest: reports nothing. */
RhoInputKind rho_input_kind_at(const char *path);
/* The path of a case as it was given; of a model's folder or name, which are no cases, the file that says so. */
const char *rho_case_file(RhoArena arena, const char *path);
/* Hints of the report that the case's file could not be read. */
void rho_case_hint_file(RhoCase *c);
/* False after the report that the case's file is a model or a mesh. */
bool rho_case_is_one(RhoCase *c);

/* ---- the parts of reading ---- */

/* Reports a key that is not there.  Returns false. */
bool rho_case_missing(RhoCase *c, const RhoYaml *map, const char *what, const char *key, const char *hint);
/* Is the text of a key's value not empty?  Reports. */
bool rho_case_filled(RhoCase *c, const RhoYaml *node, const char *key);
/* The text of map's key; NULL when it is not there, or after a report when it is no text, or empty. */
const char *rho_case_text(RhoCase *c, const RhoYaml *map, const char *key);
/* The map below key; NULL as above.  Its keys are checked against allowed. */
const RhoYaml *rho_case_map(RhoCase *c, const RhoYaml *map, const char *key, int nallowed, const char *const *allowed);
/* The position of the text of node in word[nword]; -1 after a report with a suggestion. */
int rho_case_word(RhoCase *c, const RhoYaml *node, const char *what, int nword, const char *const *word);
/* The fields that a key names: one, or all of rho[...] by "rho".  field[model->nfield]; 0 after a report. */
int rho_case_fields(RhoCase *c, const RhoYaml *key, int *field);
/* A formula of the model's language with the mesh's coordinates and extents; a scalar.  RHO_NONE after a report. */
RhoNode rho_case_formula(RhoCase *c, const RhoYaml *node);
/* A number: a formula of numbers and parameters.  False after a report. */
bool rho_case_value(RhoCase *c, const RhoYaml *node, double *value);
/* The value of a parameter, or an extent of the mesh; NaN of other nodes. */
double rho_case_symbol(const RhoCase *c, RhoNode symbol);
/* A piece of a text of the command line as a YAML text, so that it is read, and its mistakes shown, like one in a file.
 */
const RhoYaml *rho_case_piece(RhoCase *c, int source, const char *text, size_t offset, size_t nbyte);
/* Whether all coordinates and extents of a formula are those of the mesh; reports. */
bool rho_case_on_mesh(RhoCase *c, RhoNode formula, RhoPlace place);
/* The symbol L + name of the extent of a dimension of the mesh. */
RhoNode rho_case_extent(const RhoCase *c, int d);
RhoNode rho_case_coordinate(const RhoCase *c, int d);

/* case_numbers.c: all numbers of the file; `seed` and --set of them. */
void rho_case_numbers_read(RhoCase *c);
/* Is name one of the table ("time.end")?  Then sets it. */
bool rho_case_number_set(RhoCase *c, const char *name, const RhoYaml *value);
/* The keys of a section, for RhoYamlOnly, with more behind; in the arena. */
int rho_case_number_keys(RhoCase *c, const char *section, int nmore, const char *const *more, const char ***keys);
/* case_parameters.c: parameters: and --set, and protocols; the first nown settings are those of the file. */
void rho_case_parameters_read(RhoCase *c, const RhoYaml *map);
void rho_case_protocol_read(RhoCase *c, const RhoYaml *map, int nown);
void rho_case_command_line_read(RhoCase *c);
/* Gives a number of the case or a parameter a value; reports. */
void rho_case_set(RhoCase *c, const RhoYaml *name, const RhoYaml *value);
/* case_over.c: --over */
void rho_case_over_read(RhoCase *c);
/* case_initial.c, case_times.c, case_output.c */
void rho_case_initial_read(RhoCase *c);
void rho_case_times_read(RhoCase *c);
/* When the parameters are bound: those of the formulas and those that `time:` names. */
void rho_case_breakpoints_find(RhoCase *c);
void rho_case_solver_read(RhoCase *c);
/* Behind the solver's. */
void rho_case_noise_read(RhoCase *c);
/* When the parameters are bound: can entropy production be measured? */
void rho_case_work_check(RhoCase *c);
void rho_case_output_read(RhoCase *c);

/* case_observe.c, when the parameters are bound and there is a mesh */
void rho_case_observe_read(RhoCase *c);

/* case_stability.c, case_phase.c: the section of an analysis, when the parameters are bound (analyses.def) */
void rho_case_stability_read(RhoCase *c);
void rho_case_phase_diagram_read(RhoCase *c);

/* ---- the initial state on a grid: initial.c, random.c ---- */

/* Fills u.  *ok false after reports in the diagnostics.  Collective. */
PetscErrorCode rho_initial_set(RhoCase *c, RhoFieldModel fm, Vec u, bool *ok);
/* Adds amplitude*r to unknown `field`: r uniform in [-1, 1] of zero mean, the same on any number of ranks. */
PetscErrorCode rho_random_add(RhoGrid grid, unsigned long long seed, int field, double amplitude, Vec u);

#endif
