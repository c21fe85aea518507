"""Settings of somewhere else that change what runs are named, unless the user trusts them."""

import sys
from pathlib import Path

import pytest

from tests.cli.flows_here import HELLO
from tests.support.cli import Result, run_here

FORCED = """
[[plugin-defaults]]
type = "io.kestra.plugin.core.log"
forced = true
values = { level = "ERROR" }
"""
STEERING = {
    FORCED: "forced plugin-defaults",
    FORCED.replace("true", "false"): "plugin-defaults",
    "state-dir = 'here'": "state-dir",
    "containers = 'always'": "containers",
    "env-file = 'e'": "env-file",
    "secrets-file = 's'": "secrets-file",
    "namespace-files = '.'": "namespace-files",
    "flows-dir = '.'": "flows-dir",
    "pause = 'skip'": "pause",
    "executions-keep = 1": "executions-keep",
    "[globals]\na.b = 1\nc = 2": "globals",
    "[namespaces.x.variables]\na = 1": "namespaces",
    f"state-dir = 'here'\npause = 'skip'\n{FORCED}": "forced plugin-defaults, state-dir and pause",
}
HARMLESS = [
    "",
    "log-level = 'WARN'\ncolor = 'never'",
    "offline = true\nsequential = true\ntimeout = '5m'\nfail-on = 'warning'\ncompat = 2",
    "durable = true\nmax-download = '5MB'",
]


class Places:
    """A checkout of somebody else, with settings, and a flow of the user's own."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "check out"
        self.flow = folder / "mine" / "flow.yaml"
        self.user = folder / "user"
        for one in (self.checkout / "below", self.flow.parent, self.user):
            one.mkdir(parents=True)
        self.flow.write_text(HELLO)
        for name in ("e", "s"):
            (self.checkout / name).touch()

    def settings(self, text: str) -> None:
        (self.checkout / "kestrel.toml").write_text(text)

    def run(self, *arguments: str, below: str = ".") -> Result:
        env = {"XDG_CONFIG_HOME": str(self.user), "XDG_STATE_HOME": str(self.user / "state")}
        return run_here(list(arguments), self.checkout / below, env)

    def told(self, *arguments: str, below: str = ".") -> str:
        """What a run of the user's own flow says on stderr."""
        return self.run("run", str(self.flow), "-qq", *arguments, below=below).err


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


@pytest.mark.parametrize("text", STEERING, ids=STEERING.values())
def test_settings_that_change_what_runs_are_named_in_one_line(text: str, places: Places) -> None:
    places.settings(text)
    line = places.told().splitlines()[0]
    place = places.checkout
    assert line == (
        f"warning: {place}/kestrel.toml is not beside or above the flow file, and changes what "
        f"runs by {STEERING[text]}: `kestrel trust '{place}'` or `--trust` accepts that, "
        "`--no-project-config` ignores the file"
    )


@pytest.mark.parametrize("text", HARMLESS)
def test_settings_that_only_show_or_bound_are_not(text: str, places: Places) -> None:
    places.settings(text)
    assert places.told() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_name_that_acts_on_terminals_is_told_in_one_line_without_acting(tmp_path: Path) -> None:
    folder = tmp_path / "a\nb\x1b[2J"
    folder.mkdir()
    places = Places(folder)
    places.settings("pause = 'skip'")
    told = places.told()
    assert "\x1b" not in told
    assert "a b/check out/kestrel.toml is not beside" in told.splitlines()[0]


def test_those_of_a_pyproject_are_named_as_well(places: Places) -> None:
    (places.checkout / "pyproject.toml").write_text("[tool.kestrel]\nstate-dir = 'here'\n")
    assert "pyproject.toml is not beside" in places.told()


def test_what_a_variable_or_an_option_says_is_the_users_own(places: Places) -> None:
    places.settings("state-dir = 'here'\n")
    assert places.told("--state-dir", str(places.user)) == ""
    places.settings("state-dir = 'here'\nenv-file = 'e'\n")
    told = places.told("--state-dir", str(places.user), "--env-file", "e")
    assert "what runs by env-file:" in told  # files are added to, not taken the place of
    (places.user / "kestrel").mkdir()
    (places.user / "kestrel" / "config.toml").write_text("pause = 'skip'\n")
    places.settings("")
    assert places.told() == ""


@pytest.mark.parametrize("name", ["flow.yaml", "below/flow.yaml"])
def test_beside_or_above_the_flow_is_its_own_project(name: str, places: Places) -> None:
    places.settings(FORCED)
    (places.checkout / ".git").mkdir()
    (places.checkout / name).write_text(HELLO)
    flow = str(places.checkout / name)
    for below in (".", "below"):
        assert places.run("run", flow, "-qq", below=below).err == ""
    assert run_here(["run", "-", "-qq"], places.checkout, stdin=HELLO).err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_links_are_followed_to_where_things_are(places: Places, tmp_path: Path) -> None:
    places.settings(FORCED)
    (tmp_path / "link").symlink_to(places.checkout)
    (places.checkout / "flow.yaml").write_text(HELLO)
    assert places.run("run", str(tmp_path / "link" / "flow.yaml"), "-qq").err == ""
    assert places.run("trust", str(tmp_path / "link")).code == 0
    assert places.told() == ""


