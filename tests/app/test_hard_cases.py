"""Executions that start others, disturbed: retried as new ones, killed, restarted, paused, and gone
on with after the journal was cut at each of its lines.
"""

import shutil
from contextlib import suppress

import pytest

from kestrel_cli.app.history import story_of
from kestrel_cli.app.request import PausePolicy
from kestrel_cli.app.resume import restart, resume
from kestrel_cli.app.run import run
from kestrel_cli.errors import UsageError
from kestrel_cli.flowfile import loader
from kestrel_cli.model.state import TERMINAL
from kestrel_cli.worker.interrupts import Interrupts
from kestrel_cli.worker.services import Given
from tests.app.flows_on_disk import CORE, Disk, outputs, states
from tests.app.running import Collect

WAIT = PausePolicy(policy="wait")
ANEW = "{type: constant, interval: PT0S, maxAttempts: 3, behavior: CREATE_NEW_EXECUTION}"


def call(task_id, flow_id, more=""):
    return (
        f"{{id: {task_id}, type: {CORE}.flow.Subflow, namespace: company.team,"
        f" flowId: {flow_id}{more}}}"
    )


def said(task_id):
    """A task whose output tells of the execution around it."""
    return f"{{id: {task_id}, type: {CORE}.debug.Return, format: '{{{{ flow.id }}}}'}}"


GIVE = said("give")


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """A text is read once: each test goes on with the same few flows hundreds of times."""
    known, read = {}, loader._loaded

    def once(*arguments):
        key = repr(arguments)
        if key not in known:
            known[key] = read(*arguments)
        return known[key]

    monkeypatch.setattr(loader, "_loaded", once)
    return Disk(tmp_path)


# -- the flows


def anew_inside(disk):
    """A subflow that fails once, and is followed by an execution that succeeds."""
    disk.flow("child", f"""
tasks:
  - {said("before")}
  - id: ko
    type: {CORE}.execution.Fail
    condition: "{{{{ execution.originalId == execution.id }}}}"
    retry: {ANEW}
  - {said("give")}
outputs: [{{id: o, type: STRING, value: "{{{{ outputs.give.value }}}}"}}]
""")  # fmt: skip
    disk.flow("main", f"""
tasks:
  - {call("call", "child")}
  - {{id: z, type: {CORE}.debug.Return, format: "{{{{ outputs.call.outputs.o }}}}"}}
""")  # fmt: skip


def called_again(disk):
    """A subflow that fails once; its task calls it again by its policy."""
    disk.flow("child", f"""
inputs: [{{id: n, type: INT}}]
tasks:
  - {{id: ko, type: {CORE}.execution.Fail, condition: "{{{{ inputs.n == 0 }}}}"}}
  - {said("give")}
outputs: [{{id: o, type: STRING, value: "{{{{ outputs.give.value ?? 'none' }}}}"}}]
""")  # fmt: skip
    retry = "{type: constant, interval: PT0S, maxAttempts: 3}"
    inputs = "{n: '{{ taskrun.attemptsCount }}'}"
    disk.flow("main", f"""
tasks:
  - {call("call", "child", f", retry: {retry}, inputs: {inputs}")}
  - {{id: z, type: {CORE}.debug.Return, format: "{{{{ outputs.call.outputs.o }}}}"}}
""")  # fmt: skip


def grandchildren(disk, leaf=GIVE):
    """Two subflows side by side; each calls one for each of two values, two at once."""
    disk.flow("leaf", f"tasks: [{leaf}]")
    disk.flow("middle", f"""
tasks:
  - id: loop
    type: {CORE}.flow.Loop
    values: [1, 2]
    concurrencyLimit: 2
    tasks: [{call("deep", "leaf")}]
  - {said("after")}
""")  # fmt: skip
    disk.flow("main", f"""
tasks:
  - id: p
    type: {CORE}.flow.Parallel
    tasks: [{call("left", "middle")}, {call("right", "middle")}]
  - {said("z")}
""")  # fmt: skip


