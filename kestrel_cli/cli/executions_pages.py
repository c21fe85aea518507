"""The help of `kestrel executions list`, `show`, `logs` and the others."""

from typing import Final

from kestrel_cli.cli.actions import ActionCommand, Page

_WHERE: Final = ("state_dir", "no_project_config", "trust")
_SERVER: Final = ("on", "server", "tenant")
_LOOK: Final = ("color", "width", "ascii_only")


class Executions(ActionCommand):
    """`kestrel executions`, with a page for each action."""

    pages = {  # noqa: RUF012  as in the class above
        "list": Page(
            "",
            "List what ran here, the latest first: id, flow, state, start, duration, task runs.\n\n"
            "\b\nExamples:\n"
            "  kestrel executions list --flow etl --limit 10\n"
            "  kestrel executions list -o json",
            ("output", "limit", "flow", *_SERVER, *_WHERE, *_LOOK),
        ),
        "show": Page(
            "ID",
            "Show an execution as `run` showed it: its tree and summary, or one document. What "
            "runs still is shown as far as it has come.\n\n"
            "\b\nExamples:\n"
            "  kestrel executions show last\n"
            "  kestrel executions show 4uQm -o json",
            ("output", *_SERVER, *_WHERE, *_LOOK, "no_pager"),
        ),
        "logs": Page(
            "ID",
            "Show the log of an execution. With --task that of one task, of all below it, and of "
            "executions that it started.\n\n"
            "\b\nExamples:\n"
            "  kestrel executions logs last --log-level DEBUG\n"
            "  kestrel executions logs 4uQm --task load -o json",
            ("output", "log_level", "task", *_SERVER, *_WHERE, *_LOOK, "no_pager"),
        ),
        "files": Page(
            "ID [PATH]",
            "List the files that an execution has made, or copy those of this name: a whole one, "
            "its end, or an address.\n\n"
            "\b\nExamples:\n"
            "  kestrel executions files last\n"
            "  kestrel executions files last report.csv --to reports/",
            ("output", "to", "force", *_SERVER, *_WHERE),
        ),
        "kill": Page(
            "ID",
            "End an execution on a server, and wait until it has ended.\n\n"
            "\b\nExamples:\n"
            "  kestrel executions kill 4uQm --on prod",
            ("output", "detach", *_SERVER, "no_project_config"),
        ),
        "delete": Page(
            "ID...",
            "Remove executions with their journals and files, also such that are PAUSED. When one "
            "of them is not there, or is running, nothing is removed.\n\n"
            "\b\nExamples:\n"
            "  kestrel executions delete 4uQm last\n"
            "  kestrel executions delete 4uQm --dry-run",
            ("output", "dry_run", *_WHERE),
        ),
        "prune": Page(
            "",
            "Remove old executions with their journals and files: those that ended before "
            "--older-than, and all but the --keep latest; with both, what is neither young nor "
            "among the latest. What runs stays, and so does what is PAUSED unless you say "
            "--paused. The setting `executions-keep` does the same after each run.\n\n"
            "\b\nExamples:\n"
            "  kestrel executions prune --older-than 7d --keep 20\n"
            "  kestrel executions prune --keep 100 --dry-run",
            ("output", "older_than", "keep", "paused", "dry_run", *_WHERE),
        ),
    }
