"""From options and settings to a request: one table."""

from pathlib import Path
from typing import Any

import pytest

from kestrel_cli.app.options import KEPT
from kestrel_cli.app.request import Mocks, Part, PausePolicy, RunRequest
from kestrel_cli.cli import options as of
from kestrel_cli.cli.run_options import FIELDS, ONLY_NEW, RunOptions, request_of
from kestrel_cli.errors import UsageError
from kestrel_cli.model.mock import Mock
from kestrel_cli.store.config import Config
from tests.support.flows import flow, leaf

ALL = tuple(FIELDS)


def request(config: Config | None = None, **given: Any) -> RunRequest:
    """Of a command that has all options; those that are given are on its command line."""
    names = given.pop("names", ALL)
    options = RunOptions(**given, said=frozenset(given), names=names)
    return request_of(options, config or Config(), flow(leaf("a")))


def test_without_options_and_settings_it_is_a_plain_run() -> None:
    found, plain = request(), RunRequest(flow(leaf("a")))
    for field in ("part", "mocks", "pauses", "timeout", "compat", "seed", "flows_dir", "max_depth"):
        assert getattr(found, field) == getattr(plain, field)
    assert found.said == frozenset()
    assert found.given.settings == {"containers": "auto"}


@pytest.mark.parametrize(
    ("given", "field", "value", "said"),
    [
        ({"timeout": "5m"}, "timeout", 300.0, {"timeout"}),
        ({"seed": 0}, "seed", 0, {"seed"}),
        ({"compat": 2}, "compat", 2, {"compat"}),
        ({"max_depth": 9}, "max_depth", 9, {"max_depth"}),
        ({"sequential": True}, "sequential", True, {"sequential"}),
        ({"durable": True}, "durable", True, set()),
        ({"fail_on": of.FailOn.WARNING}, "fail_on_warning", True, {"fail_on_warning"}),
        ({"fail_on": of.FailOn.FAILED}, "fail_on_warning", False, {"fail_on_warning"}),
        ({"pause": of.OnPause.WAIT}, "pauses", PausePolicy(policy="wait"), {"pauses.policy"}),
        ({"resume_with": ["a={x: 1}"]}, "pauses", PausePolicy(given={"a": {"x": 1}}), set()),
        ({"only": "a", "until": "b"}, "part", Part("a", None, "b"), {"part"}),
        ({"from_": "a"}, "part", Part(start="a"), {"part"}),
        ({"mock_unsupported": True}, "mocks", Mocks(unsupported=True), {"mocks.unsupported"}),
        ({"label": ["k=v"]}, "labels", [("k", "v")], set()),
        ({"state_dir": "s"}, "state_dir", "s", set()),
    ],
)  # fmt: skip
def test_an_option_goes_to_its_place(
    given: dict[str, Any], field: str, value: object, said: set[str]
) -> None:
    found = request(**given)
    assert getattr(found, field) == value
    assert found.said == said


def test_what_tasks_are_told_is_in_one_place() -> None:
    found = request(kill_grace="2s", containers=of.Containers.NEVER, offline=True, kv=["k=v"])
    assert found.given.settings == {"containers": "never", "kill-grace": "2.0"}
    assert (found.given.offline, found.given.kv) == (True, {"k": "v"})
    assert found.said == {
        "given.offline", "given.settings.containers", "given.settings.kill-grace",
    }  # fmt: skip


def test_mocks_of_both_options_are_joined_and_those_that_were_kept_stay_beside_them() -> None:
    found = request(mock=["a={x: 1}"], mock_type=["io.x"])
    assert found.mocks.listed == [Mock(task="a", outputs={"x": 1}), Mock(prefix="io.x")]
    assert found.said == frozenset()


def test_a_setting_counts_where_no_option_is_given_and_nobody_has_said_it() -> None:
    config = Config(timeout="5s", pause="skip", sequential=True, fail_on="warning", compat=2)
    found = request(config)
    assert (found.timeout, found.pauses.policy, found.sequential) == (5.0, "skip", True)
    assert (found.fail_on_warning, found.compat, found.said) == (True, 2, frozenset())
    assert request(config, timeout="9s").timeout == 9.0
    assert request(config, fail_on=of.FailOn.FAILED).fail_on_warning is False


def test_files_of_settings_and_options_are_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.env").write_text("A=1\nB=1\n", "utf-8")
    Path("b.env").write_text("B=2\n", "utf-8")
    found = request(Config(secrets_file=["a.env"]), secrets_file=["b.env"])
    assert found.given.secrets == {"A": "1", "B": "2"}


def test_a_command_that_goes_on_takes_no_setting_for_an_option_that_it_does_not_have() -> None:
    names = tuple(name for name in ALL if name not in ONLY_NEW)
    assert request(Config(compat=2, timeout="5s"), names=names).compat == 1
    assert request(Config(compat=2, timeout="5s"), names=names).timeout == 5.0


def test_how_much_may_be_downloaded_is_an_option_and_a_setting() -> None:
    config = Config(max_download="2048")
    assert request(config).given.settings["max-download"] == "2048"
    assert request(config, max_download="5KB").given.settings["max-download"] == "5120"
    assert "max-download" not in request().given.settings


def test_how_many_executions_are_kept_is_a_setting() -> None:
    assert request(Config(executions_keep=3)).executions_keep == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"flows_dir": "nowhere"}, "`--flows-dir nowhere`: no such directory"),
        ({"label": ["k"]}, "`--label k`: write "),
        ({"kill_grace": "soon"}, "`--kill-grace soon`: write "),
        ({"max_download": "much"}, "`--max-download much`: this must be a size"),
    ],
)
def test_what_is_wrong_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        request(**given)


def test_every_part_of_a_request_that_is_kept_has_an_option() -> None:
    paths = {field.path.partition(".")[0] if name in ("only", "from_", "until") else field.path
             for name, field in FIELDS.items()}  # fmt: skip
    assert set(KEPT) <= paths


def test_every_option_of_the_table_is_declared() -> None:
    assert set(FIELDS) <= set(RunOptions.__annotations__)
