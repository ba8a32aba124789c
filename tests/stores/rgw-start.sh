#!/bin/bash
# Runs Ceph's S3 gateway (radosgw) on loopback over one monitor and one in-memory disk: Debian's packages, no systemd, no manager.
# Prints "ready URL KEY SECRET REGION" and serves until standard input ends or a signal comes; then stops all and deletes DIR.
#
#   rgw-start.sh DIR               e.g. by hand: rgw-start.sh /tmp/rgw, and Ctrl-D to end it
#   rgw-start.sh --install-only
set -euo pipefail
name=radosgw
. "$(dirname "$0")/common.sh"
install_packages radosgw ceph-mon ceph-osd ceph-common curl python3
[ "${1:-}" != --install-only ] || exit 0

mkdir -p "${1:?a folder}"/{mon,osd,log,run}
dir=$(cd "$1" && pwd)
trap 'stop_all "$dir"; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
port=$(free_ports 40)
monitor=$((port + 1))
fsid=$(cat /proc/sys/kernel/random/uuid)
export CEPH_CONF=$dir/ceph.conf

cat >"$CEPH_CONF" <<END
[global]
fsid = $fsid
mon host = v2:127.0.0.1:$monitor
ms bind ipv4 = true
ms bind ipv6 = false
ms bind port min = $((port + 5))
ms bind port max = $((port + 39))
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
public addr = 127.0.0.1
run dir = $dir/run
admin socket = $dir/run/\$name.asok
pid file = $dir/run/\$name.ceph-pid
log file = $dir/log/\$name.log
mon cluster log file = $dir/log/cluster.log
keyring = $dir/keyring
# One disk, few groups: it must start quickly, not be fast.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 2000
mon data avail crit = 1
mon data avail warn = 1
osd failsafe full ratio = 0.99
mon osd full ratio = .99
mon osd nearfull ratio = .98
[mon]
mon data = $dir/mon
[osd]
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw enable usage log = false
rgw dynamic resharding = false
rgw override bucket index max shards = 1
rgw lc debug interval = -1
END

# radosgw hangs without cephx, so each has its key.
key() { ceph-authtool "$dir/keyring" --gen-key "$@" >/dev/null; }
: >"$dir/keyring"
key -n mon. --cap mon 'allow *'
key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
key -n client.rgw --cap mon 'allow *' --cap osd 'allow *'
key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$monitor]" "$dir/monmap" >/dev/null
ceph-mon -i a --mkfs --monmap "$dir/monmap" --keyring "$dir/keyring" >"$dir/log/mon-mkfs.log" 2>&1 || { cat "$dir/log/mon-mkfs.log" >&2; fail "no monitor"; }

run mon ceph-mon -f -i a
wait_for 60 "the monitor" timeout 5 ceph -s
disk=$(cat /proc/sys/kernel/random/uuid)
number=$(ceph osd create "$disk" 2>/dev/null)
ceph config set mon auth_allow_insecure_global_id_reclaim false
ceph-osd -i "$number" --mkfs --osd-uuid "$disk" >"$dir/log/osd-mkfs.log" 2>&1 || { cat "$dir/log/osd-mkfs.log" >&2; fail "no disk"; }
run osd ceph-osd -f -i "$number"
osd_is_up() { ceph osd stat 2>/dev/null | grep -q '1 up'; }
wait_for 60 "the disk" osd_is_up
run rgw radosgw -f -n client.rgw
wait_for 120 "the gateway" curl -s -o /dev/null --max-time 2 "http://127.0.0.1:$port/"
radosgw-admin -n client.rgw user create --uid=tester --display-name=tester --access-key=TESTER --secret=testing >"$dir/log/user.log" 2>&1 \
    || { tail -n 5 "$dir/log/user.log" >&2; fail "no user"; }
serve "http://127.0.0.1:$port" TESTER testing us-east-1
