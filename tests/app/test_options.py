import json
from pathlib import Path

import pytest

from kestrel_cli.app.options import KEPT, kept_options, take_options
from kestrel_cli.app.request import Mocks, Part, PausePolicy, RunRequest
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.store.journal_lines import encode
from kestrel_cli.worker.services import Given
from tests.support.flows import flow, leaf

MOCK = Mock("a", "v", None, {"n": 1}, State.FAILED, {"uri": b"\0\xff"}, "why")
BY_TYPE = Mock(prefix="io.kestra.plugin.jdbc")
HERE = str(Path.cwd())
AUTO = Given(settings={"containers": "auto"})
# A value for each row of the table, and its JSON.
VALUES = {
    "part": ({"part": Part("a[v]", "b", "c")}, ["a[v]", "b", "c"]),
    "mocks": (
        {"mocks": Mocks([MOCK])},
        [["a", "v", None, {"n": 1}, "FAILED", {"uri": "AP8="}, "why"]],
    ),
    "mockUnsupported": ({"mocks": Mocks(unsupported=True)}, True),
    "flowsDir": ({"flows_dir": f"{HERE}/flows"}, f"{HERE}/flows"),
    "maxDepth": ({"max_depth": 300}, 300),
    "compat": ({"compat": 2}, 2),
    "seed": ({"seed": 0}, 0),
    "frozenAt": ({"frozen_at": 5}, 5),
    "timeout": ({"timeout": 1.5}, 1.5),
    "pause": ({"pauses": PausePolicy(policy="wait")}, "wait"),
    "sequential": ({"sequential": True}, True),
    "failOnWarning": ({"fail_on_warning": True}, True),
    "kv": ({"given": Given(kv={"k": [1]})}, {"k": [1]}),
    "namespaceFiles": ({"given": Given(namespace_files=f"{HERE}/f")}, f"{HERE}/f"),
    "offline": ({"given": Given(offline=True)}, True),
    "containers": ({"given": Given(settings={"containers": "always"})}, "always"),
    "maxDownload": ({"given": Given(settings={"max-download": "5"})}, "5"),
    "killGrace": ({"given": Given(settings={"kill-grace": "2.0"})}, "2.0"),
}


def request(**more):
    return RunRequest(flow(leaf("a")), **more)


def gone_on(kept, **more):
    """A request that goes on with what a journal has kept."""
    return take_options(request(**more), json.loads(encode(kept)))


def test_a_plain_run_keeps_nothing():
    assert kept_options(request()) == {}
    assert kept_options(request(given=Given(settings={"containers": "auto"}))) == {}


@pytest.mark.parametrize("name", [how.name for how in KEPT.values()])
def test_what_a_run_was_given_is_kept_and_comes_back(name):
    fields, told = VALUES[name]
    kept = kept_options(request(**fields))
    assert kept == {name: told}
    after = gone_on(kept)
    assert {field: getattr(after, field) for field in fields} == fields


def test_a_request_is_not_changed_by_what_was_kept():
    before = request()
    assert take_options(before, {"compat": 2, "kv": {"k": 1}}) != before
    assert (before.compat, before.given) == (1, Given())


@pytest.mark.parametrize(
    ("name", "path", "now"),
    [
        ("compat", "compat", {"compat": 1}),
        ("timeout", "timeout", {"timeout": 9.0}),
        ("pause", "pauses.policy", {"pauses": PausePolicy(policy="fail")}),
        ("failOnWarning", "fail_on_warning", {"fail_on_warning": False}),
        ("flowsDir", "flows_dir", {"flows_dir": f"{HERE}/others"}),
        ("containers", "given.settings.containers", {"given": AUTO}),
    ],
)  # fmt: skip
def test_what_the_user_says_now_wins_and_is_kept_from_now_on(name, path, now):
    after = gone_on({name: VALUES[name][1]}, said=frozenset({path}), **now)
    assert {field: getattr(after, field) for field in now} == now
    assert name in kept_options(after)


def test_what_only_settings_say_gives_way_to_what_the_run_was_given():
    assert gone_on({"timeout": 60.0}, timeout=5.0).timeout == 60.0
    assert gone_on({}, timeout=5.0).timeout == 5.0


def test_folders_are_kept_for_any_directory():
    kept = kept_options(request(flows_dir="flows", given=Given(namespace_files="files")))
    assert kept == {"flowsDir": f"{HERE}/flows", "namespaceFiles": f"{HERE}/files"}


def test_no_secret_is_kept():
    assert kept_options(request(given=Given(secrets={"TOKEN": "x"}))) == {}


def test_mocks_and_key_values_of_now_come_first():
    kept = kept_options(request(mocks=Mocks([MOCK]), given=Given(kv={"k": 1, "old": 1})))
    after = gone_on(kept, mocks=Mocks([BY_TYPE]), given=Given(kv={"k": 2}))
    assert after.mocks.listed == [BY_TYPE, MOCK]
    assert after.given.kv == {"k": 2, "old": 1}


def test_what_was_not_kept_stays_as_it_is():
    after = gone_on({}, part=Part("a"), compat=2, mocks=Mocks([], unsupported=True))
    assert (after.part, after.compat, after.mocks.unsupported) == (Part("a"), 2, True)
