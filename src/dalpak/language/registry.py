"""The languages there are. One line adds one."""

from dalpak.language.base import Language
from dalpak.language.en import ENGLISH
from dalpak.language.he import HEBREW

LANGUAGES: dict[str, Language] = {
    "he": HEBREW,
    "en": ENGLISH,
}


def language(code: str) -> Language:
    """By the code in the business's row. KeyError names a code that is not registered."""
    return LANGUAGES[code]
