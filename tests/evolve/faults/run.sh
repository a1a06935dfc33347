#!/bin/bash
# Tests of noise turn red when they ought to:  run.sh SOURCE_DIR MPIEXEC [FAULT...]
#
# Each patch beside this file is one fault in the production path.  It is applied to a copy of the sources, the programs
# of list.txt are built, and each test that stands there must fail; without any fault all of them must pass.
set -euo pipefail
source=$(cd "$1" && pwd) mpiexec=$2
shift 2
here=$source/tests/evolve/faults
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/source"
cp -r "$source"/{CMakeLists.txt,cmake,include,src,tests,models} "$place/source"
for extra in README.md LICENSE postprocess; do [ ! -e "$source/$extra" ] || cp -r "$source/$extra" "$place/source"; done
cmake -S "$place/source" -B "$place/build" -G Ninja -DCMAKE_BUILD_TYPE=Release >"$place/log"
cd "$place"
programs=$(grep -v '^#' "$here/list.txt" | awk '{print "test_evolve_" $2}' | sort -u)

build() { ninja -C build -j2 $programs >log 2>&1 || { tail -n 30 log; exit 1; }; }

# Output of a program on so many ranks; cmocka says "[  FAILED  ] name" on each of them.
try() {
  if [ "$2" = 1 ]; then timeout 300 build/tests/test_evolve_"$1" 2>&1 || true
  else timeout 300 "$mpiexec" --oversubscribe --bind-to none -n "$2" build/tests/test_evolve_"$1" 2>&1 </dev/null || true; fi
}

missed=0
build
grep -v '^#' "$here/list.txt" | awk '{print $2, $3}' | sort -u | while read -r program nrank; do
  if try "$program" "$nrank" >out && ! grep -q 'FAILED' out && grep -q 'PASSED' out; then continue; fi
  echo "without a fault: $program on $nrank ranks fails"
  exit 1
done

for patch in "$here"/*.patch; do
  fault=$(basename "$patch" .patch)
  [ $# = 0 ] || [[ " $* " = *" $fault "* ]] || continue
  grep -q "^$fault " "$here/list.txt" || { echo "$fault: not in list.txt"; exit 1; }
  patch -s -d source -p1 <"$patch"
  build
  while read -r program nrank tests; do
    try "$program" "$nrank" >out
    for test in $tests; do
      if grep -q "FAILED *\] $test\$" out; then echo "$fault: $program.$nrank $test red"
      else echo "$fault: $program.$nrank $test NOT RED"; missed=1; fi
    done
  done < <(sed -n "s/^$fault  *//p" "$here/list.txt")
  patch -s -R -d source -p1 <"$patch"
done
exit $missed
