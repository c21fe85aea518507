"""After `kill -9` at any moment, `kestrel resume` goes on and repeats nothing that had finished.

A process that is killed with SIGKILL, at whatever moment, is gone on with by `kestrel resume`:
what had ended never runs again, what was under way does.
"""

import random
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.reliability.forks import KILLED, Zygote, started
from tests.reliability.scene import Scene
from tests.reliability.scenes import SCENES

ENOUGH = 5.0  # seconds: so many kills as fit in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started() as one:
        yield one


@pytest.mark.parametrize("name", SCENES)
def test_a_kill_in_the_middle_of_any_write_to_the_journal_is_gone_on_with(
    name: str, zygote: Zygote, tmp_path: Path
) -> None:
    """So a half of what is written gets there: what was done is not told yet."""
    scene = Scene(zygote, tmp_path, name)
    for number in count(1):
        scene.fresh()
        code = zygote.run(tmp_path, *scene.command, kill=[number, "in"])
        if code != KILLED:
            assert (code, number > 3) == (scene.code, True)
            return
        scene.is_gone_on_with()


def test_a_kill_after_a_write_repeats_nothing_that_had_ended(
    zygote: Zygote, tmp_path: Path
) -> None:
    scene = Scene(zygote, tmp_path, "sequence")
    for number in count(1):
        scene.fresh()
        if zygote.run(tmp_path, *scene.command, kill=[number, "after"]) != KILLED:
            return
        scene.is_gone_on_with()
        assert scene.counted() == scene.effects


def test_a_kill_at_any_moment_is_gone_on_with(zygote: Zygote, tmp_path: Path) -> None:
    luck = random.Random(5)
    scenes = []
    for name in SCENES:
        (tmp_path / name).mkdir()
        scenes.append(Scene(zygote, tmp_path / name, name))
    until = time.perf_counter() + ENOUGH
    for number in range(200):
        if time.perf_counter() > until:
            break
        scene = scenes[number % len(scenes)]
        scene.fresh()
        delay = luck.uniform(0, 0.08)
        if zygote.run(scene.folder, *scene.command, signals=[(delay, -KILLED)]) == KILLED:
            scene.is_gone_on_with()
