#!/bin/bash
# Builds the packages from a clean checkout into artifacts/packages, with checksums, a bill of materials and the licences of what is inside.
#
#   ./package.sh [--only KIND[,KIND]] [--version VERSION] [--out DIR] [--quick]
#
#   --only      of deb, rpm, tar (Linux), msi, setup, winget (Windows x64, built here too); default: all, but those whose tools are missing
#   --version   instead of that in Directory.Build.props
#   --out       instead of artifacts/packages
#   --quick     little compression, for trying packages out
#
# Needs the .NET 10 SDK, python3 and dpkg-deb; rpm for the .rpm; wixl, msitools and gcc-mingw-w64-x86-64 for the MSI, also nsis for setup.exe (names of Debian's
# packages). What of it is the same again when built again: docs/install.md.
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD
kinds=deb,rpm,tar,msi,setup,winget
# Where the project will live: put into the MSI and the winget manifest, which both need it before they are published.
home=${SYNCAGENT_HOME_URL:-https://example.com/syncagent}
downloads=${SYNCAGENT_DOWNLOAD_URL:-$home/releases}
version=
out=$root/artifacts/packages
while [ $# -gt 0 ]; do
    case $1 in
        --only) kinds=${2:?--only needs a kind}; shift ;;
        --version) version=${2:?--version needs one}; shift ;;
        --out) mkdir -p "${2:?--out needs a folder}"; out=$(cd "$2" && pwd); shift ;;
        --quick) export SYNCAGENT_QUICK=1 ;;
        -h | --help) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "package.sh: unknown option $1" >&2; exit 64 ;;
    esac
    shift
done
for kind in ${kinds//,/ }; do
    [[ " deb rpm tar msi setup winget " == *" $kind "* ]] || { echo "package.sh: --only $kind: deb, rpm, tar, msi, setup or winget" >&2; exit 64; }
done
# Whether a kind was asked for, and what it needs is here.
wanted() {
    local kind
    for kind in "$@"; do [[ ,$kinds, != *,$kind,* ]] || return 0; done
    return 1
}
without() { kinds=$(tr , '\n' <<<"$kinds" | grep -vxE "$1" | paste -sd, || true); echo "package.sh: no ${1//|/, }: $2" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
if wanted rpm && ! has rpmbuild; then without rpm 'rpmbuild is missing (apt install rpm)'; fi
if wanted msi setup winget && ! { has wixl && has msibuild && has x86_64-w64-mingw32-gcc; }; then
    without 'msi|setup|winget' 'wixl, msibuild or mingw is missing (apt install wixl msitools gcc-mingw-w64-x86-64)'
fi
if wanted setup && ! has makensis; then without setup 'makensis is missing (apt install nsis)'; fi

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

# One file for each program, with .NET in it, compiled ahead of time: nothing else has to be installed. Paths of this machine do not get in.
#   publish RID [MORE-OPTIONS]: also writes the bill of materials and the notices, since the next one restores for another system.
publish() {
    local rid=$1 work=$root/artifacts/package-$version-$1 name
    shift
    rm -rf "$work"
    mkdir -p "$work"
    for name in Agent Tray; do
        dotnet publish "src/$name/$name.csproj" -c Release --artifacts-path artifacts/package-build -r "$rid" --self-contained true \
            -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=false -p:DebugType=embedded -p:ContinuousIntegrationBuild=true -p:Version="$version" \
            -p:PublishDocumentationFiles=false "$@" -v quiet -nodeReuse:false -o "$work/published/$name"
    done
    python3 installer/components.py --version "$version" --sbom "$out/syncagent-$version-$rid.cdx.json" --notices "$work/THIRD-PARTY-NOTICES.txt" \
        artifacts/package-build/obj/Agent/project.assets.json artifacts/package-build/obj/Tray/project.assets.json
}

mkdir -p "$out"
if wanted deb rpm tar; then
    work=$root/artifacts/package-$version-$rid
    publish "$rid"
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
    cp LICENSE CHANGELOG.md "$work/THIRD-PARTY-NOTICES.txt" "$tree/doc"
    for kind in deb rpm tar; do
        if wanted $kind; then "installer/linux/$kind.sh" "$tree" "$version" "$arch" "$work/$kind" "$out"; fi
    done
fi

if wanted msi setup winget; then
    work=$root/artifacts/package-$version-win-x64
    # Compressed: Wine, where the packages are tried, loads no other program of one file.
    publish win-x64 -p:EnableCompressionInSingleFile=true
    installer/windows/tree.sh "$work/published" "$work/THIRD-PARTY-NOTICES.txt" "$work/tree"
    installer/windows/msi.sh "$work/tree" "$version" "$work/msi" "$out" "$home"
    if wanted setup; then installer/windows/setup.sh "$work/tree" "$version" "$work/setup" "$out"; fi
    if wanted winget; then
        installer/windows/winget.py --version "$version" --msi "$out/SyncAgent-$version-x64.msi" --product-code "$(cat "$work/msi/product-code")" \
            --upgrade-code "$(msiinfo export "$out/SyncAgent-$version-x64.msi" Property | tr -d '\r' | awk -F '\t' '$1 == "UpgradeCode" { print $2 }')" \
            --home "$home" --downloads "$downloads" --date "$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)" --out "$out/winget-$version"
    fi
fi

(cd "$out" && rm -f SHA256SUMS && find . -type f -path "*$version*" -printf '%P\0' | sort -z | xargs -0 sha256sum >"$root/artifacts/sums" && mv "$root/artifacts/sums" SHA256SUMS)
ls -l "$out"
