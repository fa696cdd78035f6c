#!/bin/sh
# aarch64.sh JDK [ROOT]: runs the Metal path on the simulator, the same class files, on a JDK 25 for AArch64 Linux under
# qemu-user: what the calling convention of Apple's processors passes in which register is exercised that way.
#
# JDK is that JDK's home; ROOT, / unless named, has lib/ld-linux-aarch64.so.1 and the C and C++ libraries beside it. A JDK
# can be taken out of the Debian packages openjdk-25-jre-headless, libc6, libgcc-s1, libstdc++6 and zlib1g for arm64 with
# "dpkg-deb -x PACKAGE ROOT". Needs qemu-user-static, clang-19, libc6-dev-arm64-cross, libstdc++-12-dev-arm64-cross and
# binutils-aarch64-linux-gnu, and the tests compiled: ./mvnw -pl engine test-compile.
set -e
if [ -z "$1" ] || [ ! -x "$1/bin/java" ]; then
    echo "aarch64.sh JDK [ROOT]: name the home of a JDK 25 for AArch64 Linux." >&2
    exit 2
fi
jdk=$1
system=${2:-/}
source=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$source/../../../../.." && pwd)
out="$root/engine/target/metalsim-aarch64"
mkdir -p "$out"
cross="$out/clang"
printf '#!/bin/sh\nexec clang++-19 --target=aarch64-linux-gnu "$@"\n' >"$cross"
chmod +x "$cross"
export ATELIER_METALSIM_CLANG="$cross"
library=$("$source/build.sh" "$out")
jars="$out/classpath"
[ -f "$jars" ] || (cd "$root" && ./mvnw -B -q -pl engine dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$jars")
exec qemu-aarch64-static -L "$system" "$jdk/bin/java" -Xmx2g --enable-native-access=ALL-UNNAMED \
    --add-modules=jdk.incubator.vector -Datelier.root="$root" -Datelier.metal="$library" \
    -cp "$root/engine/target/test-classes:$root/engine/target/classes:$(cat "$jars")" \
    studio.atelier.engine.backend.metal.OtherProcessor
