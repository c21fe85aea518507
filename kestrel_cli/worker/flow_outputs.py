"""The outputs of a flow: rendered after its last task, typed like inputs."""

from collections.abc import Callable

from kestrel_cli.errors import RenderError
from kestrel_cli.model.flow import Flow, Output
from kestrel_cli.model.typed import as_text, typed
from kestrel_cli.worker.yaml_text import read_value

_STORED = ("kestra:", "nsfile:", "file:")


def flow_outputs(
    flow: Flow,
    render: Callable[[object], object],
    *,
    warn: Callable[[str], None] | None = None,
    store_file: Callable[[str, str], str] | None = None,
    read_yaml: Callable[[str], object] | None = None,
    hide: Callable[[str, str], None] | None = None,
) -> dict[str, object]:
    """The outputs that have a value, in the order of the flow.

    Raises RenderError naming the output that cannot be rendered or does not fit its type. One with
    `required: false` that cannot be rendered is left out instead, and `warn` gets Kestra's words.
    `store_file(id, path)` copies a local FILE into storage and answers its address, `hide(id,
    text)` hears of every SECRET, `read_yaml` stands in for the own YAML reader.
    """
    values: dict[str, object] = {}
    for output in flow.outputs:
        rendered = _rendered(output, render, warn)
        if rendered is None:
            continue
        try:
            value = _typed(output, rendered, store_file, read_yaml or read_value)
        except ValueError as error:
            raise RenderError(f"Invalid value for output `{output.id}`. Cause: {error}") from None
        if hide is not None and "SECRET" in (output.type, output.itemType):
            for secret in value if isinstance(value, list) else [value]:
                hide(output.id, as_text(secret))
        if value is not None:
            values[output.id] = value
    return values


def _rendered(
    output: Output, render: Callable[[object], object], warn: Callable[[str], None] | None
) -> object:
    try:
        return render(output.value)
    except RenderError as error:
        if output.required:
            raise RenderError(
                f"Failed to render flow output `{output.id}`: {error}",
                hint=error.hint,
                missing=error.missing,
                line=error.line,
            ) from None
        if warn is not None:
            warn(f"Failed to render optional flow output '{output.id}'. Output is ignored.")
        return None


def _typed(
    output: Output,
    rendered: object,
    store_file: Callable[[str, str], str] | None,
    read_yaml: Callable[[str], object],
) -> object:
    value = typed(output.type, rendered, item_type=output.itemType, read_yaml=read_yaml)
    if store_file is None or "FILE" not in (output.type, output.itemType):
        return value
    if isinstance(value, list):
        return [_stored(output.id, as_text(one), store_file) for one in value]
    return _stored(output.id, as_text(value), store_file)


def _stored(name: str, path: str, store_file: Callable[[str, str], str]) -> str:
    if path.startswith(_STORED):
        return path
    try:
        return store_file(name, path)
    except OSError as error:
        raise ValueError(f"the file `{path}` cannot be read: {error.strerror or error}") from None
