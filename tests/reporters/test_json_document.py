import json
import sys
import threading
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from kestrel_cli.reporters.json_document import write_json, write_tree_json
from kestrel_cli.reporters.shape import after_runs, before_runs, run_shape
from tests.reporters.builders import Utf8, add, deep, each_switch, end, loop, new_execution


def plain(execution, exit_code=0):
    shape = before_runs(execution)
    if execution.runs:
        shape["taskRunList"] = [run_shape(execution, run) for run in execution.runs]
    return shape | after_runs(execution, exit_code)


def written(execution, write=write_json, **options):
    stream = Utf8()
    write(execution, stream, 0, **options)
    return stream.getvalue()


@pytest.mark.parametrize("execution", [each_switch(True), loop(9), end(new_execution())])
def test_the_document_is_the_plain_data_as_json(execution):
    expected = json.dumps(plain(execution), indent=2, ensure_ascii=False) + "\n"
    assert written(execution) == expected
    assert (
        written(execution, indent=0)
        == json.dumps(plain(execution), indent=0, ensure_ascii=False) + "\n"
    )
    assert json.loads(written(execution, indent=None)) == plain(execution)
    assert written(execution, indent=None).count("\n") == 1


def test_the_tree_holds_the_same_runs_under_their_parents():
    execution = each_switch()
    tree = json.loads(written(execution, write_tree_json))
    flat = []
    todo = list(tree["children"])
    while todo:
        run = todo.pop(0)
        todo = run.pop("children", []) + todo
        flat.append(run)
    del tree["children"]
    assert tree | {"taskRunList": flat} == plain(execution)
    assert list(tree)[:4] == ["id", "namespace", "flowId", "flowRevision"]
    again = json.loads(written(execution, write_tree_json, indent=None))
    assert json.dumps(again, indent=2, ensure_ascii=False) + "\n" == written(
        execution, write_tree_json
    )


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

    limit = sys.getrecursionlimit()
    old = threading.stack_size(512 * 1024 * 1024)
    try:
        reader = threading.Thread(target=read)
        reader.start()
        reader.join()
    finally:
        threading.stack_size(old)
        sys.setrecursionlimit(limit)
    assert found == [5000]


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
    execution.inputs = {"é": "漢 😀 €"}
    write_json(execution, stream, 0)
    assert json.loads(raw.getvalue().decode(encoding)) == plain(execution)


class Counting(StringIO):
    largest = 0

    def write(self, text):
        self.largest = max(self.largest, len(text))
        return len(text)


def test_a_hundred_thousand_runs_are_streamed_in_seconds():
    execution, stream = loop(100_000), Counting()
    write_json(execution, stream, 0)
    assert stream.largest < 200_000
