#!/bin/sh
# build.sh OUT: builds the simulator into OUT and prints the library's path.
set -e
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
compiler=${ATELIER_METALSIM_CLANG:-clang++-19}
library="$out/libmetalsim.so"
if [ ! -f "$library" ] || [ -n "$(find "$source" -newer "$library" -type f | head -n 1)" ]; then
    for part in finding executor checker tokens program objc metal; do
        "$compiler" -std=c++17 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Werror -I "$source" -c "$source/$part.cpp" -o "$out/$part.o"
    done
    "$compiler" -shared -o "$library.new" "$out"/*.o -lpthread -ldl -Wl,-Bsymbolic
    cp -R "$source/include" "$out/"
    rm -rf "$out/cache"
    mv "$library.new" "$library"
fi
echo "$library"
