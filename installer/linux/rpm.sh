#!/bin/bash
# rpm.sh TREE VERSION ARCH WORK OUT: see package.sh.
set -euo pipefail
tree=$1 version=$2 arch=$3 work=$4 out=$5
here=$(cd "$(dirname "$0")" && pwd)
. "$here/root.sh"
to=$work/root
lay_out "$tree" "$to"
install -d "$to/usr/share/zsh/site-functions" "$to/usr/share/licenses/syncagent"
mv "$to/usr/share/zsh/vendor-completions/_syncagent" "$to/usr/share/zsh/site-functions"
rmdir "$to/usr/share/zsh/vendor-completions"
install -m 644 "$tree/doc/LICENSE" "$to/usr/share/licenses/syncagent"
mv "$to/usr/share/doc/syncagent/THIRD-PARTY-NOTICES.txt" "$to/usr/share/licenses/syncagent"
settle_times "$to"
cpu=x86_64
[ "$arch" = amd64 ] || cpu=aarch64
sed -e "s/@VERSION@/${version/-/\~}/" -e "s|@ROOT@|$to|" "$here/syncagent.spec.in" >"$work/syncagent.spec"
rpmbuild -bb --quiet --target "$cpu" --define "_topdir $work/top" --define "_rpmdir $work" --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
    --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' --define '_buildhost localhost' \
    --define '_binary_payload w6.xzdio' "$work/syncagent.spec" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
mv "$work"/syncagent-*.rpm "$out"
