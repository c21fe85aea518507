"""The `...Execution` tasks, run by the real program: what they tell comes from its variables."""

import json

import pytest

from tests.support.cli import run_here
from tests.support.flows import written
from tests.support.reach import ReachingContext
from tests.support.smtp import smtp_server

FLOW = """
id: told
namespace: company.team
tasks:
  - id: first
    type: io.kestra.plugin.core.log.Log
    message: hi
{failing}
{block}
  - id: tell
    type: io.kestra.plugin.{type}
{properties}
"""
FAILING = "  - {id: broken, type: io.kestra.plugin.core.execution.Fail}"


@pytest.fixture
def told(tmp_path, hook, server):
    """Run a flow with a task that tells of it; returns the document that was sent."""

    def run(type_name, fails=False, **properties):
        if "host" not in properties:
            properties["url"] = hook
        lines = [f"    {name}: {json.dumps(value)}" for name, value in properties.items()]
        text = FLOW.format(
            failing=FAILING if fails else "",
            block="errors:" if fails else "",
            type=type_name,
            properties="\n".join(lines),
        )
        (tmp_path / "flow.yaml").write_text(text)
        result = run_here(["run", "flow.yaml", "--quiet"], tmp_path)
        assert result.code == (1 if fails else 0), result.err
        return server.hooked[-1][1] if server.hooked else None

    return run


def entries(fields, name="title"):
    return {field[name]: field["value"] for field in fields}


def test_slack_is_told_of_the_running_execution(told):
    document = told(
        "notifications.slack.SlackExecution",
        channel="#general",
        username="me",
        iconUrl="http://i",
        iconEmoji=":e:",
        customMessage='say "it"',
        customFields={"Env": "dev", "n": 1},
    )
    assert document["text"].startswith("*[company.team] told ➛ RUNNING*\n> Succeeded after 00:00:0")
    assert document["blocks"][0]["text"] == {"type": "mrkdwn", "text": 'say "it"'}
    assert document["blocks"][1]["text"]["text"] == document["text"]
    (attachment,) = document["attachments"]
    found = entries(attachment["fields"])
    assert len(found.pop("Execution ID")) > 20
    assert found == {
        "Namespace": "company.team",
        "Flow ID": "told",
        "Execution Status": "RUNNING",
        "Env": "dev",
        "n": "1",
        "Final task ID": "first",
    }
    assert isinstance(attachment["ts"], int)
    own = ("channel", "username", "icon_url", "icon_emoji")
    assert [document[name] for name in own] == ["#general", "me", "http://i", ":e:"]


def test_the_task_that_failed_is_named(told):
    document = told("slack.notifications.SlackExecution", fails=True)
    assert "> Failed on task `broken` after 00:00:0" in document["text"]
    assert entries(document["attachments"][0]["fields"])["Final task ID"] == "broken"
    assert "channel" not in document


class TriggeredContext(ReachingContext):
    def typed(self, value):
        if value == "{{ trigger ?? null }}":
            return {"executionId": "abc", "namespace": "prod", "flowId": "etl", "state": "FAILED"}
        return super().typed(value)


def test_the_execution_of_a_trigger_is_told_of(tmp_path, hook, server):
    name = "io.kestra.plugin.slack.notifications.SlackExecution"
    written(name, url=hook, executionId="abc").run(TriggeredContext(tmp_path))
    ((_, document),) = server.hooked
    assert document["text"] == "*[prod] etl ➛ FAILED*\n> Failed"
    assert document["attachments"][0]["color"] == "danger"
    assert entries(document["attachments"][0]["fields"])["Execution ID"] == "abc"


def test_discord_is_told_in_an_embed(told):
    document = told(
        "notifications.discord.DiscordExecution",
        username="me",
        avatarUrl="http://a",
        content="hello",
        embedList=[
            {
                "title": "T",
                "websiteUrl": "http://w",
                "thumbnail": "http://t",
                "authorName": "A",
                "color": [255, 0, 1],
                "footer": "F",
            },
            {"title": "second"},
        ],
    )
    assert (document["username"], document["avatar_url"]) == ("me", "http://a")
    assert (document["content"], document["tts"]) == ("hello", False)
    first, second = document["embeds"]
    assert second == {"title": "second"}
    assert first["description"].startswith("Namespace: company.team\nFlow ID: told\nExecution ID: ")
    assert first["footer"]["text"].startswith("Succeeded after")
    assert (first["title"], first["url"], first["color"]) == ("T", "http://w", 0xFF0001)
    assert first["author"] == {"name": "A", "url": "http://w", "icon_url": "http://a"}
    assert first["thumbnail"] == {"url": "http://t"}


def test_discord_gets_a_payload_as_it_is(told):
    assert told("discord.DiscordExecution", payload='{"content": "x"}') == {"content": "x"}


def test_teams_is_told_on_a_card(told):
    document = told("notifications.teams.TeamsExecution", activityTitle="T", customMessage="M")
    assert (document["@type"], document["themeColor"]) == ("MessageCard", "0076D7")
    (section,) = document["sections"]
    assert (section["activityTitle"], section["text"]) == ("T", "M")
    assert entries(section["facts"], "name")["Flow ID"] == "told"
    assert document["summary"].startswith("[company.team] told ➛ RUNNING\n> Succeeded")


def test_google_chat_is_told_in_a_text(told):
    lines = told("notifications.google.GoogleChatExecution", customMessage="M")["text"].split("\n")
    assert lines[:2] == ["M", "*[company.team] told ➛ RUNNING*"]
    assert lines[2].startswith("> Succeeded after")
    assert "Flow ID: told" in lines
    assert told("googleworkspace.chat.GoogleChatExecution", text="own") == {"text": "own"}


def test_a_mail_tells_of_it(told):
    with smtp_server() as mail:
        host, port = mail.server_address
        told(
            "notifications.mail.MailExecution",
            host=host,
            port=port,
            transportStrategy="SMTP",
            to="a@b.c",
            subject="About {{ flow.id }}",
            customMessage="<b>",
            customFields={"Env": "dev"},
            **{"from": "me@b.c"},
        )
        (message,) = mail.messages
    assert message["Subject"] == "About told"
    plain = message.get_body(("plain",)).get_content()
    assert plain.startswith("[company.team] told ➛ RUNNING\n\n<b>\n\nSucceeded after")
    html = message.get_body(("html",)).get_content()
    assert "<p>&lt;b&gt;</p>" in html
    assert "<p><strong>Env:</strong> dev</p>" in html


def test_another_execution_is_not_known(tmp_path, hook):
    text = FLOW.format(
        failing="",
        block="",
        type="slack.notifications.SlackExecution",
        properties=f"    url: {hook}\n    executionId: other",
    )
    (tmp_path / "flow.yaml").write_text(text)
    result = run_here(["run", "flow.yaml"], tmp_path)
    assert result.code == 1
    assert (
        "Unable to find execution 'other': only the running execution is known"
        in result.out + result.err
    )
