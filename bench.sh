#!/bin/bash
# Measures this program beside its peers on this machine: as root, on a quiet machine. Writes docs/benchmarks.md and its pictures.
#
#   ./bench.sh                    everything: an hour
#   ./bench.sh --quick            everything, small and once: minutes, into artifacts/bench; to see that it runs, not for figures
#   ./bench.sh --only write create --rounds 3
#   ./bench.sh inner              the inner loops, by BenchmarkDotNet; --quick to see that it runs
#
# ./bench.sh --help names all options. SYNCAGENT_EXE names another agent than the one that is built. Peers come from Debian's packages.
set -euo pipefail
cd "$(dirname "$0")"

if [ "${1:-}" = inner ]; then
    shift
    dotnet build bench/Inner/Inner.csproj -c Release -v quiet -nodeReuse:false -clp:ErrorsOnly >&2
    exec bench/Inner/bin/Release/net10.0/SyncAgent.Inner "$@"
fi

missing=()
for pair in time:/usr/bin/time fuse3:fusermount3 rclone:rclone s3fs:s3fs s3cmd:s3cmd awscli:aws; do
    command -v "${pair#*:}" >/dev/null 2>&1 || missing+=("${pair%%:*}")
done
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "bench.sh: packages are missing: sudo apt install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    echo "bench.sh: installing ${missing[*]}" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[ -n "${SYNCAGENT_EXE:-}" ] || ./build.sh >&2
dotnet build bench/Bench.csproj -c Release -v quiet -nodeReuse:false -clp:ErrorsOnly >&2
exec bench/bin/Release/net10.0/SyncAgent.Bench "$@"
