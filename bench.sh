#!/bin/sh
# Measures this program beside its peers on this machine and prints Markdown.
#
#   ./bench.sh put [--size MIB] [--rounds N] [--link MIB-PER-SECOND]
#
# Peers are taken when they are installed: apt install time awscli rclone
set -eu
cd "$(dirname "$0")"
if [ ! -x /usr/bin/time ]; then
    if [ "$(id -u)" != 0 ]; then echo "bench.sh: needs GNU time: sudo apt install time" >&2; exit 1; fi
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq time >/dev/null
fi
./build.sh >&2
dotnet build bench/Bench.csproj -c Release -v quiet -nodeReuse:false >&2
exec bench/bin/Release/net10.0/SyncAgent.Bench "$@"
