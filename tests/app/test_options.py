import json
from pathlib import Path

import pytest

from kestrel_cli.app.options import kept_options, take_options
from kestrel_cli.app.request import Mocks, Part, PausePolicy, RunRequest
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.store.journal_lines import encode
from kestrel_cli.worker.services import Given
from tests.support.flows import flow, leaf

MOCK = Mock("a", "v", None, {"n": 1}, State.FAILED, {"uri": b"\0\xff"}, "why")
BY_TYPE = Mock(prefix="io.kestra.plugin.jdbc")


def request(**more):
    return RunRequest(flow(leaf("a")), **more)


def gone_on(kept, **more):
    """A request that goes on with what a journal has kept."""
    return take_options(request(**more), json.loads(encode(kept)))


def test_a_plain_run_keeps_nothing():
    assert kept_options(request()) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("part", Part("a[v]", "b", "c")),
        ("mocks", Mocks([MOCK, BY_TYPE])),
        ("mocks", Mocks(unsupported=True)),
        ("compat", 2),
        ("sequential", True),
        ("fail_on_warning", True),
        ("given", Given(kv={"k": [1]})),
    ],
)
def test_what_decides_a_run_comes_back(field, value):
    before = request(**{field: value})
    assert getattr(gone_on(kept_options(before)), field) == value


@pytest.mark.parametrize(
    ("policy", "kept"), [("wait", {"pause": "wait"}), ("skip", {"pause": "skip"}), ("fail", {})]
)
def test_what_it_does_when_it_is_paused_is_kept(policy, kept):
    assert kept_options(request(pauses=PausePolicy(policy=policy))) == kept


def test_where_other_flows_are_is_kept_for_any_directory():
    assert kept_options(request(flows_dir="flows")) == {"flowsDir": str(Path("flows").absolute())}


def test_no_secret_is_kept():
    assert kept_options(request(given=Given(secrets={"TOKEN": "x"}))) == {}


def test_what_is_said_now_comes_first():
    kept = kept_options(request(mocks=Mocks([MOCK]), given=Given(kv={"k": 1, "old": 1})))
    after = gone_on(kept, mocks=Mocks([BY_TYPE]), given=Given(kv={"k": 2}))
    assert after.mocks.listed == [BY_TYPE, MOCK]
    assert after.given.kv == {"k": 2, "old": 1}


def test_the_request_that_goes_on_is_another_one():
    before = request(mocks=Mocks([BY_TYPE]))
    after = take_options(before, kept_options(request(mocks=Mocks([MOCK]), compat=2)))
    assert (before.mocks.listed, before.compat) == ([BY_TYPE], 1)
    assert (after.mocks.listed, after.compat) == ([BY_TYPE, MOCK], 2)


def test_what_the_user_says_with_this_command_wins():
    kept = kept_options(request(compat=2, pauses=PausePolicy(policy="wait")))
    after = gone_on(kept, said=frozenset({"compat"}))
    assert (after.compat, after.pauses.policy) == (1, "wait")


def test_what_was_said_is_kept_even_when_it_is_as_usual():
    assert kept_options(request(said=frozenset({"compat"}))) == {"compat": 1}


def test_what_was_not_kept_stays_as_it_is():
    after = gone_on({}, part=Part("a"), compat=2, mocks=Mocks([], unsupported=True))
    assert (after.part, after.compat, after.mocks.unsupported) == (Part("a"), 2, True)
