#!/bin/sh
# Builds the program: leaves artifacts/syncagent, ready to run. Needs the .NET 10 SDK and nothing else.
set -eu
cd "$(dirname "$0")"

if ! command -v dotnet >/dev/null 2>&1; then
    echo "build.sh: the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0" >&2
    exit 1
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# An output tree of its own: publishing for one runtime would otherwise undo the restore of the ordinary build, and back.
publish() {
    dotnet publish src/Agent/Agent.csproj -c Release --artifacts-path artifacts/build -o artifacts/lib \
        -v quiet -nodeReuse:false "$@"
}

case "$(uname -m)" in
    x86_64) rid=linux-x64 ;;
    aarch64) rid=linux-arm64 ;;
    *) rid= ;;
esac

# Compiled ahead of time it starts in half the time; the compiler is a package of its own that a mirror may lack.
if [ -z "$rid" ] || ! publish -r "$rid" --self-contained false -p:PublishReadyToRun=true; then
    echo "build.sh: no ahead-of-time compilation here; the program starts a little slower" >&2
    publish
fi

# The launcher tells the program where this .NET is, also when it stands in an unusual place.
dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
cat >artifacts/syncagent.new <<END
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
: "\${DOTNET_ROOT:=$dotnet_root}"
export DOTNET_ROOT
exec "\$here/lib/syncagent" "\$@"
END
chmod 755 artifacts/syncagent.new
mv artifacts/syncagent.new artifacts/syncagent
echo "artifacts/syncagent is ready"
