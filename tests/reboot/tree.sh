#!/bin/bash
# Makes the packed Debian tree that the container and the machine of these tests start from, unless it is there.
#   tree.sh [--install-only]     SYNCAGENT_TREE names another place
set -euo pipefail
tree=${SYNCAGENT_TREE:-/var/cache/syncagent-test/bookworm-systemd-2.tar.zst}
missing=()
for pair in debootstrap:debootstrap systemd-container:systemd-nspawn zstd:zstd; do
    command -v "${pair#*:}" >/dev/null 2>&1 || missing+=("${pair%%:*}")
done
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[ "${1:-}" != --install-only ] || exit 0
[ ! -s "$tree" ] || exit 0

# The machine's own mirror.
mirrors=$(sed -n -e 's/^URIs: *\([^ ]*\).*/\1/p' -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
    /etc/apt/sources.list.d/* /etc/apt/sources.list 2>/dev/null | grep '/debian/\{0,1\}$') || true
mirror=$(head -n 1 <<<"${mirrors:-http://deb.debian.org/debian}")
folder=$(mktemp -d /var/tmp/syncagent-tree-XXXXXX)
trap 'rm -rf --one-file-system "$folder"' EXIT
debootstrap --variant=minbase \
    --include=systemd,systemd-sysv,dbus,libpam-systemd,fuse3,e2fsprogs,procps,libstdc++6,ca-certificates,curl,python3 \
    bookworm "$folder/tree" "$mirror" >"$folder/log" 2>&1 || { tail -n 20 "$folder/log" >&2; exit 1; }
mkdir -p "$(dirname "$tree")"
tar --zstd -cf "$tree.new" -C "$folder" tree
mv "$tree.new" "$tree"
