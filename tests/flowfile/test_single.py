import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.flowfile.single import runnable_task
from kestrel_cli.tasks.log.log import Log
from tests.support.flows import leaf

CORE = "io.kestra.plugin.core."


def test_a_text_becomes_a_task_in_the_place_of_its_owner() -> None:
    owner = leaf("owner")
    made = runnable_task(f"type: {CORE}log.Log\nmessage: hi\ntimeout: PT1S\n", owner)
    assert isinstance(made, Log)
    assert (made.id, made.message, made.where) == ("owner", "hi", owner.where)
    assert runnable_task(f"id: own\ntype: {CORE}log.Log\nmessage: a", owner).id == "own"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("hello", "a task must be a map with `type`, got: hello"),
        ("- type: x", "a task must be a map"),
        ("a: [", "is no valid task"),
        ("message: x", "line 1: missing property `type`"),
        (f"type: {CORE}log.Logg", "line 1: unknown task type .*did you mean"),
        (f"type: {CORE}log.Log", "missing property `message`"),
        (f"type: {CORE}log.Log\nmessage: a\nlevel: LOUD", "line 3: `level` must be"),
        (f"type: {CORE}log.Log\nmessage: a\nmessage: b", "line 3: .*message"),
        (f"type: {CORE}log.Log\nid: '!'\nmessage: b", "line 2: `id` must be"),
        (f"type: {CORE}flow.Sequential\ntasks: []", "must be a runnable task"),
        (f"type: {CORE}flow.Subflow\nnamespace: a\nflowId: b", "must be a runnable task"),
        (f"type: {CORE}templating.TemplatedTask\nspec: a", "cannot be of type"),
        ("type: io.kestra.core.tasks.templating.TemplatedTask\nspec: a", "cannot be of type"),
        ("type: io.kestra.plugin.aws.s3.Upload\nfrom: a", "io.kestra.plugin.aws.s3.Upload"),
        ("[" * 500, "is no valid task"),
    ],
)
def test_what_is_no_runnable_task_is_refused(text: str, words: str) -> None:
    with pytest.raises(TaskFailed, match=words):
        runnable_task(text, leaf("owner"))


def test_not_every_flaw_is_told() -> None:
    text = f"type: {CORE}log.Log\n" + "".join(f"x{number}: 1\n" for number in range(50))
    with pytest.raises(TaskFailed) as refused:
        runnable_task(text, leaf("owner"))
    assert len(str(refused.value).splitlines()) == 4
