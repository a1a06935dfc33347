/* model.h - a model file as data: fields, parameters, index sets, kernels, and its equations as nodes of one graph.
   Layer model (uses expr, base; libyaml).  The language: models/README.md.

   Everything indexed is expanded: "rho[s]" with s in {a, b} gives the fields rho[a] and rho[b].
   A model does not know the mesh: `dim` and all parameters are symbols, given values by RhoModelBind. */
#ifndef RHOFLUX_MODEL_H
#define RHOFLUX_MODEL_H
#include "rhoflux/expr.h"

#define RHO_MAXDIM 3 /* named dimensions of one mesh */

typedef enum {
  RHO_REAL,   /* an order parameter or any other real field */
  RHO_DENSITY /* nonnegative                                */
} RhoFieldKind;

/* amplitude * (white noise): of the flux through faces, along one dimension or each of them, or of the reaction. */
typedef struct {
  const char
      *name; /* of the white noise, which all terms of this name share, fluxes and reactions each; NULL: its own */
  bool flux;
  int direction;     /* of a flux: a named dimension, or -1: every one */
  bool stratonovich; /* else Ito */
  RhoNode amplitude;
  RhoPlace place;
} RhoNoiseTerm;

/* One field and its equation  d_t u = -div J + R,
     J = -mobility*grad(potential) + flux + u*drift + noise,   R = reaction + exchanges.
   Nodes that the file does not give are RHO_NONE.  flux[0..] and drift[0..]: per named dimension (scalars, the
   component) when the file gives a map; when it gives one formula it is a rank-1 node in flux_all, drift_all.
   In a component along dimension k the outermost gradients are DIFF nodes with attr k, and it is affine in them. */
typedef struct {
  const char *name;  /* "rho[a]" */
  const char *latex; /* "\rho_{a}" */
  RhoFieldKind kind;
  RhoNode symbol;
  RhoNode mobility, potential; /* potential may be NONE when the model has a free_energy: ops derives it */
  RhoNode flux_all, flux[RHO_MAXDIM];
  RhoNode drift_all, drift[RHO_MAXDIM];
  RhoNode reaction;
  int nnoise;
  RhoNoiseTerm *noise; /* [nnoise] */
  RhoPlace place;      /* of its key under dynamics: */
} RhoField;

/* sum over fields of stoichiometry: u_i changes at the net rate (to_i - from_i) * (rate - back). */
typedef struct {
  double *change; /* [nfield]: to - from */
  RhoNode rate;   /* rate - back */
  RhoPlace place;
} RhoExchange;

/* Numbers that formulas take of a kernel: K(0), integral(K) = K^(0), corrector(K) (RhoKernelCorrector). */
typedef enum { RHO_KERNEL_AT0, RHO_KERNEL_INTEGRAL, RHO_KERNEL_CORRECTOR, RHO_KERNEL_NUMBERS } RhoKernelNumber;

typedef struct {
  const char *name; /* "k21", "T[A]" */
  RhoNode symbol;
  RhoNode formula; /* node of other parameters (a constant node for a number); RHO_NONE of a kernel's number */
  int kernel;      /* >= 0: this is a number of that kernel, "K(0)", "integral(K)"; NaN unless some formula uses it */
  RhoKernelNumber number;
  bool varies;       /* it follows a protocol, or is a formula of one that does: its formula stands in its place
                        everywhere, its value is that at t = 0 */
  RhoPlace place;    /* of its value */
  RhoPlace protocol; /* of its entry in one, RHO_NOWHERE */
} RhoParameter;

typedef enum { RHO_KERNEL_OF_R, RHO_KERNEL_OF_Q, RHO_KERNEL_TABLE_R, RHO_KERNEL_TABLE_Q } RhoKernelForm;

