"""Programs, container engines, and the Python packages that not everybody has."""

import platform
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from kestrel_cli.app.doctor.report import Fact, Section
from kestrel_cli.extras import how_to_install, is_there
from kestrel_cli.tasks.processes.ask import ask
from kestrel_cli.tasks.scripts.engines import QUESTIONS
from kestrel_cli.tasks.scripts.languages import LANGUAGES
from kestrel_cli.version import __version__


class Extra(NamedTuple):
    """A Python package that an extra of Kestrel brings, and what needs it."""

    extra: str
    module: str
    package: str
    needed_by: str


EXTRAS: Final = (
    Extra("avro", "fastavro", "fastavro", "AvroToIon, IonToAvro"),
    *(
        (Extra("compress", "backports.zstd", "backports.zstd", "ZSTD in compress tasks"),)
        if sys.version_info < (3, 14)
        else ()
    ),
    Extra("compress", "lz4", "lz4", "LZ4 in compress tasks"),
    Extra("crypto", "cryptography", "cryptography", "the functions encrypt and decrypt"),
    Extra("duckdb", "duckdb", "duckdb", "jdbc.duckdb tasks"),
    Extra("excel", "openpyxl", "openpyxl", "ExcelToIon, IonToExcel"),
    Extra("holidays", "holidays", "holidays", "the function isPublicHoliday"),
    Extra("mysql", "pymysql", "PyMySQL", "jdbc.mysql tasks, MariaDB too"),
    Extra("parquet", "pyarrow", "pyarrow", "ParquetToIon, IonToParquet"),
    Extra("postgres", "pg8000", "pg8000", "jdbc.postgresql tasks"),
)
# Programs that tasks start besides the interpreters of scripts.
_OTHERS: Final = {
    "git": "git tasks",
    "ssh": "fs.ssh.Command",
    "uv": "`dependencies` of Python scripts, quicker than pip",
    "dbt": "dbt tasks",
    "ansible-playbook": "ansible.cli.AnsibleCLI",
    "aws": "aws.cli.AwsCLI",
    "terraform": "terraform.cli.TerraformCLI",
}


def program() -> Section:
    """What runs here."""
    system = f"{platform.system()} {platform.release()}"
    return Section(
        "Kestrel",
        (
            Fact("kestrel", "ok", __version__),
            Fact("python", "ok", f"{platform.python_version()}, {sys.executable}"),
            Fact("system", "ok", system),
        ),
    )


def interpreters(environ: Mapping[str, str]) -> Section:
    """What runs scripts, and what other tasks start."""
    facts = [_found(["sh"], "shell scripts", environ, needed=True)]
    uses: dict[tuple[str, ...], list[str]] = {}
    for language, known in LANGUAGES.items():
        if known.programs:
            uses.setdefault(known.programs, []).append(language)
    for programs, languages in uses.items():
        facts.append(_found(programs, f"scripts.{', scripts.'.join(languages)} tasks", environ))
    facts += [_found([name], by, environ) for name, by in _OTHERS.items()]
    return Section("Programs", facts)


def _found(
    names: Iterable[str], by: str, environ: Mapping[str, str], *, needed: bool = False
) -> Fact:
    listed = list(names)
    for name in listed:
        place = shutil.which(name, path=environ.get("PATH"))
        if place is not None:
            return Fact(listed[0], "ok", place)
    return Fact(listed[0], "broken" if needed else "missing", "not found", f"needed by {by}")


def containers(environ: Mapping[str, str]) -> Section:
    """The programs that run containers, and whether their service answers."""
    facts = []
    for name, question in QUESTIONS.items():
        place = shutil.which(name, path=environ.get("PATH"))
        if place is None:
            facts.append(Fact(name, "missing", "not found"))
            continue
        version = ask([place, "version", "--format", question], environ)
        if version is None:
            hint = "is its service running, and are you allowed to use it?"
            facts.append(Fact(name, "warning", f"{place} does not answer", hint))
        else:
            facts.append(Fact(name, "ok", f"{version}, {place}"))
    if not any(one.verdict == "ok" for one in facts):
        how = "without them scripts run as processes, and docker.* tasks do not run"
        facts = [one if one.hint else one._replace(hint=how) for one in facts]
    return Section("Containers", facts)


def extras() -> Section:
    """Python packages that some types and functions need."""
    return Section("Python packages", [_package(one) for one in EXTRAS])


def _package(one: Extra) -> Fact:
    if not is_there(one.module):
        hint = f"needed by {one.needed_by}: {how_to_install(one.extra)}"
        return Fact(one.package, "missing", "not installed", hint)
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Fact(one.package, "ok", version(one.package))
    except PackageNotFoundError:
        return Fact(one.package, "ok", "installed")
