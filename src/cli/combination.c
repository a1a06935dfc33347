/* combination.c - a conserved combination of the fields as text; whether there is noise. */
#include "equations.h"
#include <math.h>

const char *rho_combination_text(RhoArena arena, RhoEquations eq, int k) {
  RhoText text = RhoTextCreate(arena);
  for (int i = 0; i < eq->nfield; i++) {
    double weight = eq->conserved[k][i];
    if (weight == 0) continue;
    bool first = RhoTextLength(text) == 0;
    RhoTextAdd(text, "%s", first ? (weight < 0 ? "-" : "") : weight < 0 ? " - " : " + ");
    if (fabs(weight) != 1) RhoTextAdd(text, "%.6g*", fabs(weight));
    RhoTextAdd(text, "%s", eq->model->field[i].name);
  }
  return RhoTextGet(text);
}

bool rho_has_noise(RhoModel model) {
  for (int i = 0; i < model->nfield; i++)
    if (model->field[i].nnoise > 0) return true;
  return false;
}
