"""Names, with and without a carrier phrase, and what only looks like one."""

import pytest
from hearing_cases import hear
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.base import Asked

pytestmark = pytest.mark.unit

FIRST = "דנה יוסי רונית שני מאי אביב נועה משה ליאור יעל אורי טל חן מוחמד סיוון אדר".split()
LAST = ["כהן", "לוי", "מזרחי", "אזולאי", "בן דוד", "אבו חמד", "שבת", "פרץ", "בר לב"]


@given(
    first=st.sampled_from(FIRST),
    last=st.sampled_from(["", *LAST]),
    carrier=st.sampled_from(
        ["", "קוראים לי ", "שמי ", "השם שלי ", "השם הוא ", "אני ", "זה ", "על שם "]
    ),
    lead=st.sampled_from(["", "אה ", "כן ", "שלום "]),
    tail=st.sampled_from(["", " בבקשה", " תודה"]),
)
def test_any_name_in_any_frame(first: str, last: str, carrier: str, lead: str, tail: str) -> None:
    name = f"{first} {last}".strip()
    heard = hear(f"{lead}{carrier}{name}{tail}", Asked.NAME)
    assert heard.name == name
    assert not heard.says_when


@pytest.mark.parametrize(
    "text",
    [
        "לא רוצה להגיד",
        "למה אתם צריכים שם",
        "רגע",
        "מה",
        "לא משנה",
        "אני רוצה תור מחר בשלוש",
        "",
        "052",
    ],
)
def test_no_name_is_invented(text: str) -> None:
    assert hear(text, Asked.NAME).name is None


def test_name_in_other_talk_needs_a_carrier() -> None:
    assert hear("דנה כהן").name is None
    assert hear("שלום זה אבי ואני רוצה תור").name == "אבי"
    assert hear("זה דחוף אני רוצה תור").name is None


def test_change_of_mind_instead_of_a_name() -> None:
    heard = hear("בעצם אפשר מחר בעשר", Asked.NAME)
    assert heard.name is None
    assert heard.when_date is not None


@pytest.mark.parametrize(
    ("text", "name"),
    [("לא דנה דינה", "דינה"), ("דנה סליחה דינה", "דינה"), ("קוראים לי יוסי לא יואב", "יואב")],
)
def test_corrected_name(text: str, name: str) -> None:
    assert hear(text, Asked.NAME).name == name
