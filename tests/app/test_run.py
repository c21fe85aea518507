import os
import time
from pathlib import Path

import pytest

from kestrel_cli.app.request import PausePolicy
from kestrel_cli.app.run import RunRequest, exit_code, refuse_what_does_not_run
from kestrel_cli.diagnostic import Position
from kestrel_cli.errors import (
    CannotStart,
    InputError,
    Interrupted,
    StoreError,
    Unsupported,
)
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.fields import accept_all, made_of
from kestrel_cli.model.flow import Output
from kestrel_cli.model.state import State
from kestrel_cli.store.journal import Birth, FlowText, ending, read
from kestrel_cli.store.locks import hold, is_held
from kestrel_cli.worker.interrupts import Interrupts
from tests.app.running import Collect, running
from tests.support.flows import flow, leaf, sequence, task
from tests.support.inputs import declared as declared_input
from tests.support.play import constant

KO = task("execution.Fail", "ko")
WARNS = task("execution.Fail", "warns", allowFailure=True)


def log(message):
    return task("log.Log", "log", message=message)


def said(message, **more):
    """What a Log task logs."""
    told = Collect()
    properties = more.pop("properties", {})
    running(flow(log(message), **properties), told, **more)
    return told.logged()[-1]


def inputs(*declared):
    return [declared_input(one) for one in declared]


# -- results and exit codes


def test_a_run_gives_the_execution_that_has_ended():
    result = running(
        flow(
            leaf("a", format="x"),
            outputs=[
                accept_all(Output, {"id": "o", "type": "STRING", "value": "{{ outputs.a.value }}"})
            ],
        )
    )
    assert (result.exit_code, result.execution.state) == (0, "SUCCESS")
    assert result.execution.outputs == {"o": "x"}
    assert [run.task.id for run in result.execution.runs] == ["a"]


@pytest.mark.parametrize(
    ("tasks", "more", "code"),
    [
        ((leaf("a"),), {}, 0),
        ((WARNS,), {}, 0),
        ((WARNS,), {"fail_on_warning": True}, 1),
        ((leaf("a"),), {"fail_on_warning": True}, 0),
        ((KO,), {}, 1),
        ((KO,), {"fail_on_warning": True}, 1),
        ((leaf("off", disabled=True),), {}, 0),
    ],
)
def test_the_exit_code_follows_from_the_final_state(tasks, more, code):
    told = Collect()
    assert running(flow(*tasks), told, **more).exit_code == code
    assert told.closed == [code]


@pytest.mark.parametrize(("signal", "code"), [(2, 130), (15, 143), (1, 129), (0, 124)])
def test_a_run_that_was_killed_ends_with_its_signal(signal, code):
    result = killed(flow(leaf("a")), signal)
    assert (result.exit_code, result.execution.state) == (code, "KILLED")


def killed(made, signal, **more):
    """Run a flow and ask for its end as soon as it has begun."""
    interrupts = Interrupts()

    class Killing(Collect):
        def on_event(self, event, execution):
            interrupts.kill(signal)

    return running(made, Killing(), interrupts=interrupts, **more)


def test_a_run_that_was_killed_before_it_began_runs_nothing():
    interrupts = Interrupts()
    interrupts.kill(15)
    result = running(flow(leaf("a")), interrupts=interrupts)
    assert (result.exit_code, result.execution.state) == (143, "KILLED")
    assert result.execution.runs[0].attempts == []


@pytest.mark.parametrize(("signal", "code"), [(2, 130), (15, 143), (0, 124)])
def test_a_run_that_was_killed_while_its_inputs_were_rendered_is_no_run(signal, code):
    interrupts, told = Interrupts(), Collect()

    class Environment(dict):
        def __iter__(self):
            interrupts.kill(signal)
            return super().__iter__()

    with pytest.raises(Interrupted) as end:
        running(flow(leaf("a")), told, interrupts=interrupts, environ=Environment())
    assert end.value.exit_code == code
    assert told.told == []


def test_a_signal_that_came_too_late_changes_no_exit_code():
    result = running(flow(KO))
    interrupts = Interrupts()
    interrupts.kill(2)
    assert exit_code(result.execution, RunRequest(flow(KO), interrupts=interrupts)) == 1


def test_a_run_ends_at_its_time_limit():
    began = time.monotonic()
    result = running(flow(task("flow.Sleep", "s", duration="PT30S")), timeout=0.05)
    assert time.monotonic() - began < 5
    assert (result.exit_code, result.execution.state) == (124, "KILLED")