typedef struct {
  const char *name; /* "K", "M[A,B]" */
  RhoKernelForm form;
  int dim;          /* the kernel's own dimension, 0: the model's */
  RhoNode formula;  /* in the symbol r or q (RHO_SYM_COORDINATE "r" or "q" of the kernel's own scope) and parameters */
  RhoNode variable; /* that symbol */
  RhoNode cutoff;   /* K(r) = 0 beyond; RHO_NONE: integrate until it is negligible */
  RhoNode integral; /* the value int K d^dr is scaled to; RHO_NONE: as written */
  RhoNode real, real_variable; /* of a shape given in q: the same kernel in r, for K(0); else RHO_NONE */
  RhoPlace place;
} RhoKernel;

/* name = formula for the user's eye and for outputs: define entries without arguments, expanded; zones. */
typedef struct {
  const char *name;
  RhoNode node;
  RhoPlace place;
} RhoDefine;

/* A definition or parameter worth knowing, and what it means: derived: {name: text}. */
typedef struct {
  const char *name;
  RhoNode node;
  const char *what;
  RhoPlace place;
} RhoDerived;

/* A suggested initial state: formula[nfield] in coordinates, parameters and the extents Lx, Ly, ... */
typedef struct {
  const char *name;
  RhoNode *formula;
  RhoPlace place;
} RhoInitial;

/* What holds at one wall for one field.  Scalars of coordinates, t, parameters and extents; flux also of the fields,
   which then are those at the wall.  RHO_NONE: nothing is said of it. */
typedef struct {
  RhoNode value;  /* of the field */
  RhoNode slope;  /* derivative along the outward normal */
  RhoNode flux;   /* component of J along the dimension, from `from` towards `to` */
  RhoPlace place; /* RHO_NOWHERE: no condition was given; nothing flows, normal derivatives vanish */
} RhoCondition;
/* side 0: from, 1: to */
#define RHO_CONDITION(model, i, d, side) (&(model)->condition[((i)*RHO_MAXDIM + (d)) * 2 + (side)])

typedef enum { RHO_CHECK_RECIPROCAL, RHO_CHECK_CONSERVED, RHO_CHECK_VALUE, RHO_CHECK_GROWTH } RhoCheckKind;

/* One entry of checks: (models/README.md, "Checks"). */
typedef struct {
  RhoCheckKind kind;
  const char *word; /* reciprocal: local, functional, none; conserved: the combination's text;
                       value: "formula", or the derived "mu", "f", "p", "hessian" (evaluated by ops) */
  const char *text; /* value "formula": as it is written; else NULL */
  int of[2];        /* value: the fields of mu and hessian, else -1 */
  RhoNode node;     /* value "formula": what is evaluated (homogeneous limit); conserved: the combination */
  int nset;         /* parameter overrides of this check */
  const char **set_name;
  double *set_value;
  double *state;        /* [nfield] uniform state, for value and growth */
  double q[RHO_MAXDIM]; /* growth: the wavevector along the dimensions */
  int nvalue;
  double *value;    /* growth: real parts, descending (the first nvalue are compared); value: one number */
  double tolerance; /* relative to max(1, |value|) */
  int dim;          /* 0: the model's */
  const char *source;
  RhoPlace place;
} RhoCheck;

/* Read only for everybody but this layer.  Owned by the model's arena; graph may grow. */
typedef struct RhoModel_s *RhoModel;
struct RhoModel_s {
  RhoArena arena;
  RhoDiag diag; /* not owned */
  RhoGraph graph;
  const char *name, *title, *source, *path;
  int dim;                           /* 0: the mesh's */
  int ndimension;                    /* named dimensions, 0: the mesh's own names */
  const char *dimension[RHO_MAXDIM]; /* without `dimensions:` x, y, z, known to formulas by these names */
  bool internal[RHO_MAXDIM];         /* does not count in dim: v, theta, q, any name but x, y, z, x1, x2, ... */
  int nfield, nparameter, nkernel, ndefine, nderived, nexchange, ninitial, ncheck;
  RhoField *field;
  RhoParameter *parameter; /* in an order in which each needs only earlier ones */
  RhoKernel *kernel;
  RhoDefine *define;
  RhoDerived *derived;
  RhoExchange *exchange;
  RhoInitial *initial;
  RhoCheck *check;
  RhoCondition *condition;        /* [nfield][RHO_MAXDIM][2] */
  RhoNode free_energy;            /* RHO_NONE: none given; gradients appear as GDOT */
  RhoNode dim_symbol;             /* the parameter `dim` */
  RhoNode time;                   /* the symbol t */
  RhoNode coordinate[RHO_MAXDIM]; /* symbols named in formulas, RHO_NONE if unnamed so far */
  RhoNode extent[RHO_MAXDIM];     /* Lx, ... of initial states and case formulas, uniform; RHO_NONE if unnamed so far */
  RhoNode centre[RHO_MAXDIM], width[RHO_MAXDIM]; /* of the cell, in zones; RHO_NONE if there are none so far */
  bool uses_dim;                                 /* some formula needs `dim` */
  struct RhoModelPrivate_s *priv;
};

