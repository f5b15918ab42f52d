#!/bin/bash
# Two plugins built out of tree by two compilers against an installed SDK, in one installed server: one offers an
# interface, a hook and a Lua function, the other calls it. two_plugins.sh PREFIX
set -eu
prefix=$1
sources=$(realpath "$(dirname "$0")/two_plugins")
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || { kill $pid 2>/dev/null || true; wait $pid 2>/dev/null || true; }; rm -rf "$work"' EXIT

build() { # build PLUGIN COMPILER
  cmake -S "$sources" -B "$work/$1" -DPLUGIN="$1" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$2" \
    > "$work/configure.log" || { cat "$work/configure.log"; exit 1; }
  cmake --build "$work/$1" > "$work/build.log" || { cat "$work/build.log"; exit 1; }
  cp "$work/$1/lib/viadux/plugins/$1.so" "$work/plugins/"
}
mkdir -p "$work/plugins" "$work/organisations/test"
build chime g++-12
build ringer clang++-16

cd "$work"
printf 'name = "Test"\n' > organisations/test/organisation.toml
printf '[organisations]\npath = "organisations"\n[control]\nsocket = "control.sock"\n' > viadux.toml
port=$((20000 + RANDOM % 10000))
"$prefix/bin/viadux" run --config viadux.toml --set plugins.path=plugins --set "http.port=$port" --set http.tls_port=0 \
  --set http.address=127.0.0.1 --set organisations.default=test --set store.url=sqlite::memory: \
  --set "media.port=$((30100 + RANDOM % 2000))" --set media.addresses=127.0.0.1 --set media.workers=1 > log 2>&1 &
pid=$!

get() { # GET over bash's own TCP; what comes within two seconds
  exec 3<> "/dev/tcp/127.0.0.1/$port" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
  timeout 2 cat <&3 || true
  exec 3>&-
}
expect() { # expect WHAT TEXT: the last answer holds it
  grep -qF "$2" answer || { echo "$1: '$2' is missing in:"; cat answer log; exit 1; }
}
for _ in $(seq 100); do
  kill -0 $pid 2>/dev/null || { echo "the server ended:"; cat log; exit 1; }
  get /readyz 2>/dev/null > answer && grep -q '"plugin.ringer":{"ok":true' answer && break
  sleep 0.2
done
get /ringer/ring/front > answer
expect "the call" '"sound":"ding at front"'
expect "the policy's default" '"decided_by":"default"'
get "/ringer/ring/$(printf 'x%.0s' $(seq 33))" > answer
expect "an error of the one through the other" '"field":"door"'
get /ringer/events > answer
expect "an event" "data: ding"
get /metrics > answer
expect "the count of the hook" 'viadux_policy_decisions_total{decided_by="default",hook="chime_may_ring"} 1'
"$prefix/bin/viadux" plugin list --config viadux.toml > answer
expect "the list" "offers: com.example.chime"
expect "the list" "asks policies: chime_may_ring"
expect "the list" "functions for policies: chime.ring"
kill $pid
wait $pid || { echo "it did not stop well:"; cat log; exit 1; }
pid=
echo "two plugins work together"
