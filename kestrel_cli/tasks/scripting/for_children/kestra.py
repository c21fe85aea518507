"""Stands in for the package `kestra` in Python scripts: it prints messages that Kestrel reads.

Where the real package is installed, that one is imported. Runs on Python 3.6 and later.
"""

import json
import logging
import os
import sys
import time


def _real():
    """The real package, if it can be imported; it then takes our place."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    here = os.path.dirname(os.path.abspath(__file__))
    places = [place for place in sys.path if os.path.abspath(place or ".") != here]
    spec = PathFinder.find_spec("kestra", places)
    if spec is None or spec.loader is None:
        return None
    ours = sys.modules.get("kestra")
    module = sys.modules["kestra"] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError:
        sys.modules["kestra"] = ours
        return None
    return module


class _Levels(logging.Formatter):
    def format(self, record):
        level = "TRACE"
        for number, name in ((40, "ERROR"), (30, "WARN"), (20, "INFO"), (10, "DEBUG")):
            if record.levelno >= number:
                level = name
                break
        return Kestra.format({"logs": [{"level": level, "message": super().format(record)}]})


class Kestra:
    """Outputs, metrics and log entries of a script."""

    _logger = None

    @staticmethod
    def format(map_):
        return "::" + json.dumps(map_) + "::"

    @staticmethod
    def _send(map_):
        print(Kestra.format(map_))

    @staticmethod
    def _metrics(name, type_, value, tags=None):
        metric = {"name": name, "type": type_, "value": value, "tags": tags or {}}
        Kestra._send({"metrics": [metric]})

    @staticmethod
    def outputs(map_):
        """Set outputs: `{{ outputs.task.vars.name }}`."""
        Kestra._send({"outputs": map_})

    @staticmethod
    def counter(name, value, tags=None):
        """Add to a counter."""
        Kestra._metrics(name, "counter", value, tags)

    @staticmethod
    def timer(name, duration, tags=None):
        """Add seconds to a timer: a number, or how long a function takes."""
        if callable(duration):
            began = time.time()
            duration()
            duration = time.time() - began
        Kestra._metrics(name, "timer", duration, tags)

    @staticmethod
    def gauge(name, value, tags=None):
        """Set a gauge."""
        Kestra._metrics(name, "gauge", value, tags)

    @staticmethod
    def assets(map_):
        """Told and ignored: assets need a Kestra server."""
        Kestra._send({"assets": map_})

    @staticmethod
    def logger():
        """A logger whose records become log entries of the task run."""
        if Kestra._logger is None:
            logger = logging.getLogger("Kestra")
            logger.setLevel(logging.DEBUG)
            below = logging.StreamHandler(sys.stdout)
            below.addFilter(lambda record: record.levelno <= logging.INFO)
            above = logging.StreamHandler(sys.stderr)
            above.setLevel(logging.WARNING)
            for handler in (below, above):
                handler.setFormatter(_Levels("%(message)s"))
                logger.addHandler(handler)
            Kestra._logger = logger
        return Kestra._logger

    @staticmethod
    def read(path_):
        """Rows of an Ion file: only the real package reads those."""
        raise ImportError("Kestra.read() needs the package: add `kestra` to `dependencies`")


class Flow:
    """Executions on a Kestra server: only the real package starts those."""

    def __init__(self, *_, **__):
        raise ImportError("Flow() needs the package: add `kestra` to `dependencies`")


_real()
