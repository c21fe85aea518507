"""Packages as a package manager installs them, made by hand: no network, no build backend."""

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

GROUP = "kestrel.tasks"
EXAMPLE = Path(__file__).parents[1] / "plugin_example"


def installed(
    folder: Path,
    name: str,
    points: Mapping[str, str],
    modules: Mapping[str, str],
    version: str = "1",
) -> None:
    """Put a distribution with these entry points and modules into a folder for `sys.path`."""
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text, "utf-8")
    place = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    place.mkdir()
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [f"[{GROUP}]", *(f"{point} = {value}" for point, value in points.items())]
    (place / "entry_points.txt").write_text("\n".join(lines) + "\n")


def install_example(folder: Path) -> None:
    """Install tests/plugin_example, as its pyproject.toml says."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    installed(folder, project["name"], project["entry-points"][GROUP], {}, project["version"])
    shutil.copy(EXAMPLE / "kestrel_shout.py", folder)
