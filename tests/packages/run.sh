#!/bin/bash
# The .deb in a Debian of its own (systemd-nspawn): installed, used, upgraded while files are pending and a program writes, removed,
# purged with and without something pending; lintian; the archive for users without root.
#
#   tests/packages/run.sh [--work DIR] [--keep]       as root; ends with "ok" and exit code 0
#
# SYNCAGENT_PACKAGES names a folder with two versions that package.sh has built (default: builds them, minutes); SYNCAGENT_TREE as for
# tests/reboot/run.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work='' keep=''
while [ $# -gt 0 ]; do
    case $1 in
        --work) work=${2:?--work needs a folder}; shift ;;
        --keep) keep=1 ;;
        -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "run.sh: unknown option $1" >&2; exit 64 ;;
    esac
    shift
done
[ "$(id -u)" = 0 ] || { echo "run.sh: needs root" >&2; exit 77; }
command -v lintian >/dev/null 2>&1 || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends lintian >/dev/null; }
"$root/tests/reboot/tree.sh"
tree=${SYNCAGENT_TREE:-/var/cache/syncagent-test/bookworm-systemd-2.tar.zst}
[ -d "$root/tests/conformance/node_modules" ] || npm ci --prefix "$root/tests/conformance" --no-audit --no-fund --silent
packages=${SYNCAGENT_PACKAGES:-$root/artifacts/packages-test}
if [ -z "${SYNCAGENT_PACKAGES:-}" ]; then
    rm -rf "$packages"
    "$root/package.sh" --quick --only deb,tar --out "$packages" >/dev/null
    "$root/package.sh" --quick --only deb --version 99.0.0 --out "$packages" >/dev/null
fi

if [ -z "$work" ]; then work=$(mktemp -d /var/tmp/syncagent-packages-XXXXXX); else mkdir -p "$work"; fi
[ -n "$keep" ] || trap 'rm -rf --one-file-system "$work"' EXIT
lintian --allow-root --fail-on error,warning "$packages"/syncagent_99*.deb
tar --zstd -xf "$tree" -C "$work"
python3 "$here/scenario.py" --work "$work" --packages "$packages" --conformance "$root/tests/conformance"
