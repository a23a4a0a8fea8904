#!/usr/bin/env python3
"""Verify a fleet's bundle and evidence, independently of Keepsake's own code.

Written from spec/validation-bundle.md, spec/fleet-log.md and spec/evidence.md; needs only the `cryptography` package.

  verify_fleet.py --trust trust.json --bundle bundle.json [--evidence DIR] [--history DIR] [--seen F] [--consistency F]
  verify_fleet.py --cases crates/fleet-evidence/tests/cases      agreement with the expected refusals
  verify_fleet.py --vectors spec/validation-bundle.json          agreement with the published digests

Exit code 0: trusted (or all cases agree), 1: refused, 2: usage.
"""
import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

YUBICO_ROOT_SHA256 = "094a3ac493c2bdcd65a54bdf40190f52bb03f7156397a3fc69d8aa9a392fb724"
YUBICO_INTERMEDIATES = Path(__file__).parent.parent / "crates/fleet-evidence/pinned/yubico-intermediates.pem"
ARC = "1.3.6.1.4.1.41482.4."
EXACT = 2**53 - 1
DERIVE, SIGN, EXPORTABLE = 1 << 0x0B, 1 << 0x07, 1 << 0x10
KEYS = {"oprf": (0x0101, DERIVE), "seal": (0x0102, DERIVE), "fleet": (0x0103, DERIVE | EXPORTABLE), "receipt": (0x0104, SIGN),
        "session": (0x0105, DERIVE)}
DEVICE_KEYS = ["serial", "oprf_key", "seal_key", "session_key", "receipt_key"]
LOGINS = {0x0201: (0x4000010C0880, 1), 0x0202: (0x420400000010, 2)}
CHANGE_OWN_KEY = 1 << 0x2E
STATEMENT_KEY = 0x0401
# Commands that must be recorded, by the firmware that brought them, and those that need not.
REQUIRED_AUDIT = {
    (2, 0): [0x07, 0x08, 0x09, 0x42, 0x44, 0x45, 0x46, 0x47, 0x49, 0x4A, 0x4B, 0x4C, 0x4F, 0x52, 0x53, 0x55, 0x56, 0x57, 0x58,
             0x59, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x68, 0x69, 0x6A, 0x6C],
    (2, 3): [0x6D, 0x6E, 0x6F, 0x70, 0x71, 0x72],
    (2, 4): [0x73, 0x74, 0x75, 0x76, 0x77],
}
FREE = {0x01, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x40, 0x41, 0x43, 0x48, 0x4D, 0x4E, 0x50, 0x51, 0x54, 0x5F, 0x67, 0x6B}
NEWEST_FIRMWARE = (2, 4)
ATTACHED = {"manifest.json", "anchors.json", "statements.json", "bundle.json"}
# Ed25519 points of small order (RFC 8032 encodings), under which a signature proves nothing.
SMALL_ORDER = {
    "01" + "00" * 31, "00" * 32, "00" * 31 + "80", "01" + "00" * 30 + "80", "ec" + "ff" * 30 + "7f", "ec" + "ff" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ed" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f", "ed" + "ff" * 31, "ee" + "ff" * 31,
}


class Refused(Exception):
    """A check's reason for refusing."""


def need(condition, why):
    if not condition:
        raise Refused(why)


# --- encodings -------------------------------------------------------------------------------------------------------

