"""Reference numbers catch slips of the pen; tracking codes forgive how they were typed."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from egovframe.core.modules.cases import normal_reference, normal_tracking_code
from egovframe.core.modules.cases.references import ALPHABET, check_digit, make_reference, new_tracking_code

PATTERN = "C-{year}-{number:06}-{check}"
references = st.builds(
    make_reference, st.just(PATTERN), st.integers(min_value=2000, max_value=2999), st.integers(1, 9_999_999)
)


def test_the_published_example_of_the_check_digit() -> None:
    assert check_digit("572") == "4"  # Damm's own example


def test_a_reference_reads_as_designed() -> None:
    assert make_reference(PATTERN, 2026, 4812) == "C-2026-004812-3"
    assert make_reference(PATTERN, 2026, 1_234_567).startswith("C-2026-1234567-")


@given(references, st.data())
def test_one_wrong_digit_is_always_noticed(reference: str, data: st.DataObject) -> None:
    places = [i for i, sign in enumerate(reference) if sign.isdigit()]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != reference[place]]))
    assert normal_reference(reference[:place] + other + reference[place + 1 :]) is None


@given(references)
def test_swapped_neighbours_are_always_noticed(reference: str) -> None:
    places = [i for i, sign in enumerate(reference) if sign.isdigit()]
    for a, b in itertools.pairwise(places):
        signs = list(reference)
        signs[a], signs[b] = signs[b], signs[a]
        if signs[a] != signs[b]:
            assert normal_reference("".join(signs)) is None


@given(references)
def test_dashes_spaces_and_case_do_not_matter(reference: str) -> None:
    assert normal_reference(f"  {reference.lower().replace('-', ' ')} ") == reference
    assert normal_reference(reference.replace("-", "–")) == reference


@given(st.text(max_size=80))
def test_any_text_is_answered(text: str) -> None:
    found = normal_reference(text)
    assert found is None or normal_reference(found) == found
    code = normal_tracking_code(text)
    assert code is None or (len(code) == 16 and set(code) <= set(ALPHABET))


def test_tracking_codes_are_grouped_and_differ() -> None:
    codes = {new_tracking_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(part) == 4 for code in codes for part in code.split("-"))


@given(st.lists(st.sampled_from("0O1ILabcxyz"), min_size=16, max_size=16))
def test_look_alikes_are_read_as_what_they_look_like(signs: list[str]) -> None:
    typed = "".join(signs)
    plain = typed.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    assert normal_tracking_code(f"{typed[:4]} {typed[4:8]}-{typed[8:]}") == plain
