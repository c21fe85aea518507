"""A command whose first argument says what to do: `kestrel executions logs --help` is the page of
that action, with its own words and options.
"""

from typing import Any, ClassVar, Final, NamedTuple

import typer
from typer.core import TyperCommand

_HELP: Final = ("--help", "-h")


class Page(NamedTuple):
    """What an action takes, as the usage shows it; its text; the names of its options."""

    takes: str
    text: str
    options: tuple[str, ...]


class ActionCommand(TyperCommand):
    """Shows the page of the action that stands on the command line before `--help`."""

    pages: ClassVar[dict[str, Page]] = {}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if any(one in _HELP for one in args):
            named = next((one for one in args if not one.startswith("-")), "")
            if named in self.pages:
                self._show(ctx, named)
        return super().parse_args(ctx, args)

    def _show(self, ctx: Any, name: str) -> None:
        page = self.pages[name]
        formatter = ctx.make_formatter()
        formatter.write_usage(f"{ctx.command_path} {name}", f"[OPTIONS] {page.takes}".rstrip())
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(page.text)
        wanted = (*page.options, "help")
        rows = [one.get_help_record(ctx) for one in self.get_params(ctx) if one.name in wanted]
        formatter.write_paragraph()
        with formatter.section("Options"):
            formatter.write_dl([row for row in rows if row is not None])
        typer.echo(formatter.getvalue().rstrip("\n"))
        ctx.exit()
