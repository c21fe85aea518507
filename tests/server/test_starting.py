"""An execution is started once, whatever the network does."""

import pytest

from kestrel_cli.errors import InputError, NothingMatched, ServerError, Unreachable, UsageError
from kestrel_cli.server.documents import labels_of
from kestrel_cli.server.executions import Wanted, search
from kestrel_cli.server.starting import LABEL, Start, by_mark, start
from tests.support.kestra_faults import Fault, refused

FLOW = "company.team.demo"


@pytest.fixture(autouse=True)
def _known(kestra):
    kestra.flows["company.team", "demo"] = [
        "id: demo\nnamespace: company.team\ninputs:\n  - id: data\n    type: FILE\ntasks: [a]\n"
    ]


def wanted(**fields):
    return Start("company.team", "demo", **fields)


def test_each_start_has_a_label_of_its_own(server, kestra):
    first, second = start(server, wanted()), start(server, wanted(labels=[("env", "test")]))
    marks = [dict(labels_of(one))[LABEL] for one in (first, second)]
    assert len(set(marks)) == 2
    assert dict(labels_of(second))["env"] == "test"
    assert len(kestra.starts) == 2


def test_typed_inputs_go_as_texts_and_files_with_their_names(server, kestra, tmp_path):
    (tmp_path / "notes.txt").write_text("alpha")
    inputs = {"data": tmp_path / "notes.txt", "n": 7, "on": True, "list": [1, "ä"], "no": None}
    start(server, wanted(inputs=inputs))
    parts = [
        (one["name"], one["filename"], one["content"].decode()) for one in kestra.starts[0].parts
    ]
    assert parts == [
        ("data", "notes.txt", "alpha"),
        ("n", None, "7"),
        ("on", None, "true"),
        ("list", None, '[1, "ä"]'),
    ]


def test_a_file_as_a_text_is_refused_as_by_the_real_one(server):
    with pytest.raises(ServerError, match="No such file"):
        start(server, wanted(inputs={"data": "alpha"}))


def test_a_file_that_is_not_there_is_told_before_anything_is_sent(server, kestra, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        start(server, wanted(inputs={"data": tmp_path / "none"}))
    assert kestra.asked == []


@pytest.mark.parametrize("label", [("system.x", "1"), ("", "1"), ("a:b", "1")])
def test_labels_that_a_server_refuses_are_told_before(server, kestra, label):
    with pytest.raises(UsageError, match="label"):
        start(server, wanted(labels=[label]))
    assert kestra.asked == []


def test_a_lost_answer_is_found_by_its_label(server, kestra):
    kestra.faults.append(Fault("POST .*/executions/company.team/demo", lost=True))
    found = start(server, wanted())
    assert len(kestra.starts) == 1
    assert found["id"] in kestra.live


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_start_that_failed_on_the_way_is_made_again_when_there_is_none(server, kestra, status):
    kestra.faults.append(refused("POST .*/executions/company.team/demo", status, times=1))
    start(server, wanted())
    assert len(kestra.starts) == 1
    assert len(kestra.requests("/executions/search")) == 5  # it was looked for


def test_a_busy_server_is_asked_later(server, kestra, waits):
    kestra.faults.append(refused("POST .*/demo", 429, times=2, Retry_After="2"))
    start(server, wanted())
    assert waits == [2.0, 2.0]
    assert len(kestra.starts) == 1


def test_a_server_that_can_not_be_asked_leaves_it_open_and_names_the_label(server, kestra):
    kestra.faults.append(Fault("POST .*/demo", lost=True))
    kestra.faults.append(refused("/executions/search", 500))
    with pytest.raises(Unreachable, match="is not known") as caught:
        start(server, wanted(mark="abc"))
    assert f"{LABEL}: abc" in caught.value.hint
    assert len(kestra.starts) == 1
    kestra.faults.clear()
    assert by_mark(server, wanted(mark="abc"))["id"] in kestra.live
    with pytest.raises(NothingMatched, match="other"):
        by_mark(server, wanted(mark="other"))


def test_a_server_that_is_silent_may_still_begin_so_it_is_not_asked_twice(asking, kestra, server):
    kestra.faults.append(Fault("POST .*/demo", slow=0.2, status=500))
    server.asking.context.read = 0.05
    with pytest.raises(Unreachable, match="is not known"):
        start(server, wanted())
    assert len(kestra.requests("POST .*/demo")) == 1


def test_refusals_are_no_reason_to_look(server, kestra):
    kestra.disabled.add(("company.team", "demo"))
    with pytest.raises(ServerError, match="disabled"):
        start(server, wanted())
    assert len(kestra.asked) == 1


def test_the_label_finds_it_among_others(server, kestra):
    for _ in range(3):
        kestra.begin(FLOW)
    document = start(server, wanted())
    mark = dict(labels_of(document))[LABEL]
    found = search(server, Wanted("company.team", "demo", labels={LABEL: mark}))
    assert [one["id"] for one in found] == [document["id"]]
