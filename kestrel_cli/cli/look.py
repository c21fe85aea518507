"""How a command was asked to show things, as those need it who tell why it did not begin."""

from typing import Final, NamedTuple


class Look(NamedTuple):
    """How a command was asked to show things. `annotations`: on GitHub as commands for it, too."""

    colour: str | None = None
    width: int | None = None
    ascii: bool = False
    annotations: bool = False
    ignore_project: bool = False


AS_EVER: Final = Look()
