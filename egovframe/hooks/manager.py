"""The hooks of one application: who implements what, and asking them one by one."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pluggy

from egovframe.hooks import specs as core_specs
from egovframe.hooks.answers import ATTRIBUTE, Answer
from egovframe.hooks.guard import LEFT_OUT, Guard, HookFailure, is_core

_Implementation = tuple[str, Callable[..., Any], tuple[str, ...]]
"""Plugin, function, and the arguments it takes."""


class HookError(ValueError):
    """A plugin's hook implementations cannot be registered; the message names the hook and what to do."""


@dataclass(frozen=True, slots=True)
class HookSpec:
    """What is known about a hook: its name, arguments, answer, the version that brought it, who asks, its docstring."""

    name: str
    arguments: tuple[str, ...]
    answer: Answer
    since: str
    asked_by: str
    doc: str


class Hooks:
    """Registers modules with hook implementations and asks them, core first, then plugins in the order registered.

    Args:
        strict: a failing implementation raises HookFailed; otherwise it is recorded and left out.
        specs: the module of hook specifications; another one only in tests.
        clock: seconds that only go forward, for the watch over slow hooks.
    """

    def __init__(
        self, *, strict: bool = True, specs: ModuleType = core_specs, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.guard = Guard(strict=strict, clock=clock)
        self._manager = pluggy.PluginManager(core_specs.PROJECT)
        self._manager.add_hookspecs(specs)
        self._specs = _read_specs(self._manager, specs)
        self._order: dict[str, tuple[bool, int]] = {}
        self._registered = 0
        self._sorted: dict[str, tuple[_Implementation, ...]] = {}

    @property
    def specs(self) -> tuple[HookSpec, ...]:
        """Every hook, by name."""
        return tuple(self._specs[name] for name in sorted(self._specs))

    @property
    def names(self) -> tuple[str, ...]:
        """What is registered, in the order of asking."""
        return tuple(sorted(self._order, key=lambda name: self._order[name]))

    @property
    def failures(self) -> tuple[HookFailure, ...]:
        """Hook failures since the start of the process."""
        return self.guard.failures

    @property
    def suspended(self) -> Mapping[str, str]:
        """Plugins the watch has taken out, with the slow hook."""
        return self.guard.suspended

    def register(self, name: str, module: object) -> None:
        """Register the implementations in a module; ``core.<room>`` names come before plugins.

        Raises:
            HookError: the name is taken, or a hook is misspelt, takes unknown arguments, or is a wrapper. Nothing
                stays registered then.
        """
        if name in self._order:
            raise HookError(f"the name {name} is already registered")
        try:
            self._manager.register(module, name=name)
        except (pluggy.PluginValidationError, ValueError) as error:
            self._discard(module)
            raise HookError(" ".join(str(error).split())) from error
        problems = self._problems(module)
        if problems:
            self._discard(module)
            raise HookError("; ".join(problems))
        self._order[name] = (not is_core(name), self._registered)
        self._registered += 1
        self._sorted = {}

    def unregister(self, name: str) -> None:
        """Take a plugin out; unknown names are ignored."""
        if self._order.pop(name, None) is not None:
            self._manager.unregister(name=name)
            self._sorted = {}
            self.guard.forget(name)

    def call(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        """Ask everybody; return (plugin, checked answer) pairs. Failing implementations are left out or raise."""
        spec = self._specs[hook]
        if set(arguments) != set(spec.arguments):
            raise TypeError(f"{hook} takes {', '.join(spec.arguments) or 'no arguments'}")
        answers = []
        for name, function, wanted in self._implementations(hook):
            given = {argument: arguments[argument] for argument in wanted}
            answer = self.guard.ask(name, hook, spec.answer, function, given)
            if answer is not LEFT_OUT:
                answers.append((name, answer))
        return answers

    def collect(self, hook: str, **arguments: Any) -> list[Any]:
        """Ask everybody; return the items of list answers in one list, or the single answers that are not None."""
        shape = self._specs[hook].answer.shape
        answers = [answer for _name, answer in self.call(hook, **arguments) if answer is not None]
        return [item for answer in answers for item in answer] if shape == "many" else answers

    def ask(self, plugin: str, hook: str, **arguments: Any) -> Any:
        """Ask one plugin and forgive nothing; a plugin without the hook answers as if with nothing.

        Raises:
            HookFailed: the implementation failed, whatever the mode.
        """
        spec = self._specs[hook]
        for name, function, wanted in self._implementations(hook):
            if name == plugin:
                given = {argument: arguments[argument] for argument in wanted}
                return self.guard.ask(name, hook, spec.answer, function, given, strict=True)
        return spec.answer.check(None)

    def first(self, hook: str, **arguments: Any) -> Any:
        """Ask in order until somebody answers with something; return that, or None."""
        spec = self._specs[hook]
        for name, function, wanted in self._implementations(hook):
            given = {argument: arguments[argument] for argument in wanted}
            answer = self.guard.ask(name, hook, spec.answer, function, given)
            if answer is not LEFT_OUT and answer is not None:
                return answer
        return None

    def _implementations(self, hook: str) -> tuple[_Implementation, ...]:
        found = self._sorted.get(hook)
        if found is None:
            found = self._sorted[hook] = self._in_order(hook)
        return found

    def _in_order(self, hook: str) -> tuple[_Implementation, ...]:
        found = [
            (implementation.plugin_name, implementation.function, tuple(implementation.argnames))
            for implementation in getattr(self._manager.hook, hook).get_hookimpls()
        ]
        return tuple(sorted(found, key=lambda item: self._order[item[0]]))

    def _problems(self, module: object) -> list[str]:
        problems = []
        for caller in self._manager.get_hookcallers(module) or ():
            mine = [item for item in caller.get_hookimpls() if item.plugin is module]
            if any(item.hookwrapper or item.wrapper for item in mine):
                problems.append(f"{caller.name}: hook wrappers are not supported, answer the hook plainly")
            if caller.name not in self._specs and not all(item.optionalhook for item in mine):
                near = difflib.get_close_matches(caller.name, self._specs, n=1)
                problems.append(f"there is no hook {caller.name}" + (f": did you mean {near[0]}?" if near else ""))
        return problems

    def _discard(self, module: object) -> None:
        if self._manager.is_registered(module):
            self._manager.unregister(module)


def _read_specs(manager: pluggy.PluginManager, module: ModuleType) -> dict[str, HookSpec]:
    specs = {}
    for name, function in vars(module).items():
        if manager.parse_hookspec_opts(module, name) is None:
            continue
        answer, since, asked_by = getattr(function, ATTRIBUTE)
        caller = getattr(manager.hook, name)
        specs[name] = HookSpec(name, tuple(caller.spec.argnames), answer, since, asked_by, function.__doc__ or "")
    return specs
