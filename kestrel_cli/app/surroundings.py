"""What the expressions of an execution see, of what its request says."""

from kestrel_cli.app.request import RunRequest
from kestrel_cli.expressions.scope import Services
from kestrel_cli.expressions.variables import Surroundings
from kestrel_cli.model.execution import Execution
from kestrel_cli.worker.services import prefixed_environment


def surroundings_of(request: RunRequest, execution: Execution, services: Services) -> Surroundings:
    """The variables of an execution that this request has started, and its dialect."""
    return Surroundings(
        execution,
        services,
        envs=prefixed_environment(request.environ) if request.envs is None else request.envs,
        globals_=request.globals,
        kestra=request.kestra,
        namespace=request.namespace_variables(execution.flow.namespace),
        compat=request.compat,
    )
