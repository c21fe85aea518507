"""`kestrel test`: which cases run, what is shown, and how it ends."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kestrel_cli.cli import test_output
from tests.app.testing.suites import CORE, UNIT
from tests.support.cli import COMMAND, ROOT, Result, process_environment, run_here

FLOW = f"""\
id: shop
namespace: team
inputs:
  - {{id: word, type: STRING, defaults: plain}}
tasks:
  - id: fetch
    type: {CORE}.http.Request
    uri: http://127.0.0.1:9/
    headers: {{Authorization: "{{{{ secret('TOKEN') }}}}"}}
  - id: say
    type: {CORE}.debug.Return
    format: "{{{{ inputs.word }}}} {{{{ outputs.fetch.body }}}} {{{{ secret('TOKEN') }}}}"
"""
FIXED = "fixtures: {tasks: [{id: fetch, outputs: {body: pie}}]}\n"
GOOD = FIXED + "assertions: [{value: '{{ outputs.say.value }}', startsWith: plain pie}]\n"
BAD = FIXED + "assertions:\n  - value: '{{ outputs.fetch.body }}'\n    equalTo: tea\n"
ERROR = "assertions: [{value: '{{ outputs.say.value }}', equalTo: x}]\n"
EMPTY = "assertions: [{value: x, equalTo: x}]\n"
SKIPPED = "disabled: true\nassertions: [{value: x, equalTo: x}]\n"


def suite(name: str = "orders", **cases: str) -> str:
    text = f"id: {name}\nnamespace: team\nflowId: shop\ntestCases:\n"
    for case, said in cases.items():
        body = "".join(f"    {line}\n" for line in said.splitlines())
        text += f"  - id: {case}\n    type: {UNIT}\n{body}"
    return text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(FLOW, "utf-8")
    return tmp_path


def run(folder: Path, *options: str, env: dict[str, str] | None = None, **cases: str) -> Result:
    """Run the command on a suite of these cases, or on what is there."""
    if cases:
        (folder / "orders.test.yaml").write_text(suite(**cases), "utf-8")
    quiet = {"CI": None, "GITHUB_ACTIONS": None, "GITHUB_STEP_SUMMARY": None}
    return run_here(["test", *options], folder, {**quiet, **(env or {})})


def last(result: Result) -> str:
    """The last line, without the time."""
    return result.out.splitlines()[-1].partition(" in ")[0] if result.out else ""


# -- our own


def test_the_suites_of_our_flows_pass(tmp_path: Path) -> None:
    ended = run_here(["test", str(ROOT / "flows" / "tests")], tmp_path)
    assert (ended.code, ended.err) == (0, ""), ended.out
    cases = sum(
        path.read_text("utf-8").count(f"type: {UNIT}")
        for path in (ROOT / "flows" / "tests").glob("*.yaml")
    )
    assert re.search(rf", {cases} cases: {cases} passed in ", ended.out)


def test_nothing_is_wrong_with_our_flows_and_suites(tmp_path: Path) -> None:
    ended = run_here(["validate", str(ROOT / "flows"), "--format", "json"], tmp_path)
    assert {one["code"] for one in json.loads(ended.out)["diagnostics"]} <= {"kestra-1"}


# -- exit codes


@pytest.mark.parametrize(
    ("cases", "code", "told"),
    [
        ({"a": GOOD, "b": SKIPPED}, 0, "1 suite, 2 cases: 1 passed, 1 skipped"),
        ({"a": GOOD, "b": BAD}, 1, "1 suite, 2 cases: 1 failed, 1 passed"),
        ({"a": GOOD, "b": ERROR}, 1, "1 suite, 2 cases: 1 in error, 1 passed"),
    ],
)
def test_the_exit_code_says_whether_all_passed(
    folder: Path, cases: dict[str, str], code: int, told: str
) -> None:
    ended = run(folder, **cases)
    assert (ended.code, ended.err) == (code, "")
    assert ended.out.splitlines()[0] == "orders.test.yaml " + {
        "1 passed, 1 skipped": ".s",
        "1 failed, 1 passed": ".F",
    }.get(told.partition(": ")[2], ".E")
    assert last(ended).startswith(told.partition(" in error")[0])


def test_a_suite_that_is_wrong_is_2_and_nothing_runs(folder: Path) -> None:
    ended = run(folder, a=GOOD, b=GOOD.replace("id: fetch", "id: fetsh"))
    assert ended.code == 2
    assert "error: the flow `shop` has no task `fetsh`" in ended.out
    assert "hint: did you mean `fetch`?" in ended.out
    assert last(ended) == "no case has run: 1 error"
    env = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "sum.md")}
    assert "\n::error file=orders.test.yaml,line=11," in run(folder, env=env).out
    assert "no case has run: 1 error in suites" in (folder / "sum.md").read_text("utf-8")
    assert "passed" not in ended.out


def test_nothing_to_run_is_5(folder: Path) -> None:
    ended = run(folder)
    assert (ended.code, ended.out) == (5, "")
    assert "no test suite in ." in ended.err
    assert run(folder, "--allow-empty") == Result(0, "", "")
    assert run(folder, "nowhere").code == 2


# -- which cases


@pytest.mark.parametrize(
    ("options", "ran"),
    [
        (["-k", "big"], ["big_order", "big_refund"]),
        (["-k", "BIG and not refund"], ["big_order"]),
        (["-k", "not (big or small)"], ["other"]),
        (["-k", "orders.test.yaml and small"], ["small_order"]),
        (["--case", "other", "--case", "small_order"], ["small_order", "other"]),
        (["-k", "order", "--case", "other"], ["other"]),
        ([], ["big_order", "big_refund", "small_order", "other"]),
    ],
)
def test_cases_are_chosen_by_expression_and_id(
    folder: Path, options: list[str], ran: list[str]
) -> None:
    names = ("big_order", "big_refund", "small_order", "other")
    ended = run(folder, "-v", *options, **dict.fromkeys(names, GOOD))
    assert re.findall(r"✔ (\S+)", ended.out) == ran


@pytest.mark.parametrize("text", ["a and", "(a", "a b", "", "or", "a)", "not"])
def test_an_expression_that_cannot_be_read_is_wrong_usage(folder: Path, text: str) -> None:
    ended = run(folder, "-k", text, a=GOOD)
    assert ended.code == 2
    assert "-k" in ended.err


def test_a_case_that_is_not_there_is_told_with_the_nearest(folder: Path) -> None:
    ended = run(folder, "--case", "big_oder", big_order=GOOD)
    assert ended.code == 5
    assert "none of 1 test cases was asked for: did you mean `--case big_order`?" in ended.err


def test_those_that_failed_last_run_again_until_they_pass(folder: Path) -> None:
    run(folder, a=GOOD, b=BAD, c=ERROR)
    assert re.findall(r"[✔✘] (\w+) \(", run(folder, "--lf", "-v").out) == ["b", "c"]
    mended = run(folder, "--lf", "-v", a=GOOD, b=GOOD, c=ERROR)
    assert re.findall(r"[✔✘] (\w+) \(", mended.out) == ["b", "c"]
    assert re.findall(r"[✔✘] (\w+) \(", run(folder, "--lf", "-v").out) == ["c"]
    run(folder, a=GOOD, b=GOOD, c=GOOD)
    assert re.findall(r"[✔✘] (\w+) \(", run(folder, "--lf", "-v").out) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("options", "letters", "told"),
    [
        (["-x"], ".F", "stopped: 2 of 5 cases ran"),
        (["--maxfail", "2"], ".FE", "stopped: 3 of 5 cases ran"),
        (["--maxfail", "3"], ".FE.F", None),
        (["--maxfail", "0"], ".FE.F", None),
    ],
)
@pytest.mark.parametrize("more", [[], ["-n", "2"]], ids=["here", "processes"])
def test_failures_stop_it(
    folder: Path, options: list[str], letters: str, told: str | None, more: list[str]
) -> None:
    ended = run(folder, *options, *more, a=GOOD, b=BAD, c=ERROR, d=GOOD, e=BAD)
    assert ended.code == 1
    assert ended.out.splitlines()[0] == f"orders.test.yaml {letters}"
    assert (told is None) or told in ended.out.splitlines()
    assert ("stopped" in ended.out) is (told is not None)


def test_a_seed_shuffles_the_same_way(folder: Path) -> None:
    cases = {f"c{number}": GOOD for number in range(8)}
    orders = []
    for seed in ("7", "7", "8"):
        ended = run(folder, "--seed", seed, "-v", **cases)
        assert f"the order is that of `--seed {seed}`" in ended.out
        orders.append(re.findall(r"✔ (\S+)", ended.out))
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2]) == sorted(cases)
    chosen = re.search(r"`--seed (\d+)`", run(folder, "--seed", "0", **cases).out)
    assert chosen is not None
    assert int(chosen[1]) > 0


# -- in processes


def alike(text: str) -> list[object]:
    """Results without what differs from run to run."""
    found = json.loads(text)["results"]
    for one in found:
        del one["id"], one["startDate"], one["endDate"]
        for case in one["results"]:
            case.pop("executionId", None)
    return list(found)


def test_processes_give_the_same_results_in_the_same_order(folder: Path) -> None:
    (folder / "more.test.yaml").write_text(suite("more", m=BAD, n=GOOD), "utf-8")
    cases = {f"c{number}": (GOOD, BAD, ERROR)[number % 3] for number in range(12)}
    here = run(folder, "-o", "json", "--cov", **cases)
    there = run(folder, "-o", "json", "--cov", "-n", "2")
    assert here.code == there.code == 1
    assert alike(here.out) == alike(there.out)
    table = [re.search(r"^team\.shop .*$", one.err, re.MULTILINE) for one in (here, there)]
    assert table[0] is not None
    assert table[1] is not None
    assert table[0][0] == table[1][0]


@pytest.mark.parametrize("number", ["many", "-1", "1.5"])
def test_processes_are_counted(folder: Path, number: str) -> None:
    assert run(folder, "-n", number, a=GOOD).code == 2


# -- what is shown


def test_each_case_has_its_line_with_v(folder: Path) -> None:
    ended = run(folder, "-v", a=GOOD, b=BAD, c=SKIPPED)
    lines = [re.sub(r" \(.*\)", "", line) for line in ended.out.splitlines()[:4]]
    assert lines == ["orders.test.yaml", "  ✔ a", "  ✘ b", "  ↷ c"]


def test_a_failure_is_shown_with_its_line_both_sides_and_the_execution(folder: Path) -> None:
    text = run(folder, b=BAD).out
    assert "✘ FAILED orders > b  orders.test.yaml:5:5\n" in text
    assert (
        "     9 │ - value: '{{ outputs.fetch.body }}'\n"
        "         - equalTo  tea\n"
        "         + actual   pie\n"
    ) in text
    assert "  └── ✔ say SUCCESS" in text


def test_a_task_without_fixture_is_shown_with_one_to_copy(folder: Path) -> None:
    text = run(folder, c=ERROR).out
    assert f"error: the task `fetch` ({CORE}.http.Request) reaches out of the test" in text
    assert '- id: fetch\n              outputs:\n                body: "..."\n' in text
    assert "or let it run: `--run fetch`" in text
    assert "so 1 assertion could not be evaluated" in text
    assert "--mock" not in text


def test_notes_are_counted_and_shown_with_vv(folder: Path) -> None:
    sorry = f"{{id: sorry, type: {CORE}.log.Log, message: x}}"
    (folder / "shop.yaml").write_text(f"{FLOW}errors: [{sorry}]\n", "utf-8")
    cases = {"a": GOOD.replace("tasks: [", "tasks: [{id: sorry}, ", 1)}
    assert "\n1 note on cases that passed: `-vv` shows what\n" in run(folder, **cases).out
    text = run(folder, "-vv").out
    assert "note: orders.test.yaml:7:25: the fixture of `sorry` was not used" in text
    assert "shows what" not in text


def test_stubs_of_secrets_are_told_where_something_went_wrong(folder: Path) -> None:
    note = "note: secrets that nobody gave were `none`: `TOKEN`"
    wrong = GOOD.replace("plain pie", "plain tea")
    text = run(folder, "-vv", "--secret-stub", "none", a=GOOD, b=wrong).out
    assert text.count(note) == text.count("note: ") == 1


def test_q_shows_failures_and_qq_nothing(folder: Path) -> None:
    ended = run(folder, "-q", a=GOOD, b=BAD)
    assert ended.out.lstrip().startswith("✘ FAILED orders > b")
    assert last(run(folder, "-q", a=GOOD)) == "1 suite, 1 case: 1 passed"
    assert len(run(folder, "-q").out.splitlines()) == 1
    assert run(folder, "-qq", a=GOOD, b=BAD) == Result(1, "", "")


def test_the_slowest_are_shown(folder: Path) -> None:
    text = run(folder, "--durations", "2", a=GOOD, b=GOOD, c=GOOD).out
    _, _, rest = text.partition("\nslowest cases\n")
    assert len(re.findall(r"^ +\S+  orders > [abc]$", rest, re.MULTILINE)) == 2
    every = run(folder, "--durations", "0").out
    assert len(re.findall(r"^ +\S+  orders > [abc]$", every, re.MULTILINE)) == 3


def test_ascii_names_the_state_once(folder: Path) -> None:
    text = run(folder, "--ascii", "-v", a=GOOD, b=BAD).out
    assert text.isascii()
    assert "\nFAILED orders > b" in text
    assert "  ok a" in text


@pytest.mark.parametrize(
    ("wanted", "came", "shown"),
    [
        ("'pie '", "pie", ['- equalTo  "pie "', '+ actual   "pie"']),
        ("''", "pie", ['- equalTo  ""', '+ actual   "pie"']),
        (r'"a\nb\nc"', r"a\nx\nc", ["- equalTo, + actual", "  a", "- b", "+ x", "  c"]),
        (r'"a\n"', r"a", ['- equalTo  "a\\n"', '+ actual   "a"']),
    ],
)
def test_both_sides_can_be_told_apart(
    folder: Path, wanted: str, came: str, shown: list[str]
) -> None:
    said = BAD.replace("body: pie", f'body: "{came}"').replace("equalTo: tea", f"equalTo: {wanted}")
    text = run(folder, a=said).out
    assert "".join(f"         {line}\n" for line in shown) in text


# -- for programs


def test_json_has_kestras_shape(folder: Path) -> None:
    ended = run(folder, "-o", "json", a=GOOD, b=BAD, c=ERROR, d=SKIPPED)
    found = json.loads(ended.out)
    assert (found["exitCode"], ended.code) == (1, 1)
    (one,) = found["results"]
    assert one.keys() == {
        "id", "testSuiteId", "namespace", "flowId", "state", "startDate", "endDate", "results",
    }  # fmt: skip
    assert (one["testSuiteId"], one["state"]) == ("orders", "ERROR")
    assert [case["state"] for case in one["results"]] == ["SUCCESS", "FAILED", "ERROR", "SKIPPED"]
    assert one["results"][1]["assertionResults"] == [
        {
            "operator": "equalTo",
            "expected": "tea",
            "actual": "pie",
            "isSuccess": False,
            "errorMessage": "expected '{{ outputs.fetch.body }}' to equal 'tea' but was 'pie'",
        }
    ]
    assert one["results"][1]["fixtures"]["tasks"][0]["id"] == "fetch"
    assert [sorted(error) for error in one["results"][2]["errors"]] == [["details", "message"]] * 2
    assert "orders.test.yaml .FEs" in ended.err


def test_junit_can_be_read(folder: Path) -> None:
    run(folder, "--junitxml", "out.xml", a=GOOD, b=BAD, c=ERROR, d=SKIPPED)
    root = ElementTree.parse(folder / "out.xml").getroot()
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    cases = {one.get("name"): one for one in root.iter("testcase")}
    assert cases["b"].get("classname") == "team.shop"
    assert cases["b"].get("file") == "orders.test.yaml"
    failure = cases["b"].find("failure")
    assert failure is not None
    assert failure.get("type") == "equalTo"
    assert "orders.test.yaml:" in (failure.text or "")
    (error,) = cases["c"]
    assert error.tag == "error"
    assert "has no fixture" in error.get("message", "")
    assert (error.text or "").count("Could not evaluate assertion") == 1
    assert (error.text or "").count("team.shop FAILED") == 1
    assert cases["d"].find("skipped") is not None
    assert len(cases["a"]) == 0


def test_a_file_that_cannot_be_written_is_told(folder: Path) -> None:
    for option in ("--junitxml", "--report-log"):
        ended = run(folder, option, "no/such/file", a=GOOD)
        assert ended.code not in (0, 1, 70)
        assert option in ended.err


def test_each_event_is_a_line_of_the_report_log(folder: Path) -> None:
    run(folder, "--report-log", "log.jsonl", a=GOOD, b=BAD)
    events = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    names = [one["event"] for one in events]
    assert names == ["suiteBegan", "caseEnded", "caseEnded", "suiteEnded"]
    assert [one.get("state") for one in events] == [None, "SUCCESS", "FAILED", "FAILED"]
    assert events[0]["cases"] == 2


def test_github_gets_annotations_and_a_summary(folder: Path) -> None:
    env = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "sum.md")}
    text = run(folder, a=GOOD, b=BAD, c=ERROR, env=env).out
    found = re.findall(r"^::error file=(\S+?),line=(\d+),\S* ?.*?::(.*)$", text, re.MULTILINE)
    assert [(file, int(line)) for file, line, _ in found] == [
        ("orders.test.yaml", 13), ("shop.yaml", 6), ("orders.test.yaml", 17),
    ]  # fmt: skip
    assert found[0][2].startswith("orders > b: expected ")
    page = (folder / "sum.md").read_text("utf-8")
    assert "3 cases: 1 failed, 1 in error, 1 passed" in page
    assert "orders.test.yaml" in page
    (folder / "sum.md").unlink()
    assert "::error" not in run(folder, "--no-annotations", env=env).out
    assert not (folder / "sum.md").exists()


# -- coverage


def test_coverage_is_shown_and_can_be_demanded(folder: Path) -> None:
    ended = run(folder, "--cov-fail-under", "90", a=GOOD)
    assert ended.code == 1
    assert re.search(r"^coverage is \d+ %, less than 90 %$", ended.out, re.MULTILINE)
    assert "expression http" not in ended.out
    assert run(folder, "--cov-fail-under", "10").code == 0
    assert "expression {{ secret('TOKEN') }} of fetch" in run(folder, "--cov").out
    reports = ["--cov-report", "lcov", "--cov-report", "json:c.json"]
    assert run(folder, "-qq", *reports) == Result(0, "", "")
    assert (folder / "coverage.lcov").read_text().startswith("TN:")
    assert json.loads((folder / "c.json").read_text())
    assert run(folder, "--cov-report", "xml").code == 2


# -- what runs for real, and what is secret


def test_tasks_run_for_real_when_they_are_named(folder: Path) -> None:
    said = "assertions: [{value: '{{ execution.state }}', equalTo: FAILED}]\n"
    for options in (["--run", "fetch"], ["--run", f"{CORE}.http"], ["--allow-real"]):
        ended = run(folder, *options, a=said)  # nobody listens there
        assert ended.code == 0, ended.out
    ended = run(folder, "--run", "say", a=said)
    assert (ended.code, "reaches out of the test" in ended.out) == (1, True)


def test_no_secret_is_ever_shown(folder: Path) -> None:
    secret = "correct-horse-battery"
    env = {"KESTREL_SECRET_TOKEN": secret, "CI": "true", "GITHUB_ACTIONS": "true"}
    said = FIXED + "assertions:\n  - value: '{{ outputs.say.value }}'\n    endsWith: nothing\n"
    error = FIXED + (
        "assertions: [{value: \"{{ fromJson(secret('TOKEN')) }}\", equalTo: x},"
        " {value: \"{{ secret('TOKEN') }}\", greaterThan: 1},"
        " {value: \"{{ secret('TOKEN') }}\", equalTo: x, errorMessage: \"{{ secret('TOKEN') }}\"}]"
    )
    files = ["--junitxml", "out.xml", "--report-log", "log"]
    for options in (["-vv"], ["-o", "json"], ["-n", "2"]):
        ended = run(folder, *options, *files, env=env, a=said, b=error)
        assert ended.code == 1
        texts = [ended.out, ended.err, *((folder / one).read_text() for one in ("out.xml", "log"))]
        assert not [text for text in texts if secret in text]
        assert any("******" in text for text in texts)


# -- signals


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=str)
def test_a_signal_ends_it_and_what_ran_is_told(
    folder: Path, number: signal.Signals, code: int
) -> None:
    (folder / "nap.yaml").write_text(
        f"id: shop\nnamespace: nap\ntasks:\n  - {{id: fetch, type: {CORE}.flow.Sleep, "
        "duration: PT60S}\n",
        "utf-8",
    )
    text = suite(a=FIXED + EMPTY, b=EMPTY, c=EMPTY)
    (folder / "nap.test.yaml").write_text(text.replace("namespace: team", "namespace: nap"))
    with subprocess.Popen(
        [*COMMAND, "test", "nap.test.yaml", "--run", "fetch", "--report-log", "log"],
        cwd=folder,
        env=process_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        log = folder / "log"
        while not log.exists() or "caseEnded" not in log.read_text():
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.2)  # the next one is under way
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    lines = out.decode().splitlines()
    assert lines[0] == "nap.test.yaml ."
    assert lines[-2] == "interrupted: 1 of 3 cases ran"
    assert lines[-1].startswith("1 suite, 1 case: 1 passed")
    assert "Traceback" not in err.decode()


def test_long_trees_are_cut_in_the_middle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_output, "_MOST_TREE", 4)
    assert re.search(r"\n  \.\.\. \d+ lines \.\.\.\n", run(folder, b=BAD).out)
    assert os.linesep in run(folder, b=GOOD).out


def test_a_suite_comes_from_standard_input(folder: Path) -> None:
    ended = run_here(["test", "-"], folder, stdin=suite(good=GOOD))
    assert (ended.code, ended.out.splitlines()[-1][:27]) == (0, "1 suite, 1 case: 1 passed i")
    ended = run_here(["test", "-", "--watch"], folder)
    assert (ended.code, "standard input" in ended.err) == (2, True)


def test_no_text_of_a_suite_becomes_a_command_of_ci(folder: Path) -> None:
    case = FIXED + (
        'assertions:\n  - value: "{{ outputs.fetch.body }}\\n ::error::a"\n'
        '    equalTo: "tea\\n ::error::a"\n'
        '    description: "told\\n::error::b"\n    errorMessage: "what\\n  ::error::c"\n'
    )
    text = suite(bad=case).replace("- id: bad", '- id: "bad\\n::error::d"')
    (folder / "::error::e.test.yaml").write_text(text, "utf-8")
    ended = run(folder, env={"CI": "true"})
    assert ended.code == 1
    told = f"{ended.out}{ended.err}"
    assert all(f"::error::{one}" in told for one in "abcde")
    assert [line for line in told.splitlines() if line.lstrip().startswith("::")] == []


def test_gitlab_gets_a_report_of_code_quality(folder: Path) -> None:
    ended = run(folder, "-o", "gitlab", a=GOOD, b=BAD)
    (found,) = json.loads(ended.out)
    assert (ended.code, "1 suite, 2 cases: 1 failed" in ended.err) == (1, True)
    assert found["check_name"] == "assertion"
    assert found["location"] == {"path": "orders.test.yaml", "lines": {"begin": 13}}
    ended = run(folder, "-o", "gitlab", a=GOOD.replace("startsWith", "startsWiht"))
    assert (ended.code, [one["check_name"] for one in json.loads(ended.out)]) == (
        2, ["unknown-property"],
    )  # fmt: skip


def test_an_expression_that_makes_a_request_is_refused_in_words_of_tests(folder: Path) -> None:
    asked = "assertions: [{value: \"{{ http('http://127.0.0.1:9') }}\", equalTo: x}]\n"
    text = run(folder, a=FIXED + asked).out
    assert "error was: the function `http` reaches out of the test\n" in text
    assert "or let it run: `--allow-real`" in text


def test_a_task_to_run_that_no_flow_has_is_refused(folder: Path) -> None:
    ended = run(folder, "--run", "nosuch")
    assert ended.code == 2
    assert "`--run nosuch`: no flow that is tested has such a task" in ended.err
