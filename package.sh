#!/bin/bash
# Builds the packages from a clean checkout into artifacts/packages, with checksums, a bill of materials and the licences of what is inside.
#
#   ./package.sh [--only KIND[,KIND]] [--version VERSION] [--out DIR] [--quick]
#
#   --only      of deb, rpm, tar (default: all; an .rpm only where rpmbuild is)
#   --version   instead of that in Directory.Build.props
#   --out       instead of artifacts/packages
#   --quick     little compression, for trying packages out
#
# Needs the .NET 10 SDK, python3 and dpkg-deb. What of it is the same again when built again: docs/install.md.
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD
kinds=deb,rpm,tar
version=
out=$root/artifacts/packages
while [ $# -gt 0 ]; do
    case $1 in
        --only) kinds=${2:?--only needs a kind}; shift ;;
        --version) version=${2:?--version needs one}; shift ;;
        --out) mkdir -p "${2:?--out needs a folder}"; out=$(cd "$2" && pwd); shift ;;
        --quick) export SYNCAGENT_QUICK=1 ;;
        -h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "package.sh: unknown option $1" >&2; exit 64 ;;
    esac
    shift
done
for kind in ${kinds//,/ }; do
    [[ " deb rpm tar " == *" $kind "* ]] || { echo "package.sh: --only $kind: deb, rpm or tar" >&2; exit 64; }
done

[ -n "$version" ] || version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
# Files are as old as the commit; so is the manual page.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -z "$(git status --porcelain --untracked-files=no)" ] || echo "package.sh: the checkout has changes that are in no commit" >&2

case "$(uname -m)" in
    x86_64) rid=linux-x64 arch=amd64 ;;
    aarch64) rid=linux-arm64 arch=arm64 ;;
    *) echo "package.sh: .NET has no programs for $(uname -m)" >&2; exit 1 ;;
esac

work=$root/artifacts/package-$version-$rid
rm -rf "$work"
mkdir -p "$work" "$out"

# One file for each program, with .NET in it, compiled ahead of time: nothing else has to be installed. Paths of this machine do not get in.
for name in Agent Tray; do
    dotnet publish "src/$name/$name.csproj" -c Release --artifacts-path artifacts/package-build -r $rid --self-contained true \
        -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=false -p:DebugType=embedded -p:ContinuousIntegrationBuild=true -p:Version="$version" \
        -p:PublishDocumentationFiles=false -v quiet -nodeReuse:false -o "$work/published/$name"
done

# What every kind of package has: the programs with their licences, and what the built program says of itself.
tree=$work/tree
mkdir -p "$tree/lib" "$tree/completions" "$tree/doc"
cp -r "$work/published/Agent/." "$work/published/Tray/." "$tree/lib"
find "$tree/lib" \( -name '*.pdb' -o -name '*.xml' -o -name '*.ico' -o -name '*.config' -o -name '*.staticwebassets*.json' \) -delete
find "$tree/lib" -type f -exec chmod 644 {} +
find "$tree" -type d -exec chmod 755 {} +
chmod 755 "$tree/lib/syncagent" "$tree/lib/syncagent-tray"
touch -d "@$SOURCE_DATE_EPOCH" "$tree/lib/syncagent"
"$tree/lib/syncagent" man >"$tree/doc/syncagent.1"
for shell in bash zsh fish; do "$tree/lib/syncagent" completion $shell >"$tree/completions/$shell"; done
python3 installer/components.py --version "$version" --sbom "$out/syncagent-$version.cdx.json" --notices "$tree/doc/THIRD-PARTY-NOTICES.txt" \
    artifacts/package-build/obj/Agent/project.assets.json artifacts/package-build/obj/Tray/project.assets.json
cp LICENSE CHANGELOG.md "$tree/doc"

for kind in ${kinds//,/ }; do
    if [ "$kind" = rpm ] && ! command -v rpmbuild >/dev/null 2>&1; then
        echo "package.sh: no .rpm: rpmbuild is missing (apt install rpm)" >&2
        continue
    fi
    "installer/linux/$kind.sh" "$tree" "$version" "$arch" "$work/$kind" "$out"
done

(cd "$out" && rm -f SHA256SUMS && sha256sum -- *"$version"* >"$work/sums" && mv "$work/sums" SHA256SUMS)
ls -l "$out"
