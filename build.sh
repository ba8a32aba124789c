#!/bin/sh
# Builds the program: leaves artifacts/syncagent, ready to run. Needs the .NET 10 SDK and nothing else.
set -eu
cd "$(dirname "$0")"

if ! command -v dotnet >/dev/null 2>&1; then
    echo "build.sh: the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0" >&2
    exit 1
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
mkdir -p artifacts

case "$(uname -m)" in
    x86_64) rid=linux-x64 ;;
    aarch64) rid=linux-arm64 ;;
    *) rid= ;;
esac

# An output tree of its own: publishing for one runtime would otherwise undo the restore of the ordinary build, and back.
tree="--artifacts-path artifacts/build -v quiet"

# Compiled ahead of time it starts in half the time; that compiler is a package which a mirror may lack.
ahead="-r $rid -p:PublishReadyToRun=true -p:SelfContained=false"
if [ -z "$rid" ] || ! dotnet restore src/Agent/Agent.csproj $tree $ahead >artifacts/restore.log 2>&1; then
    echo "build.sh: no compilation ahead of time here (artifacts/restore.log); the program starts a little slower" >&2
    ahead=
    dotnet restore src/Agent/Agent.csproj $tree
fi
dotnet publish src/Agent/Agent.csproj -c Release --no-restore $tree $ahead -o artifacts/lib -nodeReuse:false

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
