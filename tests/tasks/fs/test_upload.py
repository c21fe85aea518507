import pytest

from kestrel_cli.errors import RenderError, TaskFailed
from tests.support.flows import written


def uploaded(ctx, **properties):
    return written("io.kestra.plugin.fs.local.Upload", **properties).run(ctx).outputs


def test_a_file_comes_out_of_storage(ctx, folder):
    uri = ctx.files.put(b"new", "x.csv")
    target = folder / "deep" / "er" / "y.csv"
    outputs = uploaded(ctx, **{"from": uri, "to": str(target)})
    assert outputs == {"uri": target.as_uri(), "size": 3}
    assert target.read_bytes() == b"new"
    assert ctx.logs == [("INFO", f"Copying {uri} to {target}")]


def test_its_own_name_is_the_default(ctx, folder):
    uploaded(ctx, **{"from": ctx.files.put(b"new", "x.csv")})
    assert (folder / "x.csv").read_bytes() == b"new"


def test_what_is_there_may_stay(ctx, folder):
    uri = ctx.files.put(b"new", "x.csv")
    with pytest.raises(TaskFailed, match=r"Target file already exists: .*a.txt. Set 'overwrite"):
        uploaded(ctx, **{"from": uri, "to": "a.txt", "overwrite": False})
    assert (folder / "a.txt").read_text() == "aa"
    uploaded(ctx, **{"from": uri, "to": "a.txt"})
    assert (folder / "a.txt").read_text() == "new"
    assert sorted(one.name for one in folder.iterdir()) == ["a.txt", "b.csv", "inner"]


def test_a_link_is_replaced_not_followed(ctx, folder):
    (folder / "link").symlink_to(folder / "a.txt")
    uploaded(ctx, **{"from": ctx.files.put(b"new", "x"), "to": "link"})
    assert not (folder / "link").is_symlink()
    assert (folder / "a.txt").read_text() == "aa"


def test_what_can_not_be_written_is_a_failure(ctx, folder):
    uri = ctx.files.put(b"new", "x")
    with pytest.raises(TaskFailed, match="'from' must be a Kestra's internal storage URI"):
        uploaded(ctx, **{"from": "a.txt", "to": "x"})
    with pytest.raises(TaskFailed, match=r"Unable to write '.*inner': it is a folder"):
        uploaded(ctx, **{"from": uri, "to": "inner"})
    with pytest.raises(TaskFailed, match=r"Unable to write '.*a.txt/x': not a directory|exists"):
        uploaded(ctx, **{"from": uri, "to": "a.txt/x"})
    with pytest.raises((TaskFailed, RenderError)):
        uploaded(ctx, **{"from": uri + "-none", "to": "x"})
    assert sorted(one.name for one in folder.iterdir()) == ["a.txt", "b.csv", "inner"]
