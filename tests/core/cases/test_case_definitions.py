"""Case types as data: what is accepted, and that every problem is said at once."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from egovframe.core.modules.cases import (
    CaseTypeError,
    diagram,
    load_definition,
    parse_definition,
    read_definitions,
    transition_table,
)

PERMIT = Path(__file__).with_name("permit.toml")


@pytest.fixture
def raw() -> dict[str, Any]:
    return tomllib.loads(PERMIT.read_text())


def test_the_test_type_is_read() -> None:
    permit = load_definition(PERMIT)
    assert permit.code == "permit"
    assert permit.states["asking"].kind == "waiting"
    reject = permit.transition("reject", "working")
    assert reject is not None
    assert [asked.name for asked in reject.fields] == ["remedy"]
    assert permit.transition("reject", "received") is None
    assert [step.level for step in permit.escalations] == [1, 2, 3]


def test_every_title_is_a_message_for_the_catalogue() -> None:
    assert {"Permit", "Received", "Taken", "What you can do against it"} <= set(load_definition(PERMIT).messages())


def test_all_problems_of_meaning_come_at_once(raw: dict[str, Any]) -> None:
    raw["start"] = "nowhere"
    raw["transitions"][0]["to"] = "elsewhere"
    raw["automatic"].append({"action": "answer", "state": "working", "after_hours": 1})
    with pytest.raises(CaseTypeError) as refused:
        parse_definition(raw)
    text = "\n".join(refused.value.problems)
    assert "'nowhere'" in text
    assert "'elsewhere'" in text
    assert "automatic" in text


def test_all_problems_of_shape_come_at_once(raw: dict[str, Any]) -> None:
    raw["reference"] = "C-{number}"
    raw["states"]["working"]["kind"] = "lost"
    raw["transitions"][1]["fields"][0]["type"] = "colour"
    raw["transitions"][2]["surprise"] = 1
    with pytest.raises(CaseTypeError) as refused:
        parse_definition(raw)
    text = "\n".join(refused.value.problems)
    for part in ("reference", "states.working", "transitions.1.fields.0.type", "transitions.2.surprise"):
        assert part in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw["states"].update(island={"title": "Island", "kind": "open"}), "'island' can never be reached"),
        (lambda raw: raw["transitions"][0].update(effect="take", by=["reporter"]), "only staff can take"),
        (lambda raw: raw["transitions"][1].update(fields=[]), "passing on needs a field"),
        (lambda raw: raw["transitions"].append(raw["transitions"][0]), "a second 'take'"),
        (lambda raw: raw["escalation"][1].update(level=1), "each level may be named once"),
        (lambda raw: raw["transitions"][0].update(by=[]), "nobody may do it"),
        (lambda raw: raw["states"]["asking"].update(hours=1), "'asking' cannot have hours"),
        (lambda raw: raw["transitions"][1]["fields"][0].update(name="text"), "call the field something else"),
        (lambda raw: raw.update(start="asking"), "must be an open state"),
        (lambda raw: raw["transitions"][1]["fields"].append(raw["transitions"][1]["fields"][0]), "the same name"),
        (lambda raw: raw["automatic"][0].update(action="note"), "that the system may take"),
    ],
)
def test_each_rule_of_meaning(raw: dict[str, Any], change: Any, said: str) -> None:
    parse_definition(copy.deepcopy(raw))
    change(raw)
    with pytest.raises(CaseTypeError, match=said):
        parse_definition(raw)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("code = ")
    with pytest.raises(CaseTypeError, match=r"broken\.toml"):
        load_definition(broken)
    with pytest.raises(CaseTypeError, match="missing"):
        load_definition(tmp_path / "missing.toml")


def test_problems_of_several_files_come_together(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text('code = "x"')
    with pytest.raises(CaseTypeError) as refused:
        read_definitions([tmp_path / "one.toml", tmp_path / "two.toml"])
    assert {problem.split(":")[0] for problem in refused.value.problems} == {"one.toml", "two.toml"}
    with pytest.raises(CaseTypeError, match="share the code permit"):
        read_definitions([PERMIT, PERMIT])


def test_diagram_and_table_show_every_state_and_action() -> None:
    permit = load_definition(PERMIT)
    drawn = str(diagram(permit))
    assert all(state.title in drawn for state in permit.states.values())
    assert [row.action for row in transition_table(permit)] == [move.title for move in permit.transitions]
    assert "<script" not in drawn


def test_titles_are_escaped_in_the_diagram(raw: dict[str, Any]) -> None:
    raw["states"]["working"]["title"] = "<script>alert(1)</script>"
    drawn = str(diagram(parse_definition(raw)))
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn
