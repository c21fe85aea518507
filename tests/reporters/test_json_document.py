import json
import sys
import threading
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from kestrel_cli.reporters.failures import error_shape
from kestrel_cli.reporters.family import callers, others
from kestrel_cli.reporters.json_document import write_json
from kestrel_cli.reporters.json_tree import write_tree_json
from kestrel_cli.reporters.shape import after_runs, before_runs, run_shape
from kestrel_cli.reporters.tails import NO_TAILS
from tests.reporters.builders import (
    Utf8,
    add,
    batches,
    call,
    deep,
    each_switch,
    end,
    iterations,
    loop,
    new_execution,
    paused,
    reborn,
    retried,
    sub_flows,
)

FAMILIES = [sub_flows(True), iterations(3), batches(2), retried(sub_flows(), 2), paused()]


def plain(execution, exit_code=0):
    shape = body(execution, exit_code)
    started_by = callers(execution)
    if further := others(execution):
        shape["executions"] = [body(one, None, started_by.get(one.id)) for one in further]
    return shape


def body(execution, exit_code, caller=None):
    shape = before_runs(execution)
    if runs := execution.listed():
        shape["taskRunList"] = [run_shape(execution, run) for run in runs]
    error = None if exit_code is None else error_shape(execution, NO_TAILS)
    return shape | after_runs(execution, exit_code, caller, error)


def flattened(tree):
    """The flat document that a tree holds; its executions by depth first."""
    found = []
    todo = [tree]
    while todo:
        document = todo.pop(0)
        runs, waiting, called = [], document.pop("children", []), document.pop("executions", [])
        while waiting:
            run = waiting.pop(0)
            called += run.pop("executions", [])
            waiting = run.pop("children", []) + waiting
            runs.append(run)
        found.append(document | ({"taskRunList": runs} if runs else {}))
        todo = called + todo
    root, *further = found
    return root | ({"executions": further} if further else {})


def written(execution, write=write_json, **options):
    stream = Utf8()
    write(execution, stream, 0, **options)
    return stream.getvalue()


@pytest.mark.parametrize("execution", [each_switch(True), loop(9), end(new_execution()), *FAMILIES])
def test_the_document_is_the_plain_data_as_json(execution):
    expected = json.dumps(plain(execution), indent=2, ensure_ascii=False) + "\n"
    assert written(execution) == expected
    assert (
        written(execution, indent=0)
        == json.dumps(plain(execution), indent=0, ensure_ascii=False) + "\n"
    )
    assert json.loads(written(execution, indent=None)) == plain(execution)
    assert written(execution, indent=None).count("\n") == 1


@pytest.mark.parametrize("execution", [each_switch(), *FAMILIES])
def test_the_tree_holds_the_same_under_what_it_belongs_to(execution):
    text = written(execution, write_tree_json)
    tree = json.loads(text)
    assert list(tree)[:4] == ["id", "namespace", "flowId", "flowRevision"]
    assert json.dumps(tree, indent=2, ensure_ascii=False) + "\n" == text
    assert json.loads(written(execution, write_tree_json, indent=None)) == tree
    assert flattened(tree) == plain(execution)


def test_executions_stand_where_they_were_started():
    tree = json.loads(written(retried(sub_flows()), write_tree_json))
    assert [one["state"]["current"] for one in tree["executions"]] == ["RETRIED"]
    log, sub = tree["children"]
    assert "executions" not in log
    (middle,) = sub["executions"]
    assert middle["trigger"]["variables"]["taskRunId"] == sub["id"]
    assert middle["children"][0]["executions"][0]["flowId"] == "last"


def test_only_the_whole_document_has_an_exit_code():
    document = json.loads(written(sub_flows()))
    assert list(document)[-3:] == ["exitCode", "schemaVersion", "executions"]
    assert not any({"exitCode", "schemaVersion"} & set(one) for one in document["executions"])


def test_task_runs_that_are_gone_are_left_out():
    execution = loop(3)
    execution.runs[2].gone = True
    assert len(json.loads(written(execution))["taskRunList"]) == 3
    tree = json.loads(written(execution, write_tree_json))
    assert [run["value"] for run in tree["children"][0]["children"]] == ["s0", "s2"]


def test_an_execution_without_runs_has_no_list_of_them():
    assert "taskRunList" not in json.loads(written(end(new_execution())))
    assert "children" not in json.loads(written(end(new_execution()), write_tree_json))


def test_five_thousand_levels_are_valid_json_of_moderate_size():
    text = written(deep(5000), write_tree_json)
    assert len(text) < 30_000_000
    found: list[int] = []

    def read():
        sys.setrecursionlimit(60_000)
        node, levels = json.loads(text), 0
        while "children" in node:
            node, levels = node["children"][0], levels + 1
        found.append(levels)

    with_deep_stack(read)
    assert found == [5000]


def test_executions_may_be_as_deep_inside_each_other():
    execution = at = end(new_execution())
    for _ in range(2000):
        at = call(at, add(at, "sub"), "sub")
    found: list[int] = []

    def read():
        sys.setrecursionlimit(60_000)
        node, levels = json.loads(written(execution, write_tree_json)), 0
        while "children" in node:
            node, levels = node["children"][0]["executions"][0], levels + 1
        found.append(levels)

    with_deep_stack(read)
    assert found == [2000]
    assert len(json.loads(written(execution))["executions"]) == 2000


def with_deep_stack(work):
    limit = sys.getrecursionlimit()
    old = threading.stack_size(512 * 1024 * 1024)
    try:
        reader = threading.Thread(target=work)
        reader.start()
        reader.join()
    finally:
        threading.stack_size(old)
        sys.setrecursionlimit(limit)


def test_hostile_text_survives_a_strict_utf8_file():
    execution = new_execution(inputs={"a\udc80": "\ud800 \x1b[2J"})
    add(execution, "log", value="\udfff", iteration=0, outputs={"x": "\ud83d"})
    document = json.loads(written(end(execution)))
    assert document["inputs"] == {"a\udc80": "\ud800 \x1b[2J"}
    assert document["taskRunList"][0]["outputs"] == {"x": "\ud83d"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
def test_the_document_is_valid_in_any_encoding(encoding):
    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding=encoding, errors="backslashreplace")
    execution = loop(3)
    reborn(execution, inputs={"é": "漢 😀 €"})
    write_json(execution, stream, 0)
    assert json.loads(raw.getvalue().decode(encoding)) == plain(execution)


class Counting(StringIO):
    largest = 0

    def write(self, text):
        self.largest = max(self.largest, len(text))
        return len(text)


def test_many_runs_are_streamed():
    execution, stream = loop(40_000), Counting()
    write_json(execution, stream, 0)
    assert stream.largest < 200_000
