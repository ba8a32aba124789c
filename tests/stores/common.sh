# Shared by the scripts that run a real S3 store on loopback; sourced, not run. The caller sets "name" and "dir".

fail() { echo "$name: $*" >&2; exit 1; }

# Installs what is missing; never lets Debian start services of its own.
install_packages() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || fail "packages are missing: sudo apt install --no-install-recommends ${missing[*]}"
    echo "$name: installing ${missing[*]}" >&2
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
        made=1
    fi
    # Lists that are missing or old make the first try fail.
    { apt_install "${missing[@]}" 2>/dev/null || { apt-get -o DPkg::Lock::Timeout=300 update -qq && apt_install "${missing[@]}"; }; } >/dev/null || fail "the packages could not be installed: ${missing[*]}"
    [ -z "$made" ] || rm -f $policy
}

apt_install() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"; }

# free_ports COUNT: the first of so many free ports in a row, below the range from which the system gives ports to clients.
free_ports() {
    python3 - "$1" <<'END'
import random, socket, sys
count = int(sys.argv[1])
for _ in range(200):
    first = random.randrange(20000, 32000 - count)
    held = []
    try:
        for port in range(first, first + count):
            held.append(socket.socket())
            held[-1].bind(("127.0.0.1", port))
    except OSError:
        continue
    finally:
        for one in held:
            one.close()
    print(first)
    sys.exit(0)
sys.exit("no free ports")
END
}

# run NAME COMMAND...: starts a server in a session of its own and records its process id, with its start time, which tells it from
# a later process of the same id.
run() {
    local server=$1
    shift
    setsid "$@" >"$dir/log/$server.log" 2>&1 </dev/null &
    echo "$! $(start_time $!)" >"$dir/run/$server.pid"
}

start_time() { awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null || true; }

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
    local until=$((SECONDS + $1)) what=$2 pid rest
    shift 2
    until "$@" >/dev/null 2>&1; do
        for file in "$dir"/run/*.pid; do
            read -r pid rest <"$file"
            kill -0 "$pid" 2>/dev/null || { tail -n 20 "$dir/log/$(basename "$file" .pid).log" >&2; fail "$(basename "$file" .pid) ended"; }
        done
        if [ $SECONDS -ge $until ]; then
            tail -n 20 "$dir"/log/*.log >&2
            fail "$what did not come up"
        fi
        sleep 0.1
    done
}

# Kills every recorded server that still is the one that was started, with its children: their data goes too, so none needs to
# end in good order.
stop_all() {
    local file pid begun
    for file in "$1"/run/*.pid; do
        [ -e "$file" ] || continue
        read -r pid begun <"$file"
        rm -f "$file"
        [ -n "$begun" ] && [ "$(start_time "$pid")" = "$begun" ] || continue
        kill -KILL -- "-$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}

# Says where the store is, serves until standard input ends (whoever started this is gone or wants no more), then cleans up.
serve() {
    echo "ready $1 $2 $3 $4"
    cat >/dev/null
}
