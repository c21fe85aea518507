"""What a condition says."""

from typing import Final

_FALSE: Final = frozenset(("", "0", "-0", "false"))


def is_true(text: str) -> bool:
    """False for a rendered condition that is blank, `0`, `-0` or `false`; true for all else."""
    return text.strip() not in _FALSE
