"""Two documents of executions compared: what counts as equal, what as expected, what differs."""

from copy import deepcopy

import pytest

from kestrel_cli.app.comparing.comparison import compare
from kestrel_cli.app.comparing.matching import named_runs
from kestrel_cli.app.comparing.pairing import Pairing
from tests.support.kestra_recordings import executions, needs_recordings

ONE, OTHER = "1Or2W9jcFnsX8MeEogw7ka", "66TlVLrPL2pQoGoo8Xy5Ye"
IDS = {
    name: (f"{n}yYqVhbn3b3wNyi5Sny0bT", f"{n}LtOF2v3qzhV22NEbF1fXC")
    for n, name in enumerate("abcd")
}


def state(*names, day=1):
    histories = [
        {"state": name, "date": f"2026-11-{day:02}T16:44:27.9{n}Z"} for n, name in enumerate(names)
    ]
    ends = f"2026-11-{day:02}T16:45:00Z"
    start = histories[0]["date"]
    return {
        "current": names[-1],
        "histories": histories,
        "startDate": start,
        "endDate": ends,
        "duration": f"PT{day}S",
    }


def run(side, name, task, parent=None, value=None, **outputs):
    names = (
        ("CREATED", "RUNNING", "SUCCESS")
        if side == 0
        else ("CREATED", "SUBMITTED", "RUNNING", "SUCCESS")
    )
    made = {
        "id": IDS[name][side],
        "executionId": (ONE, OTHER)[side],
        "taskId": task,
        "attempts": [
            {"state": state("CREATED", "RUNNING", "SUCCESS")} | ({"workerId": "w"} if side else {})
        ],
        "outputs": outputs,
        "state": state(*names, day=1 + side * 9),
    }
    if parent:
        made["parentTaskRunId"] = IDS[parent][side]
    return made if value is None else made | {"value": value}


def document(side):
    """A loop with two task runs in parallel, then a script; on the server the loop's come in
    another order, with what only a server says.
    """
    own = (ONE, OTHER)[side]
    day = (1, 10)[side]
    inner = [run(side, "b", "out", "a", "x", n=1), run(side, "c", "out", "a", "y", n=2)]
    stored = ("a.txt", "6gNHyBa0dKi0XH8r26RMYR-a.txt")[side]
    script = run(
        side,
        "d",
        "sh",
        file=f"kestra:///company/team/demo/executions/{own}/tasks/sh/{IDS['d'][side]}/{stored}",
        run=IDS["d"][side],
        at=f"begun 2026-11-{day:02}T16:44:28Z",
        nothing=None if side else {},
    )
    script["outputs"].pop("nothing")
    made = {
        "id": own,
        "namespace": "company.team",
        "flowId": "demo",
        "flowRevision": 1 + side,
        "taskRunList": [run(side, "a", "each"), *inner[:: -1 if side else 1], script],
        "inputs": {"n": 3, "gone": None} if side else {"n": 3},
        "outputs": {"o": "3"},
        "labels": [{"key": "a", "value": "b"}, {"key": "system.from", "value": "x" * side}],
        "state": state("CREATED", "RUNNING", "SUCCESS", day=day),
        "originalId": own,
    }
    return made | (
        {"url": "http://h/ui/x", "tenantId": "main"}
        if side
        else {"exitCode": 0, "schemaVersion": 1}
    )


def counting(here, there):
    return [(one.path, one.here, one.there) for one in compare(here, there) if not one.expected]


def test_an_execution_is_equal_to_itself():
    assert compare(document(0), document(0)) == []


def test_what_two_places_always_differ_in_is_expected():
    found = compare(document(0), document(1))
    assert [one for one in found if not one.expected] == []
    paths = {one.path for one in found}
    assert {"flowRevision", "labels.system.from", "url", "taskRunList", "state.duration"} <= paths
    assert {"sh: state.histories", "sh: attempts.workerId"} <= paths
    order = next(one for one in found if one.path == "taskRunList")
    assert (order.here, order.there) == ("each > out[x]", "each > out[y]")


