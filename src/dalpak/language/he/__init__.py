"""Hebrew: hearing, speech, phrases and written texts bundled as one `Language`."""

from functools import cached_property

from dalpak.language.base import (
    Asked,
    Completeness,
    HearingContext,
    Speech,
    Spoken,
    Understood,
    say,
)
from dalpak.language.he.completeness import completeness
from dalpak.language.he.guard import claims_booking, is_backchannel
from dalpak.language.he.hearing import understand
from dalpak.language.he.phrases import CONVERSATION
from dalpak.language.he.phrases_call import CALL
from dalpak.language.he.speech import HebrewSpeech, fragments, spelled
from dalpak.language.he.templates import Template, template
from dalpak.language.he.written import WRITTEN


class Hebrew:
    """`language.base.Language` for he-IL."""

    code = "he"
    locale = "he-IL"

    def __init__(self) -> None:
        self.speech: Speech = HebrewSpeech()

    @cached_property
    def _templates(self) -> dict[str, Template]:
        return {key: template(*pair) for key, pair in (CONVERSATION | CALL).items()}

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


HEBREW = Hebrew()
