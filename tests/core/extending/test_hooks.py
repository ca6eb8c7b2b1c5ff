"""Hooks ask everybody in a stable order, and one bad plugin costs its own answer only."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS
from egovframe.core.persistence import Database
from egovframe.hooks import HookError, HookFailed, Hooks, NavItem, Permission, SearchHit, hookimpl
from egovframe.hooks.answers import answers, many
from egovframe.hooks.guard import DecisionUnavailable
from egovframe.hooks.specs import hookspec

GOOD = NavItem("main", "Good", "good.index")


def plugin(**implementations: Callable[..., Any]) -> ModuleType:
    """A module with hook implementations."""
    module = ModuleType("plugin")
    for name, function in implementations.items():
        setattr(module, name, hookimpl(function))
    return module


def navigation_of(action: Callable[[], Any]) -> ModuleType:
    def navigation() -> Any:
        return action()

    return plugin(navigation=navigation)


def lenient(**modules: ModuleType) -> Hooks:
    hooks = Hooks(strict=False)
    for name, module in modules.items():
        hooks.register(name, module)
    return hooks


def deep(level: int = 0) -> int:
    return deep(level + 1) + 1


def raising(error: BaseException) -> Callable[[], Any]:
    def action() -> Any:
        raise error

    return action


def unprintable() -> Any:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    raise Unprintable


FAULTS = {
    "error": raising(ValueError("boom")),
    "exit": raising(SystemExit(3)),
    "interrupt": raising(KeyboardInterrupt()),
    "generator-exit": raising(GeneratorExit()),
    "recursion": deep,
    "unprintable": unprintable,
    "text": lambda: "a string is a sequence too",
    "number": lambda: 42,
    "mixed": lambda: [GOOD, "junk"],
    "generator": lambda: (item for item in [GOOD]),
    "bad-value": lambda: [NavItem("nowhere", "x", "y")],  # type: ignore[arg-type]
    "memory": raising(MemoryError()),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_bad_plugin_costs_its_own_answer_only(fault: str) -> None:
    hooks = lenient(
        first=navigation_of(lambda: [GOOD]), bad=navigation_of(FAULTS[fault]), last=navigation_of(lambda: (GOOD,))
    )
    assert hooks.call("navigation", actor=ANONYMOUS) == [("first", [GOOD]), ("last", [GOOD])]
    assert [(failure.plugin, failure.hook, failure.count) for failure in hooks.failures] == [("bad", "navigation", 1)]
    hooks.collect("navigation", actor=ANONYMOUS)
    assert hooks.failures[0].count == 2


VALUES = {"many": [], "mapping": {}, "one": None, "none": None}
HOOKS = {spec.name: spec for spec in Hooks().specs}


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_survives_every_fault(hook: str) -> None:
    spec = HOOKS[hook]
    arguments = dict.fromkeys(spec.arguments)
    for name, action in FAULTS.items():
        if (hook, name) == ("case_title", "text"):
            continue
        hooks = lenient(before=plugin(**{hook: lambda: None}), bad=plugin(**{hook: action}))
        hooks.register("after", plugin(**{hook: lambda: None}))
        empty = VALUES[spec.answer.shape]
        assert hooks.call(hook, **arguments) == [("before", empty), ("after", empty)], name
        assert hooks.failures[0].plugin == "bad"


@pytest.mark.parametrize("fault", FAULTS)
def test_strict_mode_names_plugin_and_hook(fault: str) -> None:
    hooks = Hooks(strict=True)
    hooks.register("bad", navigation_of(FAULTS[fault]))
    with pytest.raises(HookFailed, match="plugin bad: hook navigation"):
        hooks.collect("navigation", actor=ANONYMOUS)


def test_faults_in_another_thread_stay_there() -> None:
    hooks = lenient(bad=navigation_of(FAULTS["interrupt"]), good=navigation_of(lambda: [GOOD]))
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.append(hooks.collect("navigation", actor=ANONYMOUS)))
    thread.start()
    thread.join()
    assert seen == [[GOOD]]


@pytest.fixture
def ctrl_c_works() -> Iterator[None]:
    """Python's own answer to Ctrl-C; who is started in the background inherits deafness to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_real_ctrl_c_passes(ctrl_c_works: None) -> None:
    def pressed() -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(10**7):
            pass

    hooks = lenient(slow=navigation_of(pressed))
    with pytest.raises(KeyboardInterrupt):
        hooks.collect("navigation", actor=ANONYMOUS)
    assert hooks.failures == ()


def test_core_comes_first_then_plugins_as_registered() -> None:
    hooks = Hooks()
    for name in ("zebra", "apple", "core.web", "mango", "core.auth"):
        hooks.register(name, navigation_of(lambda: [GOOD]))
    assert [name for name, _ in hooks.call("navigation", actor=ANONYMOUS)] == [
        "core.web", "core.auth", "zebra", "apple", "mango",
    ]  # fmt: skip


def test_a_misspelt_hook_is_refused_and_leaves_nothing() -> None:
    hooks = Hooks()
    with pytest.raises(HookError, match="navigatoin: did you mean navigation"):
        hooks.register("typo", plugin(navigatoin=lambda: [GOOD], navigation=lambda: [GOOD]))
    assert hooks.names == ()
    assert hooks.collect("navigation", actor=ANONYMOUS) == []
    hooks.register("typo", plugin(navigation=lambda: [GOOD]))
    assert hooks.collect("navigation", actor=ANONYMOUS) == [GOOD]


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(HookError, match="who"):
        Hooks().register("bad", plugin(navigation=lambda who: []))


