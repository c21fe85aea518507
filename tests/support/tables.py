"""Files of rows, for tests of tasks that convert them."""

from typing import Any

from kestrel_cli.tasks.rows.ion_rows import read_rows, row_bytes
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import place, stored

SERDES = "io.kestra.plugin.serdes."


def ion(*rows: object) -> bytes:
    """A file of rows."""
    return b"".join(map(row_bytes, rows))


def rows_at(ctx: ReachingContext, uri: object) -> list[Any]:
    """The rows in a file in storage."""
    with place(ctx, uri).open("rb") as source:
        return list(read_rows(source))


def converted(
    ctx: ReachingContext, type_name: str, content: str | bytes, **properties: Any
) -> dict[str, Any]:
    """The outputs of a serdes task that was given a file with this content."""
    made = task(SERDES + type_name, "t", from_=stored(ctx, content), **properties)
    outputs: dict[str, Any] = made.run(ctx).outputs  # type: ignore[attr-defined]
    return outputs


def counted(ctx: ReachingContext, name: str) -> float:
    """What a counter says."""
    return sum(value for counter, value, _ in ctx.counters if counter == name)
