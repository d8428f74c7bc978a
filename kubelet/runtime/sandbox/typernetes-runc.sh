#!/bin/sh
# OCI runtime in front of runc: on `create` it puts the pod's pinned namespaces into the container's config.json.
#
# Register with dockerd as `--add-runtime typernetes=/path/to/typernetes-runc.sh` (it stays harmless for containers that are not the kubelet's).
# The kubelet writes /run/typernetes/containers/<container id> before it starts the container, one line per namespace:
#   network=/run/netns/...
#   ipc=/run/typernetes/...
# The substitution is safe on text: {"type":"network"} cannot occur inside a JSON string, where its quotes would be escaped.
set -eu
runc=${TYPERNETES_RUNC:-runc}
command='' bundle=. skip='' last=''
for arg do
  last=$arg
  if [ -n "$skip" ]; then
    [ "$skip" = bundle ] && bundle=$arg
    skip=''
    continue
  fi
  case $arg in
    --bundle | -b) skip=bundle ;;
    --bundle=*) bundle=${arg#*=} ;;
    --root | --log | --log-format | --criu | --rootless | --pid-file | --console-socket | --preserve-fds) skip=value ;;
    -*) ;;
    *) command=${command:-$arg} ;;
  esac
done
namespaces=/run/typernetes/containers/$last
if [ "$command" = create ] && [ -f "$namespaces" ]; then
  script=''
  while IFS='=' read -r type path; do
    # A namespace that is not found as expected ends the start with status 3 rather than run the container outside of its pod.
    script="$script s#{\"type\":\"$type\"}#{\"type\":\"$type\",\"path\":\"$path\"}#;t $type
      q 3
      :$type
"
  done <"$namespaces"
  if ! sed -i -e "$script" "$bundle/config.json"; then
    echo "typernetes-runc: cannot put the pod's namespaces into $bundle/config.json" >&2
    exit 3
  fi
fi
exec "$runc" "$@"
