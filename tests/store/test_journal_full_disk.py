"""A disk that is full while a journal is written, for now or for good."""

import errno
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from kestrel_cli.model.event import AttemptStarted, Begun, LogLine
from kestrel_cli.store import journal as module
from kestrel_cli.store.journal import Birth, Closed, FlowText, Journal, ending, read

FLOW = FlowText(0, "flow.yaml", "id: x\n" + "# a comment\n" * 20)
BORN = Birth(0, "x", 1, 0)
END = Closed(9, "SUCCESS", 3)
INCOMPLETE = '["I"]'.ljust(63) + "\n"


class Disk:
    """Has room for so many bytes of the file; None: for all. What is within it is overwritten."""

    def __init__(self, monkeypatch, path):
        self.room = None
        self.path = path
        self.tries = 0
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, file, data):
        self.tries += 1
        at = os.lseek(file, 0, os.SEEK_CUR)
        room = len(data) if self.room is None else min(self.room - at, len(data))
        if room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._write(file, data[:room])

    def fill(self, more=0):
        self.room = self.path.stat().st_size + more


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.ndjson"


@pytest.fixture
def disk(monkeypatch, path):
    return Disk(monkeypatch, path)


@pytest.fixture
def clock():
    return Clock()


def begun(path, clock, **how):
    """A journal with an execution that has begun."""
    made = Journal(path, clock=clock, **how)
    made.flow(FLOW)
    made.birth(BORN)
    for n in range(20):
        made.append(0, AttemptStarted(n, n))
    made.flush()
    return made


def fails(made):
    with pytest.raises(OSError, match="No space left"):
        made.flush()


def starts(path, **how):
    return [line.run for _, _, line in read(path, **how) if isinstance(line, AttemptStarted)]


@pytest.mark.parametrize("more", [0, 1, 10, 5000])
def test_a_journal_that_cannot_be_written_to_its_end_says_so(path, disk, clock, more):
    made = begun(path, clock)
    before = path.stat().st_size
    disk.fill(more)
    made.append(0, LogLine(0, 1, "INFO", "x" * 10_000))
    assert not made.failing
    fails(made)
    assert (made.failing, made.lost) == (True, False)
    assert path.stat().st_size <= before
    assert path.read_text().endswith("]\n" + INCOMPLETE)
    found = starts(path)
    assert found == list(range(len(found)))
    with pytest.raises(ValueError, match="the journal is incomplete"):
        starts(path, whole=True)
    assert ending(path) == Closed(0, "", 0, whole=False)
    made.close()


def test_with_room_again_the_journal_is_whole_again(path, disk, clock):
    made = begun(path, clock)
    whole = path.read_bytes()
    disk.fill(5)
    made.append(0, AttemptStarted(20, 20))
    fails(made)
    made.append(1, AttemptStarted(21, 21))
    made.flush()
    assert path.read_text().endswith(INCOMPLETE)
    disk.room = None
    clock.now += 0.25
    made.append(1, AttemptStarted(22, 22))
    made.flush()
    assert not made.failing
    wanted = whole + b'["S",20,20]\n["@",1]\n["S",21,21]\n["S",22,22]\n'
    assert path.read_bytes() == wanted
    made.append(1, AttemptStarted(23, 23))
    made.close(END)
    assert path.read_bytes() == wanted + b'["S",23,23]\n["Z",9,"SUCCESS",3]\n'
    assert starts(path, whole=True) == list(range(24))
    assert ending(path) == END


def test_it_is_tried_again_now_and_then_and_told_once(path, disk, clock):
    made = begun(path, clock)
    disk.fill()
    made.append(0, AttemptStarted(20, 20))
    fails(made)
    tries = disk.tries
    for _ in range(10):
        made.append(0, AttemptStarted(21, 21))
        made.flush()
    assert disk.tries == tries
    clock.now += 0.25
    made.flush()
    assert disk.tries > tries
    tries = disk.tries
    clock.now += 0.2
    made.flush()
    assert disk.tries == tries
    disk.room = None
    clock.now += 0.25
    made.flush()
    disk.fill()
    made.append(0, AttemptStarted(22, 22))
    made.flush()  # once was enough
    assert made.failing
    made.close()


