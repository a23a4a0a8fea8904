"""RFC 9497: OPRF(P-256, SHA-256), mode 0x00."""
from . import p256
from .encodings import sha256

CONTEXT = b"OPRFV1-\0-P256-SHA256"


def blind(data, scalar):
    """alpha, a point."""
    return p256.multiply(scalar, p256.hash_to_curve(data, b"HashToGroup-" + CONTEXT))


def finalize(data, scalar, evaluated):
    """The 32-byte output, from the evaluation of alpha."""
    element = p256.compressed(p256.multiply(pow(scalar, -1, p256.N), evaluated))
    sized = lambda part: len(part).to_bytes(2, "big") + part
    return sha256(sized(data) + sized(element) + b"Finalize")
