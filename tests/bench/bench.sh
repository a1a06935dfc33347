#!/bin/sh
# bench.sh RHOFLUX EMPTY SUITE SCALING MPIEXEC SOURCE OUT - one table of all benchmarks, printed and written to OUT.
set -e
ncore=$(nproc) # which would heed OMP_NUM_THREADS
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 RHOFLUX_CACHE=off
commit=$(git -C "$6" describe --always --dirty 2>/dev/null || echo unknown)
machine=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
{
  echo "# rhoflux $commit; $ncore x ${machine:-$(uname -m)}; processor time, scaling wall clock"
  echo "# name                    shape    unit            ours      limit    ratio  memory  limit"
  "$(dirname "$0")/startup.py" "$1" "$2" --rows
  "$3"
  [ -z "$4" ] || "$5" --bind-to none -n "$ncore" "$4"
  echo "# all"
} | tee "$7.part"
grep -q "^# all" "$7.part" # nothing has failed
mv "$7.part" "$7"
