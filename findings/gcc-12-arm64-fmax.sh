#!/usr/bin/env bash
# gcc-12-arm64-fmax.sh - GCC 12.2 of Debian 12 for 64-bit ARM (gcc-12-aarch64-linux-gnu
# 12.2.0-14cross1)
#
# The largest of an array of floats, each taken as a double by fmax, ends the compiler with "internal
# compiler error: in vect_transform_reduction" where loops are vectorised (-O3, or -O2
# -ftree-vectorize). ARM has an instruction for fmax, so the loop is a reduction for the vectoriser,
# and the widening from float to double in it is what it trips over: the same loop over doubles
# compiles, and so does either on x86, which has no such instruction and calls fmax.
# -fno-tree-loop-vectorize turns it off.
#
# Seen:
#   float  -O2                            compiles
#   float  -O3                            internal compiler error: in vect_transform_reduction
#   float  -O3 -fno-tree-loop-vectorize   compiles
#   double -O3                            compiles
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v aarch64-linux-gnu-gcc-12 >/dev/null || { echo "install gcc-12-aarch64-linux-gnu" >&2; exit 77; }
try() { # TYPE OPTION...
  cat > max.c <<C
double fmax(double, double);

double largest(const $1 *x, int count)
{
    double most = 0.0;

    for (int i = 0; i < count; ++i)
        most = fmax(most, (double)x[i]);
    return most;
}
C
  local type=$1 said=compiles
  shift
  aarch64-linux-gnu-gcc-12 "$@" -c max.c -o max.o 2> errors ||
    said=$(grep -m1 -o 'internal compiler error: in [a-z_]*' errors)
  printf '%-6s %-30s %s\n' "$type" "$*" "$said"
}
{
  try float -O2
  try float -O3
  try float -O3 -fno-tree-loop-vectorize
  try double -O3
} | tee seen
diff - seen <<'SEEN'
float  -O2                            compiles
float  -O3                            internal compiler error: in vect_transform_reduction
float  -O3 -fno-tree-loop-vectorize   compiles
double -O3                            compiles
SEEN