/* Reads, checks and elaborates a model file.  path may also be the name of a shipped model ("cahn_hilliard"), searched
   in the folders of RHOFLUX_MODELS and the installed ones.  RHO_INPUT: the reports are in diag and *model is NULL. */
RhoStatus RhoModelLoad(const char *path, RhoDiag diag, RhoModel *model);
void RhoModelDestroy(RhoModel *model);

/* A formula in the model's language (field, parameter, define names, operators, extents), for cases, checks and
   observables.  extra names: nextra symbols made by the caller, found before the model's own.  RHO_NONE after
   reporting, and without memory.  K(0) used here for the first time has its value from the next RhoModelBind on. */
RhoNode RhoModelFormula(RhoModel model, RhoFormula formula, int nextra, const char *const *extra_name,
                        const RhoNode *extra_node);

typedef struct RhoYaml_s RhoYaml; /* below */

/* The symbols of which zones are made, by the name of the dimension: where the cell's centre is and how wide it is.
   Other than the coordinate, which a quadrature within the cell may move, they are the cell's in all of it. */
RhoNode RhoCellCentre(RhoGraph graph, const char *dimension);
RhoNode RhoCellWidth(RhoGraph graph, const char *dimension);

/* Parameter values.  set_name/set_value override single parameters (also elements, "T[A]"); formulas of the others
   are evaluated from them.  dim: of the mesh (0: none); the model's own goes before it.  value[nparameter + 2]:
   parameters in order, then dim (NaN when unknown and unused), then t = 0.  Reports unknown names (with suggestions),
   non-finite values.  The last of several settings of one name holds. */
typedef struct {
  const char *name;
  double value;
  RhoPlace place;
} RhoSetting;
RhoStatus RhoModelBind(RhoModel model, int dim, int nsetting, const RhoSetting *setting, double *value);
/* The uniform nodes that value[] belongs to: parameters, dim, t; [nparameter + 2]. */
const RhoNode *RhoModelUniform(RhoModel model);
/* Settings from a map of a case file: {"T[i]": [50, 1], k: 2*pi}, elements by list, map or key.  In the model's arena.
 */
RhoStatus RhoModelSettings(RhoModel model, const RhoYaml *map, int *nsetting, const RhoSetting **setting);
/* Protocols: parameters that follow formulas of t and of other parameters from now on, from a map of a case file,
   {chi: "1 + 0.1*t", "T[A]": {at: [[0, 1], [10, 2]], between: linear}}; before RhoEquationsCreate.  In all of the
   model's formulas the formula takes the parameter's place, and so does what is a formula of it.  A parameter that is
   set keeps its number.  Reports names, circles, and what needs a number for all times (kernels). */
RhoStatus RhoModelFollow(RhoModel model, const RhoYaml *map, int nsetting, const RhoSetting *setting);
/* A uniform state[nfield] from a map {"rho[s]": 1, phi: 0.2}; every field must be given. */
RhoStatus RhoModelState(RhoModel model, const RhoYaml *map, double *state);
/* Conditions at walls from a map of a case file, on top of the model's own.  RHO_INPUT after reports. */
RhoStatus RhoModelBoundary(RhoModel model, const RhoYaml *map);
/* A name as LaTeX, "rho[a]" -> "\rho_{a}"; model: a RhoModel.  For RhoGraphPrintLatex. */
const char *RhoModelLatex(const char *name, void *model);

