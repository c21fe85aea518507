"""What the settings of a project give a run that is asked for from Python.

Those about the terminal have no part in it, nor those that name files of secrets and variables:
code hands over what it wants to.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kestrel_cli.app.request import RunRequest
from kestrel_cli.errors import CannotStart, UsageError
from kestrel_cli.flowfile.library import Library
from kestrel_cli.flowfile.loader import Loaded
from kestrel_cli.flowfile.shelf import Shelf
from kestrel_cli.store.config import Config, read_config
from kestrel_cli.worker.services import Given

Warn = Callable[[str], None]


def settings(warn: Warn, *, of_project: bool = True) -> Config:
    """The settings that hold in the working directory. Raises CannotStart."""
    return read_config(Path.cwd(), os.environ, warn, ignore_project=not of_project)


def shelf_of(config: Config) -> Shelf:
    """Where flows are kept that were read."""
    return Shelf(plugin_defaults=config.plugin_defaults)


def folder(path: "str | os.PathLike[str] | None", option: str, setting: str | None) -> str | None:
    """A folder that was named, or that of the settings. Raises UsageError."""
    if path is None:
        return setting
    if not Path(path).is_dir():
        raise UsageError(f"`{option} {path}`: no such directory")
    return os.fspath(path)


def given(config: Config, **more: Any) -> Given:
    """What the run is given besides inputs. Raises CannotStart."""
    files = more.pop("namespace_files", None) or config.namespace_files
    if files is not None and not Path(files).is_dir():
        raise CannotStart(f"`--namespace-files {files}`: no such directory")
    told = {"containers": config.containers or "auto"}
    if config.max_download is not None:
        from kestrel_cli.model.byte_size import bytes_of

        told["max-download"] = str(bytes_of(config.max_download))
    offline = more.pop("offline", None)
    return Given(
        namespace_files=None if files is None else os.fspath(files),
        offline=bool(config.offline if offline is None else offline),
        settings=told,
        **more,
    )


def request_with(config: Config, loaded: Loaded, **more: Any) -> RunRequest:
    """A run of a flow with what the settings say."""
    return RunRequest(
        loaded.flow,
        text=loaded.text,
        globals=config.globals,
        kestra=config.kestra,
        namespace_variables=config.variables_of,
        plugin_defaults=config.plugin_defaults,
        sequential=bool(config.sequential),
        fail_on_warning=config.fail_on == "warning",
        **more,
    )


def library_of(loaded: Loaded, folder: str | None, config: Config) -> Library:
    """Where flows are found that this one calls."""
    return Library.beside(loaded, folder, shelf=shelf_of(config))
