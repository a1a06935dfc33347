/* count.h - what goes between the ranks: the calls of MPI that send, counted on their way through MPI's profiling
   interface, those of libraries included, within communicators of more than one rank.  Their clock stands still, so
   that nothing is sent because time has passed.  Bytes are those that leave their rank. */
#ifndef RHO_TESTS_MPI_COUNT_H
#define RHO_TESTS_MPI_COUNT_H

typedef struct {
  long message, message_byte;     /* point to point                                                       */
  long exchange, exchange_byte;   /* alltoallv, alltoall, allgatherv, allgather; an allgather sends to all */
  long reduction, reduction_byte; /* allreduce, reduce, scan: one contribution each                        */
  long broadcast;                 /* bcast, barrier                                                        */
} Traffic;

/* Sum over the ranks of what was counted since the last call.  Collective; counts nothing of its own. */
Traffic TrafficTake(void);

#endif
