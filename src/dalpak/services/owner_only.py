"""A secret in a file that only its owner can read: made once, read by whoever runs as the same user.

For secrets between two programs of this machine. What a secret is for is decided by who asks.
"""

import os
import stat
from pathlib import Path

MAX_BYTES = 256


def read_secret(path: Path) -> str:
    """The secret, or nothing when the file is not ours alone: another user may have put it there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        shared = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or shared:
            return ""
        return file.read(MAX_BYTES).decode("ascii", "replace").strip()


def create_secret(path: Path, secret: str) -> str:
    """A new file, never through one that is there already; nothing when that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        return ""
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret)
    return secret


def kept_secret(path: Path, new: str) -> str:
    """The secret of the file, which becomes `new` if there is none; nothing when both fail."""
    # Read again last: another process may have made it between the two.
    return read_secret(path) or create_secret(path, new) or read_secret(path)
