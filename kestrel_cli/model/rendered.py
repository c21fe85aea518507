"""Declared objects whose values are known only when the task runs."""

from typing import Any, TypeVar

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.fields import DOUBT, Model, accept_all

M = TypeVar("M", bound=Model)


def model_of(kind: type[M], values: dict[str, Any], name: str) -> M:
    """The object that the rendered values of the property `name` declare. Raises TaskFailed, which
    says which of them is wrong and what it must be.
    """
    found = accept_all(kind, values)
    if found is DOUBT:
        from kestrel_cli.model.schema import judge

        found, flaws = judge(kind, values)
        if flaws:
            path = ".".join(str(part) for part in (name, *flaws[0].path))
            wanted = f"must be {flaws[0].wanted}" if flaws[0].wanted else "is not as it should be"
            raise TaskFailed(f"`{path}` {wanted}")
    assert isinstance(found, kind)  # no flaws, an instance
    return found
