"""io.kestra.plugin.core.storage.LocalFiles"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.files.working_files import collect_output_files, place_input_files


class LocalFiles(RunnableTask):
    """Write files into the working directory, and keep files of it in internal storage.

    The output `uris` maps relative names to addresses. Deprecated in Kestra: use `inputFiles` and
    `outputFiles` of WorkingDirectory or of the script tasks.
    """

    inputs: Dynamic[Any] = None
    outputs: Dynamic[list[str]] | None = None

    gives: ClassVar[dict[str, str]] = {
        "uris": "relative names of the files that were kept, and their addresses"
    }

    def run(self, ctx: RunContext) -> Outcome:
        place_input_files(ctx, self.inputs)
        return Outcome({"uris": collect_output_files(ctx, self.outputs)})
