"""`ports.mishaps.Mishaps` for tests: remembers what it was told, in order."""


class ToldMishaps:
    def __init__(self) -> None:
        self.failures: list[tuple[str, str]] = []
        self.replacements: list[str] = []

    def failed(self, port: str, reason: str) -> None:
        self.failures.append((port, reason))

    def replaced(self, port: str) -> None:
        self.replacements.append(port)
