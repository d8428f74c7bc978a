#!/bin/sh
# Becomes a lab node: enters the node's cgroups, then new namespaces. usage: enter.sh NODE_ENV_FILE
# The process that runs this is only the way in: its child is the node's first process.
set -eu
. "$1"
for folder in $CGROUP_FOLDERS; do
  echo $$ >"$folder/cgroup.procs"
done
exec unshare --pid --net --mount --uts --ipc --cgroup --propagation private --fork sh "$DEPLOY/node/first-process.sh" "$1"
