#!/usr/bin/env python3
"""Writes tests/vectors: WhatsApp backups of an invented chat, made without Keepsake's code.

Needs the package `cryptography`. The files are committed; run this only to change them.
"""

import hashlib
import hmac
import json
import sqlite3
import tempfile
import zlib
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

OUT = Path(__file__).parent / "vectors"
ROOT = bytes(range(32))
PHONE_KEY = bytes(range(100, 132))
NONCE = bytes(range(50, 66))
JAVA_BYTES = bytes.fromhex("aced0005757200025b42acf317f8060854e002000078 70".replace(" ", ""))

CHAT = """
    CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);
    INSERT INTO jid VALUES (1, '15550100', 's.whatsapp.net', '15550100@s.whatsapp.net');
    CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT);
    INSERT INTO chat VALUES (1, 1, NULL);
    CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT,
        sender_jid_row_id INTEGER, timestamp INTEGER, message_type INTEGER, text_data TEXT, sort_id INTEGER);
    INSERT INTO message VALUES (1, 1, 0, 'A1', NULL, 1703001600000, 0, 'The ferry leaves at nine', 1),
        (2, 1, 1, 'A2', NULL, 1703001660000, 0, 'I bring the oars', 2);
"""


def database(sql):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plain.db"
        connection = sqlite3.connect(path)
        connection.executescript(sql)
        connection.close()
        return path.read_bytes()


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def backup(key, header, plain, with_sum=True):
    sealed = AESGCM(key).encrypt(NONCE, zlib.compress(plain), None)
    whole = varint(len(header)) + header + sealed
    return whole + (hashlib.md5(whole).digest() if with_sum else b"")


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def java(content):
    return JAVA_BYTES + len(content).to_bytes(4, "big") + content


def main():
    plain = database(CHAT)
    names = "CREATE TABLE wa_contacts (jid TEXT, display_name TEXT);"
    names += "INSERT INTO wa_contacts VALUES ('15550100@s.whatsapp.net', 'Nele');"
    wa = database(names)
    key15 = mac(mac(bytes(32), ROOT), b"backup encryption\x01")
    about = field(1, b"2.26.1.2") + field(3, b"00") + b"".join(field(n, 1) for n in range(5, 60))
    short15 = field(1, 1) + field(3, field(1, NONCE))
    long15 = short15 + field(4, about)
    salt = bytes(range(32))
    google = bytes(16)
    given = field(1, b"\x00\x01") + field(2, b"2") + field(3, salt) + field(4, google) + field(5, NONCE)
    header14 = field(1, 0) + field(2, given) + field(4, field(1, b"2.21.1.2"))
    phone = b"\x00\x01\x02" + salt + google + hashlib.sha256(google).digest() + bytes(16) + PHONE_KEY
    files = {
        "msgstore.db.crypt15": backup(key15, long15, plain),
        "wa.db.crypt15": backup(key15, short15, wa, with_sum=False),
        "msgstore.db.crypt14": backup(PHONE_KEY, header14, plain),
        "key": java(phone),
        "encrypted_backup.key": java(ROOT),
    }
    for name, content in files.items():
        (OUT / name).write_bytes(content)
    sums = {
        "msgstore.db.crypt15": hashlib.sha256(plain).hexdigest(),
        "wa.db.crypt15": hashlib.sha256(wa).hexdigest(),
        "msgstore.db.crypt14": hashlib.sha256(plain).hexdigest(),
    }
    expected = {"digits": ROOT.hex(), "sha256_of_the_plain_file": sums}
    (OUT / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


if __name__ == "__main__":
    main()
