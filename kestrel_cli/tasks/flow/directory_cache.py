"""Files of a WorkingDirectory that the next execution finds again: a zip file in storage, whose
address is a key-value of a namespace that no flow can have.
"""

import time
import zipfile
from typing import Final

from kestrel_cli.tasks.base import Duration, Dynamic, RenderError, RunContext, TaskFailed
from kestrel_cli.tasks.files.globs import name_matcher
from kestrel_cli.tasks.files.places import entries_below, write_below
from kestrel_cli.tasks.properties.rendering import texts

SPACE: Final = "_working_directories"


def _key(ctx: RunContext) -> str:
    about = ctx.about
    value = "" if about.value is None else f"/{about.value}"
    return f"{about.namespace}/{about.flow}/{about.task}{value}"


def restore(ctx: RunContext, ttl: Dynamic[Duration] | None) -> None:
    """Put the kept files into the directory, unless they are older than `ttl`."""
    found = ctx.kv.get(_key(ctx), SPACE)
    if not found or not isinstance(found[0], dict):
        return
    kept = found[0]
    if ttl is not None and time.time() - kept["at"] > ctx.duration(ttl).seconds:
        ctx.log("DEBUG", "the cached files are too old and are not used")
        return
    try:
        with ctx.files.open(kept["uri"]) as stream, zipfile.ZipFile(stream) as archive:
            for name in archive.namelist():
                with archive.open(name) as source:
                    write_below(ctx.files.folder(), name, source)  # type: ignore[arg-type]  # readable
    except (OSError, zipfile.BadZipFile, RenderError, TaskFailed) as error:
        ctx.log("WARN", f"the cached files can't be used: {error}")


def save(ctx: RunContext, patterns: Dynamic[list[str]]) -> None:
    """Keep the files that match; what was kept before is forgotten."""
    matchers = [name_matcher(pattern) for pattern in texts(ctx, patterns)]
    folder = ctx.files.folder()
    names = [
        name
        for name, entry in entries_below(folder)
        if entry.is_file(follow_symlinks=False)
        and any(matcher.fullmatch(name) for matcher in matchers)
    ]
    with ctx.files.create("cache.zip") as file, zipfile.ZipFile(file.stream, "w") as archive:
        for name in names:
            archive.write(folder / name, name)
    ctx.kv.set(_key(ctx), {"uri": file.uri, "at": time.time()}, SPACE)
