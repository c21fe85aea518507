from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.namespace.chosen_files import chosen_files
from tests.support.reach import ReachingContext

NAMES = ["a.txt", "sub/a.txt", "sub/b.sql"]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ("a.txt", ["a.txt", "sub/a.txt"]),
        ("/a.txt", ["a.txt"]),
        ("*.txt", ["a.txt"]),
        ("**", NAMES),
        ("**.txt", ["a.txt", "sub/a.txt"]),
        (["sub/*.sql", "/a.txt"], ["a.txt", "sub/b.sql"]),
        ("glob:**/*.sql", ["sub/b.sql"]),
        ("regex:/sub/.*", ["sub/a.txt", "sub/b.sql"]),
        ("<all>", ["sub/b.sql"]),
        ("<one>", ["sub/b.sql"]),
        (["<one>"], ["sub/b.sql"]),
        ("<none>", []),
        ([], []),
    ],
)
def test_names_are_chosen_by_patterns(tmp_path: Path, files: object, found: list[str]) -> None:
    ctx = ReachingContext(tmp_path, {"all": ["b.sql"], "one": "b.sql", "none": None})
    assert chosen_files(ctx, NAMES, files) == found


def test_a_broken_pattern_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskFailed, match="is no pattern of file names"):
        chosen_files(ReachingContext(tmp_path), NAMES, "regex:(")