def test_what_goes_on_is_asked_for_its_flow_file_too(places: Places) -> None:
    places.settings("pause = 'skip'")
    assert places.told("--trust") == ""
    for command in (["replay", "last"], ["restart", "last"], ["resume", "last"]):
        assert "changes what runs by pause" in places.run(*command, "-qq").err
        assert "what runs" not in places.run(*command, "-qq", "--trust").err
        assert "what runs" not in places.run(*command, "-qq", "--no-project-config").err


def test_the_file_can_be_ignored(places: Places) -> None:
    places.settings(FORCED + "unknown = 1\n")
    result = places.run("run", str(places.flow), "--no-project-config")
    assert result.err == ""
    assert "INFO" in result.out
    for command in (["validate", str(places.flow)], ["eval", "{{ 1 }}"], ["executions"]):
        assert "unknown key" in places.run(*command).err
        assert "unknown key" not in places.run(*command, "--no-project-config").err


def test_a_directory_that_is_trusted_is_not_named(places: Places) -> None:
    places.settings(FORCED)
    assert places.run("trust").out == f"trusted: {places.checkout}\n"
    assert places.told() == ""
    assert places.told(below="below") == ""
    assert places.run("trust", "--list").out == f"{places.checkout}\n"
    kept = places.user / "kestrel" / "trusted"
    assert kept.read_text() == f"{places.checkout}\n"
    if sys.platform != "win32":
        assert kept.stat().st_mode & 0o077 == kept.parent.stat().st_mode & 0o077 == 0


def test_trust_ends_when_it_is_taken_away(places: Places, tmp_path: Path) -> None:
    places.settings(FORCED)
    other = tmp_path / "other"
    other.mkdir()
    (other / "kestrel.toml").touch()
    assert places.run("trust", str(other)).code == places.run("trust", ".").code == 0
    assert places.run("trust", ".").code == 0  # no harm
    assert places.run("trust", "--remove", ".").out == f"no longer trusted: {places.checkout}\n"
    assert places.run("trust", "--list").out == f"{other}\n"
    assert "forced plugin-defaults" in places.told()
    result = places.run("trust", "--remove", ".")
    assert (result.code, result.err) == (5, f"error: {places.checkout} is not trusted\n")


def test_a_folder_that_is_gone_can_be_taken_away(places: Places, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    (gone / "kestrel.toml").touch()
    assert places.run("trust", str(gone)).code == 0
    (gone / "kestrel.toml").unlink()
    gone.rmdir()
    assert places.run("trust", "--remove", str(gone)).code == 0


def test_below_a_project_its_own_directory_is_trusted(places: Places) -> None:
    places.settings(FORCED)
    (places.checkout / ".git").mkdir()
    assert places.run("trust", below="below").out == f"trusted: {places.checkout}\n"
    assert places.run("trust", "--remove", below="below").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nowhere"], 3), (["below"], 5), (["--list", "."], 2), (["--list", "--remove"], 2)],
)
def test_what_can_not_be_trusted_is_refused(
    arguments: list[str], code: int, places: Places
) -> None:
    result = places.run("trust", *arguments)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("error: ")


def test_a_list_that_can_not_be_read_trusts_nobody(places: Places) -> None:
    places.settings(FORCED)
    (places.user / "kestrel" / "trusted").mkdir(parents=True)
    assert "forced plugin-defaults" in places.told()
    assert places.run("trust").code == 3


# -- commands that look at what ran


LOOKING = [["executions"], ["kv", "list"], ["eval", "{{ 1 }}"]]


@pytest.mark.parametrize("command", LOOKING)
def test_a_state_directory_that_a_project_has_chosen_is_told(
    command: list[str], places: Places
) -> None:
    places.settings("state-dir = 'here'")
    (line,) = places.run(*command).err.splitlines()
    assert line == (
        f"warning: {places.checkout}/kestrel.toml says that executions are in "
        f"{places.checkout}/here: `kestrel trust '{places.checkout}'` or `--trust` accepts that, "
        "`--no-project-config` ignores the file"
    )
    for option in (["--trust"], ["--no-project-config"], ["--state-dir", "other"]):
        assert places.run(*command, *option).err == ""
    places.run("trust")
    assert places.run(*command).err == ""


@pytest.mark.parametrize("command", LOOKING)
def test_other_settings_of_a_project_need_no_trust_to_look(
    command: list[str], places: Places
) -> None:
    places.settings("flows-dir = '.'")
    assert places.run(*command).err == ""


def test_an_expression_of_a_flow_beside_the_settings_needs_no_trust(places: Places) -> None:
    places.settings("state-dir = 'here'")
    (places.checkout / "flow.yaml").write_text(HELLO)
    assert places.run("eval", "{{ flow.id }}", "--flow", "flow.yaml").err == ""
