#!/bin/bash
# setup.sh TREE VERSION WORK OUT: see package.sh. Puts the MSI of OUT into a setup.exe.
set -euo pipefail
tree=$1 version=$2 work=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"
msi=$out/SyncAgent-$version-x64.msi
touch -d "@$SOURCE_DATE_EPOCH" "$msi"
makensis -V2 -NOCD -INPUTCHARSET UTF8 "-DVERSION=$version" "-DNUMBERS=${version%%[-+]*}" "-DMSI=$msi" "-DICON=$tree/icons/syncagent-idle.ico" "-DLICENCE=$tree/LICENSE.txt" \
    "-DOUTPUT=$out/SyncAgent-$version-x64-setup.exe" "$here/setup.nsi"
