"""The options of `kestrel test` in its `--help`."""

from typing import Any

from typer.core import TyperCommand


class InPanels(TyperCommand):
    """A command whose `--help` shows the options of `test` in groups."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write them."""
        from kestrel_cli.cli.panels import PANELS_OF_TEST, write_panels

        write_panels(self.get_params(ctx), ctx, formatter, PANELS_OF_TEST)
