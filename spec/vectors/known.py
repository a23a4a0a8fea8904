"""Published values, so that a slip in these modules is found before it becomes a vector."""
from . import hpke, oprf, owner, p256, sharing
from .encodings import sha256

OF_HEX = bytes.fromhex


def check():
    hashing_to_the_curve()
    signatures()
    boxes()
    sharing_field()


def hashing_to_the_curve():
    """RFC 9497 A.3.1, P256-SHA256, OPRF mode, first case."""
    key = int("159749d750713afe245d2d39ccfaae8381c53ce92d098a9375ee70739c7ac0bf", 16)
    blind = int("3338fa65ec36e0290022b48eb562889d89dbfa691d1cde91517fa222ed7ad364", 16)
    alpha = oprf.blind(b"\0", blind)
    expect(p256.compressed(alpha), "03723a1e5c09b8b9c18d1dcbca29e8007e95f14f4732d9346d490ffc195110368d")
    output = oprf.finalize(b"\0", blind, p256.multiply(key, alpha))
    expect(output, "a0b34de5fa4c5b6da07e72af73cc507cceeb48981b97b7285fc375345fe495dd")


def signatures():
    """RFC 6979 A.2.5, SHA-256, "sample"; RFC 8032 section 7.1, test 1."""
    key = int("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", 16)
    expect(p256.ecdsa(key, b"sample"), "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                       "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")
    seed = OF_HEX("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    expect(owner.public(seed), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def boxes():
    """RFC 9180 A.3.1, first message."""
    ephemeral = int("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb", 16)
    recipient = int("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2", 16)
    info, plaintext = b"Ode on a Grecian Urn", b"Beauty is truth, truth beauty"
    _, sealed = hpke.seal(ephemeral, p256.public(recipient), info, plaintext, b"Count-0", hpke.AES_128_GCM)
    expect(sealed, "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434")


def sharing_field():
    """FIPS 197 section 4.2."""
    assert sharing.multiply(0x57, 0x13) == 0xFE


def expect(data, text):
    assert data == OF_HEX(text), f"{data.hex()} is not the published {text}"
