#!/bin/bash
# Builds sdk_alone.cpp with each compiler that plugin authors have, under AddressSanitizer, and runs it.
# sdk_alone.sh SOURCE_FOLDER
set -eu
source=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for compiler in clang++-16 g++-12; do
  echo "== $compiler"
  "$compiler" -std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Wall -Wextra -Wpedantic -Werror \
    -I"$source/core/include" "$source/tests/plugin/sdk_alone.cpp" -o "$work/sdk_alone" -lpthread
  "$work/sdk_alone"
done
