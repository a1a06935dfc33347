/* vector_level.h - the kernels of kernels.def for one level of instructions.

   vector_math.c includes this once per level, with RHO_LEVEL(id), the level's name of id.  Levels with vector forms of
   the C library's functions have besides RHO_LIBMVEC(n, f), the name of that of f with n arguments, and RHO_WIDTH,
   doubles per vector.

   A kernel's form tells which operands are single numbers (bit k: operand k), those it does not have included: form 12
   of a kernel of two operands takes two arrays, form 14 an array and a number.  n is a multiple of RHO_PAD, so that no
   loop has a scalar rest and a value never depends on where it stands. */

#define RHO_KERNEL_ARGS double *r, const double *pa, const double *pb, const double *pc, const double *pd, int n
#define RHO_NUMBERS                                                                                                    \
  const double a0 = *pa, b0 = *pb, c0 = *pc, d0 = *pd;                                                                 \
  (void)a0, (void)b0, (void)c0, (void)d0

/* r may be one of the operands, never a shifted one: the iterations are independent. */
#define RHO_LOOP(id, form, expression)                                                                                 \
  static void RHO_LEVEL(id##_##form)(RHO_KERNEL_ARGS) {                                                                \
    RHO_NUMBERS;                                                                                                       \
    n &= -RHO_PAD;                                                                                                     \
    _Pragma("GCC ivdep") for (int i = 0; i < n; i++) {                                                                 \
      const double a = (form)&1 ? a0 : pa[i], b = (form)&2 ? b0 : pb[i];                                               \
      const double c = (form)&4 ? c0 : pc[i], d = (form)&8 ? d0 : pd[i];                                               \
      (void)a, (void)b, (void)c, (void)d;                                                                              \
      r[i] = (expression);                                                                                             \
    }                                                                                                                  \
  }

#ifdef RHO_LIBMVEC
typedef double RHO_LEVEL(Vector) __attribute__((vector_size(RHO_WIDTH * sizeof(double))));
typedef double RHO_LEVEL(Memory) __attribute__((vector_size(RHO_WIDTH * sizeof(double)), aligned(8), may_alias));
#define RHO_KERNEL1(id, expression)
#define RHO_KERNEL2(id, expression)
#define RHO_KERNEL3(id, expression)
#define RHO_KERNEL4(id, expression)
#define RHO_VECTOR1(id, f) RHO_LEVEL(Vector) RHO_LIBMVEC(1, f)(RHO_LEVEL(Vector) x);
#define RHO_VECTOR2(id, f) RHO_LEVEL(Vector) RHO_LIBMVEC(2, f)(RHO_LEVEL(Vector) x, RHO_LEVEL(Vector) y);
#include "kernels.def"
#include "kernels_end.h"

