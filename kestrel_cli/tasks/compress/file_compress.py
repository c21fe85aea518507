"""io.kestra.plugin.compress.FileCompress"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.compress.budget import pour
from kestrel_cli.tasks.compress.codecs import (
    Compression,
    compression_of,
    libraries_for,
    packing,
    suffix_of,
)


class FileCompress(RunnableTask):
    """Compress a file of internal storage: `uri`."""

    from_: Dynamic[str]
    compression: Dynamic[Compression]

    gives: ClassVar[dict[str, str]] = {"uri": "the address of the new file in internal storage"}
    blocking: ClassVar[bool] = True

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return libraries_for(self.compression)

    def run(self, ctx: RunContext) -> Outcome:
        compression = compression_of(ctx, self.compression)
        uri = ctx.text(self.from_)
        with ctx.files.open(uri) as source, ctx.files.create(suffix_of(compression)) as file:
            packed = packing(compression, file.stream)
            pour(ctx, source, packed)
            packed.finish()
        return Outcome({"uri": file.uri})