def beside_an_attempt(disk):
    """A subflow is started while an attempt is under way beside it."""
    disk.flow("child", f"tasks: [{GIVE}]")
    nap = f"{{id: nap, type: {CORE}.flow.Sleep, duration: PT0.02S}}"
    disk.flow(
        "main",
        f"tasks: [{{id: p, type: {CORE}.flow.Parallel, tasks: [{nap}, {call('call', 'child')}]}}]",
    )


def batches(disk):
    """Five batches; three of them fail unless they are ready."""
    disk.flow("batch", f"""
inputs: [{{id: n, type: INT}}]
tasks:
  - {said("before")}
  - id: ko
    type: {CORE}.execution.Fail
    condition: "{{{{ inputs.n % 2 == 0 and kv('ready', errorOnMissing=false) != 'yes' }}}}"
  - {said("give")}
""")  # fmt: skip
    disk.flow("main", f"""
tasks:
  - {{id: write, type: {CORE}.storage.Write, content: "a\\nb\\nc\\nd\\ne\\n", extension: .txt}}
  - id: each
    type: {CORE}.flow.ForEachItem
    items: "{{{{ outputs.write.uri }}}}"
    batch: {{rows: 1}}
    namespace: company.team
    flowId: batch
    inputs: {{n: "{{{{ taskrun.iteration }}}}"}}
  - {said("z")}
""")  # fmt: skip


def gated(disk, sibling):
    """A subflow that pauses beside another one."""
    gate = f"{{id: gate, type: {CORE}.flow.Pause}}"
    disk.flow("paused", f"tasks: [{gate}, {said('give')}]")
    disk.flow("sibling", f"tasks: [{sibling}]")
    disk.flow("main", f"""
tasks:
  - id: p
    type: {CORE}.flow.Parallel
    tasks: [{call("one", "paused")}, {call("two", "sibling")}]
""")  # fmt: skip


def ready(value="yes"):
    return Given(kv={"ready": value})


# -- telling


def again(disk, **more):
    disk.told = Collect()
    return disk.request(**more)


def facts(disk, execution_id):
    """What the journal tells of each execution, by its place: the calls that led to it. Ids in
    values are replaced by places, for an attempt that was lost gives others to what it starts. Of
    the log only what no attempt says that may have been lost.
    """
    story = story_of(execution_id, str(disk.folder / "state"), {}, logs=True)
    places = places_of(story)
    found = {}
    for told in story.told.values():
        one = told.execution
        runs = [
            (run.task.id, run.value, str(run.state), shown(run.outputs, places))
            for run in one.listed()
        ]
        called = {
            one.runs[number].task.id: [places[child.id] for child in those]
            for number, those in one.called.items()
        }
        lines = [
            shown(line.message, places)
            for line in told.lines
            if line.run is None or one.runs[line.run].task.executable
        ]
        facts = (str(one.state), shown(one.outputs, places), runs, called, sorted(lines))
        found[places[one.id]] = facts
    return found


def places_of(story):
    """The places of a run's executions by their ids; nobody is started twice by one attempt."""
    places = {}
    for told in story.told.values():
        birth, place = told.execution.birth, "main"
        if birth.follows is not None:
            place = places[story.told[birth.follows].execution.id] + "'"
        elif birth.caller is not None:
            parent = story.told[birth.caller.execution].execution
            run = parent.runs[birth.caller.run]
            place = f"{places[parent.id]}/{run.task.id}[{run.value}].{birth.caller.nth}"
            while place in places.values():  # of the attempt before
                place += "*"
        assert place not in places.values(), place
        places[told.execution.id] = place
    return places


def shown(value, places):
    """A value without what is another one in each run."""
    if isinstance(value, dict):
        return {name: shown(item, places) for name, item in value.items() if name != "on"}
    if isinstance(value, list):
        return [shown(item, places) for item in value]
    if isinstance(value, str) and value.startswith("kestra://"):
        return "a file"
    if isinstance(value, str):
        for one, place in places.items():
            value = value.replace(one, place)
    return value


def journal(disk):
    (path,) = disk.folder.glob("state/executions/*/journal.ndjson")
    return path


# -- a new execution inside of a subflow


