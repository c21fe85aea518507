"""The options that commands share which run something, and what each of them means for a run.

`RunOptions` declares them, in the order of the help; `FIELDS` is the table from an option to its
place in a request. A command class appends them to those of its function and hands what the user
gave to it as `context.obj`.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, get_args

import typer
from typer.core import TyperCommand
from typer.main import get_click_param
from typer.models import ParamMeta

from kestrel_cli.app.options import KEPT
from kestrel_cli.app.request import Mocks, Part, PausePolicy, RunRequest
from kestrel_cli.cli import options as of
from kestrel_cli.cli.guard import exit_codes, warn
from kestrel_cli.cli.look import Look
from kestrel_cli.errors import UsageError
from kestrel_cli.model.duration import Duration
from kestrel_cli.model.flow import Flow
from kestrel_cli.model.record import fresh, frozen
from kestrel_cli.store.config import Config
from kestrel_cli.worker.services import Given

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@frozen
class RunOptions:
    """What the user gave; `said` names the options that are on the command line."""

    output: of.OutputForm = of.Output.TEXT
    json_file: of.JsonFile = None
    output_dir: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Write outputs.json and the output files there, too."),
    ] = None
    print_: Annotated[
        str | None,
        typer.Option(
            "--print", metavar="EXPR", help="Only that on stdout: `{{ outputs.x.value }}`."
        ),
    ] = None
    junitxml: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write each task run as a JUnit test case.")
    ] = None
    write_test: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Make a suite for `kestrel test` of this run."),
    ] = None
    github_output: Annotated[
        bool,
        typer.Option("--github-output", help="Write state, id and outputs to $GITHUB_OUTPUT."),
    ] = False
    no_annotations: Annotated[
        bool, typer.Option("--no-annotations", help="In CI: no groups and no marked errors.")
    ] = False
    quiet: of.Quiet = 0
    verbose: of.Verbose = 0
    log_level: of.LeastLevel = None
    log_format: of.LogFormat = None
    log_on: of.LogOn = None
    heartbeat: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="In a log: say what still runs after such a silence (30s; 0: never).",
        ),
    ] = None
    only: Annotated[
        str | None, typer.Option(metavar="TASK", help="Run this task alone, or `TASK[value]`.")
    ] = None
    from_: Annotated[
        str | None, typer.Option("--from", metavar="TASK", help="Run this task and all after it.")
    ] = None
    until: Annotated[
        str | None, typer.Option(metavar="TASK", help="Run all up to this task, and no further.")
    ] = None
    outputs_of: Annotated[
        str | None,
        typer.Option(
            "--outputs-of",
            metavar="ID",
            help="What is left out shows the outputs of that execution; `last`: of the last one.",
        ),
    ] = None
    mock: of.MockTask = None
    mock_type: of.MockType = None
    mock_unsupported: of.MockUnsupported = False
    resume_with: of.ResumeWith = None
    pause: of.PausePolicy = None
    secrets_file: of.SecretsFiles = None
    secret: of.NamedSecrets = None
    env_file: of.EnvFiles = None
    kv: of.KeyValuePairs = None
    namespace_files: of.NamespaceFiles = None
    flows_dir: of.FlowsDir = None
    trigger: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What `trigger` shows: a map in JSON or YAML."),
    ] = None
    offline: of.Offline = False
    containers: of.WithContainers = None
    kill_grace: of.KillGrace = None
    max_download: of.MaxDownload = None
    no_plugins: of.NoPlugins = False
    label: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="A label of the execution. Repeatable.")
    ] = None
    fail_on: of.FailOnState = None
    timeout: of.Timeout = None
    sequential: of.Sequential = False
    durable: of.Durable = False
    no_input: of.NoInput = False
    trust: of.Trust = False
    no_project_config: of.NoProjectConfig = False
    state_dir: of.StateDir = None
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Makes ids and random functions repeatable.")
    ] = None
    freeze_time: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="Let time stand still there: `2026-01-31T12:00:00Z`."),
    ] = None
    compat: of.Compat = None
    max_depth: Annotated[
        int, typer.Option(metavar="N", min=1, max=20_000, help="How deep the YAML may nest.")
    ] = 50
    color: of.ColorWhen = None
    width: of.Width = None
    ascii_only: of.AsciiOnly = False
    debug: of.Debug = False
    said: frozenset[str] = frozenset()
    names: Sequence[str] = fresh(factory=tuple)  # of the options that the command has


# Options that decide what a new run is; whoever goes on with one can't change them.
ONLY_NEW: Final = frozenset(
    {
        *("only", "from_", "until", "outputs_of", "trigger", "no_plugins", "label", "seed"),
        *("freeze_time", "compat", "max_depth"),
    }
)


# Options about what a run leaves, of no use where nothing is left.
ONLY_RUN: Final = frozenset(
    {"output_dir", "print_", "junitxml", "write_test", "github_output", "no_annotations"}
)


# -- what an option means


def seconds(text: str, option: str = "--timeout") -> float:
    """`PT5M`, `90s`, `5m`, `1h`, `7d` or a bare number of seconds."""
    try:
        if text[-1:] in _UNITS and text[:1] not in "Pp":
            found = float(text[:-1]) * _UNITS[text[-1]]
        else:
            found = Duration.parse(text).seconds
    except ValueError:
        raise UsageError(f"`{option} {text}`: write `PT5M`, `90s`, `5m` or `1h`") from None
    if not 0 < found < float("inf"):
        raise UsageError(f"`{option} {text}`: this must be a length of time")
    return found


def _grace(text: str) -> str:
    return str(seconds(text, "--kill-grace"))


def _most_bytes(text: str) -> str:
    from kestrel_cli.model.byte_size import bytes_of

    try:
        return str(bytes_of(text))
    except ValueError as problem:
        raise UsageError(f"`--max-download {text}`: this {problem}") from None


def _folder_of_flows(folder: str) -> str:
    if not Path(folder).is_dir():
        raise UsageError(f"`--flows-dir {folder}`: no such directory")
    return folder


def _folder_of_files(folder: str) -> str:
    from kestrel_cli.cli.outside import folder_of_files

    return folder_of_files(folder)


def _mocks(options: Sequence[str]) -> list[Any]:
    from kestrel_cli.cli.mocks import read_mocks

    return read_mocks(options)


def _mocks_of_types(options: Sequence[str]) -> list[Any]:
    from kestrel_cli.cli.mocks import read_mocks_of_types

    return read_mocks_of_types(options)


def _resumes(options: Sequence[str]) -> dict[str, dict[str, Any]]:
    from kestrel_cli.cli.mocks import read_resumes

    return read_resumes(options)


def _secrets(files: Sequence[str]) -> dict[str, str]:
    from kestrel_cli.cli.outside import read_secrets

    return read_secrets(files)


def _environment(files: Sequence[str]) -> Mapping[str, str]:
    import os

    from kestrel_cli.cli.outside import environment

    return environment(files, os.environ)


def _key_values(options: Sequence[str]) -> dict[str, object]:
    from kestrel_cli.cli.outside import read_key_values

    return read_key_values(options)


def _trigger(path: str) -> dict[str, Any]:
    from kestrel_cli.cli.outside import read_trigger

    return read_trigger(path)


def _labels(options: Sequence[str]) -> list[tuple[str, str]]:
    return [_label(one) for one in options]


def _label(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not equals or not name or not value:
        raise UsageError(f"`--label {option}`: write `--label name=value`")
    if name.startswith("system."):
        raise UsageError(f"`--label {option}`: system labels are set by the engine only")
    return name, value


def _moment(text: str) -> int:
    from kestrel_cli.cli.moments import moment

    return moment(text, "--freeze-time")


def _is_warning(state: str) -> bool:
    return state == "warning"


def _same(value: Any) -> Any:
    return value


class Field(NamedTuple):
    """Where an option goes in a request, and how it is read.

    A setting of that name counts where the option was not given, and `other` where neither was; the
    lists of both are joined. What `adds` leaves beside it what a journal has kept.
    """

    path: str
    read: Callable[[Any], Any] = _same
    setting: str | None = None
    other: Any = None
    adds: bool = False


FIELDS: Final[Mapping[str, Field]] = {
    "only": Field("part.only"),
    "from_": Field("part.start"),
    "until": Field("part.until"),
    "mock": Field("mocks.listed", _mocks, adds=True),
    "mock_type": Field("mocks.listed", _mocks_of_types, adds=True),
    "mock_unsupported": Field("mocks.unsupported"),
    "resume_with": Field("pauses.given", _resumes),
    "pause": Field("pauses.policy", setting="pause"),
    "secrets_file": Field("given.secrets", _secrets, setting="secrets_file"),
    "env_file": Field("environ", _environment, setting="env_file"),
    "kv": Field("given.kv", _key_values, adds=True),
    "namespace_files": Field("given.namespace_files", _folder_of_files, setting="namespace_files"),
    "flows_dir": Field("flows_dir", _folder_of_flows, setting="flows_dir"),
    "trigger": Field("trigger", _trigger),
    "offline": Field("given.offline", setting="offline"),
    "containers": Field("given.settings.containers", setting="containers", other="auto"),
    "kill_grace": Field("given.settings.kill-grace", _grace),
    "max_download": Field("given.settings.max-download", _most_bytes, setting="max_download"),
    "label": Field("labels", _labels),
    "fail_on": Field("fail_on_warning", _is_warning, setting="fail_on"),
    "timeout": Field("timeout", seconds, setting="timeout"),
    "sequential": Field("sequential", setting="sequential"),
    "durable": Field("durable", setting="durable"),
    "state_dir": Field("state_dir", setting="state_dir"),
    "seed": Field("seed"),
    "freeze_time": Field("frozen_at", _moment),
    "compat": Field("compat", setting="compat"),
    "max_depth": Field("max_depth"),
}
_GROUPS: Final[Mapping[str, Callable[..., Any]]] = {
    "given": Given,
    "mocks": Mocks,
    "part": Part,
    "pauses": PausePolicy,
}


def request_of(
    options: RunOptions, config: Config, flow: Flow, text: str = "", **more: Any
) -> RunRequest:
    """What options and settings ask for. Raises UsageError, CannotStart; no message shows a
    secret.
    """
    fields: dict[str, Any] = {}
    for name, field in FIELDS.items():
        if name in options.names:
            value = _chosen(getattr(options, name), field, config)
            if value is not None:
                _put(fields, field.path.split("."), field.read(value))
    if options.secret:
        _name_secrets(fields, options)
    for name, kind in _GROUPS.items():
        fields[name] = kind(**fields.get(name, {}))
    return RunRequest(
        flow,
        text=text,
        globals=config.globals,
        kestra=config.kestra,
        namespace_variables=config.variables_of,
        plugin_defaults=config.plugin_defaults,
        executions_keep=config.executions_keep,
        warn=warn,
        said=_said(options),
        **fields,
        **more,
    )


def _chosen(value: Any, field: Field, config: Config) -> Any:
    """What counts: the option, the setting, what is so without them; None: nothing does."""
    setting = None if field.setting is None else getattr(config, field.setting)
    if isinstance(setting, list):
        return [*setting, *(value or [])] or None
    given = value is not None and value is not False and value != []
    found = value if given else setting or field.other
    return found.value if isinstance(found, Enum) else found


def _put(fields: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *groups, last = path
    for name in groups:
        fields = fields.setdefault(name, {})
    fields[last] = [*fields[last], *value] if last in fields else value


def _name_secrets(fields: dict[str, Any], options: RunOptions) -> None:
    import os

    from kestrel_cli.cli.named_secrets import with_named_secrets, without_named

    names = options.secret or []
    environ = fields.get("environ", os.environ)
    fields["environ"] = with_named_secrets(names, environ, no_input=options.no_input)
    given = fields.setdefault("given", {})
    given["secrets"] = without_named(given.get("secrets", {}), names)


def _said(options: RunOptions) -> frozenset[str]:
    """The parts of a request that take the place of what a journal has kept."""
    fields = [FIELDS[name] for name in options.said if name in FIELDS]
    paths = [one.path for one in fields if not one.adds]
    return frozenset("part" if one.startswith("part.") else one for one in paths) & KEPT.keys()


def settings_of_options(options: RunOptions) -> set[str]:
    """The settings whose place an option on the command line has taken, by their names in files."""
    fields = [FIELDS[name] for name in options.said if name in FIELDS]
    return {one.setting.replace("_", "-") for one in fields if one.setting is not None}


# -- commands


def _look(options: RunOptions) -> Look:
    return Look(
        options.color.value if options.color is not None else None,
        options.width,
        options.ascii_only,
        not options.no_annotations,
        options.no_project_config,
    )


class GoesOn(TyperCommand):
    """A command with the shared options after its own."""

    left_out: frozenset[str] = ONLY_NEW

    def __init__(self, *arguments: Any, params: list[Any] | None = None, **more: Any) -> None:
        self._converters: dict[str, Any] = {}
        shared = []
        for meta in _declared():
            if meta.name not in self.left_out:
                option, self._converters[meta.name] = get_click_param(meta)
                shared.append(option)
        super().__init__(*arguments, params=[*(params or ()), *shared], **more)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options in panels."""
        from kestrel_cli.cli.panels import write_panels

        write_panels(self.get_params(ctx), ctx, formatter)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # it is one
        """Call the function with what was given in `context.obj`."""
        values = {}
        said = []
        for name, convert in self._converters.items():
            value = ctx.params.pop(name)
            values[name] = value if convert is None else convert(value)
            source = ctx.get_parameter_source(name)
            if source is not None and source.name == "COMMANDLINE":
                said.append(name)
        options = RunOptions(**values, said=frozenset(said), names=tuple(values))
        ctx.obj = options
        from kestrel_cli.expressions.watch import watching

        # Inputs are rendered before the run begins.
        with exit_codes(debug=options.debug, look=_look(options)), watching():
            return super().invoke(ctx)


class Begins(GoesOn):
    """A command that begins a run: it has all of the options."""

    left_out = frozenset()


class Imagines(Begins):
    """A command about a run that is not made: it leaves nothing."""

    left_out = ONLY_RUN | {"heartbeat", "outputs_of"}


def _declared() -> list[ParamMeta]:
    """The options as Typer would find them in the signature of a function."""
    return [
        _meta(name, annotation)
        for name, annotation in RunOptions.__annotations__.items()
        if hasattr(annotation, "__metadata__")  # it is Annotated
    ]


def _meta(name: str, annotation: Any) -> ParamMeta:
    kind, given = get_args(annotation)
    option = copy(given)
    if option.default is not ...:  # in `Annotated`, the first name of an option stands there
        option.param_decls = (option.default, *(option.param_decls or ()))
    option.default = getattr(_NOTHING, name)
    return ParamMeta(name=name, default=option, annotation=kind)


_NOTHING: Final = RunOptions()
