import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.tasks.jdbc.urls import is_loopback, rest_of, server_address


def address(url):
    made = server_address(url, 5432, "postgresql", "pg")
    return made.hosts, made.database, made.options


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("jdbc:postgresql://db:5433/shop", ([("db", 5433)], "shop", {})),
        ("jdbc:pg://db/", ([("db", 5432)], "", {})),
        ("jdbc:postgresql:shop", ([("localhost", 5432)], "shop", {})),
        ("jdbc:postgresql:///shop", ([("localhost", 5432)], "shop", {})),
        ("JDBC:PostgreSQL://a,b:1/x%20y", ([("a", 5432), ("b", 1)], "x y", {})),
        ("jdbc:postgresql://[::1]:7/x", ([("::1", 7)], "x", {})),
        (
            "jdbc:postgresql://h/x?sslMode=require&user=a%40b&flag",
            ([("h", 5432)], "x", {"sslmode": "require", "user": "a@b", "flag": ""}),
        ),
        (
            "jdbc:postgresql://u:p%3A@h/x?user=v",
            ([("h", 5432)], "x", {"user": "v", "password": "p:"}),
        ),
    ],
)
def test_the_parts_of_an_address(url, parts):
    assert address(url) == parts


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "it is empty, and should start with `jdbc:postgresql:` or `jdbc:pg:`"),
        ("jdbc:mysql://h/x", "`jdbc:postgresql:` or `jdbc:pg:` expected: `jdbc:mysql://h/x`"),
        ("postgres://h/x", "expected"),
        ("jdbc:postgresql://h:port/x", "no host and port in `h:port`"),
        ("jdbc:postgresql://h:99999/x", "no host and port"),
    ],
)
def test_what_is_no_address(url, said):
    with pytest.raises(TaskFailed, match=said):
        address(url)


def test_a_message_shows_no_password():
    with pytest.raises(TaskFailed) as caught:
        address("jdbc:mysql://u:hunter2@h/x?password=hunter2")
    assert "hunter2" not in str(caught.value)


def test_what_follows_the_scheme():
    assert rest_of("jdbc:sqlite:my file.db", "sqlite") == "my file.db"


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("db", False),
     ("127.0.0.1.example.org", False)],
)  # fmt: skip
def test_which_hosts_are_this_machine(host, here):
    assert is_loopback(host) is here
