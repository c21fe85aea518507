"""What a command has read of flow files: no folder is looked through twice, no file read twice."""

from functools import cached_property
from typing import Final

from kestrel_cli.errors import FlowFileError
from kestrel_cli.flowfile import loader, reader
from kestrel_cli.flowfile.folders import FlowKey, Tree, declared
from kestrel_cli.flowfile.loader import Loaded, PluginDefaults
from kestrel_cli.flowfile.suggest import nearest

_MOST_KEPT: Final = 2_000  # flows; one takes up to a hundred kilobytes
_MOST_NAMED: Final = 5


class Index:
    """Which files below a folder declare a flow; `cut`: there were too many to look at all."""

    def __init__(self, paths: dict[FlowKey, list[str]], *, cut: bool) -> None:
        self.paths = paths
        self.cut = cut
        self.called: dict[FlowKey, list[FlowKey]] = {}  # by each flow, as far as was asked
        self._near: dict[FlowKey, list[FlowKey]] = {}

    def near(self, key: FlowKey) -> list[FlowKey]:
        """Flows of this id in other namespaces, else the flow whose name is a typing error away."""
        if key not in self._near:
            self._near[key] = self._look_near(key)
        return self._near[key]

    def _look_near(self, key: FlowKey) -> list[FlowKey]:
        namespace, flow_id = key
        if same := self._by_id.get(flow_id):
            return same[:_MOST_NAMED]
        here = nearest(flow_id, self._by_namespace.get(namespace, ()))
        if here is not None:
            return [(namespace, here)]
        whole = nearest(".".join(key), self._by_name)
        return [] if whole is None else [self._by_name[whole]]

    @cached_property
    def _by_id(self) -> dict[str, list[FlowKey]]:
        found: dict[str, list[FlowKey]] = {}
        for key in sorted(self.paths):
            found.setdefault(key[1], []).append(key)
        return found

    @cached_property
    def _by_namespace(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for namespace, flow_id in sorted(self.paths):
            found.setdefault(namespace, []).append(flow_id)
        return found

    @cached_property
    def _by_name(self) -> dict[str, FlowKey]:
        """In order; of several with the same name the first."""
        found: dict[str, FlowKey] = {}
        for key in sorted(self.paths, key=lambda one: (".".join(one), one)):
            found.setdefault(".".join(key), key)
        return found


class Shelf:
    """Flows by file. The options are those of `loader.load`."""

    def __init__(
        self, *, max_depth: int = reader.MAX_DEPTH, plugin_defaults: PluginDefaults = ()
    ) -> None:
        self._max_depth = max_depth
        self._plugin_defaults = plugin_defaults
        self._flows: dict[str, Loaded | FlowFileError] = {}
        self._keys: dict[str, FlowKey | None] = {}
        self._indexes: dict[str, Index] = {}

    def put(self, path: str, loaded: Loaded | FlowFileError) -> None:
        """Keep what was loaded already, or why that can't be done."""
        if len(self._flows) < _MOST_KEPT:
            self._flows[path] = loaded

    def load(self, path: str) -> Loaded:
        """The flow in a file. Raises FlowFileError."""
        found = self._flows.get(path)
        if found is None:
            try:
                found = loader.load(
                    path, max_depth=self._max_depth, plugin_defaults=self._plugin_defaults
                )
            except FlowFileError as error:
                found = error
            self.put(path, found)
        if isinstance(found, FlowFileError):
            raise found.with_traceback(None)
        return found

    def index(self, folder: str) -> Index:
        """The flows below a folder."""
        found = self._indexes.get(folder)
        if found is None:
            tree = Tree(folder)
            paths: dict[FlowKey, list[str]] = {}
            for path in tree.files():
                if (key := self._declared(path)) is not None:
                    paths.setdefault(key, []).append(path)
            found = self._indexes[folder] = Index(paths, cut=tree.cut)
        return found

    def _declared(self, path: str) -> FlowKey | None:
        if path not in self._keys:
            self._keys[path] = declared(path)
        return self._keys[path]
