"""Encodings of vault-protocol.md section 3: labelled messages, postcard 1, RFC 8785."""
import hashlib
import json

PREFIX = b"keepsake/"


def labelled(label, *fields):
    """What is signed, MACed, hashed or used as KDF info."""
    parts = [PREFIX, label.encode(), b"/v1\0"]
    for field in fields:
        parts += [len(field).to_bytes(4, "big"), field]
    return b"".join(parts)


def sha256(data):
    return hashlib.sha256(data).digest()


def u8(number):
    return number.to_bytes(1, "big")


def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


def varint(number):
    """A u16, u32, u64, a length or a variant's number: 7 bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def sized(data):
    """Ids, keys, signatures and byte strings: their length stands before them."""
    return varint(len(data)) + data


def many(items):
    """A list of things that are encoded already."""
    return varint(len(items)) + b"".join(items)


def jcs(value):
    """RFC 8785, for ASCII text and integers."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert "\\" not in text, "only plain text is used here"
    return text.encode()
