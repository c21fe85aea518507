"""How a command was asked to show things, as those need it who tell why it did not begin."""

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from kestrel_cli.cli.options import Color
    from kestrel_cli.reporters.console import Flags
    from kestrel_cli.store.config import Config


class Look(NamedTuple):
    """How a command was asked to show things. `annotations`: on GitHub as commands for it, too."""

    colour: str | None = None
    width: int | None = None
    ascii: bool = False
    annotations: bool = False
    ignore_project: bool = False


AS_EVER: Final = Look()


def flags_of(
    color: "Color | None", width: int | None, *, ascii_only: bool, config: "Config"
) -> "Flags":
    """What options and settings say of how a stream is written on: an option before a setting."""
    from kestrel_cli.reporters.console import Flags

    wanted = color.value if color is not None else config.color or "auto"
    return Flags(wanted, width, ascii_only)  # type: ignore[arg-type]  # one of them
