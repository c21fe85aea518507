"""io.kestra.plugin.docker.cli.Build"""

from pathlib import Path
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, Outcome, RenderError, RunContext, TaskFailed, parts_of
from kestrel_cli.tasks.docker.engine import Asked, EngineTask, refuse_offline, without_scheme
from kestrel_cli.tasks.files.working_files import (
    NamespaceFilesSpec,
    place_input_files,
    place_namespace_files,
)
from kestrel_cli.tasks.properties.rendering import texts
from kestrel_cli.tasks.scripts.shell import write_private
from kestrel_cli.tasks.scripts.workplace import Workplace

_LONGEST_NAME: Final = 255


class Build(EngineTask):
    """Build an image of the working directory, and push it if `push` says so.

    `dockerfile` is its text, the name of a file in the working directory or an address.
    """

    dockerfile: Dynamic[str]
    tags: Dynamic[list[str]]
    platforms: Dynamic[list[str]] | None = None
    push: Dynamic[bool] = False
    pull: Dynamic[bool] = True
    buildArgs: Dynamic[dict[str, str]] | None = None
    labels: Dynamic[dict[str, str]] | None = None
    target: Dynamic[str] | None = None
    namespaceFiles: NamespaceFilesSpec | None = None
    inputFiles: Dynamic[str | dict[str, Any]] | None = None

    gives: ClassVar[dict[str, str]] = {"imageId": "the id of the image"}

    def run(self, ctx: RunContext) -> Outcome:
        tags = [without_scheme(tag) for tag in texts(ctx, self.tags)]
        if not tags:
            raise TaskFailed("At least one tag is required")
        push = ctx.boolean(self.push)
        if push:
            refuse_offline(ctx, f"the push of {tags[0]}")
        with self.asked(ctx) as ask:
            if self.namespaceFiles is not None:
                place_namespace_files(ask.work.ctx, self.namespaceFiles)
            place_input_files(ask.work.ctx, self.inputFiles)
            told = ask.work.private / "image-id"
            arguments = ctx.structure(self.buildArgs or {})
            options = [*self._options(ctx, tags), "--iidfile", str(told)]
            # Values come from the environment: in the list of processes nobody is to see them.
            options += [part for name in arguments for part in ("--build-arg", name)]
            file = str(self._dockerfile(ask.work))
            ask("build", *options, "--file", file, ".", image=tags[0], environ=arguments)
            if push:
                _push(ask, tags)
            return Outcome({"imageId": told.read_text().strip()})

    def _options(self, ctx: RunContext, tags: list[str]) -> list[str]:
        options = ["--pull"] if ctx.boolean(self.pull) and not ctx.about.offline else []
        if platforms := texts(ctx, self.platforms):
            options += ["--platform", platforms[-1]]  # as in Kestra: the last one counts
        if target := ctx.text(self.target):
            options += ["--target", target]
        for tag in tags:
            options += ["--tag", tag]
        for name, value in ctx.structure(self.labels or {}).items():
            options += ["--label", f"{name}={value}"]
        return options

    def _dockerfile(self, work: Workplace) -> Path:
        text = work.text(self.dockerfile)
        if "\n" not in text and len(text) <= _LONGEST_NAME:
            if Path(text).is_relative_to(work.private):  # it was an address
                return Path(text)
            try:
                place = work.folder.joinpath(*parts_of(text))
            except RenderError:
                place = work.folder
            if place.is_file():
                return place
        place = work.private / "Dockerfile"
        write_private(place, text)
        return place


def _push(ask: Asked, tags: list[str]) -> None:
    for tag in tags:
        ask("push", tag, image=tag)
