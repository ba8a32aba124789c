#!/bin/bash
# Makes the pictures of the command line: runs the real program in tmux with a demo drive, and draws what the terminal shows.
#   docs/images/capture.sh PROGRAM [HOME]     HOME is a folder that is made for it and removed afterwards
set -euo pipefail
program=$(readlink -f "$1")
home=${2:-$(mktemp -d)}
images=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$home/run"
export HOME=$home XDG_RUNTIME_DIR=$home/run PATH=$(dirname "$program"):$PATH TMUX_TMPDIR=$home/run
unset XDG_STATE_HOME XDG_CONFIG_HOME XDG_DATA_HOME NO_COLOR DISPLAY
tmux() { command tmux -L capture "$@"; }

end() {
    tmux kill-server 2>/dev/null || :
    syncagent unmount "$home/Drive" >/dev/null 2>&1 || :
    for pid in $(pgrep -f -- "dev-store --root $home/" || :); do kill "$pid"; done
    rm -rf "$home"
}
trap end EXIT

shows() {
    for _ in $(seq 300); do
        tmux capture-pane -t s -p | grep -qE -- "$1" && return
        sleep 0.1
    done
    echo "capture.sh: the terminal never showed \"$1\":" >&2
    tmux capture-pane -t s -p >&2
    exit 1
}
types() { tmux send-keys -t s "$@"; }
picture() { tmux capture-pane -t s -e -p | python3 "$images/terminal.py" "$2" >"$images/$1.svg"; }

tmux new-session -d -s s -x 120 -y 36 "cd '$home'; env PS1='$ ' bash --norc --noprofile"
shows '\$'
types 'clear; syncagent init' Enter
shows 'Where are your files to go'
shows 'Amazon S3'
picture init-question 'syncagent init asks where the files are to go'
types Enter
shows 'Mount it at:'
types "$home/Drive" Enter
shows 'service install'
picture init 'syncagent init tries the bucket, writes the configuration and mounts'

syncagent limits --upload 6MiB >/dev/null
mkdir "$home/Drive/films"
head -c 90000000 /dev/urandom >"$home/Drive/films/holiday.mkv"
head -c 41000000 /dev/urandom >"$home/Drive/films/talk.mp4"
for number in $(seq 18); do head -c 400000 /dev/urandom >"$home/Drive/photo-$number.jpg"; done
types 'clear; syncagent status --watch' Enter
shows ' left +films/holiday'
picture status-watch 'syncagent status --watch: progress, speed and time left'
types C-c
shows '\$'
types 'clear; syncagent ls -l Drive/films' Enter
shows 'uploading'
picture ls 'syncagent ls -l: the state of each file'
syncagent limits --upload unlimited >/dev/null
syncagent wait --timeout 60
types 'clear; syncagent' Enter
shows 'next: '
picture overview 'syncagent alone: how things stand, and what to do next'

cat >"$home/drives.json" <<'END'
{
  "drives": [
    {
      "mount": "/mnt/documents",
      "store": "oss",
      "regoin": "cn-hangzhou",
      "bucket": "Example",
      "transfer": { "partSize": "8 bananas" }
    }
  ]
}
END
types 'clear; syncagent config check --config drives.json; echo exit code $?; syncagent status --state /nowhere; echo exit code $?' Enter
shows 'exit code 1'
picture error 'An error names the line and what to do; exit codes tell scripts'
