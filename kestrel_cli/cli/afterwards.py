"""What is written when a run is over, besides what shows it: its outputs, an expression."""

import io
import sys

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.cli.guard import say, warn
from kestrel_cli.cli.run_options import RunOptions
from kestrel_cli.errors import KestrelError, RenderError
from kestrel_cli.reporters.tails import Tails


def written_afterwards(
    request: RunRequest, options: RunOptions, result: RunResult, tails: Tails
) -> int:
    """Write what options ask for; the exit code: that of the run, or of what could not be
    written.
    """
    code = result.exit_code
    if options.output_dir is not None:
        from kestrel_cli.app.fetch import storage_root, write_outputs

        root = storage_root(request.state_dir, request.environ)
        try:
            write_outputs(result.execution, options.output_dir, root)
        except KestrelError as error:
            say(error)
            code = code or error.exit_code
    if options.print_ is not None:
        code = code or _printed(request, options.print_, result, tails)
    return code


def _printed(request: RunRequest, template: str, result: RunResult, tails: Tails) -> int:
    """Write what an expression gives in the execution that has ended: nothing but that."""
    from kestrel_cli.app.evaluate import Place, evaluate, scope_of, shown
    from kestrel_cli.expressions.text import printed
    from kestrel_cli.reporters.json_document import write_json

    document = io.StringIO()
    write_json(result.execution, document, result.exit_code, None, tails)
    place = Place(
        execution=document.getvalue(),
        compat=request.compat,
        given=request.given,
        environ=request.environ,
        state_dir=request.state_dir,
        warn=warn,
        globals=request.globals,
        kestra=request.kestra,
        namespace_variables=request.namespace_variables,
    )
    scope = scope_of(place)
    try:
        found = shown(evaluate(template, scope, typed=False, compat=request.compat), scope)
    except RenderError as error:
        say(error)
        return 1
    sys.stdout.write(f"{printed(found)}\n")
    sys.stdout.flush()
    return 0
