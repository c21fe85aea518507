"""Asking for required inputs that nobody passed, on a terminal."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.typed import FORMS, as_text, choices
from kestrel_cli.reporters.console import in_ci
from kestrel_cli.worker.inputs import Render, Resolver

_YES: Final = ("y", "yes", "true")
_NO: Final = ("n", "no", "false")


def may_ask(stdin: TextIO, environment: Mapping[str, str], *, no_input: bool = False) -> bool:
    """Whether somebody is there to answer: a terminal, no CI, and not forbidden."""
    return not no_input and stdin.isatty() and not in_ci(environment)


class Terminal(NamedTuple):
    """Where questions go and answers come from; `hidden` reads without showing (else getpass)."""

    answers: TextIO
    questions: TextIO
    hidden: Callable[[], str] | None = None


def ask_missing(
    flow: Flow, given: Mapping[str, object], terminal: Terminal, *, render: Render
) -> dict[str, object]:
    """`given` and an answer for each required input without a value. The caller checks `may_ask`.

    An answer that does not fit is asked for again, with the reason. An input that earlier answers
    switch off is not asked for. When the answers end, what is still missing stays missing; and
    nothing is asked while what was given is wrong, because the run cannot begin anyway.
    """
    asking = _Asking(flow, dict(given), terminal, render)
    while (wanted := asking.first_missing()) is not None and asking.ask(wanted):
        pass
    return asking.given


class _Asking:
    """One round of questions about a flow."""

    def __init__(
        self, flow: Flow, given: dict[str, object], terminal: Terminal, render: Render
    ) -> None:
        self.flow = flow
        self.given = given
        self.terminal = terminal
        self.render = render

    def first_missing(self) -> Input | None:
        resolver = self._resolved(self.given)
        if resolver.found.keys() != resolver.missing.keys():
            return None
        return next(iter(resolver.missing.values()), None)

    def ask(self, wanted: Input) -> bool:
        """Ask until the answer fits and keep it; False when the answers have ended."""
        out = self.terminal.questions
        out.write(_question(wanted))
        while True:
            out.write(f"{wanted.id}{_default_note(wanted)}: ")
            out.flush()
            line = self._line(wanted)
            if not line:
                out.write("\n")
                return False
            value = _value(wanted, line.rstrip("\r\n"))
            reason, hint = self._objection(wanted, value)
            if reason is None:
                self.given[wanted.id] = value
                return True
            out.write(f"  {reason}\n" + (f"  hint: {hint}\n" if hint else ""))

    def _line(self, wanted: Input) -> str:
        """One line with its end; empty when there are no more."""
        if wanted.type != "SECRET":
            return self.terminal.answers.readline()
        try:
            if self.terminal.hidden is not None:
                return f"{self.terminal.hidden()}\n"
            from getpass import getpass

            return f"{getpass('', self.terminal.questions)}\n"
        except EOFError:
            return ""

    def _objection(self, wanted: Input, value: object) -> tuple[str | None, str | None]:
        """Why the value cannot be taken, and what would fit."""
        text = as_text(value)
        if value is None:
            return "a value is needed", FORMS.get(wanted.type)
        if wanted.type in ("BOOL", "BOOLEAN") and not isinstance(value, bool):
            return f"`{text}` is neither yes nor no", None
        if wanted.type == "FILE" and ":" not in text and not Path(text).is_file():
            return f"no such file: {text}", None
        found = self._resolved({**self.given, wanted.id: value}).found.get(wanted.id)
        if not found:
            return None, None
        return "; ".join(problem.partition(" Cause: ")[2] for problem in found), found[0].hint

    def _resolved(self, given: Mapping[str, object]) -> Resolver:
        resolver = Resolver(self.flow, given, self.render)
        resolver.resolve()
        return resolver


def _question(wanted: Input) -> str:
    """A title line with the type and the description, then the choices with their numbers."""
    title = wanted.displayName or wanted.id
    about = f": {wanted.description}" if wanted.description else ""
    lines = [shown(f"{title} ({wanted.type}){about}")]
    lines += [f"  {at}. {shown(one)}" for at, one in enumerate(_offered(wanted), start=1)]
    return "\n".join(lines) + "\n"


def _offered(wanted: Input) -> list[str]:
    return choices(wanted.options if wanted.values is None else wanted.values)


def _default_note(wanted: Input) -> str:
    if wanted.prefill is None or wanted.type == "SECRET":
        return ""
    return f" [{shown(as_text(wanted.prefill))}]"


def shown(text: str) -> str:
    """One line without control characters: a flow file must not draw on the terminal."""
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _value(wanted: Input, line: str) -> object:
    """The raw value an answer stands for; None for no answer."""
    if not line.strip():
        return wanted.prefill
    if wanted.type in ("BOOL", "BOOLEAN"):
        word = line.strip().lower()
        return True if word in _YES else False if word in _NO else line
    if wanted.type in ("ARRAY", "MULTISELECT") and not line.lstrip().startswith("["):
        return [_chosen(wanted, part.strip()) for part in line.split(",")]
    return _chosen(wanted, line)


def _chosen(wanted: Input, answer: str) -> str:
    """The choice of that number, unless the answer is a choice itself."""
    offered = _offered(wanted)
    if answer in offered or not answer.strip().isdecimal():
        return answer
    number = int(answer[:9])
    return offered[number - 1] if 1 <= number <= len(offered) else answer
