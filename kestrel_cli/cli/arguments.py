"""The command line as a crash report shows it: which options were given, and no value of any."""

from typing import Any, Final

from kestrel_cli.model.record import fresh, record

_HIDDEN: Final = "..."


@record
class _Options:
    """What is known of the options of a command, by their spelling."""

    flags: set[str] = fresh(factory=set)
    naming: set[str] = fresh(factory=set)  # what is given is `name=value`


def without_values(arguments: list[str]) -> list[str]:
    """The arguments without the values of options, any of which may be a secret.

    Only what is known to be a flag is taken for one: behind all others a value is expected. Of
    `name=value` the name stays, where the option asks for that.
    """
    known = _known(arguments)
    shown: list[str] = []
    expects = ""  # the option whose value comes next
    for place, argument in enumerate(arguments):
        if expects:
            shown.append(_named(argument) if expects in known.naming else _HIDDEN)
            expects = ""
        elif argument == "--":
            return [*shown, *arguments[place:]]
        elif argument.startswith("--"):
            name, equals, value = argument.partition("=")
            if equals:
                value = _named(value) if name in known.naming else _HIDDEN
                shown.append(f"{name}={value}")
            else:
                shown.append(name)
                expects = "" if name in known.flags else name
        elif argument.startswith("-") and argument != "-":
            text, expects = _short(argument, known)
            shown.append(text)
        else:
            shown.append(argument)
    return shown


def _short(argument: str, known: _Options) -> tuple[str, str]:
    """`-qi` or `-ivalue` as it is shown, and the option whose value comes next."""
    for place in range(1, len(argument)):
        option, value = f"-{argument[place]}", argument[place + 1 :]
        if option in known.flags:
            continue
        before = argument[: place + 1]
        if not value:
            return before, option
        return before + (_named(value) if option in known.naming else _HIDDEN), ""
    return argument, ""


def _named(value: str) -> str:
    name, equals, _ = value.partition("=")
    return f"{name}={_HIDDEN}" if equals else _HIDDEN


def _known(arguments: list[str]) -> _Options:
    """The options of the command that was named; none when there is no such command."""
    from typer.main import get_command

    from kestrel_cli.cli.commands import app_for, with_command

    known = _Options({"--help", "-h"})
    name = next(iter(with_command(arguments)), "")
    command: Any = get_command(app_for(name))
    for one in (*command.params, *getattr(command.commands.get(name), "params", ())):
        spellings = (*getattr(one, "opts", ()), *getattr(one, "secondary_opts", ()))
        if getattr(one, "is_flag", False) or getattr(one, "count", False):
            known.flags.update(spellings)
        elif "=" in (one.metavar or ""):
            known.naming.update(spellings)
    return known
