"""`kestrel completion`, and the answers to a shell that completes a command line.

A script that was sourced runs the program with `_KESTREL_COMPLETE` for each Tab. Whatever goes
wrong then is told to nobody: it would stand in the middle of the line that somebody types.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from kestrel_cli.cli.commands import COMMANDS, app_for, with_command
from kestrel_cli.cli.guard import exit_codes

if TYPE_CHECKING:
    from kestrel_cli.cli.completion_values import Source, Typed

VARIABLE: Final = "_KESTREL_COMPLETE"
_ESCAPED: Final = frozenset(" \t\"'\\$`!*?[](){}<>|&;#~")  # what bash would read as its own


class Shell(StrEnum):
    """A shell that can be completed in."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(
    shell: Annotated[
        Shell, typer.Argument(metavar="SHELL", help="`bash`, `zsh`, `fish` or `powershell`.")
    ],
) -> None:
    """Print a script that lets a shell complete commands, options, and what stands behind them:
    tasks, inputs, executions.

    Nothing is installed. Source it where your shell begins:

    \b
      bash        eval "$(kestrel completion bash)"                     in ~/.bashrc
      zsh         eval "$(kestrel completion zsh)"                      in ~/.zshrc
      fish        kestrel completion fish | source                      in config.fish
      PowerShell  kestrel completion powershell | Out-String | Invoke-Expression    in $PROFILE

    \b
    Examples:
      kestrel completion bash > ~/.local/share/bash-completion/completions/kestrel
      kestrel completion fish > ~/.config/fish/completions/kestrel.fish
    """
    with exit_codes():
        from kestrel_cli.cli.completion_scripts import SCRIPTS

        sys.stdout.write(SCRIPTS[shell.value])


def answer_shell(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Write what the shell asks for; nothing where that fails. Returns the exit code."""
    try:
        asked = environ[VARIABLE].split("_")
        shell = next(one.value for one in Shell if one.value in asked)
        if "source" in asked:
            from kestrel_cli.cli.completion_scripts import SCRIPTS

            sys.stdout.write(SCRIPTS[shell])
        else:
            line = _line_of(shell, arguments, environ)
            sys.stdout.write("".join(f"{one}\n" for one in _answers(shell, line, environ)))
        sys.stdout.flush()
    except Exception:  # noqa: BLE001  the promise of this module
        return 1
    return 0


class Line(NamedTuple):
    """The words before the cursor without their quotes, the program's name left out; `begun` is the
    word at the cursor, `quote` the one it has open.
    """

    words: list[str]
    begun: str
    quote: str = ""


class Candidate(NamedTuple):
    """A word that could stand at the cursor."""

    value: str
    about: str = ""


def _line_of(shell: str, arguments: Sequence[str], environ: Mapping[str, str]) -> Line:
    if "COMP_LINE" in environ and shell in ("bash", "powershell"):
        return line_of(environ["COMP_LINE"])
    if "COMP_WORDS" in environ:
        words = environ["COMP_WORDS"].split()
        place = int(environ["COMP_CWORD"])
        return Line(words[1:place], words[place] if place < len(words) else "")
    return Line(list(arguments[1:-1]), arguments[-1])


def line_of(text: str) -> Line:
    """The words of a line as far as it is typed: the last one may be open."""
    words = [""]
    quote = ""
    begun = escaped = False  # whether there is a word yet; whether a backslash stands before
    for character in text:
        if escaped:
            words[-1] += character
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = begun = True
        elif quote:
            if character == quote:
                quote = ""
            else:
                words[-1] += character
        elif character in "\"'":
            quote, begun = character, True
        elif character.isspace():
            if begun:
                words.append("")
            begun = False
        else:
            words[-1] += character
            begun = True
    return Line(words[1:-1], words[-1] if len(words) > 1 else "", quote)


def candidates(line: Line) -> list[Candidate]:
    """What could stand at the cursor."""
    from typer._completion_classes import BashComplete
    from typer.main import get_command

    words = with_command(line.words)
    named = words[0] if words else ""
    root: Any = get_command(app_for(named))
    if named in COMMANDS:
        _give_values(root.commands[named], words)
    found = BashComplete(root, {}, "kestrel", VARIABLE).get_completions(words, line.begun)
    option, equals, begun = line.begun.partition("=")
    before = f"{option}=" if equals and option.startswith("--") else ""
    wanted = (begun if before else line.begun).casefold()
    return [
        Candidate(before + one.value, one.help or "")
        for one in found
        if one.type == "plain" and one.value.casefold().startswith(wanted)
    ]


class _Item(NamedTuple):
    """A candidate as Typer expects one."""

    value: str
    help: str
    type: str = "plain"


def _give_values(command: Any, words: Sequence[str]) -> None:
    """Let the parameters of a command be completed from what its command line is about."""
    from kestrel_cli.cli.completion_values import Typed, source_of

    name, *rest = words
    # An option that still waits for its value keeps Typer from taking in the arguments.
    known = rest[:-1] if rest and rest[-1].startswith("-") else rest
    typed = Typed(command.make_context(name, known, resilient_parsing=True).params)
    for param in command.params:
        source = source_of(name, param.name)
        if source is not None:
            param.shell_complete = _completer(source, typed)


def _completer(source: "Source", typed: "Typed") -> Callable[[Any, str], list[_Item]]:
    return lambda _, begun: [_Item(*one) for one in source(typed, begun)]


def _answers(shell: str, line: Line, environ: Mapping[str, str]) -> Iterator[str]:
    from kestrel_cli.reporters.clean import one_line

    cut = _cut(line, environ.get("COMP_WORDBREAKS", "")) if shell == "bash" else 0
    for one in candidates(line):
        value = one_line(one.value)
        if value != one.value:  # it could not be typed
            continue
        if shell != "bash":
            yield f"{value}\t{one_line(one.about)}" if one.about else value
        else:
            yield value[cut:] if line.quote else _escaped(value[cut:])


def _cut(line: Line, breaks: str) -> int:
    """How much of the word bash takes for words of their own, which stay: `name=` of `name=va`."""
    if line.quote:
        return 0
    return max((line.begun.rfind(one) + 1 for one in breaks if one in "=:"), default=0)


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in _ESCAPED else one for one in text)
