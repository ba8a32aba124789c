#!/bin/sh
# Installs SyncAgent for you alone, without root, below ~/.local. Given again, from a newer archive, it upgrades.
#
#   ./install.sh [--prefix DIR]      DIR instead of ~/.local
#
# It needs fusermount3 (package fuse3), which an administrator installs once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=$HOME/.local
case ${1:-} in
    '') ;;
    --prefix) mkdir -p "${2:?--prefix needs a folder}"; prefix=$(cd "$2" && pwd) ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "install.sh: unknown option $1" >&2; exit 64 ;;
esac
[ "$(id -u)" != 0 ] || [ -n "${2:-}" ] || { echo "install.sh: for the whole machine use the .deb or .rpm, or --prefix" >&2; exit 64; }
lib=$prefix/lib/syncagent
share=$prefix/share
upgrade=
[ ! -e "$lib/syncagent" ] || upgrade=1

# A running program is not written into: the new one takes its name.
put() {
    mkdir -p "$(dirname "$3")"
    cp "$2" "$3.new"
    chmod "$1" "$3.new"
    mv -f "$3.new" "$3"
}
(cd "$here/lib" && find . -type f) | while read -r file; do
    mode=644
    [ ! -x "$here/lib/$file" ] || mode=755
    put $mode "$here/lib/$file" "$lib/$file"
done
put 755 "$here/uninstall.sh" "$lib/uninstall.sh"
put 644 "$here/doc/THIRD-PARTY-NOTICES.txt" "$lib/THIRD-PARTY-NOTICES.txt"
put 644 "$here/doc/LICENSE" "$lib/LICENSE"
mkdir -p "$prefix/bin"
for program in syncagent syncagent-tray; do ln -sf "$lib/$program" "$prefix/bin/$program"; done

put 644 "$here/completions/bash" "$share/bash-completion/completions/syncagent"
put 644 "$here/completions/zsh" "$share/zsh/site-functions/_syncagent"
put 644 "$here/completions/fish" "$share/fish/vendor_completions.d/syncagent.fish"
put 644 "$here/doc/syncagent.1" "$share/man/man1/syncagent.1"
put 644 "$here/doc/syncagent-tray.1" "$share/man/man1/syncagent-tray.1"
put 644 "$here/syncagent.svg" "$share/icons/hicolor/scalable/apps/syncagent.svg"
# A session may look for programs elsewhere than a shell does.
sed "s|^Exec=syncagent|Exec=$prefix/bin/syncagent|" "$here/syncagent.desktop" >"$here/.desktop"
put 644 "$here/.desktop" "$share/applications/syncagent.desktop"
"$lib/syncagent" package unit --program "$lib/syncagent" >"$here/.unit"
put 644 "$here/.unit" "$share/systemd/user/syncagent.service"
rm -f "$here/.desktop" "$here/.unit"

echo "SyncAgent $("$lib/syncagent" --version | cut -d+ -f1) is installed in $lib; \"$lib/uninstall.sh\" removes it"
if systemctl --user daemon-reload 2>/dev/null && systemctl --user --quiet is-active syncagent; then
    # Its end waits for programs that write, and what is pending stands in its journal.
    systemctl --user restart syncagent
    echo "your service runs the new version"
elif [ -n "$upgrade" ]; then
    echo "an agent that runs goes on with the version before; \"syncagent unmount DIR\" and the mount line again give it the new one"
fi
case :$PATH: in
    *:"$prefix/bin":*) ;;
    *) echo "$prefix/bin is not in your PATH: log in again, or add it" ;;
esac
command -v fusermount3 >/dev/null 2>&1 || echo "fusermount3 is missing: ask an administrator for the package fuse3"
echo "next: syncagent init"
