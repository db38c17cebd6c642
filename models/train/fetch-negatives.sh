#!/usr/bin/env bash
# Fetches Debian's packages of recorded speech and music and unpacks their sound files:
#   fetch-negatives.sh CACHE_DIR
# Into CACHE_DIR/negatives/<package>/. About 1.2 GB of packages; nothing of it belongs in the repository.
# Three games keep what is said in them in files of their own; unpack_talkies.py writes it as WAV. Prompts in GSM need sox.
set -euo pipefail

cache=${1:?usage: fetch-negatives.sh CACHE_DIR}
here=$(cd "$(dirname "$0")" && pwd)
packages=(
  asterisk-core-sounds-en-wav asterisk-core-sounds-es-wav asterisk-core-sounds-fr-wav
  asterisk-core-sounds-it-wav asterisk-core-sounds-ru-wav
  fillets-ng-data-nl fillets-ng-data-cs tuxpaint-stamps-default festvox-ru
  wesnoth-1.16-music hedgewars-data
  asterisk-prompt-it-menardi-wav klettres-data ktuberling-data
  beneath-a-steel-sky flight-of-the-amazon-queen drascula drascula-italian drascula-spanish
  asterisk-prompt-es-co asterisk-prompt-fr-armelle
)

download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
for package in "${packages[@]}"; do
  target=$cache/negatives/$package
  [ -d "$target" ] && continue
  echo "$package"
  (cd "$download" && apt-get download -qq "$package")
  rm -rf "$target.part"
  mkdir -p "$target.part"
  case $package in
    beneath-a-steel-sky | flight-of-the-amazon-queen | drascula*)
      dpkg-deb -x "$download/${package}"_*.deb "$download/$package"
      games=$download/$package/usr/share/scummvm
      case $package in
        drascula) folder=$games/drascula/en ;;
        drascula-italian) folder=$games/drascula/it ;;
        drascula-spanish) folder=$games/drascula/es ;;
        *) folder=$games/$package ;;
      esac
      python3 "$here/unpack_talkies.py" "$folder" "$target.part"
      rm -rf "${download:?}/$package"
      ;;
    asterisk-prompt-es-co | asterisk-prompt-fr-armelle)
      dpkg-deb -x "$download/${package}"_*.deb "$download/$package"
      find "$download/$package" -name '*.gsm' | while read -r prompt; do
        name=$(basename "$(dirname "$prompt")")_$(basename "$prompt" .gsm)
        sox "$prompt" -b 16 -e signed-integer "$target.part/$name.wav"
      done
      rm -rf "${download:?}/$package"
      ;;
    *)
      dpkg-deb --fsys-tarfile "$download/${package}"_*.deb |
        tar -x -C "$target.part" --wildcards --no-anchored '*.wav' '*.ogg' '*.WAV' 2>/dev/null || true
      ;;
  esac
  rm -f "$download/${package}"_*.deb
  mv "$target.part" "$target"
done
