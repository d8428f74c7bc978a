#!/bin/sh
# Becomes a lab node: enters the node's cgroups, then new namespaces. usage: enter.sh NODE_ENV_FILE
# The process that runs this is only the way in: its child is the node's first process.
set -eu
. "$1"
for folder in $CGROUP_FOLDERS; do
  echo $$ >"$folder/cgroup.procs"
done
if [ "$CGROUP_VERSION" = 2 ]; then
  # Nothing is run here that would be a child of this process: the first child is taken for the node.
  # The node's cgroup is the top of what it sees. A process that stayed in it, be it for a moment, would keep it from handing controllers down.
  exec unshare --cgroup sh -c 'echo $$ >"$1/init/cgroup.procs" &&
    exec unshare --pid --net --mount --uts --ipc --propagation private --fork sh "$2" "$3"' sh "$CGROUP_FOLDERS" "$DEPLOY/node/first-process.sh" "$1"
fi
exec unshare --pid --net --mount --uts --ipc --cgroup --propagation private --fork sh "$DEPLOY/node/first-process.sh" "$1"
