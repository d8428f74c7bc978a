#!/bin/sh
# OCI runtime in front of runc: on `create` it puts the pod's pinned namespaces into the container's config.json.
#
# Register with dockerd as `--add-runtime typernetes=/path/to/typernetes-runc.sh` (it stays harmless for containers that are not the kubelet's).
# The kubelet writes /run/typernetes/containers/<container id> before it starts the container, one line per namespace:
#   network=/run/netns/...
#   ipc=/run/typernetes/...
# or `wait` while they are still being made, and `failed` when they came to nothing.
# The substitution is safe on text: {"type":"network"} cannot occur inside a JSON string, where its quotes would be escaped.
set -eu
runc=${TYPERNETES_RUNC:-runc}
# runc works for some milliseconds and on one thing at a time. Told of more processors than one (its shim says two) it spends a twentieth of a container's
# start on threads that look for work. It hands this on to its own child, not to the container.
export GOMAXPROCS=1
# Most calls are none of ours. A shell reads on only as far as it runs.
case " $* " in
  *' create '* | *' exec '* | *' start '*) ;;
  *) exec "$runc" "$@" ;;
esac
command='' bundle=. process='' root='' skip='' last=''
for arg do
  last=$arg
  if [ -n "$skip" ]; then
    case $skip in
      bundle) bundle=$arg ;;
      process) process=$arg ;;
      root) root=$arg ;;
    esac
    skip=''
    continue
  fi
  case $arg in
    --bundle | -b) skip=bundle ;;
    --bundle=*) bundle=${arg#*=} ;;
    --process | -p) skip=process ;;
    --process=*) process=${arg#*=} ;;
    --root) skip=root ;;
    --root=*) root=${arg#*=} ;;
    --log | --log-format | --criu | --rootless | --pid-file | --console-socket | --preserve-fds) skip=value ;;
    -*) ;;
    *) command=${command:-$arg} ;;
  esac
done
# Lets go of a container that runc has created and that waits at its fifo. It is all that `runc start` does for one, and runc takes five times as long to
# begin. Returns where that is runc's to do, or to say why it cannot be done. containerd's shim works in the bundle.
begin() {
  fifo=$root/$last/exec.fifo pid='' said=''
  [ -e typernetes-begin ] && [ -p "$fifo" ] && [ -z "${NOTIFY_SOCKET:-}" ] || return 0
  read -r pid <init.pid || [ -n "$pid" ] || return 0
  # Opened for both ends first, or this would wait for good should the container be dead. Once only that one can write, its death ends the read.
  exec 3<>"$fifo" 4<"$fifo" 3>&-
  while ! let_go; do
    # It has not come to the fifo yet: its word must not be lost. Or it is dead, whether or not it came there.
    if ! is_alive && ! let_go; then
      exec 4<&-
      return 0
    fi
    sleep 0.01
  done
  exec rm -f "$fifo"
}
let_go() {
  read -r said <&4
  [ -n "$said" ]
}
is_alive() {
  read -r state 2>/dev/null <"/proc/$pid/stat" || return 1
  case ${state##*)} in
    ' Z'* | ' X'*) return 1 ;;
  esac
}
# A privileged container asks for every capability there is. Where this process itself has not all of them (on a machine that is a container of
# another), it gets those that there are, as containerd does it, rather than none and an error.
lend_capabilities() {
  have=''
  while read -r key value; do
    [ "$key" = CapBnd: ] && have=$((0x$value)) && break
  done </proc/self/status
  [ -n "$have" ] || return 0
  number=0 missing=''
  for name in $capabilities; do
    [ $((have >> number & 1)) = 1 ] || missing="$missing CAP_$name"
    number=$((number + 1))
  done
  [ -n "$missing" ] || return 0
  asked=$(sed -n 's/.*"bounding":\[\([^]]*\)\].*/\1/p' "$1" | tr -cd ',' | wc -c)
  [ "$asked" -ge 36 ] || return 0
  script=''
  for name in $missing; do
    for set in bounding effective permitted inheritable ambient; do
      script="$script s#\(\"$set\":\[[^]]*\),\"$name\"#\1#; s#\(\"$set\":\[\)\"$name\",#\1#
"
    done
  done
  sed -i -e "$script" "$1"
  [ "$command" != create ] || : >"$bundle/typernetes-lent"
}
capabilities='CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN
NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ
PERFMON BPF CHECKPOINT_RESTORE'
namespaces=/run/typernetes/containers/$last
if [ "$command" = create ] && [ -f "$namespaces" ]; then
  # The process that wrote `wait` may have been killed, and with it all hope.
  state='' tries=0 nap=0.01
  while read -r state <"$namespaces" && [ "$state" = wait ] && [ $tries -lt 1200 ]; do
    tries=$((tries + 1))
    # A machine that has not made them by then is busy: to look less often leaves it more.
    [ $tries -lt 10 ] || nap=0.05
    sleep $nap
  done
  case $state in
    wait | failed)
      echo "typernetes-runc: the pod's namespaces were not made" >&2
      exit 93
      ;;
  esac
  script=''
  while IFS='=' read -r type path; do
    # A namespace that is not found as expected ends the start with status 3 rather than run the container outside of its pod.
    script="$script s#{\"type\":\"$type\"}#{\"type\":\"$type\",\"path\":\"$path\"}#;t $type
      q 3
      :$type
"
  done <"$namespaces"
  # Most containers ask for few capabilities. Each program that is run here is part of every start, so that the one tells of them, too: it is one line.
  outcome=0
  sed -i -e "$script" -e '/"CAP_MAC_ADMIN"/q 4' -e '/"poststart"/q 5' "$bundle/config.json" || outcome=$?
  case $outcome in
    0) : >"$bundle/typernetes-begin" ;;
    5) ;;
    4) lend_capabilities "$bundle/config.json" ;;
    *)
      echo "typernetes-runc: cannot put the pod's namespaces into $bundle/config.json" >&2
      exit 3
      ;;
  esac
fi
[ "$command" != start ] || begin
# What is run later in such a container asks for as much as the container did. containerd's shim works in the bundle.
if [ "$command" = exec ] && [ -e typernetes-lent ]; then
  ! grep -qs '"CAP_MAC_ADMIN"' "$process" || lend_capabilities "$process"
fi
exec "$runc" "$@"
