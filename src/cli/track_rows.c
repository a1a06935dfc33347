/* track_rows.c - the motion of a pattern as numbers by name. */
#include "track.h"
#include <string.h>

int rho_track_rows(RhoArena arena, const RhoMotion *p, const RhoMesh *mesh, RhoNumber *row) {
  int n = 0;
  const RhoNumber fixed[] = {{"from", p->from},
                             {"to", p->to},
                             {"outputs", p->noutput},
                             {"wavelength", p->wavelength},
                             {"share", p->share},
                             {"coherence", p->coherence},
                             {"oscillation", p->oscillation},
                             {"balance", p->balance},
                             {"speed", p->speed.value},
                             {"speed_error", p->speed.error},
                             {"frequency", p->frequency.value},
                             {"frequency_error", p->frequency.error},
                             {"period", p->period.value},
                             {"period_error", p->period.error},
                             {"largest_step", p->step}};
  for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++) row[n++] = fixed[k];
  for (int d = 0; d < p->ndim; d++) {
    const char *x = mesh->dimension[d].name;
    row[n++] = (RhoNumber){RhoArenaPrint(arena, "velocity_%s", x), p->velocity[d].value};
    row[n++] = (RhoNumber){RhoArenaPrint(arena, "velocity_%s_error", x), p->velocity[d].error};
    row[n++] = (RhoNumber){RhoArenaPrint(arena, "wavevector_%s", x), p->wavevector[d]};
    row[n++] = (RhoNumber){RhoArenaPrint(arena, "periods_%s", x), p->mode[d]};
  }
  return n;
}

int rho_track_field_rows(const RhoMotion *p, int f, RhoNumber *row) {
  const RhoNumber fixed[] = {{"mean", p->mean[f]},
                             {"amplitude", p->amplitude[f].value},
                             {"amplitude_error", p->amplitude[f].error},
                             {"lead", p->lead[f].value},
                             {"lead_error", p->lead[f].error}};
  memcpy(row, fixed, sizeof fixed);
  return sizeof fixed / sizeof *fixed;
}
