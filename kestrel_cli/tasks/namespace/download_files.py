"""io.kestra.plugin.core.namespace.DownloadFiles"""

import shutil
from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.namespace.chosen_files import chosen_files


class DownloadFiles(RunnableTask):
    """Copy files of a namespace into internal storage, below the folder `destination`.

    The output `files` maps their paths, with a `/` before them, to addresses.
    """

    namespace: Dynamic[str]
    files: Dynamic[Any]
    destination: Dynamic[str] = ""

    gives: ClassVar[dict[str, str]] = {
        "files": "paths of the files, and the addresses of the copies"
    }
    measures: ClassVar[dict[str, str]] = {"downloaded": "counter: files that were copied"}

    def run(self, ctx: RunContext) -> Outcome:
        source = ctx.files.namespace(ctx.text(self.namespace))
        folder = ctx.text(self.destination).strip("/")
        found: dict[str, str] = {}
        for name in chosen_files(ctx, source.names(), self.files):
            place = f"{folder}/{name}" if folder else name
            with source.open(name) as content, ctx.files.create(place) as copy:
                shutil.copyfileobj(content, copy.stream, 1 << 20)
            found[f"/{name}"] = copy.uri
            ctx.log("DEBUG", f"Downloaded {copy.uri}")
        ctx.count("downloaded", len(found))
        return Outcome({"files": found})
