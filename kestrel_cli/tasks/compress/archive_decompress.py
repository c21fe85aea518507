"""io.kestra.plugin.compress.ArchiveDecompress"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.compress.archives import Algorithm, algorithm_of, entries
from kestrel_cli.tasks.compress.budget import Budget, pour
from kestrel_cli.tasks.compress.codecs import Compression, compression_of, libraries_for
from kestrel_cli.tasks.compress.stored import Places


class ArchiveDecompress(RunnableTask):
    """Put the files of an archive into internal storage: `files` maps their names in the archive
    to addresses.

    Folders make no files; links and devices are left out. An archive is refused that holds a name
    that leads out of it, or far more than its size can mean.
    """

    from_: Dynamic[str]
    algorithm: Dynamic[Algorithm]
    compression: Dynamic[Compression] | None = None

    gives: ClassVar[dict[str, str]] = {
        "files": "names in the archive, and the addresses of the files"
    }
    measures: ClassVar[dict[str, str]] = {"count": "counter: files", "size": "counter: their bytes"}
    blocking: ClassVar[bool] = True

    def libraries(self) -> list[tuple[str, str]]:
        """What has to be installed: modules, and the extras that bring them."""
        return libraries_for(self.compression)

    def run(self, ctx: RunContext) -> Outcome:
        algorithm = algorithm_of(ctx, self.algorithm)
        compression = compression_of(ctx, self.compression)
        uri = ctx.text(self.from_)
        packed = ctx.files.size(uri)
        budget = Budget(packed)
        places = Places()
        files: dict[str, str] = {}
        total = 0
        with ctx.files.open(uri) as source:
            for entry in entries(ctx, algorithm, compression, source, Budget(packed)):
                if entry.open is None:
                    ctx.log("WARN", f"'{entry.name}' is left out: it is a {entry.kind}")
                    continue
                with ctx.files.create(places.of(entry.name)) as file:
                    total += pour(ctx, entry.open(), file.stream, budget)
                files[entry.name] = file.uri
        ctx.count("count", len(files))
        ctx.count("size", total)
        return Outcome({"files": files})
