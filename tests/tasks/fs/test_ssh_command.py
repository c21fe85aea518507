"""The task type ssh.Command, by a program that plays ssh."""

import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.programs import Played, context_with
from tests.support.reach import ReachingContext
from tests.support.scripts import said, script

TYPE = "io.kestra.plugin.fs.ssh.Command"
# Runs the command here; tells the key and the answer that it would get.
BODY = """
import subprocess
args = sys.argv[1:]
for one in args:
    if one.startswith("IdentityFile="):
        print("key", open(one.partition("=")[2]).read().strip())
print("answer", subprocess.run([os.environ["SSH_ASKPASS"]], capture_output=True).stdout.decode())
sys.exit(subprocess.run(["/bin/sh", "-c", args[-1]]).returncode)
"""


@pytest.fixture
def ssh(tmp_path):
    return Played(tmp_path / "bin", "ssh", BODY)


def run(ssh, tmp_path, **properties):
    ctx = context_with(tmp_path, ssh.folder)
    task = script(TYPE, **{"host": "example.com", "commands": ["true"], **properties})
    return ctx, task.run(ctx).outputs


def test_commands_run_in_one_shell_with_a_password(ssh, tmp_path):
    ctx, outputs = run(
        ssh,
        tmp_path,
        username="me",
        password="very secret",
        port="2222",
        env={"NAME": "x"},
        commands=["a=1", "echo \"::{\\\"outputs\\\": {\\\"a\\\": $a}}::\""],
    )  # fmt: skip
    assert outputs == {"vars": {"a": 1}, "exitCode": 0}
    assert "answer very secret" in said(ctx, "INFO")
    (words,) = ssh.args
    assert words[:5] == ["-T", "-p", "2222", "-F", "none"]
    assert words[-3:-1] == ["--", "me@example.com"]
    assert "StrictHostKeyChecking=no" in words
    assert "SendEnv=NAME" in words
    assert ssh.calls[0]["env"]["NAME"] == "x"
    assert not any("very secret" in word for word in words)
    assert ctx.hidden == ["very secret"]


def test_a_key_is_a_file_for_ssh_alone(ssh, tmp_path):
    ctx, _ = run(
        ssh,
        tmp_path,
        authMethod="PUBLIC_KEY",
        privateKey="KEY\r\nLINE",
        privateKeyPassphrase="phrase",
        enableSshRsa1=True,
        strictHostKeyChecking="yes",
    )
    assert said(ctx, "INFO")[:2] == ["key KEY", "LINE"]
    assert "answer phrase" in said(ctx, "INFO")
    for word in ("IdentitiesOnly=yes", "HostKeyAlgorithms=+ssh-rsa", "StrictHostKeyChecking=yes"):
        assert word in ssh.args[0]


def test_the_configuration_of_the_user_counts_where_it_is_asked_for(ssh, tmp_path):
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/config").write_text("")
    ctx, _ = run(ssh, tmp_path, authMethod="OPEN_SSH", proxyCommand="nc %h %p\n")
    words = ssh.args[0]
    assert words[3:5] == ["-F", str(tmp_path / ".ssh/config")]
    assert "ProxyCommand=nc %h %p" in words
    assert "answer " in said(ctx, "INFO")
    run(ssh, tmp_path, authMethod="OPEN_SSH", openSSHConfigPath="/nowhere")
    assert ssh.args[1][3:5] == ["-F", "none"]


def test_the_exit_code_of_the_commands_counts(ssh, tmp_path):
    with pytest.raises(TaskFailed, match="SSH command fails with exit status 7") as failed:
        run(ssh, tmp_path, password="x", commands=["exit 7"])
    assert failed.value.outputs["exitCode"] == 7


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, "Password is necessary for given SSH auth method: PASSWORD"),
        ({"authMethod": "PUBLIC_KEY"}, "Private key is necessary"),
        ({"host": "-oProxyCommand=x", "password": "x"}, "`host` and `username` can't be"),
        ({"authMethod": "KERBEROS"}, "`authMethod` must be one of"),
    ],
)
def test_what_can_t_be_is_refused(properties, message, ssh, tmp_path):
    with pytest.raises(TaskFailed, match=message):
        run(ssh, tmp_path, **properties)
    assert ssh.calls == []


def test_offline_nothing_goes_out(tmp_path):
    ctx = ReachingContext(tmp_path, given=Given(offline=True))
    with pytest.raises(TaskFailed, match="`--offline` allows none"):
        script(TYPE, host="a", commands=["b"]).run(ctx)
    assert script(TYPE, host="a", commands=["b"]).needs() == ["ssh"]
