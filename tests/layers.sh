#!/bin/bash
# A layer compiles with its own and the lower public headers and cannot include a higher one:  layers.sh CC LAYERS
# LAYERS has a line "name|public headers|include folders" for each layer, lowest first.
set -euo pipefail
export LC_ALL=C
cc=$1
mapfile -t layers <"$2"
status=0

# compile HEADERS FOLDERS: one file that includes the headers; what the compiler says goes to standard output.
compile() {
  local flags=(-std=c11 -D_XOPEN_SOURCE=700 -fsyntax-only -x c) folder
  for folder in $2; do flags+=(-I "$folder"); done
  printf '#include "rhoflux/%s"\n' $1 | "$cc" "${flags[@]}" - 2>&1
}

fail() {
  echo "$1"
  echo "$2" | head -5
  status=1
}

# within HEADERS FOLDERS: those of the headers that a folder has.  Siblings do not have each other's.
within() {
  local header folder
  for header in $1; do
    for folder in $2; do
      if [[ -e $folder/rhoflux/$header ]]; then echo "$header"; fi
    done
  done
}

below=""
for i in "${!layers[@]}"; do
  IFS='|' read -r name headers folders <<<"${layers[i]}"
  below+=" $headers"
  if ! said=$(compile "$(within "$below" "$folders")" "$folders"); then fail "$name: its own and the lower headers do not compile" "$said"; fi
  for above in "${layers[@]:i+1}"; do
    IFS='|' read -r higher headers _ <<<"$above"
    for header in $headers; do
      if said=$(compile "$header" "$folders"); then
        fail "$name: $header of the higher layer $higher compiles" ""
      elif [[ $said != *"rhoflux/$header: No such file"* ]]; then
        fail "$name: $header of the higher layer $higher is within reach" "$said"
      fi
    done
  done
done
exit $status
