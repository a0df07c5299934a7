"""Give out a wallboard's link, find the board behind one, take it back.

A link is a random secret with a signature: what is not ours is refused without a query, and
who reads the database finds no link in it.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from desktop.models import Board
from live import topics
from people.errors import Refusal
from people.models import User
from routing.models import Queue

TOPIC = "board.{board}"  # that it was revoked
_signer = signing.Signer(salt="wallboard", sep=".")


class RevokedAlready(Refusal):
    text = _("This link was revoked already.")


@transaction.atomic(durable=True)
def create(
    *, name: str, language: str, queues: Iterable[Queue], by: User, at: datetime
) -> tuple[Board, str]:
    """A new board and its link, which is known to nobody afterwards. No queues: all of them."""
    secret = secrets.token_urlsafe(24)
    board = Board.objects.create(
        name=name, language=language, secret_hash=_hash(secret), created_by=by, created_at=at
    )
    board.queues.set(queues)
    return board, _signer.sign(secret)


@transaction.atomic(durable=True)
def revoke(board_id: int, *, by: User, at: datetime) -> Board:
    """Stop every screen that shows it. Raises RevokedAlready."""
    board = Board.objects.select_for_update(of=["self"]).get(pk=board_id)
    if board.revoked_at is not None:
        raise RevokedAlready
    board.revoked_at, board.revoked_by = at, by
    board.save(update_fields=["revoked_at", "revoked_by"])
    topics.announce(TOPIC.format(board=board.pk), 1)
    return board


def by_link(link: str) -> Board | None:
    """The board of a link, revoked or not; None if it is none of ours."""
    try:
        secret = _signer.unsign(link)
    except signing.BadSignature:
        return None
    return Board.objects.prefetch_related("queues").filter(secret_hash=_hash(secret)).first()


def is_revoked(board_id: int) -> bool:
    return Board.objects.filter(pk=board_id, revoked_at__isnull=False).exists()


def look(board: str) -> tuple[int, bool]:
    """Whether it was revoked: 1 if so."""
    revoked = is_revoked(int(board))
    return int(revoked), revoked


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
