import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.index import enabled_blocks
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Expansion, Verdict
from kestrel_cli.tasks.files.working_files import NamespaceFilesSpec
from kestrel_cli.tasks.flow.working_directory import Cache
from tests.support.flows import leaf, task
from tests.support.reach import ReachingContext
from tests.support.stored import content, stored

BEFORE = r"^Failed preExecuteTasks on WorkingDirectory: "


@pytest.fixture
def ctx(tmp_path):
    made = ReachingContext(tmp_path, {"name": "plan.txt", "map": {"a.txt": "1"}})
    yield made
    made.close()


def directory(**properties):
    made = task("flow.WorkingDirectory", "box", tasks=(leaf("a"), leaf("b")), **properties)
    made.__dict__["blocks"] = enabled_blocks(made)
    return made


def names(ctx):
    folder = ctx.files.folder()
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_its_tasks_run_one_after_the_other_in_an_empty_directory(ctx):
    assert directory().expand(ctx) == Expansion([Lane("tasks", 0, 2)])
    assert names(ctx) == []


def test_input_files_are_there_before_the_tasks(ctx):
    inputs = {"<name>": "3 boards", "wood/oak.txt": stored(ctx, "oak")}
    directory(inputFiles=inputs).expand(ctx)
    assert names(ctx) == ["plan.txt", "wood/oak.txt"]
    assert (ctx.files.folder() / "wood/oak.txt").read_text() == "oak"


def test_namespace_files_are_there_and_input_files_win(ctx):
    for name in ("a.txt", "b.sql"):
        ctx.files.namespace().write(name, b"of the namespace")
    spec = made_of(NamespaceFilesSpec, {"exclude": ["*.sql"]})
    made = directory(namespaceFiles=spec, inputFiles={"a.txt": "mine"})
    made.expand(ctx)
    assert names(ctx) == ["a.txt"]
    assert (ctx.files.folder() / "a.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"../x": "no"}, r"inputFiles: Path must not contain"),
        ({"a": "kestra:///nowhere"}, r"inputFiles: "),
        ("no map", r"inputFiles: expected a map"),
    ],
)
def test_what_cannot_be_made_ready_fails_it_before_its_tasks(ctx, inputs, words):
    with pytest.raises(TaskFailed, match=BEFORE + words):
        directory(inputFiles=inputs).expand(ctx)


def test_output_files_are_kept_even_when_a_task_failed(ctx):
    (ctx.files.folder() / "sub").mkdir()
    for name in ("a.txt", "sub/b.txt", "c.sql"):
        (ctx.files.folder() / name).write_text(name)
    verdict = directory(outputFiles=["**.txt"]).judge(ctx, State.FAILED)
    found = verdict.outputs["outputFiles"]
    assert {name: content(ctx, uri) for name, uri in found.items()} == {
        "a.txt": "a.txt",
        "sub/b.txt": "sub/b.txt",
    }


def test_without_a_match_it_has_no_outputs(ctx):
    ctx.files.folder()
    assert directory(outputFiles=["*.txt"]).judge(ctx, State.SUCCESS) == Verdict({})


@pytest.mark.parametrize(("worst", "kept"), [("SUCCESS", True), ("FAILED", False)])
def test_the_cache_is_for_the_next_time_unless_a_task_failed(ctx, tmp_path, worst, kept):
    made = directory(cache=made_of(Cache, {"patterns": ["*.jar"]}))
    made.expand(ctx)
    for name in ("a.jar", "b.txt"):
        (ctx.files.folder() / name).write_text(name)
    made.judge(ctx, State(worst))
    later = ReachingContext(tmp_path)
    made.expand(later)
    assert names(later) == (["a.jar"] if kept else [])
    later.close()
