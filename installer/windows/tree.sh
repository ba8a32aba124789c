#!/bin/bash
# tree.sh PUBLISHED NOTICES TREE: lays out what the MSI installs. PUBLISHED has the folders Agent and Tray.
set -euo pipefail
published=$1 notices=$2 tree=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$tree/icons"
cp "$published"/Agent/{syncagent.exe,e_sqlite3.dll} "$published/Tray/syncagent-tray.exe" "$tree"
cp "$published"/Tray/icons/*.ico "$tree/icons"
# Lines end as old editors there want them.
text() { sed 's/\r*$/\r/' "$1" >"$tree/$2"; }
text "$here/../../LICENSE" LICENSE.txt
text "$here/../../CHANGELOG.md" CHANGELOG.txt
text "$here/README.txt" README.txt
text "$notices" THIRD-PARTY-NOTICES.txt
find "$tree" -type f -exec chmod 644 {} + -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
