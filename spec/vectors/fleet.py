"""The fleets of the vectors: their keys, and their bundles as validation-bundle.md has them."""
from . import p256
from .encodings import jcs, labelled, sha256, sized, u8, u64, varint

KINDS = ("oprf_key", "seal_key", "session_key", "receipt_key")


def draw(*what):
    """32 bytes that look random and that anyone can make again."""
    return sha256(" ".join(["keepsake vectors:", *map(str, what)]).encode())


def scalar(*what):
    number = p256.number(draw(*what))
    assert 0 < number < p256.N
    return number


def public_key(number):
    return p256.uncompressed(p256.public(number))


class Fleet:
    """A fleet of `n` sites with one device each."""

    def __init__(self, name, n, policy):
        self.name, self.n, self.threshold, self.policy = name, n, n // 2 + 1, policy
        self.sites = range(1, n + 1)
        self.secret = {(kind, i): scalar(name, kind, i) for i in self.sites for kind in KINDS}
        self.fleet_key = public_key(scalar(name, "fleet_key"))
        self.digest = sha256(self.keys())
        self.first_bundle = self.bundle(1, None, "site{}.example")
        self.moved_bundle = self.bundle(2, self.id(self.first_bundle), "moved{}.example")

    def serial(self, site):
        return 1000 + site

    def public(self, kind, site):
        return public_key(self.secret[kind, site])

    def device(self, site):
        keys = {kind: self.public(kind, site).hex() for kind in KINDS}
        return {"serial": self.serial(site), **keys}

    def keys(self):
        """What the keys digest is of."""
        return jcs({
            "threshold": self.threshold,
            "policy": self.policy,
            "fleet_key": self.fleet_key.hex(),
            "sites": [[self.device(i)] for i in self.sites],
        })

    def bundle(self, epoch, previous, endpoint):
        site = lambda i: {
            "index": i,
            "region": f"region-{i}",
            "endpoint": "https://" + endpoint.format(i),
            "devices": [self.device(i)],
        }
        bundle = {
            "type": "keepsake/validation-bundle/v2",
            "namespace": "vectors.keepsake",
            "fleet_id": draw(self.name, "fleet id")[:16].hex(),
            "epoch": epoch,
            "threshold": self.threshold,
            "policy": self.policy,
            "fleet_key": self.fleet_key.hex(),
            "sites": [site(i) for i in self.sites],
            "not_before": 1800000000,
            "not_after": 1831536000,
            "previous": previous and previous.hex(),
            "evidence": {"digest": draw("evidence").hex(), "url": "https://auditor.example/evidence/1/"},
            "revoked_epochs": [],
        }
        if epoch > 1:
            bundle["keys_since"] = 1
        return bundle

    def id(self, bundle):
        return sha256(jcs(bundle))

    def vote_key(self, site):
        """The seed of the Ed25519 key."""
        return draw(self.name, "vote key", site)

    def started(self, site):
        return 1800000000 + site

    def vote_key_message(self, site, key):
        return labelled("vote-key", self.digest, u8(site), u64(self.started(site)), key)

    def vote_key_certificate(self, site, key):
        """Postcard."""
        signature = p256.ecdsa(self.secret["receipt_key", site], self.vote_key_message(site, key))
        return u8(site) + varint(self.started(site)) + sized(key) + sized(signature)

    def described(self):
        """For the vectors: the bundles, and the secrets that no real device gives away."""
        bundle = lambda b: {"bundle": b, "jcs": jcs(b).decode(), "id": self.id(b).hex()}
        hidden = lambda i: {kind: self.secret[kind, i].to_bytes(32, "big").hex() for kind in KINDS}
        return {
            "keys": self.keys().decode(),
            "keys_digest": self.digest.hex(),
            "bundles": [bundle(self.first_bundle), bundle(self.moved_bundle)],
            "private_keys": [{"site": i, **hidden(i)} for i in self.sites],
        }


FIVE = Fleet("five sites", 5, "balanced")
THREE = Fleet("three sites", 3, "strict")
