import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.flowfile.unsupported import UnsupportedTask
from tests.support.context import FakeContext


def test_it_fails_with_its_reason():
    made = UnsupportedTask(id="q", type="io.kestra.plugin.jdbc.Query", reason="no databases here")
    with pytest.raises(TaskFailed, match=r"^no databases here$"):
        made.run(FakeContext())