def test_a_run_in_time_knows_nothing_of_its_limit():
    assert running(flow(leaf("a")), timeout=30).exit_code == 0


# -- what does not run


def unsupported(task_id, **more):
    made = made_of(UnsupportedTask, {"id": task_id, "type": "io.kestra.plugin.jdbc.Query", **more})
    made.__dict__.update(where=Position("flow.yaml", 7, 5), reason="no", extra={})
    return made


def test_everything_that_does_not_run_is_listed_before_anything_runs():
    told = Collect()
    made = flow(sequence("s", unsupported("q")), leaf("a"), errors=(unsupported("e"),))
    with pytest.raises(Unsupported, match="the flow needs what Kestrel does not run") as refusal:
        running(made, told)
    assert refusal.value.needs == (
        ("task `q` of type io.kestra.plugin.jdbc.Query", "flow.yaml:7:5"),
        ("task `e` of type io.kestra.plugin.jdbc.Query", "flow.yaml:7:5"),
    )
    assert refusal.value.mocks == ("--mock 'q={}'", "--mock 'e={}'")
    assert refusal.value.exit_code == 4
    assert told.told == []


@pytest.mark.parametrize("which", ["task", "flow"])
def test_a_retry_may_be_a_new_execution(which):
    retry = constant(0, behavior="CREATE_NEW_EXECUTION", maxAttempts=2)
    ko = task("execution.Fail", "ko", **({"retry": retry} if which == "task" else {}))
    told = Collect()
    result = running(flow(ko, **({"retry": retry} if which == "flow" else {})), told)
    assert (result.exit_code, result.execution.attempt_number) == (1, 2)
    assert [str(one.state) for one, _, _ in told.begun] == ["RETRIED", "FAILED"]
    assert told.closed == [1]


def test_a_disabled_task_needs_nothing():
    refuse_what_does_not_run(flow(leaf("a"), unsupported("q", disabled=True)))


def test_a_disabled_flow_does_not_run():
    with pytest.raises(
        CannotStart, match="the flow `test` is disabled: Kestra does not run it either"
    ):
        running(flow(leaf("a"), disabled=True))


# -- what a run begins with


def test_a_seed_makes_ids_and_luck_repeatable():
    made = flow(leaf("a", format="{{ randomInt(0, 1000000) }}"), leaf("b", format="{{ uuid() }}"))

    def facts(seed):
        execution = running(made, seed=seed).execution
        ids = [execution.run_id(run.number) for run in execution.runs]
        return execution.id, ids, execution.runs[0].outputs

    assert facts(7) == facts(7)
    assert facts(7)[0] != facts(8)[0]
    assert facts(7)[1] != facts(8)[1]


def test_without_a_seed_every_run_has_an_id_of_its_own():
    made = flow(leaf("a"))
    ids = {running(made).execution.id for _ in range(20)}
    assert len(ids) == 20
    assert {len(one) for one in ids} == {22}


def test_inputs_are_typed_and_defaults_rendered():
    declared = inputs(
        {"id": "n", "type": "INT"},
        {
            "id": "t",
            "type": "STRING",
            "defaults": "{{ flow.id }}-{{ vars.v }}-{{ inputs.n }}-{{ envs.e }}",
        },
    )
    message = "{{ inputs.n + 1 }} {{ inputs.t }}"
    properties = {"inputs": declared, "variables": {"v": "V"}}
    assert (
        said(message, properties=properties, inputs={"n": "4"}, environ={"ENV_E": "E"})
        == "5 test-V-4-E"
    )


def test_bad_inputs_stop_the_run_before_it_begins():
    told = Collect()
    with pytest.raises(InputError) as problem:
        running(flow(leaf("a"), inputs=inputs({"id": "n", "type": "INT"})), told, inputs={"n": "x"})
    assert len(problem.value.problems) == 1
    assert told.told == []


def test_inputs_that_nobody_declared_are_a_warning_in_the_log():
    told = Collect()
    running(flow(leaf("a")), told, inputs={"x": "1"})
    assert told.told[0].startswith("WARN: ")
    assert "x" in told.told[0]


def test_labels_are_the_flows_then_those_given_then_the_correlation():
    made = flow(leaf("a"))
    made.__dict__["label_pairs"] = [("team", "a"), ("system.readOnly", "true")]
    execution = running(made, labels=[("env", "ci")]).execution
    assert execution.labels == [
        ("team", "a"),
        ("env", "ci"),
        ("system.correlationId", execution.id),
    ]


