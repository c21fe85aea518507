"""A run that was read back and goes on: its executions get drivers again."""

from collections.abc import Callable, Iterable, Mapping

from kestrel_cli.app.driver import Driver
from kestrel_cli.app.history import still_running
from kestrel_cli.app.mocks import MockFinder
from kestrel_cli.app.refusal import refuse_what_does_not_run
from kestrel_cli.app.request import RunRequest, RunResult
from kestrel_cli.app.run import conducted, open_journal, time_limit
from kestrel_cli.app.session import Session
from kestrel_cli.app.story import Story, Told
from kestrel_cli.errors import CannotStart
from kestrel_cli.expressions.template import prepare_for
from kestrel_cli.expressions.watch import watching
from kestrel_cli.model.effect import RunAttempt
from kestrel_cli.model.event import Lost, Reopened
from kestrel_cli.model.execution import Execution, TaskRun
from kestrel_cli.model.state import State
from kestrel_cli.model.task import Task
from kestrel_cli.scheduler.reopen import plan_restart
from kestrel_cli.store.journal import whole_length


def refuse(request: RunRequest) -> None:
    """Raise Unsupported when the flow needs what is not there."""
    covers = MockFinder(request.mocks).covers
    refuse_what_does_not_run(request.flow, covers, programs=not request.in_containers)


def conduct(session: Session, driver: Driver, begin: Callable[[], None]) -> RunResult:
    """Begin, and let the executions run: bounded like any run."""
    prepare_for(session.request.text)
    with watching(), time_limit(session.request):
        return conducted(session, driver, begin)


def goes_on(story: Story, told: Told) -> bool:
    """Whether there is something left to do of an execution."""
    if told.ended and told.execution.state is State.RETRIED:
        return told.execution.retry_at is not None and story.follower(told) is None
    return not told.ended


class Continuation:
    """A run that was read back and goes on."""

    def __init__(self, request: RunRequest, story: Story) -> None:
        self.session = Session(request)
        self._request = request
        self._story = story
        self._root = story.root
        self._told = {one.execution.id: one for one in story.told}
        for number, flow in story.flows.items():
            self.session.ledger.know_flow(flow, number)
            self.session.text_of(flow, story.texts[number])

    def restarts(self, told: Told) -> dict[int, Reopened]:
        """The plans for an execution, and for those that its failed task runs had started, by
        number.
        """
        plan = plan_restart(told.execution, told.expansions, self.session.clock.now())
        plans = {told.number: plan}
        for number in plan.restarted:
            run = told.execution.runs[number]
            if getattr(run.task, "restartBehavior", None) != "NEW_EXECUTION":
                for child in self._latest(told.execution.called.get(number, ())):
                    if child.execution.state in (State.FAILED, State.KILLED):
                        plans |= self.restarts(child)
        return plans

    def _latest(self, called: Iterable[Execution]) -> list[Told]:
        """Of executions that attempts have started, those of the last attempt of each call."""
        latest: dict[int, Told] = {}
        for execution in called:
            told = self._told[execution.id]
            latest[self._story.origin(told).about["parent"][3]] = told
        return list(latest.values())

    def go(self, plans: Mapping[int, Reopened]) -> RunResult:
        """Let every execution that has not ended, or has a plan, go on."""
        story, session = self._story, self.session
        for told in story.told:
            session.ledger.know(told.execution, told.number)
        self._demand_secrets()
        journal = open_journal(self._request, story.name, go_on=True)
        if journal is None and self._request.journaled:
            raise CannotStart("the execution can't be gone on with: see the warning")
        if journal is not None and whole_length(journal.path) != story.length:
            raise still_running(story.name)  # another one was quicker since it was read
        session.keep(journal)
        drivers = {one.number: self._driver(one) for one in story.told if self._goes(one, plans)}
        self._relate(drivers)
        root = drivers[self._root.number]
        refuse(self._request)

        def begin() -> None:
            for number in sorted(plans, reverse=True):  # the innermost first: see `_goes_on`
                drivers[number].happened(plans[number])
            session.ledger.flush()
            for number, driver in drivers.items():
                self._begin(story.told[number], driver, plans.get(number))

        return conduct(session, root, begin)

    def _demand_secrets(self) -> None:
        """Raise InputError when what has still to run names a secret that nobody gave."""
        root = self._story.root.execution
        if "secret" not in self._request.text:
            return
        from kestrel_cli.app.missing_secrets import refuse_missing_secrets

        services = self.session.prepared(root).services
        mocks = MockFinder(self._request.mocks)

        def done(task: Task) -> bool:
            runs = [root.runs[number] for number in root.runs_of.get(task.id, ())]
            settled = bool(runs) and all(
                run.ended and run.state is not State.FAILED for run in runs
            )
            return mocks.covers(task) or (settled and all(run.value is None for run in runs))

        refuse_missing_secrets(root.flow, services.has_secret, done)

    def _goes(self, told: Told, plans: Mapping[int, Reopened]) -> bool:
        return told is self._root or told.number in plans or goes_on(self._story, told)

    def _driver(self, told: Told) -> Driver:
        prepared = self.session.prepared(told.execution)
        prepared.errors.extend(told.errors)
        driver = self.session.driver(prepared)
        driver.ended = False
        return driver

    def _relate(self, drivers: Mapping[int, Driver]) -> None:
        for told in self._story.told:
            driver = drivers.get(told.number)
            parent = self._story.origin(told).about.get("parent")
            around = None if not parent else self._story.told[parent[0]].execution
            self.session.know(told, driver or told.execution, around)
            if driver is not None and parent:
                driver.parent, driver.parent_run = drivers.get(parent[0]), parent[1]
                driver.depth = 1 if driver.parent is None else driver.parent.depth + 1

    def _begin(self, told: Told, driver: Driver, plan: Reopened | None) -> None:
        execution = told.execution
        if plan is not None:
            driver.go_on([])
        elif told.ended:
            driver.ended = True
            if execution.state is State.RETRIED:
                driver.successor = self.session.follow(driver)
        elif not told.begun:
            follows = told.about.get("follows")
            before = None if follows is None else self._story.told[follows].execution
            if before is not None and before.retry_at is not None:
                self.session.conductor.wake(before.retry_at, driver.begin)
            else:
                driver.begin()
        else:
            calling, lost = self._under_way(told)
            driver.go_on([*told.left(), *(RunAttempt(run.number) for run in calling)])
            for run in lost:  # last, so that they go first: as they did
                if run.task.executable:
                    driver.happened(driver.worker.killed(run))
                else:
                    driver.happened(Lost(run.number, self.session.clock.now()))

    def _under_way(self, told: Told) -> tuple[list[TaskRun], list[TaskRun]]:
        """The attempts that were under way: those that only wait for executions, and the others."""
        runs = [told.execution.runs[number] for number in told.under_way]
        active = [run for run in runs if run.number in told.execution.active and not run.ended]
        calls = {run.number for run in active if run.task.executable and run.state is State.RUNNING}
        calling = [run for run in active if run.number in calls]
        return calling, [run for run in active if run.number not in calls]
