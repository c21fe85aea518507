"""What executions of tests are born with."""

from typing import Any

from kestrel_cli.model.birth import Birth
from kestrel_cli.model.execution import Execution
from kestrel_cli.model.flow import Flow


def execution_of(flow: Flow, name: str = "test", at: int = 0, **facts: Any) -> Execution:
    """An execution of the flow that has not begun."""
    facts = {"number": 0, "id": name, "at": at, "flow": 0, "flow_id": flow.id, **facts}
    return Execution(Birth(**facts), flow)
