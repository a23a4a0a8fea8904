"""What vault-protocol.json holds."""
from . import code, fleet, noise, owner, p256
from .encodings import many, sha256, sized, u8, varint

FLEET, D, A = code.FLEET, code.D, code.A


def hexes(**values):
    """Bytes as hex; everything else as it is."""
    as_hex = lambda value: value.hex() if isinstance(value, bytes) else value
    return {name: as_hex(value) for name, value in values.items()}


def scalar(number):
    return number.to_bytes(32, "big")


def registration():
    site = lambda i: hexes(
        site=i, beta=p256.uncompressed(code.BETAS[i]), rho=code.RHOS[i], share_mask=code.MASKS[i],
        masked_share=code.MASKED[i])
    return {
        **hexes(stretched_code=code.STRETCHED, blind=scalar(code.BLIND), alpha=p256.uncompressed(code.ALPHA),
                secret=code.SECRET),
        "coefficients": [c.hex() for c in code.COEFFICIENTS],
        "shares": [s.hex() for s in code.SHARES],
        "tags": [code.TAGS[i].hex() for i in FLEET.sites],
        "multipliers": [code.MULTIPLIERS[i].hex() for i in FLEET.sites],
        "sites": [site(i) for i in code.REGISTERED],
        **hexes(commitment=code.COMMITMENT, vault_key=code.VAULT_KEY),
    }


def access():
    return hexes(header_secret=code.HEADER_SECRET, stretched_code=code.STRETCHED, seed=code.ACCESS_SEED,
                 public=code.ACCESS, salt=code.SALT, commitment=sha256(code.ACCESS_MESSAGE),
                 own_code_public=owner.public(code.HEADER_SECRET))


def box(i):
    return hexes(site=i, serial=FLEET.serial(i), info=code.box_info(i), ephemeral=scalar(code.EPHEMERALS[i]),
                 contents=code.MASKED[i] + code.TAGS[i], sealed=code.BOXES[i])


def record():
    return hexes(postcard=code.RECORD, digest=sha256(code.RECORD_MESSAGE), boxes_digest=sha256(code.BOXES_MESSAGE),
                 signed=code.SIGNED_RECORD, sealed=code.SEALED_RECORD)


def one_try():
    answer = lambda i: hexes(site=i, beta=p256.uncompressed(code.ANSWERS[i]), masked_share=code.MASKED[i])
    return {
        **hexes(blind=scalar(code.TRY_BLIND), alpha=p256.uncompressed(code.TRY_ALPHA),
                alpha_digest=code.ALPHA_DIGEST, postcard=code.TRY, id=code.TRY_ID, slot_id=code.SLOT_ID,
                certificate=code.CERTIFICATE),
        "answers": [answer(i) for i in code.ASKED],
        "proofs": [hexes(site=i, proof=code.PROOFS[i]) for i in code.ASKED],
        **hexes(round_end=code.ROUND_END, reset=code.RESET, removal=code.REMOVAL),
    }


def statements():
    acknowledged = lambda name: hexes(subject=name, postcard=code.SUBJECTS[name] + code.statement(
        1, code.acknowledgement_message(code.SUBJECTS[name], 1)))
    certificate = lambda i: FLEET.vote_key_certificate(i, owner.public(FLEET.vote_key(i)))
    return {
        "certificates": [certificate(i).hex() for i in FLEET.sites],
        "tickets": [code.statement(i, code.ticket_message(i)).hex() for i in code.ASKED],
        "acknowledgements": [acknowledged(name) for name in code.SUBJECTS],
    }


def session():
    site = 2
    prologue = FLEET.id(FLEET.first_bundle) + u8(site)
    client, answering = fleet.scalar("ephemeral key of the client"), fleet.scalar("ephemeral key of the site")
    handshake = noise.Handshake(prologue, FLEET.secret["session_key", site])
    first, second = handshake.run(client, answering)
    said = [("client", b"what is asked"), ("site", b"what is answered"), ("client", b"")]
    counters = {"client": 0, "site": 0}
    messages = []
    for sender, text in said:
        key = handshake.to_site if sender == "client" else handshake.to_client
        message = noise.encrypt(key, counters[sender], b"", text)
        counters[sender] += 1
        messages.append({"from": sender, "plaintext": text.decode(), "message": message.hex()})
    return {
        "pattern": noise.NAME.decode(), "site": site,
        **hexes(prologue=prologue, site_static=scalar(FLEET.secret["session_key", site]),
                client_ephemeral=scalar(client), site_ephemeral=scalar(answering), first=first, second=second,
                handshake_hash=handshake.hash),
        "messages": messages,
    }


def requests():
    """Every request that is short, with its number."""
    no_news = varint(0) + varint(0) * 4
    alpha = sized(p256.uncompressed(code.TRY_ALPHA))
    account = sized(A)
    nonce = fleet.draw("nonce of a verifier")
    bodies = {
        "Show": (0, account),
        "EvaluateForRegistration": (1, account + sized(p256.uncompressed(code.ALPHA)) + alpha),
        "Register": (2, code.SEALED_RECORD + b"\0" + no_news),
        "Vote": (3, code.TRY + no_news),
        "Evaluate": (4, code.CERTIFICATE + alpha + no_news),
        "Confirm": (5, account + sized(code.TRY_ID) + code.PROOFS[1]),
        "Learn": (6, account + no_news),
        "Events": (7, account),
        "Prove": (8, nonce),
        "BeginPasskey": (9, account),
        "SetRoster": (10, no_news + b"\0\0"),
        "BeginRelease": (11, account),
        "Release": (12, account + many([]) + sized(b"{}")),
    }
    return [{"request": name, "bytes": (varint(number) + body).hex()} for name, (number, body) in bodies.items()]


def document():
    return {
        "source": "made by make_vectors.py, which was written from the specifications alone",
        "fleets": {"five": FLEET.described(), "three": fleet.THREE.described()},
        "account": owner.described(),
        "access": access(),
        "registration": registration(),
        "boxes": [box(i) for i in code.REGISTERED],
        "record": record(),
        "try": one_try(),
        "statements": statements(),
        "session": session(),
        "requests": requests(),
    }