def jcs(value):
    """RFC 8785 for objects of strings, integers, lists, maps with ASCII names."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def labelled(label, fields):
    out = b"keepsake/" + label.encode() + b"/v1\0"
    return out + b"".join(struct.pack(">I", len(f)) + f for f in fields)


def sha256(data):
    return hashlib.sha256(data).digest()


def load_json(data, what):
    def unique(pairs):
        need(len({k for k, _ in pairs}) == len(pairs), f"{what}: a field occurs twice")
        return dict(pairs)
    try:
        return json.loads(data, object_pairs_hook=unique)
    except (ValueError, RecursionError) as e:
        raise Refused(f"{what}: {e}") from e


def fields(value, names, what):
    need(isinstance(value, dict) and set(value) == set(names.split()), f"{what}: not exactly the fields {names}")
    return value


def is_hex(text, size):
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{%d}" % (2 * size), text) is not None


def is_int(value, most=EXACT):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def role_key(text):
    need(is_hex(text, 32), "not an Ed25519 key")
    need(text not in SMALL_ORDER, "the Ed25519 key has small order")
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))


def verify_ed25519(key, message, signature, what):
    try:
        key.verify(bytes.fromhex(signature), message)
    except InvalidSignature:
        raise Refused(f"{what}: the signature does not verify") from None


# --- the bundle (B0-B8) ----------------------------------------------------------------------------------------------

def read_bundle(data):
    signed = fields(load_json(data, "bundle"), "bundle auditor operator log_proof", "signed bundle")
    b = signed["bundle"]
    version = re.fullmatch(r"keepsake/validation-bundle/v([0-9]+)", b["type"])
    need(version, "bundle: type")
    need(int(version[1]) == 2, f"version {version[1]} of the protocol, this program reads version 2")
    known = "type namespace fleet_id epoch threshold policy fleet_key sites not_before not_after previous evidence revoked_epochs"
    fields(b, known + " keys_since" if isinstance(b, dict) and "keys_since" in b else known, "bundle")
    need(is_hex(b["fleet_id"], 16) and b["policy"] in ("balanced", "strict"), "bundle: fleet id or policy")
    numbers = [b["epoch"], b["not_before"], b["not_after"], *b["revoked_epochs"]]
    need(all(is_int(x) for x in numbers) and b["epoch"] >= 1, "a number is not an exact integer: it has no one canonical form")
    if "keys_since" in b:
        need(is_int(b["keys_since"]) and 1 <= b["keys_since"] < b["epoch"], "keys_since names an earlier epoch, or is left out")
    need(all(e < b.get("keys_since", b["epoch"]) for e in b["revoked_epochs"]), "the keys in use date from a revoked epoch")
    fields(signed["auditor"], "timestamp signature", "auditor")
    need(is_int(signed["auditor"]["timestamp"], 2**64 - 1), "auditor: timestamp")
    for who in (signed["auditor"], fields(signed["operator"], "signature", "operator")):
        need(is_hex(who["signature"], 64), "a signature is not 64 bytes")
    need(isinstance(signed["log_proof"], str), "log proof")
    return signed


def check_form(b):
    n = len(b["sites"])
    need(n in (3, 5, 7) and b["threshold"] == n // 2 + 1, "3, 5 or 7 sites and a majority")
    need((b["epoch"] == 1) == (b["previous"] is None) and (b["previous"] is None or is_hex(b["previous"], 32)), "previous")
    fields(b["evidence"], "digest url", "evidence")
    keys, serials, endpoints = [b["fleet_key"]], [], []
    for i, site in enumerate(b["sites"]):
        fields(site, "index region endpoint devices", "site")
        need(site["index"] == i + 1 and len(site["devices"]) == 1, "sites are numbered and have one device")
        need(site["endpoint"].startswith("https://"), "endpoint without https")
        device = fields(site["devices"][0], " ".join(DEVICE_KEYS), "device")
        need(is_int(device["serial"], 2**32 - 1), "serial")
        keys += [device[name] for name in DEVICE_KEYS[1:]]
        serials.append(device["serial"])
        endpoints.append(site["endpoint"])
    for what, items in (("key", keys), ("serial", serials), ("endpoint", endpoints)):
        need(len(set(items)) == len(items), f"a {what} occurs twice")
    for key in keys:
        need(is_hex(key, 65) and key.startswith("04"), "a key is not an uncompressed point")
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(key))
        except ValueError:
            raise Refused("a key is not a point of P-256") from None


def bundle_id(b):
    return sha256(jcs(b))


def keys_digest(b):
    """What accounts are bound to."""
    sites = [[{name: device[name] for name in DEVICE_KEYS} for device in site["devices"]] for site in b["sites"]]
    return sha256(jcs({"threshold": b["threshold"], "policy": b["policy"], "fleet_key": b["fleet_key"], "sites": sites}))


def check_auditor(signed, trust):
    b, key = signed["bundle"], role_key(trust["auditor_key"])
    need(b["namespace"] == trust["namespace"], "another namespace")
    u64 = lambda x: struct.pack(">Q", x)
    message = labelled("auditor-signature", [b["namespace"].encode(), u64(b["epoch"]), u64(signed["auditor"]["timestamp"]), bundle_id(b)])
    verify_ed25519(key, message, signed["auditor"]["signature"], "auditor")


def check_operator(signed, trust):
    message = labelled("operator-countersignature", [bytes.fromhex(signed["auditor"]["signature"])])
    verify_ed25519(role_key(trust["operator_key"]), message, signed["operator"]["signature"], "operator")


def check_roles(trust):
    role_key(trust["auditor_key"]), role_key(trust["operator_key"])
    need(trust["auditor_key"] != trust["operator_key"], "one key in both roles")


def check_period(signed, now):
    b = signed["bundle"]
    need(b["not_before"] < b["not_after"], "an empty period")
    need(b["not_before"] <= now <= b["not_after"], "outside its period")
    need(signed["auditor"]["timestamp"] <= now + 300, "signed in the future")


# --- the log (C2SP signed-note, tlog-checkpoint, tlog-proof; RFC 6962) -------------------------------------------------

def node(left, right):
    return sha256(b"\x01" + left + right)


def root_from_path(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    need(index < size, "the index is beyond the tree")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        need(sn != 0, "the path is too long")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "the path is too short")
    return r


def check_consistency(old_size, old_root, new_size, new_root, path):
    """RFC 9162 section 2.1.4.2."""
    if old_size == new_size:
        return need(old_root == new_root, "two trees of one size")
    if old_size == 0:
        return None
    need(path, "no consistency proof")
    path = list(path) if old_size & (old_size - 1) else [old_root, *path]
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        need(sn != 0, "the proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and fr == old_root and sr == new_root, "the log does not continue the one seen")


def b64(text):
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("not base64") from None


def read_checkpoint(note, vkey):
    name, key_id, encoded = vkey.split("+", 2)
    key = b64(encoded)
    need(len(key) == 33 and key[0] == 1 and sha256(name.encode() + b"\n" + key)[:4].hex() == key_id, "log key")
    need("\n\n" in note and note.endswith("\n"), "not a signed note")
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    found = False
    for line in signatures.splitlines():
        need(line.startswith("\u2014 ") and line.count(" ") == 2, "not a signature line")
        _, who, blob = line.split(" ")
        blob = b64(blob)
        if who == name and blob[:4].hex() == key_id:
            verify_ed25519(role_key(key[1:].hex()), text.encode(), blob[4:].hex(), "checkpoint")
            found = True
    need(found, "the checkpoint is not signed by the log")
    lines = text.split("\n")
    need(lines[0] == name and re.fullmatch(r"0|[1-9][0-9]*", lines[1]), "checkpoint")
    root = b64(lines[2])
    need(len(root) == 32, "root hash")
    return int(lines[1]), root


def check_logged(signed, trust):
    head, separator, note = signed["log_proof"].partition("\n\n")
    lines = head.split("\n")
    need(separator and lines[0] == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
    lines = lines[2:] if len(lines) > 1 and lines[1].startswith("extra ") else lines[1:]
    match = lines and re.fullmatch(r"index (0|[1-9][0-9]*)", lines[0])
    need(match, "no index")
    path = [b64(line) for line in lines[1:]]
    need(len(path) <= 63 and all(len(p) == 32 for p in path), "path")
    size, root = read_checkpoint(note, trust["log_key"])
    b, a = signed["bundle"], signed["auditor"]
    entry = {"type": "keepsake/log-entry/v1", "namespace": b["namespace"], "epoch": b["epoch"], "timestamp": a["timestamp"],
             "digest": bundle_id(b).hex(), "auditor_signature": a["signature"]}
    leaf = sha256(b"\x00" + jcs(entry))
    need(root_from_path(leaf, int(match[1]), size, path) == root, "the entry is not in the log")
    return size, root


def follows(b, older):
    """The rules between neighbouring bundles, beyond epoch and digest."""
    keys = lambda x: ([s["index"] for s in x["sites"]], keys_digest(x))
    same = (older["fleet_id"], older["namespace"]) == (b["fleet_id"], b["namespace"])
    since = "keys_since" not in b or (keys(b) == keys(older) and b["keys_since"] == older.get("keys_since", older["epoch"]))
    return same and since and set(older["revoked_epochs"]) <= set(b["revoked_epochs"])


class History:
    """The bundles before this one, as far as they are properly signed and logged, and what was seen."""

    def __init__(self, signed, documents, trust, seen):
        self.bundle, self.seen, self.trust = signed["bundle"], seen, trust
        self.conflict, sound = None, {}
        for data in documents:
            try:
                old = read_bundle(data)
                for check in (lambda: check_form(old["bundle"]), lambda: check_auditor(old, trust), lambda: check_operator(old, trust), lambda: check_logged(old, trust)):
                    check()
            except (Refused, KeyError, TypeError, ValueError, AttributeError):
                continue
            epoch, identity = old["bundle"]["epoch"], bundle_id(old["bundle"])
            known = bundle_id(self.bundle) if epoch == self.bundle["epoch"] else sound.get(epoch, (identity,))[0]
            if known != identity:
                self.conflict = self.conflict or f"two signed bundles for epoch {epoch}"
            elif epoch != self.bundle["epoch"]:
                sound[epoch] = (identity, old["bundle"])
        self.ids, current = {self.bundle["epoch"]: bundle_id(self.bundle)}, self.bundle
        while current["epoch"] - 1 in sound and current["previous"] == sound[current["epoch"] - 1][0].hex():
            identity, older = sound[current["epoch"] - 1]
            if not follows(current, older):
                break
            self.ids[older["epoch"]], current = identity, older
        self.oldest = current

    def check_newer(self):
        need(not self.conflict, self.conflict)
        if not self.seen:
            return
        need(self.seen["trust"] == sha256(jcs(self.trust)).hex(), "seen under another trust document")
        epoch, known = self.seen["epoch"], bytes.fromhex(self.seen["bundle"])
        need(self.bundle["epoch"] >= epoch, "an older epoch than seen before")
        identity = self.ids.get(epoch)
        if identity is None and self.oldest["epoch"] == epoch + 1:
            identity = bytes.fromhex(self.oldest["previous"])
        need(identity == known, "it contradicts, or does not reach back to, what was seen before")

    def check_chain(self):
        remembered = {h["epoch"]: h["id"] for h in (self.seen or {}).get("history", [])}
        named = self.oldest["previous"]
        for epoch in range(self.oldest["epoch"] - 1, 0, -1):
            need(named is not None and remembered.get(epoch) == named, f"the bundle of epoch {epoch} is missing")
            named = remembered.get(epoch - 1)


# --- attestation certificates ----------------------------------------------------------------------------------------

def certificates(pem):
    try:
        found = x509.load_pem_x509_certificates(pem.encode() if isinstance(pem, str) else pem)
    except ValueError as e:
        raise Refused(f"certificate: {e}") from e
    need(found and len(found) <= 8, "not one to eight certificates")
    return found


def extension(cert, arc, tag):
    """The DER content of a Yubico extension."""
    values = [e.value.value for e in cert.extensions if e.oid.dotted_string == ARC + str(arc)]
    need(len(values) == 1 and len(values[0]) > 1, f"extension {arc}")
    der = values[0]
    need(der[0] == tag and der[1] == len(der) - 2 and der[1] < 128, f"extension {arc} has another form")
    return der[2:]


def bits(cert, arc, size):
    content = extension(cert, arc, 0x03)
    need(content[0] == 0 and len(content) == size + 1, f"extension {arc} is not {size} bytes")
    return int.from_bytes(content[1:], "big")


def attested_fields(cert):
    firmware = extension(cert, 1, 0x04)
    need(len(firmware) == 3, "firmware")
    return {"firmware": tuple(firmware), "serial": int.from_bytes(extension(cert, 2, 0x02), "big"), "origin": bits(cert, 3, 1),
            "domains": bits(cert, 4, 2), "capabilities": bits(cert, 5, 8), "id": int.from_bytes(extension(cert, 6, 0x02), "big"),
            "label": extension(cert, 9, 0x0C).decode()}


def signed_by(child, issuer):
    key, algorithm = issuer.public_key(), child.signature_hash_algorithm
    if isinstance(key, rsa.RSAPublicKey):
        need(key.key_size >= 2048, "an RSA key under 2048 bits")
        need(isinstance(algorithm, hashes.SHA256), "RSA with another hash than SHA-256")
        key.verify(child.signature, child.tbs_certificate_bytes, padding.PKCS1v15(), algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1"):
        need(isinstance(algorithm, (hashes.SHA256, hashes.SHA384)), "ECDSA with another hash")
        key.verify(child.signature, child.tbs_certificate_bytes, ec.ECDSA(algorithm))
    else:
        raise Refused("an unknown kind of key")


def find_issuer(child, candidates, below, now):
    why = "the chain does not lead to a pinned root"
    for issuer in candidates:
        if issuer.subject != child.issuer or issuer == child:
            continue
        try:
            signed_by(child, issuer)
            basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
            need(basic.ca and (basic.path_length is None or basic.path_length >= below), "not an authority for this")
            usage = [e.value for e in issuer.extensions if isinstance(e.value, x509.KeyUsage)]
            need(all(u.key_cert_sign for u in usage), "its key may not sign certificates")
            need_valid(issuer, now)
            return issuer
        except (Refused, InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound) as e:
            why = str(e) or type(e).__name__
    raise Refused(why)


def need_valid(cert, now):
    at = datetime.fromtimestamp(now, timezone.utc)
    need(cert.not_valid_before_utc <= at <= cert.not_valid_after_utc, "a certificate is not valid now")
    known = (x509.BasicConstraints, x509.KeyUsage)
    need(not any(e.critical and not isinstance(e.value, known) for e in cert.extensions), "an unknown critical extension")


def verify_attestation(cert, chain, trust, now):
    need_valid(cert, now)
    try:
        values = attested_fields(cert)
    except (ValueError, IndexError) as e:
        raise Refused(str(e)) from e
    roots = [c for pem in trust["attestation_roots"] for c in certificates(pem)]
    if YUBICO_INTERMEDIATES.exists():
        chain = chain + certificates(YUBICO_INTERMEDIATES.read_bytes())
    current = device = find_issuer(cert, chain, 0, now)
    need(int.from_bytes(extension(device, 2, 0x02), "big") == values["serial"], "signed by another device than it names")
    for below in range(1, 6):
        try:
            root = find_issuer(current, roots, below, now)
            break
        except Refused:
            need(current not in roots, "a root posed as a device")
            current = find_issuer(current, chain, below, now)
    else:
        raise Refused("the chain is too long")
    yubico = root.fingerprint(hashes.SHA256()).hex() == YUBICO_ROOT_SHA256
    need(yubico or trust["mock"], "not Yubico's root, and not labelled MOCK")
    key = cert.public_key()
    need(isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1", "not a P-256 key")
    values["key"] = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint).hex()
    return values


# --- the evidence (E0-E13) -------------------------------------------------------------------------------------------

class Folder:
    def __init__(self, files):
        self.files = files
        self.manifest = fields(self.json("manifest.json"), "type namespace fleet_id epoch created_at mock sites fleet_key_made_on files", "manifest")
        need(self.manifest["type"] == "keepsake/evidence-manifest/v1", "manifest: type")

    def json(self, path):
        need(path in self.files, f"{path} is missing")
        return load_json(self.files[path], path)

    def read(self):
        self.build = fields(self.json("build.json"), "version vault_server_sha256 source", "build.json")
        need("transcript.txt" in self.files, "transcript.txt is missing")
        self.anchors = fields(self.json("anchors.json"), "record signature", "anchors.json")
        self.statements = fields(self.json("statements.json"), "type statements", "statements.json")["statements"]
        self.devices = [Device(self, site["serial"]) for site in self.manifest["sites"]]


class Device:
    def __init__(self, folder, serial):
        path = f"devices/{serial}/"
        load = lambda name, names: fields(folder.json(path + name), names, path + name)
        self.serial, self.first = serial, serial == folder.manifest["fleet_key_made_on"]
        self.info = load("device-info.json", "serial firmware")
        self.chain = certificates(folder.files.get(path + "device-chain.pem", b""))
        self.attestations = {}
        for name, (identity, _) in KEYS.items():
            found = certificates(folder.files.get(f"{path}attestation-{identity:04x}.pem", b""))
            need(len(found) == 1, "not exactly one attestation")
            self.attestations[name] = found[0]
        names = "id type algorithm capabilities delegated_capabilities domains origin label"
        self.objects = [fields(o, names, path) for o in folder.json(path + "objects.json")]
        self.logins = [fields(o, names, path) for o in folder.json(path + "auth-keys.json")]
        self.options = load("options.json", "force_audit command_audit")
        self.log = load("audit-log.json", "unlogged_boots unlogged_authentications entries")
        self.entries = [bytes.fromhex(e) for e in self.log["entries"]]
        need(all(len(e) == 32 for e in self.entries), "a log entry is not 32 bytes")


def check_covered(folder, b):
    m = folder.manifest
    need(folder.files["manifest.json"] == jcs(m), "the manifest is not canonical")
    need(sha256(jcs(m)).hex() == b["evidence"]["digest"], "another manifest than the signed one")
    need((m["namespace"], m["fleet_id"], m["epoch"]) == (b["namespace"], b["fleet_id"], b["epoch"]), "of another fleet or epoch")
    for path, digest in m["files"].items():
        need(path in folder.files and sha256(folder.files[path]).hex() == digest, f"{path} is not the file named")
    need(set(folder.files) <= set(m["files"]) | ATTACHED, "a file is not in the manifest")


def verify_chains(folder, trust, now):
    need(folder.manifest["mock"] == trust["mock"], "the MOCK label differs")
    return {(d.serial, name): verify_attestation(cert, d.chain, trust, now) for d in folder.devices for name, cert in d.attestations.items()}


def version_of(text):
    """Three numbers of a byte each."""
    match = re.fullmatch(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})", text)
    need(match and all(int(part) < 256 for part in match.groups()), f"{text} is not a firmware version")
    return tuple(int(part) for part in match.groups())


def check_devices(folder, trust, attested):
    n = len(folder.devices)
    need(len({d.serial for d in folder.devices}) == n and len({a["serial"] for a in attested.values()}) == n, "a device occurs twice")
    minimum = version_of(trust["minimum_firmware"])
    need(all(a["firmware"] >= minimum for a in attested.values()), "firmware is too old")
    for d in folder.devices:
        said = (d.info["serial"], version_of(d.info["firmware"]))
        need(d.info["serial"] == d.serial, "device information of another device")
        need(all((attested[d.serial, name]["serial"], attested[d.serial, name]["firmware"]) == said for name in KEYS), "device information differs")


def check_keys(folder, b, attested):
    made = []
    for site in b["sites"]:
        device = site["devices"][0]
        signed = {"oprf": device["oprf_key"], "seal": device["seal_key"], "receipt": device["receipt_key"], "session": device["session_key"], "fleet": b["fleet_key"]}
        for name, (identity, capabilities) in KEYS.items():
            a = attested.get((device["serial"], name))
            need(a is not None, "a key has no attestation")
            found = (a["serial"], a["key"], a["id"], a["capabilities"], a["domains"])
            need(found == (device["serial"], signed[name], identity, capabilities, 1), f"{name} key of {device['serial']}: {found}")
            need(a["origin"] == 0x01 or (name == "fleet" and a["origin"] == 0x11), f"{name} key of {device['serial']}: origin {a['origin']:02x}")
            if name == "fleet" and a["origin"] == 0x01:
                made.append(device["serial"])
    need(made == [folder.manifest["fleet_key_made_on"]], "the fleet key was not generated on exactly the named device")


def is_reset(entry):
    return entry[:16] == b"\x00\x01" + b"\xff" * 14


def check_log(d):
    need(d.log["unlogged_boots"] == 0 and d.log["unlogged_authentications"] == 0, "unlogged events")
    need(d.entries and is_reset(d.entries[0]), "the log does not begin with a reset")
    for before, after in zip(d.entries, d.entries[1:]):
        number = int.from_bytes(before[:2], "big")
        need(not is_reset(after), "a second reset")
        need(int.from_bytes(after[:2], "big") == (number + 1 if number < 0xFFFF else 1), "a line is missing")
        need(sha256(after[:16] + before[16:])[:16] == after[16:], "a line does not follow")


# A ceremony as a word, one letter a line: 2a, 2b, 2c; logins and keys in any order; the fleet key; its copies; attestations; the two deletions.
CEREMONY = re.compile(r"a?bc(?P<made>[uvosrn]{6})(?P<fleet>f?)w(?P<copies>x*|i)(?P<attested>[OSFRN]+)de")
LETTERS = {(0x44, 0x0201): "u", (0x44, 0x0202): "v", (0x46, 0x0101): "o", (0x46, 0x0102): "s", (0x46, 0x0103): "f", (0x46, 0x0104): "r",
           (0x46, 0x0105): "n", (0x4C, 0x0301): "w", (0x58, 0x0301): "d", (0x58, 0x0001): "e"}
PAIRS = {(0x4A, 0x0301, 0x0103): "x", (0x4B, 0x0301, 0x0103): "i", (0x64, 0x0101, 0): "O", (0x64, 0x0102, 0): "S", (0x64, 0x0103, 0): "F",
         (0x64, 0x0104, 0): "R", (0x64, 0x0105, 0): "N"}


def ceremony_letter(entry, audited):
    """The line's letter; a dot for a line that may stand anywhere but at the end."""
    number, command, length, session, target, second, result, _ = struct.unpack(">HBHHHHBI", entry[:16])
    if (command, length, session, target, second, result) == (0, 0, 0xFFFF, 0, 0, 0):
        return "."
    login = target if session == 0xFFFF and command in (0x03, 0x04) else session
    need(login == 0x0001, f"line {number}, command {command:02x}: by {login:04x}, not by the default login")
    need(result == command | 0x80, f"line {number}, command {command:02x}: it failed")
    if command in FREE:
        return "."
    options = {5: "a", 3 + 2 * (audited - 1): "b", 4: "c"}
    letter = options.get(length) if command == 0x4F else LETTERS.get((command, target)) or PAIRS.get((command, target, second))
    need(letter, f"line {number}: command {command:02x} on {target:04x}, {second:04x} does not belong to the ceremony")
    return letter


