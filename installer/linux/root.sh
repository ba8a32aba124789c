# Sourced by deb.sh and rpm.sh: lays the tree of an installed package out below a folder.
#   lay_out TREE DESTINATION
lay_out() {
    local tree=$1 to=$2 here size icon
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    install -d "$to/usr/bin" "$to/usr/lib/syncagent" "$to/etc/syncagent"
    cp -r "$tree/lib/." "$to/usr/lib/syncagent"
    # The icons are in the theme of all programs; the tray looks for them beside itself.
    rm -rf "$to/usr/lib/syncagent/icons"
    install -d "$to/usr/share/icons"
    cp -r "$tree/lib/icons/hicolor" "$to/usr/share/icons/hicolor"
    ln -s ../../share/icons "$to/usr/lib/syncagent/icons"
    for icon in "$to"/usr/share/icons/hicolor/*/status/syncagent-idle.png; do
        size=$(basename "$(dirname "$(dirname "$icon")")")
        install -D -m 644 "$icon" "$to/usr/share/icons/hicolor/$size/apps/syncagent.png"
    done
    install -D -m 644 "$here/../../src/Tray/Icons/svg/syncagent-idle.svg" "$to/usr/share/icons/hicolor/scalable/apps/syncagent.svg"
    for icon in syncagent syncagent-tray; do ln -s "../lib/syncagent/$icon" "$to/usr/bin/$icon"; done

    install -d "$to/usr/lib/systemd/system" "$to/usr/lib/systemd/user"
    "$tree/lib/syncagent" package unit --system --program /usr/lib/syncagent/syncagent >"$to/usr/lib/systemd/system/syncagent.service"
    "$tree/lib/syncagent" package unit --program /usr/lib/syncagent/syncagent >"$to/usr/lib/systemd/user/syncagent.service"

    install -D -m 644 "$tree/completions/bash" "$to/usr/share/bash-completion/completions/syncagent"
    install -D -m 644 "$tree/completions/zsh" "$to/usr/share/zsh/vendor-completions/_syncagent"
    install -D -m 644 "$tree/completions/fish" "$to/usr/share/fish/vendor_completions.d/syncagent.fish"
    install -D -m 644 "$tree/doc/syncagent.1" "$to/usr/share/man/man1/syncagent.1"
    install -D -m 644 "$here/syncagent-tray.1" "$to/usr/share/man/man1/syncagent-tray.1"
    gzip -9n "$to"/usr/share/man/man1/*.1
    install -D -m 644 "$here/syncagent.desktop" "$to/usr/share/applications/syncagent.desktop"
    install -d "$to/etc/xdg/autostart"
    sed 's|@EXEC@|syncagent-tray --session|' "$here/syncagent-tray.desktop.in" >"$to/etc/xdg/autostart/syncagent-tray.desktop"
    install -D -m 644 "$here/syncagent-nautilus.py" "$to/usr/share/doc/syncagent/examples/syncagent-nautilus.py"
    install -D -m 644 "$here/config.example.json" "$to/usr/share/doc/syncagent/examples/config.json"
    install -D -m 644 "$tree/doc/THIRD-PARTY-NOTICES.txt" "$to/usr/share/doc/syncagent/THIRD-PARTY-NOTICES.txt"
    find "$to" -type d -exec chmod 755 {} +
    chmod 644 "$to"/usr/lib/systemd/*/syncagent.service "$to/etc/xdg/autostart/syncagent-tray.desktop"
}

# As old as the commit, all of it.
settle_times() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }
