"""`kestrel rehearse`, and `--mocks FILE`, as their users see them."""

import json
from pathlib import Path

from tests.support.cli import run_here

FLOW = """\
id: daily
namespace: shop.sales
inputs:
  - {id: day, type: DATE}
tasks:
  - id: fetch
    type: io.kestra.plugin.aws.s3.Download
    key: "{{ inputs.day }}"
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ read(outputs.fetch.uri) | length }} {{ secret('TOKEN') }} {{ kv('last') }}"
"""
WRONG = FLOW.replace("outputs.fetch.uri", "outputs.ftech.uri")


def written(folder: Path, **flows: str) -> None:
    for name, text in flows.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")


def test_a_flow_walks_without_anything_being_given(tmp_path: Path) -> None:
    written(tmp_path, flow=FLOW)
    ended = run_here(["rehearse", "flow.yaml"], tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "flow.yaml: `shop.sales.daily` walks: SUCCESS, 2 task runs",
        "made up, and who reads it (line):",
        '  inputs.day       "2024-01-01"  `fetch` (6)',
        "  kv('last')       \"made-up\"  `say` (9)",
        '  outputs.fetch    {"uri": "kestra:///made-up/1-uri.csv"}  `say` (9)',
        "  secret('TOKEN')  \"made-up-TOKEN\"  `say` (9)",
        "reached: tasks 2/2, branches 0/0, expressions 1/1",
        "",
    ]


def test_a_flow_at_fault_is_told_with_its_place(tmp_path: Path) -> None:
    written(tmp_path, flow=WRONG)
    ended = run_here(["rehearse", "flow.yaml", "-q"], tmp_path)
    assert ended.code == 1
    assert "error: Unable to find `ftech`" in ended.out
    assert "flow.yaml:11:31" in ended.out


def test_folders_are_rehearsed_flow_by_flow(tmp_path: Path) -> None:
    written(tmp_path, one=FLOW, two=WRONG, other="a: b\n", invalid="id: x\nnamespace: y.z\n")
    ended = run_here(["rehearse", ".", "-q"], tmp_path)
    assert ended.code == 3
    assert ended.out.splitlines()[-1] == "2 flows rehearsed: 1 walk, 1 do not, 1 not valid"


def test_a_program_gets_one_document(tmp_path: Path) -> None:
    written(tmp_path, one=FLOW, invalid="id: x\nnamespace: y.z\n")
    ended = run_here(["rehearse", ".", "-o", "json"], tmp_path)
    document = json.loads(ended.out)
    (one,) = document["rehearsals"]
    assert (one["flow"], one["walks"], one["state"]) == ("shop.sales.daily", True, "SUCCESS")
    assert one["reached"]["tasks"] == [2, 2]
    assert [each["file"] for each in document["invalid"]] == ["invalid.yaml"]


def test_what_was_made_up_can_be_filled_in_and_given_again(tmp_path: Path) -> None:
    written(tmp_path, flow=FLOW)
    made = run_here(["rehearse", "flow.yaml", "-q", "--write-mocks", "mocks.yaml"], tmp_path)
    assert made.code == 0
    assert "fill it in" in made.err
    file = tmp_path / "mocks.yaml"
    file.write_text(file.read_text("utf-8").replace("last: made-up", "last: 7"), "utf-8")
    ran = run_here(["run", "flow.yaml", "--mocks", "mocks.yaml"], tmp_path)
    assert ran.code == 0, ran.err
    assert "22 ****** 7" in ran.out
    again = run_here(["rehearse", "flow.yaml", "--mocks", "mocks.yaml"], tmp_path)
    assert "made up" not in again.out


def test_options_win_over_the_file(tmp_path: Path) -> None:
    written(tmp_path, flow=FLOW)
    (tmp_path / "m.yaml").write_text(
        "inputs: {day: 2024-01-01}\nkv: {last: 1}\nsecrets: {TOKEN: abcdefgh}\n"
        'tasks: {fetch: {files: {uri: "ab"}}}\n',
        "utf-8",
    )
    ran = run_here(["run", "flow.yaml", "--mocks", "m.yaml", "--kv", "last=2"], tmp_path)
    assert "2 ****** 2" in ran.out, ran.err


def test_a_file_of_mocks_that_is_none_is_refused(tmp_path: Path) -> None:
    written(tmp_path, flow=FLOW)
    for text, said in {
        "secret: {}": "unknown `secret`; did you mean `secrets`?",
        "- a": "must hold a map",
        "kv: 5": "`kv` must be a map",
        "tasks: {fetch: 5}": "must be a map",
        "a: [": "mocks.yaml",
    }.items():
        (tmp_path / "mocks.yaml").write_text(text, "utf-8")
        ended = run_here(["run", "flow.yaml", "--mocks", "mocks.yaml"], tmp_path)
        assert ended.code == 2, text
        assert said in ended.err
    assert run_here(["run", "flow.yaml", "--mocks", "none.yaml"], tmp_path).code == 2


def test_some_tasks_may_run_for_real(tmp_path: Path) -> None:
    text = "id: f\nnamespace: a.b\ntasks:\n  - id: make\n"
    text += "    type: io.kestra.plugin.scripts.shell.Commands\n    commands: [touch made]\n"
    text += f"    env: {{}}\n    beforeCommands: ['cd {tmp_path}']\n"
    written(tmp_path, flow=text)
    assert run_here(["rehearse", "flow.yaml"], tmp_path).code == 0
    assert not (tmp_path / "made").exists()
    assert run_here(["rehearse", "flow.yaml", "--run", "make"], tmp_path).code == 0
    assert (tmp_path / "made").exists()


def test_what_no_flow_has_is_refused(tmp_path: Path) -> None:
    written(tmp_path, flow=FLOW)
    ended = run_here(["rehearse", "flow.yaml", "-i", "dya=2024-01-01"], tmp_path)
    assert ended.code == 3
    assert "did you mean `day`?" in ended.err
    passed = ["rehearse", "flow.yaml", "-i", "dya=2024-01-01", "--allow-unknown-inputs"]
    assert run_here(passed, tmp_path).code == 0
    ended = run_here(["rehearse", "flow.yaml", "--run", "fecth"], tmp_path)
    assert ended.code == 2
    assert "did you mean `fetch`?" in ended.err
    assert run_here(["rehearse", "flow.yaml", "--run", "io.kestra.plugin.aws"], tmp_path).code == 0


def test_a_narrow_terminal_has_readers_on_lines_of_their_own(tmp_path: Path) -> None:
    written(tmp_path, flow=FLOW)
    ended = run_here(["rehearse", "flow.yaml", "--width", "50"], tmp_path)
    assert max(len(line) for line in ended.out.splitlines()[1:]) <= 50


def test_only_what_is_wrong_is_told_of_an_invalid_flow(tmp_path: Path) -> None:
    written(tmp_path, flow=FLOW.replace("| length", "| lenght"))
    ended = run_here(["rehearse", "flow.yaml"], tmp_path)
    assert ended.code == 3
    assert "lenght" in ended.err
    assert "Kestrel does not run" not in ended.err
