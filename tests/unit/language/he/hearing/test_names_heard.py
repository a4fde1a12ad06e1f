"""Names, with and without a carrier phrase, and what only looks like one."""

import pytest
from hearing_cases import DEV, OWN, cases, context, hear
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.base import Answer, Asked, Intent, Named
from dalpak.language.he.hearing import understand
from dalpak.language.he.hearing.given_names import GIVEN_NAMES

pytestmark = pytest.mark.unit

FIRST = "דנה יוסי רונית שני מאי אביב נועה משה ליאור יעל אורי טל חן מוחמד סיוון אדר".split()
LAST = ["כהן", "לוי", "מזרחי", "אזולאי", "בן דוד", "אבו חמד", "שבת", "פרץ", "בר לב"]
STAFF = (Named("tamar", "תמר", ("תמי",)), Named("yossi", "יוסי"))
WISHES = [
    (case["text"], case["expect"]["intent"])
    for file in (DEV, OWN)
    for case in cases(file)
    if not case.get("context") and case["expect"].get("intent") in {str(i) for i in Intent}
    if "name" not in case["expect"]
]


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


@pytest.mark.parametrize("asked", [Asked.NAME, Asked.PHONE])
@pytest.mark.parametrize(("text", "intent"), WISHES)
def test_a_wish_is_the_same_wish_when_a_name_was_asked(
    text: str, intent: str, asked: Asked
) -> None:
    heard = hear(text, asked)
    assert heard.intent == intent
    assert heard.name is None


@given(
    first=st.sampled_from(sorted(GIVEN_NAMES)),
    last=st.sampled_from(LAST),
    asked=st.sampled_from([a for a in Asked if a not in (Asked.NOTHING, Asked.NAME)]),
    noise=st.sampled_from(["{}", "{} בבקשה", "אני {}", "לא {}", "סליחה {}"]),
)
def test_a_plain_full_name_is_welcome_whatever_was_asked(
    first: str, last: str, asked: Asked, noise: str
) -> None:
    assert hear(noise.format(f"{first} {last}"), asked).name == f"{first} {last}"


@given(
    first=st.sampled_from(sorted(GIVEN_NAMES)),
    frame=st.sampled_from(["{}", "אני {}", "זה {}", "על שם {}", "תרשמי {} בבקשה", "{} תודה רבה"]),
)
def test_a_known_first_name_is_no_time_and_no_wish(first: str, frame: str) -> None:
    heard = hear(frame.format(first), Asked.NAME)
    assert (heard.name, heard.intent, heard.says_when) == (first, None, False)


@pytest.mark.parametrize("asked", list(Asked))
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("לא השם הוא יוסי", "יוסי"),
        ("לא על שם תמר אברהם", "תמר אברהם"),
        ("השם לא נכון קוראים לי תמר", "תמר"),
    ],
)
def test_words_that_lead_to_a_name_beat_the_staff(text: str, name: str, asked: Asked) -> None:
    heard = understand(text, context(asked, staff=STAFF))
    assert heard.name == name
    assert heard.staff_id is None
    if asked is Asked.YES_NO:
        assert heard.answer is Answer.DENY


@pytest.mark.parametrize("asked", list(Asked))
@pytest.mark.parametrize("text", ["אפשר לדבר עם תמר", "אני רוצה לדבר עם יוסי"])
def test_talking_to_one_of_the_staff_is_talking_to_a_person(text: str, asked: Asked) -> None:
    heard = understand(text, context(asked, staff=STAFF))
    assert heard.intent is Intent.HUMAN
    assert heard.staff_id in {"tamar", "yossi"}
    assert heard.name is None


def test_a_yes_stays_beside_one_more_appointment() -> None:
    heard = hear("כן תור נוסף בבקשה", Asked.YES_NO)
    assert (heard.answer, heard.intent, heard.corrects) == (Answer.AFFIRM, Intent.BOOK, False)
