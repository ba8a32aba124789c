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

# A frame of the film: how long it is shown, then what the terminal shows now.
frame() {
    frames=$((${frames:-0} + 1))
    mkdir -p "$home/film"
    tmux capture-pane -t s -e -p >"$home/film/$(printf %03d $frames)-$1-"
}
# Typed as a person types, with a frame for every few letters.
says() {
    local text=$1
    shows '^\$ *$'
    while [ -n "$text" ]; do
        types -l -- "${text:0:6}"
        text=${text:6}
        sleep 0.1
        frame 0.25
    done
    frame 0.4
    types Enter
}

# Some seconds of "status --watch", then Ctrl-C.
watch() {
    shows ' left +holiday'
    for _ in 1 2 3 4 5; do
        frame 0.6
        sleep 0.5
    done
    types C-c
}

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

# The film: a first drive, an agent that is killed in the middle of an upload, and the upload that goes on.
syncagent unmount "$home/Drive" >/dev/null
kill $(pgrep -f -- "dev-store --root $home/")
rm -rf "$home/.config" "$home/.local" "$home/Drive"
head -c 60000000 /dev/urandom >"$home/holiday.mkv"
types 'clear' Enter
tmux resize-window -t s -x 104 -y 26
sleep 0.5
frame 0.8
says 'syncagent init --demo'
shows 'service install'
frame 4
says 'syncagent limits --upload 4MiB'
shows 'limits: up'
frame 1
says 'cp holiday.mkv Drive/ && syncagent status --watch'
watch
says "kill -9 \$(syncagent status | grep -oP 'pid \K[0-9]+') && ls Drive"
shows 'not connected|connection abort'
frame 3
says 'syncagent mount --config ~/.config/syncagent/config.json'
shows 'is mounted'
frame 2
says 'syncagent status --watch'
watch
says 'syncagent limits --upload unlimited && syncagent wait && syncagent status'
shows 'everything is in the bucket'
frame 5
python3 "$images/terminal.py" 'A first drive: set up, killed in the middle of an upload, gone on' "$home"/film/* >"$images/first-run.svg"

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
