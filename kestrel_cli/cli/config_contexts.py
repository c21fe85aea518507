"""`kestrel config contexts`: the servers that `--on` can name, and who said so; no secrets."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from kestrel_cli.errors import KestrelError, UsageError
from kestrel_cli.reporters.clean import one_line
from kestrel_cli.server.contexts import Context, context_of, known_contexts
from kestrel_cli.server.kestractl import config_file
from kestrel_cli.store.config import Config

_HEADS = ("name", "host", "login", "origin")


def write_contexts(settings: Config, environ: Mapping[str, str], output: str) -> None:
    """Write a line for each, or one JSON list. Raises CannotStart."""
    listed = list(_contexts(settings, environ))
    if output == "json":
        sys.stdout.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
        return
    if not listed:
        sys.stderr.write("there are no contexts: `kestrel help servers` tells how to write one\n")
    rows = [[one_line(str(one.get(head, ""))) for head in _HEADS] for one in listed]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _contexts(settings: Config, environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name in known_contexts(environ, settings.contexts):
        own = settings.origins.get(f"contexts.{name}")
        origin = own or str(config_file(environ))
        try:
            yield _shown(name, context_of(name, None, environ, settings.contexts), origin)
        except KestrelError as error:  # a variable that is not set, a host that is none
            yield {"name": name, "problem": str(error), "host": f"({error})", "origin": origin}
    try:
        found = context_of(None, None, environ, settings.contexts)
    except UsageError:
        return
    yield _shown("default", found, found.name)


def _shown(name: str, context: Context, origin: str) -> dict[str, Any]:
    shown = {"name": name, "host": context.host, "tenant": context.tenant}
    shown |= {"login": context.credentials.how, "origin": origin}
    return {key: value for key, value in shown.items() if value is not None}
