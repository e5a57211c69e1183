"""The Jinja2 environment of the pages: autoescape always on, an undefined name is an error, and no text can hide or turn round."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.publish import words
from pipeline.publish.charts import pictures
from pipeline.publish.pages import table_rows
from pipeline.publish.pages.beside import Beside, OfThePage
from pipeline.publish.parts import Page


@lru_cache(maxsize=4)
def environment(templates: Path) -> Environment:
    """An environment that loads from `templates`; asked again it is the same one, for both editions are filled from the same templates.
    A template that was changed since is read anew.

    Filters: `md` for text that Markdown will read, `front_matter` for titles, `breakable` for long names, `unbroken` for sentences,
    `long_day` for days, `heads` and `total` for the first and the last row of a table, `paint` for marks of a chart that need their
    colours in them. `beside` is asked for the files of the page that `page_text` fills in.
    """
    jinja = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_neutral,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # there are no sums of constants to work out beforehand, and looking for them takes time
    )
    jinja.filters["md"] = words.markdown
    jinja.filters["breakable"] = words.breakable
    jinja.filters["unbroken"] = words.unbroken
    jinja.filters["front_matter"] = _front_matter
    jinja.filters["long_day"] = words.long_day
    jinja.filters["paint"] = pictures.paint
    jinja.filters["heads"] = table_rows.heads
    jinja.filters["total"] = table_rows.total
    jinja.globals["beside"] = OfThePage()
    jinja.globals["chip"] = table_rows.chip
    jinja.globals["signs"] = words.SIGNS
    return jinja


def page_text(jinja: Environment, page: Page, files: Beside) -> str:
    """The text of a page, `files` gathering what lies beside it. Raises what `jinja2` does of a template."""
    with cast("OfThePage", jinja.globals["beside"]).filling_in(files):
        return jinja.get_template(page.template).render(page=page, root=page.root, **page.view)


def _neutral(value: Any) -> Any:
    if type(value) is str:  # so are most values
        return words.neutral(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)  # a place on a drawing, of which a site has hundreds of thousands
    return words.neutral(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _front_matter(text: str) -> Markup:
    """`text` as a YAML string whose value is already safe HTML: the theme writes titles into pages without escaping them."""
    return Markup(json.dumps(str(words.markdown(text))))  # noqa: S704 - entities and plain letters only
