#!/bin/sh
# Runs one program for good: starts it again when it ends, until this script gets SIGTERM, which it passes on.
# usage: supervise.sh NAME RUN_DIR LOG_FILE PROGRAM [ARGUMENT...]
# RUN_DIR/NAME.pid holds the program's process id, RUN_DIR/NAME.exits one line per unasked end. RUN_DIR/NAME.env, if there, is environment
# (NAME=VALUE words) for the next start and no other.
set -u
name=$1 run=$2 log=$3
shift 3
stopping='' child=''
stop() {
  stopping=1
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap stop TERM INT
# A terminal that closes must not end a cluster.
trap '' HUP
: >"$run/$name.exits"
pause=0.2
while [ -z "$stopping" ]; do
  settings=''
  if [ -f "$run/$name.env" ]; then
    settings=$(cat "$run/$name.env")
    rm "$run/$name.env"
  fi
  # The settings are words on purpose.
  env $settings "$@" >>"$log" 2>&1 </dev/null &
  child=$!
  echo "$child" >"$run/$name.pid"
  # A signal interrupts wait while the child lives on: wait again until it has really ended.
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  child=''
  [ -z "$stopping" ] || break
  echo "$code" >>"$run/$name.exits"
  echo "supervise: $name ended with code $code; starting it again in $pause s" >>"$log"
  sleep "$pause"
  pause=1
done
rm -f "$run/$name.pid"