def test_a_try_that_fails_on_its_way_leaves_it_incomplete(path, disk, clock):
    made = begun(path, clock)
    size = path.stat().st_size
    disk.fill()
    made.append(0, LogLine(0, 1, "INFO", "x" * 10_000))
    fails(made)
    for room in (size, size + 1, size + 5000):
        disk.room = room
        clock.now += 1
        made.flush()
        assert path.stat().st_size <= size
        assert path.read_text().endswith(INCOMPLETE)
    disk.room = None
    made.close(END)
    assert ending(path) == END
    assert starts(path, whole=True) == list(range(20))


def test_a_process_that_dies_while_it_catches_up_leaves_it_incomplete(path, disk, clock):
    made = begun(path, clock)
    disk.fill()
    made.append(0, AttemptStarted(20, 20))
    fails(made)
    disk.room = None
    clock.now += 1
    seen = []

    def write(file, data):
        with pytest.raises(ValueError, match="the journal is incomplete"):
            starts(path, whole=True)
        seen.append(starts(path))
        return disk.write(file, data)

    module.os.write = write  # undone by the fixture of the disk
    made.flush()
    assert len(seen) == 2
    assert starts(path, whole=True) == list(range(21))
    made.close()


def test_a_last_try_is_made_at_the_end(path, disk, clock):
    made = begun(path, clock)
    disk.fill()
    made.append(0, AttemptStarted(20, 20))
    fails(made)
    disk.room = None
    made.close(END)
    assert ending(path) == END
    assert starts(path, whole=True) == list(range(21))


@pytest.mark.parametrize("told", [True, False])
def test_one_that_is_closed_incomplete_tells_how_the_run_ended(path, disk, clock, told):
    made = begun(path, clock)
    size = path.stat().st_size
    disk.fill()
    made.append(0, AttemptStarted(20, 20))
    if told:
        fails(made)
        made.close(END)
    else:
        with pytest.raises(OSError, match="No space left"):
            made.close(END)
    assert ending(path) == Closed(9, "SUCCESS", 3, whole=False)
    assert path.stat().st_size <= size
    with pytest.raises(ValueError, match="the journal is incomplete"):
        starts(path, whole=True)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(made._file)


def test_what_waits_has_a_bound_behind_which_it_is_lost(path, disk, clock, monkeypatch):
    monkeypatch.setattr(module, "_WAITING", 10_000)
    made = begun(path, clock)
    disk.fill()
    made.append(0, AttemptStarted(20, 20))
    fails(made)
    made.append(0, LogLine(0, 1, "INFO", "x" * 10_000))
    made.flush()
    assert (made.failing, made.lost) == (True, True)
    disk.room = None
    clock.now += 1
    for _ in range(1000):
        made.append(0, Begun(1))
    made.flush()
    assert made._lines == []
    assert len(made._waiting) == 0
    assert path.read_text().endswith(INCOMPLETE)
    made.close(END)
    assert ending(path) == Closed(9, "SUCCESS", 3, whole=False)


def test_a_disk_that_takes_nothing_at_all_leaves_no_half_journal(path, disk, clock):
    disk.room = 0
    made = Journal(path, clock=clock)
    made.flow(FLOW)
    fails(made)
    assert path.read_bytes() == b""
    disk.room = None
    made.birth(BORN)
    made.close(END)
    assert [line for _, _, line in read(path)] == [FLOW, BORN, END]


@pytest.mark.parametrize("count", range(12))
def test_a_journal_of_hardly_anything_comes_back_too(path, disk, clock, count):
    made = Journal(path, clock=clock)
    for n in range(count):
        made.append(0, AttemptStarted(n, n))
    made.flush()
    disk.fill()
    made.append(0, AttemptStarted(count, count))
    fails(made)
    list(read(path))
    disk.room = None
    clock.now += 1
    made.flush()
    assert starts(path, whole=True) == list(range(count + 1))
    made.close(END)
    assert ending(path) == END


