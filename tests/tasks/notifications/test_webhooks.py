import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import Outcome
from kestrel_cli.worker.services import Given
from tests.support.flows import written
from tests.support.reach import ReachingContext

PLUGIN = "io.kestra.plugin."
PLAIN = [
    "discord.DiscordIncomingWebhook",
    "googleworkspace.chat.GoogleChatIncomingWebhook",
    "meta.whatsapp.WhatsAppIncomingWebhook",
    "microsoft365.teams.TeamsIncomingWebhook",
    "opsgenie.OpsgenieAlert",
    "pagerduty.PagerDutyAlert",
    "slack.notifications.SlackIncomingWebhook",
    "squadcast.SquadcastIncomingWebhook",
    "zenduty.ZendutyAlert",
    "zulip.ZulipIncomingWebhook",
]
OLD = [
    "notifications.discord.DiscordIncomingWebhook",
    "notifications.google.GoogleChatIncomingWebhook",
    "notifications.opsgenie.OpsgenieAlert",
    "notifications.slack.SlackIncomingWebhook",
    "notifications.teams.TeamsIncomingWebhook",
    "slack.SlackIncomingWebhook",
]


@pytest.mark.parametrize("name", PLAIN + OLD)
def test_the_payload_is_posted_as_json(name, hook, server, ctx):
    task = written(PLUGIN + name, url=hook, payload='{"text": "<hi>"}')
    assert task.run(ctx) == Outcome()
    headers, document = server.hooked[-1]
    assert document == {"text": "<hi>"}
    assert headers["Content-Type"] == "application/json; charset=UTF-8"
    assert ("INFO", "Request succeeded") in ctx.logs
    assert task.blocking
    assert task.outward


def test_the_log_says_what_is_sent_and_to_whom(hook, ctx):
    written(f"{PLUGIN}zulip.ZulipIncomingWebhook", url=hook, payload="{}").run(ctx)
    assert ctx.logs[0] == ("DEBUG", "Send Zulip webhook: {}")


def test_the_address_is_hidden(hook, ctx):
    written(f"{PLUGIN}discord.DiscordIncomingWebhook", url=hook, payload="{}").run(ctx)
    assert ctx.hidden == [hook]


def test_a_payload_may_be_a_map(hook, server, ctx):
    payload = {"text": 'a "quoted" text', "n": 1}
    written(f"{PLUGIN}discord.DiscordIncomingWebhook", url=hook, payload=payload).run(ctx)
    assert server.hooked[-1][1] == payload


def test_the_options_have_headers_and_timeouts(hook, server, ctx):
    options = {"headers": {"X-Own": "<token>", "content-type": "x/y"}, "readTimeout": "PT5S"}
    options |= {"connectionPoolIdleTimeout": "PT0S", "maxContentLength": 1000}
    written(f"{PLUGIN}zulip.ZulipIncomingWebhook", url=hook, payload="{}", options=options).run(ctx)
    headers = server.hooked[-1][0]
    assert (headers["X-Own"], headers["content-type"]) == ("t0ken", "x/y")
    assert "Content-Type" not in headers


def test_a_token_goes_into_a_header_and_is_hidden(hook, server, ctx):
    name = f"{PLUGIN}opsgenie.OpsgenieAlert"
    written(name, url=hook, payload="{}", authorizationToken="<token>").run(ctx)
    assert server.hooked[-1][0]["Authorization"] == "t0ken"
    assert "t0ken" in ctx.hidden


@pytest.mark.parametrize("name", PLAIN)
def test_a_code_of_failure_is_the_failure_of_the_task(name, hook, ctx):
    url = hook.replace("/hook/secret", "/417")
    with pytest.raises(TaskFailed, match=r"response code '417' and body:\n\{\"wrong\": true\}"):
        written(PLUGIN + name, url=url, payload="{}").run(ctx)


@pytest.mark.parametrize("name", PLAIN)
def test_nothing_is_sent_without_a_payload(name, hook, server, ctx):
    with pytest.raises(TaskFailed, match="payload"):
        written(PLUGIN + name, url=hook).run(ctx)
    assert not server.hooked


def test_nothing_is_sent_offline(hook, server, tmp_path):
    ctx = ReachingContext(tmp_path, given=Given(offline=True))
    with pytest.raises(TaskFailed, match="`--offline` allows none"):
        written(f"{PLUGIN}zulip.ZulipIncomingWebhook", url=hook, payload="{}").run(ctx)
    assert not server.hooked


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("**bold** __it__ [a](http://b)", {"text": "*bold* _it_ <http://b|a>"}),
        ("<text>", {"text": "wörld"}),
        ('{"blocks": []}', {"blocks": []}),
    ],
)
def test_slack_takes_a_text_as_well(text, sent, hook, server, ctx):
    name = f"{PLUGIN}slack.notifications.SlackIncomingWebhook"
    written(name, url=hook, messageText=text).run(ctx)
    assert server.hooked[-1][1] == sent


def test_slack_takes_no_payload_that_is_no_json(hook, ctx):
    name = f"{PLUGIN}slack.notifications.SlackIncomingWebhook"
    with pytest.raises(TaskFailed, match="`payload` must render to JSON"):
        written(name, url=hook, payload="{").run(ctx)


def test_telegram_gets_a_text_from_a_bot(hook, server, ctx):
    task = written(
        f"{PLUGIN}telegram.TelegramSend",
        token="<token>",
        channel="@me",
        payload="<text>",
        endpointOverride=hook.replace("/secret", ""),
    )
    assert task.run(ctx) == Outcome()
    assert server.hooked[-1][1] == {"chat_id": "@me", "text": "wörld"}
    assert server.seen[-1][1] == "/hook/bott0ken/sendMessage"
    assert "t0ken" in ctx.hidden


def test_telegram_has_to_agree(server, ctx):
    base = f"http://127.0.0.1:{server.server_port}/echo"
    task = written(
        f"{PLUGIN}telegram.TelegramSend",
        token="t",
        channel="c",
        payload="x",
        endpointOverride=base,
    )
    with pytest.raises(TaskFailed, match=r"^Unable to send Telegram message: \{"):
        task.run(ctx)
