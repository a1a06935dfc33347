/* model_private.h - what the files of layer model share while a model is read.

   Reading is lazy: every key of parameters, kernels, define, dynamics and tables is registered as a name with its
   elements ("T[i]" over {A, B} has the elements T[A] and T[B]); a formula that uses a name elaborates it on the way.
   A mistake is reported where it stands; what depends on it fails silently (RHO_NONE). */
#ifndef RHOFLUX_MODEL_PRIVATE_H
#define RHOFLUX_MODEL_PRIVATE_H
#include "rhoflux/model.h"

enum { MAX_INDEX = 4, MAX_MEMBERS = 1024, MAX_ELEMENTS = 65536, MAX_STEPS = 1 << 20, MAX_DEPTH = 6000 };
enum { MAX_FIELDS = 1024, MAX_KERNELS = 1024, MAX_CHANGES = 1 << 22 /* exchanges times fields */ };

/* ---- index sets (model_index.c) ------------------------------------------------------------------------------ */

typedef struct {
  int nmember;
  const char **member;
} IndexSet;

typedef struct {
  const char *name;
  int set;
  RhoPlace place;
} IndexLetter;

/* ---- keys (model_key.c) ---------------------------------------------------------------------------------------- */

/* One place in the brackets of a key: a letter, which runs over its set, or one member. */
typedef struct {
  int letter;         /* -1: a member */
  const char *member; /* of a member */
  RhoPlace place;
} KeySlot;

/* "rho[s]", "K[A, j]", "sig(x, k)" */
typedef struct {
  const char *name;
  int nslot, narg;
  KeySlot slot[MAX_INDEX];
  const char **arg; /* of a function */
  RhoPlace place;
} Key;

/* ---- names (model_names.c) --------------------------------------------------------------------------------------- */

typedef enum { NAME_PARAMETER, NAME_TABLE, NAME_KERNEL, NAME_DEFINE, NAME_FIELD } NameKind;
typedef enum { STATE_NEW, STATE_ACTIVE, STATE_DONE, STATE_FAILED } State;

/* One key with its value. */
typedef struct {
  Key key;
  const RhoYaml *value;
  const RhoAst *ast; /* define: the parsed formula, once */
  State state;       /* of the parsing; of a function: ACTIVE while it is being expanded */
  bool used;
} Entry;

typedef struct {
  const char *label; /* "K[A,B]" */
  int entry;         /* the most specific entry that covers it, or -1: none, or `none` */
  int number;        /* parameter, kernel, field: its place in the model's arrays */
  State state;
  RhoNode node; /* parameter, field: the symbol; define: the formula; kernel: RHO_NONE */
} Element;

typedef struct Name_s {
  NameKind kind;
  const char *name;
  int nindex, set[MAX_INDEX];
  bool function;
  int nentry, entrycapacity;
  Entry *entry;
  int nelement;
  Element *element;
  RhoPlace place;
  struct Name_s *next; /* of the same hash */
} Name;

/* ---- scopes (model_scope.c) ----------------------------------------------------------------------------------------
 */

/* What a formula may use besides parameters. */
enum { MAY_FIELD = 1, MAY_TIME = 2, MAY_COORDINATE = 4, MAY_OPERATOR = 8, MAY_EXTENT = 16, MAY_ALL = 15 };

typedef struct Binding_s {
  const char *name;
  int set, member; /* an index letter, or set = -1 */
  RhoNode node;    /* an argument of a function, the variable of a kernel, a name of the caller */
  const struct Binding_s *up;
} Binding;

typedef struct {
  RhoModel model;
  const Binding *binding;
  unsigned may;
  const char *what; /* "a parameter" */
  int component;    /* the dimension of a flux component, where grad means the derivative along it; else -1 */
  RhoNode dim;      /* what `dim` means */
} Scope;

/* ---- the model while and after it is read ---------------------------------------------------------------------------
 */

enum { NHASH = 256 };

typedef struct RhoModelPrivate_s {
  const RhoYaml *top; /* after inheritance */
  int nset, setcapacity, nletter, lettercapacity;
  IndexSet *set;
  IndexLetter *letter;
  Name *hash[NHASH];
  Name **name; /* in the order of registration */
  int nname, namecapacity;
  const char **chain; /* what is being elaborated, for reports of cycles */
  int nchain, chaincapacity;
  int depth, nstep;
  int ntable, tablecapacity;
  double *table_end; /* [ntable]: the last argument of each table of the graph */
  int kernelcapacity, parametercapacity, fieldcapacity, definecapacity, derivedcapacity;
  bool *kernel_used;    /* [nkernel][RHO_KERNEL_NUMBERS] the number is used by a formula */
  RhoNode *uniform;     /* [nparameter + 2] */
  int nnumber, *number; /* [nnumber nodes]: place in the values + 1 of a uniform symbol */
} * Private;

