"""Who stands by an article: handed to another, with its history."""

from datetime import datetime

from django.db import transaction

from kb import drafting
from kb.errors import NoEditor
from kb.models import ArticleStep, ArticleVersion
from people.approvals import NotYours
from people.models import User

State = ArticleVersion.State
OWNED = (State.DRAFT, State.REVIEW, State.PUBLISHED)  # what somebody has to look after


def may_hand_over(version: ArticleVersion, by: User) -> bool:
    """Its owner, or who reviews: of a colleague who has left, too."""
    mine = version.article.owner_id == by.pk and by.has_perm("kb.write_article")
    return mine or by.has_perm("kb.review_article")


@transaction.atomic(durable=True)
def hand_over(version_id: int, to: User, why: str = "", *, by: User, at: datetime) -> None:
    """`to` stands by the article from now on. Raises NotNow, NotYours, NoEditor."""
    version = drafting.lock_version(version_id, *OWNED)
    if not may_hand_over(version, by):
        raise NotYours
    if not to.has_perm("kb.write_article"):
        raise NoEditor
    article = version.article
    handed = f"{article.owner or '—'} → {to}"
    article.owner = to
    article.save(update_fields=["owner"])
    drafting.step(version, ArticleStep.What.HANDED, by=by, at=at, note=f"{handed}\n{why}")
