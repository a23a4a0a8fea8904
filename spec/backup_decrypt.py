#!/usr/bin/env python3
"""Decrypts a Keepsake backup with nothing but its files and 64 hex digits.

Follows spec/backup-format.md and shares no code with Keepsake. Needs: pip install cryptography zstandard

    backup_decrypt.py BACKUP_FOLDER OUTPUT_FOLDER [--snapshot N]      (the digits are read from standard input)

The digits are an offline key that has a slot in the backup, or the backup key itself. Writes, for each stream,
OUTPUT/streams/<hex of its name>.bin with the records as u32 length and bytes, and OUTPUT/media/<hex hash>. What is
damaged is named on standard error, everything else is written, and the exit code is 1.
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
SEGMENT, MEDIA, CATALOG, SNAPSHOT, HEADER = 1, 2, 3, 4, 5
KINDS = {SEGMENT: "segment", MEDIA: "media piece", CATALOG: "catalog", SNAPSHOT: "snapshot copy", HEADER: "header copy"}
TYPES = ("keepsake/backup/v1", "keepsake/backup/v2", "keepsake/backup/v3", "keepsake/backup/v4")
MAGICS = (b"KEEPSNP1", b"KEEPIDX1", b"KEEPPAK1")
SEALED = (("snapshots", b"KEEPSNP1", "backup-snapshot"), ("index", b"KEEPIDX1", "backup-index"))


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


def subkey(key, salt, label, *fields):
    both = hkdf(key, salt, label, *fields, length=64)
    return AESGCM(both[:32]), both[32:]


def open_sealed(cipher, counter, aad, sealed, what):
    try:
        return cipher.decrypt(bytes(4) + struct.pack(">Q", counter), sealed, aad)
    except (InvalidTag, ValueError):
        raise Refused(f"{what} is damaged or was altered") from None


def open_box(key, sealed, what, label, *fields):
    cipher, commitment = subkey(key, sealed[:32], label)
    if not hmac.compare_digest(commitment, sealed[32:64]):
        raise Refused(f"wrong key for {what}")
    return open_sealed(cipher, LAST, labelled(label, *fields), sealed[64:], what)


def canonical(value):
    """JCS (RFC 8785) for what occurs in key slots: strings, integers, booleans, null, lists, objects."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def without(value, *names):
    return {name: field for name, field in value.items() if name not in names}


def parse_header(data, what):
    try:
        header = json.loads(data)
        if header["type"] not in TYPES:
            raise Refused(f"{what} is of another version")
        if header["type"] != TYPES[0]:
            if hashlib.sha256(canonical(without(header, "checksum"))).hexdigest() != header["checksum"]:
                raise Refused(f"{what} is damaged: its checksum does not fit")
        bytes.fromhex(header["repository"])
        return header
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{what} is damaged: it is not a header") from None


class Keys:
    """Of the backup key, and of those that the backup had before; `last` is the newest snapshot of a former one's time."""

    def __init__(self, repository, key, former=(), last=None):
        self.repository, self.last = repository, last
        self.data = hkdf(key, b"", "backup-data-key", repository)
        self.meta = hkdf(key, b"", "backup-meta-key", repository)
        self.all = [self, *former]

    @staticmethod
    def of_header(header, key, repository):
        wrapping, former = hkdf(key, b"", "backup-former-key-key", repository), []
        for entry in header.get("former", []):
            check, wrapped = entry["key_check"], bytes.fromhex(entry["wrapped"])
            old = open_box(wrapping, wrapped, "a former key", "former-key", repository, check.encode())
            former.append(Keys(repository, old, last=entry.get("last")))
        return Keys(repository, key, former)

    def sealed_in_time(self, keys, number, data):
        """Whether a snapshot is not the work of somebody who has an old key and should be rid of the backup."""
        if keys is self:
            return True
        if keys.last is None or number > keys.last["sequence"]:
            return False
        return number < keys.last["sequence"] or hashlib.sha256(data).hexdigest() == keys.last["hash"]


