"""Finds other flows by namespace and id, among the flow files below a folder."""

from pathlib import Path
from typing import Final

from kestrel_cli.diagnostic import Diagnostic, Position
from kestrel_cli.errors import FlowFileError, FlowNotFound, UnusableFlow
from kestrel_cli.flowfile import loader, reader
from kestrel_cli.flowfile.folders import FlowKey, Tree, declared
from kestrel_cli.flowfile.loader import Loaded, PluginDefaults
from kestrel_cli.flowfile.suggest import nearest

_MOST_NAMED: Final = 5


class Library:
    """The flows below a folder. The folder is looked through at the first search, once.

    `own` is the flow that is being run: it is found without looking, and wins over other files
    with its namespace and id.
    """

    def __init__(
        self,
        folder: str,
        *,
        own: Loaded | None = None,
        max_depth: int = reader.MAX_DEPTH,
        plugin_defaults: PluginDefaults = (),
    ) -> None:
        self.folder = folder
        self._max_depth = max_depth
        self._plugin_defaults = plugin_defaults
        self._loaded: dict[FlowKey, Loaded] = {}
        self._paths: dict[FlowKey, list[str]] | None = None
        self._cut = False
        if own is not None:
            self._loaded[own.flow.namespace, own.flow.id] = own

    @classmethod
    def beside(
        cls,
        own: Loaded,
        folder: str | None = None,
        *,
        max_depth: int = reader.MAX_DEPTH,
        plugin_defaults: PluginDefaults = (),
    ) -> "Library":
        """The flows below `folder`.

        Without one, those in the folder of the flow's own file and below; when that is standard
        input, of the working directory. The options are those of `loader.load`.
        """
        file = own.flow.where.file
        if folder is None:
            folder = "." if file == "-" else str(Path(file).parent)
        return cls(folder, own=own, max_depth=max_depth, plugin_defaults=plugin_defaults)

    def find(self, namespace: str, flow_id: str) -> Loaded:
        """The flow, loaded once.

        Raises FlowNotFound, or UnusableFlow when its file is invalid or two files declare it.
        """
        key = (namespace, flow_id)
        if key not in self._loaded:
            self._loaded[key] = self._load(key, self.path_of(namespace, flow_id))
        return self._loaded[key]

    def path_of(self, namespace: str, flow_id: str) -> str:
        """The one file that declares the flow. Raises as `find` does, but does not load it."""
        own = self._loaded.get((namespace, flow_id))
        if own is not None:
            return own.flow.where.file
        paths = self._index().get((namespace, flow_id), [])
        if not paths:
            raise self._missing((namespace, flow_id))
        if len(paths) > 1:
            raise _ambiguous((namespace, flow_id), paths)
        return paths[0]

    def _index(self) -> dict[FlowKey, list[str]]:
        if self._paths is None:
            self._paths = {}
            tree = Tree(self.folder)
            for path in tree.files():
                if (key := declared(path)) is not None:
                    self._paths.setdefault(key, []).append(path)
            self._cut = tree.cut
        return self._paths

    def _load(self, key: FlowKey, path: str) -> Loaded:
        try:
            loaded = loader.load(
                path, max_depth=self._max_depth, plugin_defaults=self._plugin_defaults
            )
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
        index = self._index()
        near = _near(key, {*index, *self._loaded})
        looked = f"no file below {Path(self.folder).resolve()} declares it"
        if self._cut:
            looked += " (there are too many files to look at all of them)"
        if near:
            named = " or ".join(f"`{one[0]}` / `{one[1]}`" for one in near)
            return f"{looked}; did you mean {named}?"
        if not index:
            return f"{looked}, nor any other flow"
        return looked


def _near(key: FlowKey, known: set[FlowKey]) -> list[FlowKey]:
    """Flows of this id in other namespaces, else the flow whose name is a typing error away."""
    namespace, flow_id = key
    same = sorted(one for one in known if one[1] == flow_id)
    if same:
        return same[:_MOST_NAMED]
    here = nearest(flow_id, sorted(one[1] for one in known if one[0] == namespace))
    if here is not None:
        return [(namespace, here)]
    whole = nearest(".".join(key), sorted(".".join(one) for one in known))
    return sorted(one for one in known if ".".join(one) == whole)[:1]


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
