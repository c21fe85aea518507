"""io.kestra.plugin.git.PushExecutionFiles"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kestrel_cli.tasks.base import Dynamic, RunContext
from kestrel_cli.tasks.files.globs import name_matcher
from kestrel_cli.tasks.files.places import entries_below
from kestrel_cli.tasks.git.pushing import PushTask
from kestrel_cli.tasks.properties.rendering import json_map


class PushExecutionFiles(PushTask):
    """Push files of the execution to a branch: those of `filesMap` (names and addresses), those of
    the working directory that match `files`, else output files of earlier tasks that do.
    """

    gitDirectory: Dynamic[str] = "_outputs"
    filesMap: Dynamic[Any] = None

    def message(self, ctx: RunContext) -> str:
        return f"Add files from execution {ctx.about.execution}"

    def place(self, ctx: RunContext) -> str:
        return ctx.text(self.gitDirectory)

    def sources(self, ctx: RunContext, globs: list[str]) -> Mapping[str, Path]:
        said = self.filesMap
        if said is not None:
            given = ctx.structure(said) if isinstance(said, dict) else None
            named = json_map("filesMap", ctx.text(said)) if given is None else given
            return {str(name): ctx.files.local(str(uri)) for name, uri in named.items()}
        matchers = [name_matcher(glob) for glob in globs]
        folder = ctx.files.folder()
        here = {
            name: folder / name
            for name, entry in entries_below(folder)
            if entry.is_file(follow_symlinks=False)
            and any(matcher.fullmatch(name) for matcher in matchers)
        }
        if here:
            return here
        if not globs:
            ctx.log("INFO", "neither `files` nor `filesMap`: all output files are pushed")
        return {
            name: ctx.files.local(uri)
            for name, uri in _output_files(ctx)
            if not matchers or any(matcher.fullmatch(name) for matcher in matchers)
        }


def _output_files(ctx: RunContext) -> list[tuple[str, str]]:
    """Names and addresses of all output files of tasks that have run."""
    outputs = ctx.typed("{{ outputs }}")
    maps = [one.get("outputFiles") for one in outputs.values() if isinstance(one, dict)]
    return [
        (name, uri)
        for one in maps
        if isinstance(one, dict)
        for name, uri in one.items()
        if isinstance(uri, str)
    ]
