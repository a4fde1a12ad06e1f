"""The built-in messages of each language, by kind. Two lines add a language."""

from collections.abc import Mapping

from dalpak.language.en.message_templates import MESSAGES as ENGLISH
from dalpak.language.en.message_templates import SAMPLE as ENGLISH_SAMPLE
from dalpak.language.he.message_templates import MESSAGES as HEBREW
from dalpak.language.he.message_templates import SAMPLE as HEBREW_SAMPLE

MESSAGES: Mapping[str, Mapping[str, str]] = {"he": HEBREW, "en": ENGLISH}
SAMPLES: Mapping[str, Mapping[str, str]] = {"he": HEBREW_SAMPLE, "en": ENGLISH_SAMPLE}
"""Values that no business has before its first caller: for a preview."""


def built_in(language: str, kind: str) -> str:
    """The text under `kind`. KeyError names an unknown language or kind."""
    return MESSAGES[language][kind]