def check_ceremony(d, copies):
    audited = sum(c["level"] == 2 for c in d.options["command_audit"])
    word = "".join(ceremony_letter(entry, audited) for entry in d.entries[1:])
    need(word.endswith("e"), f"the log does not end with the deletion of the default login: {word}")
    match = CEREMONY.fullmatch(word.replace(".", ""))
    need(match, f"the steps are not in their order and number: {word}")
    need(len(set(match["made"])) == 6, "a login or key was made twice")
    need((match["fleet"], match["copies"]) == (("f", "x" * copies) if d.first else ("", "i")), "the fleet key was made or copied otherwise")
    need(set(match["attested"]) == set("OSFRN"), "a key was never attested")


def check_logins(d):
    for login in d.logins:
        need(login["id"] in LOGINS and login["type"] == 2, f"login {login['id']:04x} was not declared")
        most, domains = LOGINS[login["id"]]
        need(int(login["capabilities"], 16) & CHANGE_OWN_KEY, "a login that cannot be given another key")
        need(int(login["capabilities"], 16) & ~most == 0 and int(login["delegated_capabilities"], 16) == 0, "a login is too powerful")
        need(login["domains"] == domains, "a login has other domains")
    need(sorted(login["id"] for login in d.logins) == sorted(LOGINS), "not each login once")


