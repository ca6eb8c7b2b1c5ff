"""Hooks: the questions that the framework asks its rooms and plugins, and calls that survive a bad answer."""

from egovframe.hooks.answers import Answer
from egovframe.hooks.guard import DecisionUnavailable, HookFailed, HookFailure, pressed_by_a_person
from egovframe.hooks.manager import HookError, Hooks, HookSpec
from egovframe.hooks.retention import Obstacle, Retention
from egovframe.hooks.specs import hookimpl
from egovframe.hooks.values import (
    CaseDetails,
    CommandCity,
    DemoContext,
    MenuGroup,
    NavItem,
    Permission,
    Recipient,
    RoleTemplate,
    Schedule,
    SearchHit,
    Section,
    Tile,
)

__all__ = [
    "Answer",
    "CaseDetails",
    "CommandCity",
    "DecisionUnavailable",
    "DemoContext",
    "HookError",
    "HookFailed",
    "HookFailure",
    "HookSpec",
    "Hooks",
    "MenuGroup",
    "NavItem",
    "Obstacle",
    "Permission",
    "Recipient",
    "Retention",
    "RoleTemplate",
    "Schedule",
    "SearchHit",
    "Section",
    "Tile",
    "hookimpl",
    "pressed_by_a_person",
]
