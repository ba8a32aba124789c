#!/bin/bash
# tar.sh TREE VERSION ARCH WORK OUT: see package.sh. For users without root, and for machines without packages.
set -euo pipefail
tree=$1 version=$2 arch=$3 work=$4 out=$5
level=9
[ -z "${SYNCAGENT_QUICK:-}" ] || level=1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/root.sh"
name=syncagent-$version-linux-${arch/amd64/x64}
to=$work/$name
mkdir -p "$to"
cp -r "$tree/." "$to"
install -m 755 "$here/install.sh" "$here/uninstall.sh" "$to"
install -m 644 "$here/syncagent.desktop" "$here/config.example.json" "$here/syncagent-nautilus.py" "$to"
install -m 644 "$here/syncagent-tray.1" "$to/doc"
install -m 644 "$here/../../src/Tray/Icons/svg/syncagent-idle.svg" "$to/syncagent.svg"
chmod -R u+w,go-w,a+rX "$to"
settle_times "$to"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$name" | gzip -n$level >"$out/$name.tar.gz"
