"""Programs of this machine, by who has started them."""
import contextlib
from pathlib import Path


def children(pid):
    """Programs that a server has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            head, _, rest = path.read_text().rpartition(")")
            if int(rest.split()[1]) == pid:
                found.append(int(path.parent.name))
    return found
