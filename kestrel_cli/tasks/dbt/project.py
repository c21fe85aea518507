"""A dbt project in the working directory: what dbt reads there, and what it leaves."""

import json
from pathlib import Path
from typing import Any, ClassVar, Final

from kestrel_cli.tasks.base import Dynamic, RunContext, TaskFailed
from kestrel_cli.tasks.dbt.lines import DbtLines
from kestrel_cli.tasks.files.places import write_below
from kestrel_cli.tasks.processes.feed import Feed
from kestrel_cli.tasks.scripts.task import ScriptTask, Setting

MANIFEST: Final = "manifest.json"
_RESULTS: Final = "run_results.json"
PROFILES: Final = "profiles.yml"
_COUNTERS: Final = {"rows_affected": "rows.affected", "bytes_processed": "bytes.processed"}


class DbtTask(ScriptTask):
    """What the tasks of dbt share."""

    profiles: Dynamic[str] | None = None
    projectDir: Dynamic[str] | None = None
    parseRunResults: Dynamic[bool] = True

    gives: ClassVar[dict[str, str]] = {
        "outputFiles": "the files that were kept, with dbt's `manifest.json` and `run_results.json`"
        " where dbt has left them",
    }
    measures: ClassVar[dict[str, str]] = {
        "log.stats....": "what dbt counts at its end, such as `log.stats.success`",
        "rows.affected": "rows that a model changed, where the database tells",
        "bytes.processed": "bytes that a model read, where the database tells",
    }

    def environment(self, ctx: RunContext) -> dict[str, str]:
        return {"PYTHONUNBUFFERED": "true", "PIP_ROOT_USER_ACTION": "ignore"}

    def feed(self, ctx: RunContext) -> Feed:
        return DbtLines(ctx)

    def project(self, setting: Setting) -> Path:
        """The folder of the project."""
        return setting.work.folder / setting.work.ctx.text(self.projectDir)

    def write_profiles(self, setting: Setting, name: str) -> None:
        """Into a file of the working directory, if the task says any."""
        folder, ctx = setting.work.folder, setting.work.ctx
        if text := ctx.text(self.profiles):
            if (folder / name).exists():
                ctx.log("INFO", f"the `{name}` that is there gives way to the task's `profiles`")
            write_below(folder, name, text.encode())

    def kept(self, setting: Setting) -> dict[str, str]:
        target, ctx = self.project(setting) / "target", setting.work.ctx
        found = {}
        if (target / MANIFEST).is_file():
            found[MANIFEST] = ctx.files.put(target / MANIFEST, MANIFEST)
        if ctx.boolean(self.parseRunResults) and (target / _RESULTS).is_file():
            found[_RESULTS] = ctx.files.put(target / _RESULTS, _RESULTS)
            _measure(ctx, found[_RESULTS])
        return found


def read_map(ctx: RunContext, uri: str) -> dict[str, Any]:
    """The JSON map in a file that dbt has left. Raises TaskFailed."""
    with ctx.files.open(uri) as file:
        try:
            found = json.load(file)
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, dict):
        raise TaskFailed(f"what dbt has left in `{uri.rpartition('/')[2]}` is no JSON map")
    return found


def _measure(ctx: RunContext, uri: str) -> None:
    """Counters of what the adapter of each model answered."""
    results = read_map(ctx, uri).get("results")
    for result in results if isinstance(results, list) else ():
        answer = result.get("adapter_response") if isinstance(result, dict) else None
        for name, counter in _COUNTERS.items():
            count = answer.get(name) if isinstance(answer, dict) else None
            if isinstance(count, (int, float)):
                ctx.count(counter, count)
