"""What passkey-release.json holds: challenges, records, rosters, boxes, releases, unlock keys."""
from . import code, fleet, hpke, owner, p256, sharing
from .encodings import labelled, many, sha256, sized, u8, u32, varint
from .fleet import FIVE, THREE, draw
from .vault_protocol import hexes, scalar

D, A = FIVE.digest, owner.ACCOUNT
PRF_INPUT = b"keepsake/passkey-prf-input/v1\0\0\0"


def nonce(site, session="a session"):
    return {"site": site, "nonce": draw("nonce", site, session), "handshake": draw("handshake", site, session)}


def challenge(digest, account, nonces):
    fields = [digest, account]
    for n in sorted(nonces, key=lambda n: n["site"]):
        fields += [u8(n["site"]), n["nonce"], n["handshake"]]
    return labelled("passkey-challenge", *fields)


def listed(nonces):
    return many([u8(n["site"]) + n["nonce"] + n["handshake"] for n in nonces])


def challenges():
    relayed = [nonce(1), {**nonce(2), "handshake": draw("handshake", 2, "another session")}, nonce(3)]
    cases = [
        ("three of five sites", [nonce(i) for i in (1, 2, 3)]),
        ("the order does not matter", [nonce(i) for i in (3, 1, 2)]),
        ("other sites", [nonce(i) for i in (1, 2, 4)]),
        ("all five sites", [nonce(i) for i in FIVE.sites]),
        ("a nonce that was relayed from another session", relayed),
    ]
    case = lambda what, nonces: {
        "what": what,
        "nonces": [hexes(**n) for n in nonces],
        "challenge": sha256(challenge(D, A, nonces)).hex(),
    }
    return [case(*each) for each in cases]


class Passkey:
    """A secret that is dealt to all sites of a fleet, for one credential."""

    def __init__(self, fleet_, credential, number):
        self.fleet, self.credential, self.number = fleet_, credential, number
        self.secret = draw("released secret", credential.hex())
        self.coefficients = [draw("coefficient", i, credential.hex()) for i in range(1, fleet_.threshold)]
        self.shares = sharing.shares(self.secret, self.coefficients, fleet_.n)
        info = labelled("passkey-commitment", fleet_.digest, A, credential)
        self.commitment = hpke.hkdf(self.secret + b"".join(self.shares), info)
        self.nonces = [nonce(i, credential.hex()) for i in range(1, fleet_.threshold + 1)]
        self.registration = b'{"id":"' + credential.hex().encode() + b'"}'
        self.boxes = [(i, fleet_.serial(i), self.box(i)) for i in fleet_.sites]

    def ephemeral(self, site):
        return fleet.scalar("ephemeral key of a passkey's box", self.credential.hex(), site)

    def box_info(self, site):
        return labelled("passkey-box", self.fleet.digest, A, self.credential, u8(site), u32(self.fleet.serial(site)))

    def box(self, site):
        recipient = p256.public(self.fleet.secret["seal_key", site])
        return hpke.box(self.ephemeral(site), recipient, self.box_info(site), self.shares[site - 1])

    def box_list(self):
        return many([u8(i) + varint(serial) + sized(sealed) for i, serial, sealed in self.boxes])

    def registration_message(self):
        return labelled("passkey-registration", listed(self.nonces), self.registration)

    def head(self):
        return b"".join([
            sized(A), sized(self.fleet.digest), varint(self.number), sized(self.credential), self.commitment,
            sha256(self.registration_message()), sha256(labelled("boxes", self.box_list())),
        ])

    def record_message(self):
        return labelled("passkey-record", self.head())

    def digest(self):
        return sha256(self.record_message())

    def record(self):
        return self.head() + listed(self.nonces) + sized(self.registration) + self.box_list()

    def described(self, what):
        box = lambda i, serial, sealed: hexes(
            site=i, serial=serial, info=self.box_info(i), ephemeral=scalar(self.ephemeral(i)),
            share=self.shares[i - 1], sealed=sealed)
        return {
            "what": what,
            **hexes(number=self.number, credential=self.credential),
            "nonces": [hexes(**n) for n in self.nonces],
            **hexes(registration=self.registration, challenge=sha256(challenge(D, A, self.nonces)),
                    registration_digest=sha256(self.registration_message()),
                    boxes_digest=sha256(labelled("boxes", self.box_list())), head=self.head(),
                    postcard=self.record(), digest=self.digest()),
            "boxes": [box(*each) for each in self.boxes],
        }

    def release(self, what, name):
        return {
            "what": what, "fleet": name,
            **hexes(credential=self.credential, secret=self.secret, commitment=self.commitment),
            "shares": [s.hex() for s in self.shares],
        }


LAPTOP = Passkey(FIVE, b"the laptop's", 1)
KEY = Passkey(FIVE, draw("credential of a security key") * 2, 2)
SMALL = Passkey(THREE, b"at three sites", 1)


def roster(number, passkeys):
    return owner.CLAIM + varint(number) + many([p.digest() for p in passkeys])


def roster_message(number, passkeys):
    return labelled("owner-roster", D, roster(number, passkeys))


def rosters():
    cases = [
        ("the first passkey", 1, [LAPTOP]),
        ("one more", 2, [LAPTOP, KEY]),
        ("the first is struck off", 3, [KEY]),
        ("none is left", 4, []),
    ]

    def case(what, number, passkeys):
        message = roster_message(number, passkeys)
        signature = owner.sign(owner.SEED, message)
        return {
            "what": what, "number": number,
            "passkeys": [p.digest().hex() for p in passkeys],
            **hexes(message=message, digest=sha256(message),
                    postcard=roster(number, passkeys) + sized(signature)),
        }

    return [case(*each) for each in cases]


def facts_of_a_site():
    """All that a site tells another of the account, in postcard."""
    signed = roster(2, [LAPTOP, KEY]) + sized(owner.sign(owner.SEED, roster_message(2, [LAPTOP, KEY])))
    tickets = varint(0) + many([code.statement(i, code.ticket_message(i)) for i in code.ASKED])
    return b"".join([
        sized(A), b"\1" + tickets, b"\1" + code.SEALED_RECORD, many([LAPTOP.record(), KEY.record()]),
        code.NEWS + b"\1" + signed,
    ])


def unlock_message(credential):
    return labelled("passkey-unlock-key", D, A, credential)


def unlock_keys():
    def case(passkey):
        prf = draw("prf output", passkey.credential.hex())
        key = hpke.hkdf(passkey.secret + prf, unlock_message(passkey.credential))
        return hexes(credential=passkey.credential, released=passkey.secret, prf=prf, unlock_key=key)

    return [case(passkey) for passkey in (LAPTOP, KEY)]


def document():
    return {
        "source": "made by make_vectors.py, which was written from the specifications alone; "
                  "the fleets are those of vault-protocol.json",
        **hexes(keys_digest=D, account=A, claim=owner.CLAIM, prf_input=PRF_INPUT),
        "challenges": challenges(),
        "records": [LAPTOP.described("on a laptop"), KEY.described("on a security key")],
        "rosters": rosters(),
        "site_facts": facts_of_a_site().hex(),
        "releases": [LAPTOP.release("t of five sites", "five"), SMALL.release("t of three sites", "three")],
        "unlock_keys": unlock_keys(),
    }
