#!/usr/bin/env bash
# Fetches the phone network and the spelling network of hama (Apache-2.0) out of its wheels, and the CMU dictionary (BSD):
#   fetch-phones.sh CACHE_DIR
# Into CACHE_DIR/hama: asr_waveform.hama (1.7.0), encoder.onnx, decoder_step.onnx (1.3.13), g2p_vocab.json, METADATA,
# cmudict.js.
set -euo pipefail

cache=${1:?usage: fetch-phones.sh CACHE_DIR}
target=$cache/hama
[ -d "$target" ] && exit
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
cd "$download"
pip download --quiet --no-deps hama==1.7.0
pip download --quiet --no-deps hama==1.3.13
for version in 1.7.0 1.3.13; do python3 -m zipfile -e "hama-$version"-*.whl "$version"; done
mkdir -p "$target.part"
cp 1.7.0/hama/assets/{asr_waveform.hama,g2p_vocab.json} 1.7.0/*.dist-info/METADATA "$target.part/"
cp 1.3.13/hama/assets/{encoder,decoder_step}.onnx "$target.part/"
tar -xzf "$(npm pack --silent cmu-pronouncing-dictionary@3.0.0)"
cp package/index.js "$target.part/cmudict.js"
mv "$target.part" "$target"
