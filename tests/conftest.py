"""What holds for every test: nothing of the machine it runs on decides how it ends."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

IN_CI = bool(os.environ.get("CI"))

# A deadline measures the machine, not the program.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "here")

_OF_THE_MACHINE = (
    "CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "TF_BUILD", "TEAMCITY_VERSION", "JENKINS_URL",
    "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS", "COLORTERM", "TERM",
    "COLUMNS", "LINES", "PYTHONIOENCODING", "PYTHONUTF8",
)  # fmt: skip
_PREFIXES = ("KESTREL_", "KESTRA_", "ENV_", "SECRET_", "XDG_", "LC_")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-goldens` takes what the flows of tests/flows print now as right."""
    parser.addoption(
        "--update-goldens", action="store_true", help="rewrite the files of tests/flows"
    )


@pytest.fixture(scope="session", autouse=True)
def no_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An environment of which nothing is the machine's: no colours, no CI, no user's files."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name in _OF_THE_MACHINE or name.startswith(_PREFIXES):
                patch.delenv(name)
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        yield
