"""The use case "explain a rule": what `validate` looks for, each rule with a page.

The pages of one subject are sections of one file in `help/rules/`, each with a heading
`## duplicate-id: an id is there twice`.
"""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile.suggest import nearest

_HEADING = re.compile(r"^## ([a-z0-9-]+): (.+)$", re.MULTILINE)


class Rule(NamedTuple):
    """A rule by its stable name, the line that tells what it finds, its page in Markdown."""

    name: str
    summary: str
    page: str
    subject: str


class UnknownRule(UsageError):
    """There is no rule of that name; `hint` names one that may be meant."""

    def __init__(self, name: str) -> None:
        self.hint = near_rule(name) or "`kestrel help rules` lists the rules"
        super().__init__(f"there is no rule `{name}`")


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its name, in order of the names."""
    found = []
    for file in files("kestrel_cli").joinpath("help", "rules").iterdir():
        if file.name.endswith(".md"):
            found += _sections(file.read_text("utf-8"), file.name.removesuffix(".md"))
    return {one.name: one for one in sorted(found)}


def rule(name: str) -> Rule:
    """The rule of that name; case does not matter. Raises UnknownRule."""
    found = rules().get(name.lower())
    if found is None:
        raise UnknownRule(name)
    return found


def near_rule(name: str) -> str | None:
    """`did you mean ...?` for a name that no rule has."""
    near = nearest(name, list(rules()))
    return f"did you mean `{near}`?" if near else None


def _sections(text: str, subject: str) -> list[Rule]:
    headings = list(_HEADING.finditer(text))
    ends = [one.start() for one in headings[1:]] + [len(text)]
    return [
        Rule(one[1], one[2], text[one.start() + 1 : end].rstrip() + "\n", subject)
        for one, end in zip(headings, ends, strict=True)
    ]
