"""Links of Kestra's interface in messages."""

from typing import Final

_LINK: Final = "[[link "


def drawn(message: str) -> str:
    """A message in which such links are what they lead to: a flow, and the id of its execution."""
    if _LINK not in message:
        return message
    import re

    link = r'\[\[link execution="([^"]*)" flowId="([^"]*)" namespace="([^"]*)"\]\]'
    return re.sub(link, r"\3.\2 \1", message)
