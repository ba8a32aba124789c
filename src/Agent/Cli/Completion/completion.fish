# Completes syncagent's command lines in fish. For all your shells:
#   syncagent completion fish >~/.config/fish/completions/syncagent.fish
# or for this one: syncagent completion fish | source
function __syncagent_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l reply ($words[1] complete -- $words[2..-1] 2>/dev/null)
    switch "$reply[1]"
        case files
            __fish_complete_path (commandline -ct)
        case folders
            __fish_complete_directories (commandline -ct) ''
    end
    test (count $reply) -gt 1; and printf '%s\n' $reply[2..-1]
end
complete -c syncagent -f -a '(__syncagent_complete)'
