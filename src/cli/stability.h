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
  int naxis; /* 0: one state; 2: a map */
  RhoAxis axis[2];
  int npoint[2];
  bool neutral;
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
  double *x[2];
  RhoMapPoint *point; /* [npoint[1]][npoint[0]], on rank 0 */
  double top;
  int ncurve;
  const RhoNeutralCurve *curve;
} RhoStabilityRun;

/* stability_tables.c, stability_print.c */
RhoTables rho_stability_tables(const RhoStabilityRun *run);
void rho_stability_print(const RhoStabilityRun *run, FILE *stream);
void rho_stability_print_json(const RhoStabilityRun *run, FILE *stream);
#endif
