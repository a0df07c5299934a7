"""The sentences that code and templates say: what a Chinese catalogue must hold."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import unfold
from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}
THEME = Path(unfold.__file__).parent
# Of the theme's extras we install these; the others' sentences are never shown.
INSTALLED = {"filters", "forms"}

# A sentence is (context, singular); `where` is the file that says it first.
Sentences = dict[tuple[str, str], Path]


def ours() -> Sentences:
    """Of our own apps, the configuration and the templates; test files speak to us alone."""
    apps = [app for app in settings.BASE_DIR.iterdir() if (app / "__init__.py").exists()]
    folders = [app for app in apps if app.name not in {"tests", "benchmarks"}]
    return _of(
        file for folder in [*folders, settings.BASE_DIR / "templates"] for file in _files(folder)
    )


def theirs() -> Sentences:
    """Of the admin theme, as far as it is installed."""
    extras = THEME / "contrib"
    return _of(
        file
        for file in _files(THEME)
        if extras not in file.parents or file.relative_to(extras).parts[0] in INSTALLED
    )


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".py" or (file.suffix in {".html", ".txt"} and "templates" in file.parts):
            yield file


def _of(files: Iterable[Path]) -> Sentences:
    found: Sentences = {}
    for file in files:
        text = file.read_text()
        if file.suffix == ".py":
            sources = [text]
        else:  # what is no sentence was blanked out; a line is enough to read one
            lines = templatize(text, origin=str(file)).splitlines()
            sources = [line.strip() for line in lines if "(" in line]
        for source in sources:
            for sentence in _said(source):
                found.setdefault(sentence, file)
    return found


def _said(source: str) -> Iterator[tuple[str, str]]:
    for _line, function, message, _comments in extract_python(
        BytesIO(source.encode()), KEYWORDS, [], {}
    ):
        parts = [message] if isinstance(message, str) else [part for part in message if part]
        if function.startswith("pgettext"):
            yield parts[0], parts[1]
        else:
            yield "", parts[0]
