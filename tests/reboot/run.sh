#!/bin/bash
# The installed service under a real systemd, with uploads pending: reboot, hard kill, restart under an open writer, watchdog,
# shutdown inhibitor, a user's own unit. In a container (systemd-nspawn), with the store outside of it, so that its log goes on.
#
#   tests/reboot/run.sh [--machine] [--work DIR] [--keep]       as root; ends with "ok" and exit code 0
#
#   --machine    in a whole machine instead (qemu; longer): reboot and power cut, with a new boot id
#   --work DIR   scratch folder on a real file system (default: a new one in /var/tmp)
#   --keep       leaves it
#
# SYNCAGENT_DIR names a folder with a self-contained agent (default: published to artifacts/self-contained); SYNCAGENT_TREE a
# packed Debian tree (default: /var/cache/syncagent-test/bookworm-systemd-2.tar.zst, made with debootstrap once, about a minute).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work='' keep='' machine=
while [ $# -gt 0 ]; do
    case $1 in
        --work) work=${2:?--work needs a folder}; shift ;;
        --keep) keep=1 ;;
        --machine) machine=1 ;;
        -h | --help) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "run.sh: unknown option $1" >&2; exit 64 ;;
    esac
    shift
done
[ "$(id -u)" = 0 ] || { echo "run.sh: needs root" >&2; exit 77; }

"$here/tree.sh"
tree=${SYNCAGENT_TREE:-/var/cache/syncagent-test/bookworm-systemd-2.tar.zst}
agent=${SYNCAGENT_DIR:-$root/artifacts/self-contained}
[ -d "$root/tests/conformance/node_modules" ] || npm ci --prefix "$root/tests/conformance" --no-audit --no-fund --silent
if [ -z "${SYNCAGENT_DIR:-}" ]; then
    dotnet publish "$root/src/Agent/Agent.csproj" -c Release --artifacts-path "$root/artifacts/build" -r linux-x64 --self-contained true -p:PublishReadyToRun=true \
        -v quiet -nodeReuse:false -o "$agent"
fi

if [ -z "$work" ]; then work=$(mktemp -d /var/tmp/syncagent-reboot-XXXXXX); else mkdir -p "$work"; fi
[ -n "$keep" ] || trap 'rm -rf --one-file-system "$work"' EXIT
if [ -n "$machine" ]; then
    apt-get install -y -qq --no-install-recommends qemu-system-x86 busybox-static cpio >/dev/null
    python3 "$here/machine.py" --work "$work" --agent "$agent" --conformance "$root/tests/conformance" --tree "$tree"
    exit
fi
tar --zstd -xf "$tree" -C "$work"
python3 "$here/scenario.py" --work "$work" --agent "$agent" --conformance "$root/tests/conformance"
