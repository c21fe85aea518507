"""What is wrong with a command line, in the words that all other errors have.

Typer finds the mistake; which one it was is read from its exception, for it has a language of its
own, and suggests names at random.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from kestrel_cli.cli.commands import COMMANDS
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.reporters.clean import one_line

_EXTRA: Final = re.compile(r"extra arguments?(?:\(s\))? \((.*)\)$", re.DOTALL)
_VALUE: Final = re.compile(r"'?(.*?)'? is not (?:one of|in the range|a valid)", re.DOTALL)
# What people type who come from elsewhere, and what does it here.
_HABITS: Final = {
    "check": "validate",
    "lint": "validate",
    "exec": "run",
    "start": "run",
    "list": "executions list",
    "logs": "executions logs last",
    "show": "executions show last",
    "retry": "restart last",
    "dry-run": "plan",
}


class Misused(UsageError):
    """A command line that Typer refuses; `hint` names what was probably meant."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(one_line(message))


def unknown_command(name: str) -> Misused:
    """The error for a first word that is neither a command nor a flow file."""
    hint = "`kestrel --help` lists the commands"
    near = nearest(name, COMMANDS)
    if name in _HABITS:
        hint = f"`kestrel {_HABITS[name]}` does that"
    elif near is not None:
        hint = f"did you mean `kestrel {near}`?"
    elif Path(name).is_file():
        hint = f"to run that file, write `kestrel run {name}`"
    elif _is_topic(name):
        hint = f"`kestrel help {name}` explains it"
    return Misused(f"there is no command `{name}`", hint)


def told(error: Any, command: str) -> Misused:
    """An exception of Typer's about a command line of this command, in our words."""
    context = getattr(error, "ctx", None)
    params = context.command.params if context is not None else ()
    where = f"kestrel {command}" if command in COMMANDS else "kestrel"
    message = error.format_message().rstrip(".")
    if hasattr(error, "possibilities"):
        return _unknown_option(error.option_name, params, where)
    if hasattr(error, "option_name"):
        return _half_an_option(error.option_name, message, where)
    if hasattr(error, "param_type"):
        return _missing(error.param, context, where)
    if getattr(error, "param", None) is not None:
        return _wrong_value(error.param, error.message, where)
    extra = _EXTRA.search(message)
    if extra is not None:
        hint = f"`{where} --help` shows what it takes"
        return Misused(f"`{where}`: nothing more is expected at `{extra[1]}`", hint)
    return Misused(message[:1].lower() + message[1:], f"`{where} --help` tells more")


def _unknown_option(name: str, params: Iterable[Any], where: str) -> Misused:
    spelled = ["--help", *(one for param in params for one in _spellings(param))]
    near = nearest(name, [one for one in spelled if one.startswith("--")])
    longer = [one for one in spelled if one.startswith(name)] if len(name) > len("--x") else []
    if near is None and len(longer) == 1:
        near = longer[0]
    hint = f"`{where} --help` lists the options" if near is None else f"did you mean `{near}`?"
    return Misused(f"`{where}` has no option `{name}`", hint)


def _half_an_option(name: str, message: str, where: str) -> Misused:
    if "not take" in message:
        return Misused(f"`{name}` takes no value", f"write `{name}` alone")
    return Misused(f"`{name}` needs a value", f"`{where} --help` tells which")


def _missing(param: Any, context: Any, where: str) -> Misused:
    name = _name(param)
    needed = " ".join(_name(one) for one in context.command.params if one.required)
    about = (getattr(param, "help", None) or "").rstrip(".")
    words = f": {about[:1].lower()}{about[1:]}" if about else ""
    return Misused(f"{name} is missing{words}", f"write `{where} {needed}`")


def _wrong_value(param: Any, message: str, where: str) -> Misused:
    found = _VALUE.match(message)
    if found is None:
        return Misused(f"`{_name(param)}`: {message[:1].lower()}{message[1:].rstrip('.')}")
    value = found[1]
    said = f"`{_name(param) if _spellings(param) else where} {value}`"
    words = _choices(param)
    if words:
        near = nearest(value, words)
        hint = f"did you mean `{near}`?" if near is not None else None
        return Misused(f"{said}: use {_either(words)}", hint)
    return Misused(f"{said}: this must be a number{_range(param.type)}")


def _choices(param: Any) -> list[str]:
    return [str(getattr(one, "value", one)) for one in getattr(param.type, "choices", ())]


def _range(kind: Any) -> str:
    least, most = getattr(kind, "min", None), getattr(kind, "max", None)
    if least is not None and most is not None:
        return f" from {least} to {most}"
    return f" from {least} on" if least is not None else ""


def _either(words: Sequence[str]) -> str:
    quoted = [f"`{word}`" for word in words]
    return " or ".join(one for one in (", ".join(quoted[:-1]), quoted[-1]) if one)


def _spellings(param: Any) -> list[str]:
    """The names of an option; of an argument none."""
    names = (*getattr(param, "opts", ()), *getattr(param, "secondary_opts", ()))
    return [one for one in names if one.startswith("-")]


def _name(param: Any) -> str:
    """What a person calls it: the long name of an option, the word for an argument."""
    spelled = _spellings(param)
    if spelled:
        return max(spelled, key=len)
    return str(param.metavar or param.name.upper()).strip("[]")


def _is_topic(name: str) -> bool:
    from kestrel_cli.app.topics import topics

    return any(one.name == name for one in topics())
