import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.frame import Lane
from kestrel_cli.model.task import Expansion
from tests.tasks.flow.expanding import expanded


def test_it_runs_one_value_after_the_other():
    assert expanded("EachSequential", value='["x",2]', tasks=("a",)) == Expansion(
        [Lane("tasks", 0, 1, "x", 0), Lane("tasks", 0, 1, "2", 1)], limit=1
    )


def test_a_null_among_the_values_fails_it():
    with pytest.raises(TaskFailed, match=r"^Found '1' null values on Each"):
        expanded("EachSequential", value='["x",null]', tasks=("a",))
