"""Finds suites and their flows, and looks at both before anything runs."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from kestrel_cli.app.silencing import Silenced
from kestrel_cli.app.testing.check import check_against
from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError, FlowNotFound, UnusableFlow
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.flowfile.suites import LoadedSuite, load_suite, suite_files
from kestrel_cli.model.record import frozen, record
from kestrel_cli.model.suite import Suite

_HIGHEST: Final = 4  # folders above a suite in which its flow is looked for


@record
class Collected:
    """A suite, its flow, and where flows that this one calls are found."""

    path: str
    suite: Suite
    flow: Loaded
    library: Library


@frozen
class Project:
    """What the project says: where flows are, which Kestra they are for."""

    shelf: Shelf
    flows_dir: str | None = None
    compat: int = 1
    strict: bool = False


def collect(paths: Sequence[str], project: Project) -> tuple[list[Collected], list[Diagnostic]]:
    """The suites in files and below folders, each once, and all that was found in them but what
    their comments silence; a suite with an error is not among them.
    """
    folders = [path for path in paths if Path(path).is_dir()]
    found: list[Collected] = []
    findings: list[Diagnostic] = []
    names: dict[tuple[str, str], str] = {}
    for path in _each_once(file for each in paths for file in suite_files(each)):
        one, told = _collected(path, folders, project, names)
        findings += told
        if one is not None:
            found.append(one)
    return found, findings


def _each_once(paths: Iterable[str]) -> Iterator[str]:
    """Each file once, by the first of its names."""
    seen: set[str] = set()
    for path in paths:
        real = path if path == "-" else os.path.realpath(path)
        if real not in seen:
            seen.add(real)
            yield path


def _collected(
    path: str, folders: list[str], project: Project, names: dict[tuple[str, str], str]
) -> tuple[Collected | None, Sequence[Diagnostic]]:
    try:
        loaded = load_suite(path, compat=project.compat)
    except FlowFileError as error:
        return None, error.diagnostics
    findings = loaded.findings
    suite = loaded.suite
    at = loaded.root.get("flowId") or loaded.root
    try:
        flow, library = _flow_of(loaded, path, folders, project)
    except UnusableFlow as error:
        findings.error("unusable-flow", str(error), at)
        return None, (*findings.all(), *error.diagnostics)
    except FlowNotFound as error:
        message = f"there is no flow `{suite.flowId}` in the namespace `{suite.namespace}`"
        findings.error("unknown-flow", message, at, error.hint)
        return None, findings.all()
    if flow.flow.disabled:
        findings.error("disabled-flow", f"the flow `{suite.flowId}` is disabled", at)
        return None, findings.all()
    other = names.setdefault((suite.namespace, suite.id), path)
    if other != path:
        message = f"{other} is the suite `{suite.id}` of `{suite.namespace}`, too"
        hint = "Kestra keeps the one that was saved last: give each an id of its own"
        findings.warning("same-suite", message, loaded.root.get("id") or loaded.root, hint)
    check_against(loaded, flow.flow, strict=project.strict, compat=project.compat)
    told = list(Silenced(loaded.text.encode(), path).applied(findings.all()))
    if any(one.severity == "error" for one in told):
        return None, told
    return Collected(path, suite, flow, library), told


def _flow_of(
    loaded: LoadedSuite, path: str, folders: list[str], project: Project
) -> tuple[Loaded, Library]:
    """The flow of a suite, and the library that has it. Raises UnusableFlow, FlowNotFound."""
    missing: FlowNotFound | None = None
    for folder in _places(path, folders, project):
        library = Library(folder, shelf=project.shelf)
        try:
            return library.find(loaded.suite.namespace, loaded.suite.flowId), library
        except FlowNotFound as error:
            missing = missing or error
    assert missing is not None  # there is one place at least
    raise missing


def _places(path: str, folders: list[str], project: Project) -> Iterator[str]:
    """Folders to look in for flows: the one that was named; else those of the command line, that of
    the suite, and those above it as far as the working directory.
    """
    if project.flows_dir is not None:
        yield project.flows_dir
        return
    yield from folders
    here = Path.cwd()
    place = Path(os.path.dirname(path) or ".").absolute()  # noqa: PTH120
    for _ in range(_HIGHEST):
        yield _shortest(place, here)
        if place in (here, place.parent):
            return
        place = place.parent


def _shortest(place: Path, here: Path) -> str:
    return str(place.relative_to(here)) if place.is_relative_to(here) else str(place)
