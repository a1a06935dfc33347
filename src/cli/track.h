/* track.h - the motion of a pattern as numbers by name, for tables, JSON and sweeps. */
#ifndef RHO_TRACK_H
#define RHO_TRACK_H
#include "cli_private.h"
#include "rhoflux/observe.h"

enum { RHO_TRACK_ROWS = 40 };

/* Fill row[RHO_TRACK_ROWS]; return how many. */
int rho_track_rows(RhoArena arena, const RhoMotion *p, const RhoMesh *mesh, RhoNumber *row);
int rho_track_field_rows(const RhoMotion *p, int f, RhoNumber *row);

#endif
