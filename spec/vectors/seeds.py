"""Honest examples for the fuzzers in ../fuzz, which alter them."""
import json

from . import code, owner, p256, passkeys, vault_protocol
from .encodings import sha256, sized, u8, varint


def signed_bundle():
    bundle = code.FLEET.first_bundle
    return json.dumps({
        "bundle": bundle,
        "auditor": {"timestamp": 1800000000, "signature": bytes(64).hex()},
        "operator": {"signature": bytes(64).hex()},
        "log_proof": "",
    }).encode()


def equivocation():
    other = sha256(b"another try")
    return sized(code.SLOT_ID) + b"".join(
        sized(tried) + code.statement(1, code.vote_message(1)) for tried in (code.TRY_ID, other))


def account_parts():
    """What the first byte says is there, by that byte."""
    roster = passkeys.roster(2, [passkeys.LAPTOP, passkeys.KEY])
    signature = owner.sign(owner.SEED, passkeys.roster_message(2, [passkeys.LAPTOP, passkeys.KEY]))
    acknowledged = code.SUBJECTS["record"] + code.statement(
        1, code.acknowledgement_message(code.SUBJECTS["record"], 1))
    certificate = code.FLEET.vote_key_certificate(1, owner.public(code.FLEET.vote_key(1)))
    parts = [
        code.SEALED_RECORD, passkeys.LAPTOP.record(), roster + sized(signature), code.NEWS + b"\0",
        code.CERTIFICATE, certificate, acknowledged, varint(1) + code.ROUND_END, code.ROUND_END, equivocation(),
    ]
    return {str(kind): u8(kind) + part for kind, part in enumerate(parts)}


def folders():
    """Names of targets, and for each the files by their names."""
    first_message = bytes.fromhex(vault_protocol.session()["first"])
    requests = {r["request"]: bytes.fromhex(r["bytes"]) for r in vault_protocol.requests()}
    facts = passkeys.facts_of_a_site()
    return {
        "account_parts": account_parts(),
        "sealed_box": {"of-a-code": code.BOXES[1], "of-a-passkey": passkeys.LAPTOP.boxes[0][2],
                       "contents": code.MASKED[1] + code.TAGS[1], "point": p256.compressed(p256.G)},
        "session_message": {"first": first_message},
        "site_facts": {"any": b"\0" + facts, "altered": b"\1" + bytes(3)},
        "validation_bundle": {"signed": signed_bundle()},
        "vault_request": requests,
    }
