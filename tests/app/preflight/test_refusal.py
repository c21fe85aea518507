import shutil

import pytest

from kestrel_cli.app.preflight.gather import refuse_what_does_not_run
from kestrel_cli.errors import Obstacles, Unsupported
from tests.app.test_mocks import unsupported
from tests.support.flows import flow, leaf, sequence, task


def needing(task_id, *programs, **more):
    """A task that needs programs."""
    made = leaf(task_id, **more)
    made.__dict__["needs"] = lambda: list(programs)
    return made


@pytest.fixture(autouse=True)
def only(monkeypatch):
    """The programs that are installed."""
    there = {"git"}
    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    return there


def refused(*tasks, **more):
    with pytest.raises(Unsupported) as refusal:
        refuse_what_does_not_run(flow(*tasks), **more)
    return refusal.value


def test_a_flow_that_runs_is_not_refused():
    refuse_what_does_not_run(flow(leaf("a"), needing("b", "git"), unsupported_off()))


def unsupported_off():
    made = unsupported()
    made.__dict__["disabled"] = True
    return made


def test_every_task_that_does_not_run_is_named_with_its_place_and_what_would_help():
    found = refused(sequence("s", unsupported("p")), unsupported("q"))
    assert found.needs == (
        ("task `p` of type com.example.Query", "flow.yaml:1:1"),
        ("task `q` of type com.example.Query", "flow.yaml:1:1"),
    )
    assert found.mocks == ("--mock 'p={}'", "--mock 'q={}'")


def test_a_task_that_asks_for_what_kestrel_does_not_do_is_one_of_them():
    made = leaf("a")
    made.__dict__["lacks"] = lambda: ["a moon: take a lamp"]
    found = refused(made, unsupported("q"))
    assert [what for what, _ in found.needs] == [
        "task `a` asks for a moon: take a lamp",
        "task `q` of type com.example.Query",
    ]
    assert found.mocks == ("--mock 'a={}'", "--mock 'q={}'")


def test_the_mock_gives_the_outputs_that_the_flow_reads():
    query = unsupported("q")
    query.__dict__["type"] = "io.kestra.plugin.jdbc.oracle.Query"
    texts = ["{{ outputs.q.rows[0] }}", "{{ outputs['q'].uri }}", "{{ outputs.p.answer }}"]
    reading = [leaf(f"r{number}", format=text) for number, text in enumerate(texts)]
    assert refused(query, unsupported("p"), unsupported("x"), *reading).mocks == (
        """--mock 'q={"outputs": {"rows": [{"key": "..."}]}, "files": {"uri": "..."}}'""",
        """--mock 'p={"answer": "..."}'""",
        "--mock 'x={}'",
    )


def test_a_task_that_is_covered_needs_nothing():
    covers = {"q", "b"}
    tasks = (unsupported("q"), needing("b", "none"))
    refuse_what_does_not_run(flow(*tasks), lambda task: task.id in covers)


def test_programs_that_are_missing_are_named_all_together():
    found = refused(needing("a", "git", "node"), needing("b", "perl", "ruby"))
    assert str(found) == "the flow needs programs that are not there"
    assert found.needs == (
        ("task `a` needs node, which is not installed", "test.yaml:1:1"),
        ("task `b` needs perl, which is not installed", "test.yaml:1:1"),
        ("task `b` needs ruby, which is not installed", "test.yaml:1:1"),
    )
    assert found.mocks == ("--mock 'a={}'", "--mock 'b={}'")


def test_one_of_several_programs_is_enough():
    refuse_what_does_not_run(flow(needing("a", "hub|git")))
    assert "needs hub or svn, which" in refused(needing("a", "hub|svn")).needs[0][0]


def test_types_and_programs_are_told_at_once_the_types_first():
    with pytest.raises(Obstacles) as refusal:
        refuse_what_does_not_run(flow(needing("a", "node"), unsupported("q")))
    needs = [what for part in refusal.value.parts for what, _ in part.needs]
    assert needs == [
        "task `q` of type com.example.Query",
        "task `a` needs node, which is not installed",
    ]
    assert refusal.value.exit_code == 4


def test_programs_are_not_looked_for_where_containers_have_them():
    refuse_what_does_not_run(flow(needing("a", "node")), programs=False)


def test_a_script_needs_the_program_of_its_language():
    script = task("io.kestra.plugin.scripts.node.Script", "n", script="1")
    what = [one for one, _ in refused(script).needs]
    assert "task `n` needs node, which is not installed" in what
