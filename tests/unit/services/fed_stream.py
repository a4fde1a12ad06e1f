"""A stream of an ear for tests: keeps what it was fed, and counts what it was asked."""


class FedStream:
    def __init__(self) -> None:
        self.fed: list[bytes] = []
        self.finalized = 0
        self.closed = False

    def feed(self, audio: bytes) -> None:
        self.fed.append(audio)

    def finalize(self) -> None:
        self.finalized += 1

    async def aclose(self) -> None:
        self.closed = True
