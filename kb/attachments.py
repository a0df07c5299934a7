"""Files that go with a draft: brought, removed, marked. With it they are fixed and published."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat

from kb import drafting
from kb.attaching import looking
from kb.errors import NameAttached, TooManyAttachments
from kb.models import ArticleStep, ArticleVersion, Attachment, Document
from kb.wordings import Change, Piece
from people.models import User

State, What = ArticleVersion.State, ArticleStep.What
MOST = 10  # of a version
MOST_TOGETHER = 3  # times as large as one may be


def of(version: ArticleVersion) -> QuerySet[Attachment]:
    """Forms first; their content stays where it is."""
    return version.attachments.select_related("document").defer("document__content")


def names(versions: Iterable[ArticleVersion]) -> dict[int, list[str]]:
    """What goes with each, by its id."""
    found: dict[int, list[str]] = {version.pk: [] for version in versions}
    for version_id, name in Attachment.objects.filter(version__in=found).values_list(
        "version_id", "name"
    ):
        found[version_id].append(name)
    return found


@transaction.atomic
def attach(
    version_id: int, name: str, content: bytes, *, is_form: bool = False, by: User, at: datetime
) -> Attachment:
    """Raises NotNow, FileRefused, NameAttached, TooManyAttachments."""
    version = drafting.lock_version(version_id, State.DRAFT)
    name = looking.shown(name)
    kind = looking.look(name, content, most=settings.ATTACHMENT_BYTES)
    there = list(of(version))
    if any(one.name == name for one in there):
        raise NameAttached(name=name)
    check_room([one.document.size for one in there] + [len(content)])
    made = Attachment.objects.create(
        version=version,
        document=_document(content, kind, by=by, at=at),
        name=name,
        is_form=is_form,
    )
    _wrote(version, What.ATTACHED, name, by=by, at=at)
    return made


@transaction.atomic
def detach(attachment_id: int, *, by: User, at: datetime) -> None:
    """From the draft; versions before it keep the file. Raises NotNow."""
    attachment = _lock(attachment_id)
    attachment.delete()
    _wrote(attachment.version, What.DETACHED, attachment.name, by=by, at=at)


@transaction.atomic
def mark(attachment_id: int, *, is_form: bool, by: User, at: datetime) -> None:
    """As a form to fill in, or as none. Raises NotNow."""
    attachment = _lock(attachment_id)
    attachment.is_form = is_form
    attachment.save(update_fields=["is_form"])
    _wrote(attachment.version, What.DRAFTED, attachment.name, by=by, at=at)


def check_room(sizes: Iterable[int]) -> None:
    """Of all that a version would carry. Raises TooManyAttachments."""
    all_of_them, most = list(sizes), MOST_TOGETHER * settings.ATTACHMENT_BYTES
    if len(all_of_them) > MOST or sum(all_of_them) > most:
        raise TooManyAttachments(most=MOST, size=filesizeformat(most))


def changed(version: ArticleVersion) -> list[Change]:
    """Against the version before it: files that came, went, or are others by the same name."""
    if (before := version.before()) is None:
        return []
    old, new = (
        {(one.name, one.is_form, one.document_id): one for one in of(each)}
        for each in (before, version)
    )
    pieces = [
        *(Piece(f"{_said(old[key])}\n", gone=True) for key in old if key not in new),
        *(Piece(f"{_said(new[key])}\n", new=True) for key in new if key not in old),
    ]
    return [Change(Attachment._meta.verbose_name_plural or "", tuple(pieces))] if pieces else []


def _said(one: Attachment) -> str:
    form = Attachment._meta.get_field("is_form").verbose_name
    said = (one.name, filesizeformat(one.document.size), str(form) if one.is_form else "")
    return " · ".join(filter(None, said))


def _document(content: bytes, kind: str, *, by: User, at: datetime) -> Document:
    """The one with this content; whoever brings it as well finds it."""
    digest = hashlib.sha256(content).hexdigest()
    found = Document.objects.defer("content").filter(sha256=digest)
    if known := found.first():
        return known
    try:
        with transaction.atomic():
            return Document.objects.create(
                sha256=digest,
                kind=kind,
                size=len(content),
                content=content,
                brought_by=by,
                brought_at=at,
            )
    except IntegrityError:
        return found.get()


def _lock(attachment_id: int) -> Attachment:
    version_id = Attachment.objects.values_list("version_id", flat=True).get(pk=attachment_id)
    version = drafting.lock_version(version_id, State.DRAFT)
    attachment = Attachment.objects.get(pk=attachment_id)
    attachment.version = version
    return attachment


def _wrote(version: ArticleVersion, what: str, name: str, *, by: User, at: datetime) -> None:
    version.author, version.edited_at = by, at
    version.save(update_fields=["author", "edited_at"])
    drafting.step(version, what, by=by, at=at, note=name)
