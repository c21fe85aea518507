"""Archives by the names that Kestra has for their kinds."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Literal, get_args

from kestrel_cli.tasks.base import RunContext, TaskFailed
from kestrel_cli.tasks.compress.budget import Budget, pour
from kestrel_cli.tasks.compress.codecs import packing, unpacking
from kestrel_cli.tasks.compress.entries import Entry
from kestrel_cli.tasks.compress.tars import tar_entries, write_tar
from kestrel_cli.tasks.compress.zips import write_zip, zip_entries
from kestrel_cli.tasks.properties.words import word

Algorithm = Literal["AR", "ARJ", "CPIO", "DUMP", "JAR", "TAR", "ZIP"]


def algorithm_of(ctx: RunContext, value: object) -> str:
    """Render the property `algorithm`: TAR, ZIP or JAR. Raises TaskFailed."""
    name = word(ctx, "algorithm", value, *get_args(Algorithm))
    if name in ("AR", "ARJ", "CPIO", "DUMP"):
        raise TaskFailed(f"`algorithm` {name} is not there in Kestrel; TAR, ZIP and JAR are")
    return name


def entries(
    ctx: RunContext, algorithm: str, compression: str, source: BinaryIO, budget: Budget
) -> Iterator[Entry]:
    """The entries of an archive, which may be compressed as a whole (`compression` may be empty).
    Each is to be read before the next one is asked for. Raises TaskFailed.
    """
    plain = unpacking(compression, source, budget) if compression else source
    if algorithm == "TAR":
        yield from tar_entries(plain)
    elif not compression:
        yield from zip_entries(plain, budget)
    else:
        with ctx.files.scratch("archive") as folder, (folder / "whole").open("x+b") as whole:
            pour(ctx, plain, whole)
            yield from zip_entries(whole, budget)


def write(
    ctx: RunContext,
    algorithm: str,
    compression: str,
    sink: BinaryIO,
    files: Iterable[tuple[str, int, BinaryIO]],
) -> None:
    """Write an archive of files, given as name, size and content. Raises TaskFailed."""
    packed = packing(compression, sink) if compression else None
    (write_tar if algorithm == "TAR" else write_zip)(ctx, packed or sink, files)
    if packed:
        packed.finish()