def check_objects(d):
    roles = {identity: (name, capabilities) for name, (identity, capabilities) in KEYS.items()}
    for o in d.objects:
        need(o["type"] == 3 and o["id"] in roles, f"object {o['id']:04x} was not declared")
        name, capabilities = roles[o["id"]]
        origin = 0x11 if name == "fleet" and not d.first else 0x01
        found = (o["algorithm"], int(o["capabilities"], 16), int(o["delegated_capabilities"], 16), o["domains"], o["origin"])
        need(found == (12, capabilities, 0, 1, origin), f"{name} key: {found}")
    need(sorted(o["id"] for o in d.objects) == sorted(roles), "not each key once")


def check_options(d):
    need(d.options["force_audit"] == 2, "force-audit is not fixed")
    firmware = version_of(d.info["firmware"])
    need(firmware[:2] <= NEWEST_FIRMWARE, f"firmware {d.info['firmware']} is newer than the commands known here")
    listed = [c["command"] for c in d.options["command_audit"]]
    need(len(set(listed)) == len(listed), "a command is named twice")
    need(set(listed) <= FREE.union(*REQUIRED_AUDIT.values()), "a command that nobody knows")
    levels = {c["command"]: c["level"] for c in d.options["command_audit"]}
    for since, commands in REQUIRED_AUDIT.items():
        for command in commands if firmware[:2] >= since else []:
            need(levels.get(command) == 2, f"command {command:02x} is audited {levels.get(command)}")


