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

typedef struct {
  double q;
  double complex rate; /* of its fastest mode */
  bool edge;           /* the growth still rises where the range of q ends */
} RhoWave;

/* Growth rates about the uniform state, at the wavenumbers of --q. */
typedef struct {
  bool made;
  double from, to;
  int n;
  const double *q;      /* [n] */
  double complex *rate; /* [n][nfield], by descending real part */
  RhoWave fastest;      /* within [from, to] */
} RhoGrowth;

typedef enum { RHO_NOT_TESTED, RHO_WELL_POSED, RHO_ILL_POSED } RhoPosed;

typedef struct {
  RhoCase *c;
  RhoArena arena;
  RhoTypeset typeset;
  const char **conserved; /* [eq->nconserved] */
  const char ***flux;     /* [nfield][nflux[i]]: how each term of the flux is taken */
  int *nflux;
  double from, to; /* the window sampled */
  RhoVerdict verdict;
  const double *state; /* [nfield] the uniform state about which waves are looked at; NULL: none */
  const char *state_text;
  bool from_case, uniform; /* it is the mean of the case's start; the start is uniform but for noise */
  RhoPosed posed;
  bool has_fastest, has_length; /* of the case's mesh: `fastest` is known; it grows and has a length of its own */
  RhoWave fastest;
  RhoGrowth growth;
  int nanalysis;
  RhoAnalysis *analysis;
  int noutcome, outcomecapacity, nfailed; /* of the model's own checks */
  RhoCheckOutcome *outcome;
} RhoCheckup;

/* check_flux.c */
void rho_check_flux(RhoCheckup *check);
/* check_state.c: state, from --at or the case; reports. */
void rho_check_state(RhoCheckup *check);
/* check_waves.c: posed, fastest; warns. */
void rho_check_waves(RhoCheckup *check);
/* check_walls.c */
void rho_check_print_walls(const RhoCheckup *check, FILE *stream);
void rho_check_print_waves(const RhoCheckup *check, FILE *stream);
/* check_growth.c: the table of --at and --q; reports. */
void rho_check_growth(RhoCheckup *check);
/* The modes of n waves about the state, rate[n][nfield]. */
RhoStatus rho_check_rates(const RhoCheckup *check, int n, const double *wave, double complex *rate);
/* The wave that grows fastest along the first dimension, 0 <= q <= top; NAN: there are no rates. */
RhoWave rho_check_fastest(const RhoCheckup *check, double top);
/* Says which fields change in the uniform state by themselves. */
void rho_check_print_steady(const RhoCheckup *check, FILE *stream);
void rho_check_print_growth(const RhoCheckup *check, bool table_alone, FILE *stream);
void rho_json_wave(RhoJson *json, const char *key, RhoWave wave);
void rho_check_json_growth(const RhoCheckup *check, RhoJson *json);
/* check_analyses.c */
void rho_check_analyses(RhoCheckup *check);
/* check_outcomes.c: runs the model's own checks. */
RhoStatus rho_check_outcomes(RhoCheckup *check);
/* "found 1.2, expected 1.5" */
const char *rho_outcome_text(RhoArena arena, const RhoCheckOutcome *outcome);
/* The verdict on a free energy in words: "functional (proved)" and why. */
const char *rho_verdict_text(const RhoCheckup *check);

/* check_derived.c */
void rho_check_print_derived(const RhoCheckup *check, FILE *stream);
void rho_check_json_derived(const RhoCheckup *check, RhoJson *json);

void rho_check_print(const RhoCheckup *check, FILE *stream);
void rho_check_print_json(const RhoCheckup *check, FILE *stream);

#endif