/* ---- kernels ------------------------------------------------------------------------------------------------------
 */

/* K^(q) = int K(r) exp(-i q.r) d^dr at q[n] >= 0, in the kernel's dimension (its own, else the model's, else dim), for
   the bound parameters.  Accuracy about 1e-13 of int |K|.  RHO_INPUT: the integral does not converge (reported). */
RhoStatus RhoKernelTransform(RhoModel model, int kernel, int dim, const double *value, int n, const double *q,
                             double *out);
/* K(r) in real space at one r (0 for self-sensing). */
RhoStatus RhoKernelAt(RhoModel model, int kernel, int dim, const double *value, double r, double *out);
/* The corrector coefficient of a kernel K(r) = 1 - g(r), g >= 0, in d dimensions:
     Q = -(S_d/d) int g' psi r^(d-1) dr,   (r^(d-1) g psi')'/r^(d-1) - (d - 1) g psi/r^2 = g',   psi(infinity) = 0,
   S_d = 2, 2 pi, 4 pi; in one dimension Q = int (1 - g)^2/g dr.  For g = exp(-u/T) it is the answer of a pair to a
   drift along x (the cell problem of homogenisation); hard cores have Q = int K/(d - 1).  Relative to int |K| about
   1e-11. RHO_INPUT: the kernel is not given in r, or is above 1 (reported). */
RhoStatus RhoKernelCorrector(RhoModel model, int kernel, int dim, const double *value, double *out);
/* K(r) = 0 for r beyond it, as stated by radius, cutoff or the end of a table; infinity: nothing is stated. */
double RhoKernelSupport(RhoModel model, int kernel, const double *value);
int RhoModelFindKernel(RhoModel model, const char *name); /* -1: none */
int RhoModelFindField(RhoModel model, const char *name);

/* ---- YAML, for case and mesh files too ------------------------------------------------------------------------- */

typedef enum { RHO_YAML_TEXT, RHO_YAML_LIST, RHO_YAML_MAP } RhoYamlKind;
struct RhoYaml_s {
  RhoYamlKind kind;
  RhoFormula text;     /* kind TEXT: the scalar as written, untyped, with its place map */
  int n;               /* LIST, MAP: entries */
  const RhoYaml **key; /* MAP: TEXT nodes, unique */
  const RhoYaml **item;
  RhoPlace place;
};
/* One document; anchors, aliases, tags, duplicate keys and other traps are reported.  NULL after a report. */
const RhoYaml *RhoYamlRead(RhoArena arena, RhoDiag diag, int source);
const RhoYaml *RhoYamlFind(const RhoYaml *map, const char *key); /* NULL: not there */
/* Reports every key of map that is not among the allowed ones (with suggestion). */
void RhoYamlOnly(RhoDiag diag, const RhoYaml *map, const char *what, int nallowed, const char *const *allowed);
/* A number: decimal, 1e-3, or a constant formula (2*pi).  false after a report. */
bool RhoYamlNumber(RhoArena arena, RhoDiag diag, const RhoYaml *node, double *value);
/* A formula of one variable at x[n]; false after a report, also where it is not finite. */
bool RhoYamlFunction(RhoArena arena, RhoDiag diag, const RhoYaml *node, const char *variable, int n, const double *x,
                     double *value);
/* The file that a text names, from the folder of the file in which it is written. */
const char *RhoYamlPath(RhoArena arena, RhoDiag diag, const RhoYaml *node);
bool RhoYamlInteger(RhoDiag diag, const RhoYaml *node, long lowest, long highest, long *value);
const char *RhoYamlText(const RhoYaml *node); /* NULL when it is no text */
/* Reports WRONG_KIND unless node is of this kind.  what: "the parameters", for the message. */
bool RhoYamlExpect(RhoDiag diag, const RhoYaml *node, RhoYamlKind kind, const char *what);

#endif
