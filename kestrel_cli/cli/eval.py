"""`kestrel eval`: render an expression with the real engine."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kestrel_cli.app.evaluate import Place, evaluate, scope_of, shown
from kestrel_cli.cli.guard import exit_codes, say, warn
from kestrel_cli.cli.options import (
    EnvFiles,
    KeyValuePairs,
    NamedSecrets,
    NamespaceFiles,
    NoProjectConfig,
    Offline,
    SecretsFiles,
    Trust,
)
from kestrel_cli.errors import CannotStart, RenderError, UsageError
from kestrel_cli.expressions.scope import Scope
from kestrel_cli.expressions.text import json_text, printed
from kestrel_cli.model.record import changed
from kestrel_cli.store.config import Config, read_config

_FAILED = 1


def eval(
    template: Annotated[
        str | None, typer.Argument(help="The expression; `-` reads standard input. None: a prompt.")
    ] = None,
    flow: Annotated[
        str | None,
        typer.Option("--flow", metavar="FILE", help="See what the flow sees before it runs."),
    ] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--input", "-i", metavar="K=V", help="An input of the flow.")
    ] = None,
    inputs_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Inputs from a YAML, JSON or .env file.")
    ] = None,
    execution: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="RUN",
            help="A finished execution: a file (`-o json`), an id or how it begins, or `last`.",
        ),
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="ID", help="With --from: see what a run of this task saw.")
    ] = None,
    value: Annotated[
        str | None,
        typer.Option(metavar="V", help="With --task: the iteration with this loop value."),
    ] = None,
    context: Annotated[
        str | None, typer.Option(metavar="FILE.json", help="Variables from a JSON object.")
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="`text`, or `json` for the typed value.")
    ] = "text",
    compat: Annotated[
        int, typer.Option(metavar="1|2", min=1, max=2, help="The Kestra generation.")
    ] = 1,
    secrets_file: SecretsFiles = None,
    secret: NamedSecrets = None,
    env_file: EnvFiles = None,
    kv: KeyValuePairs = None,
    namespace_files: NamespaceFiles = None,
    offline: Offline = False,
    state_dir: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Where key-values are kept.", envvar="KESTREL_STATE_DIR"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Makes random functions repeatable.")] = None,
    no_project_config: NoProjectConfig = False,
    trust: Trust = False,
) -> None:
    """Render an expression with the real engine.

    \b
    Examples:
      kestrel eval "{{ 1 + 2 }}"
      kestrel eval "{{ inputs.name | upper }}" --flow flow.yaml -i name=Ada
      kestrel eval "{{ outputs.make[taskrun.value] }}" --from run.json --task use --value x
      kestrel eval "{{ outputs.make.value }}" --from last
    """
    with exit_codes():
        if output not in ("text", "json"):
            raise typer.BadParameter("use `text` or `json`", param_hint="--output")
        if sum(one is not None for one in (flow, execution, context)) > 1:
            raise UsageError("use one of --flow, --from and --context")
        if task is None and value is not None:
            raise UsageError("--value needs --task")
        if execution is None and task is not None:
            raise UsageError("--task needs --from")
        place = Place(
            task=task,
            value=value,
            context=_text(context),
            compat=compat,
            seed=seed,
            warn=warn,
            state_dir=state_dir,
        )
        config = read_config(Path.cwd(), os.environ, warn, ignore_project=no_project_config)
        place.globals, place.namespace_variables = config.globals, config.variables_of
        place.state_dir = _state_dir(config, state_dir, flow, trust=trust)
        if execution is not None:
            place.execution = _execution(execution, place)
        secrets = [*config.secrets_file, *(secrets_file or [])]
        if secrets or secret or env_file or kv or namespace_files is not None or offline:
            from kestrel_cli.cli.outside import environment, read_given

            place.given = read_given(secrets, kv or [], namespace_files, offline=offline)
            place.environ = environment(env_file or [], place.environ)
            _name_secrets(place, secret or [])
        if flow is not None:
            from kestrel_cli.cli.inputs import read_inputs
            from kestrel_cli.flowfile import load

            place.flow = load(flow, plugin_defaults=config.plugin_defaults).flow
            place.inputs = read_inputs(place.flow, inputs or [], inputs_file, stdin=sys.stdin)
        scope = scope_of(place)
        if template is None and sys.stdin.isatty():
            from kestrel_cli.cli.prompt import prompt

            prompt(scope, lambda text: _shown(text, scope, output, compat))
            return
        text = sys.stdin.read().removesuffix("\n") if template in (None, "-") else template
        try:
            sys.stdout.write(_shown(text or "", scope, output, compat) + "\n")
        except RenderError as error:
            say(error)
            raise typer.Exit(_FAILED) from None


def _state_dir(config: Config, said: str | None, flow: str | None, *, trust: bool) -> str | None:
    """The option, or the setting, of which is told when somebody else has made it."""
    if config.project is not None:
        from kestrel_cli.cli.running import tell_of_state_dir

        tell_of_state_dir(config, said, trust=trust, flow_file=flow)
    return said or config.state_dir


def _name_secrets(place: Place, names: list[str]) -> None:
    if not names:
        return
    from kestrel_cli.cli.named_secrets import with_named_secrets, without_named

    place.environ = with_named_secrets(names, place.environ, no_input=False)
    place.given = changed(place.given, secrets=without_named(place.given.secrets, names))


def _shown(template: str, scope: Scope, output: str, compat: int) -> str:
    found = shown(evaluate(template, scope, typed=output == "json", compat=compat), scope)
    return json_text(found) if output == "json" else printed(found)


def _execution(name: str, place: Place) -> str:
    """The JSON of an execution: of the file of this name, or read back from its journal."""
    if name == "-" or os.path.exists(name) or not _is_id(name):  # noqa: PTH110  as everywhere in cli
        text = _text(name)
        assert text is not None  # there is a name
        return text
    import io

    from kestrel_cli.app.history import story_of
    from kestrel_cli.reporters.history import code_of
    from kestrel_cli.reporters.json_document import write_json
    from kestrel_cli.reporters.tails import Tails

    story = story_of(name, place.state_dir, place.environ, logs=True)
    tails = Tails()
    for told in story.told.values():
        tails.take(told.lines, told.execution)
    execution = story.root.execution
    written = io.StringIO()
    write_json(execution, written, code_of(execution.state), tails=tails)
    return written.getvalue()


def _is_id(name: str) -> bool:
    return name.isascii() and name.isalnum()


def _text(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        if path == "-":
            return sys.stdin.read()
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  as everywhere in cli
            return file.read()
    except (OSError, ValueError) as error:
        raise CannotStart(
            f"can't read {path}: {getattr(error, 'strerror', None) or error}"
        ) from None
