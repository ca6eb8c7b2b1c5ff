"""Calls that survive a bad plugin: one that raises, exits, answers garbage or sleeps costs its own answer only.

Plugins are trusted code: faults are survived, malice is not.
"""

from __future__ import annotations

import dis
import itertools
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog
from sqlalchemy.orm import Session

from egovframe.errors import Unavailable
from egovframe.hooks.answers import Answer, Garbage

FailureKind = Literal["error", "exit", "interrupt", "recursion", "garbage", "slow"]
SLOW_CALLS_BEFORE_SUSPENSION: Final = 3
LOGGED_FRAMES: Final = 10
LEFT_OUT: Final = object()
"""What ``ask`` returns in place of an answer that is not to be used."""

_log = structlog.get_logger("egovframe.hooks")
_RAISE_STATEMENT = dis.opmap["RAISE_VARARGS"]


@dataclass(frozen=True, slots=True)
class HookFailure:
    """How often one hook of one plugin failed in one way since this process started; ``detail`` is for staff only."""

    plugin: str
    hook: str
    kind: FailureKind
    count: int
    detail: str


class HookFailed(RuntimeError):
    """A hook failed while failures are not forgiven: in strict mode."""


class DecisionUnavailable(Unavailable):
    """A hook that decides rights or money gave no answer, so the question is refused (503)."""


@dataclass(frozen=True, slots=True)
class _Running:
    plugin: str
    hook: str
    started: float
    patience: float


class Guard:
    """Runs single hook implementations and remembers what went wrong.

    Args:
        strict: raise HookFailed (development, tests) instead of leaving the answer out.
        clock: seconds that only go forward.
    """

    def __init__(self, *, strict: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.strict = strict
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, FailureKind]] = Counter()
        self._details: dict[tuple[str, str, FailureKind], str] = {}
        self._running: dict[int, _Running] = {}
        self._tokens = itertools.count()
        self._suspended: dict[str, str] = {}

    @property
    def failures(self) -> tuple[HookFailure, ...]:
        """Everything that failed, by plugin and hook."""
        with self._lock:
            return tuple(
                HookFailure(*key, count, self._details.get(key, "")) for key, count in sorted(self._counts.items())
            )

    @property
    def suspended(self) -> Mapping[str, str]:
        """Plugins that are no longer asked, with the hook that was slow three times."""
        with self._lock:
            return dict(self._suspended)

    def forget(self, plugin: str) -> None:
        """Drop what is remembered of a plugin."""
        with self._lock:
            self._suspended.pop(plugin, None)
            for key in [key for key in self._counts if key[0] == plugin]:
                del self._counts[key]
                self._details.pop(key, None)

    def ask(
        self,
        plugin: str,
        hook: str,
        answer: Answer,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        *,
        strict: bool | None = None,
    ) -> Any:
        """Run one implementation and return its checked answer, or ``LEFT_OUT``; ``strict`` overrides the guard's own.

        Raises:
            HookFailed: it failed, in strict mode.
            DecisionUnavailable: it failed or is suspended, and the hook decides rights or money.
        """
        self._suspend_hanging(plugin)
        if plugin in self._suspended:
            return self._without(plugin, hook, answer)
        # The core's own rooms only read to answer with one value: a savepoint would cost them more than the answer.
        reads_only = is_core(plugin) and answer.shape == "one"
        session = None if reads_only else arguments.get("session")
        try:
            with self._timed(plugin, hook, answer), _contained(session):
                return answer.check(function(**arguments))
        except BaseException as error:  # the plugin guard: SystemExit and friends end here
            if pressed_by_a_person(error):
                raise
            self._record(plugin, hook, _kind(error), error)
            if self.strict if strict is None else strict:
                raise HookFailed(f"plugin {plugin}: hook {hook}: {_first_line(error)}") from error
            return self._without(plugin, hook, answer)

    def _without(self, plugin: str, hook: str, answer: Answer) -> Any:
        if answer.decides:
            raise DecisionUnavailable(f"{plugin} cannot decide {hook} at the moment")
        return LEFT_OUT

    def _record(self, plugin: str, hook: str, kind: FailureKind, error: BaseException | None) -> None:
        key = (plugin, hook, kind)
        with self._lock:
            self._counts[key] += 1
            first = self._counts[key] == 1
            if error is not None:
                self._details[key] = _first_line(error)
        # Only the first failure says where: a hook that fails on every page must not fill the disk. Frames and the
        # type, never the text of the exception: it may hold what a citizen entered.
        where = _frames(error) if first and error is not None else None
        _log.error("hook_failed", plugin=plugin, hook=hook, kind=kind, error=type(error).__name__, where=where)

    @contextmanager
    def _timed(self, plugin: str, hook: str, answer: Answer) -> Iterator[None]:
        if answer.patience is None or is_core(plugin):
            yield
            return
        token = next(self._tokens)
        running = _Running(plugin, hook, self._clock(), answer.patience)
        self._running[token] = running
        try:
            yield
        finally:
            # Whoever takes the entry out counts it: this call, or the watch below while the call still hangs.
            if self._running.pop(token, None) is not None and self._overdue(running):
                self._count_slow(running)

    def _overdue(self, running: _Running) -> bool:
        return self._clock() - running.started > running.patience

    def _suspend_hanging(self, plugin: str) -> None:
        """Count calls of the plugin that have not returned in time, also those that never will."""
        if not self._running:
            return
        for token, running in list(self._running.items()):
            if running.plugin == plugin and self._overdue(running) and self._running.pop(token, None) is not None:
                self._count_slow(running)

    def _count_slow(self, running: _Running) -> None:
        self._record(running.plugin, running.hook, "slow", None)
        key: tuple[str, str, FailureKind] = (running.plugin, running.hook, "slow")
        with self._lock:
            self._details[key] = f"took more than {running.patience:g} s"
            # Strict mode runs under debuggers and on loaded machines: there it only warns.
            if self._counts[key] < SLOW_CALLS_BEFORE_SUSPENSION or self.strict or running.plugin in self._suspended:
                return
            self._suspended[running.plugin] = running.hook
        _log.error("plugin_suspended", plugin=running.plugin, hook=running.hook)


