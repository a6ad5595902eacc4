#!/bin/sh
# Hace canal.wasm. Pide Node 20 o más nuevo; lo demás queda en node_modules.
set -eu
cd "$(dirname "$0")"
[ -d node_modules ] || npm install --silent --no-package-lock --no-audit --no-fund
node construir.mjs
"${HUELLA_PLUGIN:-../../../target/debug/huella-plugin}" pack componente.wasm --manifest plugin.toml --out canal.wasm
rm componente.wasm
