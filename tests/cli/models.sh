#!/bin/bash
# models.sh PROGRAM FOLDER - every model file of the folder passes `check`, and every case starts as it stands: three
# steps that keep every total to round-off, the report that no more were allowed, and a result that `info` reads; cases of
# an analysis alone are analysed.
# What is left out is printed with its reason.
set -uo pipefail
program=$1
models=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
nfailed=0 ncase=0 nmodel=0

fail() {
  echo "FAILED $1: $2"
  [[ -f $scratch/said ]] && cat "$scratch/said"
  nfailed=$((nfailed + 1))
}

check_model() {
  "$program" check "$1" --quiet >"$scratch/said" 2>&1 || fail "$1" "check"
  nmodel=$((nmodel + 1))
}

# The file that a case needs and that is not there; empty: none.
missing_file() {
  local file
  while read -r file; do
    [[ -f $(dirname "$1")/$file ]] || { echo "$file"; return; }
  done < <(sed -n 's/^ *file: *\([^ #]*\).*/\1/p' "$1")
}

# Whether all numbers of "drift": [...] are below 1e-13.
is_conserving() {
  sed -n 's/.*"drift": \[\([^]]*\)\].*/\1/p' "$1" | tr -d ',' |
    awk '{ for (i = 1; i <= NF; i++) if ($i > 1e-13 || $i < -1e-13) exit 1; seen = 1 } END { if (!seen) exit 1 }'
}

# The verb of the analysis that a case without mesh asks for; empty: it is run.
verb_of() {
  grep -q '^mesh:' "$1" || sed -n 's/^\(phase_diagram\|stability\):.*/\1/p' "$1" | tr _ -
}

analyse_case() {
  local result=$scratch/tables
  if ! "$program" "$2" "$1" --output "$result" --overwrite --quiet >"$scratch/said" 2>&1; then fail "$1" "$2"
  elif ! "$program" info "$result" --quiet >"$scratch/said" 2>&1; then fail "$1" "its result can not be read"
  fi
  ncase=$((ncase + 1))
}

run_case() {
  local result=$scratch/result
  "$program" run "$1" --set solver.max_steps=3 --output "$result" --overwrite --json >"$scratch/json" 2>"$scratch/said"
  local status=$?
  cat "$scratch/json" >>"$scratch/said"
  if [[ $status != 1 ]]; then fail "$1" "status $status instead of 1"
  elif ! grep -q '"reason": "the largest number of steps' "$scratch/json"; then fail "$1" "it ended for another reason"
  elif ! is_conserving "$scratch/json"; then fail "$1" "a total has changed"
  elif ! "$program" info "$result" --quiet >"$scratch/said" 2>&1; then fail "$1" "its result can not be read"
  fi
  ncase=$((ncase + 1))
}

for file in "$models"/*/*.yaml; do check_model "$file"; done
for file in "$models"/*/cases/*.yaml; do
  missing=$(missing_file "$file")
  if [[ -n $missing ]]; then echo "left out: $file, there is no $missing"
  elif [[ -n $(verb_of "$file") ]]; then analyse_case "$file" "$(verb_of "$file")"
  else run_case "$file"
  fi
done
echo "$nmodel models, $ncase cases, $nfailed failed"
[[ $nfailed == 0 && $nmodel -gt 0 && $ncase -gt 0 ]]
