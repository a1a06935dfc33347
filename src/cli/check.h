/* check.h - what `rhoflux check` finds out about a model, before it is printed as text or JSON. */
#ifndef RHO_CHECK_H
#define RHO_CHECK_H
#include "case.h"
#include "equations.h"
#include "rhoflux/uniform.h"

/* One thing that can be done with the model, or not. */
typedef struct {
  const char *name, *what;
  bool available;
  const char *why; /* why not; or a remark, or NULL */
} RhoAnalysis;

/* Growth rates about the uniform state of --at, at the wavenumbers of --q. */
typedef struct {
  bool made;
  double from, to;
  int n;
  const double *q;      /* [n] */
  double complex *rate; /* [n][nfield], by descending real part */
  const double *state;  /* [nfield] */
  double fastest_q;     /* within [from, to] */
  double complex fastest;
} RhoGrowth;

typedef struct {
  RhoCase *c;
  RhoArena arena;
  RhoTypeset typeset;
  const char **conserved; /* [eq->nconserved] */
  const char ***flux;     /* [nfield][nflux[i]]: how each term of the flux is taken */
  int *nflux;
  double from, to; /* the window sampled */
  RhoVerdict verdict;
  RhoGrowth growth;
  int nanalysis;
  RhoAnalysis *analysis;
  int noutcome, outcomecapacity, nfailed; /* of the model's own checks */
  RhoCheckOutcome *outcome;
} RhoCheckup;

/* check_flux.c */
void rho_check_flux(RhoCheckup *check);
/* check_growth.c: with --at or --q; an exit status. */
int rho_check_growth(RhoCheckup *check);
void rho_check_print_growth(const RhoCheckup *check, FILE *stream);
void rho_check_json_growth(const RhoCheckup *check, RhoJson *json);
/* check_analyses.c */
void rho_check_analyses(RhoCheckup *check);
/* check_outcomes.c: runs the model's own checks. */
RhoStatus rho_check_outcomes(RhoCheckup *check);
/* "found 1.2, expected 1.5" */
const char *rho_outcome_text(RhoArena arena, const RhoCheckOutcome *outcome);
/* The verdict on a free energy in words: "functional (proved)" and why. */
const char *rho_verdict_text(const RhoCheckup *check);

void rho_check_print(const RhoCheckup *check, FILE *stream);
void rho_check_print_json(const RhoCheckup *check, FILE *stream);

#endif
