"""A sheet of articles against the articles that there are: what each row means, and taking them.

A row becomes a draft of whoever brought it, and goes to somebody else's review like any other
(`kb/bulk.py` submits and approves many). One that says what is answered, scheduled or drafted
already changes nothing, so a file may be brought again and again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kb import drafting, figures, ways
from kb.errors import ChangedMeanwhile, FileDecided
from kb.models import Article, ArticleFile, ArticleStep, ArticleVersion, Category
from kb.models.articles import WORDED
from kb.sheets import columns
from kb.sheets.columns import Fault, Row
from kb.texts import Text
from people.approvals import NotYours
from people.models import Branch, User
from people.words import listed

State, What = ArticleVersion.State, ArticleStep.What
WRITE = "kb.write_article"
NEEDED = ("question", "spoken", "answer", "source")

MISSING = _("is needed.")
TWICE = _("stands in rows %(rows)s. One article, one row.")
NO_CATEGORY = _("“%(said)s” is no category in use. There are: %(known)s.")
OTHER_CATEGORY = _("The article is in %(category)s; a file moves none to another.")
NO_BRANCHES = _("The bank has no branch %(said)s.")
NO_OWNER = _("“%(said)s” is the staff number of no editor.")
OTHER_OWNER = _("%(name)s stands by the article; it is handed over on its page.")
NO_FIGURES = _("The bank's tables hold no such figure: %(said)s.")
ENDS_EARLY = _("would expire before it is published.")
ANOTHERS = _("%(name)s has a draft of this article.")
IN_REVIEW = _("Your draft of this article waits for its review.")


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """A row, and what it means. `text` is what the draft will say, None where there will be none.

    `draft` is the importer's own open draft, which is worded anew; `before` what the row changes.
    """

    row: Row
    kind: Kind
    faults: tuple[Fault, ...] = ()
    article: Article | None = None
    text: Text | None = None
    before: ArticleVersion | None = None
    draft: ArticleVersion | None = None
    next_number: int = 1  # of a new version
    category: Category | None = None  # of a new article
    owner: User | None = None  # of a new article; None: who brings it

    @property
    def key(self) -> str:
        return self.row.cells.get("key", "").strip()

    @property
    def question(self) -> str:
        """As the row says, or else as the article has it."""
        said = self.row.cells.get("question", "").strip()
        return said or (self.before.question if self.before else "")


@dataclass(frozen=True, slots=True)
class Plan:
    lines: tuple[Line, ...]

    def of(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line.kind == kind]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(line.kind for line in self.lines)
        return {kind.value: found[kind] for kind in Kind}


def rows_of(file: ArticleFile) -> list[Row]:
    return [Row(number, cells, tuple(formulas)) for number, cells, formulas in file.rows]


# -- what it means -----------------------------------------------------------------------------


def plan(rows: Sequence[Row], *, by: User, at: datetime) -> Plan:
    """What becomes of each row if `by` takes the good ones now. Nothing is changed."""
    known = _Known(rows, by, at)
    return Plan(tuple(known.line(row) for row in rows))


@dataclass(slots=True)
class _Standing:
    """An article as it stands."""

    article: Article
    next_number: int
    open: ArticleVersion | None = None  # draft or in review
    current: ArticleVersion | None = None  # what is answered, or was last
    said: tuple[Text, ...] = ()  # to say one of these again is no change


class _Known:
    """What rows are held against, read once for all of them."""

    def __init__(self, rows: Sequence[Row], by: User, at: datetime) -> None:
        self.by, self.at = by, at
        self.rows_of = defaultdict[str, list[int]](list)
        for row in rows:
            self.rows_of[row.cells["key"].strip()].append(row.number)
        categories = Category.objects.filter(is_active=True)
        self.categories = {
            name.casefold(): one for one in categories for name in (one.code, one.name, one.name_en)
        }
        self.shown_categories = listed(categories)
        self.branches = frozenset(Branch.objects.values_list("code", flat=True))
        self.owners = _editors(row.cells.get("owner", "").strip() for row in rows)
        self.figures = figures.Held(at)
        self.standing = _standing(self.rows_of, at=at)

    def line(self, row: Row) -> Line:
        values, faults = columns.read(row)
        key = values.pop("key", "")
        own = self.standing.get(key)
        article = own.article if own else None
        if not key and not faults:
            faults.append(Fault("key", MISSING))
        if len(rows := self.rows_of[key]) > 1 and key:
            faults.append(Fault("key", TWICE, {"rows": listed(rows)}))
        category = self._category(values.pop("category", ""), own, faults)
        owner = self._owner(values.pop("owner", ""), own, faults)
        if own and not faults and any(_says(text, values) for text in own.said):
            return Line(row, Kind.SAME, article=article, before=own.current)
        text = self._text(values, own)
        faults += self._wrong(text, own, {fault.column for fault in faults})
        before = (own.open or own.current) if own else None
        if faults:
            return Line(row, Kind.REFUSED, tuple(faults), article=article, before=before)
        return Line(
            row,
            Kind.CHANGED if own else Kind.NEW,
            article=article,
            text=text,
            before=before,
            draft=own.open if own else None,
            next_number=own.next_number if own else 1,
            category=None if own else category,
            owner=owner,
        )

    def _category(self, said: str, own: _Standing | None, faults: list[Fault]) -> Category | None:
        found = self.categories.get(said.casefold())
        if own:
            there = own.article.category
            if said and said.casefold() not in _names(there):
                faults.append(Fault("category", OTHER_CATEGORY, {"category": there}))
        elif found is None:
            values = {"said": said, "known": self.shown_categories}
            faults.append(Fault("category", NO_CATEGORY if said else MISSING, values))
        return found

    def _owner(self, said: str, own: _Standing | None, faults: list[Fault]) -> User | None:
        """Of a new article; None: who brings it. An article that is there has its own."""
        there = own.article.owner if own else None
        if not said or (there and said == there.username):
            return None
        if own:
            faults.append(Fault("owner", OTHER_OWNER, {"name": there or "—"}))
            return None
        found = self.owners.get(said)
        if found is None:
            faults.append(Fault("owner", NO_OWNER, {"said": said}))
        return found

    def _text(self, values: Mapping[str, Any], own: _Standing | None) -> Text:
        """What the row says; of columns that the file has not, what is said already."""
        base = Text("", "", "", "")
        if own and own.open:
            base = Text.of(own.open)
        elif own and own.current:
            base = Text.of(own.current).without_hours()
        return replace(base, **values)

    def _wrong(self, text: Text, own: _Standing | None, told: set[str]) -> list[Fault]:
        """Beside the columns of which it is told already."""
        found = [
            Fault(name, MISSING) for name in NEEDED if name not in told and not getattr(text, name)
        ]
        lists = (
            ("services", ways.NO_SERVICES, ways.unknown(text.services)),
            (
                "branches",
                NO_BRANCHES,
                [code for code in text.branches if code not in self.branches],
            ),
        )
        for name, wrong, unknown in lists:
            if unknown:
                found.append(Fault(name, wrong, {"said": listed(unknown)}))
        for name in ("spoken", "answer", "steps"):
            said = getattr(text, name)
            words = "\n".join(said) if isinstance(said, tuple) else said
            if unknown := self.figures.missing(words):
                found.append(Fault(name, NO_FIGURES, {"said": ", ".join(unknown)}))
        if text.expires_at and text.expires_at <= max(text.starts_at or self.at, self.at):
            found.append(Fault("expires_at", ENDS_EARLY))
        if own and own.open:
            author = own.open.author
            if author is None or author.pk != self.by.pk:
                found.append(Fault("key", ANOTHERS, {"name": author}))
            elif own.open.state == State.REVIEW:
                found.append(Fault("key", IN_REVIEW))
        return found


def _says(text: Text, values: Mapping[str, Any]) -> bool:
    return all(getattr(text, name) == value for name, value in values.items())


def _names(category: Category) -> tuple[str, ...]:
    return tuple(name.casefold() for name in (category.code, category.name, category.name_en))


def _editors(numbers: Iterable[str]) -> dict[str, User]:
    """Who may own an article, of these staff numbers."""
    found = User.objects.filter(username__in=set(numbers), is_active=True)
    return {user.username: user for user in found if user.has_perm(WRITE)}


def _standing(keys: Iterable[str], *, at: datetime) -> dict[str, _Standing]:
    """Of those keys that are articles. What was said last counts as said, though it was withdrawn:
    an old file brings nothing back."""
    articles = Article.objects.select_related("category", "owner").filter(key__in=list(keys))
    found = {article.pk: _Standing(article, next_number=1) for article in articles}
    chosen: dict[int, list[int]] = defaultdict(list)  # by article
    is_open, current = {}, dict[int, int]()
    rows = ArticleVersion.objects.filter(article__in=found).order_by("article", "-number")
    for pk, article_id, number, state, begins, ends in rows.values_list(
        *("pk", "article_id", "number", "state", "valid_from", "valid_to")
    ):
        found[article_id].next_number = max(found[article_id].next_number, number + 1)
        if state == State.DROPPED:
            continue
        if state in (State.DRAFT, State.REVIEW):
            is_open[article_id] = pk
        elif begins <= at and (ends is None or at < ends):
            current[article_id] = pk
        elif state != State.PUBLISHED and chosen[article_id]:
            continue  # over, and something came after it
        chosen[article_id].append(pk)
    versions = ArticleVersion.objects.select_related("author").in_bulk(
        [pk for pks in chosen.values() for pk in pks]
    )
    for article_id, pks in chosen.items():
        own = found[article_id]
        own.open = versions.get(is_open.get(article_id, 0))
        answered = [pk for pk in pks if pk != is_open.get(article_id)]
        own.current = versions.get(current.get(article_id) or next(iter(answered), 0))
        own.said = tuple(Text.of(versions[pk]) for pk in pks)
    return {own.article.key: own for own in found.values()}


# -- taking it ---------------------------------------------------------------------------------


@transaction.atomic
def bring(name: str, rows: Sequence[Row], *, by: User, at: datetime) -> ArticleFile:
    """Keep what a file says until it is decided. Raises NotYours."""
    if not by.has_perm(WRITE):
        raise NotYours
    return ArticleFile.objects.create(
        name=name[-120:],
        rows=[[row.number, dict(row.cells), list(row.formulas)] for row in rows],
        row_count=len(rows),
        brought_by=by,
        brought_at=at,
    )


@transaction.atomic(durable=True)
def take(file_id: int, *, by: User, at: datetime) -> Plan:
    """Each good row becomes a draft; those that are refused stay out. What was done.

    Raises FileDecided, NotYours: they become drafts of who brought the file, and so hers to take;
    ChangedMeanwhile.
    """
    file = _lock(file_id, by)
    done = _carry_out(rows_of(file), by=by, at=at)
    file.outcome = done.counts
    _decide(file, ArticleFile.State.TAKEN, at)
    return done


@transaction.atomic(durable=True)
def leave(file_id: int, *, by: User, at: datetime) -> None:
    """None of its rows. Raises FileDecided, NotYours."""
    _decide(_lock(file_id, by), ArticleFile.State.LEFT, at)


def _lock(file_id: int, by: User) -> ArticleFile:
    file = ArticleFile.objects.select_for_update().get(pk=file_id)
    if file.brought_by_id != by.pk:
        raise NotYours
    if file.state != ArticleFile.State.OPEN:
        raise FileDecided
    return file


def _decide(file: ArticleFile, state: str, at: datetime) -> None:
    file.state, file.decided_at = state, at
    file.save(update_fields=["state", "decided_at", "outcome"])


def _carry_out(rows: Sequence[Row], *, by: User, at: datetime) -> Plan:
    keys = [row.cells["key"].strip() for row in rows]
    drafting.lock_many(Article.objects.filter(key__in=keys))
    found = plan(rows, by=by, at=at)  # as it is now, and stays until the commit
    good = [line for line in found.lines if line.kind in (Kind.NEW, Kind.CHANGED)]
    articles = _new_articles([line for line in good if line.kind == Kind.NEW], by)
    made, reworded, follows = [], [], []
    for line in good:
        assert line.text is not None  # of what is refused or says the same alone
        if line.draft:
            version = line.draft
            reworded.append(version)
        else:
            article = line.article or articles[line.key]
            version = ArticleVersion(article=article, number=line.next_number)
            made.append(version)
            if line.before:
                follows.append((line.before, version))
        line.text.put(version)
        version.author, version.edited_at = by, at
    for version in reworded:
        version.save(update_fields=[*WORDED, "author", "edited_at"])
    ArticleVersion.objects.bulk_create(made, batch_size=1000)
    drafting.carry_over(follows)
    drafting.steps([*made, *reworded], What.DRAFTED, by=by, at=at)
    return found


def _new_articles(lines: Iterable[Line], by: User) -> dict[str, Article]:
    """By their keys. Raises ChangedMeanwhile."""
    made = [Article(key=line.key, category=line.category, owner=line.owner or by) for line in lines]
    try:
        with transaction.atomic():
            Article.objects.bulk_create(made, batch_size=1000)
    except IntegrityError:
        raise ChangedMeanwhile from None
    return {article.key: article for article in made}
