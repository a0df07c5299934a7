"""Card numbers and 证件号 at rest: AES-GCM to show, a keyed HMAC to look up.

PAN_KEY holds one key, or several with commas, the newest last: its place is the key version.
New values are sealed by the newest; old ones are found and opened by the key they were made by.
"""

import hmac
import secrets
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from banking.secret import Secret

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored of a secret number."""

    box: bytes  # nonce, then ciphertext and tag
    lookup: bytes
    version: int


def seal(secret: Secret, purpose: str) -> Sealed:
    """`purpose` ("card", "id") is bound in: one column's box does not open in another."""
    version = len(_keys())
    encrypting, _ = _keys()[-1]
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = nonce + AESGCM(encrypting).encrypt(nonce, secret.reveal().encode(), purpose.encode())
    return Sealed(box, lookups(secret, purpose)[-1], version)


def unseal(box: bytes, version: int, purpose: str) -> Secret:
    """Raises InvalidTag if the box was altered or belongs to another purpose."""
    encrypting, _ = _keys()[version - 1]
    plain = AESGCM(encrypting).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], purpose.encode())
    return Secret(plain.decode())


def lookups(secret: Secret, purpose: str) -> list[bytes]:
    """The HMACs under which the number may be stored, one a key version."""
    message = f"{purpose}:{secret.reveal()}".encode()
    return [hmac.digest(looking, message, "sha256") for _, looking in _keys()]


def _keys() -> tuple[tuple[bytes, bytes], ...]:
    return _derived(settings.PAN_KEY)


@cache
def _derived(keys: str) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(
        (
            hmac.digest(key.strip().encode(), b"bankline seal", "sha256"),
            hmac.digest(key.strip().encode(), b"bankline lookup", "sha256"),
        )
        for key in keys.split(",")
    )
