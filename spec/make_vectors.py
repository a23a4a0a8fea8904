#!/usr/bin/env python3
"""Makes the vectors of vault-protocol.md and passkey-release.md, from these texts alone.

It shares no code with Keepsake, and nothing in it is secret. Needs: pip install cryptography

    make_vectors.py            writes labels.txt, vault-protocol.json and passkey-release.json beside itself,
                               and what fuzzers begin with to ../fuzz/seeds
    make_vectors.py --check    writes nothing; fails if they are not what it would write
"""
import json
import sys
from pathlib import Path

from vectors import known, labels, passkeys, seeds, vault_protocol

HERE = Path(__file__).parent


def files():
    as_json = lambda document: (json.dumps(document, indent=1) + "\n").encode()
    yield HERE / "labels.txt", labels.document().encode()
    yield HERE / "vault-protocol.json", as_json(vault_protocol.document())
    yield HERE / "passkey-release.json", as_json(passkeys.document())
    for target, examples in seeds.folders().items():
        for name, data in examples.items():
            yield HERE.parent / "fuzz" / "seeds" / target / name, data


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    known.check()
    stale = []
    for path, data in files():
        if arguments and (not path.exists() or path.read_bytes() != data):
            stale.append(path.name)
        elif not arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
    if stale:
        sys.exit(f"not what the specifications say, or made by an older program: {', '.join(stale)}")


if __name__ == "__main__":
    main(sys.argv[1:])
