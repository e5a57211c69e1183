"""What MkDocs and its theme write into a site and no reader of it needs: blanks between tags, hidden lists
of headings, and files of the theme that no page loads."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

# In these white space is text; between all other tags a browser takes any of it for one blank.
_KEPT = re.compile(r"(<pre\b.*?</pre>|<script\b.*?</script>|<textarea\b.*?</textarea>)", re.DOTALL)
_BLANKS = re.compile(r"[ \t]*\n\s*")
# The list of a page's headings, where the page hides it: nothing ever shows it again.
_HIDDEN_LIST = re.compile(
    r'<div class="md-sidebar md-sidebar--secondary"[^>]* hidden>(?:(?!<article).)*?</nav>\n</div>\n</div>\n</div>\n', re.DOTALL
)
# The search cuts words of other languages by these; ours is English.
_OTHER_LANGUAGES = Path("assets") / "javascripts" / "lunr"
_SOURCES = "*.map"  # of the theme's scripts and stylesheets, for those who develop it


def make(site: Path) -> None:
    """Leave out of the built `site` what nobody needs. The same site always gets the same bytes."""
    if (site / _OTHER_LANGUAGES).is_dir():
        shutil.rmtree(site / _OTHER_LANGUAGES)
    for file in sorted((site / "assets").rglob(_SOURCES)):
        file.unlink()
    for page in sorted(site.rglob("*.html")):
        html = without_blanks(page.read_text(encoding="utf-8"))
        page.write_text(_HIDDEN_LIST.sub("", html), encoding="utf-8", newline="\n")


def without_blanks(html: str) -> str:
    """`html` with one line end for each run of blanks that holds one: a third of what the theme writes is indentation."""
    parts = _KEPT.split(html)
    return "".join(part if place % 2 else _BLANKS.sub("\n", part) for place, part in enumerate(parts))
