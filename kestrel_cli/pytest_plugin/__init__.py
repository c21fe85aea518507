"""A plugin of pytest: suites of unit tests beside Python tests, and the fixture `kestrel`.

pytest loads this module in every session where Kestrel is installed. So it imports nothing and
looks at no file, unless suites are asked for: by `--kestrel`, the ini option `kestrel`, `-p
kestrel`, or by the name of one on the command line.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from kestrel_cli.app.kestrel import Kestrel

_NAME = "kestrel"
_SAYS = b"testCases"
_LOOKED_AT = 4_000_000  # bytes of a file, at most


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two options, of a group of their own."""
    group = parser.getgroup(_NAME, "unit tests of Kestra flows")
    group.addoption(
        "--kestrel", action="store_true", help="collect suites of unit tests of Kestra flows, too"
    )
    group.addoption(
        "--kestrel-run",
        action="append",
        default=[],
        metavar="TASK",
        help="in suites, let this task, or types that begin so, run for real",
    )
    parser.addini(_NAME, "collect suites of unit tests of Kestra flows, too", "bool", False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A suite, when suites are asked for; other YAML files are left to others."""
    if file_path.suffix not in (".yaml", ".yml"):
        return None
    if not parent.session.isinitpath(file_path) and not _asked(parent.config):
        return None
    try:
        with file_path.open("rb") as stream:
            if _SAYS not in stream.read(_LOOKED_AT):
                return None
    except OSError:
        return None
    from kestrel_cli.pytest_plugin.items import suite_file

    return suite_file(file_path, parent)


def _asked(config: pytest.Config) -> bool:
    plugins = config.getoption("plugins", default=None) or ()  # what `-p` says
    return bool(config.getoption(_NAME) or config.getini(_NAME) or _NAME in plugins)


@pytest.fixture
def kestrel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kestrel:
    """Runs flows: `kestrel.run("flow.yaml", inputs=..., mocks=...)` gives an Execution.

    Each test has a state directory of its own. Relative paths are looked for beside the file of
    the test, then in the working directory.
    """
    from kestrel_cli.app.kestrel import Kestrel

    return Kestrel(tmp_path_factory.mktemp(_NAME), request.path.parent)
