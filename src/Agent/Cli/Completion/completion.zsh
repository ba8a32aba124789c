#compdef syncagent
# Completes syncagent's command lines in zsh. For all your shells, in a folder of $fpath:
#   syncagent completion zsh >"${fpath[1]}/_syncagent"
# or for this one, after compinit: source <(syncagent completion zsh)
_syncagent() {
    local -a reply items
    local line word
    reply=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in "${(@)reply[2,-1]}"; do
        word=${line%%$'\t'*}
        items+=("${word//:/\\:}:${line#*$'\t'}")
    done
    (( $#items )) && _describe -t values syncagent items
    case $reply[1] in
        files) _files ;;
        folders) _files -/ ;;
    esac
}
if [[ $funcstack[1] == _syncagent ]]; then _syncagent "$@"; else compdef _syncagent syncagent; fi