def test_wrappers_are_refused() -> None:
    module = ModuleType("wrapping")

    def navigation() -> Any:
        return (yield)

    module.navigation = hookimpl(wrapper=True)(navigation)  # type: ignore[attr-defined]
    with pytest.raises(HookError, match="wrapper"):
        Hooks().register("bad", module)


def test_a_name_is_registered_once() -> None:
    hooks = Hooks()
    hooks.register("one", plugin())
    with pytest.raises(HookError, match="already"):
        hooks.register("one", plugin())


def test_implementations_take_the_arguments_they_name() -> None:
    def search(text: str, limit: int) -> list[SearchHit]:
        return [SearchHit(text, "/en/x", "kind")] * limit

    hooks = Hooks()
    hooks.register("some", plugin(search=search))
    hits = hooks.collect("search", session=None, actor=ANONYMOUS, text="lamp", language="en", limit=2)
    assert [hit.title for hit in hits] == ["lamp", "lamp"]
    with pytest.raises(TypeError, match="search takes"):
        hooks.collect("search", text="lamp")


def test_the_first_answer_wins_and_later_ones_are_not_asked() -> None:
    asked = []

    def title(name: str, answer: str | None) -> ModuleType:
        def case_title() -> str | None:
            asked.append(name)
            return answer

        return plugin(case_title=case_title)

    hooks = Hooks()
    for name, answer in (("a", None), ("b", "Lamp"), ("c", "never")):
        hooks.register(name, title(name, answer))
    assert hooks.first("case_title", session=None, case=None, language="en") == "Lamp"
    assert asked == ["a", "b"]


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_hook_that_is_slow_three_times_is_suspended() -> None:
    clock = Clock()

    def sleeps() -> list[NavItem]:
        clock.now += 2.1
        return [GOOD]

    hooks = Hooks(strict=False, clock=clock)
    hooks.register("slow", plugin(navigation=sleeps, home_tiles=lambda: ()))
    hooks.register("quick", navigation_of(lambda: [GOOD]))
    for _ in range(3):
        assert len(hooks.collect("navigation", actor=ANONYMOUS)) == 2
    assert hooks.suspended == {"slow": "navigation"}
    assert hooks.call("navigation", actor=ANONYMOUS) == [("quick", [GOOD])]
    assert clock.now == pytest.approx(6.3)


def test_a_hook_just_in_time_is_not_suspended() -> None:
    clock = Clock()

    def takes_a_while() -> list[NavItem]:
        clock.now += 2.0
        return [GOOD]

    hooks = Hooks(strict=False, clock=clock)
    hooks.register("steady", plugin(navigation=takes_a_while))
    for _ in range(10):
        hooks.collect("navigation", actor=ANONYMOUS)
    assert not hooks.suspended


def test_the_core_is_never_suspended() -> None:
    clock = Clock()

    def sleeps() -> list[NavItem]:
        clock.now += 60
        return [GOOD]

    hooks = Hooks(strict=False, clock=clock)
    hooks.register("core.web", plugin(navigation=sleeps))
    for _ in range(5):
        assert hooks.collect("navigation", actor=ANONYMOUS) == [GOOD]


def test_calls_that_never_return_suspend_too() -> None:
    clock, let_go, inside = Clock(), threading.Event(), threading.Semaphore(0)

    def hangs() -> list[NavItem]:
        inside.release()
        let_go.wait(20)
        return [GOOD]

    hooks = Hooks(strict=False, clock=clock)
    hooks.register("hanging", plugin(navigation=hangs))
    threads = [threading.Thread(target=hooks.collect, args=("navigation",), kwargs={"actor": ANONYMOUS}) for _ in "123"]
    for thread in threads:
        thread.start()
        assert inside.acquire(timeout=20)
    clock.now = 3
    try:
        assert hooks.collect("navigation", actor=ANONYMOUS) == []
        assert hooks.suspended == {"hanging": "navigation"}
    finally:
        let_go.set()
        for thread in threads:
            thread.join()
    assert hooks.failures[0].count == 3


def deciding() -> ModuleType:
    def may_pay() -> Any:
        """Return who may be paid."""

    specs = ModuleType("specs")
    decided = many(Permission)
    decided = type(decided)(decided.shape, decided.of, decides=True)
    specs.may_pay = hookspec(answers(decided, since="0", asked_by="a test")(may_pay))  # type: ignore[attr-defined]
    return specs


def test_hooks_that_decide_fail_closed() -> None:
    right = Permission("a:b:c", "Pay")
    hooks = Hooks(strict=False, specs=deciding())
    hooks.register("good", plugin(may_pay=lambda: [right]))
    assert hooks.collect("may_pay") == [right]
    hooks.register("bad", plugin(may_pay=raising(ValueError("boom"))))
    with pytest.raises(DecisionUnavailable):
        hooks.collect("may_pay")


def test_a_database_error_in_a_hook_leaves_the_others_their_transaction(database: Database) -> None:
    def broken(session: Session) -> dict[str, int]:
        session.execute(text("SELECT * FROM there_is_no_such_table"))
        return {}

    def counts(session: Session) -> dict[str, int]:
        return {"one": session.execute(text("SELECT 1")).scalar_one()}

    hooks = lenient(bad=plugin(status=broken), good=plugin(status=counts))
    with database.reading() as session:
        assert hooks.call("status", session=session) == [("good", {"one": 1})]
    with database.writing() as session:
        session.execute(text("CREATE TABLE kept (id INTEGER)"))
        assert hooks.call("status", session=session) == [("good", {"one": 1})]
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM kept")).scalar_one() == 0


def test_every_hook_is_described() -> None:
    for spec in Hooks().specs:
        assert len(spec.doc) > 20, spec.name
        assert spec.since
        assert spec.asked_by