def test_a_subflow_is_waited_for_until_the_last_of_those_that_follow_it_ends(disk):
    anew_inside(disk)
    result = disk.run()
    main, first, second = disk.executions()
    assert result.exit_code == 0
    assert [str(one.state) for one in (main, first, second)] == ["SUCCESS", "RETRIED", "SUCCESS"]
    assert outputs(main, "call") == {
        "executionId": second.id,
        "state": "SUCCESS",
        "outputs": {"o": "child"},
    }
    assert main.called == {0: [second]}
    assert second.earlier == (first,)
    assert outputs(main, "z") == {"value": "child"}


def test_each_of_several_subflows_has_its_own_followers(disk):
    anew_inside(disk)
    calls = ", ".join(call(name, "child") for name in "abc")
    disk.flow("main", f"tasks: [{{id: p, type: {CORE}.flow.Parallel, tasks: [{calls}]}}]")
    result = disk.run()
    assert result.exit_code == 0
    main, *children = disk.executions()
    assert sorted(str(one.state) for one in children) == ["RETRIED"] * 3 + ["SUCCESS"] * 3
    last = {one.id: one for one in children if one.state == "SUCCESS"}
    for name in "abc":
        assert outputs(main, name)["executionId"] in last
    assert len({outputs(main, name)["executionId"] for name in "abc"}) == 3


# -- kills


class KillWhen(Collect):
    """Asks for the end as soon as something was told that it waits for."""

    def __init__(self, interrupts, wanted):
        super().__init__()
        self.interrupts = interrupts
        self.wanted = wanted

    def on_event(self, event, execution):
        super().on_event(event, execution)
        self._look()

    def on_log(self, line, execution):
        super().on_log(line, execution)
        self._look()

    def _look(self):
        if self.interrupts.signal is None and self.wanted(self.told):
            self.interrupts.kill(2)


def killed(disk, wanted, **more):
    """A run that is killed then."""
    interrupts = Interrupts()
    disk.told = KillWhen(interrupts, wanted)
    return run(disk.request(interrupts=interrupts, **more))


def whole(executions):
    """Whether nothing of them is left open."""
    return all(
        one.state in TERMINAL and not one.active and all(run.ended for run in one.runs)
        for one in executions
    )


def test_a_kill_ends_children_of_children_before_those_that_called_them(disk):
    grandchildren(disk, f"{{id: s, type: {CORE}.flow.Sleep, duration: PT1M}}")
    result = killed(disk, lambda told: sum("Waiting" in one for one in told) == 4)
    assert (result.exit_code, result.execution.state) == (130, "KILLED")
    executions = disk.executions()
    assert len(executions) == 1 + 2 + 4 + 4
    assert {str(one.state) for one in executions} == {"KILLED"}
    assert whole(executions)
    assert states(executions[0]) == ["p KILLED", "left KILLED", "right KILLED"]
    for one in executions:
        for those in one.called.values():
            assert all(child.history[-1][1] <= one.history[-1][1] for child in those)


@pytest.mark.parametrize("make", [anew_inside, grandchildren, batches])
def test_a_kill_at_anything_that_is_told_leaves_whole_executions(disk, make):
    make(disk)
    at, interrupts = 0, Interrupts()
    while at == 0 or interrupts.signal is not None:
        at += 1
        result = killed(disk, lambda told, at=at: len(told) == at, journaled=False)
        executions, interrupts = disk.executions(), disk.told.interrupts
        assert whole(executions), at
        assert len({one.id for one in executions}) == len(executions)
        assert (result.exit_code == 130) == (result.execution.state == "KILLED"), at


# -- a restart of batches


