#!/bin/bash
# The sources are formatted as .clang-format says:  format.sh SOURCE_DIR
set -euo pipefail
cd "$1"
find src include tests -name '*.[ch]' -print0 | xargs -0 clang-format-14 --dry-run -Werror
