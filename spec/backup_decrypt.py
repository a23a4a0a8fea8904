#!/usr/bin/env python3
"""Decrypts a Keepsake backup with nothing but its files and 64 hex digits.

Follows spec/backup-format.md and shares no code with Keepsake. Needs: pip install cryptography zstandard

    backup_decrypt.py BACKUP_FOLDER OUTPUT_FOLDER [--snapshot N]      (the digits are read from standard input)

The digits are an offline key that has a slot in the backup, or the backup key itself. Writes, for each stream,
OUTPUT/streams/<hex of its name>.bin with the records as u32 length and bytes, and OUTPUT/media/<hex hash>.
"""
import argparse
import hashlib
import hmac
import json
import re
import struct
import sys
from pathlib import Path

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LAST = 2**64 - 1
KINDS = {1: "segment", 2: "media piece", 3: "catalog"}


class Refused(Exception):
    """Something is not as it was written. The message names it."""


def labelled(label, *fields):
    return b"keepsake/%s/v1\0" % label.encode() + b"".join(struct.pack(">I", len(f)) + f for f in fields)


def hkdf(key, salt, label, *fields, length=32):
    prk = hmac.digest(salt or bytes(32), key, "sha256")
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + labelled(label, *fields) + bytes([counter]), "sha256")
        out, counter = out + block, counter + 1
    return out[:length]


def subkey(key, salt, commitment, what, label, *fields):
    both = hkdf(key, salt, label, *fields, length=64)
    if not hmac.compare_digest(both[32:], commitment):
        raise Refused(f"wrong key for {what}")
    return AESGCM(both[:32])


def open_sealed(cipher, counter, aad, sealed, what):
    try:
        return cipher.decrypt(bytes(4) + struct.pack(">Q", counter), sealed, aad)
    except InvalidTag:
        raise Refused(f"{what} is damaged or was altered") from None


def open_box(key, sealed, what, label, *fields):
    cipher = subkey(key, sealed[:32], sealed[32:64], what, label)
    return open_sealed(cipher, LAST, labelled(label, *fields), sealed[64:], what)


