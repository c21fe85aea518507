"""What this package raises."""

from __future__ import annotations


class JavaError(ValueError):
    """A pattern, format or text that Java would refuse, or a result beyond the limits.

    `hint` says what would have been taken, where that is a short list.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(message)
