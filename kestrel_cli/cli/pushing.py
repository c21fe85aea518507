"""What `kestrel push` does, step by step; what was found and done goes to stdout."""

import os
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

from kestrel_cli.app.deploying.delivery import Delivery
from kestrel_cli.app.deploying.gathering import files_of, flow_paths, flows_of
from kestrel_cli.app.deploying.outcome import Outcome
from kestrel_cli.app.elsewhere.place import Place, context_named, place_of
from kestrel_cli.app.validate import Verdict, validate
from kestrel_cli.cli.findings_text import finding_lines
from kestrel_cli.cli.guard import say
from kestrel_cli.cli.push_text import as_json, outcome_lines, refused_lines, summary
from kestrel_cli.errors import KestrelError, NothingMatched, ServerError, UsageError
from kestrel_cli.flowfile import MAX_DEPTH
from kestrel_cli.reporters.console import Flags, Style, look_at, style_for
from kestrel_cli.reporters.painter import write_lines
from kestrel_cli.server.asking import Asking
from kestrel_cli.store.config import Config

_REFUSED: Final = 1
_WRONG: Final = 3


class Wishes(NamedTuple):
    """What the options say."""

    on: str | None
    server: str | None
    tenant: str | None
    dry: bool
    files: bool
    fail_fast: bool
    skip_non_flows: bool
    as_json: bool
    compat: int
    flags: Flags


def pushed(paths: Sequence[str], wishes: Wishes, config: Config, style: Style) -> int:
    """Check everything, hand it over, show what became of it; the exit code. Raises KestrelError
    for what stands in the way of all of it.
    """
    if "-" in paths:
        raise UsageError("`push -`: a flow that is pushed is a file")
    # Before any file is read: options that contradict each other are found at once.
    context = context_named(wishes.on, wishes.server, wishes.tenant, os.environ, config.contexts)
    files = flow_paths(paths)
    verdict = _checked(files, paths, wishes, config)
    if verdict.count("error"):
        if wishes.as_json:
            sys.stdout.write(as_json(None, [], _WRONG, dry=wishes.dry, verdict=verdict))
        return _WRONG
    flows = flows_of(verdict.names, config.plugin_defaults, max_depth=MAX_DEPTH)
    beside = files_of(paths, flows) if wishes.files else []
    place = place_of(context, wishes.on, wishes.tenant, Asking)
    told: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        told.append(outcome)
        if not wishes.as_json:
            write_lines(outcome_lines(outcome, style, dry=wishes.dry), sys.stdout, style.colour)

    failure: KestrelError | None = None
    try:
        delivery = Delivery(place.server, tell, dry=wishes.dry, fail_fast=wishes.fail_fast)
        delivery.deliver(flows, beside)
    except ServerError as error:
        failure = error
    code = _code(told, failure)
    _show(place, told, code, wishes, style)
    if failure is not None:
        say(failure)
    return code


def _checked(files: Sequence[str], paths: Sequence[str], wishes: Wishes, config: Config) -> Verdict:
    """What is found here; told on stderr, because stdout is for what was done."""
    if not files:
        raise NothingMatched(f"no flow file in {', '.join(paths)}")
    verdict = validate(
        files,
        skip_non_flows=wishes.skip_non_flows,
        flows_dir=config.flows_dir,
        plugin_defaults=config.plugin_defaults,
        compat=wishes.compat,
    )
    # Notes are about running here.
    found = [one for one in verdict.diagnostics if one.severity != "info"]
    style = style_for(os.environ, look_at(sys.stderr), wishes.flags)
    write_lines(finding_lines(found, style, verbose=False), sys.stderr, style.colour)
    return verdict


def _code(told: Sequence[Outcome], failure: KestrelError | None) -> int:
    if failure is not None:
        return failure.exit_code
    return _REFUSED if any(one.change == "refused" for one in told) else 0


def _show(place: Place, told: Sequence[Outcome], code: int, wishes: Wishes, style: Style) -> None:
    """The end of it."""
    if wishes.as_json:
        sys.stdout.write(as_json(place.host, told, code, dry=wishes.dry))
        return
    sys.stdout.write(f"{summary(told, place.host, dry=wishes.dry)}\n")
    sys.stdout.flush()
    err = style_for(os.environ, look_at(sys.stderr), wishes.flags)
    write_lines(refused_lines(told), sys.stderr, err.colour)
