/* vector_math.c - the vector loops of the tape, for every level of instructions, and the choice among them at run time.

   Arithmetic is plain loops for the compiler to vectorise; elementary functions are the C library's own vector forms
   (libmvec: at most 4 ulp, right at zeros, infinities, NaNs and outside the domain; tests/expr/test_kernels.c).
   Compiled with -fno-math-errno -fno-trapping-math, never with -ffast-math: NaN and infinity keep their meaning.
   Elsewhere, and without AVX2, the loops call the scalar functions. */
#include "tape_private.h"
#include "bernoulli.h"

#define RHO_LEVEL(id) Plain##id
#include "vector_level.h"

#if defined(RHO_HAVE_LIBMVEC) && defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#if __GLIBC_PREREQ(2, 35)
#define RHO_HAVE_LEVELS
#endif
#endif

#ifdef RHO_HAVE_LEVELS
#pragma GCC push_options
#pragma GCC target("avx2")
#define RHO_LEVEL(id) Avx2##id
#define RHO_WIDTH 4
#define RHO_LIBMVEC(n, f) RHO_AVX2_NAME##n(f)
#define RHO_AVX2_NAME1(f) _ZGVdN4v_##f
#define RHO_AVX2_NAME2(f) _ZGVdN4vv_##f
#include "vector_level.h"
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,prefer-vector-width=512")
#define RHO_LEVEL(id) Avx512##id
#define RHO_WIDTH 8
#define RHO_LIBMVEC(n, f) RHO_AVX512_NAME##n(f)
#define RHO_AVX512_NAME1(f) _ZGVeN8v_##f
#define RHO_AVX512_NAME2(f) _ZGVeN8vv_##f
#include "vector_level.h"
#pragma GCC pop_options
#endif

static const RhoVectorMath levels[] = {
    {"plain", Plainkernels, PlainGather, PlainScatter},
#ifdef RHO_HAVE_LEVELS
    {"avx2", Avx2kernels, Avx2Gather, Avx2Scatter},
    {"avx512", Avx512kernels, Avx512Gather, Avx512Scatter},
#endif
};

int RhoVectorLevelCount(void) {
#ifdef RHO_HAVE_LEVELS
  return !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ? 1
         : __builtin_cpu_supports("avx512f")                               ? 3
                                                                           : 2;
#else
  return 1;
#endif
}

const RhoVectorMath *RhoVectorLevel(int level) { return &levels[level]; }
