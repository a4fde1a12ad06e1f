"""English: hearing, speech, phrases and written texts bundled as one `Language`."""

import re
from functools import cached_property

from dalpak.language.base import (
    PUNCTUATION,
    Asked,
    Completeness,
    HearingContext,
    Speech,
    Spoken,
    Understood,
    say,
)
from dalpak.language.en.completeness import completeness
from dalpak.language.en.guard import claims_booking, is_backchannel
from dalpak.language.en.hearing import understand
from dalpak.language.en.phrases import CONVERSATION
from dalpak.language.en.phrases_call import CALL
from dalpak.language.en.speech import EnglishSpeech, fragments, spelled
from dalpak.language.en.written import WRITTEN
from dalpak.language.neutral import Template

_CUT = re.compile(r"(\{\w+\}|[,.?!])")


class English:
    """`language.base.Language` for en-US."""

    code = "en"
    locale = "en-US"

    def __init__(self) -> None:
        self.speech: Speech = EnglishSpeech()

    @cached_property
    def _templates(self) -> dict[str, Template]:
        return {key: _template(text) for key, text in (CONVERSATION | CALL).items()}

    def understand(self, text: str, context: HearingContext) -> Understood:
        return understand(text, context)

    def phrase(self, key: str, /, **slots: Spoken) -> Spoken:
        filled = {
            name: say(*map(spelled, slot.leaves)) if slot.text else slot
            for name, slot in slots.items()
        }
        return self._templates[key].fill(filled)

    def written(self, key: str, /, **slots: str) -> str:
        return WRITTEN[key].format(**slots)

    def prompts(self) -> dict[str, Spoken]:
        found: dict[str, Spoken] = {}
        for key, made in self._templates.items():
            if made.slots:
                found |= {f"fragment/{leaf.text}": leaf for leaf in made.fixed}
            else:
                found[f"phrase/{key}"] = made.fill({})
        found |= {f"fragment/{leaf.text}": leaf for leaf in fragments()}
        return found

    def claims_booking(self, text: str) -> bool:
        return claims_booking(text)

    def is_backchannel(self, text: str) -> bool:
        return is_backchannel(text)

    def completeness(self, text: str, asked: Asked) -> Completeness:
        return completeness(text, asked)


def _template(text: str) -> Template:
    """Letters are their own pronunciation; only a pause is written the same in both."""
    pieces = [piece.strip() for piece in _CUT.split(text) if piece.strip()]
    return Template(tuple(Spoken(p, p if p in PUNCTUATION else None) for p in pieces))


ENGLISH = English()
