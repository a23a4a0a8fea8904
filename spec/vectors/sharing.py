"""Shamir sharing over GF(2^8) with the polynomial of AES, byte by byte; share i is the value at x = i."""


def multiply(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def value(coefficients, x):
    result = 0
    for coefficient in reversed(coefficients):
        result = multiply(result, x) ^ coefficient
    return result


def shares(secret, coefficients, sites):
    """`coefficients`: of x, x^2, …, 32 bytes each."""
    rows = [secret, *coefficients]
    return [bytes(value(column, x) for column in zip(*rows)) for x in range(1, sites + 1)]