def test_a_correlation_that_was_given_is_kept():
    execution = running(flow(leaf("a")), labels=[("system.correlationId", "abc")]).execution
    assert execution.labels == [("system.correlationId", "abc")]


@pytest.mark.parametrize(
    ("message", "more", "shown"),
    [
        ("{{ envs.host }}", {"environ": {"ENV_HOST": "h"}}, "h"),
        ("{{ envs.host }}", {"environ": {"ENV_HOST": "h"}, "envs": {"host": "given"}}, "given"),
        ("{{ globals.a.b }}", {"globals": {"a": {"b": 1}}}, "1"),
        ("{{ trigger.date }}", {"trigger": {"date": "today"}}, "today"),
        ("{{ vars.v }}", {"properties": {"variables": {"v": "V"}}}, "V"),
        ("{{ secret('T') }}", {"environ": {"KESTREL_SECRET_T": "s"}}, "s"),
    ],
)
def test_expressions_see_what_the_request_says(message, more, shown):
    assert said(message, **more) == shown


def test_error_logs_tell_where_the_errors_came_from():
    told = Collect()
    names = ("taskId", "message", "attemptNumber")
    message = " ".join(f"{{{{ errorLogs()[0].{name} }}}}" for name in names)
    result = running(
        flow(task("execution.Fail", "ko", errorMessage="broken"), errors=(log(message),)), told
    )
    assert told.logged()[-1] == "ko broken 0"
    assert result.exit_code == 1


def test_an_error_of_the_execution_itself_has_no_task():
    told = Collect()
    made = flow(
        leaf("a"),
        outputs=[accept_all(Output, {"id": "o", "type": "STRING", "value": "{{ nope }}"})],
        afterExecution=(log("{{ errorLogs()[0].taskId ?? 'none' }}"),),
    )
    running(made, told)
    assert told.logged()[-1] == "none"


# -- the journal


def journals(folder):
    return sorted(folder.glob("executions/*/journal.ndjson"))


def lines_of(path):
    return [line for _, _, line in read(path)]


def test_a_run_is_journaled_below_the_state_directory(tmp_path):
    made = flow(log("hello"))
    execution = running(
        made, journaled=True, state_dir=str(tmp_path), labels=[("a", "b")], text="the text"
    ).execution
    (path,) = journals(tmp_path)
    assert path.parent.name == execution.id
    text, birth, *entries = lines_of(path)
    assert text == FlowText(0, str(Path("test.yaml").absolute()), "the text")
    assert (
        birth
        == execution.birth
        == Birth(
            0,
            execution.id,
            execution.created_at,
            0,
            "company.team",
            "test",
            "test.yaml",
            labels=[("a", "b"), ("system.correlationId", execution.id)],
        )
    )
    assert [type(entry).__name__ for entry in entries] == [
        "Begun",
        "AttemptStarted",
        "LogLine",
        "AttemptEnded",
        "Concluded",
        "Closed",
    ]
    assert (entries[-1].state, entries[-1].runs) == ("SUCCESS", 1)


