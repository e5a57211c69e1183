"""Looking at the published site on this machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pipeline.publish.site import FOLDERS


class ServingError(Exception):
    """The site cannot be shown; the text says why."""


def serve(run: Path, profile: str, port: int, say: Callable[[str], None]) -> None:
    """Serve the site of `profile` at 127.0.0.1 until interrupted. Raises `ServingError` when there is none or the port is taken."""
    folder = run / FOLDERS[profile]
    if not folder.is_dir():
        raise ServingError(f"No {profile} site is published. `certledger run` builds it, if [publish] profiles names it.")
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        raise ServingError(f"Port {port} cannot be used ({error.strerror}). Choose another with --port.") from None
    with server:
        say(f"The {profile} site is at http://127.0.0.1:{server.server_address[1]}/ (end with Ctrl-C)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("Ended.")


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without a log line for each, and lets the browser ask again after the next run."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: whoever looks at the site looks at the browser."""