def test_outputs_inputs_labels_and_states_that_differ():
    there = document(1)
    there["taskRunList"][3]["outputs"]["file"] += ".gz"
    there["taskRunList"][1]["outputs"] = {"n": 5, "more": [1]}
    there["inputs"]["n"] = True
    there["labels"][0]["value"] = "c"
    there["taskRunList"][2]["state"] = state("CREATED", "RUNNING", "FAILED")
    paths = {path: (one, other) for path, one, other in counting(document(0), there)}
    assert paths.pop("sh: outputs.file")[1].endswith("a.txt.gz")
    assert paths == {
        "each > out[y]: outputs.n": (2, 5),
        "each > out[y]: outputs.more": (None, [1]),
        "inputs.n": (3, True),
        "labels.a": ("b", "c"),
        "each > out[x]: state": ("SUCCESS", "FAILED"),
    }


def test_attempts_that_differ():
    there = document(1)
    attempts = there["taskRunList"][3]["attempts"]
    attempts.insert(0, {"state": state("CREATED", "RUNNING", "FAILED")})
    (found,) = [one for one in compare(document(0), there) if not one.expected]
    assert (found.path, found.here, found.there) == ("sh: attempts", "SUCCESS", "FAILED SUCCESS")
    assert "tried again" in found.why


def test_a_task_run_that_only_one_of_them_has():
    there = document(1)
    del there["taskRunList"][0:3]
    assert counting(document(0), there) == [("each", "SUCCESS", None)]
    assert counting(there, document(0)) == [("each", None, "SUCCESS")]


def test_an_id_stands_for_one_other_only():
    here, there = document(0), document(1)
    here["outputs"] = {"o": [ONE, IDS["a"][0]]}
    there["outputs"] = {"o": [OTHER, OTHER]}
    assert [path for path, *_ in counting(here, there)] == ["outputs.o[1]"]


def test_executions_of_two_flows_and_of_subflows():
    here, there = document(0), document(1)
    there["flowId"] = "else"
    assert ("flow", "company.team.demo", "company.team.else") in counting(here, there)
    there = document(0)
    here["executions"] = [deepcopy(document(0)) | {"flowId": "child"}]
    assert [one.path for one in compare(here, there)] == ["executions"]
    there["executions"] = [deepcopy(document(0)) | {"flowId": "child", "outputs": {"o": "4"}}]
    assert counting(here, there) == [("company.team.child: outputs.o", "3", "4")]


def test_a_secret_is_not_shown():
    here, there = document(0), document(1)
    here["inputs"]["pin"], there["inputs"]["pin"] = "******", "hunter22"
    (found,) = [one for one in compare(here, there) if one.path == "inputs.pin"]
    assert (found.here, found.there, found.expected) == ("******", "(not shown)", True)


@needs_recordings
def test_recorded_executions_are_equal_to_themselves_only():
    """At least eighty of them, whatever state they are in."""
    found = [document for _, document in executions()]
    assert len(found) > 80
    assert not any(compare(one, deepcopy(one)) for one in found)
    assert all(compare(one, document(1)) for one in found)


def test_names_of_task_runs():
    made = document(1)
    made["taskRunList"].append(run(1, "b", "out", "a", "x") | {"id": "another"})
    names = ["each", "each > out[y]", "each > out[x]", "sh", "each > out[x] #2"]
    assert list(named_runs(made)) == names
    first = made["taskRunList"].pop(0)  # the one around comes last
    made["taskRunList"].append(first)
    assert set(named_runs(made)) == set(names)


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("at 2026-11-01T10:00:00Z", "at 2026-11-10T11:22:33.4+01:00", True),
        ("at 2020-01-01T10:00:00Z", "at 2020-01-02T10:00:00Z", False),
        ("http://a:8080/ui/main/x", "https://kestra.example.com/ui/main/x", True),
        ("http://a/other", "http://b/other", False),
        (
            "id 123e4567-e89b-12d3-a456-426614174000",
            "id 923e4567-e89b-12d3-a456-426614174000",
            True,
        ),
        ("internationalizations", "internationalizatioms", False),
        ("kestra:///a/executions/x/12345678.ion", "kestra:///a/executions/y/87654321.ion", True),
        ("kestra:///a/executions/x/a.csv", "kestra:///a/executions/y/b.csv", False),
        (1, 1.0, True),
        (1, True, False),
        (None, "", False),
    ],
)
def test_values_that_say_the_same(here, there, same):
    pairing = Pairing("2026-11-01T09:00:00Z", "2026-11-10T09:00:00Z")
    assert pairing.same(here, there) is same
