"""A journal that is torn at any byte, or of which bits have flipped, is gone on with or refused
with words.
"""

import json
import random
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from kestrel_cli.app.history import loaded, summaries
from kestrel_cli.app.story import Story, read_story
from kestrel_cli.errors import KestrelError
from kestrel_cli.model.flow import Flow
from kestrel_cli.store.journal import FlowText, ending, opening
from tests.reliability.scene_tasks import CORE, give, log
from tests.support.cli import Result, run_here

FLOW = f"""
id: flow
namespace: company.team
inputs:
  - {{id: word, type: STRING, defaults: hällo}}
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [x, y]
    tasks:
      - {give("a", "{{ inputs.word }} {{ taskrun.value }}")}
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child}}
  - {{id: loop, type: {CORE}.flow.Loop, values: [1, 2], tasks: [{log("c")}]}}
  - id: until
    type: {CORE}.flow.LoopUntil
    condition: "{{{{ outputs.until.iterationCount == 2 }}}}"
    checkFrequency: {{interval: PT0S}}
    tasks: [{log("d")}]
  - {{id: pause, type: {CORE}.flow.Pause, pauseDuration: PT0S, tasks: [{log("e")}]}}
  - {{id: labels, type: {CORE}.execution.Labels, labels: {{team: x}}}}
  - {{id: again, type: {CORE}.execution.Fail, allowFailure: true,
      retry: {{type: constant, interval: PT0S, maxAttempts: 2}}}}
afterExecution:
  - {log("f")}
outputs:
  - {{id: o, type: STRING, value: "{{{{ outputs.a.x.value }}}}"}}
"""
INNER = f"""
id: child
namespace: company.team
tasks: [{give("inner", "1")}]
"""
ENDS = {0, 1, 2, 3, 4}  # of a command that did its work, or said why not


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, bytes]:
    """The folder of a run that has ended, its journal and what is in it."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "flow.yaml").write_text(FLOW, "utf-8")
    (folder / "child.yaml").write_text(INNER, "utf-8")
    assert run_here(["run", "flow.yaml", "--seed", "7"], folder).code == 0
    (path,) = folder.glob(".state/kestrel/executions/*/journal.ndjson")
    return folder, path, path.read_bytes()


def read_back(path: Path, data: bytes) -> Story | None:
    """What is read of a journal; None when it is refused with words."""
    path.write_bytes(data)
    assert len([*summaries(str(path.parents[2]), {})]) <= 1
    opening(path)
    ending(path)
    try:
        return read_story(path, known)
    except KestrelError as refused:
        error = str(refused)
    assert str(path) in error or "flow of this journal" in error
    return None


LOADED: dict[str, Flow] = {}


def known(text: FlowText) -> Flow:
    """The flow of a text, loaded once."""
    found = LOADED.get(text.text)
    if found is None:
        found = LOADED[text.text] = loaded(text)
    return found


def resumed(folder: Path, path: Path, data: bytes) -> Result:
    path.write_bytes(data)
    result = run_here(["resume", path.parent.name, "-o", "json"], folder)
    assert result.code in ENDS, result.err
    assert "Traceback" not in result.err
    if result.code > 1:
        assert result.err.startswith("error: ")
    return result


def test_a_journal_torn_at_any_byte_is_read_as_far_as_its_last_whole_line(
    told: tuple[Path, Path, bytes],
) -> None:
    _, path, whole = told
    heads = len(b"".join(whole.splitlines(keepends=True)[:3]))
    for size in range(len(whole)):
        if size < heads or whole[size - 1 : size] in (b"\n", b"]") or not size % 13:
            assert (read_back(path, whole[:size]) is not None) == (size >= heads)


def test_a_run_torn_after_any_line_goes_on_to_the_same_end(
    told: tuple[Path, Path, bytes],
) -> None:
    folder, path, whole = told
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]))
    wanted = None
    for number in range(3, len(lines)):
        torn = b"".join(lines[:number]) + lines[number][: len(lines[number]) // 2]
        result = resumed(folder, path, torn)
        if result.code == 2:
            assert "there is nothing to resume" in result.err
            continue
        found = json.loads(result.out)
        facts = [(one["taskId"], one.get("value"), one["state"]["current"], one["outputs"])
                 for one in found["taskRunList"] if one["taskId"] != "pause"]  # fmt: skip
        wanted = wanted or facts
        assert (facts, found["outputs"]) == (wanted, {"o": "hällo x"})


def test_flipped_bits_are_read_over_or_refused_with_words(told: tuple[Path, Path, bytes]) -> None:
    _, path, whole = told
    luck = random.Random(3)
    refused = sum(read_back(path, flipped(whole, luck)) is None for _ in range(1000))
    assert 300 < refused < 1000


def test_a_run_with_flipped_bits_goes_on_or_says_why_not(told: tuple[Path, Path, bytes]) -> None:
    folder, path, whole = told
    luck = random.Random(4)
    lines = whole.splitlines(keepends=True)
    for _ in range(60):
        torn = b"".join(lines[: luck.randrange(4, len(lines))])
        resumed(folder, path, flipped(torn, luck))


def flipped(data: bytes, luck: random.Random) -> bytes:
    """With one bit changed."""
    changed = bytearray(data)
    changed[luck.randrange(len(changed))] ^= 1 << luck.randrange(8)
    return bytes(changed)


OTHERS: list[object] = [
    None, True, -1, 0, 1, 99, 10**30, 0.5, float("nan"), float("inf"), "", "x", "SUCCESS",
    "RUNNING", "\ud800", [], [[]], [1, 2], {}, {"a": 1}, {"id": 5},
]  # fmt: skip
COMMANDS = [
    ["executions", "show"], ["executions", "show", "-o", "json"], ["executions", "logs"],
    ["resume"], ["restart"], ["replay"],
]  # fmt: skip


def places(value: object) -> list[tuple[Any, Any]]:
    """Every list or map in the value with each of its indexes or keys."""
    keys = (
        range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
    )
    here = [(value, key) for key in keys]
    return here + [place for one, key in here for place in places(one[key])]


def wronged(whole: bytes, luck: random.Random) -> bytes:
    """Well-formed JSON on every line: a value is another one, or lines are missing, in another
    order or there twice.
    """
    lines = [json.loads(line) for line in whole.splitlines()]
    if luck.random() < 0.3:
        del lines[luck.randrange(4, len(lines)) :]
    at = luck.randrange(1, len(lines))
    match luck.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, luck.choice(lines[1:]))
        case 2:
            other = luck.randrange(1, len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            where, key = luck.choice(places(lines[at]))
            where[key] = luck.choice(OTHERS)
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def test_wrong_values_end_no_command_as_a_bug(told: tuple[Path, Path, bytes]) -> None:
    folder, path, whole = told
    luck = random.Random(5)
    for number in range(150):
        path.write_bytes(wronged(whole, luck))
        first, *more = COMMANDS[number % len(COMMANDS)]
        named = [first, path.parent.name] if not more else [first, more[0], path.parent.name]
        for command in ([*named, *more[1:]], ["executions", "list"]):
            result = run_here(command, folder)
            assert result.code in ENDS, result.err
            assert "Traceback" not in result.err
        for other in path.parents[1].iterdir():
            if other != path.parent:  # of a replay
                rmtree(other)


FLOW_LINE = '["F",0,"f",' + json.dumps(INNER) + "]"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["hello"],
        ["[]"],
        ["\0" * 100],
        ['["J",1,{"id":"x"}]', '["B",1]'],
        ['["J",9]'],
        ['["J",3]', '["B",1]'],
        ['["J",3]', '["F",0,"f","id: x"]'],
        ['["J",3]', '["N",0,{"id":"x","flow":0,"at":1}]'],
        ['["J",3]', FLOW_LINE],
        ['["J",3]', FLOW_LINE, '["N",0,{"id":"x"}]'],
        ['["J",3]', FLOW_LINE, '["N",0,{"id":"x","flow":0,"at":1}]', '["@",5]', '["B",1]'],
        ['["J",3]', FLOW_LINE, '["N",0,{"id":"x","flow":0,"at":1}]', '["S",0,1]'],
        ['["J",3]', FLOW_LINE, '["N",0,{"id":"x","flow":0,"at":1}]', '["L",7,1,"INFO","x",1]'],
    ],
)
def test_what_is_no_journal_of_today_is_refused_with_words(
    lines: list[str], told: tuple[Path, Path, bytes]
) -> None:
    folder, path, _ = told
    result = resumed(folder, path, "".join(f"{line}\n" for line in lines).encode())
    assert result.code == 3
    assert str(path) in result.err or "flow of this journal" in result.err