def test_a_run_that_is_not_journaled_leaves_nothing(tmp_path):
    running(flow(leaf("a")), state_dir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def summary(result):
    return result.exit_code, [
        (run.task.id, str(run.state), run.outputs) for run in result.execution.runs
    ]


def test_a_state_directory_that_cannot_be_written_is_one_warning_and_changes_nothing(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    warnings = []
    made = flow(leaf("a", format="x"), KO)
    result = running(made, journaled=True, state_dir=str(blocked), warn=warnings.append)
    assert (
        summary(result)
        == summary(running(made))
        == (1, [("a", "SUCCESS", {"value": "x"}), ("ko", "FAILED", {})])
    )
    (warning,) = warnings
    assert warning.startswith("no journal is kept, so this run can't be looked at later: ")


def test_no_home_directory_is_one_warning(monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    warnings = []
    assert running(flow(leaf("a")), journaled=True, warn=warnings.append).exit_code == 0
    assert warnings == [
        "no journal is kept, so this run can't be looked at later: no home directory"
    ]


@pytest.mark.parametrize("good_writes", [1, 2, 3])
def test_a_full_disk_is_one_warning_and_changes_nothing(tmp_path, monkeypatch, good_writes):
    written, write = [], os.write

    def failing(file, data):
        written.append(data)
        if len(written) > good_writes:
            raise OSError(28, "No space left on device")
        return write(file, data)

    made = flow(*[leaf(f"t{n}", format="x") for n in range(100)])
    expected = summary(running(made))
    warnings = []
    monkeypatch.setattr(os, "write", failing)
    result = running(made, journaled=True, state_dir=str(tmp_path), warn=warnings.append)
    monkeypatch.undo()
    assert summary(result) == expected
    assert warnings == [
        "the journal can't be written, the run goes on without it:"
        " [Errno 28] No space left on device"
    ]
    (path,) = journals(tmp_path)
    kept = lines_of(path)  # all that was written, but for the last lines, which gave way to a mark
    written_so_far = {1: 2, 2: 2 + 64, 3: 2 + 128}[good_writes]
    assert max(2, written_so_far - 2) <= len(kept) <= max(2, written_so_far - 1)
    assert [type(one) for one in kept[:2]] == [FlowText, Birth]


def test_a_disk_that_is_full_from_the_start_keeps_no_journal(tmp_path, monkeypatch):
    def failing(file, data):
        raise OSError(28, "No space left on device")

    warnings = []
    monkeypatch.setattr(os, "write", failing)
    result = running(flow(leaf("a")), journaled=True, state_dir=str(tmp_path), warn=warnings.append)
    monkeypatch.undo()
    assert result.exit_code == 0
    assert len(warnings) == 1


def test_the_journal_is_in_the_file_before_a_reporter_writes(tmp_path):
    seen = []
    request_gate = RunRequest(flow(leaf("a"))).gate

    class Looking(Collect):
        def on_event(self, event, execution):
            super().on_event(event, execution)
            request_gate.before()
            seen.append(len(journals(tmp_path)[0].read_bytes().splitlines()))

    running(flow(leaf("a")), Looking(), journaled=True, state_dir=str(tmp_path), gate=request_gate)
    assert seen == [5, 6, 7, 8]  # after the format, the flow, its execution and the room behind it


def test_a_killed_run_is_journaled_to_its_end(tmp_path):
    killed(flow(leaf("a")), 2, journaled=True, state_dir=str(tmp_path))
    _, _, *entries = lines_of(journals(tmp_path)[0])
    assert [type(entry).__name__ for entry in entries] == [
        "Begun",
        "LogLine",
        "KillRequested",
        "Closed",
    ]
    assert entries[-1].state == "KILLED"


def test_the_journal_is_closed_before_a_reporter_is(tmp_path):
    class Looking(Collect):
        def close(self, execution, exit_code):
            super().close(execution, exit_code)
            (self.path,) = journals(tmp_path)
            self.ending, self.held = ending(self.path), is_held(self.path)

    told = Looking()
    running(flow(leaf("a")), told, journaled=True, state_dir=str(tmp_path))
    assert (told.ending.state, told.held) == ("SUCCESS", False)


def test_a_seed_takes_the_place_of_the_run_before(tmp_path):
    for message in ("one", "two"):
        running(flow(log(message)), journaled=True, state_dir=str(tmp_path), seed=7)
    (path,) = journals(tmp_path)
    assert [one.message for one in lines_of(path) if isinstance(one, LogLine)] == ["two"]


def test_a_seed_spares_a_run_that_is_paused(tmp_path):
    pauses = PausePolicy(policy="wait")
    made = flow(task("flow.Pause", "p"))
    more = {"journaled": True, "state_dir": str(tmp_path), "seed": 7, "pauses": pauses}
    assert running(made, **more).execution.state == "PAUSED"
    with pytest.raises(CannotStart, match="of this `--seed` is PAUSED: `kestrel resume"):
        running(made, **more)


def test_a_seed_spares_a_run_that_another_process_is_at_work_on(tmp_path):
    more = {"journaled": True, "state_dir": str(tmp_path), "seed": 7}
    running(flow(leaf("a")), **more)
    file = os.open(journals(tmp_path)[0], os.O_RDWR)
    hold(file)
    with pytest.raises(CannotStart, match="another process is at work on the execution"):
        running(flow(leaf("a")), **more)
    os.close(file)


def test_a_run_that_is_to_be_durable_does_not_begin_without_its_journal(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    told = Collect()
    more = {"journaled": True, "durable": True}
    with pytest.raises(StoreError, match="`--durable`: the journal can't be kept"):
        running(flow(leaf("a")), told, state_dir=str(blocked), **more)
    assert told.told == []


def test_states_are_those_of_the_scheduler():
    assert running(flow(KO)).execution.state is State.FAILED
