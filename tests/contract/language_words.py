"""What the language contract needs to know of each language: callers' words, and a small business.

A new language adds one row to WORDS. The sentences are ordinary ones; what is unusual in a language
is tested beside it.
"""

import re
from dataclasses import dataclass
from importlib import import_module

from dalpak.language.base import Intent, Spoken


@dataclass(frozen=True)
class Words:
    """Sentences of callers, by what they mean; `{}` takes a slot."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    unsure: tuple[str, ...]
    wait: tuple[str, ...]
    yes_and_goodbye: tuple[str, ...]
    kind_goodbyes: tuple[str, ...]
    """A kind word and a goodbye: politeness, and no consent to anything."""
    hums: tuple[str, ...]
    not_hums: tuple[str, ...]
    first: str
    second: str
    last: str
    my_name: str
    name: str
    other_name: str
    no_but: str
    """Refuses what was offered, and names another hour."""
    not_day: str
    own_number: str
    earliest: str
    says_nothing: tuple[str, ...]
    """Sentences without any day or hour, however much some of their words look like one."""
    claims: tuple[str, ...]
    harmless: tuple[str, ...]
    intents: dict[Intent, str]
    business: str
    service: str
    service_alias: str
    staff: str
    dialogue: tuple[str, ...]
    """A whole booking of `service`, the day after tomorrow at half past three in the afternoon."""


WORDS: dict[str, Words] = {
    "he": Words(
        yes=("כן", "כן בבקשה", "בסדר", "מתאים לי", "בטח", "סבבה"),
        no=("לא", "לא תודה", "לא מתאים לי", "ממש לא"),
        unsure=("לא יודע", "אולי", "אני לא בטוחה"),
        wait=("רגע", "שנייה", "רגע אני בודקת"),
        yes_and_goodbye=("כן תודה ביי", "בטח, יום טוב"),
        kind_goodbyes=("טוב נדבר ביי", "מעולה תודה ביי", "סבבה פעם אחרת", "אין בעיה, אני אסתדר"),
        hums=("אהה", "כן כן", "אוקיי", "ממממ"),
        not_hums=("לא", "רגע", "מחר בשלוש", "אני רוצה לקבוע תור"),
        first="הראשון",
        second="השני",
        last="האחרון",
        my_name="קוראים לי {}",
        name="דנה כהן",
        other_name="יוסי לוי",
        no_but="לא, {}",
        not_day="לא {}",
        own_number="המספר שאני מתקשר ממנו",
        earliest="הכי מוקדם שאפשר",
        says_nothing=("בוקר טוב", "רגע אחד", "אני גר בבאר שבע", "תודה רבה"),
        claims=("קבעתי לך תור", "התור שלך נקבע", "ביטלתי את התור", "התור הועבר"),
        harmless=("לקבוע תור?", "לא קבעתי כלום", "איזה יום נוח לכם?"),
        intents={
            Intent.BOOK: "אני רוצה לקבוע תור",
            Intent.CANCEL: "אני רוצה לבטל את התור",
            Intent.RESCHEDULE: "אפשר להזיז את התור שלי",
            Intent.QUERY_APPOINTMENT: "מתי התור שלי",
            Intent.QUERY_AVAILABILITY: "מה יש לכם פנוי",
            Intent.QUERY_HOURS: "מה שעות הפתיחה שלכם",
            Intent.QUERY_PRICE: "כמה זה עולה",
            Intent.QUERY_ADDRESS: "איפה אתם נמצאים",
            Intent.REQUEST_OTHER_TIME: "יש משהו אחר",
            Intent.HUMAN: "אפשר לדבר עם נציג",
            Intent.CALLBACK: "תחזרו אליי בבקשה",
            Intent.WAITLIST: "תכניסו אותי לרשימת המתנה",
            Intent.REPEAT: "מה אמרת",
            Intent.GOODBYE: "תודה וביי",
            Intent.WRONG_NUMBER: "טעות במספר",
        },
        business="סטודיו לירון",
        service="תספורת",
        service_alias="להסתפר",
        staff="מיכל",
        dialogue=(
            "שלום, אני רוצה לקבוע תספורת",
            "מחרתיים בשלוש וחצי אחר הצהריים",
            "דנה כהן",
            "אפס חמש ארבע שתיים שלוש ארבע חמש שש שבע שמונה",
            "כן",
            "לא תודה",
        ),
    ),
    "en": Words(
        yes=("yes", "yes please", "okay", "that works for me", "sure", "sounds good"),
        no=("no", "no thanks", "that doesn't work for me", "not really"),
        unsure=("I don't know", "maybe", "I'm not sure"),
        wait=("one moment", "hold on", "wait, let me check"),
        yes_and_goodbye=("yes, thanks, bye", "sure, have a nice day"),
        kind_goodbyes=(
            "fine, talk later, bye",
            "great, bye",
            "okay, never mind",
            "fine, I'll manage",
        ),
        hums=("uh huh", "yes yes", "okay", "mmmm"),
        not_hums=("no", "wait", "tomorrow at three", "I want an appointment"),
        first="the first one",
        second="the second",
        last="the last one",
        my_name="my name is {}",
        name="Dana Cohen",
        other_name="Joe Levy",
        no_but="no, {}",
        not_day="not {}",
        own_number="the number I'm calling from",
        earliest="as soon as possible",
        says_nothing=("good morning", "one moment", "may I ask something", "thank you very much"),
        claims=(
            "I booked you an appointment",
            "Your appointment is set",
            "I cancelled the appointment",
            "The appointment has been moved",
        ),
        harmless=("Shall I book it?", "I have not booked anything", "Which day suits you?"),
        intents={
            Intent.BOOK: "I'd like to book an appointment",
            Intent.CANCEL: "I want to cancel my appointment",
            Intent.RESCHEDULE: "can I move my appointment",
            Intent.QUERY_APPOINTMENT: "when is my appointment",
            Intent.QUERY_AVAILABILITY: "what do you have available",
            Intent.QUERY_HOURS: "what are your opening hours",
            Intent.QUERY_PRICE: "how much does it cost",
            Intent.QUERY_ADDRESS: "where are you",
            Intent.REQUEST_OTHER_TIME: "do you have another time",
            Intent.HUMAN: "can I speak to a person",
            Intent.CALLBACK: "please call me back",
            Intent.WAITLIST: "put me on the waiting list",
            Intent.REPEAT: "what did you say",
            Intent.GOODBYE: "thanks, bye",
            Intent.WRONG_NUMBER: "sorry, wrong number",
        },
        business="Studio Liron",
        service="haircut",
        service_alias="a trim",
        staff="Michelle",
        dialogue=(
            "hello, I'd like a haircut",
            "the day after tomorrow at half past three in the afternoon",
            "Dana Cohen",
            "oh five four two three four five six seven eight",
            "yes",
            "no thank you",
        ),
    ),
}

_SLOT = re.compile(r"\{(\w+)\}")


def phrases_of(code: str) -> dict[str, str]:
    """Every phrase by key, as its table has it: the text, or text and pronunciation."""
    home = f"dalpak.language.{code}"
    tables = (
        import_module(f"{home}.phrases").CONVERSATION,
        import_module(f"{home}.phrases_call").CALL,
    )
    return {
        key: value if isinstance(value, str) else value[0]
        for table in tables
        for key, value in table.items()
    }


def written_of(code: str) -> dict[str, str]:
    return dict(import_module(f"dalpak.language.{code}.written").WRITTEN)


def slots_of(template: str) -> tuple[str, ...]:
    """Names of the slots, each as often as it stands there, in alphabetical order."""
    return tuple(sorted(_SLOT.findall(template)))


def has_digit(spoken: Spoken) -> bool:
    return any(c.isdigit() for c in spoken.text + (spoken.ipa or ""))
