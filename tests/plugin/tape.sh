#!/bin/bash
# Taps and sources in a real server with synthetic participants. tape.sh BUILD_FOLDER
set -eu
build=$(realpath "$1")
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || { kill $pid 2>/dev/null || true; wait $pid 2>/dev/null || true; }; rm -rf "$work"' EXIT

mkdir -p "$work/plugins" "$work/organisations/test"
ln -s "$build"/lib/viadux/plugins/whip{.so,} "$build/tests/plugins/tape/tape.so" "$work/plugins/"
cd "$work"
printf 'name = "Test"\n[rooms_on_demand]\nenabled = true\nmax = 10\n' > organisations/test/organisation.toml
printf '[organisations]\npath = "organisations"\n[control]\nsocket = "control.sock"\n' > viadux.toml
port=$((20000 + RANDOM % 10000))
"$build/bin/viadux" run --config viadux.toml --set plugins.path=plugins --set "http.port=$port" --set http.tls_port=0 \
  --set http.address=127.0.0.1 --set organisations.default=test --set store.url=sqlite::memory: \
  --set "media.port=$((30100 + RANDOM % 2000))" --set media.addresses=127.0.0.1 --set media.workers=2 > log 2>&1 &
pid=$!
for _ in $(seq 100); do
  kill -0 $pid 2>/dev/null || { echo "the server ended:"; cat log; exit 1; }
  (exec 3<> "/dev/tcp/127.0.0.1/$port" && printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3 && cat <&3) 2>/dev/null |
    grep -q '"plugin.whip":{"ok":true' && break
  sleep 0.2
done
"$build/bin/tape_check" "http://127.0.0.1:$port" || { cat log; exit 1; }
kill $pid
wait $pid || { echo "it did not stop well:"; cat log; exit 1; }
pid=
