"""A simulated caller: knows its goal and what it was told, and answers what it was asked.

It checks every read-back as a person would, corrects what is wrong, says yes only to what it wants,
and loses patience in the end. It sees no state of the front desk and no tool.
"""

from datetime import date, datetime
from random import Random

from dalpak.language.he.evals_hearing import clock_in, phone_of
from dalpak.language.he.evals_talk import Voice
from dalpak.simulator.evals.acts import Act, Consent, HangUp, Ledger, Press, Quiet, Say
from dalpak.simulator.evals.errand import Errand
from dalpak.simulator.evals.goals import Goal, Opening, Question, Twist, When, Wish
from dalpak.simulator.evals.listening import Heard, ReadBack
from dalpak.simulator.evals.noise import sounds

TURNS_MAX = 20
SAME_WORDS_MAX = 4
"""Told the same so often in a row, anybody hangs up."""


_PURPOSES = (Opening.HUMAN, Opening.MESSAGE, Opening.CANCEL, Opening.WRONG_NUMBER)
"""Calls that are not for an appointment: the first sentence says it all."""


class Caller:
    def __init__(self, goal: Goal, rng: Random) -> None:
        self.goal, self._rng = goal, rng
        self.ledger = Ledger()
        self._voice = Voice(rng, goal.now.date())
        self._twists = list(goal.twists)
        self._errand = Errand(goal, rng)
        self._question: Question | None = None
        self._same = 0
        self._opened = False
        self._refusals = 0
        self._leaving = False
        self._last = Heard()
        self._asks = 0
        """How often a person was asked for: who does not get one asks again."""
        self._wonders: Twist | None = None
        """A question that the caller has; asked again at the end if nobody answered it."""
        self._menu_day: date | None = None
        """The day chosen by key: the hours told after it are of that day."""
        self._read_back: ReadBack | None = None

    # -- one turn ----------------------------------------------------------------------------------

    def listen(self, heard: Heard) -> None:
        """Take note of what was told."""
        self.ledger.told |= heard.keys
        for _ in heard.booked:
            self.ledger.booked_after.append(self.ledger.turns)
            self._errand.next_visit()
        self._errand.refused = self._errand.refused or heard.refused
        self._read_back = heard.read_back or self._read_back

    def act(self, heard: Heard) -> Act:
        """Answer the last turn of the front desk."""
        self.listen(heard)
        asked = self._asked(heard)
        if self.goal.opening is Opening.SILENT:
            return Quiet()
        if self.ledger.turns >= TURNS_MAX or self._same >= SAME_WORDS_MAX:
            self.ledger.gave_up = True
            return HangUp()
        self.ledger.turns += 1
        if not self._opened:
            self._opened = True
            return self._open()
        twisted = self._twist(asked)
        return twisted if twisted is not None else self._answer(asked, heard)

    def _asked(self, heard: Heard) -> Question | None:
        asked = heard.question
        stands = asked in (None, Question.AGAIN)
        asked = self._question if stands else asked
        if stands or "confirm_again" in heard.keys:
            # What the question is about was told before.
            heard.offers = heard.offers or self._last.offers
            heard.read_back = heard.read_back or self._last.read_back
        same = [s.text for s in heard.sentences] == [s.text for s in self._last.sentences]
        self._same = self._same + 1 if same else 0
        self._last = heard
        self._question = asked
        return asked

    def _twist(self, asked: Question | None) -> Act | None:
        due = next((t for t in self._twists if t[0] is asked), None)
        if due is None:
            return None
        self._twists.remove(due)
        say = self._voice.line
        match due[1]:
            case Twist.CHANGE:
                before = self._errand.wish
                return self._change(before) if self._errand.next_wish() else None
            case Twist.PRICE | Twist.HOURS | Twist.ADDRESS as question:
                return self._ask(question)
            case Twist.HUMAN:
                return self._ask_for_a_person()
            case Twist.MESSAGE:
                return Say(say("message_wish"))
            case Twist.REPEAT | Twist.WAIT as pause:
                return Say(say(pause.value))
            case Twist.ABUSE | Twist.NONSENSE | Twist.UNSURE | Twist.INJECT as aside:
                self.ledger.provoked += 1
                return Say(say(aside.value))
            case Twist.SILENCE:
                return Quiet()
            case Twist.WRONG_KEYS:
                self.ledger.provoked += 1
                return Press(self.goal.phone[: self._rng.randrange(4, 9)] + "#")
            case Twist.CLEARED_KEYS:
                return Press(f"{self.goal.phone[:5]}*{self.goal.phone}#")
            case Twist.SPEAK_PHONE:
                return Say(self._voice.digits(self.goal.phone))
            case Twist.OTHER_PHONE:
                return Say(say("other_phone"))
            case Twist.PLAIN_NO:
                self._errand.next_wish()
                return Say(say("no"))
            case Twist.LEAVE:
                return self._leave()
            case Twist.HANG_UP:
                return HangUp()

    def _ask_for_a_person(self) -> Act:
        self._asks += 1
        if self._asks > self.goal.patience:
            return self._leave()
        return Say(self._voice.line("human"))

    def _ask(self, question: Twist) -> Act:
        self._wonders = question
        return Say(self._voice.line(question.value, service=self._errand.service))

    # -- the first sentence ------------------------------------------------------------------------

    def _open(self) -> Act:
        goal, say = self.goal, self._voice.line
        match goal.opening:
            case Opening.HELLO:
                return Say(say("hello"))
            case Opening.HUMAN | Opening.CANCEL | Opening.WRONG_NUMBER as other:
                return Say(say(other.value))
            case Opening.MESSAGE:
                return Say(say("message_wish"))
            case Opening.AVAILABILITY:
                assert self._errand.wish is not None
                return Say(say("availability", day=self._when(self._errand.wish.when)))
            case _:
                return Say(self._whole_opening(goal.opening))

    def _whole_opening(self, opening: Opening) -> str:
        visit, wish = self._errand.visit, self._errand.wish
        assert visit is not None
        assert wish is not None
        service = visit.service_said if opening is not Opening.INTENT else ""
        self._errand.service_told = bool(service)
        staff = self._errand.staff
        when = ""
        if opening in (Opening.WHEN, Opening.FULL, Opening.PRICE):
            when = self._when(wish.when)
        elif opening is Opening.SLIP:
            when = self._slip()
        name = self.goal.name if opening is Opening.FULL else ""
        text = self._voice.opening(service=service, when=when, name=name, staff=staff)
        if opening is Opening.PRICE:
            self._wonders = Twist.PRICE
            text += " " + self._voice.line("price", service="")
        return text

    def _slip(self) -> str:
        """Names the wish before last, and mends it in the same breath."""
        assert self._errand.wish is not None
        wrong = self._when(self._errand.wish.when)
        before = self._errand.wish.when
        self._errand.next_wish()
        right = self._when(self._errand.difference(before, self._errand.wish.when))
        return self._voice.line("slip", wrong=wrong, right=right)

    # -- answers -----------------------------------------------------------------------------------

    def _answer(self, asked: Question | None, heard: Heard) -> Act:
        say, goal = self._voice.line, self.goal
        if self._leaving:
            return HangUp()
        if self._asks:
            return self._ask_for_a_person()
        match asked:
            case Question.NAME if self._is_wrong(heard):
                return self._mend()
            case Question.NAME if heard.service and heard.service != self._errand.listed_service:
                return Say(say("not_service", service=self._errand.service))
            case Question.NAME if heard.service and self._misses_staff(heard):
                return Say(say("with_staff", staff=self._errand.staff))
            case Question.NAME:
                return Say(self._voice.halting(say("name", name=goal.name)))
            case Question.CALLER_PHONE:
                other = any(t is Twist.OTHER_PHONE for _, t in goal.twists)
                return Say(say("other_phone" if other else "own_phone"))
            case Question.PHONE | Question.CALLBACK:
                return Press(f"{goal.phone}#")
            case Question.CONFIRM:
                return self._confirm(heard.read_back, by_key="keypad_confirm_again" in heard.keys)
            case Question.CHANGE:
                return self._say_what_is_wrong()
            case Question.MORE:
                return self._more()
            case Question.MESSAGE:
                return Say(goal.message or say("bye"))
            case Question.OFFER_MESSAGE if goal.message:
                return Say(say("yes"))
            case Question.SERVICE:
                self._errand.service_told = True
                return Say(say("service", service=self._errand.service))
            case Question.HOUR:
                return self._which_hour(heard)
            case Question.MENU if (key := self._key(heard)) is not None:
                return Press(key)
            case Question.OFFER | Question.MENU if heard.offers:
                return self._offered(heard)
            case _:
                return self._tell_when()

    def _tell_when(self) -> Act:
        visit, wish = self._errand.visit, self._errand.wish
        if visit is None or wish is None:
            return self._purpose_again()
        if (
            self._errand.refused
            and wish.impossible
            and not self._errand.next_wish()
            and wish.takes.nothing
        ):
            return self._leave()
        wish = self._errand.wish
        assert wish is not None
        text = self._voice.line("when", when=self._when(wish.when))
        if wish.when.earliest:
            text = self._when(wish.when)
        if not self._errand.service_told and visit.service_said:
            self._errand.service_told = True
            text = self._voice.opening(
                service=visit.service_said, when=self._when(wish.when), greets=False
            )
        return Say(self._voice.halting(text))

    def _purpose_again(self) -> Act:
        """Asked for a time, but did not call for one."""
        self._refusals += 1
        if self.goal.opening in _PURPOSES and self._refusals <= self.goal.patience:
            return self._open()
        return self._leave()

    def _offered(self, heard: Heard) -> Act:
        wish = self._errand.wish
        if wish is None:
            return Say(self._voice.line("bye"))
        if wish.impossible and not self._errand.refused:
            return self._mend()
        if wish.takes.nothing:
            return self._want_none(wish)
        good = [at for at in heard.offers if wish.takes.suits(at)]
        if good:
            return Say(self._take(self._rng.choice(good), heard.offers))
        return self._mend()

    def _want_none(self, wish: Wish) -> Act:
        if wish.impossible:
            return self._mend() if self._errand.next_wish() else self._leave()
        self._refusals += 1
        if self._refusals >= self.goal.patience:
            return self._leave()
        return Say(self._voice.line("none_fits"))

    def _take(self, at: datetime, offers: list[datetime]) -> str:
        say, rng = self._voice.line, self._rng
        if len(offers) == 1:
            return say("take_one")
        same_day = len({o.date() for o in offers}) == 1
        hours = {o.time() for o in offers}
        if rng.random() < 0.35:
            return self._voice.nth(offers.index(at) + 1, len(offers))
        if same_day or len(hours) == len(offers):
            return say("take_when", when=self._voice.when(at=at.time()))
        return say("take_when", when=self._voice.when(day=at.date(), at=at.time()))

    def _which_hour(self, heard: Heard) -> Act:
        wanted = self._errand.wish.when.at if self._errand.wish else None
        if wanted is not None and wanted in [clock_in(text) for text in heard.hours]:
            return Say(heard.hours[[clock_in(text) for text in heard.hours].index(wanted)])
        return self._mend()

    def _key(self, heard: Heard) -> str | None:
        """The key of a menu's option that is wanted: its first day, or one of its times."""
        if self._errand.wish is None or self._errand.wish.takes.nothing:
            return None
        takes = self._errand.wish.takes
        for option in heard.options:
            day = option.day or self._menu_day
            if day is None or not takes.may_be_on(day):
                continue
            if option.at is None:
                self._menu_day = day
                return option.key
            if takes.suits(datetime.combine(day, option.at, self.goal.now.tzinfo)):
                return option.key
        return None

    def _confirm(self, told: ReadBack | None, *, by_key: bool) -> Act:
        visit, wish, say = self._errand.visit, self._errand.wish, self._voice.line
        if visit is None or wish is None or told is None:
            return Say(say("no"))
        if told.service != self._errand.listed_service:
            self._errand.service_told = True
            return Say(say("not_service", service=self._errand.service))
        if told.when is None or not wish.takes.suits(told.when):
            return self._leave() if wish.takes.nothing else self._mend()
        if sounds(told.name) != sounds(self.goal.name):
            return Say(say("name_fix", name=self.goal.name))
        if told.phone and told.phone != phone_of(self.goal.phone):
            return Say(f"{say('no')} {self._voice.digits(self.goal.phone)}")
        self.ledger.consents.append(Consent(self.ledger.turns, told))
        return Press("1") if by_key else Say(say("yes"))

    def _say_what_is_wrong(self) -> Act:
        """After a no that was not understood further."""
        told, name = self._read_back, self.goal.name
        if told is not None and sounds(told.name) != sounds(name):
            return Say(self._voice.line("name_fix", name=name))
        if told is not None and told.service != self._errand.listed_service:
            return Say(self._voice.line("service", service=self._errand.service))
        return self._tell_when()

    def _more(self) -> Act:
        if self._errand.has_more:
            return Say(self._voice.line("another"))
        if self._wonders is not None and not self.goal.told & self.ledger.told:
            return self._ask(self._wonders)
        return Say(self._voice.line("bye"))

    # -- setting right -----------------------------------------------------------------------------

    def _is_wrong(self, heard: Heard) -> bool:
        """The front desk has just said that it took a time that the caller does not want."""
        wish = self._errand.wish
        return heard.chosen is not None and wish is not None and not wish.takes.suits(heard.chosen)

    def _misses_staff(self, heard: Heard) -> bool:
        """Somebody was asked for, is not named, and nobody said why."""
        told = "other_staff" in self.ledger.told
        return bool(self._errand.staff) and heard.staff != self._errand.staff and not told

    def _mend(self) -> Act:
        """Say again what is wanted; where it was refused, for what as well: lengths differ."""
        assert self._errand.wish is not None
        said = self._when(self._errand.wish.when)
        if self._last.refused and not self._errand.wish.impossible:
            said = f"{self._errand.service} {said}"
        return Say(self._voice.line("fix", x=said))

    def _change(self, before: Wish | None) -> Act:
        assert self._errand.wish is not None
        now = self._errand.wish.when
        if before is not None:
            now = self._errand.difference(before.when, now)
        return Say(self._voice.line("mind", x=self._when(now)))

    def _leave(self) -> Act:
        if self._leaving:
            return HangUp()
        self._leaving = True
        return Say(self._voice.line("leave"))

    # -- words -------------------------------------------------------------------------------------

    def _when(self, when: When) -> str:
        return self._voice.when(
            day=when.day,
            at=when.at,
            part=when.part,
            window=when.window,
            next_week=when.next_week,
            earliest=when.earliest,
        )
