import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.event import KillRequested
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.mock import Mock
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Calls, Outcome, Task, TaskCache
from kestrel_cli.worker.log_file import LogFile
from tests.support.flows import task
from tests.support.reach import ReachingContext
from tests.support.stored import content
from tests.worker.working import Kept, doing

GIVEN_UP = "the log can't be kept as a file: "


@pytest.fixture
def ctx(tmp_path):
    return ReachingContext(tmp_path)


def log_file(ctx, name="attempt-0.log"):
    """A log file, and the warnings about it."""
    warnings = []
    return LogFile(lambda: ctx.files, name, warnings.append), warnings


def test_lines_have_their_time_and_level(ctx):
    file, _ = log_file(ctx)
    assert file.write(0, "INFO", "hällo")
    assert file.write(1_000_000, "ERROR", "two\nlines")
    assert content(ctx, file.close()) == (
        "1970-01-01T00:00:00Z INFO hällo\n1970-01-01T00:00:01Z ERROR two\nlines\n"
    )


def test_the_address_ends_with_its_name(ctx):
    file, _ = log_file(ctx, "attempt-3.log")
    file.write(0, "INFO", "x")
    assert file.close().endswith("/attempt-3.log")


def test_without_a_line_there_is_no_file(ctx):
    file, warnings = log_file(ctx)
    assert (file.close(), warnings) == (None, [])


def test_half_a_character_is_no_reason_to_fail(ctx):
    file, _ = log_file(ctx)
    file.write(0, "INFO", "a\ud800b")
    assert "a\\ud800b" in content(ctx, file.close())


def test_it_is_given_up_once_when_it_cannot_be_made(ctx, tmp_path):
    (tmp_path / "state").write_text("no folder")
    file, warnings = log_file(ctx)
    assert [file.write(0, "INFO", "a"), file.write(0, "INFO", "b")] == [False, False]
    assert file.close() is None
    assert len(warnings) == 1
    assert warnings[0].startswith(GIVEN_UP)


def full(*_):
    raise OSError(28, "No space left on device")


def test_it_is_given_up_when_a_line_cannot_be_written(ctx, tmp_path):
    file, warnings = log_file(ctx)
    file.write(0, "INFO", "a")
    file._file.stream.close()
    file._file.stream = type("Full", (), {"write": full})()
    assert not file.write(0, "INFO", "b")
    assert file.close() is None
    assert warnings == [f"{GIVEN_UP}[Errno 28] No space left on device"]
    assert [one for one in (tmp_path / "state").rglob("*") if one.is_file()] == []


def test_it_is_given_up_when_it_cannot_be_closed(ctx):
    class Failing:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            raise TaskFailed("the disk is full")

        def write(self, _):
            pass

    broken = Failing()
    broken.stream, broken.uri, broken.create = broken, "kestra:///x", lambda _: broken
    warnings = []
    file = LogFile(lambda: broken, "x.log", warnings.append)
    assert file.write(0, "INFO", "a")
    assert file.close() is None
    assert warnings == [f"{GIVEN_UP}the disk is full"]


# -- with an attempt


def keeping(*levels, fails=False):
    def work(ctx):
        for level in levels:
            ctx.log(level, "x")
        if fails:
            raise TaskFailed("no")
        return Outcome()

    return doing(work, logToFile=True)


def test_what_an_attempt_logs_is_in_its_file_and_nowhere_else(tmp_path):
    work = Kept(tmp_path, keeping("INFO", "WARN"))
    assert work.levels(work.attempt()) == ["INFO", "WARN"]
    assert work.logs() == []


def test_the_reason_of_a_failure_is_in_the_file_too(tmp_path):
    work = Kept(tmp_path, keeping("INFO", fails=True))
    ended = work.attempt()
    assert (ended.state, work.levels(ended)) == (State.FAILED, ["INFO", "ERROR"])


def test_a_mocked_task_has_its_file_too(tmp_path):
    work = Kept(tmp_path, keeping(), mock=Mock())
    assert work.levels(work.attempt()) == ["INFO"]


def test_a_cached_result_has_its_file_too(tmp_path):
    one = task("log.Log", "t", message="x", logToFile=True)
    one.__dict__["taskCache"] = made_of(TaskCache, {"enabled": True})
    Kept(tmp_path, one).attempt()
    again = Kept(tmp_path, one)
    assert "existing cache entry" in content(again.ctx, again.attempt().log_file)


class Calling(Task):
    """A task that starts executions, and says so."""

    executable = True

    def calls(self, ctx):
        ctx.log("INFO", "starts them")
        return Calls([])

    def outcome(self, ctx, called):
        ctx.log("WARN", "they have ended")
        return Outcome()


@pytest.mark.parametrize("killed", [True, False])
def test_a_task_that_starts_executions_has_a_file_of_what_it_says_once_it_has_begun(
    tmp_path, killed
):
    work = Kept(tmp_path, Calling(id="t", type="test.Calling", logToFile=True))
    work.fold(work.last(work.worker.call(work.run)))
    if killed:
        work.fold(KillRequested(work.now()))
    ended = work.worker.gathered(work.run, [])
    assert work.logs() == [("INFO", "starts them")]  # there was no attempt yet
    if killed:
        assert ended.log_file is None
    else:
        assert work.levels(ended) == ["WARN"]


def test_a_task_that_does_not_begin_has_no_file(tmp_path):
    one = keeping()
    one.__dict__["runIf"] = "{{ nope }}"
    work = Kept(tmp_path, one)
    work.attempt()
    assert [level for level, _ in work.logs()] == ["ERROR"]
    assert not (tmp_path / "state").exists()


def test_an_attempt_without_a_storage_logs_as_always(tmp_path):
    (tmp_path / "state").write_text("no folder")
    work = Kept(tmp_path, keeping("INFO", fails=True))
    ended = work.attempt()
    assert (ended.state, ended.error, ended.log_file) == (State.FAILED, "no", None)
    assert [level for level, _ in work.logs()] == ["WARN", "INFO", "ERROR"]
