"""`kestrel help`: what there is to know, topic by topic."""

import os
import sys
from typing import Annotated

import typer

from kestrel_cli.app.rules import rule, rules
from kestrel_cli.app.topics import topic, topics
from kestrel_cli.cli.commands import COMMANDS
from kestrel_cli.cli.guard import exit_codes
from kestrel_cli.cli.options import AsciiOnly, Color, ColorWhen, NoPager, Width
from kestrel_cli.errors import UsageError
from kestrel_cli.reporters.console import Flags, look_at, never_fails, style_for
from kestrel_cli.reporters.help_pages import drawn, list_lines
from kestrel_cli.reporters.pager import show


def _begun(begin: str) -> list[tuple[str, str]]:
    known = [(one.name, one.summary) for one in topics()]
    known += [(name, line) for name, (_, line) in COMMANDS.items()]
    return [one for one in known if one[0].startswith(begin)]


def _begun_rules(begin: str) -> list[tuple[str, str]]:
    return [(one.name, one.summary) for one in rules().values() if one.name.startswith(begin)]


def _page(name: str, rule_name: str | None) -> str:
    if rule_name is None:
        return topic(name, COMMANDS).text
    if name.lower() != "rules":
        raise UsageError(f"`kestrel help {name}` takes no second name")
    return rule(rule_name).page


def help(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="TOPIC",
            help="A topic, or a command.",
            show_default=False,
            autocompletion=_begun,
        ),
    ] = None,
    rule_name: Annotated[
        str | None,
        typer.Argument(
            metavar="RULE",
            help="After `rules`: a rule of `validate`.",
            show_default=False,
            autocompletion=_begun_rules,
        ),
    ] = None,
    color: ColorWhen = None,
    width: Width = None,
    ascii_only: AsciiOnly = False,
    no_pager: NoPager = False,
) -> None:
    """Explain a topic, or list the topics.

    In a pipe it is Markdown. At a terminal long pages open in `$KESTREL_PAGER`, `$PAGER` or
    `less`; `--no-pager` and `NO_PAGER=1` turn that off.

    \b
    Examples:
      kestrel help
      kestrel help inputs
      kestrel help rules duplicate-id
    """
    with exit_codes():
        never_fails(sys.stdout)
        output = look_at(sys.stdout)
        style = style_for(os.environ, output, Flags((color or Color.AUTO).value, width, ascii_only))
        if name is None:
            lines = list_lines([(one.name, one.summary) for one in topics()], style)
            text = "".join(f"{line}\n" for line in lines)
        else:
            text = drawn(_page(name, rule_name), style)
        show(text, never=no_pager)
