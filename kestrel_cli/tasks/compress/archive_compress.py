"""io.kestra.plugin.compress.ArchiveCompress"""

from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.compress.archives import Algorithm, algorithm_of, write
from kestrel_cli.tasks.compress.codecs import Compression, compression_of, libraries_for, suffix_of
from kestrel_cli.tasks.properties.addresses import addresses_of


class ArchiveCompress(RunnableTask):
    """Pack files of internal storage into an archive: `uri`.

    `from` maps the names in the archive to addresses; it may be text that renders to such a map.
    A `compression` packs the archive as a whole.
    """

    from_: Dynamic[Any]
    algorithm: Dynamic[Algorithm]
    compression: Dynamic[Compression] | None = None

    gives: ClassVar[dict[str, str]] = {"uri": "the address of the new file in internal storage"}
    blocking: ClassVar[bool] = True

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return libraries_for(self.compression)

    def run(self, ctx: RunContext) -> Outcome:
        algorithm = algorithm_of(ctx, self.algorithm)
        compression = compression_of(ctx, self.compression)
        named = addresses_of(ctx, "from", self.from_)
        suffix = f".{algorithm.lower()}{suffix_of(compression) if compression else ''}"
        with ctx.files.create(suffix) as file:
            write(ctx, algorithm, compression, file.stream, _opened(ctx, named))
        return Outcome({"uri": file.uri})


def _opened(ctx: RunContext, named: list[tuple[str, str]]) -> Iterator[tuple[str, int, BinaryIO]]:
    for name, uri in named:
        with ctx.files.open(uri) as stream:
            yield name, ctx.files.size(uri), stream
