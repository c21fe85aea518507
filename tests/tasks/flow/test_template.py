import pytest

from kestrel_cli.errors import TaskFailed
from tests.tasks.flow.expanding import expanded


def test_it_is_refused_with_a_way_out():
    with pytest.raises(
        TaskFailed, match=r"use a Subflow.*flow template 'company\.team\.greeting'$"
    ):
        expanded("Template", {"n": "team"}, namespace="company.team", templateId="greeting")