#define RHO_OPERAND(p, bit)                                                                                            \
  ((bit) ? p##0 - (RHO_LEVEL(Vector)){0} : (RHO_LEVEL(Vector)) * (const RHO_LEVEL(Memory) *)(p + i))
#define RHO_CALL_LOOP(id, form, call)                                                                                  \
  static void RHO_LEVEL(id##_##form)(RHO_KERNEL_ARGS) {                                                                \
    const double pa0 = *pa, pb0 = *pb;                                                                                 \
    (void)pa0, (void)pb0, (void)pc, (void)pd;                                                                          \
    for (int i = 0; i < n; i += RHO_WIDTH) *(RHO_LEVEL(Memory) *)(r + i) = call;                                       \
  }
#define RHO_CALL1(id, form, f) RHO_CALL_LOOP(id, form, RHO_LIBMVEC(1, f)(RHO_OPERAND(pa, (form)&1)))
#define RHO_CALL2(id, form, f)                                                                                         \
  RHO_CALL_LOOP(id, form, RHO_LIBMVEC(2, f)(RHO_OPERAND(pa, (form)&1), RHO_OPERAND(pb, (form)&2)))
#else
#define RHO_CALL1(id, form, f) RHO_LOOP(id, form, f(a))
#define RHO_CALL2(id, form, f) RHO_LOOP(id, form, f(a, b))
#endif

/* the functions */
#define RHO_KERNEL1(id, e) RHO_LOOP(id, 14, e) RHO_LOOP(id, 15, e)
#define RHO_KERNEL2(id, e) RHO_LOOP(id, 12, e) RHO_LOOP(id, 13, e) RHO_LOOP(id, 14, e)
#define RHO_KERNEL3(id, e)                                                                                             \
  RHO_LOOP(id, 8, e)                                                                                                   \
  RHO_LOOP(id, 9, e)                                                                                                   \
  RHO_LOOP(id, 10, e) RHO_LOOP(id, 11, e) RHO_LOOP(id, 12, e) RHO_LOOP(id, 13, e) RHO_LOOP(id, 14, e)
#define RHO_KERNEL4(id, e)                                                                                             \
  RHO_LOOP(id, 0, e)                                                                                                   \
  RHO_LOOP(id, 1, e)                                                                                                   \
  RHO_LOOP(id, 2, e)                                                                                                   \
  RHO_LOOP(id, 4, e)                                                                                                   \
  RHO_LOOP(id, 5, e) RHO_LOOP(id, 6, e) RHO_LOOP(id, 8, e) RHO_LOOP(id, 9, e) RHO_LOOP(id, 10, e)
#define RHO_VECTOR1(id, f) RHO_CALL1(id, 14, f)
#define RHO_VECTOR2(id, f) RHO_CALL2(id, 12, f) RHO_CALL2(id, 13, f) RHO_CALL2(id, 14, f)
#include "kernels.def"
#include "kernels_end.h"

/* their table */
#define RHO_ENTRY(id, form) [form] = RHO_LEVEL(id##_##form)
#define RHO_KERNEL1(id, e) [RHO_K_##id] = {RHO_ENTRY(id, 14), RHO_ENTRY(id, 15)},
#define RHO_KERNEL2(id, e) [RHO_K_##id] = {RHO_ENTRY(id, 12), RHO_ENTRY(id, 13), RHO_ENTRY(id, 14)},
#define RHO_KERNEL3(id, e)                                                                                             \
  [RHO_K_##id] = {RHO_ENTRY(id, 8),  RHO_ENTRY(id, 9),  RHO_ENTRY(id, 10), RHO_ENTRY(id, 11),                          \
                  RHO_ENTRY(id, 12), RHO_ENTRY(id, 13), RHO_ENTRY(id, 14)},
#define RHO_KERNEL4(id, e)                                                                                             \
  [RHO_K_##id] = {RHO_ENTRY(id, 0), RHO_ENTRY(id, 1), RHO_ENTRY(id, 2), RHO_ENTRY(id, 4), RHO_ENTRY(id, 5),            \
                  RHO_ENTRY(id, 6), RHO_ENTRY(id, 8), RHO_ENTRY(id, 9), RHO_ENTRY(id, 10)},
#define RHO_VECTOR1(id, f) [RHO_K_##id] = {RHO_ENTRY(id, 14)},
#define RHO_VECTOR2(id, f) RHO_KERNEL2(id, f)
static const RhoKernel RHO_LEVEL(kernels)[RHO_K_COUNT][RHO_FORM_COUNT] = {
#include "kernels.def"
};
#include "kernels_end.h"

/* Strided numbers to and from a row; the small strides are those of interleaved fields. */
static void RHO_LEVEL(Gather)(double *r, const double *a, long stride, int n) {
  switch (stride) {
  case 1:
    for (int i = 0; i < n; i++) r[i] = a[i];
    break;
  case 2:
    for (int i = 0; i < n; i++) r[i] = a[2 * i];
    break;
  case 3:
    for (int i = 0; i < n; i++) r[i] = a[3 * i];
    break;
  default:
    for (int i = 0; i < n; i++) r[i] = a[i * stride];
  }
}

static void RHO_LEVEL(Scatter)(double *r, const double *a, long stride, int n) {
  for (int i = 0; i < n; i++) r[i * stride] = a[i];
}

#undef RHO_KERNEL_ARGS
#undef RHO_NUMBERS
#undef RHO_LOOP
#undef RHO_OPERAND
#undef RHO_CALL_LOOP
#undef RHO_CALL1
#undef RHO_CALL2
#undef RHO_ENTRY
#undef RHO_LEVEL
#undef RHO_LIBMVEC
#undef RHO_WIDTH
