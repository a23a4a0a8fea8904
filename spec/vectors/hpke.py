"""RFC 9180, base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and an AEAD; and HKDF itself (RFC 5869)."""
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import p256

KEM = b"KEM" + (0x0010).to_bytes(2, "big")
AES_128_GCM = 0x0001
AES_256_GCM = 0x0002
KEY_LENGTHS = {AES_128_GCM: 16, AES_256_GCM: 32}


def extract(salt, secret):
    return hmac.digest(salt or bytes(32), secret, "sha256")


def expand(key, info, length):
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        out, counter = out + block, counter + 1
    return out[:length]


def hkdf(secret, info, length=32):
    """Without a salt."""
    return expand(extract(b"", secret), info, length)


def labelled_extract(suite, salt, label, secret):
    return extract(salt, b"HPKE-v1" + suite + label + secret)


def labelled_expand(suite, key, label, info, length):
    return expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def key_schedule(shared, info, aead):
    """The AEAD key and the nonce of message 0 (section 5.1)."""
    suite = b"HPKE" + b"".join(i.to_bytes(2, "big") for i in (0x0010, 0x0001, aead))
    context = b"\0"
    context += labelled_extract(suite, b"", b"psk_id_hash", b"")
    context += labelled_extract(suite, b"", b"info_hash", info)
    secret = labelled_extract(suite, shared, b"secret", b"")
    key = labelled_expand(suite, secret, b"key", context, KEY_LENGTHS[aead])
    return key, labelled_expand(suite, secret, b"base_nonce", context, 12)


def seal(ephemeral, recipient, info, plaintext, aad=b"", aead=AES_256_GCM):
    """The encapsulated key, a point, and the ciphertext."""
    enc = p256.public(ephemeral)
    context = p256.uncompressed(enc) + p256.uncompressed(recipient)
    key = labelled_extract(KEM, b"", b"eae_prk", p256.ecdh(ephemeral, recipient))
    shared = labelled_expand(KEM, key, b"shared_secret", context, 32)
    key, nonce = key_schedule(shared, info, aead)
    return enc, AESGCM(key).encrypt(nonce, plaintext, aad)


def box(ephemeral, recipient, info, plaintext):
    """A box of vault-protocol.md section 8: the encapsulated key stands compressed."""
    enc, ciphertext = seal(ephemeral, recipient, info, plaintext)
    return p256.compressed(enc) + ciphertext
