"""The task type PurgeKV, with a real store."""

import time

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.reach import ReachingContext
from tests.support.scripts import script

TYPE = "io.kestra.plugin.core.kv.PurgeKV"
ALL = {"behavior": {"type": "key", "expiredOnly": False}}


@pytest.fixture
def ctx(tmp_path):
    made = ReachingContext(tmp_path)
    for space in ("company", "company.team", "companion"):
        made.kv.set("AI_late", 1, space, 60)
        made.kv.set("AI_good", 1, space)
        made.kv.set("other", 1, space)
    return made


def size(ctx, monkeypatch=None, **properties):
    return script(TYPE, **properties).run(ctx).outputs["size"]


def test_only_expired_keys_go(ctx, monkeypatch):
    assert size(ctx) == 0
    now = time.time()
    monkeypatch.setattr(ctx.kv._values, "_clock", lambda: now + 120)
    assert size(ctx, namespaces=["company"], includeChildNamespaces=False) == 1
    assert size(ctx, expiredOnly=True) == 2
    assert ctx.kv.keys("company") == ["AI_good", "other"]


@pytest.mark.parametrize(
    ("bounds", "gone"),
    [
        ({}, 9),
        ({"keyPattern": "AI_*"}, 6),
        ({"keyPattern": "o?her"}, 3),
        ({"namespaces": ["company"]}, 6),
        ({"namespaces": ["company"], "includeChildNamespaces": False}, 3),
        ({"namespacePattern": "compan*n"}, 3),
        ({"namespacePattern": "company.*", "keyPattern": "AI_good"}, 1),
        ({"namespaces": ["nowhere"]}, 0),
    ],
)
def test_all_keys_go_within_the_bounds(bounds, gone, ctx):
    assert size(ctx, **ALL, **bounds) == gone
    assert size(ctx, **ALL) == 9 - gone


def test_there_are_no_versions(ctx):
    assert size(ctx, behavior={"type": "version", "keepAmount": 1}) == 0
    assert ctx.logs == [("WARN", "keys have one version here: none is taken away")]


def test_what_does_not_go_together_is_refused(ctx):
    with pytest.raises(TaskFailed, match="can't both be set"):
        size(ctx, namespaces=["a"], namespacePattern="b")
    with pytest.raises(TaskFailed, match="must be key or version, got `x`"):
        size(ctx, behavior={"type": "x"})


def test_a_store_that_is_not_there_yet_is_empty(tmp_path):
    assert size(ReachingContext(tmp_path), **ALL) == 0
