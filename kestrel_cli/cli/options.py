"""Options that several commands share."""

import os
from enum import StrEnum
from typing import Annotated

import typer


def _without_plugins(wanted: bool) -> bool:
    if wanted:
        os.environ["KESTREL_NO_PLUGINS"] = "1"
    return wanted


class Output(StrEnum):
    """What stdout holds."""

    TEXT = "text"
    JSON = "json"
    TREE = "tree"
    YAML = "yaml"
    NDJSON = "ndjson"


class Level(StrEnum):
    """Kestra's log levels, mildest first."""

    TRACE = "TRACE"
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class LogForm(StrEnum):
    """How a log line is written."""

    FULL = "full"
    SHORT = "short"
    JSON = "json"


class LogWhen(StrEnum):
    """When the log lines of a task run are shown."""

    ALWAYS = "always"
    FAILURE = "failure"


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class FailOn(StrEnum):
    """The mildest final state that makes the exit code 1."""

    FAILED = "failed"
    WARNING = "warning"


class OnPause(StrEnum):
    """What becomes of a paused task that nobody resumes."""

    SKIP = "skip"
    FAIL = "fail"
    WAIT = "wait"


class Containers(StrEnum):
    """When script tasks run in containers."""

    AUTO = "auto"
    NEVER = "never"
    ALWAYS = "always"


# -- what is shown

OutputForm = Annotated[
    Output,
    typer.Option(
        "--output",
        "-o",
        help="`text`: logs, tree, summary. Others: one document on stdout, logs on stderr.",
    ),
]
JsonFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="Write the execution as JSON there, too.")
]
Quiet = Annotated[
    int,
    typer.Option(
        "--quiet",
        "-q",
        count=True,
        show_default=False,
        help="Failures and the summary only; -qq: nothing.",
    ),
]
LeastLevel = Annotated[
    Level | None,
    typer.Option(case_sensitive=False, help="The mildest log level to show. [default: INFO]"),
]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        show_default=False,
        help="DEBUG logs and what has ended; -vv: TRACE and all that happens.",
    ),
]
LogFormat = Annotated[
    LogForm | None,
    typer.Option(help="Log lines: `short` without time and level, `json`. [default: full]"),
]
LogOn = Annotated[
    LogWhen | None,
    typer.Option(help="`failure`: the log of a task once it has failed. [default: always]"),
]
ColorWhen = Annotated[Color | None, typer.Option(help="When to colour. [default: auto]")]
Width = Annotated[
    int | None, typer.Option(metavar="COLUMNS", min=20, help="Columns of the output.")
]
AsciiOnly = Annotated[bool, typer.Option("--ascii", help="Draw with ASCII only.")]
NoPager = Annotated[bool, typer.Option("--no-pager", help="At a terminal: all at once.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks of bugs.")]

# -- what a run gets from outside

SecretsFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--secrets-file",
        metavar="FILE",
        help="Secrets: NAME=VALUE lines, YAML or JSON. Repeatable.",
    ),
]
NamedSecrets = Annotated[
    list[str] | None,
    typer.Option(
        "--secret",
        metavar="NAME",
        help="A secret from the variable NAME, else asked for. Repeatable.",
    ),
]
EnvFiles = Annotated[
    list[str] | None,
    typer.Option("--env-file", metavar="FILE", help="More variables: ENV_X, SECRET_X. Repeatable."),
]
KeyValuePairs = Annotated[
    list[str] | None,
    typer.Option(
        "--kv", metavar="K=V", help="A key-value for `kv()`: `k=text`, `k:=json`. Repeatable."
    ),
]
NamespaceFiles = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="The flow's namespace files; else `_files/NAMESPACE`."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Refuse all requests.")]
FlowsDir = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Where other flows are found; else beside the flow file."),
]
StateDir = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Where journals are kept.", envvar="KESTREL_STATE_DIR"),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        "-i",
        metavar="K=V",
        help="An input: `k=text`, `k=@file` or `k:=json`. Repeatable.",
    ),
]
InputsFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="Inputs from a YAML, JSON or .env file.")
]
AllowUnknownInputs = Annotated[
    bool,
    typer.Option("--allow-unknown-inputs", help="Let inputs pass that the flow does not declare."),
]
NoPlugins = Annotated[
    bool,
    typer.Option(
        "--no-plugins", callback=_without_plugins, help="Leave out task types of other packages."
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="Accept settings of another directory that change what runs, silently."
    ),
]
NoProjectConfig = Annotated[
    bool,
    typer.Option("--no-project-config", help="Ignore kestrel.toml and pyproject.toml."),
]
NoInput = Annotated[bool, typer.Option("--no-input", help="Never ask for anything.")]

# -- how it runs

FailOnState = Annotated[
    FailOn | None,
    typer.Option(help="The mildest final state that ends with exit code 1. [default: failed]"),
]
Timeout = Annotated[
    str | None,
    typer.Option(metavar="DURATION", help="Kill the run after that: `PT5M`, `90s`, `5m`."),
]
Sequential = Annotated[
    bool, typer.Option("--sequential", help="One attempt at a time, even in Parallel and Dag.")
]
Durable = Annotated[
    bool, typer.Option("--durable", help="Lose nothing in a power loss, or do not begin.")
]
PausePolicy = Annotated[
    OnPause | None,
    typer.Option(
        "--pause",
        help="Paused tasks: `skip` them, `fail`, or `wait`: end and resume later. "
        "[default: ask at a terminal, else fail]",
    ),
]
ResumeWith = Annotated[
    list[str] | None,
    typer.Option(
        "--resume", metavar="TASK=JSON", help="Resume a paused task with inputs. Repeatable."
    ),
]
MockTask = Annotated[
    list[str] | None,
    typer.Option(
        "--mock",
        metavar="TASK=JSON",
        help="Do not run a task: its outputs, or `@file` with them. Repeatable.",
    ),
]
MocksFile = Annotated[
    str | None,
    typer.Option(
        "--mocks", metavar="FILE", help="Inputs, secrets, outputs of tasks ... that stand in."
    ),
]
MockType = Annotated[
    list[str] | None,
    typer.Option(
        "--mock-type", metavar="PREFIX[=JSON]", help="The same for all types that begin so."
    ),
]
MockUnsupported = Annotated[
    bool,
    typer.Option("--mock-unsupported", help="Every type that does not run here succeeds, empty."),
]
WithContainers = Annotated[
    Containers | None,
    typer.Option(help="Run scripts in containers: when there is docker or podman, or else."),
]
KillGrace = Annotated[
    str | None,
    typer.Option(
        "--kill-grace",
        metavar="DURATION",
        help="How long a process may take to end before it is killed. [default: 5s]",
    ),
]
MaxDownload = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="How large a file may be that Download fetches: `500MB`. [default: 1GB]",
    ),
]
Compat = Annotated[
    int | None, typer.Option(metavar="1|2", min=1, max=2, help="The Kestra generation.")
]
