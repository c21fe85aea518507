"""Takes settings from one source after the other; the first that says something wins."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from kestrel_cli.errors import CannotStart
from kestrel_cli.store.config_keys import (
    CONTEXTS,
    DEFAULT_KEYS,
    DEFAULTS,
    GLOBALS,
    KEYS,
    NAMESPACES,
    TABLES,
    plugin_default,
    variable,
)
from kestrel_cli.store.settings import Config

Warn = Callable[[str], None]
_LARGEST: Final = 1_000_000


def take_environment(config: Config, environ: Mapping[str, str], folder: Path) -> None:
    """Take what `KESTREL_X` says. Raises CannotStart."""
    for name, key in KEYS.items():
        said = environ.get(variable(name))
        if said:
            try:
                value = key.read_text(said, folder)
            except ValueError as problem:
                raise CannotStart(f"{variable(name)} {problem}") from None
            _say(config, name, value, variable(name))


def take_file(config: Config, path: Path, table: tuple[str, ...], warn: Warn) -> None:
    """Take what a file says in this table of it. Raises CannotStart."""
    from kestrel_cli.store.toml_text import TomlText

    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as problem:
        raise CannotStart(f"{path}: {(problem.strerror or 'it').lower()}") from None
    if len(data) > _LARGEST:
        raise CannotStart(f"{path}: this file is too large for a configuration")
    text = TomlText(str(path), data)
    values: Any = text.values
    for name in table:
        values = values.get(name) if isinstance(values, dict) else None
    if not isinstance(values, dict):
        if values is not None:
            raise CannotStart(f"{text.where(table)}: `{'.'.join(table)}` must be a table")
        return
    config.files.append(str(path))
    _Layer(config, text.where, table, path.parent, warn).take(values)


class _Layer:
    """One file on its way into the settings."""

    def __init__(
        self,
        config: Config,
        where: Callable[[tuple[str, ...]], str],
        table: tuple[str, ...],
        folder: Path,
        warn: Warn,
    ) -> None:
        self._config = config
        self._where = where
        self._table = table
        self._folder = folder
        self._warn = warn

    def take(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name in KEYS:
                try:
                    read = KEYS[name].read(value, self._folder)
                except ValueError as problem:
                    raise self._wrong((name,), f"`{name}` {problem}") from None
                _say(self._config, name, read, self._at(name))
            elif name == DEFAULTS:
                self._plugin_defaults(value)
            elif name == GLOBALS:
                self._globals(value)
            elif name == NAMESPACES:
                self._namespaces(value)
            elif name == CONTEXTS:
                self._contexts(value)
            else:
                self._unknown((name,), (*KEYS, *TABLES))

    def _plugin_defaults(self, listed: Any) -> None:
        if not isinstance(listed, list):
            raise self._wrong((DEFAULTS,), f"`{DEFAULTS}` must be a list of tables: [[{DEFAULTS}]]")
        for number, said in enumerate(listed):
            path = (DEFAULTS, str(number))
            try:
                entry = plugin_default(said)
            except ValueError as problem:
                raise self._wrong(path, f"an entry of `{DEFAULTS}` {problem}") from None
            for name in entry:
                if name not in DEFAULT_KEYS:
                    self._unknown((*path, name), DEFAULT_KEYS)
            known: dict[str, Any] = {}
            for name in DEFAULT_KEYS:
                if name in entry:
                    known[name] = self._plain(path, entry[name])
            self._config.plugin_defaults.append(known)
            place = f"{DEFAULTS}[{len(self._config.plugin_defaults) - 1}]"
            self._config.origins[place] = self._at(*path)

    def _globals(self, values: Any) -> None:
        if not isinstance(values, dict):
            raise self._wrong((GLOBALS,), f"`{GLOBALS}` must be a table")
        self._merge(self._config.globals, values, (GLOBALS,))

    def _namespaces(self, values: Any) -> None:
        if not isinstance(values, dict):
            raise self._wrong((NAMESPACES,), f"`{NAMESPACES}` must be a table")
        for namespace, said in values.items():
            path = (NAMESPACES, namespace)
            if not isinstance(said, dict):
                raise self._wrong(path, f'`{NAMESPACES}."{namespace}"` must be a table')
            for name, variables in said.items():
                if name != "variables":
                    self._unknown((*path, name), ("variables",))
                elif not isinstance(variables, dict):
                    raise self._wrong((*path, name), f"`{name}` must be a table")
                else:
                    kept = self._config.namespaces.setdefault(namespace, {})
                    self._merge(kept.setdefault(name, {}), variables, (*path, name))

    def _contexts(self, values: Any) -> None:
        """Each as a whole, so that a login and its server stay together. One that the user's own
        file has is the user's: a checkout can't lead flows and inputs elsewhere.
        """
        if not isinstance(values, dict):
            raise self._wrong((CONTEXTS,), f"`{CONTEXTS}` must be a table")
        from kestrel_cli.server.said import KEYS as KEYS_OF_CONTEXTS

        for context, said in values.items():
            path = (CONTEXTS, context)
            if not isinstance(said, dict):
                raise self._wrong(path, f"`{CONTEXTS}.{context}` must be a table")
            for name in said:
                if name not in KEYS_OF_CONTEXTS:
                    self._unknown((*path, name), KEYS_OF_CONTEXTS)
            kept = {name: said[name] for name in KEYS_OF_CONTEXTS if name in said}
            if isinstance(kept.get("ca"), str):
                kept["ca"] = str(self._folder / Path(kept["ca"]).expanduser())
            self._config.contexts[context] = self._plain(path, kept)
            self._config.origins[f"{CONTEXTS}.{context}"] = self._at(*path)

    def _merge(self, kept: dict[str, Any], said: Mapping[str, Any], path: tuple[str, ...]) -> None:
        """Fill in what is not there yet; maps inside are merged as well."""
        for name, value in said.items():
            inner = (*path, name)
            if name not in kept:
                kept[name] = self._plain(inner, value)
                self._config.origins[".".join(inner)] = self._at(*inner)
            elif isinstance(kept[name], dict) and isinstance(value, dict):
                self._merge(kept[name], value, inner)

    def _plain(self, path: tuple[str, ...], value: Any) -> Any:
        from kestrel_cli.store.toml_text import plain

        try:
            return plain(value)
        except ValueError as problem:
            raise self._wrong(path, f"`{path[-1]}` {problem}") from None

    def _at(self, *path: str) -> str:
        return self._where((*self._table, *path))

    def _wrong(self, path: tuple[str, ...], message: str) -> CannotStart:
        return CannotStart(f"{self._at(*path)}: {message}")

    def _unknown(self, path: tuple[str, ...], known: Iterable[str]) -> None:
        from difflib import get_close_matches

        name = path[-1]
        near = get_close_matches(name.lower().replace("_", "-"), known, n=1)
        if not near:  # `pluginDefaults`
            plain = {one.replace("-", ""): one for one in known}
            near = [plain[name.lower()]] if name.lower() in plain else []
        hint = f"; did you mean `{near[0]}`?" if near else "; it is ignored"
        self._warn(f"{self._at(*path)}: unknown key `{name}`{hint}")


def _say(config: Config, name: str, value: Any, origin: str) -> None:
    if name not in config.origins:
        setattr(config, name.replace("-", "_"), value)
        config.origins[name] = origin