/* ---- model_kernels.c: numbers of kernels ---- */

/* The symbol of a number of kernel k, "K(0)", and that a formula uses it. */
RhoNode rho_kernel_number(RhoModel model, int k, const char *label, RhoKernelNumber number);
const char *rho_kernel_number_name(RhoModel model, const char *label, RhoKernelNumber number);

/* ---- model_key.c ---- */

/* Reads a key; false after a report.  Letters and members are told apart by the index sets. */
bool rho_key_read(RhoModel model, const RhoYaml *text, Key *key);
/* The same for a text inside a list or value ("P[i]"). */
bool rho_key_read_formula(RhoModel model, RhoFormula text, Key *key);
int rho_key_members(const Key *key); /* how many slots are single members: the more, the more specific */
RhoFormula rho_formula_part(RhoFormula whole, int begin, int end);
bool rho_is_identifier(const char *text);
bool rho_is_none(const RhoYaml *value);
const RhoYaml *rho_without_none(RhoModel model, const RhoYaml *map); /* a copy without the keys that are "none" */

/* ---- model_index.c ---- */

void rho_index_read(RhoModel model, const RhoYaml *index);
int rho_index_letter(RhoModel model, const char *name);
int rho_index_member(RhoModel model, int set, const char *member);
/* Bindings for the letters of a list such as "i, j"; returns how many, -1 after a report. */
int rho_index_letters(RhoModel model, RhoFormula list, int most, int *letter);
const char *rho_index_list(RhoModel model, int set); /* "a, b, c" for messages */

/* ---- model_names.c ---- */

void rho_names_add(RhoModel model, NameKind kind, const RhoYaml *map, const char *what);
/* After all are added: sets of the slots, elements. */
void rho_names_finish(RhoModel model);
Name *rho_names_find(RhoModel model, const char *name);
/* The element with these members; -1: not a member of the set of slot *bad. */
int rho_names_element(RhoModel model, const Name *name, const char *const *member, int *bad);
void rho_names_members(RhoModel model, const Name *name, int element, const char **member);
/* Does the key cover the element with these members?  */
bool rho_key_covers(const Key *key, const char *const *member);
/* Binds the letters of the key to the members; binding[MAX_INDEX]; returns the innermost. */
const Binding *rho_key_bind(RhoModel model, const Key *key, const char *const *member, Binding *binding);
const char *rho_names_suggest(RhoModel model, const char *name, const Binding *binding, unsigned kinds);
bool rho_is_builtin(const char *name);
bool rho_is_function_name(const char *name);
const char *rho_kind_word(NameKind kind);
const char *rho_names_pattern(RhoModel model, const Name *name); /* "rho[s]" */

/* ---- model_scope.c, model_elaborate.c, model_call.c ---- */

Scope rho_scope(RhoModel model, unsigned may, const char *what, const Binding *binding);
const Binding *rho_scope_find(const Scope *scope, const char *name);
/* A name or indexed name as a node. */
RhoNode rho_scope_name(Scope *scope, const RhoAst *ast);
/* The element that a name with these indices means; -1 after a report. */
int rho_scope_element(Scope *scope, const Name *name, const RhoAst *ast);
/* Is what the node depends on allowed here?  Reports at place. */
bool rho_scope_allows(Scope *scope, RhoNode node, RhoPlace place, const char *name);
int rho_scope_dimension(Scope *scope, const RhoAst *ast); /* -1 after a report */
RhoNode rho_scope_coordinate(RhoModel model, int d);

RhoNode rho_elaborate(Scope *scope, const RhoAst *ast);
RhoNode rho_elaborate_text(Scope *scope, const RhoYaml *text); /* parses first */
/* The same, and checks the rank: 0 scalar, 1 vector.  what: "the mobility of 'phi'" */
RhoNode rho_elaborate_rank(Scope *scope, const RhoYaml *text, int rank, const char *what);
RhoNode rho_call(Scope *scope, const RhoAst *ast);
bool rho_check_count(Scope *scope, const RhoAst *ast, int narg, const char *usage); /* of arguments; no index */
/* What ast means, when it is a scalar; RHO_NONE after a report. */
RhoNode rho_scalar(Scope *scope, const RhoAst *ast, const char *what);
bool rho_condition(Scope *scope, const RhoAst *ast, bool *holds); /* on index letters; false after a report */
RhoNode rho_define_node(RhoModel model, Name *name, int element, RhoPlace use);
RhoNode rho_function_call(Scope *scope, Name *name, const RhoAst *ast);
int rho_rank(RhoModel model, RhoNode node);
bool rho_expect_scalar(Scope *scope, RhoNode node, RhoPlace place, const char *what);
/* "what in a circle: chain[0] -> ... -> again" */
void rho_report_circle(RhoArena arena, RhoDiag diag, RhoPlace place, const char *what, int nchain,
                       const char *const *chain, const char *again);

