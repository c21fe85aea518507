"""What goes into a working directory before the work, and what is kept of it after."""

import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from kestrel_cli.tasks.base import (
    Dynamic,
    LogLevel,
    Model,
    RenderError,
    RunContext,
    TaskFailed,
    clock_duration,
    parts_of,
)
from kestrel_cli.tasks.files.globs import anywhere_matcher, name_matcher
from kestrel_cli.tasks.files.places import entries_below, read_below, write_below
from kestrel_cli.tasks.properties.rendering import json_map, source_text, texts

_ADDRESS: Final = re.compile(r"(?:kestra|nsfile|file)://\S+")

IfExists = Literal["OVERWRITE", "FAIL", "WARN", "IGNORE"]
# What is said of a file that is already there, and how loud; nothing is said of OVERWRITE.
_KEPT: Final[dict[str, LogLevel]] = {"WARN": "WARN", "IGNORE": "DEBUG"}


class NamespaceFilesSpec(Model):
    """Which namespace files are put into the working directory."""

    enabled: Dynamic[bool] = True
    include: Dynamic[list[str]] | None = None
    exclude: Dynamic[list[str]] | None = None
    namespaces: Dynamic[list[str]] | None = None  # none: the flow's own
    ifExists: Dynamic[IfExists] = "OVERWRITE"
    folderPerNamespace: Dynamic[bool] = False


def place_namespace_files(ctx: RunContext, spec: NamespaceFilesSpec) -> list[str]:
    """Copy namespace files into the working directory; returns their names there, in order.

    Log, counter `namespacefiles.count` and timer `namespacefiles.duration` as in Kestra. Raises
    TaskFailed.
    """
    if not ctx.boolean(spec.enabled):
        return []
    began = time.perf_counter()
    spaces = texts(ctx, spec.namespaces) or [ctx.about.namespace]
    chosen = _Chosen(texts(ctx, spec.include), texts(ctx, spec.exclude))
    if_exists = _if_exists(ctx.text(spec.ifExists))
    apart = ctx.boolean(spec.folderPerNamespace)
    placed = []
    count = 0
    for space in spaces:
        files = ctx.files.namespace(space)
        for name in filter(chosen, files.names()):
            count += 1
            place = f"{space}/{name}" if apart else name
            if _wanted(ctx, place, if_exists):
                with files.open(name) as source:
                    write_below(ctx.files.folder(), place, source)
                placed.append(place)
    seconds = time.perf_counter() - began
    ctx.count("namespacefiles.count", count)
    ctx.time("namespacefiles.duration", seconds)
    took = clock_duration(round(seconds * 1e9))
    ctx.log("INFO", f"Loaded {count} namespace files from '{', '.join(spaces)}' in {took}")
    return placed


def place_input_files(ctx: RunContext, value: object) -> list[str]:
    """Write the files of an `inputFiles` property into the working directory; returns their names.

    `value` maps names to contents or addresses, or is text that gives such a map as JSON. Entries
    without a value are left out. Raises TaskFailed.
    """
    names = []
    folder = ctx.files.folder()
    for name, content in _input_files(ctx, value).items():
        try:
            if isinstance(content, str) and _ADDRESS.fullmatch(content.strip()):
                with ctx.files.open(content.strip()) as source:
                    write_below(folder, name, source)
            else:
                write_below(folder, name, source_text(content).encode("utf-8", "surrogatepass"))
        except (RenderError, TaskFailed) as error:
            raise TaskFailed(f"inputFiles: {error}") from error
        names.append(name)
    return names


def collect_output_files(ctx: RunContext, globs: object) -> dict[str, str]:
    """Copy the files that match a list of patterns into storage: relative name -> address.

    Only regular files: of links, pipes and the like a warning tells. Raises TaskFailed for a
    broken pattern or a full disk.
    """
    patterns = texts(ctx, globs)
    return collect_folder(ctx, ctx.files.folder(), patterns) if patterns else {}


def collect_folder(ctx: RunContext, folder: Path, patterns: Sequence[str]) -> dict[str, str]:
    """Copy the files of a folder that match rendered patterns, as `collect_output_files` does."""
    matchers = [name_matcher(pattern) for pattern in patterns]
    found: dict[str, str] = {}
    files = ctx.files
    for name, entry in entries_below(folder):
        if not any(matcher.fullmatch(name) for matcher in matchers):
            continue
        try:
            source = read_below(folder, name)
        except OSError as error:
            kind = "a link" if entry.is_symlink() else (error.strerror or "not readable").lower()
            ctx.log("WARN", f"outputFiles: `{name}` is left out: {kind}")
            continue
        with source, files.create(_stored_name(name)) as stored:
            shutil.copyfileobj(source, stored.stream, 1 << 20)
        found[name] = stored.uri
    return found


class _Chosen:
    """Whether a namespace file is wanted: included (when there are patterns), not excluded."""

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        self._include = [anywhere_matcher(pattern) for pattern in include]
        self._exclude = [anywhere_matcher(pattern) for pattern in exclude]

    def __call__(self, name: str) -> bool:
        if self._include and not any(matcher.fullmatch(name) for matcher in self._include):
            return False
        return not any(matcher.fullmatch(name) for matcher in self._exclude)


def _if_exists(text: str) -> str:
    if text not in ("OVERWRITE", "FAIL", *_KEPT):
        raise TaskFailed(f"namespaceFiles: ifExists is OVERWRITE, FAIL, WARN or IGNORE, not {text}")
    return text


def _wanted(ctx: RunContext, place: str, if_exists: str) -> bool:
    """Whether a namespace file is to be written there."""
    if if_exists == "OVERWRITE" or not (ctx.files.folder() / place).exists():
        return True
    if if_exists == "FAIL":
        raise TaskFailed(f"namespaceFiles: the file `{place}` is already there (ifExists: FAIL)")
    ctx.log(_KEPT[if_exists], f"namespaceFiles: the file `{place}` is already there and is kept")
    return False


def _input_files(ctx: RunContext, value: object) -> dict[str, Any]:
    """Names and contents, rendered."""
    if value is None:
        return {}
    if isinstance(value, dict):
        given = {name: content for name, content in value.items() if content is not None}
        return {ctx.text(name): _rendered(ctx, content) for name, content in given.items()}
    if not isinstance(value, str):
        raise TaskFailed("inputFiles: expected a map of names and contents")
    parsed = json_map("inputFiles", ctx.text(value))
    return {name: content for name, content in parsed.items() if content is not None}


def _rendered(ctx: RunContext, content: object) -> Any:
    return ctx.structure(content) if isinstance(content, (dict, list)) else ctx.text(content)


def _stored_name(name: str) -> str:
    """The name in storage: the same, unless it is one that storage can't have."""
    try:
        if "/".join(parts_of(name)) == name and not name.startswith("."):
            return name
    except RenderError:
        pass
    import hashlib

    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:20]
    suffix = PurePosixPath(name).suffix
    return f"{digest}{suffix}" if re.fullmatch(r"\.\w{1,20}", suffix, re.ASCII) else digest
