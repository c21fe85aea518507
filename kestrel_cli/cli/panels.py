"""The options of commands that run something, grouped for `--help`; the most used come first."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

# An option that no panel lists stands in the first one, with those that only its command has.
OWN: Final = "Options"
PANELS: Final[Mapping[str, Sequence[str]]] = {
    OWN: (),
    "Inputs": (
        "--input",
        "--inputs-file",
        "--secret",
        "--secrets-file",
        "--env-file",
        "--kv",
        "--namespace-files",
        "--flows-dir",
        "--trigger",
        "--label",
        "--allow-unknown-inputs",
        "--no-input",
    ),
    "Mocks": ("--mock", "--mocks", "--mock-type", "--mock-unsupported"),
    "Part": ("--only", "--from", "--until", "--outputs-of"),
    "Pauses": ("--pause", "--resume"),
    "Output": (
        "--output",
        "--quiet",
        "--verbose",
        "--log-level",
        "--log-format",
        "--log-on",
        "--heartbeat",
        "--print",
        "--output-dir",
        "--json-file",
        "--junitxml",
        "--write-test",
        "--github-output",
        "--no-annotations",
        "--color",
        "--width",
        "--ascii",
    ),
    "Run": (
        "--watch",
        "--timeout",
        "--fail-on",
        "--sequential",
        "--containers",
        "--offline",
        "--kill-grace",
        "--max-download",
        "--seed",
        "--freeze-time",
        "--compat",
        "--max-depth",
        "--durable",
        "--no-plugins",
    ),
    "Server": ("--on", "--server", "--tenant", "--detach"),
    "State and settings": ("--state-dir", "--no-project-config", "--trust"),
    "Help": ("--debug", "--help"),
}
PANELS_OF_TEST: Final[Mapping[str, Sequence[str]]] = {
    OWN: (),
    "Which": ("-k", "--case", "--lf", "--allow-empty"),
    "Running": (
        "-x",
        "--maxfail",
        "-n",
        "--seed",
        "--timeout",
        "--watch",
        "--secrets-file",
        "--env-file",
        "--kv",
        "--namespace-files",
        "--flows-dir",
        "--compat",
        "--no-plugins",
    ),
    "Real things": ("--run", "--allow-real", "--strict-kestra", "--secret-stub"),
    "Output": (
        "--verbose",
        "--quiet",
        "--durations",
        "--output",
        "--junitxml",
        "--report-log",
        "--no-annotations",
        "--color",
        "--width",
        "--ascii",
    ),
    "Coverage": ("--cov", "--cov-fail-under", "--cov-report"),
    "Writing": ("--init", "--output-file", "--snapshot", "--update"),
    "State and settings": ("--state-dir", "--no-project-config"),
    "Help": ("--debug", "--help"),
}


def panel_of(option: Any, panels: Mapping[str, Sequence[str]] = PANELS) -> tuple[str, int]:
    """The panel of an option of a command, and its place there."""
    for panel, listed in panels.items():
        for place, name in enumerate(listed):
            if name in option.opts:
                return panel, place
    return OWN, 0


def write_panels(
    params: Sequence[Any],
    context: Any,
    formatter: Any,
    panels: Mapping[str, Sequence[str]] = PANELS,
) -> None:
    """Write the arguments, then the options panel by panel, as plain text."""
    arguments = []
    options: dict[str, list[tuple[int, Any]]] = {name: [] for name in panels}
    for param in params:
        record = param.get_help_record(context)
        if record is None:  # hidden
            continue
        if param.param_type_name == "argument":
            arguments.append(record)
        else:
            panel, place = panel_of(param, panels)
            options[panel].append((place, record))
    if arguments:
        with formatter.section("Arguments"):
            formatter.write_dl(arguments)
    for panel, found in options.items():
        if found:
            with formatter.section(panel):
                formatter.write_dl([record for _, record in sorted(found, key=lambda one: one[0])])
