"""Which files of a namespace a task means."""

from collections.abc import Iterable

from kestrel_cli.tasks.base import RunContext
from kestrel_cli.tasks.files.globs import Matcher, anywhere_matcher


def chosen_files(ctx: RunContext, names: Iterable[str], files: object) -> list[str]:
    """The names that one of the patterns matches: a pattern, a list of them, or an expression that
    gives either. One that begins with a letter matches at any depth. Raises TaskFailed.
    """
    said = ctx.typed(files) if isinstance(files, str) else files
    written = said is files
    texts = said if isinstance(said, list) else [] if said is None else [said]
    matchers = [anywhere_matcher(ctx.text(one) if written else str(one)) for one in texts]
    return [name for name in names if matches(matchers, name)]


def matches(matchers: Iterable[Matcher], name: str) -> bool:
    """Whether one of them matches the name, with or without a `/` before it."""
    return any(one.fullmatch(name) or one.fullmatch(f"/{name}") for one in matchers)