def check_sites(folder, b):
    ours = [(s["index"], s["region"], s["endpoint"], s["serial"]) for s in folder.manifest["sites"]]
    need(ours == [(s["index"], s["region"], s["endpoint"], s["devices"][0]["serial"]) for s in b["sites"]], "places or addresses differ")


def check_build(folder):
    build = folder.build
    need(is_hex(build["vault_server_sha256"], 32) and build["vault_server_sha256"] != "00" * 32, "no digest of the program")
    need(build["version"].strip() and build["source"].strip(), "no version or source")


def anchor_of(folder, serial):
    found = [a for a in folder.anchors["record"]["devices"] if a["serial"] == serial]
    need(len(found) == 1, f"not exactly one anchor for {serial}")
    return found[0]


def check_anchors(folder, trust):
    record = folder.anchors["record"]
    verify_ed25519(role_key(trust["auditor_key"]), labelled("auditor-anchors", [jcs(record)]), folder.anchors["signature"], "anchors")
    need(record["type"] == "keepsake/anchors/v1" and record["namespace"] == trust["namespace"], "anchors of another kind")
    for d in folder.devices:
        need(d.entries and d.entries[0][16:].hex() == anchor_of(folder, d.serial)["anchor"], f"the log of {d.serial} begins elsewhere")


