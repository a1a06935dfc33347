/* model.h - what ranks send each other, as src/README.md, "Between ranks", says: sums over the ranks, nothing on one.
 */
#ifndef RHO_TESTS_MPI_MODEL_H
#define RHO_TESTS_MPI_MODEL_H
#include <stdbool.h>
#include "count.h"

enum { DOUBLE = 8, FLAG = 4 };

typedef struct {
  long nrank, ncell, nslow, layer; /* cells; along the shared dimension; in one layer across it */
  long column, width;              /* columns of a spectrum along it; doubles of an entry */
  long nfield, halo, ndim;
  bool walls; /* along the shared dimension */
} Box;

static inline long Share(long n, long nrank, long rank) { return n / nrank + (rank < n % nrank); }

static inline Traffic Times(long n, Traffic a) {
  for (size_t k = 0; k < sizeof a / sizeof(long); k++) ((long *)&a)[k] *= n;
  return a;
}

static inline Traffic Plus(Traffic a, Traffic b) {
  for (size_t k = 0; k < sizeof a / sizeof(long); k++) ((long *)&a)[k] += ((long *)&b)[k];
  return a;
}

/* Ghosts of n fields: one message to each neighbour. */
static inline Traffic Ghosts(const Box *b, long n) {
  long message = b->nrank == 1 ? 0 : b->walls ? 2 * (b->nrank - 1) : 2 * b->nrank;
  return (Traffic){.message = message, .message_byte = message * b->halo * b->layer * n * DOUBLE};
}

/* A transform, one way: all but the part of the array that stays; 1-D: all cells to all, forward only. */
static inline Traffic Transform(const Box *b, bool forward) {
  long stay = 0;
  if (b->nrank == 1 || (b->ndim == 1 && !forward)) return (Traffic){0};
  if (b->ndim == 1) return (Traffic){.exchange = b->nrank, .exchange_byte = (b->nrank - 1) * b->ncell * DOUBLE};
  for (long r = 0; r < b->nrank; r++) stay += Share(b->nslow, b->nrank, r) * Share(b->column, b->nrank, r);
  return (Traffic){.exchange = b->nrank, .exchange_byte = (b->nslow * b->column - stay) * b->width * DOUBLE};
}

/* Of all fields: as many exchanges. */
static inline Traffic Forward(const Box *b) { return Times(b->nfield, Transform(b, true)); }
static inline Traffic Back(const Box *b) { return Times(b->nfield, Transform(b, false)); }
static inline Traffic Pair(const Box *b) { return Plus(Forward(b), Back(b)); }

/* n numbers of `size` bytes, reduced over the ranks. */
static inline Traffic Reduction(const Box *b, long n, long size) {
  return b->nrank == 1 ? (Traffic){0} : (Traffic){.reduction = b->nrank, .reduction_byte = b->nrank * n * size};
}

/* Did it leave its domain? */
static inline Traffic Flag(const Box *b) { return Reduction(b, 1, FLAG); }

/* One rank tells all. */
static inline Traffic Told(const Box *b) { return (Traffic){.broadcast = b->nrank == 1 ? 0 : b->nrank}; }

/* Totals of all fields and their sizes: three numbers for each, gathered, so that all ranks add them in one order. */
static inline Traffic Totals(const Box *b) {
  long n = b->nrank, byte = n * (n - 1) * 3 * b->nfield * DOUBLE;
  return n == 1 ? (Traffic){0} : (Traffic){.exchange = n, .exchange_byte = byte};
}

/* Two convolutions: a pair of transforms and the ghosts of the result each. */
static inline Traffic Sensed(const Box *b) {
  Traffic pair = Plus(Transform(b, true), Transform(b, false));
  return Plus(Ghosts(b, 2), Times(2, pair));
}

#endif
