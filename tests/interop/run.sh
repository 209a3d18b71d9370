#!/bin/sh
# Runs one of the scripts beside it; exit status 77 (skipped) and the reason when something that it
# needs is not installed.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
skip() {
  echo "SKIPPED: $1"
  exit 77
}
node=${NODE:-$(command -v node || command -v nodejs)} || skip "node is not installed"
[ -n "$node" ] && [ -x "$node" ] || skip "node is not installed"
major=$("$node" -p 'process.versions.node.split(".")[0]') || skip "$node does not run"
[ "$major" -ge 18 ] || skip "node 18 or later is needed, $node is version $major"
[ -f "$here/node_modules/.package-lock.json" ] ||
  skip "tests/interop/node_modules is missing: npm ci --prefix tests/interop"
PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mosquitto >/dev/null || skip "mosquitto is not installed"
script=$1
shift
exec "$node" "$here/$script" "$@"
