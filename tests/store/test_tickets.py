import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kestrel_cli.store.tickets import Ticket
from tests.support.cli import ROOT

HOLDER = """
import sys, time
from pathlib import Path
from kestrel_cli.store.tickets import Ticket
ticket = Ticket(Path(sys.argv[1]), int(sys.argv[2]))
print("held", flush=True)
time.sleep(60)
"""


def test_who_came_first_is_first(tmp_path: Path) -> None:
    late, early = Ticket(tmp_path, 2_000), Ticket(tmp_path, 1_000)
    assert (early.is_first(), late.is_first()) == (True, False)
    early.leave()
    assert late.is_first()
    late.leave()
    assert list(tmp_path.iterdir()) == []


def test_of_those_of_one_moment_who_asks_first_is_first(tmp_path: Path) -> None:
    tickets = [Ticket(tmp_path, 5) for _ in range(9)]
    for number in range(9):
        assert [one.is_first() for one in tickets] == [True] + [False] * (8 - number)
        tickets.pop(0).leave()


def test_a_ticket_can_be_left_twice(tmp_path: Path) -> None:
    ticket = Ticket(tmp_path / "a" / "b", 1)
    ticket.leave()
    ticket.leave()


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_the_ticket_of_a_process_that_is_gone_keeps_nobody_waiting(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        mine = Ticket(tmp_path, 2)
        assert not mine.is_first()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert mine.is_first()
    assert len(list(tmp_path.iterdir())) == 1
    mine.leave()


def test_a_ticket_that_is_looked_at_while_it_is_drawn_is_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between making a file and locking it, it looks like one that nobody holds."""
    real = Ticket._drawn
    looked = []

    def looked_at(self: Ticket) -> int:
        file = real(self)
        if len(looked) < 3:
            looked.append(self._place)
            self._place.unlink()
        return file

    monkeypatch.setattr(Ticket, "_drawn", looked_at)
    ticket = Ticket(tmp_path, 1)
    assert len(looked) == 3
    assert len(list(tmp_path.iterdir())) == 1
    assert not Ticket(tmp_path, 2).is_first()
    ticket.leave()


def test_many_draw_and_look_at_once(tmp_path: Path) -> None:
    """Exactly one of those that wait is first, at any time."""

    def wait(number: int) -> int:
        ticket = Ticket(tmp_path, number)
        while not ticket.is_first():
            pass
        ticket.leave()
        return number

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(wait, range(64))) == list(range(64))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Ticket(tmp_path / "file" / "line", 1)
