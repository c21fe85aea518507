"""What several libraries share is read once, and says the same as if it were not."""

from pathlib import Path

import pytest

from kestrel_cli.app.validate import validate
from kestrel_cli.flowfile import folders, load, loader
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.flowfile.subflows import check_subflows
from tests.flowfile.timing import at_most

CALL = """id: f{0}
namespace: company.team
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: {1}
"""
SHAPES = {
    "a ring": lambda number, count: f"f{(number + 1) % count}",
    "a tree": lambda number, _: f"f{number // 2}" if number else "log",
    "flows that are not there": lambda number, _: f"gone{number}",
    "typing errors": lambda number, count: f"g{(number + 1) % count}",
    "one that is broken": lambda number, _: "broken" if number else "log",
}


@pytest.fixture(params=SHAPES)
def many(request: pytest.FixtureRequest, tmp_path: Path) -> "tuple[Path, int]":
    """A folder of flows with a Subflow each, and how many they are."""
    count = 60
    for number in range(count):
        called = SHAPES[request.param](number, count)
        (tmp_path / f"f{number}.yaml").write_text(CALL.format(number, called))
    (tmp_path / "broken.yaml").write_text("id: broken\nnamespace: company.team\ntasks: 1\n")
    return tmp_path, count


def test_flows_that_are_looked_at_together_are_told_the_same_as_alone(many: tuple[Path, int]):
    folder, _ = many
    paths = sorted(str(path) for path in folder.glob("f*.yaml"))
    alone = []
    for path in paths:
        loaded = load(path)
        alone += [*loaded.warnings, *check_subflows(loaded, Library.beside(loaded))]
    assert list(validate(paths).diagnostics) == alone
    assert alone or "f0" in paths[0]


def test_no_file_is_read_twice(many: tuple[Path, int], monkeypatch: pytest.MonkeyPatch):
    folder, count = many
    read: list[str] = []
    for module, name in ((loader, "read_bytes"), (folders, "read_bytes")):
        real = getattr(module, name)

        def counted(path: str, real=real, name=module.__name__) -> bytes:
            read.append(f"{name} {path}")
            return real(path)

        monkeypatch.setattr(module, name, counted)
    assert validate([str(folder)]).files == count + 1
    twice = {one for one in read if read.count(one) > 1}
    assert {one for one in twice if "broken" not in one} == set()
    assert all(read.count(one) == 2 for one in twice)  # with its templates, and without


def test_five_hundred_flows_with_a_subflow_each_are_looked_at_in_no_time(tmp_path: Path):
    for number in range(500):
        (tmp_path / f"f{number}.yaml").write_text(CALL.format(number, f"gone{number}"))
    with at_most(2):
        assert validate([str(tmp_path)]).files == 500


def test_a_long_circle_is_told_without_its_middle(tmp_path: Path):
    for number in range(30):
        (tmp_path / f"f{number}.yaml").write_text(CALL.format(number, f"f{(number + 1) % 30}"))
    loaded = load(str(tmp_path / "f3.yaml"))
    (found,) = check_subflows(loaded, Library.beside(loaded, shelf=Shelf()))
    names = [f"company.team.f{number}" for number in (3, 4, 5, 6, 7, 29, 0, 1, 2, 3)]
    told = " > ".join([*names[:5], "(21 more)", *names[5:]])
    assert found.message == f"the flows call each other: {told}"


def test_a_flow_from_elsewhere_is_known_by_its_name_as_well(tmp_path: Path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "a.yaml").write_text(CALL.format(0, "f1"))
    (tmp_path / "own.yaml").write_text(CALL.format("own", "owm"))
    loaded = load(str(tmp_path / "own.yaml"))
    (found,) = check_subflows(loaded, Library.beside(loaded, str(tmp_path / "flows")))
    assert "did you mean `company.team` / `fown`?" in (found.hint or "")
