#!/bin/bash
# Builds everything and runs every test project, cheap ones first. Ends with "N passed, N failed[, N skipped]"; exit code 0 only
# when nothing failed.
#
#   ./test.sh [--filter PROJECT] [--all] [--wine] [--packages]
#
#   --filter PROJECT   only the test projects whose name contains PROJECT, e.g. Journal
#   --all              also the long stages (second S3 server, long model, fuzz and torture runs)
#   --wine             also what of Windows runs under Wine: agent, drive, service, tray
#   --packages         only the packages: built, installed, upgraded, removed in a Debian of their own (as root, minutes); with --wine only
#                      those for Windows, under Wine
set -euo pipefail
cd "$(dirname "$0")"

filter='' packages=''
while [ $# -gt 0 ]; do
    case $1 in
        --filter) filter=${2:?--filter needs a project}; shift ;;
        --all) export SYNCAGENT_TEST_ALL=1 ;;
        --wine) export SYNCAGENT_TEST_WINE=1 ;;
        --packages) packages=1 ;;
        -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "test.sh: unknown option $1" >&2; exit 64 ;;
    esac
    shift
done
if [ -n "$packages" ]; then
    if [ "${SYNCAGENT_TEST_WINE:-}" = 1 ]; then exec tests/packages/windows.sh; else exec tests/packages/run.sh; fi
fi

configuration=Release
results=artifacts/test-results
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Cheap ones first: a broken rule shows within seconds. What is not named here runs last. Seconds allowed are per project.
order=(Architecture Tray Wine Store Journal Transfer Fs.Core DevStore Fs.Linux Agent Model Page EndToEnd)
limit() { case $1 in Torture) [ "${SYNCAGENT_TEST_ALL:-}" = 1 ] && echo 7200 || echo 240 ;; EndToEnd.Tests) [ "${SYNCAGENT_TEST_ALL:-}" = 1 ] && echo 3600 || echo 1500 ;; Store.Tests | Fs.Core.Tests | Transfer.Tests) echo 300 ;; Wine.Tests) echo 900 ;; Tray.Tests) [ "${SYNCAGENT_TEST_ALL:-}${SYNCAGENT_TEST_WINE:-}" != "" ] && echo 900 || echo 150 ;; Model.Tests) [ "${SYNCAGENT_TEST_ALL:-}" = 1 ] && echo 3600 || echo 600 ;; Page.Tests) [ "${SYNCAGENT_TEST_ALL:-}" = 1 ] && echo 1200 || echo 300 ;; *) echo 150 ;; esac; }

