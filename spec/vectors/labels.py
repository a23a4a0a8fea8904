"""What labels.txt holds: every label, with an example of its fields."""
from . import code, fleet, owner, passkeys
from .encodings import jcs, labelled, sha256, u8, u32, u64
from .fleet import draw

FLEET, D, A = code.FLEET, code.D, code.A
SITE = 3
KEYS, ACCOUNT = ("D", D), ("A", A)
VERSION = ("u32 v", u32(code.VERSION))
INDEX = ("u8 i", u8(SITE))
ROUND = ("u64 r", u64(code.ROUND))
OF_ACCOUNT = [KEYS, ACCOUNT, VERSION]
BUNDLE = FLEET.id(FLEET.first_bundle)
NONCE = ("nonce", draw("nonce of a verifier"))
COUNTS = jcs({
    "type": "keepsake/audit-counts/v2", "site": SITE, "bundle": BUNDLE.hex(), "serial": FLEET.serial(SITE),
    "log_number": 700, "log_digest": draw("log").hex()[:32], "entries": 700, "oprf_entries": 24, "evaluated": 9,
    "evaluated_head": draw("evaluated").hex(), "registration_evaluations": 2, "repeats": 1, "at": code.AT,
})
VOTE_KEY = owner.public(FLEET.vote_key(SITE))
PASSKEY = passkeys.LAPTOP
AUDITOR_SIGNATURE = owner.sign(draw("auditor"), b"example")


def challenge_fields():
    for n in passkeys.LAPTOP.nonces:
        yield "site", u8(n["site"])
        yield "nonce", n["nonce"]
        yield "handshake hash", n["handshake"]


LABELS = [
    ("account", [("owner key", owner.OWNER), ("nonce", owner.NONCE)]),
    ("owner-record", [("record", code.RECORD)]),
    ("owner-removal", [KEYS, ACCOUNT]),
    ("owner-reset", [KEYS, ACCOUNT, ROUND]),
    ("owner-roster", [KEYS, ("roster", passkeys.roster(2, [passkeys.LAPTOP, passkeys.KEY]))]),
    ("access-commitment", [("salt", code.SALT), ("access key", code.ACCESS)]),
    ("access-key", OF_ACCOUNT),
    ("boxes", [("boxes", code.BOX_LIST)]),
    ("box", [*OF_ACCOUNT, INDEX, ("u32 serial", u32(FLEET.serial(SITE)))]),
    ("code-salt", [ACCOUNT, VERSION]),
    ("share-mask", [*OF_ACCOUNT, INDEX]),
    ("unlock-tag", [*OF_ACCOUNT, INDEX]),
    ("vault-key", [*OF_ACCOUNT, ("empty", b"")]),
    ("commitment", [*OF_ACCOUNT, ("empty", b"")]),
    ("multiplier", [("u8 attempt", u8(0))]),
    ("try", [*OF_ACCOUNT, ROUND, ("u8 k", u8(code.SLOT)), ("SHA-256(alpha)", code.ALPHA_DIGEST),
             ("u64 time", u64(code.AT))]),
    ("slot", [KEYS, ACCOUNT, ROUND, ("u8 k", u8(code.SLOT))]),
    ("confirm", [KEYS, ("try id", code.TRY_ID), INDEX]),
    ("vote-key", [KEYS, INDEX, ("u64 started", u64(FLEET.started(SITE))), ("vote key", VOTE_KEY)]),
    ("vote", [KEYS, ("slot id", code.SLOT_ID), ("try id", code.TRY_ID), INDEX]),
    ("receipt", [*OF_ACCOUNT, ("try id", code.TRY_ID), ROUND, INDEX]),
    ("acknowledgement", [KEYS, ACCOUNT, ("subject", code.SUBJECTS["record"]), INDEX]),
    ("ticket", [KEYS, ACCOUNT, INDEX]),
    ("tag", [ACCOUNT]),
    ("audit-counts", [("counts", COUNTS)]),
    ("live-counts", [NONCE, ("counts", COUNTS)]),
    ("evaluated", [("digest before", bytes(32)), ("entry", code.EVALUATED)]),
    ("site-start", [("u64 time", u64(code.AT))]),
    ("auditor-signature", [("namespace", b"vectors.keepsake"), ("u64 epoch", u64(1)), ("u64 time", u64(code.AT)),
                           ("bundle id", BUNDLE)]),
    ("operator-countersignature", [("auditor's signature", AUDITOR_SIGNATURE)]),
    ("passkey-challenge", [KEYS, ACCOUNT, *challenge_fields()]),
    ("passkey-record", [("head", PASSKEY.head())]),
    ("passkey-registration", [("nonces", passkeys.listed(PASSKEY.nonces)), ("registration", PASSKEY.registration)]),
    ("passkey-box", [KEYS, ACCOUNT, ("credential", PASSKEY.credential), INDEX,
                     ("u32 serial", u32(FLEET.serial(SITE)))]),
    ("passkey-commitment", [KEYS, ACCOUNT, ("credential", PASSKEY.credential)]),
    ("passkey-unlock-key", [KEYS, ACCOUNT, ("credential", PASSKEY.credential)]),
]

HEAD = """\
# Labelled messages of vault-protocol.md section 3, passkey-release.md section 10 and validation-bundle.md section 4,
# each with an example of its fields: name, length, hex. Last the SHA-256 of the whole message.
# Made by make_vectors.py.
"""


def document():
    lines = [HEAD]
    for label, fields in LABELS:
        lines.append(label)
        lines += [f"    {name + ' ':.<24} {len(data):4} {data.hex()}".rstrip() for name, data in fields]
        message = labelled(label, *(data for _, data in fields))
        lines.append(f"    = {sha256(message).hex()}\n")
    return "\n".join(lines)
