/* survey.h - growth over the states of a family along one line; private to the layer. */
#ifndef RHO_UNIFORM_SURVEY_H
#define RHO_UNIFORM_SURVEY_H
#include "family.h"
#include "growth.h"

typedef struct {
  FamilyState state;
  Growth growth;
  double top;
} Survey;

/* range->top 0: one for the corners and the middle of the window.  To be destroyed in any case; the arena has the
   caller's guard. */
RhoStatus rho_survey_create(const RhoFamily *family, const RhoWaveRange *range, RhoArena arena, Survey *survey);
void rho_survey_destroy(Survey *survey);
/* The growth at x[naxis]; what is not finite there is left to rho_growth_defined. */
RhoStatus rho_survey_at(Survey *survey, const double *x);
#endif
