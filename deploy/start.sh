#!/bin/sh
# The way in for `npm start|stop|down|test|run load`: finds a Node, becomes root where that is needed, and hands over.
# usage: start.sh up|stop|down|load|test [ARGUMENT...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
say() { printf '%s\n' "$@" >&2; }
# Debian's users, and root after a plain su, have no sbin folders on their PATH, and iptables is there.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
if ! node=$(command -v node); then
  say "Typernetes wants some Node.js, version 18 or newer, and its npm." "  run: apt-get install nodejs npm"
  exit 1
fi
if ! "$node" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)'; then
  say "Node.js $("$node" --version) is too old: Typernetes starts with 18 or newer (and then brings its own)." \
    "  run: apt-get install nodejs npm, or see https://nodejs.org/en/download"
  exit 1
fi
case " $* " in
*" --help "* | *" -h "*) exec "$node" "$here/bootstrap/main.mjs" "$@" ;;
esac
if [ "$(id -u)" != 0 ] && [ "${1:-}" != test ]; then
  if ! command -v sudo >/dev/null; then
    [ "${1:-up}" = up ] && word=start || word="run $1"
    say "Typernetes makes namespaces, network links and rules: it has to run as root, and there is no sudo here." "  run: su -c 'npm $word'"
    exit 1
  fi
  # sudo replaces PATH, and a Node of the user's own is often not on root's.
  exec sudo -E env "PATH=$PATH" "$node" "$here/bootstrap/main.mjs" "$@"
fi
exec "$node" "$here/bootstrap/main.mjs" "$@"
