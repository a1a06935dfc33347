/* guard.c - one place for the jump that running out of memory is. */
#include "ops_private.h"
#include <string.h>

RhoStatus rho_ops_guarded(RhoArena arena, RhoGuardedFn body, void *ctx) {
  jmp_buf outer;
  memcpy(&outer, RhoArenaGuard(arena), sizeof outer);
  RhoStatus status = setjmp(*RhoArenaGuard(arena)) ? RHO_NOMEM : body(ctx);
  memcpy(RhoArenaGuard(arena), &outer, sizeof outer);
  return status;
}
