#!/bin/sh
# Builds the programs: leaves artifacts/syncagent and artifacts/syncagent-tray, ready to run. Needs the .NET 10 SDK and nothing else.
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
dotnet publish src/Tray/Tray.csproj -c Release $tree $ahead -o artifacts/lib -nodeReuse:false

# The launchers tell the programs where this .NET is, also when it stands in an unusual place.
dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
for program in syncagent syncagent-tray; do
    cat >artifacts/$program.new <<END
#!/bin/sh
self=\$(readlink -f "\$0")
: "\${DOTNET_ROOT:=$dotnet_root}"
SYNCAGENT_LAUNCHER=\$self
export DOTNET_ROOT SYNCAGENT_LAUNCHER
exec "\$(dirname "\$self")/lib/$program" "\$@"
END
    chmod 755 artifacts/$program.new
    mv artifacts/$program.new artifacts/$program
    echo "artifacts/$program is ready"
done
