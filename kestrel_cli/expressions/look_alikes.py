"""Characters that word processors, chats and other keyboards put where an expression wants plain
ones. Imported only when one of them is in the way.
"""

from typing import Final

# What is written -> what is meant, for every character in the first column.
_MEANT: Final = (
    ("‘’‚‛′´`", "'"),  # noqa: RUF001
    ("“”„‟″«»", '"'),
    ("‐‑‒–—―−", "-"),  # noqa: RUF001
    ("×∗", "*"),  # noqa: RUF001
    ("÷∕", "/"),  # noqa: RUF001
    ("…", ".."),
    ("≠", "!="),
    ("≤", "<="),
    ("≥", ">="),
    ("&", "and"),
    ("!", "not"),
)
_NO_BREAK: Final = "\u00a0\u2007\u202f"
_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# The wide forms of ASCII's characters stand in their order.
_WIDE: Final = range(0xFF01, 0xFF5F)
_TO_ASCII: Final = 0xFEE0


def hint_for(character: str) -> str | None:
    """What to write in place of a character that no expression has; None for any other."""
    if character in _NO_BREAK:
        return "this is a no-break space: write a plain one"
    if character in _INVISIBLE:
        return "this character cannot be seen: take it out"
    if ord(character) in _WIDE:
        return f"write `{chr(ord(character) - _TO_ASCII)}`"
    for written, meant in _MEANT:
        if character in written:
            return f"write `{meant}`"
    return None