def is_core(name: str) -> bool:
    """Whether a registered name belongs to the framework: ``core`` or ``core.<room>``; no plugin may take these."""
    return name == "core" or name.startswith("core.")


@contextmanager
def _contained(session: Session | None) -> Iterator[None]:
    """Keep a database error inside one implementation: PostgreSQL refuses everything after one in a transaction.

    A writing unit gets a savepoint. A reading one has nothing to lose and starts a new transaction after a failure.
    """
    mode = getattr(session.info.get("unit"), "mode", None) if isinstance(session, Session) else None
    if session is None or mode is None:
        yield
    elif mode == "writing":
        with session.begin_nested():
            yield
    else:
        try:
            yield
        except BaseException:
            session.rollback()
            raise


def pressed_by_a_person(error: BaseException) -> bool:
    """Whether this is a real Ctrl-C: it arrives between two instructions, never at a ``raise`` statement."""
    if not isinstance(error, KeyboardInterrupt) or threading.current_thread() is not threading.main_thread():
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is None or trace.tb_frame.f_code.co_code[trace.tb_lasti] != _RAISE_STATEMENT


def _kind(error: BaseException) -> FailureKind:
    kinds: tuple[tuple[type[BaseException], FailureKind], ...] = (
        (Garbage, "garbage"),
        (RecursionError, "recursion"),
        (KeyboardInterrupt, "interrupt"),
        (Exception, "error"),
    )
    return next((kind for family, kind in kinds if isinstance(error, family)), "exit")


def _frames(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__, limit=-LOGGED_FRAMES)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _first_line(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception whose own __str__ is broken must not win
        text = ""
    return f"{type(error).__name__}: {text}".splitlines()[0].removesuffix(": ")[:300]
