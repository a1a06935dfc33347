/* noise_random.c - see noise_random.h. */
#include "noise_random.h"
#include <Random123/philox.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define VECTOR_LEVELS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTOR_LEVELS
#endif

/* 52 of the bits as the fraction of a number in [1, 2) */
static inline double Number(uint32_t high, uint32_t low) {
  uint64_t bits = ((uint64_t)high << 32 | low) >> 12 | 0x3ff0000000000000u;
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

VECTOR_LEVELS void rho_noise_uniforms(const RhoNoiseCounter *counter, PetscInt n, const uint32_t *x,
                                      double *restrict one, double *restrict two) {
  const uint32_t kind = counter->kind << 30, row = counter->row, low = (uint32_t)counter->step;
  const uint32_t high = (uint32_t)(counter->step >> 32) << 16 | counter->stage << 12 | counter->block;
  const philox4x32_key_t key = {{(uint32_t)counter->seed, (uint32_t)(counter->seed >> 32)}};
  for (PetscInt p = 0; p < n; p++) {
    philox4x32_ctr_t at = {{x[p] | kind, row, low, high}};
    philox4x32_ctr_t word = philox4x32_R(10, at, key);
    one[p] = 2 - Number(word.v[0], word.v[1]);
    two[p] = Number(word.v[2], word.v[3]) - 1;
  }
}
