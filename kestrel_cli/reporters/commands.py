"""What to type next about an execution, here or where it runs."""

from kestrel_cli.model.execution import Execution


def command(execution: Execution, action: str, more: str = "") -> str:
    """The command that does something with an execution: `last` names one of this machine, on a
    server others may have started later ones.
    """
    end = f" {more}" if more else ""
    if execution.elsewhere:
        return f"kestrel executions {action} {execution.id}{end} {execution.elsewhere}"
    group = "executions " if action == "logs" else ""
    return f"kestrel {group}{action} last{end}"


def resuming(execution: Execution) -> str:
    """The command that goes on with an execution that stands still."""
    if execution.elsewhere:
        return command(execution, "resume")
    return f"kestrel resume {execution.id}"