/* zone(x, a, b) (model_zone.c) */
RhoNode rho_zone(Scope *scope, const RhoAst *ast);

/* ---- model_vector.c ---- */

RhoNode rho_vector_div(Scope *scope, RhoNode v);
RhoNode rho_vector_dot(Scope *scope, RhoNode v, RhoNode w);
RhoNode rho_vector_component(Scope *scope, RhoNode v, int dimension);
RhoNode rho_vector_select(Scope *scope, RhoNode condition, RhoNode v, RhoNode w);
/* Is a flux component affine in its derivatives along the dimension?  Reports at place. */
bool rho_vector_check_component(Scope *scope, RhoNode node, int dimension, RhoPlace place, const char *what);

/* ---- sections of the file ---- */

const RhoYaml *rho_inherit(RhoArena arena, RhoDiag diag, const char *path, RhoPlace from);
const char *rho_find_model(RhoArena arena, RhoDiag diag, const char *name, const char *beside, RhoPlace from);
void rho_dimensions_read(RhoModel model, const RhoYaml *top);
/* Numbers and symbols first, so that formulas may come in any order. */
void rho_parameters_add(RhoModel model);
void rho_kernels_add(RhoModel model);
void rho_fields_add(RhoModel model);
void rho_tables_read(RhoModel model);
void rho_kernels_read(RhoModel model);
void rho_parameters_read(RhoModel model);
void rho_parameters_order(RhoModel model);
void rho_defines_read(RhoModel model);
void rho_fields_read(RhoModel model, const RhoYaml *fields);
void rho_dynamics_read(RhoModel model, const RhoYaml *top);
void rho_exchange_read(RhoModel model, const RhoYaml *list);
/* The value of a field's `noise`, with the letters of its key bound. */
void rho_noise_read(RhoModel model, RhoField *field, const Binding *binding, const RhoYaml *value, const char *what);
void rho_initial_read(RhoModel model, const RhoYaml *map);

/* ---- model_derived.c ---- */

void rho_derived_read(RhoModel model, const RhoYaml *map);
/* The field that a key names; NULL after a report. */
const Name *rho_field_key(RhoModel model, const Key *key);
void rho_boundary_create(RhoModel model); /* no flux anywhere */
void rho_boundary_read(RhoModel model, const RhoYaml *map);
void rho_checks_read(RhoModel model, const RhoYaml *list);
const char *rho_latex(RhoArena arena, const char *name);

/* Numbers for the elements of names from a map such as {"T[i]": [50, 1], k: 2, "rho[a]": 0.3}.  kind says of which
   names; put is called for each element given.  false after a report. */
typedef void (*PutFn)(void *ctx, int number, const char *label, double value, RhoPlace place);
bool rho_state_read(RhoModel model, const RhoYaml *map, double *state);
bool rho_settings_read(RhoModel model, const RhoYaml *map, NameKind kind, const char *what, PutFn put, void *ctx);
/* The text for one element inside a value given as one text, a list or a map by member; NULL after a report.
   member[]: of the letters of the key, in order; nletter of them, set[] their sets. */
const RhoYaml *rho_leaf(RhoModel model, const RhoYaml *value, int nletter, const int *set, const char *const *member,
                        const char *what);
/* The name of this kind that a key means, with as many indices; NULL after a report. */
Name *rho_settings_name(RhoModel model, NameKind kind, const Key *key);
bool rho_is_setting_of(const RhoSetting *setting, const char *name); /* spaces aside */
/* The uniform symbols, when the parameters have their order. */
void rho_uniform_collect(RhoModel model);
int rho_key_letters(RhoModel model, const Key *key, const char *const *member, int *set, const char **letter_member);

/* ---- numbers (model_bind.c) ---- */

/* trial: when the file is read, where an unknown `dim` is no mistake. */
RhoStatus rho_bind(RhoModel model, int dim, int nsetting, const RhoSetting *setting, double *value, bool trial);

/* Runs body(ctx) so that running out of arena memory returns RHO_NOMEM; the guard set before stays set. */
typedef RhoStatus (*GuardedFn)(void *ctx);
RhoStatus rho_guarded(RhoArena arena, GuardedFn body, void *ctx);

#endif
