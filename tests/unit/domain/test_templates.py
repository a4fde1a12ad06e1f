"""Texts that a business may edit: what is refused, with the field named, and what is filled in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.domain.templates import KINDS, MAX_TEXT, check, fill, values_in_order
from dalpak.errors import PolicyError
from dalpak.language.messages import MESSAGES, SAMPLES, built_in
from dalpak.language.registry import LANGUAGES

pytestmark = pytest.mark.unit

VALUES = st.fixed_dictionaries(
    {}, optional={n: st.text(max_size=30) for n in KINDS["reminder"].placeholders}
)


@pytest.mark.parametrize("code", sorted(LANGUAGES))
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_language_has_every_message_and_it_is_a_good_one(code: str, kind: str) -> None:
    assert set(MESSAGES) == set(SAMPLES) == set(LANGUAGES)
    assert set(MESSAGES[code]) == set(KINDS)
    assert check(built_in(code, kind), kind, "text")


@pytest.mark.parametrize("code", sorted(LANGUAGES))
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_message_reads_well_with_everything_and_with_the_least(code: str, kind: str) -> None:
    spec = KINDS[kind]
    may_be_empty = {"staff", "address", "link", *(() if kind == "lead_notice" else ("name",))}
    for names in (spec.placeholders, set(spec.placeholders) - may_be_empty):
        text = fill(built_in(code, kind), {name: f"<{name}>" for name in names})
        assert all(f"<{name}>" in text for name in spec.required)
        assert not set("{}[]") & set(text)
        assert "  " not in text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{date} {time} {tme}", "{tme}"),
        ("{date} {time} {summary}", "{summary}"),
        ("{date} {time} {name!r}", "{name!r}"),
        ("{date} {time} {name.x}", "{name.x}"),
        ("{date} {time} {}", "{}"),
        ("{date} {time} {", "{"),
        ("{date} {time} ]", "]"),
        ("{date} {time} [a [b]]", "["),
        ("{date} {time} [a", "["),
        ("only {date}", "only {date}"),
        ("{date} [{time}]", "{date} [{time}]"),
        ("", ""),
        ("   ", "   "),
        ("{date} {time}" + "x" * MAX_TEXT, "{date} {time}" + "x" * MAX_TEXT),
    ],
)
def test_a_bad_text_is_refused_with_what_is_wrong(text: str, value: str) -> None:
    with pytest.raises(PolicyError) as refused:
        check(text, "reminder", "he.reminder")
    assert (refused.value.field, refused.value.value) == ("he.reminder", value)


@given(st.text(alphabet="{}[]ab _.!:", max_size=40), VALUES)
def test_a_text_that_is_accepted_can_be_filled(text: str, values: dict[str, str]) -> None:
    try:
        check(f"{{date}}{{time}}{text}", "reminder", "text")
    except PolicyError:
        return
    fill(f"{{date}}{{time}}{text}", values)


@given(VALUES)
def test_values_are_data(values: dict[str, str]) -> None:
    hostile = {name: f"{{{name}}}[{value}]" for name, value in values.items()}
    text = fill("{date}|{time}|[{name}]", hostile)
    parts = (hostile.get("date", ""), hostile.get("time", ""), hostile.get("name", ""))
    assert text == "|".join(parts).strip()


def test_what_has_no_value_is_left_out_with_its_words() -> None:
    text = "{date}[ with {staff}][ at {address}]"
    assert fill(text, {"date": "D", "staff": "S", "address": ""}) == "D with S"


def test_values_in_the_order_of_the_providers_template() -> None:
    assert values_in_order("lead_notice", {"text": "t", "name": "n"}) == ("n", "", "t")
    assert values_in_order("an answer to a reply", {"text": "t"}) == ()
