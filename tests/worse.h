/* worse.h - the largest of many errors, of which none may be missed. */
#ifndef RHO_TESTS_WORSE_H
#define RHO_TESTS_WORSE_H
#include <math.h>

/* The larger of an error so far and |x|; a NaN counts as infinite (fmax would pass over it). */
static inline double Worse(double error, double x) { return fabs(x) <= error ? error : isnan(x) ? INFINITY : fabs(x); }

#endif
