#!/bin/bash
# deb.sh TREE VERSION ARCH WORK OUT: see package.sh.
set -euo pipefail
level=6
[ -z "${SYNCAGENT_QUICK:-}" ] || level=0
# shellcheck source=root.sh
tree=$1 version=$2 arch=$3 work=$4 out=$5
here=$(cd "$(dirname "$0")" && pwd)
. "$here/root.sh"
to=$work/root
lay_out "$tree" "$to"

# A version before a release ("-rc1") is smaller than the release: "~" says that.
deb_version=${version/-/\~}-1
maintainer=$(sed -n 's/^Maintainer: //p' "$here/deb/control.in")
doc=$to/usr/share/doc/syncagent
install -m 644 "$here/deb/copyright" "$doc/copyright"
gzip -9n <"$tree/doc/CHANGELOG.md" >"$doc/changelog.gz"
printf 'syncagent (%s) stable; urgency=medium\n\n  * SyncAgent %s: see changelog.gz.\n\n -- %s  %s\n' "$deb_version" "$version" "$maintainer" \
    "$(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH" '+%a, %d %b %Y %H:%M:%S +0000')" | gzip -9n >"$doc/changelog.Debian.gz"
gzip -9n "$doc/THIRD-PARTY-NOTICES.txt"
install -D -m 644 "$here/deb/lintian-overrides" "$to/usr/share/lintian/overrides/syncagent"

install -d "$to/DEBIAN"
install -m 755 "$here"/deb/postinst "$here"/deb/prerm "$here"/deb/postrm "$to/DEBIAN"
install -m 644 "$here/deb/conffiles" "$to/DEBIAN/conffiles"
size=$(du -sk --apparent-size --exclude DEBIAN "$to" | cut -f1)
sed -e "s/@VERSION@/$deb_version/; s/@ARCH@/$arch/; s/@SIZE@/$size/" "$here/deb/control.in" >"$to/DEBIAN/control"
(cd "$to" && find usr etc -type f ! -path etc/xdg/\* -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$to/DEBIAN/md5sums"
chmod 644 "$to/DEBIAN/control" "$to/DEBIAN/md5sums"
settle_times "$to"
dpkg-deb --root-owner-group -Zxz -z$level --build "$to" "$out/syncagent_${deb_version}_$arch.deb" >/dev/null
