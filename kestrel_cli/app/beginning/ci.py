"""Which CI system a project has, and the file that it wants."""

import json
from pathlib import Path
from typing import Literal, NamedTuple

from kestrel_cli.app.beginning.texts import GITHUB, GITHUB_FOLDER, GITLAB, GITLAB_FOLDER

System = Literal["github", "gitlab", "none"]


class CiFile(NamedTuple):
    """Where it is, and what it says."""

    path: Path
    text: str


def root_of(folder: Path) -> Path:
    """The root of the repository that a folder is in; the folder itself outside of one."""
    for one in (folder, *folder.parents):
        if (one / ".git").exists():
            return one
    return folder


def system_of(root: Path) -> System:
    """The CI system of a project, by its files, then by where it is pushed to."""
    if (root / ".gitlab-ci.yml").exists():
        return "gitlab"
    if (root / ".github").is_dir():
        return "github"
    try:
        remotes = (root / ".git" / "config").read_text("utf-8", "replace")
    except OSError:
        return "none"
    addresses = [line for line in remotes.splitlines() if line.strip().startswith("url")]
    for address in addresses:
        if "gitlab" in address:
            return "gitlab"
        if "github" in address:
            return "github"
    return "none"


def ci_file(system: System, folder: Path, root: Path, flows: str) -> CiFile | None:
    """The file that checks the flows of a folder, in the root of its repository."""
    if system == "none":
        return None
    below = "" if folder == root else folder.relative_to(root).as_posix()
    if system == "github":
        path, text, inner = root / ".github" / "workflows" / "flows.yaml", GITHUB, GITHUB_FOLDER
    else:
        path, text, inner = root / ".gitlab-ci.yml", GITLAB, GITLAB_FOLDER
    shown = _quoted(below, shell=system == "gitlab")
    made = text.replace("@DEFAULTS@", inner.replace("@FOLDER@", shown) if below else "")
    made = made.replace(
        "@PREFIX@junit.xml", json.dumps(f"{below}/junit.xml") if below else "junit.xml"
    )
    return CiFile(path, made.replace("@FLOWS@", flows))


def _quoted(folder: str, *, shell: bool) -> str:
    """A folder as a value in YAML, and in a command of it."""
    if not shell:
        return json.dumps(folder, ensure_ascii=False)
    import shlex

    return shlex.quote(folder)
