"""io.kestra.plugin.core.namespace.UploadFiles"""

from collections.abc import Generator
from contextlib import closing
from typing import Any, ClassVar, Literal

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask, TaskFailed
from kestrel_cli.tasks.files.globs import anywhere_matcher, name_matcher
from kestrel_cli.tasks.files.places import entries_below
from kestrel_cli.tasks.namespace.chosen_files import matches
from kestrel_cli.tasks.properties.rendering import json_map
from kestrel_cli.tasks.properties.words import word

Conflict = Literal["OVERWRITE", "ERROR", "SKIP"]


class UploadFiles(RunnableTask):
    """Copy files into a namespace, below the folder `destination`.

    `files` are patterns of names in the working directory; `filesMap` maps names to addresses, or
    is text that gives such a map. The output `files` maps paths, with a `/` before them, to
    addresses.
    """

    namespace: Dynamic[str]
    files: Dynamic[list[str]] | None = None
    filesMap: Dynamic[Any] = None
    destination: Dynamic[str] = "/"
    conflict: Dynamic[Conflict] = "OVERWRITE"

    gives: ClassVar[dict[str, str]] = {
        "files": "paths of the files in the namespace, and their addresses"
    }
    outward: ClassVar[bool] = True

    def run(self, ctx: RunContext) -> Outcome:
        if self.files is None and self.filesMap is None:
            raise TaskFailed("files or filesMap is required")
        space = ctx.text(self.namespace)
        target = ctx.files.namespace(space)
        folder = ctx.text(self.destination).strip("/")
        conflict = word(ctx, "conflict", self.conflict, "OVERWRITE", "ERROR", "SKIP")
        known = set(target.names())
        uploaded: dict[str, str] = {}
        with closing(self._sources(ctx)) as sources:
            for name, uri in sources:
                place = "/".join(part for part in (folder, name.lstrip("/")) if part)
                if _wanted(ctx, f"File '/{place}'", space, conflict, there=place in known):
                    with ctx.files.open(uri) as source:
                        target.write(place, source)
                    known.add(place)
                    uploaded[f"/{place}"] = target.uri(place)
        return Outcome({"files": uploaded})

    def _sources(self, ctx: RunContext) -> Generator[tuple[str, str]]:
        """Names in the namespace, and addresses of what goes there."""
        if self.files is not None:
            yield from _working_files(ctx, [ctx.text(one) for one in ctx.items(self.files)])
        for name, uri in _map(ctx, self.filesMap).items():
            if not isinstance(uri, str):
                raise TaskFailed(f"filesMap: `{name}` must have the address of a file")
            if ctx.files.exists(uri):
                yield name, uri
            else:
                ctx.log("WARN", f"filesMap: `{name}` is left out: there is no file {uri}")


def _working_files(ctx: RunContext, patterns: list[str]) -> Generator[tuple[str, str]]:
    """Through internal storage, which knows how to read a folder that others write to."""
    matchers = [
        (anywhere_matcher if one.startswith(("glob:", "regex:")) else name_matcher)(one)
        for one in patterns
    ]
    folder = ctx.files.folder()
    for name, entry in entries_below(folder):
        if not matches(matchers, name):
            continue
        if not entry.is_file(follow_symlinks=False):
            ctx.log("WARN", f"files: `{name}` is no regular file and is left out")
            continue
        uri = ctx.files.put(folder / name, ".upload")
        try:
            yield name, uri
        finally:
            ctx.files.delete(uri)


def _map(ctx: RunContext, value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return {ctx.text(name): ctx.text(uri) for name, uri in value.items()}
    return json_map("filesMap", "{}" if value is None else ctx.text(value))


def _wanted(ctx: RunContext, file: str, space: str, conflict: str, *, there: bool) -> bool:
    """Whether a file is to be written; says what happens to it."""
    if not there:
        ctx.log("DEBUG", f"{file} added to namespace '{space}'.")
    elif conflict == "OVERWRITE":
        ctx.log("DEBUG", f"{file} overwritten into namespace '{space}'.")
    else:
        said = f"{file} already exists in namespace '{space}' and conflict is set to {conflict}"
        if conflict == "ERROR":
            raise TaskFailed(said)
        ctx.log("DEBUG", f"{said}. Skipping.")
    return not there or conflict == "OVERWRITE"
