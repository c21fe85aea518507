import os

import pytest

from kestrel_cli.worker.services import Given
from tests.support.reach import ReachingContext


@pytest.fixture
def ctx(tmp_path):
    """An attempt that sees this machine's environment, but for the user's own caches."""
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    given = Given(settings={"kill-grace": "0.3"})
    made = ReachingContext(tmp_path, environ=environ, given=given)
    yield made
    made._reach.close()