def test_a_restart_goes_on_with_the_failed_batches_alone(disk):
    batches(disk)
    first = disk.run()
    assert first.exit_code == 1
    main, *children = disk.executions()
    assert [str(one.state) for one in children] == [
        *("FAILED", "SUCCESS", "FAILED", "SUCCESS", "FAILED")
    ]
    before = facts(disk, main.id)
    result = restart(again(disk, given=ready()), main.id)
    assert (result.exit_code, states(result.execution)[-1]) == (0, "z SUCCESS")
    failed = [one.id for one in children if one.state == "FAILED"]
    assert [one.id for one in disk.executions()] == [main.id, *failed]
    started = [one for one in disk.told.told if one.startswith("AttemptStarted")]
    assert started.count("AttemptStarted ko") == started.count("AttemptStarted give") == 3
    assert "AttemptStarted before" not in started
    after = facts(disk, main.id)
    assert set(after) == set(before)
    assert {one[0] for one in after.values()} == {"SUCCESS"}
    for place, (state, *_) in before.items():
        if state == "SUCCESS":
            assert after[place] == before[place]
    found = outputs(result.execution, "each_items")
    assert (found["numberOfBatches"], found["iterations"]["SUCCESS"]) == (5, 5)


def test_batches_that_fail_again_can_be_restarted_again(disk):
    batches(disk)
    main = disk.run().execution
    assert restart(again(disk, given=ready("no")), main.id).exit_code == 1
    assert len(disk.executions()) == 4
    result = restart(again(disk, given=ready()), main.id)
    assert result.exit_code == 0
    assert len(disk.executions()) == 4
    assert len(facts(disk, main.id)) == 6


def test_a_restart_that_is_killed_can_be_restarted(disk):
    batches(disk)
    main = disk.run().execution
    interrupts = Interrupts()
    disk.told = KillWhen(interrupts, lambda told: told[-1] == "AttemptEnded give")
    request = disk.request(interrupts=interrupts, given=ready())
    assert restart(request, main.id).exit_code == 130
    told = facts(disk, main.id)
    assert len(told) == 6
    assert told["main"][0] == "KILLED"


# -- a pause beside what ends


def test_a_child_stays_paused_while_its_sibling_ends_killed(disk):
    gated(disk, f"{{id: x, type: {CORE}.execution.Exit, state: KILLED}}")
    first = disk.run(pauses=WAIT)
    main, paused, sibling = disk.executions()
    assert first.exit_code == 0
    assert [str(one.state) for one in (main, paused, sibling)] == ["RUNNING", "PAUSED", "KILLED"]
    assert states(main) == ["p RUNNING", "one RUNNING", "two KILLED"]
    result = resume(again(disk, pauses=PausePolicy(given={"gate": {}})), main.id)
    assert states(result.execution) == ["p KILLED", "one SUCCESS", "two KILLED"]
    told = facts(disk, main.id)
    assert {place: one[0] for place, one in told.items()} == {
        "main": "KILLED",
        "main/one[None].0": "SUCCESS",
        "main/two[None].0": "KILLED",
    }


def test_a_kill_ends_the_paused_child_and_its_sibling(disk):
    gated(disk, f"{{id: s, type: {CORE}.flow.Sleep, duration: PT1M}}")

    def asleep(told):
        return any("Waiting" in one for one in told)

    result = killed(disk, asleep, pauses=WAIT)
    assert result.exit_code == 130
    assert {str(one.state) for one in disk.executions()} == {"KILLED"}
    assert whole(disk.executions())
    with pytest.raises(UsageError, match="has ended KILLED: there is nothing to resume"):
        resume(again(disk), result.execution.id)


def test_a_sibling_that_is_killed_by_its_own_promise_leaves_the_paused_child_alone(disk):
    gated(disk, f"{{id: s, type: {CORE}.flow.Sleep, duration: PT1M}}")
    promise = "sla: [{id: soon, type: MAX_DURATION, duration: PT0.05S, behavior: CANCEL}]\n"
    disk.flow("sibling", f"{promise}tasks: [{{id: s, type: {CORE}.flow.Sleep, duration: PT1M}}]")
    disk.run(pauses=WAIT)
    main, paused, sibling = disk.executions()
    assert [str(one.state) for one in (main, paused, sibling)] == [
        *("RUNNING", "PAUSED", "CANCELLED")
    ]
    result = resume(again(disk, pauses=PausePolicy(given={"gate": {}})), main.id)
    assert states(result.execution)[1] == "one SUCCESS"
    assert whole(disk.executions())


