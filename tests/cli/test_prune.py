"""`kestrel executions prune`, and `executions-keep`: old executions are taken away."""

import json
import os
from pathlib import Path

import pytest

from kestrel_cli.app.prune import keep_at_most
from kestrel_cli.app.request import RunRequest
from kestrel_cli.store.locks import hold
from tests.cli.flows_here import CORE, FAILS, HELLO
from tests.cli.past import FLAKY, GATES, died, journal, ran
from tests.cli.test_executions import executions, listed
from tests.support.cli import Result
from tests.support.flows import flow, leaf

STORES = f"""
id: stores_it
namespace: company.team
inputs:
  - {{id: file, type: FILE}}
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: company.team, flowId: child,
      inputs: {{file: "{{{{ inputs.file }}}}"}}}}
"""
CHILD = f"""
id: child
namespace: company.team
tasks:
  - {{id: write, type: {CORE}.storage.Write, content: "0123456789"}}
"""


def prune(folder: Path, *options: str) -> Result:
    return executions(folder, "prune", *options)


def names(folder: Path) -> list[object]:
    return [one["id"] for one in listed(folder)]


def files(folder: Path) -> list[str]:
    """What is left of executions, below the state directory."""
    state = folder / ".state/kestrel"
    found = [path for path in state.rglob("*") if path.is_file()]
    return sorted(path.relative_to(state).as_posix() for path in found)


def test_all_but_the_latest_are_removed_the_oldest_first(tmp_path: Path) -> None:
    ids = [ran(tmp_path, one) for one in (HELLO, FAILS, HELLO, HELLO)]
    sizes = [journal(tmp_path, one).stat().st_size for one in ids]
    result = prune(tmp_path, "--keep", "2")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        f"removed {ids[0]}  company.team.hello  SUCCESS  {sizes[0]:,} bytes",
        f"removed {ids[1]}  company.team.fails  FAILED  {sizes[1]:,} bytes",
        f"2 executions removed: {sizes[0] + sizes[1]:,} bytes",
    ]
    assert names(tmp_path) == [ids[3], ids[2]]
    assert not journal(tmp_path, ids[0]).parent.exists()


