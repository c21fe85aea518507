"""A flow of `scenes.py` in a folder, run and gone on with."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, Final

from kestrel_cli.model.event import AttemptEnded, AttemptStarted, Lost
from kestrel_cli.store.journal import opening, read
from tests.reliability.forks import Zygote
from tests.reliability.scene_tasks import EFFECTS
from tests.reliability.scenes import write_scene
from tests.reliability.scenes_given import GIVEN_TO, ONCE_MORE

NEEDS_MORE: Final = 3
RUN: Final = ("run", "flow.yaml", "--seed", "7", "-o", "json")
_ID: Final = re.compile(r"[0-9A-Za-z]{20,22}")


class Scene:
    """A flow in a folder, and what comes of it when nothing disturbs it."""

    def __init__(self, zygote: Zygote, folder: Path, name: str) -> None:
        self.zygote = zygote
        self.folder = folder
        write_scene(folder, name)
        self.given = GIVEN_TO.get(name, ())
        self._once_more = ONCE_MORE.get(name, ())
        self.command = (*RUN, *self.given)
        self.code = zygote.run(folder, *self.command, "--sequential", here=True)
        self.wanted = self.told()
        self.effects = self.counted()

    def fresh(self) -> None:
        """As before any run."""
        shutil.rmtree(self.folder / ".state", ignore_errors=True)
        (self.folder / EFFECTS).unlink(missing_ok=True)

    def journal(self) -> Path | None:
        found = [*self.folder.glob(".state/kestrel/executions/*/journal.ndjson")]
        return found[0] if found else None

    def counted(self) -> Counter[str]:
        path = self.folder / EFFECTS
        return Counter(path.read_text("utf-8").split() if path.exists() else ())

    def told(self) -> list[Any]:
        """Every execution, as far as it is the same whenever it runs."""
        document = json.loads((self.folder / "out").read_text("utf-8"))
        assert document["state"]["histories"][0]["state"] == "CREATED"
        return [_facts(one) for one in (document, *document.get("executions", ()))]

    def under_way(self) -> int:
        """How many attempts had begun and not ended when the process was killed."""
        path = self.journal()
        assert path is not None
        open_: set[tuple[int, int]] = set()
        for _, of, entry in read(path):
            if isinstance(entry, AttemptStarted):
                open_.add((of, entry.run))
            elif isinstance(entry, (AttemptEnded, Lost)):
                open_.discard((of, entry.run))
        return len(open_)

    def is_gone_on_with(self) -> None:
        """After a kill: resume, and look at what came of it."""
        path = self.journal()
        if path is None or opening(path) is None:
            assert not self.counted()  # nothing had begun
            return
        lost = self.under_way()
        code, said = self._resumed(path.parent.name)
        if code == NEEDS_MORE:
            code, said = self._resumed(path.parent.name, *self._once_more)
        if code == 2 and "there is nothing to resume" in said:
            return
        assert code == self.code, said
        assert self.told() == self.wanted
        counted = self.counted()
        assert counted.keys() == self.effects.keys()
        assert (counted - self.effects).total() <= lost

    def _resumed(self, name: str, *more: str) -> tuple[int, str]:
        """The exit code, and what was said."""
        command = ("resume", name, "-o", "json", *self.given, *more)
        code = self.zygote.run(self.folder, *command)
        said = (self.folder / "err").read_text("utf-8")
        assert "Traceback" not in said
        return code, said


def _facts(execution: dict[str, Any]) -> Any:
    runs = [
        (run["taskId"], run.get("value"), run["state"]["current"], _same(run.get("outputs")))
        for run in execution.get("taskRunList", ())
    ]
    labels = [(one["key"], one["value"]) for one in execution["labels"]]
    return (
        execution["flowId"],
        execution["id"],
        execution["state"]["current"],
        labels,
        _same(execution.get("outputs")),
        runs,
    )


def _same(outputs: Any) -> Any:
    """Without the moment of a resumption; addresses of files without what is drawn by lot."""
    if isinstance(outputs, dict):
        return {name: _same(value) for name, value in outputs.items() if name != "resumed"}
    if isinstance(outputs, list):
        return [_same(one) for one in outputs]
    return _ID.sub("ID", outputs) if isinstance(outputs, str) else outputs
