"""Files of executions come whole or not at all; those of namespaces and key-values as they are."""

import pytest

from kestrel_cli.errors import CannotStart, NotThere, Unreachable
from kestrel_cli.server import files, key_values, namespace_files
from kestrel_cli.server.documents import summary_of
from tests.support.kestra_faults import Fault
from tests.support.kestra_plays import Script

FLOW = "company.team.demo"


@pytest.fixture
def live(kestra):
    kestra.plays[FLOW] = Script(FLOW).run("one").end("one").state("SUCCESS")
    return kestra.begin(FLOW).until("SUCCESS")


def stored(kestra, live, content=b"a,b\n"):
    uri = f"kestra:///company/team/demo/executions/{live.play.id}/tasks/one/x/out.csv"
    kestra.files[uri] = content
    return uri


def test_files_are_those_that_outputs_name():
    document = {
        "taskRunList": [
            {"outputs": {"uri": "kestra:///a", "files": {"x": "kestra:///b", "n": 1}}},
            {"outputs": None},
            {"outputs": {"again": ["kestra:///a"], "text": "no file"}},
        ],
        "outputs": {"all": "kestra:///c"},
    }
    assert files.uris(document) == ["kestra:///a", "kestra:///b", "kestra:///c"]
    assert files.uris({}) == []


def test_a_file_is_fetched(server, kestra, live, tmp_path):
    uri = stored(kestra, live, b"\0" * 200_000)
    assert files.download(server, live.play.id, uri, tmp_path / "out") == 200_000
    assert (tmp_path / "out").read_bytes() == b"\0" * 200_000
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_of_another_execution_is_where_the_server_leads_to(server, kestra, live, tmp_path):
    uri = stored(kestra, live)
    other = kestra.begin(FLOW)
    files.download(server, other.play.id, uri, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"a,b\n"


def test_a_file_that_comes_in_half_is_fetched_again(server, kestra, live, tmp_path, waits):
    uri = stored(kestra, live)
    half = Fault("/file", status=200, headers={"Content-Length": "4"}, body=b"a,")
    kestra.faults.append(half)
    files.download(server, live.play.id, uri, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"a,b\n"
    assert waits == [1.0]
    half.times, half.met = 9, 0
    with pytest.raises(Unreachable, match="before it is whole"):
        files.download(server, live.play.id, uri, tmp_path / "other")
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_what_is_not_there_or_can_not_be_written_is_told(server, kestra, live, tmp_path):
    uri = stored(kestra, live)
    with pytest.raises(NotThere, match="No such file"):
        files.download(server, live.play.id, f"{uri}.nope", tmp_path / "out")
    with pytest.raises(CannotStart, match="can't be written"):
        files.download(server, live.play.id, uri, tmp_path / "none" / "out")
    assert list(tmp_path.iterdir()) == []


def test_files_of_namespaces_go_there_and_back(server, tmp_path):
    place = tmp_path / "local.txt"
    place.write_bytes(b"x\r\n\0")
    namespace_files.put(server, "company.team", "data/my file.txt", place)
    assert namespace_files.listed(server, "company.team") == ["data/my+file.txt"]
    assert namespace_files.stored_name("/data/my file.txt") == "data/my+file.txt"
    assert namespace_files.content(server, "company.team", "data/my file.txt") == b"x\r\n\0"
    assert namespace_files.content(server, "company.team", "nope") is None
    assert namespace_files.listed(server, "other") == []


@pytest.mark.parametrize("value", ["plain words here", "", "42", 42, 1.5, True, {"a": ["ä"]}])
def test_values_of_keys_are_the_same_over_there(value, server):
    key_values.put(server, "company.team", "k", value)
    assert key_values.get(server, "company.team", "k")[0] == value
    assert [one["key"] for one in key_values.listed(server, "company.team")] == ["k"]
    assert key_values.delete(server, "company.team", "k")
    assert key_values.get(server, "company.team", "k") is None


def test_a_list_tells_of_executions_what_ours_tells(live):
    summary = summary_of(live.document, "http://kestra")
    assert (summary.id, summary.state, summary.runs) == (live.play.id, "SUCCESS", 1)
    assert summary.ended_at > summary.started_at
    running = Script(FLOW).steps[-1][0]
    assert summary_of(running, "").ended_at is None
    assert summary_of(running, "").runs is None
