"""Short ways to load a flow, and to say what is wrong with it."""

from kestrel_cli.diagnostic import Diagnostic
from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import load_bytes
from kestrel_cli.model.flow import Flow

HEAD = "id: f\nnamespace: company.team\n"
LOG = "io.kestra.plugin.core.log.Log"
CORE = "io.kestra.plugin.core"


def flow(text: str, **options: int) -> Flow:
    """The flow of this text, with id and namespace put in front."""
    return load_bytes((HEAD + text).encode(), "flow.yaml", **options).flow


def findings(text: str, head: str = HEAD) -> list[Diagnostic]:
    """Everything found in the file, errors or not."""
    try:
        return list(load_bytes((head + text).encode(), "flow.yaml").warnings)
    except FlowFileError as problem:
        return list(problem.diagnostics)


def errors(text: str, head: str = HEAD) -> list[tuple[int, str]]:
    """Line (below the head) and message of every error."""
    above = head.count("\n")
    return [
        (one.where.line - above, one.message)
        for one in findings(text, head)
        if one.severity == "error"
    ]


def task(task_id: str, *lines: str, type_name: str = LOG, indent: int = 2) -> str:
    """One task of a list, each further property a line; a Log has its message."""
    said = [f"id: {task_id}", f"type: {type_name}", *lines]
    if type_name == LOG and not any(line.startswith("message") for line in lines):
        said.append("message: hi")
    pad = " " * indent
    return f"{pad}- " + f"\n{pad}  ".join(said) + "\n"
