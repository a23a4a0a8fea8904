"""Noise_NK_P256_AESGCM_SHA256 (Noise specification, revision 34): 65-byte public keys, 32-byte DH values."""
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import p256
from .encodings import sha256

NAME = b"Noise_NK_P256_AESGCM_SHA256"


def two_keys(chaining_key, secret):
    key = hmac.digest(chaining_key, secret, "sha256")
    first = hmac.digest(key, b"\1", "sha256")
    return first, hmac.digest(key, first + b"\2", "sha256")


def encrypt(key, counter, data, text):
    return AESGCM(key).encrypt(bytes(4) + counter.to_bytes(8, "big"), text, data)


class Handshake:
    """Both sides at once: what one mixes in, the other does as well."""

    def __init__(self, prologue, site_static):
        name = NAME.ljust(32, b"\0") if len(NAME) <= 32 else sha256(NAME)
        self.hash = self.chaining_key = name
        self.site_static = site_static
        self.mix_hash(prologue)
        self.mix_hash(p256.uncompressed(p256.public(site_static)))

    def mix_hash(self, data):
        self.hash = sha256(self.hash + data)

    def mix_key(self, secret):
        self.chaining_key, self.key = two_keys(self.chaining_key, secret)

    def message(self, own_ephemeral, secret):
        """One handshake message with an empty payload."""
        public = p256.uncompressed(p256.public(own_ephemeral))
        self.mix_hash(public)
        self.mix_key(secret)
        tag = encrypt(self.key, 0, self.hash, b"")
        self.mix_hash(tag)
        return public + tag

    def run(self, client_ephemeral, site_ephemeral):
        es = p256.ecdh(self.site_static, p256.public(client_ephemeral))
        first = self.message(client_ephemeral, es)
        ee = p256.ecdh(site_ephemeral, p256.public(client_ephemeral))
        second = self.message(site_ephemeral, ee)
        self.to_site, self.to_client = two_keys(self.chaining_key, b"")
        return first, second
