"""What was looked at: facts with a verdict each, in sections."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

# `missing` is no fault: most flows do without. Only `broken` is.
Verdict = Literal["ok", "missing", "warning", "broken"]


class Fact(NamedTuple):
    """One thing that was looked at; `hint` says what to do about it."""

    name: str
    verdict: Verdict
    value: str
    hint: str = ""


class Section(NamedTuple):
    """Facts of one kind."""

    title: str
    facts: Sequence[Fact]