def canonical(value):
    """JCS (RFC 8785) for what occurs in key slots: strings, integers, booleans, null, lists, objects."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def open_header(folder, digits):
    header = json.loads((folder / "keepsake.json").read_bytes())
    if header["type"] != "keepsake/backup/v1":
        raise Refused("a backup of another version")
    repository = bytes.fromhex(header["repository"])
    candidates = [digits]
    for slot in header["slots"]:
        if slot["kind"] != "offline_key":
            continue
        fields = repository, slot["id"].encode(), slot["kind"].encode(), canonical(slot["parameters"])
        try:
            wrapped = bytes.fromhex(slot["wrapped"])
            candidates.append(open_box(digits, wrapped, f"key slot {slot['id']}", "key-slot", *fields))
        except Refused as refusal:
            if "wrong key" not in str(refusal):
                raise
    for key in candidates:
        if hkdf(key, b"", "backup-key-check", repository).hex() == header["key_check"]:
            check_mac(header, key, repository)
            return repository, key
    raise Refused("these digits do not open this backup")


def check_mac(header, key, repository):
    unsigned = {name: value for name, value in header.items() if name != "mac"}
    mac_key = hkdf(key, b"", "backup-header-key", repository)
    if hmac.digest(mac_key, labelled("backup-header-mac", canonical(unsigned)), "sha256").hex() != header["mac"]:
        raise Refused("keepsake.json is damaged or was altered")


class Backup:
    def __init__(self, folder, digits):
        self.folder = folder
        self.repository, key = open_header(folder, digits)
        self.data_key = hkdf(key, b"", "backup-data-key", self.repository)
        self.meta_key = hkdf(key, b"", "backup-meta-key", self.repository)
        self.objects, self.ciphers = {}, {}
        for path in sorted((folder / "index").iterdir()):
            if not path.name.startswith("."):
                self.read_index(self.open_file(path, b"KEEPIDX1", "backup-index"))

    def open_file(self, path, magic, label):
        data, what = path.read_bytes(), f"{path.parent.name}/{path.name}"
        if data[:8] != magic or data[8:24] != self.repository:
            raise Refused(f"{what} is not a file of this backup")
        return open_box(self.meta_key, data[24:], what, label, self.repository, path.name.encode())

    def read_index(self, plain):
        at = 0
        while at < len(plain):
            pack, _, count = struct.unpack_from(">32sII", plain, at)
            at += 40
            for place in range(count):
                oid, kind, offset, length = struct.unpack_from(">32sBII", plain, at)
                self.objects.setdefault(oid, (pack, place, kind, offset, length))
                at += 41

    def read(self, oid, kind):
        what = f"{KINDS[kind]} {oid.hex()}"
        if oid not in self.objects:
            raise Refused(f"{what} is missing")
        pack, place, found_kind, offset, length = self.objects[oid]
        if found_kind != kind:
            raise Refused(f"{what} is something else")
        with open(self.folder / "packs" / pack.hex(), "rb") as file:
            head = file.read(88)
            file.seek(offset)
            sealed = file.read(length)
        if head[:8] != b"KEEPPAK1" or head[8:24] != self.repository or head[24:56] != pack:
            raise Refused(f"packs/{pack.hex()} is not the pack of this name")
        if pack not in self.ciphers:
            name = f"packs/{pack.hex()}"
            self.ciphers[pack] = subkey(self.data_key, pack, head[56:], name, "backup-pack-key", self.repository)
        aad = labelled("backup-object", self.repository, bytes([kind]), pack, struct.pack(">I", place), oid)
        return decode(open_sealed(self.ciphers[pack], place, aad, sealed, what), what)

    def snapshot(self, sequence=None):
        names = sorted(p.name for p in (self.folder / "snapshots").iterdir() if re.fullmatch("[0-9a-f]{16}", p.name))
        expected = None
        manifest = None
        kept = None
        for name in reversed(names):
            number = int(name, 16)
            if kept is not None and number not in kept:
                continue
            path = self.folder / "snapshots" / name
            if kept is not None:
                expected = kept[number]
            if expected is not None and hashlib.sha256(path.read_bytes()).digest() != expected:
                raise Refused(f"snapshots/{name} is not the one that the next snapshot names")
            manifest = json.loads(self.open_file(path, b"KEEPSNP1", "backup-snapshot"))
            if manifest["sequence"] != number:
                raise Refused(f"snapshots/{name} is another snapshot")
            if sequence is None or number == sequence:
                return manifest
            if kept is None and manifest.get("kept") is not None:
                kept = {k["sequence"]: bytes.fromhex(k["hash"]) for k in manifest["kept"]}
            elif kept is None:
                expected = bytes.fromhex(manifest["previous"]) if "previous" in manifest else None
        raise Refused("there is no such snapshot")


def decode(payload, what):
    encoding, plain_len, body_len = struct.unpack_from(">BII", payload)
    body = payload[9 : 9 + body_len]
    if encoding == 1:
        body = zstandard.ZstdDecompressor().decompress(body, max_output_size=plain_len)
    elif encoding != 0:
        raise Refused(f"{what} is encoded in an unknown way")
    if len(body) != plain_len:
        raise Refused(f"{what} has another length than it says")
    return body


def parse_catalog(plain):
    (count,), at = struct.unpack_from(">I", plain), 4
    segments, media = [], []
    for _ in range(count):
        length = plain[at]
        stream = plain[at + 1 : at + 1 + length]
        segments.append((stream, plain[at + 1 + length : at + 33 + length]))
        at += 41 + length
    (count,), at = struct.unpack_from(">I", plain, at), at + 4
    for _ in range(count):
        digest, size, pieces = struct.unpack_from(">32sQI", plain, at)
        at += 44
        media.append((digest, size, [plain[at + 32 * i : at + 32 * i + 32] for i in range(pieces)]))
        at += 32 * pieces
    return segments, media


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("backup", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--snapshot", type=int)
    args = parser.parse_args()
    digits = bytes.fromhex(re.sub(r"[\s-]", "", sys.stdin.read()))
    if len(digits) != 32:
        raise Refused("64 hex digits are needed")
    backup = Backup(args.backup, digits)
    manifest = backup.snapshot(args.snapshot)
    (args.output / "streams").mkdir(parents=True, exist_ok=True)
    (args.output / "media").mkdir(exist_ok=True)
    all_media = {}
    for oid in manifest["catalogs"]:
        segments, media = parse_catalog(backup.read(bytes.fromhex(oid), 3))
        for stream, segment in segments:
            with open(args.output / "streams" / (stream.hex() + ".bin"), "ab") as out:
                out.write(backup.read(segment, 1))
        all_media.update((digest, (size, pieces)) for digest, size, pieces in media)
    for digest, (size, pieces) in all_media.items():
        with open(args.output / "media" / digest.hex(), "wb") as out:
            written = sum(out.write(backup.read(piece, 2)) for piece in pieces)
        if written != size:
            raise Refused(f"media {digest.hex()} has another size than it says")
    print(f"snapshot {manifest['sequence']}: {manifest['totals']['records']} records, {len(all_media)} media files")


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        sys.exit(f"refused: {refusal}")
