import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kestrel_cli.errors import PluginWarning
from kestrel_cli.tasks import plugins, registry
from tests.support.cli import COMMAND, ROOT, Result, environment
from tests.support.plugins import install_example, installed

RETURN = "io.kestra.plugin.core.debug.Return"
FLOW = """
id: shouts
namespace: company.team
tasks:
  - id: shout
    type: com.example.Shout
    message: hello {{ flow.id }}
"""
GOOD = """
from kestrel_cli.tasks.base import Outcome, RunnableTask


class Good(RunnableTask):
    \"\"\"Do nothing.\"\"\"

    def run(self, ctx):
        return Outcome()
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution for this test: its name, entry points and modules."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    plugins.forget()
    yield lambda name, points, **modules: installed(tmp_path, name, points, modules)
    plugins.forget()
    for name in set(sys.modules) - before:
        if name.startswith("plug_"):
            del sys.modules[name]


def warned(*points: str) -> list[str]:
    """The warnings about all plugins that are installed."""
    with pytest.warns(PluginWarning) as seen:
        registry.plugins().all()
    return [str(one.message) for one in seen if issubclass(one.category, PluginWarning)]


def test_a_module_brings_the_types_of_its_mapping(install: Install) -> None:
    install("good", {"any": "plug_a"}, plug_a=GOOD + 'TASKS = {"com.example.Good": Good}')
    found = registry.find("com.example.Good")
    assert found is not None
    assert (found.__name__, found.__module__) == ("Good", "plug_a")
    assert registry.find("com.example.Other") is None


def test_a_mapping_of_another_name_is_named_by_the_entry_point(install: Install) -> None:
    install("good", {"any": "plug_a:MINE"}, plug_a=GOOD + 'MINE = {"com.example.Good": Good}')
    assert registry.find("com.example.Good") is not None


def test_an_entry_point_with_a_dot_is_one_type_and_imported_only_for_it(install: Install) -> None:
    points = {"com.example.Good": "plug_a:Good", "com.example.Bad": "plug_b:Bad"}
    install("good", points, plug_a=GOOD, plug_b="raise OSError")
    assert registry.find("com.example.Good") is not None
    assert "plug_b" not in sys.modules
    assert registry.plugins().names() == ["com.example.Bad", "com.example.Good"]


def test_plugins_tell_their_distribution(install: Install) -> None:
    install("good", {"any": "plug_a"}, plug_a=GOOD + 'TASKS = {"com.example.Good": Good}')
    (only,) = registry.plugins().all()
    assert (only.name, only.distribution) == ("com.example.Good", "good 1")


@pytest.mark.parametrize(
    ("point", "text", "problem"),
    [
        ("any", "import nothing_there", "can't be loaded: ModuleNotFoundError: No module named"),
        ("any", "raise SystemExit(3)", "can't be loaded: SystemExit: 3"),
        ("any", "x = 1", "can't be loaded: AttributeError: module 'plug_a' has no attribute"),
        ("any", "TASKS = 1", "can't be loaded: TypeError: `TASKS` must be a mapping"),
        ("any", "TASKS = {'Good': 1}", "`Good` is no name of a task type: write it as"),
        ("any", "TASKS = {1: 1}", "`1` is no name of a task type"),
        ("any", "TASKS = {'a.B': int}", "`a.B` is no task class: derive it from RunnableTask"),
        ("any", "TASKS = {'a.B': 'x'}", "`a.B` is no task class"),
        ("any", GOOD + "TASKS = {'a.B': RunnableTask}", "`a.B` can't run: its class"),
        ("any", GOOD + f"TASKS = {{'{RETURN}': Good}}", "is a type of Kestrel's own"),
        (
            "any",
            GOOD + "TASKS = {'io.kestra.core.tasks.debugs.Return': Good}",
            "is a type of Kestrel's own",
        ),
        (
            "any",
            "from __future__ import annotations\n"
            + GOOD
            + "class More(Good):\n    a: str\nTASKS = {'a.B': More}",
            "take `from __future__ import annotations` out of its module",
        ),
        ("a.B", "x = 1", "can't be loaded: AttributeError"),
    ],
)
def test_a_broken_plugin_is_one_warning(
    install: Install, point: str, text: str, problem: str
) -> None:
    install("broken", {point: "plug_a:B" if "." in point else "plug_a"}, plug_a=text)
    (said,) = warned()
    assert said.startswith(f"plugin `{point}` of broken 1: ")
    assert problem in said
    assert registry.plugins().all() == []
    assert registry.find(RETURN) is not None


def test_of_two_plugins_with_the_same_type_the_first_by_name_stays(install: Install) -> None:
    text = GOOD + 'TASKS = {"com.example.Good": Good}'
    install("second", {"any": "plug_b"}, plug_b=text)
    install("first", {"any": "plug_a"}, plug_a=text)
    (said,) = warned()
    assert (
        said == "plugin `any` of second 1: `com.example.Good` is left out: first 1 has it already"
    )
    assert registry.find("com.example.Good").__module__ == "plug_a"  # type: ignore[union-attr]


def test_the_switch_leaves_plugins_out(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("good", {"any": "plug_a"}, plug_a=GOOD + 'TASKS = {"com.example.Good": Good}')
    monkeypatch.setenv("KESTREL_NO_PLUGINS", "1")
    assert registry.find("com.example.Good") is None
    monkeypatch.setenv("KESTREL_NO_PLUGINS", "0")
    assert registry.find("com.example.Good") is not None


def test_types_of_the_table_do_not_look_at_plugins() -> None:
    code = (
        "import sys; from kestrel_cli.tasks import registry; "
        f"registry.find({RETURN!r}); registry.find('Return'); "
        "print('importlib.metadata' in sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "False\n"


# -- the example, with the real program


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    install_example(folder)
    return folder


def run(arguments: list[str], folder: Path, *sites: Path) -> Result:
    """Run the program where the packages of these folders are installed."""
    (folder / "flow.yaml").write_text(FLOW, "utf-8")
    ended = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(folder, {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, *sites)))}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


def test_a_flow_runs_with_the_installed_example(example: Path, tmp_path: Path) -> None:
    ended = run(["run", "flow.yaml", "-o", "json"], tmp_path, example)
    assert ended.code == 0, ended.err
    (only,) = json.loads(ended.out)["taskRunList"]
    assert only["outputs"] == {"loud": "HELLO SHOUTS"}
    assert "HELLO SHOUTS!" in ended.err


@pytest.mark.parametrize("command", ["run", "validate"])
def test_without_plugins_the_type_is_one_that_does_not_run(
    command: str, example: Path, tmp_path: Path
) -> None:
    ended = run([command, "flow.yaml", "--no-plugins"], tmp_path, example)
    assert ended.code == (4 if command == "run" else 0)
    assert "com.example.Shout" in ended.out + ended.err


def test_a_misspelled_type_of_a_plugin_gets_a_hint(example: Path, tmp_path: Path) -> None:
    (tmp_path / "near.yaml").write_text(FLOW.replace("Shout", "Shuot"), "utf-8")
    ended = run(["validate", "near.yaml"], tmp_path, example)
    assert ended.code == 1
    assert "did you mean `com.example.Shout`?" in ended.out


def test_a_broken_plugin_does_not_stop_a_run(example: Path, tmp_path: Path) -> None:
    installed(tmp_path, "broken", {"any": "plug_x"}, {"plug_x": "1 / 0"})
    ended = run(["run", "flow.yaml", "-q"], tmp_path, example, tmp_path)
    assert ended.code == 0
    assert ended.err.startswith(
        "warning: plugin `any` of broken 1: can't be loaded: ZeroDivisionError: division by zero\n"
    )
