"""io.kestra.plugin.core.flow.WorkingDirectory"""

from typing import Annotated, Any, ClassVar

from kestrel_cli.tasks.base import (
    Duration,
    Dynamic,
    Expansion,
    Filled,
    FlowableTask,
    Model,
    RenderError,
    RunContext,
    State,
    TaskFailed,
    Tasks,
    Verdict,
    one_lane,
)
from kestrel_cli.tasks.files.working_files import (
    NamespaceFilesSpec,
    collect_output_files,
    place_input_files,
    place_namespace_files,
)
from kestrel_cli.tasks.flow.directory_cache import restore, save


class Cache(Model):
    """Files that are kept from one execution to the next."""

    patterns: Annotated[Dynamic[list[str]], Filled]
    ttl: Dynamic[Duration] | None = None


class WorkingDirectory(FlowableTask):
    """Run tasks one after the other in one directory that they share.

    It is made with `namespaceFiles` and `inputFiles` in it; `outputFiles` are kept of it in the
    end, even when a task failed. Tasks of `errors` and `finally` have directories of their own.
    """

    tasks: Annotated[Tasks, Filled]
    inputFiles: Dynamic[str | dict[str, Any]] | None = None
    outputFiles: Dynamic[list[str]] | None = None
    namespaceFiles: NamespaceFilesSpec | None = None
    cache: Cache | None = None

    gives: ClassVar[dict[str, str]] = {
        "outputFiles": "relative names of the files that were kept, and their addresses"
    }
    measures: ClassVar[dict[str, str]] = {
        "namespacefiles.count": "counter: namespace files that were placed",
        "namespacefiles.duration": "timer: how long that took",
    }
    judges: ClassVar[bool] = True
    one_worker: ClassVar[bool] = True

    def expand(self, ctx: RunContext) -> Expansion:
        try:
            ctx.files.folder()
            if self.cache is not None:
                restore(ctx, self.cache.ttl)
            if self.namespaceFiles is not None:
                place_namespace_files(ctx, self.namespaceFiles)
            if self.inputFiles is not None:
                place_input_files(ctx, self.inputFiles)
        except (RenderError, TaskFailed) as error:
            message = f"Failed preExecuteTasks on WorkingDirectory: {error}"
            raise TaskFailed(message) from error
        return Expansion(one_lane("tasks", self.blocks["tasks"]))

    def judge(self, ctx: RunContext, worst: State) -> Verdict:
        """Keep what is to be kept of the directory."""
        found = collect_output_files(ctx, self.outputFiles)
        if self.cache is not None and worst is not State.FAILED:
            save(ctx, self.cache.patterns)
        return Verdict({"outputFiles": found} if found else {})
