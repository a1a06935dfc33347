/* phase.h - what the files of the verb `phase-diagram` share. */
#ifndef RHO_CLI_PHASE_H
#define RHO_CLI_PHASE_H
#include "case.h"
#include "rhoflux/phase.h"

typedef enum {
#define RHO_CONSTRUCTION(id, word, tangents, what) RHO_CONSTRUCTION_##id,
#include "constructions.def"
#undef RHO_CONSTRUCTION
  RHO_CONSTRUCTION_COUNT
} RhoCaseConstructionId;

typedef struct {
  const char *word, *what;
  bool tangents;
} RhoCaseConstruction;
extern const RhoCaseConstruction rho_construction[RHO_CONSTRUCTION_COUNT];

/* The section of a case. */
struct RhoCasePhase_s {
  RhoPhaseRequest request;
  RhoCaseConstructionId construction;
  RhoVerdict verdict;
  RhoPlace place, window;
};

typedef struct {
  RhoCase *c;
  const RhoCasePhase *asked;
  RhoPhaseDiagram d;
  double seconds;
} RhoPhaseRun;

/* What the construction found means for this model, in one sentence. */
const char *rho_phase_meaning(const RhoPhaseRun *run);
const char *rho_phase_stability(RhoPhaseStability stability);
/* "on triangle 1", "at the edge of the window", ... */
const char *rho_phase_end(const RhoPhaseRun *run, RhoPhaseEnd end);
void rho_phase_print(const RhoPhaseRun *run, FILE *stream);
void rho_phase_print_json(const RhoPhaseRun *run, FILE *stream);
RhoTables rho_phase_tables(const RhoPhaseRun *run);

#endif
