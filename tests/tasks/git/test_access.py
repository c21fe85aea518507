"""How git is let in: what a server and ssh get to see."""

import threading
from base64 import b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kestrel_cli.errors import TaskFailed
from tests.support.flows import written
from tests.support.reach import ReachingContext
from tests.tasks.git.conftest import WHO

SSH = """#!/bin/sh
{
  echo "$@"
  echo "$SSH_ASKPASS_REQUIRE"
  test -n "$SSH_ASKPASS" && "$SSH_ASKPASS"
  while test $# -gt 0; do
    test "$1" = -i && cat "$2" && ls -l "$2"
    shift
  done
} > "$SAID"
echo "no way in" >&2
exit 1
"""


class Handler(BaseHTTPRequestHandler):
    """Asks for a name and a password, and has nothing then."""

    def do_GET(self):
        given = self.headers.get("Authorization")
        self.server.given.append(given)
        if self.server.elsewhere and given:
            self.send_response(302)
            self.send_header("Location", self.server.elsewhere + self.path)
        else:
            self.send_response(404 if given else 401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def serving(elsewhere=""):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.given, made.elsewhere = [], elsewhere
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made, f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


def fails(ctx, **properties):
    with pytest.raises(TaskFailed) as caught:
        written("io.kestra.plugin.git.Clone", **properties).run(ctx)
    return str(caught.value)


def test_name_and_password_are_given_to_the_server(ctx):
    with serving() as (server, base):
        fails(ctx, url=f"{base}/x.git", username="me", password="it's $HOME \\ `x`")
    assert server.given[0] is None
    assert server.given[-1] == "Basic " + b64encode(b"me:it's $HOME \\ `x`").decode()
    assert ctx.hidden == ["it's $HOME \\ `x`"]


def test_another_server_does_not_get_them(ctx):
    with serving() as (other, base), serving(base) as (server, url):
        fails(ctx, url=f"{url}/x.git", username="me", password="pw")
    assert server.given[-1] is not None
    assert other.given
    assert set(other.given) == {None}


def test_nobody_is_asked(ctx):
    with serving() as (server, base):
        said = fails(ctx, url=f"{base}/x.git")
    assert "could not read Username" in said
    assert server.given == [None]


def test_a_password_in_the_address_is_hidden(ctx):
    with serving() as (server, base):
        said = fails(ctx, url=base.replace("://", "://me:s%21cret@") + "/x.git")
    assert server.given[-1] == "Basic " + b64encode(b"me:s!cret").decode()
    assert ctx.hidden == ["s!cret", "s%21cret"]  # as it is meant, and as it is there
    assert "cret" not in said
    assert not any("cret" in message for _, message in ctx.logs)


@pytest.fixture
def ssh(tmp_path):
    """A context with an ssh of our own, and where that writes down what it is given."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(SSH)
    program.chmod(0o755)
    said = tmp_path / "said"
    path = f"{program.parent}:{WHO['PATH']}"
    return ReachingContext(tmp_path / "run", environ={**WHO, "PATH": path, "SAID": str(said)}), said


def test_a_key_is_in_a_file_for_ssh_only(ssh):
    ctx, said = ssh
    key = "-----BEGIN KEY-----\r\nabc\r\n-----END KEY-----"
    failed = fails(ctx, url="git@host.test:a/b", privateKey=key, connectTimeout=5000)
    lines = said.read_text().split("\n")
    for option in ("BatchMode=yes", "IdentitiesOnly=yes", "ConnectTimeout=5", "accept-new"):
        assert option in lines[0]
    assert "git@host.test" in lines[0]
    assert lines[2:5] == ["-----BEGIN KEY-----", "abc", "-----END KEY-----"]
    assert lines[5].startswith("-rw------- ")
    assert ctx.hidden == [key]
    assert "Could not read from remote repository" in failed
    assert not list(ctx.files.folder().iterdir())


def test_a_passphrase_is_told_to_ssh(ssh):
    ctx, said = ssh
    fails(ctx, url="ssh://git@host.test/a", privateKey="k", passphrase="open %s 'it'")
    lines = said.read_text().split("\n")
    assert "BatchMode" not in lines[0]
    assert lines[1:4] == ["force", "open %s 'it'", "k"]


def test_without_a_key_ssh_is_as_it_is(ssh):
    ctx, said = ssh
    fails(ctx, url="git@host.test:a/b")
    first = said.read_text().split("\n")[0]
    assert "BatchMode=yes" in first
    assert "-i" not in first.split()
