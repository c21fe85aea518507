"""Python: the module `kestra`, the command `python`, packages."""

import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.reach import ReachingContext
from tests.support.scripts import said, script


def python(text: str, **more):
    return script("python.Script", script=text, **more)


def wheel(folder: Path, name: str, version: str = "1.0") -> str:
    """A package with one module, made by hand: it needs no index."""
    place = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr(f"{name}.py", f"version = '{version}'\n")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return str(place)


# -- the module kestra

USE_OF_KESTRA = """
from kestra import Kestra
Kestra.outputs({"a": [1, None, True], "text": "ü"})
Kestra.counter("c", 2, {"t": "x"})
Kestra.timer("t", 1.5)
Kestra.timer("f", lambda: None)
Kestra.gauge("g", -3)
Kestra.assets({"outputs": []})
log = Kestra.logger()
assert log is Kestra.logger()
log.debug("d"); log.info("i"); log.warning("w %s", 1); log.error("e"); log.critical("c")
"""


def test_scripts_can_import_kestra(ctx):
    outcome = python(USE_OF_KESTRA).run(ctx)
    assert outcome.outputs["vars"] == {"a": [1, None, True], "text": "ü"}
    assert ctx.counters == [("c", 2, {"t": "x"})]
    assert [name for name, _, _ in ctx.timers] == ["t", "f"]
    assert ctx.gauges == [("g", -3, {})]
    logs = [entry for entry in ctx.logs if len(entry[1]) < 5]
    assert sorted(logs) == [
        ("DEBUG", "d"), ("ERROR", "c"), ("ERROR", "e"), ("INFO", "i"), ("WARN", "w 1"),
    ]  # fmt: skip


def test_commands_of_any_kind_can_use_it_too(ctx):
    task = script("shell.Commands", commands=[f"{sys.executable} -c 'import kestra'"])
    assert task.run(ctx).outputs["exitCode"] == 0


def test_a_real_kestra_wins(ctx):
    files = {"lib/kestra.py": "class Kestra:\n    real = 'the real one'\n"}
    python(
        "from kestra import Kestra\nprint(Kestra.real)",
        inputFiles=files,
        env={"PYTHONPATH": "lib"},
    ).run(ctx)
    site = "import sys; sys.path.append('lib')\nfrom kestra import Kestra\nprint(Kestra.real)"
    python(site, inputFiles=files).run(ctx)
    assert said(ctx) == ["the real one", "the real one"]


def test_a_real_one_that_lacks_something_does_not_win(ctx):
    files = {"lib/kestra.py": "import nosuch_module"}
    text = "import sys; sys.path.append('lib')\nfrom kestra import Kestra\nprint(Kestra.gauge)"
    python(text, inputFiles=files).run(ctx)
    assert said(ctx)[0].startswith("<function Kestra.gauge")


@pytest.mark.parametrize("text", ["kestra.Kestra.read('x')", "kestra.Flow()"])
def test_what_only_the_real_one_can_do_is_said(text, ctx):
    with pytest.raises(TaskFailed):
        python(f"import kestra\n{text}").run(ctx)
    assert "needs the package: add `kestra` to `dependencies`" in said(ctx, "ERROR")[-1]


# -- the command