# package:command pairs; only what is missing is installed.
install_needed() {
    local missing=() pair
    for pair in fuse3:fusermount3 sqlite3:sqlite3 rsync:rsync git:git python3:python3 attr:setfattr procps:ps util-linux:mountpoint mount:losetup e2fsprogs:mkfs.ext4 qemu-system-common:qemu-storage-daemon fio:fio dbus-daemon:dbus-daemon systemd:systemd-analyze nodejs:node npm:npm zsh:zsh fish:fish mandoc:mandoc; do
        command -v "${pair#*:}" >/dev/null 2>&1 || missing+=("${pair%%:*}")
    done
    [ -d /usr/lib/python3/dist-packages/dbus_next ] || missing+=(python3-dbus-next)
    compgen -G "/usr/lib/*/libnss_wrapper.so" >/dev/null || missing+=(libnss-wrapper)
    # The tray: a display and the library of its icon; a real panel on request.
    if [[ Tray.Tests == *"$filter"* ]]; then
        command -v Xvfb >/dev/null 2>&1 || missing+=(xvfb)
        compgen -G "/usr/lib/*/libayatana-appindicator3.so.1" >/dev/null || missing+=(libayatana-appindicator3-1)
        [ "${SYNCAGENT_TEST_WINE:-}" != 1 ] || command -v wine >/dev/null 2>&1 || missing+=(wine wine64)
        if [ "${SYNCAGENT_TEST_ALL:-}${SYNCAGENT_TEST_WINE:-}" != "" ]; then
            for pair in xfce4-panel:xfce4-panel xdotool:xdotool imagemagick:import; do command -v "${pair#*:}" >/dev/null 2>&1 || missing+=("${pair%%:*}"); done
        fi
    fi
    # The agent for Windows, and what builds the library that takes WinFsp's place.
    if [[ Wine.Tests == *"$filter"* && ${SYNCAGENT_TEST_WINE:-} == 1 ]]; then
        for pair in wine:wine wine64:wine xvfb:Xvfb gcc-mingw-w64-x86-64:x86_64-w64-mingw32-gcc; do command -v "${pair#*:}" >/dev/null 2>&1 || missing+=("${pair%%:*}"); done
    fi
    if [ ${#missing[@]} -gt 0 ]; then
        if [ "$(id -u)" != 0 ]; then
            echo "test.sh: packages are missing: sudo apt install ${missing[*]}" >&2
            exit 1
        fi
        echo "installing ${missing[*]}"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
    fi
    # The real S3 servers that the store is held against: Swift always, radosgw on request. A drive is mounted on Swift too.
    if [[ Store.Tests == *"$filter"* ]]; then
        tests/stores/swift-start.sh --install-only
        [ "${SYNCAGENT_TEST_ALL:-}" != 1 ] || tests/stores/rgw-start.sh --install-only
    elif [[ EndToEnd.Tests == *"$filter"* ]]; then
        tests/stores/swift-start.sh --install-only
    fi
    # The service under a real systemd.
    if [[ EndToEnd.Tests == *"$filter"* && ${SYNCAGENT_TEST_ALL:-} == 1 ]]; then tests/reboot/tree.sh; fi
    # A browser for the status page. What Debian recommends beside it (a printing system, a sandbox) is not needed.
    if [[ Page.Tests == *"$filter"* ]] && [ ! -x /usr/bin/chromium ] && [ "$(id -u)" = 0 ]; then
        echo "installing chromium"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    fi
    # Prometheus' own judge of what it is given: only the program, not the service that its package starts.
    if [[ Agent.Tests == *"$filter"* && ${SYNCAGENT_TEST_ALL:-} == 1 ]] && ! command -v promtool >/dev/null 2>&1; then
        [ "$(id -u)" != 0 ] || apt-get update -qq
        mkdir -p artifacts/promtool
        (cd artifacts/promtool && apt-get download -qq prometheus && dpkg -x prometheus_*.deb .)
        export PATH="$PWD/artifacts/promtool/usr/bin:$PATH"
    fi
    for folder in tests/conformance tests/accessibility; do
        [ -d $folder/node_modules ] || npm ci --prefix $folder --no-audit --no-fund --silent
    done
}

projects() {
    local name found=()
    for name in "${order[@]}"; do
        [ ! -d "tests/$name.Tests" ] || found+=("$name.Tests")
    done
    for name in tests/*.Tests; do
        name=${name#tests/}
        [[ " ${found[*]} " == *" $name "* ]] || found+=("$name")
    done
    for name in "${found[@]}"; do
        [[ -n $filter && $name != *"$filter"* ]] || echo "$name"
    done
}

# Counts of an xunit v3 report in CTRF: passed failed skipped, then the names of what failed.
read_report() {
    python3 - "$1" <<'END'
import json, sys
with open(sys.argv[1], encoding="utf-8-sig") as file:
    results = json.load(file)["results"]
tests = results["tests"]
count = lambda *states: sum(test["status"] in states for test in tests)
print(count("passed"), count("failed", "other"), count("skipped", "pending"))
for test in tests:
    if test["status"] in ("failed", "other"):
        print("    failed:", test["name"])
END
}

run_project() {
    local name=$1 program report log status=0 begun counts
    program=tests/$name/bin/$configuration/net10.0/SyncAgent.$name
    report=$results/$name.json
    log=$results/$name.log
    begun=$SECONDS
    if [ ! -x "$program" ]; then
        echo "$name: was not built"
        failed=$((failed + 1))
        return
    fi
    # A project that hangs is ended, and killed when it does not end.
    timeout --kill-after=10 "$(limit "$name")" "$program" -noColor -ctrf "$report" >"$log" 2>&1 || status=$?
    if [ -s "$report" ] && counts=$(read_report "$report"); then
        read -r p f s <<<"$counts"
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
        printf '%-24s %4d s   %d passed, %d failed, %d skipped\n' "$name" $((SECONDS - begun)) "$p" "$f" "$s"
        tail -n +2 <<<"$counts"
        # A non-zero end without a failed test (a crash after the report, an error outside any test) counts all the same.
        [ "$status" = 0 ] || [ "$f" -gt 0 ] || { echo "    failed: ended with code $status, see $log"; failed=$((failed + 1)); }
        if [ "$p" = 0 ] && [ "$f" = 0 ] && [ "$s" = 0 ]; then echo "    failed: it has no tests"; failed=$((failed + 1)); fi
        [ "$f" = 0 ] || tail -n 60 "$log"
    else
        printf '%-24s %4d s   no report: ended with code %d\n' "$name" $((SECONDS - begun)) "$status"
        tail -n 60 "$log"
        failed=$((failed + 1))
    fi
}

# A mode of the torture program counts as one test; 77 says that it cannot run here, and why.
run_torture() {
    local mode=$1 log=$results/torture-$1.log status=0 begun=$SECONDS
    shift
    [[ Torture == *"$filter"* ]] || return 0
    timeout --kill-after=10 "$(limit Torture)" "tests/Torture/bin/$configuration/net10.0/SyncAgent.Torture" "$mode" "$@" >"$log" 2>&1 || status=$?
    printf '%-24s %4d s   %s\n' "Torture" $((SECONDS - begun)) "$(tail -n 1 "$log")"
    case $status in
        0) passed=$((passed + 1)) ;;
        77) skipped=$((skipped + 1)) ;;
        *) failed=$((failed + 1)); echo "    failed: torture $mode (code $status)"; tail -n 60 "$log" ;;
    esac
}

install_needed
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0

echo "building ($configuration)"
if ! dotnet build SyncAgent.sln -c "$configuration" -m -nodeReuse:false -v quiet; then
    echo "the build failed"
    echo "0 passed, 1 failed"
    exit 1
fi
echo "built in $SECONDS s"

mapfile -t selected < <(projects)
if [ ${#selected[@]} = 0 ] && [[ Torture != *"$filter"* ]]; then
    echo "test.sh: no test project matches \"$filter\"" >&2
    exit 64
fi
for name in "${selected[@]}"; do run_project "$name"; done
if [ "${SYNCAGENT_TEST_ALL:-}" = 1 ]; then run_torture power --runs 20 --images 500; else run_torture power --seconds 6 --images 120 --real 60; fi

echo "all in $SECONDS s; reports in $results"
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" = 0 ]
