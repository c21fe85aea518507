"""Inputs that the flow does not declare, and those that are missing or wrong."""

from collections.abc import Iterator, Mapping

from kestrel_cli.app.inputs import renderer_before
from kestrel_cli.app.preflight.finding import Finding
from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import RenderError
from kestrel_cli.flowfile.suggest import nearest
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.masker import MASK
from kestrel_cli.worker.input_names import Tree, flattened, leaf_inputs
from kestrel_cli.worker.inputs import Resolver


def unknown_inputs(flow: Flow, given: Mapping[str, object]) -> Iterator[Finding]:
    """What was given under a name that the flow does not declare."""
    declared = {one.id: one for one in leaf_inputs(flow)}
    for name, _ in flattened(given, declared):
        if name not in declared:
            yield Finding(
                "input", f"the flow has no input `{name}`", None, _instead(name, declared)
            )


def _instead(name: str, declared: Mapping[str, Input]) -> str:
    passes = "`--allow-unknown-inputs` lets it pass"
    if not declared:
        return f"it declares none; {passes}"
    near = nearest(name, declared)
    if near:
        return f"did you mean `{near}`? {passes}"
    return f"it has {', '.join(f'`{one}`' for one in declared)}; {passes}"


def missing_inputs(request: RunRequest) -> Iterator[Finding]:
    """What is missing or wrong, as far as that shows without running anything: what a default or a
    condition asks of the world is passed over. No file is copied.
    """
    resolver = foreseeing(request)
    places = {one.id: one.where for one in resolver.declared.values()}
    for name, problems in resolver.found.items():
        for problem in problems:
            yield Finding("input", str(problem), places.get(name), problem.hint)


def foreseen(request: RunRequest) -> tuple[dict[str, object], set[str]]:
    """The inputs as far as they are known before, secret ones as stars, and the names of those that
    are not. An input that nobody needs has its null.
    """
    resolver = foreseeing(request)
    hidden = {name.partition("[")[0] for name in resolver.secrets}
    tree = Tree()
    for name, value in resolver.values.items():
        tree.put(name, MASK if name in hidden else value)
    return tree.sorted(), set(resolver.declared) - set(resolver.values)


def foreseeing(request: RunRequest) -> Resolver:
    """The inputs as far as they are known before there is an execution."""
    resolver = _Foreseen(request.flow, request.inputs, renderer_before(request))
    resolver.resolve()
    return resolver


class _Foreseen(Resolver):
    """The inputs before there is an execution."""

    def _resolve(self, declared: Input) -> None:
        try:
            super()._resolve(declared)
        except RenderError:
            return
