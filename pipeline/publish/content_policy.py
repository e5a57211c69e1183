"""The content security policy of each page: nothing but our own files, and of inline scripts only those of the theme, by hash.

What the theme's own scripts are is read from the built `404.html`, the one page that holds no data; a script that is not there, but
for the depth of its page, gets no hash and does not run (facts/site.md §6: one of Material's three differs by depth).
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
_DEPTH = re.compile(r'^__md_scope=new URL\("[./]*",location\)')
_HEAD = '<meta charset="utf-8">'
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'"
)


def write(site: Path) -> None:
    """Put the policy into the head of every HTML page below `site`. The same pages always get the same bytes.

    Raises `ValueError` for a page without the head that the theme writes, for it would go out unguarded.
    """
    theme = {_any_depth(script) for script in _scripts((site / "404.html").read_text(encoding="utf-8"))}
    for page in sorted(site.rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        if _HEAD not in html:
            raise ValueError(f"{page.relative_to(site)} has no {_HEAD}, so no place for its policy")
        ours = [_hash(script) for script in _scripts(html) if _any_depth(script) in theme]
        policy = _POLICY.format(scripts=" ".join(["'self'", *dict.fromkeys(ours)]))
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        page.write_text(html.replace(_HEAD, _HEAD + meta, 1), encoding="utf-8")


def _scripts(html: str) -> list[str]:
    """The inline scripts that a browser would run, in order."""
    found = _INLINE.finditer(html)
    return [script["body"] for script in found if "src=" not in script["attributes"] and "application/json" not in script["attributes"]]


def _any_depth(script: str) -> str:
    return _DEPTH.sub('__md_scope=new URL(".",location)', script)


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
