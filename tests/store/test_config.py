import os
import subprocess
import sys

import pytest

from kestrel_cli.errors import CannotStart
from kestrel_cli.store.config import Config, project_file, read_config, user_place
from kestrel_cli.store.trust import steering


@pytest.fixture
def project(tmp_path):
    """The root of a repository with a folder in it."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "deep" / "er").mkdir(parents=True)
    return tmp_path / "repo"


def read(folder, text=None, user=None, **environ):
    warnings = []
    if text is not None:
        (folder / "kestrel.toml").write_text(text)
    home = folder.parent / "home"
    if user is not None:
        (home / "kestrel").mkdir(parents=True)
        (home / "kestrel" / "config.toml").write_text(user)
    return read_config(folder, {"XDG_CONFIG_HOME": str(home), **environ}, warnings.append), warnings


def said(folder, text, **environ):
    return read(folder, text, **environ)[0]


def refused(folder, text, **environ):
    with pytest.raises(CannotStart) as caught:
        read(folder, text, **environ)
    return str(caught.value).replace(str(folder / "kestrel.toml"), "FILE")


# -- which file


def test_without_a_file_nothing_is_said(project):
    assert read(project) == (Config(), [])


def test_without_a_file_no_reader_is_imported(project):
    code = (
        "import sys; from kestrel_cli.store.config import read_config; "
        "read_config('.', {'KESTREL_SECRET_X': '1'}, print); "
        "print(sorted({'tomllib', 'kestrel_cli.store.config_layers'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_nearest_file_up_to_the_root_of_the_repository_counts(project):
    inner = project / "deep" / "er"
    (project / "kestrel.toml").write_text("")
    assert project_file(inner) == project / "kestrel.toml"
    (project / "deep" / "kestrel.toml").write_text("")
    assert project_file(inner) == project / "deep" / "kestrel.toml"


def test_files_above_the_repository_do_not_count(project):
    (project.parent / "kestrel.toml").write_text("")
    assert project_file(project / "deep") is None


def test_outside_of_a_repository_only_the_directory_itself_counts(tmp_path):
    (tmp_path / "kestrel.toml").write_text("")
    (tmp_path / "inner").mkdir()
    assert project_file(tmp_path / "inner") is None
    assert project_file(tmp_path) == tmp_path / "kestrel.toml"


@pytest.mark.parametrize(
    "text",
    [
        '[tool.kestrel]\npause = "skip"\n',
        "[ tool . 'kestrel' ]\npause = 'skip'\n",
        "[tool]\nkestrel = { pause = 'skip' }\n",
        "tool.kestrel.pause = 'skip'\n",
        "[[tool.kestrel.plugin-defaults]]\ntype = 'a'\nvalues = {}\n"
        "[tool.kestrel]\npause = 'skip'\n",
    ],
)
def test_a_table_of_pyproject_counts(project, text):
    (project / "pyproject.toml").write_text(text)
    config = said(project, None)
    assert config.pause == "skip"
    assert config.files == [str(project / "pyproject.toml")]


@pytest.mark.parametrize("text", ["", '[project]\nname = "kestrel"\n', "[tool.kestrels]\na = 1\n"])
def test_a_pyproject_without_the_table_does_not_count_and_may_be_broken(project, text):
    (project / "pyproject.toml").write_text(text + "[broken")
    assert project_file(project) is None


def test_kestrel_toml_comes_before_pyproject(project):
    (project / "pyproject.toml").write_text('[tool.kestrel]\npause = "skip"\n')
    assert said(project, 'pause = "wait"\n').pause == "wait"


def test_what_is_no_regular_file_is_passed_over(project):
    (project / "kestrel.toml").mkdir()
    assert read(project) == (Config(), [])


def test_the_place_of_the_users_own_file_follows_the_environment():
    assert str(user_place({"HOME": "/home/me"})) == "/home/me/.config/kestrel/config.toml"
    assert str(user_place({"XDG_CONFIG_HOME": "/x"})) == "/x/kestrel/config.toml"


# -- who wins


def test_environment_beats_project_beats_user(project):
    user = 'pause = "fail"\ncontainers = "podman"\nlog-level = "debug"\n'
    text = 'pause = "skip"\ncontainers = "docker"\n'
    config, _ = read(project, text, user, KESTREL_PAUSE="wait")
    assert (config.pause, config.containers, config.log_level) == ("wait", "docker", "DEBUG")
    assert config.origins == {
        "pause": "KESTREL_PAUSE",
        "containers": f"{project / 'kestrel.toml'}:2",
        "log-level": f"{project.parent / 'home' / 'kestrel' / 'config.toml'}:3",
    }


def test_tables_of_project_and_user_are_merged(project):
    user = '[globals]\na = 1\nb = 1\n[globals.deep]\nx = 1\n[namespaces."n.m".variables]\nv = 1\n'
    text = '[globals]\na = 2\ndeep = { y = 2 }\n[namespaces."n.m".variables]\nw = 2\n'
    config, _ = read(project, text, user)
    assert config.globals == {"a": 2, "b": 1, "deep": {"y": 2, "x": 1}}
    assert config.namespaces == {"n.m": {"variables": {"w": 2, "v": 1}}}


def test_plugin_defaults_of_project_and_user_are_joined_the_projects_first(project):
    entry = "[[plugin-defaults]]\ntype = '{}'\nvalues = {{ level = 'WARN' }}\n"
    config, _ = read(project, entry.format("a"), entry.format("b") + "forced = true\nref = 'r'\n")
    assert config.plugin_defaults == [
        {"type": "a", "values": {"level": "WARN"}},
        {"type": "b", "values": {"level": "WARN"}, "forced": True, "ref": "r"},
    ]
    assert list(config.origins) == ["plugin-defaults[0]", "plugin-defaults[1]"]


def test_variables_of_a_namespace_come_from_those_above_it_too(project):
    text = (
        '[namespaces."a".variables]\nx = 1\ny = 1\n'
        '[namespaces."a.b".variables]\ny = 2\n[namespaces."a.b.c.d".variables]\nz = 4\n'
    )
    config = said(project, text)
    assert config.variables_of("a.b.c") == {"x": 1, "y": 2}
    assert config.variables_of("b") == {}


# -- values


def test_paths_are_those_of_the_file(project, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("USERPROFILE", "/home/me")
    text = "state-dir = 'state'\nenv-file = ['a', '/b']\nsecrets-file = '~/s'\n"
    config = said(project, text)
    assert config.state_dir == str(project / "state")
    assert config.env_file == [str(project / "a"), "/b"]
    assert config.secrets_file == ["/home/me/s"]


def test_paths_of_the_environment_are_those_of_the_working_directory(project):
    config = said(project, "", KESTREL_ENV_FILE=f"a{os.pathsep}b")
    assert config.env_file == ["a", "b"]


def test_every_kind_of_value_is_read(project):
    text = (
        "offline = true\nsequential = false\ndurable = true\ncompat = 2\ntimeout = 90\n"
        "fail-on = 'warning'\nlog-level = 'warn'\ncolor = 'never'\n"
        "executions-keep = 20\nmax-download = '2 GiB'\n"
    )
    config = said(project, text)
    assert (config.offline, config.sequential, config.durable) == (True, False, True)
    assert (config.compat, config.timeout, config.fail_on) == (2, "90", "warning")
    assert (config.log_level, config.color) == ("WARN", "never")
    assert (config.executions_keep, config.max_download) == (20, str(2 << 30))


def test_the_environment_has_texts_for_them(project):
    config = said(project, "", KESTREL_OFFLINE="yes", KESTREL_DURABLE="0", KESTREL_COMPAT="2")
    assert (config.offline, config.durable, config.compat) == (True, False, 2)
    assert said(project, "", KESTREL_EXECUTIONS_KEEP="7").executions_keep == 7


def test_dates_become_text(project):
    config = said(project, "[globals]\nday = 2024-01-31\nat = 2024-01-31T10:00:00Z\n")
    assert config.globals == {"day": "2024-01-31", "at": "2024-01-31T10:00:00Z"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = \n", "FILE:1: this is not TOML: Invalid value"),
        ("# x\nb = 'y\n", "FILE:2: this is not TOML: "),
        ("[globals]\na = 1\na = 2\n", "FILE:3: this is not TOML: Cannot overwrite a value"),
        ("\npause = 'skipp'\n", "FILE:2: `pause` must be one of `skip`, `fail`, `wait`"),
        ("offline = 'no'", "FILE:1: `offline` must be true or false"),
        ("state-dir = 1", "FILE:1: `state-dir` must be a path"),
        ("secrets-file = ['a', 1]", "FILE:1: `secrets-file` must be a path or a list of paths"),
        ("compat = 3", "FILE:1: `compat` must be 1 or 2"),
        ("compat = true", "FILE:1: `compat` must be 1 or 2"),
        ("timeout = 'soon'", "FILE:1: `timeout` must be a length of time such as"),
        ("globals = 1", "FILE:1: `globals` must be a table"),
        ("[globals]\nx = [nan]", "FILE:2: `x` must not hold nan"),
        ("[namespaces]\na = 1", 'FILE:2: `namespaces."a"` must be a table'),
        ('[namespaces."a.b"]\nvariables = 1', "FILE:2: `variables` must be a table"),
        (
            "plugin-defaults = {}",
            "FILE:1: `plugin-defaults` must be a list of tables: [[plugin-defaults]]",
        ),
        (
            "[[plugin-defaults]]\ntype = 'a'\nvalues = {}\n\n[[plugin-defaults]]\nvalues = {}",
            "FILE:5: an entry of `plugin-defaults` needs a `type`: ",
        ),
        (
            "[[plugin-defaults]]\ntype = 'a'\n",
            "FILE:1: an entry of `plugin-defaults` needs `values`: a table of properties",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(project, text, message):
    assert refused(project, text).startswith(message)


def test_wrong_values_of_the_environment_name_the_variable(project):
    assert refused(project, "", KESTREL_OFFLINE="maybe") == "KESTREL_OFFLINE must be true or false"


def test_bytes_that_are_no_text_are_refused(project):
    (project / "kestrel.toml").write_bytes(b"# a\n# \xff\n")
    assert refused(project, None) == "FILE:2: this is not UTF-8 text"


def test_unknown_keys_are_warned_of_with_the_near_one(project):
    text = (
        "statedir = 'x'\nflows_dir = 'x'\npluginDefaults = []\nzebra = 1\n"
        '[namespaces."a"]\nvariabels = {}\n'
        "[[plugin-defaults]]\ntype = 'a'\nvalues = {}\nforce = true\n"
    )
    config, warnings = read(project, text)
    assert [one.replace(str(project / "kestrel.toml"), "FILE") for one in warnings] == [
        "FILE:1: unknown key `statedir`; did you mean `state-dir`?",
        "FILE:2: unknown key `flows_dir`; did you mean `flows-dir`?",
        "FILE:3: unknown key `pluginDefaults`; did you mean `plugin-defaults`?",
        "FILE:4: unknown key `zebra`; it is ignored",
        "FILE:6: unknown key `variabels`; did you mean `variables`?",
        "FILE:10: unknown key `force`; did you mean `forced`?",
    ]
    assert config.plugin_defaults == [{"type": "a", "values": {}}]


def test_contexts_are_taken_whole_and_the_users_own_stand_above(project):
    user = '[contexts.prod]\nhost = "https://mine"\ntoken = "t-1"\nca = "ca.pem"\n'
    text = '[contexts.prod]\nhost = "https://theirs"\n[contexts.test]\nhost = "https://test"\n'
    config, warnings = read(project, text, user)
    assert config.contexts == {
        "prod": {
            "host": "https://mine",
            "token": "t-1",
            "ca": str(project.parent / "home" / "kestrel" / "ca.pem"),
        },
        "test": {"host": "https://test"},
    }
    assert config.origins["contexts.prod"].endswith("config.toml:1")
    assert steering(config) == []  # only who names one is led there
    assert warnings == []


def test_contexts_that_are_wrong_are_told(project):
    assert "`contexts` must be a table" in refused(project, "contexts = 1")
    assert "`contexts.x` must be a table" in refused(project, "[contexts]\nx = 1")
    _, warnings = read(project, '[contexts.x]\nhots = "https://x"\n')
    assert "did you mean `host`?" in warnings[0]