@pytest.mark.parametrize("inside", [False, True])
def test_somebody_is_asked_in_the_same_order_whenever_it_goes_on(disk, inside):
    names = ("one", "two", "three")
    for name in names:
        disk.flow(f"flow_{name}", f"tasks: [{{id: {name}, type: {CORE}.flow.Pause}}]")
    pauses = [f"{{id: {name}, type: {CORE}.flow.Pause}}" for name in names]
    calls = [call(f"call_{name}", f"flow_{name}") for name in names]
    tasks = ", ".join(calls if inside else pauses)
    disk.flow("main", f"tasks: [{{id: p, type: {CORE}.flow.Parallel, tasks: [{tasks}]}}]")

    def asked(go_on):
        found = []
        policy = PausePolicy(ask=lambda _, pause, *__: found.append(pause.id), policy="wait")
        return found, go_on(policy).execution

    first, execution = asked(lambda policy: disk.run(pauses=policy))
    later, _ = asked(lambda policy: resume(again(disk, pauses=policy), execution.id))
    assert first == later == list(names)


# -- journals that were cut


def cuts(disk, **more):
    """Go on with the run's journal from each number of its lines; what was told each time, for
    which number.
    """
    path = journal(disk)
    lines = path.read_bytes().splitlines(keepends=True)
    state = disk.folder / "state"
    kept = disk.folder / "kept"
    shutil.move(state, kept)
    born = next(n for n, line in enumerate(lines) if line.startswith(b'["N"')) + 1
    for count in range(born, len(lines) + 1):
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(kept, state)
        journal(disk).write_bytes(b"".join(lines[:count]))
        with suppress(UsageError):  # it had ended by then
            resume(again(disk, **more), path.parent.name)
        yield count, lines[count - 1]


@pytest.mark.parametrize(
    ("make", "more"),
    [
        (anew_inside, {}),
        (called_again, {}),
        (grandchildren, {}),
        (beside_an_attempt, {}),
        (batches, {}),
        (batches, {"given": ready()}),
        (lambda disk: gated(disk, said("give")), {"pauses": PausePolicy(given={"gate": {}})}),
        (
            lambda disk: gated(disk, f"{{id: x, type: {CORE}.execution.Exit, state: KILLED}}"),
            {"pauses": PausePolicy(given={"gate": {}})},
        ),
    ],
    ids=[
        "anew",
        "called again",
        "grandchildren",
        "beside an attempt",
        "failing batches",
        "batches",
        "pause",
        "pause and kill",
    ],
)
def test_a_journal_that_was_cut_anywhere_leads_to_the_same_end(disk, make, more):
    make(disk)
    name = disk.run(**more).execution.id
    expected = facts(disk, name)
    for count, line in cuts(disk, **more):
        assert facts(disk, name) == expected, (count, line)


def test_one_that_stands_still_does_so_again_after_any_cut(disk):
    gated(disk, said("give"))
    name = disk.run(pauses=WAIT).execution.id
    expected = facts(disk, name)
    for count, line in cuts(disk, pauses=WAIT):
        assert facts(disk, name) == expected, (count, line)


def test_a_restart_whose_journal_was_cut_leads_to_the_same_end(disk):
    batches(disk)
    name = disk.run().execution.id
    first = len(journal(disk).read_bytes().splitlines())
    restart(again(disk, given=ready()), name)
    expected = facts(disk, name)
    for count, line in cuts(disk, given=ready()):
        if count > first + 1:  # the line that says that it goes on
            assert facts(disk, name) == expected, (count, line)


def test_a_kill_whose_journal_was_cut_leaves_whole_executions(disk):
    grandchildren(disk, f"{{id: s, type: {CORE}.flow.Sleep, duration: PT0.02S}}")
    name = killed(disk, lambda told: sum("Waiting" in one for one in told) == 4).execution.id
    path = journal(disk)
    asked = next(n for n, line in enumerate(path.read_bytes().splitlines()) if b'["Q"' in line)
    for count, line in cuts(disk):
        assert whole(disk.executions()), (count, line)
        state = facts(disk, name)["main"][0]
        assert state == ("KILLED" if count > asked else "SUCCESS"), (count, line)