def statement_label(purpose, challenge, head, identity):
    head = struct.pack(">H", head["number"]) + bytes.fromhex(head["digest"])
    digest = sha256(labelled("device-statement", [purpose.encode(), bytes.fromhex(challenge), head, identity]))
    return base64.urlsafe_b64encode(digest).decode()[:40]


def check_statements(folder, b, trust, now):
    for d in folder.devices:
        found = [s for s in folder.statements if s["serial"] == d.serial and s["purpose"] == "ceremony"]
        need(len(found) == 1 and d.entries, f"not exactly one statement of {d.serial}")
        s, last = found[0], d.entries[-1]
        need(s["head"] == {"number": int.from_bytes(last[:2], "big"), "digest": last[16:].hex()}, "the statement names another head")
        need(s["challenge"] == anchor_of(folder, d.serial)["challenge"], "another challenge")
        need(s["bundle"] == bundle_id(b).hex(), "another bundle")
        cert = certificates(s["certificate"])
        need(len(cert) == 1, "not one certificate")
        a = verify_attestation(cert[0], certificates(s["device_chain"]), trust, now)
        need(a["serial"] == d.serial, "signed by another device")
        need(a["label"] == statement_label("ceremony", s["challenge"], s["head"], bundle_id(b)), "the label binds something else")
        need((a["capabilities"], a["domains"], a["origin"]) == (0, 2, 1), "the throw-away key is not powerless")
        need(a["id"] == STATEMENT_KEY, "the throw-away key has another id")


