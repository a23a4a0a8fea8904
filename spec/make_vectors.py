#!/usr/bin/env python3
"""Makes the vectors of vault-protocol.md and passkey-release.md, from these texts alone.

It shares no code with Keepsake, and nothing in it is secret. Needs: pip install cryptography

    make_vectors.py            writes labels.txt, vault-protocol.json and passkey-release.json beside itself
    make_vectors.py --check    writes nothing; fails if they are not what it would write
"""
import json
import sys
from pathlib import Path

from vectors import known, labels, passkeys, vault_protocol

HERE = Path(__file__).parent


def documents():
    as_json = lambda document: json.dumps(document, indent=1) + "\n"
    return {
        "labels.txt": labels.document(),
        "vault-protocol.json": as_json(vault_protocol.document()),
        "passkey-release.json": as_json(passkeys.document()),
    }


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    known.check()
    stale = []
    for name, text in documents().items():
        path = HERE / name
        if arguments and (not path.exists() or path.read_text() != text):
            stale.append(name)
        elif not arguments:
            path.write_text(text)
    if stale:
        sys.exit(f"not what the specifications say, or made by an older program: {', '.join(stale)}")


if __name__ == "__main__":
    main(sys.argv[1:])
