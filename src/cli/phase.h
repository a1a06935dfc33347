/* phase.h - what the files of the verb `phase-diagram` share. */
#ifndef RHO_CLI_PHASE_H
#define RHO_CLI_PHASE_H
#include "case.h"
#include "rhoflux/coexist.h"
#include "rhoflux/pattern.h"

typedef enum {
#define RHO_CONSTRUCTION(id, word, by, what) RHO_CONSTRUCTION_##id,
#include "constructions.def"
#undef RHO_CONSTRUCTION
  RHO_CONSTRUCTION_COUNT
} RhoConstructionId;

typedef enum { RHO_BY_TANGENTS, RHO_BY_SPINODAL, RHO_BY_FRONT, RHO_BY_PROFILES } RhoConstructionBy;

typedef struct {
  const char *word, *what;
  RhoConstructionBy by;
} RhoConstructionRow;
extern const RhoConstructionRow rho_construction[RHO_CONSTRUCTION_COUNT];

/* The section of a case. */
struct RhoCasePhase_s {
  RhoPhaseRequest request;
  RhoConstructionId construction;
  RhoVerdict verdict;
  RhoFront front;      /* by FRONT */
  double length;       /* by PROFILES: of the box */
  int ncell, nbetween; /* means between one composition and the next, or values of the parameter */
  RhoPlace place, window, over, paths;
};

/* case_phase.c: what a section with nothing but this window says, of densities from 0 on; reports. */
void rho_case_phase_window(RhoCase *c, double lower, double upper);
/* phase_construction.c: which construction, and what it needs; reports. */
void rho_phase_construction_read(RhoCase *c, const RhoYaml *section);
/* Words of what is chosen by RHO_BY_...: of this row of the table. */
RhoConstructionBy rho_phase_by(const RhoCasePhase *phase);

typedef struct {
  RhoCase *c;
  const RhoCasePhase *asked;
  RhoPhaseDiagram d;
  double **profile; /* by PROFILES: [nflash] x and the fields, [2 ncell][1 + nfield]; NULL: one phase, or not found */
  double seconds;
} RhoPhaseRun;

/* What the construction found means for this model, in one sentence. */
const char *rho_phase_meaning(const RhoPhaseRun *run);
const char *rho_phase_stability(RhoPhaseStability stability);
/* "triangle 1", "edge of the window", ...: of a curve of d, the diagram or a section of it. */
const char *rho_phase_end(const RhoPhaseRun *run, const RhoPhaseDiagram *d, RhoPhaseEnd end);
/* "tricritical point", ... */
const char *rho_phase_special(RhoPhaseSpecialKind kind);
void rho_phase_print(const RhoPhaseRun *run, FILE *stream);
void rho_phase_print_json(const RhoPhaseRun *run, FILE *stream);
/* The values with the parameter of the diagram at p, NaN: as the case has it; a RhoBindFn of the RhoCase. */
RhoStatus rho_phase_bind(void *c, double p, double *value);
/* phase_profile.c: the diagram by profiles at the compositions.  Collective; RHO_INPUT after reports. */
PetscErrorCode rho_phase_profiles(RhoPhaseRun *run, RhoStatus *status);
RhoTables rho_phase_tables(const RhoPhaseRun *run);

#endif
