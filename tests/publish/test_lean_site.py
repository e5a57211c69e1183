"""What is left out of a built site, and that what a reader sees of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.publish import lean_site


@pytest.mark.parametrize(
    ("html", "lean"),
    [
        ("<ul>\n    \n\n  <li>a  b</li>\n  </ul>\n", "<ul>\n<li>a  b</li>\n</ul>\n"),
        ("<p>one  \n   two\tthree</p>", "<p>one\ntwo\tthree</p>"),
        ("<pre>\n  a\n\n    b  \n</pre>\n  \n<pre>c\n\n</pre>", "<pre>\n  a\n\n    b  \n</pre>\n<pre>c\n\n</pre>"),
        ("<script>\n  a\n\n</script>  \n <textarea>\n  b\n</textarea>", "<script>\n  a\n\n</script>\n<textarea>\n  b\n</textarea>"),
        ("<prefix>\n\n</prefix>", "<prefix>\n</prefix>"),
    ],
)
def test_blanks_go_but_for_those_that_are_text(html: str, lean: str) -> None:
    assert lean == lean_site.without_blanks(html)
    assert lean == lean_site.without_blanks(lean)


def test_hidden_headings_and_files_of_the_theme_that_no_page_loads_go(tmp_path: Path) -> None:
    headings = "<div{}>\n<div>\n<div>\n<nav>\n<ul><li>\n<nav>h</nav>\n</li></ul>\n</nav>\n</div>\n</div>\n</div>\n<article>a</article>\n"
    lists = [headings.format(f' class="md-sidebar md-sidebar--secondary"{hidden}') for hidden in (" hidden", "")]
    for name in ("assets/javascripts/lunr/min/lunr.de.min.js", "assets/main.js", "assets/main.js.map", "downloads/a.map", "a.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x\n\n", encoding="utf-8")
    (tmp_path / "b.html").write_text("".join(lists), encoding="utf-8")
    lean_site.make(tmp_path)
    left = {path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    assert {"assets/main.js": "x\n\n", "downloads/a.map": "x\n\n", "a.html": "x\n", "b.html": f"<article>a</article>\n{lists[1]}"} == left
