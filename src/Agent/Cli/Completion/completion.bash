# Completes syncagent's command lines in bash. For all your shells:
#   syncagent completion bash >~/.local/share/bash-completion/completions/syncagent
# or for this one: source <(syncagent completion bash)
_syncagent() {
    local current=${COMP_WORDS[COMP_CWORD]} line
    local -a reply=()
    mapfile -t reply < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    COMPREPLY=()
    for line in "${reply[@]:1}"; do COMPREPLY+=("${line%%$'\t'*}"); done
    case ${reply[0]-} in
        files) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current") ;;
        folders) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$current") ;;
    esac
}
complete -F _syncagent syncagent
