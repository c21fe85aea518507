"""What a shell reads to complete `kestrel`: it asks the program at each Tab.

The program is told what stands before the cursor: as a line by bash and PowerShell, as words
without their quotes by zsh and fish. It answers with a candidate for each line, in all but bash
with a tab and some words about it. Where it has none, the shell completes names of files.
"""

from typing import Final

_BASH: Final = r"""_kestrel_complete() {
    local answer
    COMPREPLY=()
    while IFS= read -r answer; do
        COMPREPLY+=("$answer")
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        _KESTREL_COMPLETE=complete_bash "$1" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -o default -o nosort -F _kestrel_complete kestrel kestrel-flow 2>/dev/null ||
    complete -o default -F _kestrel_complete kestrel kestrel-flow # before bash 4.4
"""

_ZSH: Final = r"""#compdef kestrel kestrel-flow
_kestrel_complete() {
    local answer value
    local -a answers values shown open open_shown
    answers=("${(@f)$(_KESTREL_COMPLETE=complete_zsh "${(Q)words[1]}" \
        "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for answer in $answers; do
        value=${answer%%$'\t'*}
        if [[ $answer == *$'\t'?* ]]; then
            answer="$value  -- ${answer#*$'\t'}"
        else
            answer=$value
        fi
        if [[ $value == *= ]]; then
            open+=("$value"); open_shown+=("$answer")
        else
            values+=("$value"); shown+=("$answer")
        fi
    done
    if (( $#values + $#open == 0 )); then
        _files
        return
    fi
    (( $#open )) && compadd -l -V kestrel -S '' -d open_shown -a open
    (( $#values )) && compadd -l -V kestrel -d shown -a values
    return 0
}
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _kestrel_complete "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _kestrel_complete kestrel kestrel-flow
fi
"""

_FISH: Final = r"""function __kestrel_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct | string unescape)
    set -l answers (env _KESTREL_COMPLETE=complete_fish $words[1] $words "$current" 2>/dev/null)
    if test (count $answers) -gt 0
        string join \n -- $answers
    else
        __fish_complete_path "$current"
    end
end
complete --command kestrel --no-files --keep-order --arguments '(__kestrel_complete)'
complete --command kestrel-flow --no-files --keep-order --arguments '(__kestrel_complete)'
"""

_POWERSHELL: Final = r"""$kestrelComplete = {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.Extent.Text
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    if ($length -le $line.Length) { $line = $line.Substring(0, $length) } else { $line += ' ' }
    $Env:_KESTREL_COMPLETE = 'complete_powershell'
    $Env:COMP_LINE = $line
    try {
        $answers = & $commandAst.CommandElements[0].Extent.Text 2>$null
    } catch {
        $answers = @()
    } finally {
        Remove-Item Env:_KESTREL_COMPLETE, Env:COMP_LINE
    }
    foreach ($answer in $answers) {
        $value, $about = $answer -split "`t", 2
        if (-not $about) { $about = $value }
        $typed = $value
        if ($value -notmatch '^[\w=:./@+-]+$') { $typed = "'" + $value.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new(
            $typed, $value, 'ParameterValue', $about)
    }
}
Register-ArgumentCompleter -Native -CommandName kestrel, kestrel-flow -ScriptBlock $kestrelComplete
"""

SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}
