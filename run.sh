#!/bin/sh
# A trial without any account: builds, starts the embedded OSS-compatible store on this machine, and mounts a drive over it.
# Copy files into the drive and watch them arrive; kill -9 the agent and watch it go on. Ctrl-C ends everything in order.
#
#   ./run.sh [DIR]        DIR is where to mount (default: artifacts/demo/drive)
#
# The store, its keys (0600) and the agent's state stay in artifacts/demo (SYNCAGENT_DEMO overrides) and are used again.
set -eu
cd "$(dirname "$0")"
root=$PWD
demo=${SYNCAGENT_DEMO:-$root/artifacts/demo}
drive=${1:-$demo/drive}
agent=
store=
watch=

say() { printf 'run.sh: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

need_fuse() {
    if ! command -v fusermount3 >/dev/null 2>&1; then
        [ "$(id -u)" = 0 ] || fail "the package fuse3 is missing: sudo apt install fuse3"
        say "installing fuse3"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq fuse3 >/dev/null
    fi
    [ -e /dev/fuse ] || fail "there is no /dev/fuse: load the kernel's module with \"modprobe fuse\", or give the container that device"
    [ -r /dev/fuse ] && [ -w /dev/fuse ] || fail "/dev/fuse is not open to you: as root, chmod 666 /dev/fuse (the usual setting)"
}

random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

read_keys() {
    keys=$demo/keys
    if [ ! -f "$keys" ]; then
        (umask 077; printf 'OSS_ACCESS_KEY_ID=dev%s\nOSS_ACCESS_KEY_SECRET=%s\n' "$(random 8)" "$(random 20)" >"$keys")
    fi
    . "$keys"
    export OSS_ACCESS_KEY_ID OSS_ACCESS_KEY_SECRET
}

# The port is kept: it is part of what a drive is bound to.
start_store() {
    port=0
    [ ! -f "$demo/port" ] || port=$(cat "$demo/port")
    "$syncagent" dev-store --root "$demo/store" --port "$port" --bucket demo >"$demo/store.out" 2>"$demo/store.log" </dev/null &
    store=$!
    until endpoint=$(grep -o 'http://[0-9.:]*' "$demo/store.out"); do
        kill -0 "$store" 2>/dev/null || { cat "$demo/store.log" >&2; fail "the store did not start"; }
        sleep 0.1
    done
    printf '%s\n' "${endpoint##*:}" >"$demo/port"
}

start_agent() {
    "$syncagent" mount "$drive" --store oss --endpoint "$endpoint" --region cn-hangzhou --bucket demo --state "$demo/state" \
        --foreground >"$demo/agent.out" 2>>"$demo/agent.log" </dev/null &
    agent=$!
    until grep -q 'is mounted' "$demo/agent.out"; do
        kill -0 "$agent" 2>/dev/null || { tail -n 3 "$demo/agent.log" >&2; agent=; fail "the drive was not mounted"; }
        sleep 0.1
    done
}

end() {
    code=$?
    trap '' INT TERM HUP
    trap - EXIT
    for pid in $watch; do kill "$pid" 2>/dev/null && wait "$pid" || :; done
    for pid in $agent; do
        printf '\n'
        say "unmounting"
        kill "$pid" 2>/dev/null || :
        wait "$pid" || :
        grep 'is unmounted' "$demo/agent.out" || :
    done
    # Only a killed agent leaves its mount behind; there is nothing to say when it did not.
    "$syncagent" unmount "$drive" >/dev/null 2>&1 || :
    for pid in $store; do kill "$pid" 2>/dev/null && wait "$pid" || :; done
    exit "$code"
}

need_fuse
./build.sh
syncagent=$root/artifacts/syncagent
mkdir -p "$demo"
read_keys
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
start_store
start_agent

say "the drive is at $drive (bucket demo at $endpoint)"
say "agent pid $agent, store pid $store; state in $demo/state, log $demo/agent.log"
say "Ctrl-C unmounts and ends both"
"$syncagent" status --watch --state "$demo/state" </dev/null &
watch=$!

# The agent may be killed: its pending files wait in the state folder, and the same line goes on with them.
quick=0
while :; do
    started=$(date +%s)
    wait "$agent" && break || :
    kill -0 "$store" 2>/dev/null || { agent=; fail "the store ended"; }
    if [ $(($(date +%s) - started)) -ge 5 ]; then quick=0; else quick=$((quick + 1)); fi
    [ "$quick" -lt 4 ] || { agent=; tail -n 3 "$demo/agent.log" >&2; fail "the agent ends again and again"; }
    say "the agent is gone; starting it again"
    start_agent
    say "agent pid $agent"
done
agent=
