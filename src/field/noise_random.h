/* noise_random.h - where the random numbers of noises come from.  Private to field.

   The counter of Philox 4x32-10 (Salmon et al. 2011) is (x index, row) of the global cell, what the number is for, the
   step and its stage; the key is the seed.  One counter gives one pair of uniform numbers, for one block of two white
   noises at one face or cell: xi is the same on any number of ranks, and whatever was drawn before. */
#ifndef RHO_NOISE_RANDOM_H
#define RHO_NOISE_RANDOM_H
#include <petscsys.h>
#include <stdint.h>

enum { RHO_NOISE_CELL = 3, RHO_NOISE_BLOCKS = 1 << 12, RHO_NOISE_STAGES = 1 << 4 };

typedef struct {
  uint64_t seed;
  int64_t step;   /* below 2^48 */
  uint32_t row;   /* of the global cell: j + n_y k */
  uint32_t kind;  /* 0 .. 2: the face behind the cell in that dimension; RHO_NOISE_CELL */
  uint32_t stage; /* of the step */
  uint32_t block; /* of noises */
} RhoNoiseCounter;

/* one[p] in (0, 1], two[p] in [0, 1) with 52 random bits each, of the cells x[p] of the row. */
void rho_noise_uniforms(const RhoNoiseCounter *counter, PetscInt n, const uint32_t *x, double *restrict one,
                        double *restrict two);

#endif
