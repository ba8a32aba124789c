#!/bin/bash
# Stops what is left of a store whose script was itself killed.
#
#   stop.sh DIR        DIR as it was given to swift-start.sh or rgw-start.sh
set -euo pipefail
name=stop
. "$(dirname "$0")/common.sh"
stop_all "${1:?the folder that the store was started in}"
rm -rf "$1"
