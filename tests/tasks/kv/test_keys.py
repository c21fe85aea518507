from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.kv.keys import namespace_of
from kestrel_cli.tasks.properties.keys import checked_key
from tests.support.reach import ReachingContext


@pytest.mark.parametrize("key", ["a", "A.b-c_1", "0"])
def test_a_key_starts_with_a_letter_or_digit(tmp_path: Path, key: str) -> None:
    assert checked_key(ReachingContext(tmp_path), key) == key


@pytest.mark.parametrize("key", ["_a", "a:b", "a b", "../a", "ä", "a\n"])
def test_other_keys_are_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(TaskFailed, match="can't be used"):
        checked_key(ReachingContext(tmp_path), key)


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskFailed, match="cannot be null or empty"):
        checked_key(ReachingContext(tmp_path), None)


def test_the_flows_own_namespace_is_none(tmp_path: Path) -> None:
    ctx = ReachingContext(tmp_path)
    assert namespace_of(ctx, None) is None
    assert namespace_of(ctx, "company.team") is None
    assert namespace_of(ctx, "other") == "other"
