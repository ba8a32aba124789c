#!/bin/sh
# Removes what install.sh has installed. State and configuration stay.
#
#   uninstall.sh [--purge]      also your state and configuration, but never what is in no bucket yet
set -eu
lib=$(dirname "$(readlink -f "$0")")
prefix=$(dirname "$(dirname "$lib")")
share=$prefix/share
purge=
case ${1:-} in
    '') ;;
    --purge) purge=1 ;;
    -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "uninstall.sh: unknown option $1" >&2; exit 64 ;;
esac
[ -x "$lib/syncagent" ] || { echo "uninstall.sh: run the one in PREFIX/lib/syncagent" >&2; exit 64; }

systemctl --user --quiet disable --now syncagent 2>/dev/null || :
for link in /proc/[0-9]*/exe; do
    case $(readlink "$link" 2>/dev/null) in
        "$lib/syncagent" | "$lib/syncagent (deleted)") ;;
        *) continue ;;
    esac
    process=${link%/exe}
    # The store of a demo has nothing to lose.
    case $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) in
        *" dev-store "*) kill "${process#/proc/}" 2>/dev/null || : ;;
        *)
            echo "uninstall.sh: an agent still runs (pid ${process#/proc/}): unmount its drives first, \"syncagent unmount DIR\"" >&2
            exit 1
            ;;
    esac
done

state=${XDG_STATE_HOME:-$HOME/.local/state}/syncagent
config=${XDG_CONFIG_HOME:-$HOME/.config}/syncagent
if said=$("$lib/syncagent" package unsent --state "$state" 2>&1); then
    if [ -n "$purge" ]; then
        rm -rf --one-file-system "$state"
        rm -f "$config/config.json" "$config/credentials" "$config/environment"
        [ ! -d "$config" ] || rmdir --ignore-fail-on-non-empty "$config"
    fi
else
    echo "uninstall.sh: $state and $config stay:"
    printf '%s\n' "$said" | sed 's/^/  /'
fi

"$lib/syncagent-tray" --autostart off >/dev/null 2>&1 || :
for program in syncagent syncagent-tray; do
    [ "$(readlink "$prefix/bin/$program")" != "$lib/$program" ] || rm -f "$prefix/bin/$program"
done
rm -f "$share/bash-completion/completions/syncagent" "$share/zsh/site-functions/_syncagent" "$share/fish/vendor_completions.d/syncagent.fish" \
    "$share/man/man1/syncagent.1" "$share/man/man1/syncagent-tray.1" "$share/icons/hicolor/scalable/apps/syncagent.svg" \
    "$share/applications/syncagent.desktop" "$share/systemd/user/syncagent.service"
rm -rf "$lib"
systemctl --user daemon-reload 2>/dev/null || :
echo "SyncAgent is removed"
