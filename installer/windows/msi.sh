#!/bin/bash
# msi.sh TREE VERSION WORK OUT URL: see package.sh. TREE is what is installed; the product code goes to WORK/product-code.
set -euo pipefail
tree=$1 version=$2 work=$3 out=$4 url=$5
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"
# Installers know three numbers.
numbers=${version%%[-+]*}
uuid() { python3 -c 'import sys, uuid; print("{" + str(uuid.uuid5(uuid.NAMESPACE_URL, sys.argv[1])).upper() + "}")' "$1"; }
product=$(uuid "syncagent/windows/product/$version")
package=$(uuid "syncagent/windows/package/$version/$SOURCE_DATE_EPOCH/$(cd "$tree" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)")
msi=$out/SyncAgent-$version-x64.msi
rm -f "$msi"

x86_64-w64-mingw32-gcc -std=gnu11 -O2 -s -Wall -Wextra -Werror -shared -static-libgcc -Wl,--no-insert-timestamp,--disable-auto-image-base -o "$work/actions.dll" "$here/actions.c" -lmsi
# wixl finds files by names from where it runs.
cp "$work/actions.dll" "$tree"
(cd "$tree" && wixl -a x64 -D "Version=$numbers" -D "ProductCode=$product" -D "Url=$url" -o "$msi" "$here/syncagent.wxs" >"$work/wixl.log" 2>&1) || { cat "$work/wixl.log" >&2; exit 1; }
rm "$tree/actions.dll"

statements=()
sql() { local line; for line in "$@"; do statements+=(-q "$line"); done; }
at() { sql "INSERT INTO \`InstallExecuteSequence\` (\`Action\`, \`Sequence\`, \`Condition\`) VALUES ('$1', $2, '$3')"; }
# A function of actions.c as an action: NAME TYPE SEQUENCE CONDITION [FUNCTION].
action() { sql "INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('$1', $2, 'Actions', '${5:-$1}')"; at "$1" "$3" "$4"; }
# One in the midst of the installation is handed its folder by a property of its own name.
deferred() { sql "INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('Set$1', 51, '$1', '[INSTALLFOLDER]')"; at "Set$1" $(($3 - 1)) "$4"; action "$@"; }

# What wixl leaves out. An MSI that does not say which version a file has never replaces one that has one.
for file in Agent:syncagent.exe Tray:syncagent-tray.exe Sqlite:e_sqlite3.dll; do
    has=$(python3 "$here/file_version.py" "$tree/${file#*:}")
    [ -z "$has" ] || sql "UPDATE \`File\` SET \`Version\` = '$has', \`Language\` = '0' WHERE \`File\` = '${file%%:*}'"
done

# The machine's PATH. "=-": made when it is installed, taken away when it is removed; "*": the machine's.
sql "CREATE TABLE \`Environment\` (\`Environment\` CHAR(72) NOT NULL, \`Name\` CHAR(255) NOT NULL LOCALIZABLE, \`Value\` CHAR(255) LOCALIZABLE, \`Component_\` CHAR(72) NOT NULL PRIMARY KEY \`Environment\`)" \
    "INSERT INTO \`Environment\` (\`Environment\`, \`Name\`, \`Value\`, \`Component_\`) VALUES ('Path', '=-*PATH', '[~];[INSTALLFOLDER]', 'Agent')"
at RemoveEnvironmentStrings 3300 ''
at WriteEnvironmentStrings 5200 ''

# Before anything is changed. An upgrade, a repair and a removal always go on.
sql "INSERT INTO \`LaunchCondition\` (\`Condition\`, \`Description\`) VALUES ('VersionNT64 >= 603 OR Installed', 'SyncAgent needs Windows 10 or later, 64 bit.')" \
    "INSERT INTO \`LaunchCondition\` (\`Condition\`, \`Description\`) VALUES ('WINFSPDIR OR WITHOUTWINFSP OR WIX_UPGRADE_DETECTED OR Installed', 'The drives of SyncAgent need WinFsp, which is not on this computer: install WinFsp 2.2 or later from https://github.com/winfsp/winfsp/releases, then start this again. For the commands put, get and ls alone: msiexec /i FILE.msi WITHOUTWINFSP=1')" \
    "UPDATE \`Property\` SET \`Value\` = 'WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;WITHOUTWINFSP;INSTALLFOLDER' WHERE \`Property\` = 'SecureCustomProperties'"

# The version before goes inside the transaction: when this one fails, it comes back.
sql "UPDATE \`InstallExecuteSequence\` SET \`Sequence\` = 1510 WHERE \`Action\` = 'RemoveExistingProducts'"

# What runs is ended in order and started again: the user's agents and tray by the user, before files in use are looked for; the service by the system, in the
# removal of the version whose it is. 1: DLL; 64: goes on all the same; 256: when all is taken back; 1024: in the midst; 2048: as the system.
whole='REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE'
action StopAgents 65 1350 'Installed AND NOT UPGRADINGPRODUCTCODE'
action StopAgentsToUpgrade 65 1350 'WIX_UPGRADE_DETECTED AND NOT Installed'
action LeaveAgents 65 1360 "$whole"
deferred UndoStopAgents 1345 1502 '(Installed OR WIX_UPGRADE_DETECTED) AND NOT UPGRADINGPRODUCTCODE' StartAgentsAgain
deferred UndoStopMachine 3393 1702 Installed StartMachine
deferred StopMachine 3137 1704 Installed
deferred LeaveMachine 3137 1706 "$whole"
deferred StartMachine 3137 6502 'NOT REMOVE="ALL"'
action StartAgents 65 6650 'NOT REMOVE="ALL"'

msibuild "$msi" "${statements[@]}"

# A package code of its own for what is in it, and no time of this machine.
msiinfo export "$msi" _SummaryInformation >"$work/_SummaryInformation.idt"
when=$(date -u -d "@$SOURCE_DATE_EPOCH" '+%Y/%m/%d %H:%M:%S')
sed -i -E "s|^(12\|13)\t.*|\1\t$when\r|; s|^9\t.*|9\t$package\r|" "$work/_SummaryInformation.idt"
TZ=UTC msibuild "$msi" -i "$work/_SummaryInformation.idt"
echo "$product" >"$work/product-code"
