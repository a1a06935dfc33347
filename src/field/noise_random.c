/* noise_random.c - see noise_random.h.

   The ten rounds of Random123's philox4x32, bit for bit (tests/evolve/noise.c), with each word in 64 bits, so that the
   compiler makes its products eight at a time. */
#include "noise_random.h"
#include <Random123/philox.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define VECTOR_LEVELS __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define VECTOR_LEVELS
#endif

enum { ROUNDS = 10 };

typedef struct {
  uint64_t w[4]; /* 32 bits each */
} Words;

static inline Words Philox(Words x, uint32_t key0, uint32_t key1) {
#pragma GCC unroll 10
  for (int r = 0; r < ROUNDS; r++) {
    uint64_t a = (uint64_t)(uint32_t)x.w[0] * PHILOX_M4x32_0, b = (uint64_t)(uint32_t)x.w[2] * PHILOX_M4x32_1;
    x = (Words){{b >> 32 ^ x.w[1] ^ key0, (uint32_t)b, a >> 32 ^ x.w[3] ^ key1, (uint32_t)a}};
    key0 += PHILOX_W32_0;
    key1 += PHILOX_W32_1;
  }
  return x;
}

/* 52 of the bits as the fraction of a number in [1, 2) */
static inline double Number(uint64_t high, uint64_t low) {
  uint64_t bits = (high << 32 | low) >> 12 | 0x3ff0000000000000u;
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

VECTOR_LEVELS void rho_noise_uniforms(const RhoNoiseCounter *counter, PetscInt n, const uint32_t *x,
                                      double *restrict one, double *restrict two) {
  const uint32_t kind = counter->kind << 30, row = counter->row, low = (uint32_t)counter->step;
  const uint32_t high = (uint32_t)(counter->step >> 32) << 16 | counter->stage << 12 | counter->block;
  const uint32_t key0 = (uint32_t)counter->seed, key1 = (uint32_t)(counter->seed >> 32);
  for (PetscInt p = 0; p < n; p++) {
    Words word = Philox((Words){{x[p] | kind, row, low, high}}, key0, key1);
    one[p] = 2 - Number(word.w[0], word.w[1]);
    two[p] = Number(word.w[2], word.w[3]) - 1;
  }
}