# --- the report ------------------------------------------------------------------------------------------------------

class Report:
    def __init__(self):
        self.lines = []

    def run(self, name, check, *arguments):
        """Records the outcome; gives what the check gives, or None."""
        try:
            result = check(*arguments)
            self.lines.append((name, "pass", ""))
            return True if result is None else result
        except Refused as why:
            self.lines.append((name, "fail", str(why)))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, struct.error) as e:
            self.lines.append((name, "fail", f"not of the published form: {type(e).__name__}: {e}"))
        return None

    def failed(self):
        return [name for name, outcome, _ in self.lines if outcome == "fail"]


def each(check, items, *arguments):
    for item in items:
        check(item, *arguments)


def verify(trust, bundle, evidence=None, history=(), seen=None, consistency=(), now=None):
    """All checks; evidence is a map from path to bytes, or None."""
    report, now = Report(), int(time.time()) if now is None else now
    try:
        signed = read_bundle(bundle)
    except (Refused, TypeError, KeyError, AttributeError) as why:
        report.lines.append(("B0", "fail", str(why)))
        return report
    report.run("B0", check_form, signed["bundle"])
    report.run("B1", check_auditor, signed, trust)
    report.run("B2", check_operator, signed, trust)
    report.run("B3", check_roles, trust)
    head = report.run("B4", check_logged, signed, trust)
    if seen and head:
        old = (seen["checkpoint"]["size"], bytes.fromhex(seen["checkpoint"]["root"]))
        report.run("B5", check_consistency, *min(old, head), *max(old, head), [bytes.fromhex(h) for h in consistency])
    past = History(signed, history, trust, seen)
    report.run("B6", past.check_newer)
    report.run("B7", check_period, signed, now)
    report.run("B8", past.check_chain)
    if evidence is not None and not report.failed():
        verify_evidence(report, trust, signed["bundle"], evidence, now)
    return report


