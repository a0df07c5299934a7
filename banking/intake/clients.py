"""The systems that may hand orders in: issued with a secret that is shown once, and revoked."""

import secrets
from datetime import datetime

from django.db import transaction

from banking import vault
from banking.models import IntakeClient
from banking.secret import Secret
from people.models import User

SECRET_BYTES = 32


@transaction.atomic(durable=True)
def issue(name: str, *, by: User, at: datetime) -> tuple[IntakeClient, Secret]:
    """A new system and its secret, which nobody can be shown again."""
    secret = Secret(secrets.token_urlsafe(SECRET_BYTES))
    sealed = vault.seal(secret, IntakeClient.PURPOSE)
    client = IntakeClient.objects.create(
        key_id=f"ik_{secrets.token_hex(8)}",
        name=name,
        secret_box=sealed.box,
        secret_key_version=sealed.version,
        issued_by=by,
        issued_at=at,
    )
    return client, secret


@transaction.atomic(durable=True)
def revoke(client_id: int, *, by: User, at: datetime) -> IntakeClient:
    """For good, from its next request on; revoked twice is revoked once."""
    client = IntakeClient.objects.select_for_update().get(pk=client_id)
    if client.revoked_at is None:
        client.revoked_at, client.revoked_by = at, by
        client.save(update_fields=["revoked_at", "revoked_by"])
    return client


def secret_of(client: IntakeClient) -> Secret:
    return vault.unseal(bytes(client.secret_box), client.secret_key_version, IntakeClient.PURPOSE)
