"""The namespace in which a task looks for a key, and the failure for one that is not there."""

from kestrel_cli.tasks.base import RunContext, TaskFailed


def namespace_of(ctx: RunContext, value: object) -> str | None:
    """Render a namespace; None when it is the flow's own, whose parents are asked as well."""
    namespace = ctx.text(value)
    return None if namespace in ("", ctx.about.namespace) else namespace


def missing_key(ctx: RunContext, key: str, namespace: str | None) -> TaskFailed:
    """The failure for `errorOnMissing`."""
    where = namespace or ctx.about.namespace
    return TaskFailed(
        f"No value found for key '{key}' in namespace '{where}' and `errorOnMissing` is set to true"
    )
