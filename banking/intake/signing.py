"""What a system signs of its request, by HMAC-SHA256 (docs/settlement-intake.md). Pure."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from banking.secret import Secret

SCHEME = "Bankline-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{SCHEME} key=(?P<key>[A-Za-z0-9_-]{{1,24}}), signature=(?P<signature>[0-9a-f]{{64}})"
)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Malformed(ValueError):
    """The headers are not those of a signed request."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as its headers and body have it. `path` includes the query."""

    key_id: str
    signature: str
    method: str
    path: str
    timestamp: str  # ISO 8601 with its offset, as sent
    nonce: str
    idempotency_key: str
    body: bytes

    @property
    def at(self) -> datetime:
        """Raises Malformed."""
        try:
            at = datetime.fromisoformat(self.timestamp)
        except ValueError:
            raise Malformed from None
        if at.tzinfo is None:
            raise Malformed
        return at


def read(
    *,
    authorization: str,
    timestamp: str,
    nonce: str,
    idempotency_key: str,
    method: str,
    path: str,
    body: bytes,
) -> Signed:
    """Raises Malformed."""
    found = _AUTHORIZATION.fullmatch(authorization)
    if found is None or _NONCE.fullmatch(nonce) is None:
        raise Malformed
    key, signature = found["key"], found["signature"]
    return Signed(key, signature, method, path, timestamp, nonce, idempotency_key, body)


def to_sign(request: Signed) -> bytes:
    """Six lines: method, path, time, nonce, idempotency key, SHA-256 of the body in hex."""
    lines = (
        *(request.method, request.path, request.timestamp, request.nonce),
        *(request.idempotency_key, hashlib.sha256(request.body).hexdigest()),
    )
    return "\n".join(lines).encode()


def signature(request: Signed, secret: Secret) -> str:
    return hmac.new(secret.reveal().encode(), to_sign(request), "sha256").hexdigest()


def is_right(request: Signed, secret: Secret) -> bool:
    """In a time that says nothing of where the two differ."""
    return hmac.compare_digest(signature(request, secret), request.signature)
