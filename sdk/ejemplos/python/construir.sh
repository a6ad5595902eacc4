#!/bin/sh
# Hace canal.wasm. Pide Python 3.10 o más nuevo; lo demás queda en .venv.
set -eu
cd "$(dirname "$0")"
[ -x .venv/bin/componentize-py ] || { python3 -m venv .venv && .venv/bin/pip install --quiet componentize-py==0.25.1; }
.venv/bin/componentize-py -d ../../wit -w notification componentize app -o componente.wasm
"${HUELLA_PLUGIN:-../../../target/debug/huella-plugin}" pack componente.wasm --manifest plugin.toml --out canal.wasm
rm componente.wasm
