"""The use case "explain a topic": the pages of `kestrel help`, Markdown files inside the package.

A page begins with its heading, `# Inputs: what a flow asks for`; the words behind the colon are its
line in the list.
"""

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import NamedTuple

from kestrel_cli.app.rules import rules
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.suggest import nearest

_MOST_NAMED = 5


class Topic(NamedTuple):
    """A page, and the line that tells what it is about."""

    name: str
    summary: str
    text: str


class UnknownTopic(UsageError):
    """There is no page of that name; `hint` names those that may be meant."""

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


def topics() -> list[Topic]:
    """Every page, sorted by name."""
    pages = files("kestrel_cli").joinpath("help").iterdir()
    found = [
        _topic(one.name.removesuffix(".md"), one.read_text("utf-8"))
        for one in pages
        if one.name.endswith(".md")
    ]
    return sorted(found)


def topic(asked: str, commands: Iterable[str] = ()) -> Topic:
    """The page of that name; case does not matter. `commands` are names that help takes as well.

    Raises UnknownTopic.
    """
    found = topics()
    name = asked.lower().removesuffix(".md")
    for one in found:
        if one.name == name:
            return one
    if name in rules():
        return Topic(name, rules()[name].summary, rules()[name].page)
    raise UnknownTopic(f"there is no help on `{asked}`", _hint(name, found, commands))


def _topic(name: str, text: str) -> Topic:
    heading = text.partition("\n")[0]
    return Topic(name, heading.partition(": ")[2], text)


def _hint(name: str, found: list[Topic], commands: Iterable[str]) -> str:
    """The pages that use the word, for it is no typing error then; else the name that is near."""
    near = nearest(name, [*(one.name for one in found), *commands, *rules()])
    told = [] if near in (f"{name}s", name.removesuffix("s")) else _pages_with(name, found)
    if told:
        return f"it is in {', '.join(f'`kestrel help {one}`' for one in told[:_MOST_NAMED])}"
    if near is not None:
        return f"did you mean `{near}`?"
    return "`kestrel help` lists the topics"


def _pages_with(name: str, found: list[Topic]) -> list[str]:
    """The names of the pages that use a word, most often first."""
    word = re.compile(rf"(?<!\w)(?<!\w-){re.escape(name)}(?!\w)", re.IGNORECASE)
    mentions = {one.name: len(word.findall(one.text)) for one in found}
    return sorted((name for name in mentions if mentions[name]), key=lambda one: -mentions[one])
