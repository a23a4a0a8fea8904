"""A code is registered at four of five sites, and opens at three of them (vault-protocol.md sections 6 to 10)."""
import hmac

from . import hpke, oprf, owner, p256, sharing
from .encodings import labelled, many, sha256, sized, u8, u32, u64, varint
from .fleet import FIVE as FLEET
from .fleet import draw, scalar

D, A, VERSION, ROUND, SLOT = FLEET.digest, owner.ACCOUNT, 1, 0, 1
# Site 4 was away, so it has no box.
REGISTERED = (1, 2, 3, 5)
ASKED = (1, 3, 5)
AT = 1800000100
STRETCHED = draw("stretched code")
HEADER_SECRET = draw("header secret")
PARAMETERS = (65536, 3, 4)
MAX_TRIES, GENERATED = 10, 0


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def of_account(label, *last):
    return labelled(label, D, A, u32(VERSION), *last)


# The secret and all shares.
SECRET = draw("secret")
COEFFICIENTS = [draw("coefficient", i) for i in range(1, FLEET.threshold)]
SHARES = sharing.shares(SECRET, COEFFICIENTS, FLEET.n)
VAULT_KEY = hpke.hkdf(SECRET, of_account("vault-key", b""))
COMMITMENT = hpke.hkdf(SECRET + b"".join(SHARES), of_account("commitment", b""))
TAGS = {i: hpke.hkdf(SECRET, of_account("unlock-tag", u8(i))) for i in FLEET.sites}


def multiplier(tag):
    for attempt in range(256):
        candidate = hpke.hkdf(tag, labelled("multiplier", u8(attempt)))
        if 0 < p256.number(candidate) < p256.N:
            return candidate
    raise AssertionError("once in 2^8192 times")


MULTIPLIERS = {i: multiplier(TAGS[i]) for i in FLEET.sites}

# Registration: the code is blinded, and each site's evaluation of it hides the site's share.
BLIND = scalar("blind of the registration")
ALPHA = oprf.blind(STRETCHED, BLIND)
BETAS = {i: p256.multiply(FLEET.secret["oprf_key", i], ALPHA) for i in REGISTERED}
RHOS = {i: oprf.finalize(STRETCHED, BLIND, p256.multiply(p256.number(MULTIPLIERS[i]), BETAS[i]))
        for i in REGISTERED}
MASKS = {i: hpke.hkdf(RHOS[i], of_account("share-mask", u8(i))) for i in REGISTERED}
MASKED = {i: xor(SHARES[i - 1], MASKS[i]) for i in REGISTERED}


def box_info(site):
    return of_account("box", u8(site), u32(FLEET.serial(site)))


EPHEMERALS = {i: scalar("ephemeral key of box", i) for i in REGISTERED}
BOXES = {i: hpke.box(EPHEMERALS[i], p256.public(FLEET.secret["seal_key", i]), box_info(i), MASKED[i] + TAGS[i])
         for i in REGISTERED}

# The access key, and the record.
ACCESS_SEED = hpke.hkdf(HEADER_SECRET + STRETCHED, of_account("access-key"))
ACCESS = owner.public(ACCESS_SEED)
SALT = draw("salt of the access commitment")
ACCESS_MESSAGE = labelled("access-commitment", SALT, ACCESS)
BOX_LIST = many([u8(i) + varint(FLEET.serial(i)) + sized(BOXES[i]) for i in REGISTERED])
BOXES_MESSAGE = labelled("boxes", BOX_LIST)
RECORD = b"".join([
    owner.CLAIM, varint(VERSION), sized(D), sized(sha256(ACCESS_MESSAGE)), *map(varint, PARAMETERS),
    u8(MAX_TRIES), varint(GENERATED), COMMITMENT, sha256(BOXES_MESSAGE),
])
RECORD_MESSAGE = labelled("owner-record", RECORD)
SIGNED_RECORD = RECORD + sized(owner.sign(owner.SEED, RECORD_MESSAGE))
SEALED_RECORD = SIGNED_RECORD + SALT + sized(ACCESS) + BOX_LIST