def verify_evidence(report, trust, b, files, now):
    folder = report.run("E0", Folder, files)
    if not folder:
        return
    report.run("E1", check_covered, folder, b)
    report.lines = [line for line in report.lines if line[0] != "E0"]
    if not report.run("E0", folder.read):
        return
    attested = report.run("E2", verify_chains, folder, trust, now)
    if attested:
        report.run("E3", check_devices, folder, trust, attested)
        report.run("E4", check_keys, folder, b, attested)
    report.run("E5", each, check_log, folder.devices)
    report.run("E6", each, check_ceremony, folder.devices, len(folder.devices) - 1)
    report.run("E7", each, check_logins, folder.devices)
    report.run("E8", each, check_objects, folder.devices)
    report.run("E9", each, check_options, folder.devices)
    report.run("E10", check_sites, folder, b)
    report.run("E11", check_build, folder)
    report.run("E12", check_anchors, folder, trust)
    report.run("E13", check_statements, folder, b, trust, now)


# --- files -----------------------------------------------------------------------------------------------------------

def read_tree(root):
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(Path(root).rglob("*")) if p.is_file()}


def below(files, prefix):
    return {path[len(prefix):]: data for path, data in files.items() if path.startswith(prefix)}


def load_case(root, name):
    own = read_tree(root / name)
    expect = json.loads(own.pop("expect.json"))
    files = load_case(root, expect["base"])[1] if expect["base"] else {}
    files = {path: data for path, data in files.items() if path not in expect["remove"]}
    return expect, {**files, **own}


def run_cases(root):
    names = sorted(p.name for p in root.iterdir() if p.is_dir())
    wrong = 0
    for name in names:
        expect, files = load_case(root, name)
        part = lambda path, default: json.loads(files[path]) if path in files else default
        report = verify(json.loads(files["trust.json"]), files["bundle.json"], below(files, "evidence/"),
                        list(below(files, "history/").values()), part("seen.json", None), part("consistency.json", []), expect["now"])
        failed = sorted(report.failed())
        if failed != sorted(expect["refused_by"]):
            wrong += 1
            print(f"DIFFERS  {name}: expected {expect['refused_by']}, found {failed}")
            for line in report.lines:
                print("         ", *line)
    print(f"{len(names) - wrong} of {len(names)} cases agree")
    return 1 if wrong or not names else 0


def run_vectors(path):
    """The published digests of a bundle."""
    vector = json.loads(path.read_bytes())
    found = {"keys_digest": keys_digest(vector["bundle"]).hex(), "bundle_id": bundle_id(vector["bundle"]).hex()}
    wrong = [name for name, value in found.items() if vector[name] != value]
    print(f"{len(found) - len(wrong)} of {len(found)} digests agree", *wrong)
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description="Verify a fleet's bundle and evidence.")
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--trust", type=Path)
    parser.add_argument("--trust-id", help="64 hex digits that the trust document must hash to")
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--evidence", type=Path)
    parser.add_argument("--history", type=Path, help="directory of the signed bundles of earlier epochs")
    parser.add_argument("--seen", type=Path)
    parser.add_argument("--consistency", type=Path, help="JSON list of hashes in hex")
    parser.add_argument("--now", type=int)
    options = parser.parse_args()
    if options.cases:
        return run_cases(options.cases)
    if options.vectors:
        return run_vectors(options.vectors)
    if not (options.trust and options.bundle):
        parser.error("--trust and --bundle are needed, or --cases, or --vectors")
    trust = json.loads(options.trust.read_bytes())
    if options.trust_id and sha256(jcs(trust)).hex() != options.trust_id.lower():
        print(f"REFUSED: the trust document's id is {sha256(jcs(trust)).hex()}")
        return 1
    optional = lambda path: json.loads(path.read_bytes()) if path else None
    history = list(read_tree(options.history).values()) if options.history else []
    evidence = read_tree(options.evidence) if options.evidence else None
    report = verify(trust, options.bundle.read_bytes(), evidence, history, optional(options.seen), optional(options.consistency) or [], options.now)
    for name, outcome, why in report.lines:
        print(f"{outcome.upper():5} {name:4} {why}")
    label = "MOCK fleet, no real hardware: " if trust["mock"] else ""
    trusted = not report.failed()
    print(label + ("trusted" if trusted else "DO NOT TRUST") + ("" if evidence is not None else " (evidence not examined)"))
    return 0 if trusted else 1


if __name__ == "__main__":
    sys.exit(main())
