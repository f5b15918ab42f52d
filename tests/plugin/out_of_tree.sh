#!/bin/bash
# The ten-minute promise: installs the package into a prefix, generates a plugin, builds it with clang-16 and with
# g++ 12 against the installed SDK only, loads it in the installed server and calls its route.
# out_of_tree.sh BUILD_FOLDER
set -eu
build=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" > "$work/install.log" || { cat "$work/install.log"; exit 1; }
test -x "$work/prefix/bin/viadux"

cd "$work"
prefix/bin/viadux plugin new door_bell
if prefix/bin/viadux plugin new door_bell 2>refused; then echo "it wrote over a project"; exit 1; fi
grep -q "exists already" refused || { cat refused; exit 1; }

for compiler in clang++-16 g++-12; do
  echo "== $compiler: $($compiler --version | head -1)"
  cmake -S door_bell -B "build-$compiler" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$compiler" \
    -DCMAKE_CXX_FLAGS=-Werror > configure.log || { cat configure.log; exit 1; }
  cmake --build "build-$compiler" > build.log || { cat build.log; exit 1; }
  symbols=$(nm -D --defined-only "build-$compiler/lib/viadux/plugins/door_bell.so" | wc -l)
  [ "$symbols" = 1 ] || { echo "it exports $symbols symbols"; exit 1; }
  ctest --test-dir "build-$compiler" --output-on-failure || exit 1
done

echo "== two plugins of strangers"
bash "$here/two_plugins.sh" "$work/prefix"

echo "== a plugin without its entry is refused when it is built"
sed -i '/VIADUX_PLUGIN/d' door_bell/door_bell.cpp
if cmake --build build-clang++-16 > refused.log 2>&1; then echo "it was not"; exit 1; fi
grep -q "Does one of its sources end with VIADUX_PLUGIN" refused.log || { cat refused.log; exit 1; }
echo "all well"
