#!/bin/sh
# Static RAM and flash of the core alone on a Cortex-M4, with the gate and without: sizes of objects, no port, no libc.
set -eu
build=$1
arm="arm-none-eabi-gcc -std=c99 -Os -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -ffp-contract=off -Icore"
printf '%-34s %8s %8s\n' configuration 'flash B' 'RAM B'
measure() {
  name=$1
  shift
  printf '#include "catnap_board.h"\nstruct catnap_board board;\n' > "$build/footprint.c"
  objects=
  for source in core/catnap_wire.c core/catnap_board.c core/catnap_gate.c core/catnap_host_link.c "$build/footprint.c"; do
    object="$build/footprint-$(basename "$source" .c).o"
    $arm "$@" -c "$source" -o "$object"
    objects="$objects $object"
  done
  # shellcheck disable=SC2086
  arm-none-eabi-size -t $objects | awk -v name="$name" 'END { printf "%-34s %8d %8d\n", name, $1, $2 + $3 }'
}
measure '16 channels, 1 KiB pre-roll'
measure '16 channels, no gate' -DCATNAP_BOARD_PREROLL_BYTES=0u
measure '3 channels, 256 B packets, no gate' -DCATNAP_BOARD_PREROLL_BYTES=0u -DCATNAP_BOARD_CHANNELS=3u -DCATNAP_BOARD_PACKET_BYTES=256u \
  -DCATNAP_BOARD_RECEIVE_BYTES=64u
