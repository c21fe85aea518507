"""Tests that make tasks raise leave no bugs behind, for others to be told of."""

from collections.abc import Iterator

import pytest

from kestrel_cli.worker.bugs import BUGS


@pytest.fixture(autouse=True)
def no_bugs_left() -> Iterator[None]:
    yield
    BUGS.clear()
