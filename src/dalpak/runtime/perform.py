"""Effects to deeds: work is started, its result comes back as an input. Nothing here awaits or decides."""

from collections.abc import Callable
from typing import assert_never

from dalpak.call import effects as e
from dalpak.call.effects import Effect
from dalpak.call.inputs import Said
from dalpak.ports.desk import CallDesk
from dalpak.ports.line import Line
from dalpak.runtime.listen import Listener
from dalpak.runtime.recorder import Recorder, shown
from dalpak.runtime.speak import Speaker
from dalpak.runtime.think import Thinker


class Hands:
    """What one call can reach."""

    def __init__(
        self,
        *,
        line: Line,
        listener: Listener,
        speaker: Speaker,
        thinker: Thinker,
        recorder: Recorder,
        desk: CallDesk,
        ended: Callable[[e.Ending], None],
    ) -> None:
        self._line, self._listener, self._speaker = line, listener, speaker
        self._thinker, self._recorder, self._desk = thinker, recorder, desk
        self._ended = ended
        self._ahead: list[e.Speak] = []
        """Sentences of a draft: no screen shows them before it is committed."""

    def perform(self, effect: Effect) -> None:
        match effect:
            case e.SendFrame(payload):
                self._line.send_frame(payload)
            case e.SendMark(name):
                self._line.send_mark(name)
            case e.ClearPlayback():
                self._line.clear()
                self._line.show("cleared", {})
            case e.OpenEars():
                self._thinker.ears = True
                self._listener.open()
            case e.FinalizeEars():
                self._listener.finalize()
            case e.CloseEars():
                self._thinker.ears = False
                self._listener.deafen()
            case e.StartTurn() | e.DraftTurn() | e.CommitTurn() | e.CancelTurn():
                self._think(effect)
            case e.Speak(speech, _, spoken):
                self._show_speech(effect)
                self._speaker.speak(speech, spoken)
            case e.CancelSpeech(speech):
                self._speaker.cancel(speech)
            case e.ConfirmHeard(tag):
                self._desk.read_back_heard(tag)
            case e.RecordMark(turn, mark, ms):
                self._recorder.mark(effect)
                self._line.show("mark", {"turn": turn, "mark": str(mark), "ms": ms})
            case e.RecordTurn(turn, _, heard, interrupted):
                self._recorder.turn(effect)
                self._line.show("turn", {"turn": turn, "heard": heard, "interrupted": interrupted})
            case e.TransferCall(to):
                self._line.transfer(to)
            case e.HangUp(reason):
                self._listener.close()
                self._ended(reason)
            case _:
                assert_never(effect)

    def _think(self, effect: e.StartTurn | e.DraftTurn | e.CommitTurn | e.CancelTurn) -> None:
        match effect:
            case e.StartTurn(turn, said, heard):
                self._show_caller(turn, said)
                self._thinker.start(turn, said, heard)
            case e.DraftTurn(draft, turn, said, heard):
                self._thinker.draft(draft, turn, said, heard)
            case e.CommitTurn(draft, turn, said):
                self._show_caller(turn, said)
                ahead, self._ahead = self._ahead, []
                for speak in ahead:
                    self._show_agent(speak)
                self._thinker.commit(draft, turn, said)
            case e.CancelTurn(turn):
                if turn < 0:
                    self._ahead.clear()
                self._thinker.cancel(turn)
            case _:
                assert_never(effect)

    def _show_speech(self, speak: e.Speak) -> None:
        if speak.ahead:
            self._ahead.append(speak)
        else:
            self._show_agent(speak)

    def _show_caller(self, turn: int, said: Said) -> None:
        about = {"said": shown(said), "opening": said.opening, "silence": said.silence}
        self._line.show("caller", {"turn": turn, **about})

    def _show_agent(self, speak: e.Speak) -> None:
        words = {"turn": speak.turn, "speech": speak.speech, "text": speak.spoken.text}
        self._line.show("agent", words)
