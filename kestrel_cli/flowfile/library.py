"""Finds other flows by namespace and id, among the flow files below a folder."""

from pathlib import Path
from typing import Final

from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.errors import FlowFileError, FlowNotFound, UnusableFlow
from kestrel_cli.flowfile.folders import FlowKey
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.flowfile.shelf import Index, Shelf

_MOST_NAMED: Final = 5


class Library:
    """The flows below a folder. The folder is looked through at the first search, once.

    `own` is the flow that is being run: it is found without looking, and wins over other files
    with its namespace and id. Libraries that share a `shelf` read nothing twice.
    """

    def __init__(
        self,
        folder: str,
        *,
        own: Loaded | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self.folder = folder
        self._shelf = shelf or Shelf()
        self._loaded: dict[FlowKey, Loaded] = {}
        if own is not None:
            self._loaded[own.flow.namespace, own.flow.id] = own

    @classmethod
    def beside(
        cls,
        own: Loaded,
        folder: str | None = None,
        *,
        shelf: Shelf | None = None,
    ) -> "Library":
        """The flows below `folder`.

        Without one, those in the folder of the flow's own file and below; when that is standard
        input, of the working directory.
        """
        file = own.flow.where.file
        if folder is None:
            folder = "." if file == "-" else str(Path(file).parent)
        return cls(folder, own=own, shelf=shelf)

    def find(self, namespace: str, flow_id: str) -> Loaded:
        """The flow, loaded once.

        Raises FlowNotFound, or UnusableFlow when its file is invalid or two files declare it.
        """
        key = (namespace, flow_id)
        if key not in self._loaded:
            self._loaded[key] = self._load(key, self.path_of(namespace, flow_id))
        return self._loaded[key]

    def called_by(self, key: FlowKey) -> list[FlowKey]:
        """The flows that a flow calls by their names; none when it can't be loaded."""
        is_own = key in self._loaded
        known = self._index.called
        if key not in known or is_own:
            try:
                calls = self.find(*key).calls
            except (FlowNotFound, UnusableFlow):
                calls = ()
            found = [call.key for call in calls if call.key is not None]
            if is_own:
                return found
            known[key] = found
        return known[key]

    def path_of(self, namespace: str, flow_id: str) -> str:
        """The one file that declares the flow. Raises as `find` does, but does not load it."""
        own = self._loaded.get((namespace, flow_id))
        if own is not None:
            return own.flow.where.file
        paths = self._index.paths.get((namespace, flow_id), [])
        if not paths:
            raise self._missing((namespace, flow_id))
        if len(paths) > 1:
            raise _ambiguous((namespace, flow_id), paths)
        return paths[0]

    def names(self) -> list[FlowKey]:
        """All flows that files declare, by namespace and id."""
        return list(self._index.paths)

    @property
    def _index(self) -> Index:
        return self._shelf.index(self.folder)

    def _load(self, key: FlowKey, path: str) -> Loaded:
        try:
            loaded = self._shelf.load(path)
        except FlowFileError as problem:
            raise _invalid(key, problem.diagnostics) from None
        if (loaded.flow.namespace, loaded.flow.id) != key:  # it was changed in the meantime
            raise self._missing(key)
        return loaded

    def _missing(self, key: FlowKey) -> FlowNotFound:
        namespace, flow_id = key
        message = f"Unable to find flow '{namespace}'.'{flow_id}' with revision '0'"
        return FlowNotFound(message, self._looked(key))

    def _looked(self, key: FlowKey) -> str:
        index = self._index
        if not self._loaded.keys() <= index.paths.keys():
            index = Index({**{one: [] for one in self._loaded}, **index.paths}, cut=index.cut)
        near = index.near(key)
        looked = f"no file below {Path(self.folder).resolve()} declares it"
        if index.cut:
            looked += " (there are too many files to look at all of them)"
        if near:
            named = " or ".join(f"`{one[0]}` / `{one[1]}`" for one in near)
            return f"{looked}; did you mean {named}?"
        if not self._index.paths:
            return f"{looked}, nor any other flow"
        return looked


def _invalid(key: FlowKey, diagnostics: tuple[Diagnostic, ...]) -> UnusableFlow:
    errors = [one for one in diagnostics if one.severity == "error"] or list(diagnostics)
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    message = f"the flow '{key[0]}'.'{key[1]}' is not valid: {errors[0].where}: {errors[0].message}"
    return UnusableFlow(message + more, errors)


def _ambiguous(key: FlowKey, paths: list[str]) -> UnusableFlow:
    hint = "keep one of them, or give one another id"
    named = ", ".join(paths[:_MOST_NAMED]) + (", ..." if len(paths) > _MOST_NAMED else "")
    message = f"{len(paths)} files declare the flow '{key[0]}'.'{key[1]}': {named}"
    where = Position(paths[0], 0, 0)
    return UnusableFlow(message, [Diagnostic("error", "ambiguous-flow", message, where, hint)])