def test_a_long_last_line_waits_whole(path, disk, clock):
    made = begun(path, clock)
    made.append(0, LogLine(0, 1, "INFO", "x" * 200_000))
    made.flush()
    whole = path.read_bytes()
    disk.fill()
    made.append(0, Begun(1))
    fails(made)
    assert path.stat().st_size < 10_000
    disk.room = None
    made.close()
    assert path.read_bytes() == whole + b'["B",1]\n'


def test_one_that_is_gone_on_with_may_fall_behind(path, disk, clock):
    begun(path, clock).close(END)
    made = Journal(path, go_on=True, clock=clock)
    disk.fill()
    made.append(0, AttemptStarted(20, 20))
    fails(made)
    assert path.read_text().endswith(INCOMPLETE)
    disk.room = None
    made.close(END)
    assert starts(path, whole=True) == list(range(21))


@pytest.mark.parametrize("function", ["write", "fsync"])
def test_a_durable_one_is_given_up_at_once(path, clock, monkeypatch, function):
    def failing(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    made = begun(path, clock, durable=True)
    made.append(0, AttemptStarted(20, 20))
    with monkeypatch.context() as patch:
        patch.setattr(os, function, failing)
        with pytest.raises(OSError, match="Input/output error"):
            made.flush()
    assert made.lost
    for end in (made.flush, lambda: made.close(END)):
        with pytest.raises(OSError, match="given up"):
            end()
    assert ending(path) == Closed(9, "SUCCESS", 3, whole=False)


@pytest.mark.parametrize("function", ["lseek", "read", "ftruncate", "write"])
def test_a_disk_that_fails_altogether_is_told_of_once(path, clock, monkeypatch, function):
    def failing(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    made = begun(path, clock)
    made.append(0, AttemptStarted(20, 20))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing)
        patch.setattr(os, function, failing)
        with pytest.raises(OSError, match="Input/output error"):
            made.flush()
        clock.now += 1
        made.flush()
    made.close(END)
    assert starts(path, whole=True) == list(range(21))


# -- a real disk


@pytest.fixture
def small(tmp_path):
    """A file system of 48 kB."""
    where = tmp_path / "small"
    where.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=48k", "none", str(where)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no program mounts here")
    if done.returncode:
        pytest.skip("nothing may be mounted here")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


@pytest.mark.parametrize("size", [1, 300, 5000])
def test_a_small_disk_that_has_room_again_in_the_middle(small: Path, clock, size):
    other = small / "other"
    other.write_bytes(b"x" * 20_000)
    made = Journal(small / "run" / "journal.ndjson", clock=clock)
    made.flow(FLOW)
    made.birth(BORN)
    made.flush()
    count = 0
    with suppress(OSError):
        while True:
            made.append(0, LogLine(count, count, "INFO", "x" * size))
            count += 1
            if count % 7 == 0:
                made.flush()
    assert made.failing
    with pytest.raises(ValueError, match="the journal is incomplete"):
        list(read(made.path, whole=True))
    (small / "more").write_bytes(b"")
    made.append(0, Begun(5))
    clock.now += 1
    made.flush()
    assert made.failing
    other.unlink()
    clock.now += 1
    made.flush()
    assert not made.failing
    made.close(END)
    lines = [line for _, _, line in read(made.path, whole=True)]
    runs = [line.run for line in lines if isinstance(line, LogLine)]
    assert runs == list(range(len(runs)))
    assert len(runs) in (count, count + 1)
    assert lines[-2:] == [Begun(5), END]
    assert ending(made.path) == END


def test_a_small_disk_that_stays_full(small: Path, clock):
    made = begun(small / "journal.ndjson", clock)
    with suppress(OSError), (small / "other").open("wb", 0) as file:
        while True:
            file.write(b"x" * 4096)
    for n in range(1000):
        try:
            made.append(0, LogLine(n, n, "INFO", "x" * 100))
        except OSError:
            assert made.failing
    made.close(END)
    assert ending(made.path) == Closed(9, "SUCCESS", 3, whole=False)
    assert 10 < len(starts(made.path)) < 20  # the last ones made room