class Backup:
    def __init__(self, folder, digits, problems, wants_all=False):
        self.folder, self.problems, self.wants_all = folder, problems, wants_all
        self.places, self.ciphers, self.indexed = {}, {}, {}
        self.keys = self.open_header(digits)
        self.read_index_files()
        self.read_packs()

    # -- header --------------------------------------------------------------------------------------------------

    def open_header(self, digits):
        headers = []
        for path in (self.folder / "keepsake.json", self.folder / "copies" / "keepsake.json"):
            try:
                headers.append(parse_header(path.read_bytes(), path.name))
            except FileNotFoundError:
                pass
            except Refused as refusal:
                self.problems.append(str(refusal))
        candidates = [digits]
        for header in headers:
            candidates += self.open_slots(header, digits)
        opened = []
        for header in headers:
            repository = bytes.fromhex(header["repository"])
            for key in candidates:
                if hkdf(key, b"", "backup-key-check", repository).hex() == header["key_check"]:
                    self.check_mac(header, key, repository)
                    opened.append((header["generation"], Keys.of_header(header, key, repository)))
        opened = [keys for _, keys in sorted(opened, key=lambda o: -o[0])]
        # A header of another backup of the same person may have come in its place: files tell.
        keys = next((k for k in opened if self.opens_something(k)), None) or self.open_without_header(candidates)
        if keys is None and not opened:
            raise Refused("these digits do not open this backup")
        return keys or opened[0]

    def open_slots(self, header, digits):
        repository = bytes.fromhex(header["repository"])
        for slot in header["slots"]:
            if slot["kind"] == "offline_key":
                fields = repository, slot["id"].encode(), slot["kind"].encode(), canonical(slot["parameters"])
                try:
                    yield open_box(digits, bytes.fromhex(slot["wrapped"]), f"key slot {slot['id']}", "key-slot", *fields)
                except Refused as refusal:
                    if "wrong key" not in str(refusal):
                        self.problems.append(str(refusal))

    def check_mac(self, header, key, repository):
        mac_key = hkdf(key, b"", "backup-header-key", repository)
        message = labelled("backup-header-mac", canonical(without(header, "mac", "checksum")))
        if hmac.digest(mac_key, message, "sha256").hex() != header["mac"]:
            self.problems.append("keepsake.json is damaged or was altered")

    def open_without_header(self, candidates):
        """Whoever has the backup key itself needs no header: other files have the repository's id at their head."""
        for path in self.files("snapshots") + self.files("copies") + self.files("index"):
            head = path.read_bytes()[:24]
            if len(head) == 24 and head[:8] in MAGICS:
                for key in candidates:
                    if self.opens_something(Keys(head[8:24], key)):
                        return self.with_packed_header(head[8:24], key)
        return None

    def with_packed_header(self, repository, key):
        """The keys of the header's copy in a pack, if there is one: it has the former keys."""
        self.keys = Keys(repository, key)
        self.read_packs(quietly=True)
        found = []
        for oid in [oid for oid, places in self.places.items() if places[0][2] == HEADER]:
            try:
                header = parse_header(self.read(oid, HEADER), "the copy of keepsake.json")
                if hkdf(key, b"", "backup-key-check", repository).hex() == header["key_check"]:
                    found.append((header["generation"], Keys.of_header(header, key, repository)))
            except Refused:
                pass
        self.places, self.ciphers = {}, {}
        return max(found, key=lambda f: f[0])[1] if found else self.keys

    def opens_something(self, keys):
        self.keys = keys
        for folder, magic, label in SEALED:
            for path in self.files(folder):
                try:
                    self.open_file(path, magic, label)
                    return True
                except Refused:
                    pass
        return False

    # -- files ---------------------------------------------------------------------------------------------------

    def files(self, name):
        folder = self.folder / name
        return sorted(p for p in folder.iterdir() if p.is_file()) if folder.is_dir() else []

    def open_file(self, path, magic, label):
        return self.open_bytes(path.read_bytes(), path.name, f"{path.parent.name}/{path.name}", magic, label)

    def open_bytes(self, data, name, what, magic, label):
        if data[:8] != magic or data[8:24] != self.keys.repository:
            raise Refused(f"{what} is not a file of this backup")
        keys = self.keys
        for former in self.keys.all:
            if hmac.compare_digest(subkey(former.meta, data[24:56], label)[1], data[56:88]):
                keys = former
        if label == "backup-snapshot":
            if not is_snapshot(name):
                raise Refused(f"{what} is not a file of this backup")
            name, _, stem = name.partition("-")
            if not self.keys.sealed_in_time(keys, int(name, 16), data):
                raise Refused(f"{what} was sealed with a key that this backup had given up before")
            if stem and not hashlib.sha256(data).hexdigest().startswith(stem):
                raise Refused(f"{what} is another snapshot")
        if label == "backup-removal" and keys is not self.keys:
            return None
        return open_box(keys.meta, data[24:], what, label, self.keys.repository, name.encode())

    # -- objects -------------------------------------------------------------------------------------------------

    def read_index_files(self):
        for path in self.files("index"):
            if not re.fullmatch("[0-9a-f]{32}", path.name):
                continue
            try:
                plain, at = self.open_file(path, b"KEEPIDX1", "backup-index"), 0
                while at < len(plain):
                    pack, length, count = struct.unpack_from(">32sII", plain, at)
                    self.indexed[pack] = (length, plain[at + 40 : at + 40 + 41 * count])
                    at += 40 + 41 * count
            except (Refused, struct.error) as refusal:
                self.problems.append(str(refusal))

    def read_packs(self, quietly=False):
        """Packs that the index has, as it says; others by their own directories."""
        for path in self.files("packs"):
            if not re.fullmatch("[0-9a-f]{64}", path.name):
                continue
            pack = bytes.fromhex(path.name)
            try:
                if pack in self.indexed:
                    entries = self.indexed[pack][1]
                else:
                    entries = self.read_directory(path, pack)
            except Refused as refusal:
                if not quietly:
                    self.problems.append(str(refusal))
                continue
            for place in range(len(entries) // 41):
                oid, kind, offset, length = struct.unpack_from(">32sBII", entries, 41 * place)
                self.places.setdefault(oid, []).append((pack, place, kind, offset, length))

    def read_directory(self, path, pack):
        data, what = path.read_bytes(), f"packs/{path.name}"
        (length,) = struct.unpack(">I", data[-4:]) if len(data) >= 4 else (0,)
        if not 16 <= length <= len(data) - 4:
            raise Refused(f"the directory of {what} is not where it says")
        aad = labelled("backup-directory", self.keys.repository, pack)
        return open_sealed(self.cipher(pack), LAST, aad, data[-4 - length : -4], f"the directory of {what}")

    def cipher(self, pack):
        if pack not in self.ciphers:
            with open(self.folder / "packs" / pack.hex(), "rb") as file:
                commitment = file.read(88)[56:]
            for keys in reversed(self.keys.all):
                cipher, committed = subkey(keys.data, pack, "backup-pack-key", self.keys.repository)
                # Where the head of the file is damaged, the present key is as good as any.
                if committed == commitment or keys is self.keys:
                    self.ciphers[pack] = cipher
                if committed == commitment:
                    break
        return self.ciphers[pack]

    def read(self, oid, kind):
        """From the first of its places where it is whole."""
        what, refusal = f"{KINDS[kind]} {oid.hex()}", None
        for place in self.places.get(oid, []):
            try:
                return self.read_at(oid, kind, what, *place)
            except Refused as refused:
                refusal = refusal or refused
        raise refusal or Refused(f"{what} is missing")

    def read_at(self, oid, kind, what, pack, place, found_kind, offset, length):
        if found_kind != kind:
            raise Refused(f"{what} is something else")
        with open(self.folder / "packs" / pack.hex(), "rb") as file:
            file.seek(offset)
            sealed = file.read(length)
        aad = labelled("backup-object", self.keys.repository, bytes([kind]), pack, struct.pack(">I", place), oid)
        return decode(open_sealed(self.cipher(pack), place, aad, sealed, f"{what} in packs/{pack.hex()}"), what)

    # -- snapshots -----------------------------------------------------------------------------------------------

    def snapshot(self, wanted=None):
        """The newest state that opens, or the snapshot that is wanted."""
        found, lost = self.all_snapshots()
        if wanted is not None:
            found = {ref: manifest for ref, manifest in found.items() if ref[0] == wanted}
            lost = []
        if not found:
            raise Refused("there is no such snapshot")
        continued = {ref for manifest in found.values() for ref in before(manifest)}
        newest = max(found)[0]
        lost_above = max(lost, default=0)
        ends = [r for r in found if r not in continued and (r[0] == newest or r[0] >= lost_above)]
        return together([found[ref] for ref in sorted(ends, reverse=True)])

    def all_snapshots(self):
        """By number and file hash; and the numbers of those that cannot be read. Of those that have no hash in their
        name, which were written one after the other, the newest that opens: it continues the others."""
        gone, found, lost = self.given_up(), {}, []
        names = {p.name for n in ("snapshots", "copies") for p in self.files(n) if is_snapshot(p.name)} - gone
        bare, packed = True, None
        for name in sorted(names, reverse=True):
            if "-" not in name and not bare and not self.wants_all:
                continue
            number, opened = int(name[:16], 16), None
            for path in (self.folder / n / name for n in ("snapshots", "copies")):
                try:
                    plain = self.open_file(path, b"KEEPSNP1", "backup-snapshot")
                    opened = hashlib.sha256(path.read_bytes()).hexdigest(), self.parse_snapshot(plain, number)
                    break
                except FileNotFoundError:
                    self.problems.append(f"{path.parent.name}/{path.name} is missing")
                except Refused as refusal:
                    self.problems.append(str(refusal))
            if opened is None:
                packed = self.packed_snapshots() if packed is None else packed
                stem = name.partition("-")[2]
                opened = next((p for p in packed if p[1]["sequence"] == number and p[0].startswith(stem)), None)
            if opened is None:
                lost.append(number)
            else:
                found[number, opened[0]] = opened[1]
                bare = bare and "-" in name
        if not found:
            packed = self.packed_snapshots() if packed is None else packed
            found = {(manifest["sequence"], digest): manifest for digest, manifest in packed}
            newest = max(found, default=None)
            found = found if self.wants_all else {ref: m for ref, m in found.items() if ref == newest}
        return found, lost

    def given_up(self):
        """Names of snapshots that a prune or a repair gave up."""
        names = set()
        for path in self.files("removals"):
            if not re.fullmatch("[0-9a-f]{32}", path.name):
                continue
            try:
                plain = self.open_file(path, b"KEEPREM1", "backup-removal")
                if plain is not None:
                    names |= {removed["name"] for removed in json.loads(plain)["snapshots"]}
            except Refused as refusal:
                self.problems.append(str(refusal))
        return names

    def packed_snapshots(self):
        found = []
        for oid in [oid for oid, places in self.places.items() if places[0][2] == SNAPSHOT]:
            try:
                data = self.read(oid, SNAPSHOT)
                (number,) = struct.unpack(">Q", data[:8])
                name = f"{number:016x}"
                plain = self.open_bytes(data[8:], name, f"the copy of snapshot {number}", b"KEEPSNP1", "backup-snapshot")
                found.append((hashlib.sha256(data[8:]).hexdigest(), self.parse_snapshot(plain, number)))
            except (Refused, struct.error) as refusal:
                self.problems.append(str(refusal))
        return found

    def parse_snapshot(self, plain, number):
        manifest = json.loads(plain)
        if manifest["sequence"] != number:
            raise Refused(f"snapshot {number} is another one")
        return manifest


def is_snapshot(name):
    return re.fullmatch("[0-9a-f]{16}(-[0-9a-f]{32})?", name)


def before(manifest):
    """What a snapshot continues, by number and file hash."""
    if manifest.get("kept") is not None:
        return [(kept["sequence"], kept["hash"]) for kept in manifest["kept"]]
    previous = manifest.get("previous")
    first_format = [(manifest["sequence"] - 1, previous)] if previous else []
    return first_format + [(parent["sequence"], parent["hash"]) for parent in manifest.get("parents", [])]


def together(ends):
    """What snapshots of several computers, written at the same time, hold together."""
    catalogs = []
    for own in ends:
        known = own.get("replaced", [])
        elsewhere = [r for other in ends if other is not own for r in other.get("replaced", [])]
        gone = {oid for replaced in elsewhere if replaced not in known for oid in replaced["catalogs"]}
        catalogs += [oid for oid in own["catalogs"] if oid not in gone and oid not in catalogs]
    return {**ends[0], "catalogs": catalogs}


def decode(payload, what):
    try:
        encoding, plain_len, body_len = struct.unpack_from(">BII", payload)
        body = payload[9 : 9 + body_len]
        if encoding == 1:
            body = zstandard.ZstdDecompressor().decompress(body, max_output_size=plain_len)
        elif encoding != 0:
            raise Refused(f"{what} is encoded in an unknown way")
    except (struct.error, zstandard.ZstdError):
        raise Refused(f"{what} cannot be unpacked") from None
    if len(body) != plain_len:
        raise Refused(f"{what} has another length than it says")
    return body


def parse_catalog(plain):
    (count,), at = struct.unpack_from(">I", plain), 4
    segments, media, missing = [], [], []
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
    if at < len(plain):
        (count,), at = struct.unpack_from(">I", plain, at), at + 4
        for _ in range(count):
            digest, size, length = struct.unpack_from(">32sQB", plain, at)
            missing.append((digest, plain[at + 41 : at + 41 + length].decode(errors="replace")))
            at += 41 + length
    return segments, media, missing


def write_streams(backup, segments, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for stream, segment in segments:
        try:
            plain = backup.read(segment, SEGMENT)
        except Refused as refusal:
            backup.problems.append(str(refusal))
            continue
        with open(folder / (stream.hex() + ".bin"), "ab") as out:
            out.write(plain)


def write_media(backup, media, folder):
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for digest, (size, pieces) in media.items():
        try:
            content = b"".join(backup.read(piece, MEDIA) for piece in pieces)
            if len(content) != size:
                raise Refused(f"media {digest.hex()} has another size than it says")
        except Refused as refusal:
            backup.problems.append(str(refusal))
            continue
        (folder / digest.hex()).write_bytes(content)
        written += 1
    return written


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("backup", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--snapshot", type=int)
    args = parser.parse_args()
    digits = bytes.fromhex(re.sub(r"[\s-]", "", sys.stdin.read()))
    if len(digits) != 32:
        raise Refused("64 hex digits are needed")
    problems = []
    backup = Backup(args.backup, digits, problems, wants_all=args.snapshot is not None)
    manifest = backup.snapshot(args.snapshot)
    segments, media, missing = [], {}, {}
    for oid in manifest["catalogs"]:
        try:
            catalog = parse_catalog(backup.read(bytes.fromhex(oid), CATALOG))
        except Refused as refusal:
            problems.append(str(refusal))
            continue
        segments += catalog[0]
        media.update((digest, (size, pieces)) for digest, size, pieces in catalog[1])
        missing.update(catalog[2])
    write_streams(backup, segments, args.output / "streams")
    written = write_media(backup, media, args.output / "media")
    print(f"snapshot {manifest['sequence']}: {manifest['totals']['records']} records, {written} media files")
    for digest, why in missing.items():
        if digest not in media:
            print(f"media {digest.hex()} was not backed up: {why}")
    for problem in problems:
        print(f"problem: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refused as refusal:
        sys.exit(f"refused: {refusal}")
