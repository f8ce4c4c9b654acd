#!/bin/sh
# Today's stack as its images start it: the IDE server beside jupyterhub-singleuser, both at once. The hub signals only us.
"$BENCH_NODE" "$BENCH_VSCODE/out/server-main.js" --host 127.0.0.1 --port "$BENCH_IDE_PORT" --without-connection-token \
  --accept-server-license-terms --server-data-dir "$HOME/.stack-ide" "$BENCH_WORKSPACE" &
ide=$!
"$BENCH_SINGLEUSER" "$@" &
server=$!
trap 'kill "$server" "$ide"' INT TERM
wait "$server"
kill "$ide" "$server" 2>/dev/null
wait
