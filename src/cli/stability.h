/* stability.h - what `rhoflux stability` is asked and what it finds. */
#ifndef RHO_CLI_STABILITY_H
#define RHO_CLI_STABILITY_H
#include "check.h"
#include "rhoflux/stability.h"

/* The section `stability:` of a case (case_stability.c). */
struct RhoCaseStability_s {
  RhoPlace place;
  const RhoNode *state; /* [nfield] formulas of parameters and of the numbers it is mapped over */
  RhoPlace state_place;
  RhoWaveRange range;
  double spacing[RHO_MAXDIM];
  int naxis; /* 0: one state; 2: a map; 2 to RHO_FAMILY_MOST: extremes of the first one */
  RhoAxis axis[RHO_FAMILY_MOST];
  int npoint[RHO_FAMILY_MOST];
  bool neutral;
  const char *extremes; /* the name of the first axis; NULL: not asked for */
  int nbound;           /* of its states */
  RhoNode *bound;       /* [nbound] not negative */
  const char **bound_text;
};

enum { RHO_STABILITY_CURVE = 600 }; /* points of the branches of one state */

typedef struct {
  RhoCase *c;
  const RhoCaseStability *asked;
  double seconds;
  /* one state */
  const double *state; /* [nfield] */
  RhoStability found;
  double *q;              /* [RHO_STABILITY_CURVE] */
  double complex *rate;   /* [nfield][RHO_STABILITY_CURVE] */
  double complex *vector; /* [nfield][RHO_STABILITY_CURVE][nfield] */
  /* a map */
  double *x[RHO_FAMILY_MOST];
  size_t npoint;      /* of all of it */
  RhoMapPoint *point; /* [npoint[1]][npoint[0]] and so on, on rank 0 */
  double top;
  int ncurve;
  const RhoNeutralCurve *curve;
  int nextreme;
  const RhoExtreme *extreme;
  double *edge; /* [2][npoint/npoint[0]] */
} RhoStabilityRun;

/* stability_tables.c, stability_print.c */
RhoTables rho_stability_tables(const RhoStabilityRun *run);
void rho_stability_print(const RhoStabilityRun *run, FILE *stream);
void rho_stability_print_json(const RhoStabilityRun *run, FILE *stream);
/* extremes.c: the same of an extremal question */
void rho_extremes_tables(const RhoStabilityRun *run, RhoTables t);
void rho_extremes_print(const RhoStabilityRun *run, FILE *stream);
void rho_extremes_print_json(const RhoStabilityRun *run, RhoJson *json);
#endif
