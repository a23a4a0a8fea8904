"""P-256: points, hashing to the curve (RFC 9380), ECDSA with RFC 6979 nonces. Not for secrets: it takes its time."""
import hashlib
import hmac

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
A = P - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(p, q):
    """None is the point at infinity."""
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def multiply(scalar, point):
    result = None
    for bit in bin(scalar % N)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def public(scalar):
    return multiply(scalar, G)


def ecdh(scalar, point):
    """The x-coordinate: what a device's derive-ecdh gives."""
    return multiply(scalar, point)[0].to_bytes(32, "big")


def uncompressed(point):
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def compressed(point):
    return bytes([2 + point[1] % 2]) + point[0].to_bytes(32, "big")


def number(data):
    return int.from_bytes(data, "big")


def expand_message(message, tag, length):
    """RFC 9380 section 5.3.1, SHA-256."""
    tag = tag + bytes([len(tag)])
    first = hashlib.sha256(bytes(64) + message + length.to_bytes(2, "big") + b"\0" + tag).digest()
    block = hashlib.sha256(first + b"\1" + tag).digest()
    out = block
    for i in range(2, -(-length // 32) + 1):
        mixed = bytes(a ^ b for a, b in zip(first, block))
        block = hashlib.sha256(mixed + bytes([i]) + tag).digest()
        out += block
    return out[:length]


def simplified_swu(u):
    """RFC 9380 section 6.6.2, straight from its definition; Z = -10."""
    z = P - 10
    denominator = (z * z * pow(u, 4, P) + z * u * u) % P
    if denominator == 0:
        x = B * pow(z * A, -1, P) % P
    else:
        x = (P - B) * pow(A, -1, P) * (1 + pow(denominator, -1, P)) % P
    y_squared = (x**3 + A * x + B) % P
    y = pow(y_squared, (P + 1) // 4, P)
    if y * y % P != y_squared:
        x = z * u * u * x % P
        y_squared = (x**3 + A * x + B) % P
        y = pow(y_squared, (P + 1) // 4, P)
        assert y * y % P == y_squared
    return x, y if y % 2 == u % 2 else P - y


def hash_to_curve(message, tag):
    """P256_XMD:SHA-256_SSWU_RO_"""
    uniform = expand_message(message, tag, 96)
    return add(*(simplified_swu(number(uniform[i:i + 48]) % P) for i in (0, 48)))


def ecdsa(scalar, message):
    """`r || s`, the nonce as in RFC 6979 section 3.2."""
    digest = hashlib.sha256(message).digest()
    hashed = (number(digest) % N).to_bytes(32, "big")
    secret = scalar.to_bytes(32, "big")
    value, key = b"\1" * 32, bytes(32)
    for separator in (b"\0", b"\1"):
        key = hmac.digest(key, value + separator + secret + hashed, "sha256")
        value = hmac.digest(key, value, "sha256")
    value = hmac.digest(key, value, "sha256")
    nonce = number(value)
    assert 0 < nonce < N, "the next candidate would be needed"
    r = public(nonce)[0] % N
    s = pow(nonce, -1, N) * (number(digest) + r * scalar) % N
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
