"""What is written when a run is over, besides what shows it: its outputs, an expression, and what
CI systems want to know.
"""

import io
import os
import sys
from pathlib import Path

from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.cli.files import whole_file
from kestrel_cli.cli.guard import say, warn
from kestrel_cli.cli.options import Output
from kestrel_cli.cli.run_options import RunOptions
from kestrel_cli.errors import KestrelError, RenderError
from kestrel_cli.model.masker import hidden
from kestrel_cli.reporters.outputs import Sinks
from kestrel_cli.reporters.tails import Tails


def written_afterwards(
    request: RunRequest, options: RunOptions, result: RunResult, streams: Sinks
) -> int:
    """Write what options ask for; the exit code: that of the run, or of what could not be
    written.
    """
    code = result.exit_code
    execution, tails = result.execution, streams.tails
    if streams.ci is not None:
        _annotate(result, options, streams)
    if options.junitxml is not None:
        from kestrel_cli.reporters.junit import write_junit

        with whole_file(options.junitxml, "--junitxml") as file:
            assert file is not None  # it has a name
            write_junit(execution, file, tails)
    _tell_github(request, options, result, tails)
    if options.output_dir is not None:
        from kestrel_cli.app.fetch import InStorage, storage_root, write_outputs

        source = result.files or InStorage(storage_root(request.state_dir, request.environ))
        try:
            write_outputs(execution, options.output_dir, source)
        except KestrelError as error:
            say(error)
            code = code or error.exit_code
    if options.write_test is not None:
        from kestrel_cli.cli.write_test import write_test

        written = write_test(request, options.write_test, result, quiet=bool(options.quiet))
        code = code or int(not written)
    if options.print_ is not None:
        code = code or _printed(request, options.print_, result, tails)
    return code


def _annotate(result: RunResult, options: RunOptions, streams: Sinks) -> None:
    """Mark what failed in the log of a CI system."""
    from kestrel_cli.reporters.ci import error_lines
    from kestrel_cli.reporters.failures import failures

    assert streams.ci is not None  # asked before
    out = streams.out if options.output is Output.TEXT else streams.err
    found = failures(result.execution, streams.tails)
    for line in error_lines(found, streams.ci, os.environ):
        out.write(f"{hidden(line)}\n")
    out.flush()


def _tell_github(request: RunRequest, options: RunOptions, result: RunResult, tails: Tails) -> None:
    """Add to the summary of the step, and to its outputs when that is asked for."""
    from kestrel_cli.reporters.step_summary import step_outputs, step_summary

    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        names = [one.task or f"{one.prefix or ''}*" for one in request.mocks.listed]
        if request.mocks.unsupported:
            names.append("all types that do not run")
        _append(page, step_summary(result.execution, tails, names))
    if options.github_output:
        _append(os.environ["GITHUB_OUTPUT"], step_outputs(result.execution))


def _append(path: str, text: str) -> None:
    try:
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(hidden(text))
    except OSError as error:
        warn(f"{path} can't be written: {error.strerror or error}")


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
