#!/bin/sh
# aarch64.sh [MINUTES [JDK [ROOT]]]: runs the Metal path on the simulator, the same class files, on a JDK 25 for AArch64
# Linux under qemu-user: what the calling convention of Apple's processors passes in which register is exercised that way.
# After MINUTES, 20 unless named, no other model is begun.
#
# JDK is that JDK's home; ROOT has lib/ld-linux-aarch64.so.1 and the C and C++ libraries beside it. Without them they are
# taken out of Debian's packages, which are downloaded and unpacked, not installed. Needs, from Debian 12 or newer,
# qemu-user-static, clang-19, libc6-dev-arm64-cross, libstdc++-12-dev-arm64-cross and binutils-aarch64-linux-gnu, and the
# tests compiled: ./mvnw -pl engine test-compile.
set -e
minutes=${1:-20}
jdk=$2
system=${3:-/}
source=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$source/../../../../.." && pwd)
out="$root/engine/target/metalsim-aarch64"
mkdir -p "$out"

# Unpacks a Java for arm64 and the libraries it needs below $1, once.
unpack_java() {
    [ -d "$1" ] && return
    apt="$out/apt"
    mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/packages"
    : >"$apt/status"
    # Where this machine gets its own packages from.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/\?$' | head -n 1)
    [ -n "$mirror" ] || { echo "aarch64.sh: apt knows no Debian to fetch a JDK from; name one." >&2; exit 2; }
    echo "deb [arch=arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" \
        >"$apt/sources.list"
    apt_get() {
        apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::status="$apt/status" \
            -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives" \
            -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
            -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
    }
    apt_get update
    (cd "$apt/packages" && apt_get download openjdk-25-jre-headless libc6 libgcc-s1 libstdc++6 zlib1g)
    rm -rf "$1.new"
    mkdir -p "$1.new/usr/lib"
    ln -s usr/lib "$1.new/lib"
    for package in "$apt/packages"/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$1.new" --keep-directory-symlink
    done
    # Links to files below / would lead to this machine's.
    find "$1.new" -type l -lname '/*' | while read -r link; do
        ln -sfn "$1$(readlink "$link")" "$link"
    done
    mv "$1.new" "$1"
}

if [ -z "$jdk" ]; then
    system="$out/debian"
    unpack_java "$system"
    jdk=$(echo "$system"/usr/lib/jvm/java-25-openjdk-arm64)
fi
if [ ! -x "$jdk/bin/java" ]; then
    echo "aarch64.sh: there is no JDK 25 for AArch64 Linux in $jdk." >&2
    exit 2
fi
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
    studio.atelier.engine.backend.metal.OtherProcessor "$minutes"