# A try.
TRY_BLIND = scalar("blind of the try")
TRY_ALPHA = oprf.blind(STRETCHED, TRY_BLIND)
ALPHA_DIGEST = sha256(p256.uncompressed(TRY_ALPHA))
TRY_MESSAGE = of_account("try", u64(ROUND), u8(SLOT), ALPHA_DIGEST, u64(AT))
TRY_ID = sha256(TRY_MESSAGE)
TRY = b"".join([sized(A), varint(VERSION), varint(ROUND), u8(SLOT), ALPHA_DIGEST, varint(AT),
                sized(owner.sign(ACCESS_SEED, TRY_MESSAGE))])
SLOT_MESSAGE = labelled("slot", D, A, u64(ROUND), u8(SLOT))
SLOT_ID = sha256(SLOT_MESSAGE)


def vote_message(site):
    return labelled("vote", D, SLOT_ID, TRY_ID, u8(site))


def receipt_message(site):
    return labelled("receipt", D, A, u32(VERSION), TRY_ID, u64(ROUND), u8(site))


def ticket_message(site):
    return labelled("ticket", D, A, u8(site))


# What a site can acknowledge. In postcard: the variant's number, and what it holds.
SUBJECTS = {
    "record": varint(0) + varint(VERSION) + sha256(RECORD_MESSAGE),
    "removed": varint(2),
    "round": varint(3) + varint(ROUND + 1),
}


def acknowledgement_message(subject, site):
    return labelled("acknowledgement", D, A, subject, u8(site))


def statement(site, message):
    """A site's signed word, in postcard."""
    seed = FLEET.vote_key(site)
    return u8(site) + sized(owner.public(seed)) + sized(owner.sign(seed, message))


VOTES = many([statement(i, vote_message(i)) for i in ASKED])
CERTIFICATE = TRY + VOTES
# What a site publishes of it.
EVALUATED = sized(SLOT_ID) + sized(TRY_ID) + VOTES
# Evaluation: what each site asked answers.
ANSWERS = {i: p256.multiply(p256.number(MULTIPLIERS[i]) * FLEET.secret["oprf_key", i], TRY_ALPHA) for i in ASKED}


def confirm_message(site):
    return labelled("confirm", D, TRY_ID, u8(site))


PROOFS = {i: hmac.digest(TAGS[i], confirm_message(i), "sha256") for i in ASKED}
# The end of the round: 0 by receipts, 1 by the owner's word.
ROUND_END = b"".join([varint(ROUND), varint(0), varint(VERSION), sized(TRY_ID),
                      many([statement(i, receipt_message(i)) for i in ASKED])])
# Everything that anyone may carry: certificates of vote keys, the last round's end, and votes of the round after it.
NEXT = ROUND + 1
NEXT_SLOT_ID = sha256(labelled("slot", D, A, u64(NEXT), u8(SLOT)))
NEXT_VOTE = labelled("vote", D, NEXT_SLOT_ID, TRY_ID, u8(2))
NEWS = b"".join([
    many([FLEET.vote_key_certificate(i, owner.public(FLEET.vote_key(i))) for i in FLEET.sites]),
    b"\1" + ROUND_END,
    many([varint(NEXT) + u8(SLOT) + sized(TRY_ID) + statement(2, NEXT_VOTE)]),
    b"\0",
])
RESET_MESSAGE = labelled("owner-reset", D, A, u64(ROUND))
RESET = varint(ROUND) + varint(1) + sized(owner.sign(owner.SEED, RESET_MESSAGE))
REMOVAL_MESSAGE = labelled("owner-removal", D, A)
REMOVAL = owner.CLAIM + sized(owner.sign(owner.SEED, REMOVAL_MESSAGE))
