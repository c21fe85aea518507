import pytest

from kestrel_cli.model.duration import Duration
from kestrel_cli.tasks.flow import directory_cache
from kestrel_cli.tasks.flow.directory_cache import restore, save
from tests.support.reach import ReachingContext


@pytest.fixture
def attempt(tmp_path):
    """Makes contexts over the same state; each has a working directory of its own."""
    made = []

    def make():
        made.append(ReachingContext(tmp_path, {"pattern": "*.jar", "ttl": "PT1M"}))
        return made[-1]

    yield make
    for ctx in made:
        ctx.close()


def written(ctx, *names):
    for name in names:
        path = ctx.files.folder() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(ctx):
    folder = ctx.files.folder()
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_files_that_match_are_there_again(attempt):
    first, second = attempt(), attempt()
    written(first, "a.jar", "lib/deep/b.txt", "c.txt")
    save(first, ["<pattern>", "lib/**"])
    restore(second, None)
    assert names(second) == ["a.jar", "lib/deep/b.txt"]
    assert (second.files.folder() / "lib/deep/b.txt").read_text() == "lib/deep/b.txt"


def test_before_anything_was_kept_there_is_nothing(attempt):
    ctx = attempt()
    restore(ctx, None)
    assert names(ctx) == []
    assert ctx.logs == []


def test_what_was_kept_before_is_forgotten(attempt):
    for name in ("a.jar", "b.jar"):
        ctx = attempt()
        written(ctx, name)
        save(ctx, ["*.jar"])
    later = attempt()
    restore(later, None)
    assert names(later) == ["b.jar"]


@pytest.mark.parametrize(("seconds", "found"), [(59, ["a.jar"]), (61, [])])
@pytest.mark.parametrize("ttl", [Duration.parse("PT1M"), "<ttl>"])
def test_what_is_older_than_its_time_to_live_is_not_used(attempt, monkeypatch, seconds, found, ttl):
    first, second = attempt(), attempt()
    written(first, "a.jar")
    save(first, ["*"])
    now = directory_cache.time.time()
    monkeypatch.setattr(directory_cache.time, "time", lambda: now + seconds)
    restore(second, ttl)
    assert names(second) == found
    assert [level for level, _ in second.logs] == ([] if found else ["DEBUG"])


def test_a_file_that_is_gone_is_a_warning(attempt):
    first, second = attempt(), attempt()
    written(first, "a.jar")
    save(first, ["*"])
    first.files.purge()
    restore(second, None)
    assert names(second) == []
    ((level, message),) = second.logs
    assert level == "WARN"
    assert "the cached files can't be used" in message


def test_links_are_not_kept(attempt, tmp_path):
    (tmp_path / "secret").write_text("hush")
    first, second = attempt(), attempt()
    written(first, "a.jar")
    (first.files.folder() / "link.jar").symlink_to(tmp_path / "secret")
    save(first, ["*.jar"])
    restore(second, None)
    assert names(second) == ["a.jar"]


def test_each_value_of_a_loop_has_its_own(attempt, monkeypatch):
    first, second = attempt(), attempt()
    first.about.value, second.about.value = "x", "y"
    written(first, "a.jar")
    save(first, ["*.jar"])
    restore(second, None)
    assert names(second) == []
