from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.expressions.ion import read_all
from kestrel_cli.model.reach import Entry
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content

AT = datetime(2024, 5, 4, 12, 0, 0, 5000, tzinfo=UTC)


def entry(level: str, task_id: str | None, message: str) -> Entry:
    return Entry(AT, level, message, "company.team", "reach", "4uQm", task_id, "run-1", None, 1)


ENTRIES = [
    entry("INFO", "a", "one"),
    entry("DEBUG", "a", "two"),
    entry("ERROR", "b", 'three\n"quoted"'),
    entry("WARN", None, "four"),
]


def fetched(tmp_path: Path, **properties: Any) -> list[dict[str, Any]]:
    ctx = ReachingContext(tmp_path, {"ids": ["b", "a"]}, entries=ENTRIES)
    outputs = task("log.Fetch", "f", **properties).run(ctx).outputs
    text = content(ctx, outputs["uri"])
    assert outputs["uri"].endswith(".ion")
    found: Any = read_all(text)
    assert len(found) == outputs["size"] == text.count("\n")
    return found


def test_entries_from_info_on_are_written(tmp_path: Path) -> None:
    found = fetched(tmp_path)
    assert [one["message"] for one in found] == ["one", 'three\n"quoted"', "four"]
    assert found[0] == {
        "namespace": "company.team",
        "flowId": "reach",
        "taskId": "a",
        "executionId": "4uQm",
        "taskRunId": "run-1",
        "attemptNumber": 1,
        "timestamp": AT,
        "level": "INFO",
        "message": "one",
    }
    assert "taskId" not in found[2]


@pytest.mark.parametrize(("level", "number"), [("TRACE", 4), ("WARN", 2), ("ERROR", 1)])
def test_the_level_is_the_lowest_one(tmp_path: Path, level: str, number: int) -> None:
    assert len(fetched(tmp_path, level=level)) == number


@pytest.mark.parametrize("ids", [["b", "a"], "<ids>"])
def test_tasks_come_one_after_the_other(tmp_path: Path, ids: object) -> None:
    found = fetched(tmp_path, tasksId=ids)
    assert [one["taskId"] for one in found] == ["b", "a"]


def test_the_flow_of_the_execution_may_be_named(tmp_path: Path) -> None:
    said = {"executionId": "4uQm", "namespace": "company.team"}
    assert len(fetched(tmp_path, **said, flowId="reach")) == 3
    assert fetched(tmp_path, **said, flowId="other") == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"flowId": "x"}, "should only be set when `executionId` is set"),
        ({"executionId": "x", "namespace": "y"}, "Both `namespace` and `flowId` must be set"),
    ],
)
def test_the_flow_is_named_as_a_whole_or_not(
    tmp_path: Path, said: dict[str, str], words: str
) -> None:
    with pytest.raises(TaskFailed, match=words):
        fetched(tmp_path, **said)
