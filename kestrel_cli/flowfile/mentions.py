"""Where a template names a member of a variable: `outputs.x`, `inputs['x']`.

By hand, because nearly all that templates name is known, and a parser has to be imported.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

# Compiled when they are needed: nearly all that templates name is known.
_REGION: Final = (
    r"\{#.*?#\}"
    r"|\{%-?\s*(raw|verbatim)\b.*?\{%-?\s*end\1\s*-?%\}"
    r"|\{\{(.*?)\}\}|\{%(.*?)%\}"
)
# What follows in a print of nothing but a path, through filters or joined to something.
_REST: Final = r"(?:\.\w+|\[['\"][^'\"\]]*['\"]\])*\s*-?(?:\}\}|\||~)"


class Mention(NamedTuple):
    """A member of a variable as a text names it, and how it is written there."""

    name: str
    written: str
    at: int


def mentions(text: str, variable: str) -> Iterator[Mention]:
    """What may be members of the variable: by hand, because nearly all of them are known ones."""
    end = 0
    while (at := text.find(variable, end)) >= 0:
        end = at + len(variable)
        if at and (text[at - 1] in "_.-$'\"" or text[at - 1].isalnum()):
            continue
        opening = text[end : end + 1]
        if opening == ".":
            stop = end + 1
            while stop < len(text) and (text[stop].isalnum() or text[stop] in "_-"):
                stop += 1
            name = text[end + 1 : stop].rstrip("-")
            stop = end + 1 + len(name)
        elif opening == "[" and text[end + 1 : end + 2] in ("'", '"'):
            close = text.find(text[end + 1], end + 2)
            name = text[end + 2 : max(close, 0)] if text[close + 1 : close + 2] == "]" else ""
            stop = close + 2
        else:
            continue
        if name:
            yield Mention(name, text[at:stop], at)


def is_read(text: str, mention: Mention) -> bool:
    """Whether the mention is in an expression, outside of its texts, and means the variable."""
    variable = mention.written[: re.search(r"[.\[]", mention.written).start()]  # type: ignore[union-attr]
    if re.search(rf"\{{%-?\s*(?:set|for)\s+{variable}\b", text):
        return False
    for region in re.finditer(_REGION, text, re.DOTALL):
        if region.start() < mention.at < region.end():
            before = text[region.start() : mention.at]
            is_code = region[2] is not None or region[3] is not None
            without = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "", before)
            return is_code and not {"'", '"'} & set(without)
    return False


def is_always_read(text: str, mention: Mention) -> bool:
    """Whether the mention is the beginning of a print outside of every tag: rendering the text
    asks for it.
    """
    if "{%" in text or "{#" in text or "?" in text:
        return False
    before = text[: mention.at].rstrip()
    end = mention.at + len(mention.written)
    return before.endswith(("{{", "{{-")) and re.match(_REST, text[end:]) is not None