def test_there_is_a_command_python_where_only_python3_is(tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(sys.executable)
    for name in ("sh", "cat"):
        (programs / name).symlink_to(shutil.which(name))
    ctx = ReachingContext(tmp_path, environ={"PATH": str(programs)})
    script("python.Commands", commands=["python -c 'print(1)'"]).run(ctx)
    python("print(2)").run(ctx)
    assert said(ctx) == ["1", "2"]
    ctx._reach.close()


def test_output_is_not_held_back(ctx):
    python("import os; print(os.environ['PYTHONUNBUFFERED'])").run(ctx)
    python("import os; print(os.environ['PYTHONUNBUFFERED'])", env={"PYTHONUNBUFFERED": "x"}).run(
        ctx
    )
    assert said(ctx) == ["true", "x"]


def test_a_version_that_is_not_there_is_named(ctx):
    with pytest.raises(TaskFailed, match=r"Python 3\.99 was not found on the PATH"):
        python("print(1)", pythonVersion="3.99").run(ctx)


def test_a_version_can_be_asked_for(ctx, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    other = programs / "python3.98"
    other.write_text("#!/bin/sh\necho the other python\n")
    other.chmod(0o755)
    environ = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    ctx = ReachingContext(tmp_path, environ=environ)
    python("print(1)", pythonVersion="3.98").run(ctx)
    assert said(ctx) == ["the other python"]
    ctx._reach.close()


# -- packages


@pytest.fixture
def uv(ctx, tmp_path):
    """The attempt, on a machine with a `uv` that unpacks wheels: what it is asked is in `asked`."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "uv").write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\nfor last; do :; done\n'
        'while [ "$1" != --target ]; do shift; done\n'
        f'[ -f "$last" ] || {{ echo "no such wheel" >&2; exit 1; }}\n'
        f'exec {sys.executable} -m zipfile -e "$last" "$2"\n'
    )
    (programs / "uv").chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"

    def attempt(name: str = "attempt", **given: object) -> ReachingContext:
        environ = {**ctx.about.environ, "PATH": path}
        made.append(ReachingContext(tmp_path / name, environ=environ, given=Given(**given)))
        return made[-1]

    made: list[ReachingContext] = []
    yield attempt
    for each in made:
        each._reach.close()


def test_dependencies_are_installed_once_and_found_again(uv, tmp_path):
    ctx = uv()
    task = python("import kdemo; print(kdemo.version)", dependencies=[wheel(tmp_path, "kdemo")])
    task.run(ctx)
    task.run(ctx)
    assert said(ctx) == ["1.0", "1.0"]
    debug = [text.partition(": ")[0] for level, text in ctx.logs if level == "DEBUG"]
    assert debug.count("Installed dependencies") == 1
    assert debug.count("Restoring python dependencies cache for key") == 1
    (asked,) = (tmp_path / "asked").read_text().splitlines()
    assert asked.startswith("pip install --quiet --python ")
    (kept,) = (tmp_path / "cache" / "kestrel" / "python").iterdir()
    assert (kept / "kdemo.py").exists()


def test_without_the_cache_nothing_is_kept(uv, tmp_path):
    ctx = uv()
    dependencies = [wheel(tmp_path, "kdemo")]
    python("import kdemo", dependencies=dependencies, dependencyCacheEnabled=False).run(ctx)
    assert not (tmp_path / "cache").exists()


def test_two_runs_at_once_do_not_disturb_each_other(uv, tmp_path):
    task = python("import kdemo; print(kdemo.version)", dependencies=[wheel(tmp_path, "kdemo")])
    contexts = [uv("one"), uv("two"), uv("three")]
    threads = [threading.Thread(target=task.run, args=(each,)) for each in contexts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [said(each) for each in contexts] == [["1.0"]] * 3
    assert len(list((tmp_path / "cache" / "kestrel" / "python").iterdir())) == 1


def test_dependencies_that_cannot_be_had_fail_and_leave_nothing(uv, tmp_path):
    ctx = uv()
    with pytest.raises(TaskFailed, match=r"^the dependencies nosuch can't be installed: see the"):
        python("print(1)", dependencies=["nosuch"]).run(ctx)
    assert said(ctx, "ERROR") == ["no such wheel"]
    assert list((tmp_path / "cache" / "kestrel" / "python").iterdir()) == []


def test_offline_only_the_cache_is_used(uv, tmp_path):
    dependency = wheel(tmp_path, "kdemo")
    python("print(1)", dependencies=[dependency]).run(uv())
    python("import kdemo; print(2)", dependencies=[dependency]).run(uv("other", offline=True))
    with pytest.raises(TaskFailed, match="requests are not in the cache, and `--offline`"):
        python("print(1)", dependencies=["requests"]).run(uv("third", offline=True))


def test_pip_is_used_where_it_is_asked_for(uv, tmp_path):
    ctx = uv()
    programs = tmp_path / "programs"
    (programs / "python").write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\nexit 0\n')
    (programs / "python").chmod(0o755)
    python("x", dependencies=["a", "b>1"], packageManager="PIP", dependencyCacheEnabled=False).run(
        ctx
    )
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0] == "-c import pip"
    assert asked[1].startswith("-m pip install --quiet ")
    assert asked[1].endswith("packages a b>1")


def test_what_a_container_would_install_stays_out_of_the_users_packages(ctx, tmp_path):
    before = f"pip install -q --disable-pip-version-check {wheel(tmp_path, 'kdemo')}"
    text = "import kdemo, sys; print(kdemo.__file__.startswith(sys.prefix), sys.prefix)"
    python(text, beforeCommands=[before], taskRunner=None).run(ctx)
    assert said(ctx)[-1].startswith("True /")
    assert said(ctx)[-1].endswith("/venv")
    with pytest.raises(TaskFailed):
        python("import kdemo").run(ctx)


def test_what_the_user_has_can_still_be_imported(ctx, tmp_path):
    outer = tmp_path / "outer"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(outer)], check=True)
    (place,) = outer.glob("lib/python*/site-packages")
    (place / "kouter.py").write_text("x = 'of the user'")
    environ = {**ctx.about.environ, "PATH": f"{outer}/bin:{os.environ['PATH']}"}
    inner = ReachingContext(tmp_path, environ=environ)
    before = ": pip install nothing"
    python("import kouter; print(kouter.x)", beforeCommands=[before], taskRunner=None).run(inner)
    assert said(inner)[-1] == "of the user"
    inner._reach.close()


# -- what is rendered to JSON


def test_values_of_json_are_pythons_own(ctx):
    python('row = {"open": true, "shut": false, "key": null}\nprint(row)').run(ctx)
    assert said(ctx) == ["{'open': True, 'shut': False, 'key': None}"]


@pytest.mark.parametrize("names", ["annotations", "(\n  annotations,\n  division,\n)"])
def test_imports_from_the_future_stay_above(ctx, names):
    python(f"'''About.'''\nfrom __future__ import {names}\nprint(__doc__, null)").run(ctx)
    assert said(ctx) == ["About. None"]
