from pathlib import Path

import pytest

from tests.support.reach import ReachingContext


@pytest.fixture
def ctx(tmp_path: Path) -> ReachingContext:
    return ReachingContext(tmp_path)
