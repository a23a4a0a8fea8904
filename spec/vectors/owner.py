"""Whoever owns the account of the vectors, and what she signs with."""
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .encodings import labelled, sha256, sized
from .fleet import draw


def sign(seed, message):
    """Ed25519 (RFC 8032)."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


SEED = draw("owner")
OWNER = public(SEED)
NONCE = draw("claim")[:16]
ACCOUNT_MESSAGE = labelled("account", OWNER, NONCE)
ACCOUNT = sha256(ACCOUNT_MESSAGE)[:16]
# Postcard: the nonce is a fixed array.
CLAIM = sized(OWNER) + NONCE


def described():
    return {
        "owner_seed": SEED.hex(),
        "owner": OWNER.hex(),
        "nonce": NONCE.hex(),
        "account": ACCOUNT.hex(),
        "claim": CLAIM.hex(),
    }
