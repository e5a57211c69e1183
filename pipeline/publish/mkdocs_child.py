"""MkDocs in a process that ends with the run that started it: a run that is killed leaves nobody behind who still writes."""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1  # of prctl(2), which Linux alone has


def main() -> None:
    """MkDocs' own command, with the arguments of this process."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    from mkdocs.__main__ import cli  # noqa: PLC0415 - whoever starts this process need not load MkDocs

    cli(sys.argv[1:], prog_name="mkdocs")


if __name__ == "__main__":
    main()
