"""The answer in a wish for just what the open question proposes ("cancel it, yes or no?" - "cancel it").

Knows no words; which wish it is, is read elsewhere.
"""

from dataclasses import replace

from dalpak.language.base import Answer, Understood


def as_proposed(said: Understood, *, no_is_spent: bool) -> Understood:
    """What was said beside a wish for just what the open question proposes; the wish alone is a yes,
    though one that a lost "no" would turn."""
    alone = said.answer is None and not said.corrects and not said.needs_clarification
    if not alone or no_is_spent:
        return said
    return replace(said, answer=Answer.AFFIRM, hangs_on_no=True)
