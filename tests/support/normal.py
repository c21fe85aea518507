"""What differs from run to run, under fixed names: ids, dates, times, durations, the directory."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

ID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{22}(?![0-9A-Za-z])")
_FILE = re.compile(r"(?<=/)[0-9a-f]{20}(?=[.\"'\n ]|$)")  # a stored file without a name
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?![\dZ.+-])")  # without a zone
_CLOCK = re.compile(r"^\d\d:\d\d:\d\d\.\d{3}", re.MULTILINE)
_SPENT = re.compile(r"(?<=\bin )\d\d:\d\d:\d\d\.\d{3}$", re.MULTILINE)
_PID = re.compile(r"(?<=\bwith pid )\d+")
_SPAN = r"(?:<1ms|\d+ms|[\d.]+s|\d+m(?: \d+s)?)"
_STATES = (
    "CREATED|RUNNING|SUCCESS|WARNING|FAILED|KILLED|SKIPPED|RETRYING"
    "|PAUSED|CANCELLED|QUEUED|RETRIED|RESTARTED"
)
_GOING_ON = ("CREATED", "RUNNING", "QUEUED", "KILLING", "RESTARTED", "RETRYING")
_TOOK = re.compile(rf"\b({_STATES})((?:\s+in)?) {_SPAN}(?=[:, \n]|$)")
_TESTED = re.compile(
    rf"\b(passed|failed|in error|skipped)( in) {_SPAN}$|(^  [✔✘] \S+) \({_SPAN}\)$", re.MULTILINE
)
_ISO = re.compile(r'(\b(?:duration|value)"?: ?["\']?)PT[\d.]+S')
_LASTED = re.compile(r"(?<=execution duration of )PT[\d.]+S")


class Normal:
    """Makes texts comparable; one for all outputs of a command, so that an id keeps its name."""

    def __init__(self, folder: object = None) -> None:
        self._folder = str(folder) if folder else None
        self._ids: dict[str, str] = {}
        self._files: dict[str, str] = {}

    def text(self, text: str) -> str:
        """Replace ids, numbered as they appear, dates of today, times, durations, the folder."""
        if self._folder:
            text = text.replace(self._folder, "[DIR]")
        text = ID.sub(self._id, text)
        text = _FILE.sub(self._file, text)
        text = _DATE.sub(_date, text)
        text = _LOCAL.sub(_local_date, text)
        text = _CLOCK.sub("hh:mm:ss.mmm", text)
        text = _SPENT.sub("[TIME]", text)
        text = _TOOK.sub(r"\1\2 [TIME]", text)
        text = _TESTED.sub(r"\1\2\3 [TIME]", text)
        text = _PID.sub("[PID]", text)
        text = _LASTED.sub("[TIME]", text)
        return _ISO.sub(r"\1[TIME]", text)

    def document(self, text: str) -> str:
        """An execution as JSON, one line for each task run; executions below stand further in.

        A state is its history on one line, after a look at its dates and its duration; what each
        task run repeats of the execution is left out after a comparison.
        """
        return _document(json.loads(self.text(_checked(text)))) + "\n"

    def _id(self, match: re.Match[str]) -> str:
        return self._ids.setdefault(match[0], f"[ID-{len(self._ids) + 1}]")

    def _file(self, match: re.Match[str]) -> str:
        return self._files.setdefault(match[0], f"[FILE-{len(self._files) + 1}]")


def _date(match: re.Match[str]) -> str:
    """Only dates of this run: one that a flow gives stays."""
    moment = datetime.fromisoformat(match[0])
    return "[DATE]" if abs(datetime.now(UTC) - moment) < timedelta(hours=12) else match[0]


def _local_date(match: re.Match[str]) -> str:
    moment = datetime.fromisoformat(match[0])
    return "[DATE]" if abs(datetime.now() - moment) < timedelta(hours=12) else match[0]  # noqa: DTZ005


def _document(execution: dict[str, Any], indent: str = "") -> str:
    inner = f"{indent}  "
    lines = []
    for key, value in execution.items():
        if key == "taskRunList":
            parts = [_line(_short(run, execution)) for run in value]
        elif key == "executions":
            parts = [_document(other, f"{inner}  ") for other in value]
        else:
            lines.append(f'{inner}"{key}": {_line(_history(value) if key == "state" else value)}')
            continue
        listed = ",\n".join(f"{inner}  {part}" for part in parts)
        lines.append(f'{inner}"{key}": [\n{listed}\n{inner}]')
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(run: dict[str, Any], execution: dict[str, Any]) -> dict[str, Any]:
    assert run["executionId"] == execution["id"]
    assert (run["namespace"], run["flowId"]) == (execution["namespace"], execution["flowId"])
    short = {k: v for k, v in run.items() if k not in ("executionId", "namespace", "flowId")}
    short["state"] = _history(run["state"])
    if "attempts" in short:
        short["attempts"] = [{**one, "state": _history(one["state"])} for one in run["attempts"]]
    return short


def _history(state: dict[str, Any]) -> str:
    assert state["current"] == state["histories"][-1]["state"]
    return " ".join(step["state"] for step in state["histories"])


def _checked(text: str) -> str:
    """The text of a document whose states all hold together."""

    def look(found: dict[str, Any]) -> dict[str, Any]:
        if "histories" in found:
            dates = [datetime.fromisoformat(step["date"]) for step in found["histories"]]
            last = ["duration", "endDate"] if found["current"] not in _GOING_ON else []
            assert list(found) == ["current", "histories", *last, "startDate"], found
            assert dates == sorted(dates), found
            assert found["startDate"] == found["histories"][0]["date"], found
            if last:
                assert found["endDate"] == found["histories"][-1]["date"], found
                assert seconds(found["duration"]) == (dates[-1] - dates[0]).total_seconds(), found
        return found

    hook: Callable[[dict[str, Any]], dict[str, Any]] = look
    json.loads(text, object_hook=hook)
    return text


def seconds(duration: str) -> float:
    """The seconds of `PT1M2.5S`."""
    match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?", duration)
    assert match, duration
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest
