"""Errors inside a jq program, and what comes out of one."""

from __future__ import annotations

from kestrel_cli.jq.values import dump_text


class ProgramError(ValueError):
    """The program is none, raised an error that it did not catch, or went beyond the limits."""


class JqError(Exception):
    """An error a program can catch with `try`; `value` is what it was raised with."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(value)

    def text(self) -> str:
        """The message for the outside."""
        if isinstance(self.value, str):
            return self.value
        return f"{dump_text(self.value)} (not a string)"
