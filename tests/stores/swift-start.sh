#!/bin/bash
# Runs OpenStack Swift with its S3 API on loopback: a real store, Debian's packages, no systemd, one machine, one replica.
# Prints "ready URL KEY SECRET REGION" and serves until standard input ends or a signal comes; then stops all and deletes DIR.
#
#   swift-start.sh DIR             e.g. by hand: swift-start.sh /tmp/swift, and Ctrl-D to end it
#   swift-start.sh --install-only
set -euo pipefail
name=swift
. "$(dirname "$0")/common.sh"
install_packages swift-proxy swift-account swift-container swift-object memcached curl python3
[ "${1:-}" != --install-only ] || exit 0

mkdir -p "${1:?a folder}"/{etc,run,log,dev/d1}
dir=$(cd "$1" && pwd)
trap 'stop_all "$dir"; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
port=$(free_ports 5)
object=$((port + 1)) container=$((port + 2)) account=$((port + 3)) cache=$((port + 4))

cat >"$dir/etc/swift.conf" <<END
[swift-hash]
swift_hash_path_prefix = loopback
swift_hash_path_suffix = loopback
[storage-policy:0]
name = Policy-0
default = yes
END

# server_conf NAME PORT APP-SETTINGS
server_conf() {
    cat >"$dir/etc/$1.conf" <<END
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $2
workers = 0
user = $(id -un)
swift_dir = $dir/etc
devices = $dir/dev
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_name = $1
log_address = $dir/run/no-syslog
[pipeline:main]
pipeline = $1-server
[app:$1-server]
use = egg:swift#$1
$3
END
}
# Nothing here must survive a power cut, so nothing is synced.
server_conf object $object $'disk_chunk_size = 1048576\nnetwork_chunk_size = 1048576\nmb_per_sync = 4096'
server_conf container $container ''
server_conf account $account ''

cat >"$dir/etc/proxy.conf" <<END
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
workers = 0
user = $(id -un)
swift_dir = $dir/etc
log_name = proxy
log_address = $dir/run/no-syslog
client_timeout = 120
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
object_chunk_size = 1048576
client_chunk_size = 1048576
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$cache
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
min_segment_size = 5242880
max_upload_part_num = 10000
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000
min_segment_size = 1
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
END

# ring NAME PORT: one device, one replica, sixteen partitions.
ring() {
    swift-ring-builder "$dir/etc/$1.builder" create 4 1 1
    swift-ring-builder "$dir/etc/$1.builder" add --region 1 --zone 1 --ip 127.0.0.1 --port "$2" --device d1 --weight 1
    swift-ring-builder "$dir/etc/$1.builder" rebalance
}
{ ring account $account & ring container $container & ring object $object & wait; } >"$dir/log/rings.log" 2>&1
for one in account container object; do [ -e "$dir/etc/$one.ring.gz" ] || { cat "$dir/log/rings.log" >&2; fail "no ring for $one"; }; done

as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(-u nobody)
run memcached memcached -l 127.0.0.1 -p $cache -U 0 -m 64 "${as_nobody[@]}"
for one in account container object proxy; do run $one /usr/bin/python3 "/usr/bin/swift-$one-server" "$dir/etc/$one.conf" -v; done

answers() {
    [ "$(curl -s -o /dev/null --max-time 2 -w '%{http_code}' -H 'X-Storage-User: test:tester' -H 'X-Storage-Pass: testing' \
        "http://127.0.0.1:$port/auth/v1.0")" = 200 ]
}
wait_for 60 "the proxy" answers
serve "http://127.0.0.1:$port" test:tester testing us-east-1
