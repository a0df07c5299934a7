"""What is done with members of staff: hired, given roles, given a password, let in again."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from axes.utils import reset
from django.contrib.auth.models import Group
from django.db import transaction

from people.models import Branch, User
from people.roles import Role

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread: no i, l, o, 0, 1


@transaction.atomic
def hire(
    *,
    number: str,
    name: str,
    branch: Branch | None,
    roles: Iterable[Role],
    joined: datetime | None = None,
) -> User:
    """A new member of staff, who can't log in before `issue_password`. `joined`: if not now."""
    since: dict[str, Any] = {"date_joined": joined} if joined else {}
    user = User.objects.create_user(number, name=name, branch=branch, **since)
    set_roles(user, roles)
    return user


def set_roles(user: User, roles: Iterable[Role]) -> None:
    """Give `user` these roles and no other."""
    user.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))


def roles_of(user: User) -> list[Role]:
    """In the order of the table, for people to read."""
    names = {group.name for group in user.groups.all()}
    return [role for role in Role if role.value in names]


@transaction.atomic
def issue_password(user: User) -> str:
    """A random password, returned once; whoever logs in with it must choose another."""
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    return password


def let_in_again(user: User) -> int:
    """Forget the failed log-ins that locked `user` out; how many there were."""
    return int(reset(username=user.username))
