"""The outputs of a flow: rendered after its last task, typed like inputs (spec/engine.md 7.4)."""

from collections.abc import Callable

from kestrel_cli.errors import RenderError
from kestrel_cli.model.flow import Flow, Output
from kestrel_cli.model.typed import as_text, typed

_STORED = ("kestra:", "nsfile:", "file:")


def flow_outputs(
    flow: Flow,
    render: Callable[[object], object],
    *,
    warn: Callable[[str], None] | None = None,
    store_file: Callable[[str, str], str] | None = None,
    read_yaml: Callable[[str], object] | None = None,
) -> dict[str, object]:
    """The outputs that have a value, in the order of the flow.

    Raises RenderError naming the output that cannot be rendered or does not fit its type. One with
    `required: false` that cannot be rendered is left out instead, and `warn` gets Kestra's words.
    """
    values: dict[str, object] = {}
    for output in flow.outputs:
        rendered = _rendered(output, render, warn)
        if rendered is None:
            continue
        try:
            value = _typed(output, rendered, store_file, read_yaml)
        except ValueError as error:
            raise RenderError(f"Invalid value for output `{output.id}`. Cause: {error}") from None
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
    read_yaml: Callable[[str], object] | None,
) -> object:
    if output.type is None:
        return rendered
    value = typed(output.type, rendered, item_type=output.itemType, read_yaml=read_yaml)
    if output.type != "FILE" or store_file is None:
        return value
    path = as_text(value)
    return path if path.startswith(_STORED) else store_file(output.id, path)
