"""Effects to deeds: work is started, its result comes back as an input. Nothing here awaits or decides."""

from collections.abc import Callable
from typing import assert_never

from dalpak.call import effects as e
from dalpak.call.effects import Effect
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
                self._listener.close()
            case e.StartTurn(turn, said):
                self._line.show(
                    "caller",
                    {
                        "turn": turn,
                        "said": shown(said),
                        "opening": said.opening,
                        "silence": said.silence,
                    },
                )
                self._thinker.start(turn, said)
            case e.CancelTurn(turn):
                self._thinker.cancel(turn)
            case e.Speak(speech, turn, spoken):
                self._line.show("agent", {"turn": turn, "speech": speech, "text": spoken.text})
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
                self._ended(reason)
            case _:
                assert_never(effect)