def test_a_dry_run_only_tells(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    before = files(tmp_path)
    result = prune(tmp_path, "--keep", "0", "--dry-run")
    assert result.out.startswith(f"would remove {name}  company.team.hello  SUCCESS  ")
    assert result.out.splitlines()[-1].startswith("would remove 1 execution: ")
    assert files(tmp_path) == before


def test_those_that_ended_lately_stay(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    assert prune(tmp_path, "--older-than", "7d").out == "0 executions removed: 0 bytes\n"
    path = journal(tmp_path, name)
    *lines, end = path.read_text("utf-8").splitlines()
    at = json.loads(end)[1]
    week = 7 * 86_400 * 1_000_000
    path.write_text("\n".join([*lines, end.replace(str(at), str(at - week)), ""]), "utf-8")
    assert prune(tmp_path, "--older-than", "8d").out.startswith("0 executions")
    assert prune(tmp_path, "--older-than", "7d", "--keep", "1").out.startswith("0 executions")
    assert f"removed {name}" in prune(tmp_path, "--older-than", "7d").out


def test_one_that_is_paused_stays_unless_it_is_asked_for(tmp_path: Path) -> None:
    name = ran(tmp_path, GATES)
    assert prune(tmp_path, "--keep", "0").out == "0 executions removed: 0 bytes\n"
    assert f"removed {name}  company.team.gates  PAUSED" in (
        prune(tmp_path, "--keep", "0", "--paused").out
    )
    assert files(tmp_path) == []


def test_one_that_is_running_always_stays(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    file = os.open(journal(tmp_path, name), os.O_RDWR)
    hold(file)
    try:
        for options in ([], ["--paused"], ["--dry-run"]):
            assert " 0 executions" in f" {prune(tmp_path, '--keep', '0', *options).out}".replace(
                "would remove ", ""
            )
    finally:
        os.close(file)
    assert names(tmp_path) == [name]


def test_one_whose_process_died_goes(tmp_path: Path) -> None:
    name = ran(tmp_path, FLAKY)
    died(tmp_path, name, '["B"')
    assert f"removed {name}  company.team.flaky  LOST" in prune(tmp_path, "--keep", "0").out


def test_a_journal_that_nobody_can_read_stays(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    journal(tmp_path, name).write_text("what is this", "utf-8")
    assert prune(tmp_path, "--keep", "0", "--paused").out.startswith("0 executions")
    assert journal(tmp_path, name).is_file()


def test_files_in_storage_go_with_it_those_of_called_executions_too(tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text(CHILD, "utf-8")
    (tmp_path / "data.txt").write_text("x" * 1000, "utf-8")
    kept = ran(tmp_path, STORES, "-i", "file=@data.txt")
    name = ran(tmp_path, STORES, "-i", "file=@data.txt")
    before = files(tmp_path)
    assert sum(one.startswith("storage/company/team/stores-it/executions/") for one in before) == 2
    assert sum(one.startswith("storage/company/team/child/executions/") for one in before) == 2
    os.utime(journal(tmp_path, kept))
    shown = json.loads(prune(tmp_path, "--keep", "1", "-o", "json").out)
    assert [(one["id"], one["flowId"], one["state"]) for one in shown] == [
        (kept, "stores_it", "SUCCESS")
    ]
    assert shown[0]["bytes"] > 1010
    after = files(tmp_path)
    assert len(after) == len(before) / 2
    assert not [one for one in after if kept in one]
    assert [one for one in after if name in one]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["prune"], "which ones? give `--older-than` or `--keep`"),
        (["prune", "4uQm", "--keep", "1"], "it takes no id"),
        (["prune", "--keep", "1", "-o", "tree"], "use `text` or `json`"),
        (["prune", "--older-than", "soon"], "`--older-than soon`: write "),
        (["list", "--keep", "1"], "`executions list --keep`: this is an option of `prune`"),
        (["show", "4uQm", "--dry-run"], "`executions show --dry-run`: this is an option of"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], words: str, tmp_path: Path) -> None:
    result = executions(tmp_path, *arguments)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


def test_nothing_to_prune_makes_no_files(tmp_path: Path) -> None:
    assert prune(tmp_path, "--keep", "0").out == "0 executions removed: 0 bytes\n"
    assert list(tmp_path.iterdir()) == []


# -- after a run


def request(folder: Path, keep: int | None) -> RunRequest:
    state = str(folder / ".state/kestrel")
    return RunRequest(flow(leaf("a")), state_dir=state, executions_keep=keep)


def test_a_run_leaves_as_many_as_the_user_keeps(tmp_path: Path) -> None:
    ids = [ran(tmp_path, one) for one in (HELLO, GATES, HELLO, HELLO)]
    keep_at_most(request(tmp_path, None))
    assert len(names(tmp_path)) == 4
    keep_at_most(request(tmp_path, 2))
    assert names(tmp_path) == [ids[3], ids[2], ids[1]]  # one is PAUSED


def test_what_goes_wrong_with_that_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(tmp_path, HELLO)
    ran(tmp_path, HELLO)
    said: list[str] = []

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr("kestrel_cli.app.prune.shutil.rmtree", refuse)
    wanted = request(tmp_path, 1)
    object.__setattr__(wanted, "warn", said.append)
    keep_at_most(wanted)
    assert len(said) == 1
    assert said[0].startswith("executions of the past can't be taken away: ")


# -- delete


def test_executions_that_are_named_are_removed_with_their_files(tmp_path: Path) -> None:
    ids = [ran(tmp_path, one) for one in (CHILD, GATES, HELLO)]
    result = executions(tmp_path, "delete", ids[0], ids[1][:9], ids[0])
    assert (result.code, result.err) == (0, "")
    first, second, last = result.out.splitlines()
    assert first.startswith(f"removed {ids[0]}  company.team.child  SUCCESS")
    assert second.startswith(f"removed {ids[1]}  company.team.gates  PAUSED")
    assert last.startswith("2 executions removed: ")
    assert names(tmp_path) == [ids[2]]
    assert not any("child" in one for one in files(tmp_path))


def test_a_dry_delete_removes_nothing(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    result = executions(tmp_path, "delete", "last", "--dry-run", "-o", "json")
    assert [one["id"] for one in json.loads(result.out)] == [name]
    assert names(tmp_path) == [name]


def test_nothing_is_deleted_when_one_is_not_there(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    result = executions(tmp_path, "delete", name, "nosuch")
    assert (result.code, result.out) == (5, "")
    assert names(tmp_path) == [name]


def test_what_runs_is_not_deleted(tmp_path: Path) -> None:
    name = ran(tmp_path, HELLO)
    file = os.open(journal(tmp_path, name), os.O_RDWR)
    hold(file)
    try:
        result = executions(tmp_path, "delete", name)
    finally:
        os.close(file)
    assert (result.code, f"the execution {name} is running" in result.err) == (2, True)


def test_delete_needs_an_id(tmp_path: Path) -> None:
    result = executions(tmp_path, "delete")
    assert (result.code, "which ones? give their ids" in result.err) == (2, True)
