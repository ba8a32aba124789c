#!/bin/bash
# The packages for Windows under Wine, in a prefix of their own with a stand-in for WinFsp (tests/wine): MSI and setup.exe with and without WinFsp, a first drive,
# an upgrade under uploads, repair, removal with and without something pending.
#
#   tests/packages/windows.sh [--work DIR] [--keep]       ends with "ok" and exit code 0
#
# SYNCAGENT_PACKAGES names a folder with two versions of msi, setup and winget and one .tar.gz that package.sh has built (default: builds them, minutes).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work='' keep=''
while [ $# -gt 0 ]; do
    case $1 in
        --work) work=${2:?--work needs a folder}; shift ;;
        --keep) keep=1 ;;
        -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "windows.sh: unknown option $1" >&2; exit 64 ;;
    esac
    shift
done
missing=()
for pair in wine:wine wine64:wine xvfb:Xvfb wixl:wixl msitools:msibuild nsis:makensis gcc-mingw-w64-x86-64:x86_64-w64-mingw32-gcc nodejs:node npm:npm; do
    command -v "${pair#*:}" >/dev/null 2>&1 || missing+=("${pair%%:*}")
done
[ -d /usr/lib/python3/dist-packages/yaml ] || missing+=(python3-yaml)
if [ ${#missing[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || { echo "windows.sh: packages are missing: sudo apt install ${missing[*]}" >&2; exit 77; }
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[ -d "$root/tests/conformance/node_modules" ] || npm ci --prefix "$root/tests/conformance" --no-audit --no-fund --silent
packages=${SYNCAGENT_PACKAGES:-$root/artifacts/packages-test-windows}
if [ -z "${SYNCAGENT_PACKAGES:-}" ]; then
    rm -rf "$packages"
    "$root/package.sh" --quick --only msi --version 99.0.0 --out "$packages" >/dev/null
    "$root/package.sh" --quick --only tar,msi,setup,winget --out "$packages" >/dev/null
fi

if [ -z "$work" ]; then work=$(mktemp -d /var/tmp/syncagent-windows-XXXXXX); else mkdir -p "$work"; fi
[ -n "$keep" ] || trap 'rm -rf "$work"' EXIT
# The store runs on the Linux side.
mkdir -p "$work/linux"
tar -C "$work/linux" --strip-components=1 -xzf "$(ls "$packages"/syncagent-*-linux-x64.tar.gz | head -n 1)"
python3 "$here/windows.py" --work "$work" --packages "$packages" --agent "$work/linux/lib" --conformance "$root/tests/conformance"
