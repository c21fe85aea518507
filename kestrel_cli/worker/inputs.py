"""From the values somebody passed to the `inputs` of an execution.

Every problem of every input is collected before anything is raised, so that one run tells them all.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from kestrel_cli.errors import InputError, RenderError
from kestrel_cli.model.flow import Flow, Input
from kestrel_cli.model.typed import FORMS, as_text, choices, typed
from kestrel_cli.model.validators import causes, is_free_choice
from kestrel_cli.worker.input_names import (
    Tree,
    dependencies_first,
    flattened,
    leaf_inputs,
    needs_of,
)
from kestrel_cli.worker.yaml_text import read_value

Render = Callable[[object, Mapping[str, object]], object]
StoreFile = Callable[[str, str], str]
ReadYaml = Callable[[str], object]

_CHOICE_TYPES: Final = ("SELECT", "MULTISELECT")
_STORED: Final = ("kestra:", "nsfile:", "file:")
_LONGEST_MATCHED: Final = 10_000


class Problem(str):
    """One sentence about one input; `hint` says what to do, when that is known."""

    __slots__ = ("hint",)

    def __new__(cls, sentence: str, hint: str | None = None) -> "Problem":
        problem = super().__new__(cls, sentence)
        problem.hint = hint
        return problem

    hint: str | None


class _Limits(ValueError):
    """The value has the right form and breaks a rule of the input; the rule says all."""


class ResolvedInputs(NamedTuple):
    """The `inputs` variable, what was odd, and the values that must be masked, by input id."""

    values: dict[str, object]
    warnings: list[str]
    secrets: dict[str, str]


def resolve_inputs(
    flow: Flow,
    given: Mapping[str, object],
    *,
    render: Render,
    store_file: StoreFile | None = None,
    read_yaml: ReadYaml | None = None,
) -> ResolvedInputs:
    """The typed inputs of an execution. Raises InputError with all problems of all inputs.

    `render(value, inputs)` renders typed; `store_file(input_id, path)` copies a FILE into the
    execution's storage and answers its address, without it the path is kept; `read_yaml` stands in
    for the own YAML reader.
    """
    if not flow.inputs and not given:
        return ResolvedInputs({}, [], {})
    resolver = Resolver(flow, given, render, store_file, read_yaml)
    resolver.resolve()
    if problems := resolver.problems():
        raise InputError(problems)
    return ResolvedInputs(resolver.inputs.sorted(), resolver.warnings, resolver.secrets)


class Resolver:
    """One pass over the inputs of a flow. Keeps what it finds out, raises nothing about values."""

    def __init__(
        self,
        flow: Flow,
        given: Mapping[str, object],
        render: Render,
        store_file: StoreFile | None = None,
        read_yaml: ReadYaml | None = None,
    ) -> None:
        self.flow = flow
        self.declared: dict[str, Input] = {}
        for one in leaf_inputs(flow):
            self.declared.setdefault(one.id, one)  # of two equal ids the first counts
        self.given = dict(flattened(given, self.declared))
        self.render = render
        self.store_file = store_file
        self.read_yaml = read_yaml or read_value
        self.inputs = Tree()
        self.values: dict[str, object] = {}
        self.missing: dict[str, Input] = {}  # required inputs without a value, choices filled in
        self.found: dict[str, list[Problem]] = {}
        self.warnings: list[str] = []
        self.secrets: dict[str, str] = {}

    def resolve(self) -> None:
        """Give every input its value, those it depends on first."""
        ordered, circles = dependencies_first(self.declared)
        for name, circle in circles.items():
            self._blame(name, [f"`dependsOn` leads back to itself: {' > '.join(circle)}"])
        for name in ordered:
            if name in self.found:
                continue
            declared = self.declared[name]
            try:
                self._resolve(declared)
            except RenderError as error:
                self._blame(name, [str(error)], error.hint)
            except ValueError as error:
                hint = None if isinstance(error, _Limits) else _hint(declared)
                self._blame(name, [str(cause) for cause in error.args], hint)
        self._warn_of_strangers()

    def problems(self) -> list[Problem]:
        """All problems, in the order in which the flow declares the inputs."""
        return [problem for name in self.declared for problem in self.found.get(name, ())]

    def _resolve(self, declared: Input) -> None:
        if not self._is_enabled(declared):
            return
        declared = self._with_choices(declared)
        raw = self.given.get(declared.id)
        if raw is None:
            raw = self._default(declared)
        if raw is None and declared.required:
            self.missing[declared.id] = declared
            problem = f"Missing required input:{declared.id}"
            self.found[declared.id] = [Problem(problem, f"pass it with `-i {declared.id}=VALUE`")]
            return
        value = None if raw is None else self._typed(declared, raw)
        self.values[declared.id] = value
        if not self.inputs.put(declared.id, value):
            self.warnings.append(
                f"Input {declared.id} is left out: its name collides with that of an earlier input"
            )

    def _is_enabled(self, declared: Input) -> bool:
        if declared.dependsOn is None:
            return True
        for name in needs_of(declared):
            # As in Kestra: an unknown name is ignored, a null counts like an input switched off.
            if name in self.declared and self.values.get(name) is None:
                return False
        condition = declared.dependsOn.condition
        if condition is None:
            return True
        try:
            # The text "true" is not enough: Kestra wants the boolean.
            return self.render(condition, self.inputs.branch) is True
        except RenderError as error:
            # Kestra notes the error and drops it with the input; here it is at least told.
            warning = f"Input {declared.id} is left out. Invalid condition: {error}"
            self.warnings.append(Problem(warning, error.hint))
            return False

    def _with_choices(self, declared: Input) -> Input:
        if declared.expression is None or declared.type not in _CHOICE_TYPES:
            return declared
        try:
            found = self.render(declared.expression, self.inputs.branch)
        except RenderError as error:
            raise RenderError(
                f"Cannot render 'expression'. Cause: {error}", hint=error.hint
            ) from None
        if not isinstance(found, (list, tuple)):
            kind = "<null>" if found is None else type(found).__name__
            reason = f"Expected a list of strings, but received {kind}"
            raise ValueError(f"Invalid expression result. {reason}")
        return declared.changed(
            values=[as_text(one) for one in found if one is not None], options=None
        )

    def _default(self, declared: Input) -> object:
        if declared.defaults is None and declared.autoSelectFirst:
            first = choices(declared.values)[:1]
            return first if declared.type == "MULTISELECT" and first else "".join(first) or None
        if isinstance(declared.defaults, (str, list, dict)):
            return self.render(declared.defaults, self.inputs.branch)
        return declared.defaults

    def _typed(self, declared: Input, raw: object) -> object:
        item_type = declared.itemType
        if declared.type == "MULTISELECT" and item_type is None:
            item_type = "STRING"
        value = typed(declared.type, raw, item_type=item_type, read_yaml=self.read_yaml)
        if found := causes(declared, value, matches=_matches):
            raise _Limits(*found)
        self._warn_of_surprises(declared, raw, value)
        if declared.type == "FILE":
            return self._stored(declared.id, as_text(value))
        if item_type == "FILE" and isinstance(value, list):
            return [self._stored(declared.id, as_text(one)) for one in value]
        self._remember_secrets(declared, value)
        return value

    def _stored(self, name: str, path: str) -> str:
        if self.store_file is None or path.startswith(_STORED):
            return path
        try:
            return self.store_file(name, path)
        except OSError as error:
            raise ValueError(
                f"the file `{path}` cannot be read: {error.strerror or error}"
            ) from None

    def _remember_secrets(self, declared: Input, value: object) -> None:
        if declared.type == "SECRET":
            self.secrets[declared.id] = as_text(value)
        elif declared.itemType == "SECRET" and isinstance(value, list):
            self.secrets |= {f"{declared.id}[{at}]": as_text(one) for at, one in enumerate(value)}

    def _warn_of_surprises(self, declared: Input, raw: object, value: object) -> None:
        """Say what Kestra takes in silence although it is rarely meant."""
        text = as_text(raw)
        if declared.type in ("BOOL", "BOOLEAN") and text.lower() not in ("true", "false"):
            self.warnings.append(
                f"Input {declared.id}: `{text}` is read as false, only `true` is true"
            )
        elif (
            declared.type == "SELECT" and not declared.allowCustomValue and is_free_choice(declared)
        ):
            allowed = choices(declared.values)
            if value not in allowed:
                self.warnings.append(
                    f"Input {declared.id}: `{text}` is none of {as_text(allowed)}, "
                    "but accepted because the input is not required"
                )

    def _warn_of_strangers(self) -> None:
        where = f"{self.flow.namespace}.{self.flow.id}"
        for name in self.given:
            if name not in self.declared:
                warning = (
                    f"Input {name} was provided for workflow {where} "
                    "but isn't declared in the workflow inputs"
                )
                self.warnings.append(Problem(warning, _near(name, self.declared)))
            elif name not in self.values and name not in self.found:
                self.warnings.append(f"Input {name} is ignored: what it depends on is not met")

    def _blame(self, name: str, found: list[str], hint: str | None = None) -> None:
        self.found[name] = [
            Problem(f"Invalid value for input `{name}`. Cause: {cause}", hint) for cause in found
        ]


def _matches(pattern: str, text: str) -> bool:
    from kestrel_cli.expressions.java_regex import compiled

    if len(text) > _LONGEST_MATCHED:
        # A pattern may need time that grows with the square of the text, or worse.
        raise ValueError(f"a value with a validator may have {_LONGEST_MATCHED} characters at most")
    return compiled(pattern).fullmatch(text) is not None


def _hint(declared: Input) -> str | None:
    form = FORMS.get(declared.type)
    return f"{declared.type} wants {form}" if form else None


def _near(name: str, declared: Mapping[str, Input]) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(name, declared, n=1)
    return f"did you mean `{near[0]}`?" if near else None
