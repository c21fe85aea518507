"""io.kestra.plugin.compress.FileDecompress"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.compress.budget import Budget, pour
from kestrel_cli.tasks.compress.codecs import Compression, compression_of, libraries_for, unpacking
from kestrel_cli.tasks.files.extensions import short_extension


class FileDecompress(RunnableTask):
    """Decompress a file of internal storage: `uri`."""

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
        inner = uri.rpartition("/")[2].rpartition(".")[0]  # `x.csv` of `x.csv.gz`
        with ctx.files.open(uri) as source, ctx.files.create(short_extension(inner)) as file:
            pour(ctx, unpacking(compression, source, Budget(ctx.files.size(uri))), file.stream)
        return Outcome({"uri": file.uri})
