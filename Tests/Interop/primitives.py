#!/usr/bin/python3
"""Works out what the primitives of wgbundle(5) do, at their edges above all, from their specifications alone.

  primitives.py

Prints one case a line: what is done, the bytes that it is done with, and what comes of it, with `-` for no bytes.

  key POINT taken|refused                         a key that signs
  sign KEYS MESSAGE KEY SIGNATURE                 KEYS are type, seed and WireGuard private key, as in a secret identity
  verify KEY MESSAGE SIGNATURE taken|refused
  public SCALAR KEY                               X25519
  open KEYS BOX PLAINTEXT|refused                 a sealed box

Nothing here is an implementation to use: it takes as long as its secrets say.
"""

import hashlib
import random

P = 2**255 - 19


def blake2b(size, message, person=b"", key=b"", salt=b""):
    return hashlib.blake2b(message, digest_size=size, key=key, salt=salt, person=person).digest()


# Ed25519, RFC 8032: points are (X, Y, Z, T) with x = X/Z, y = Y/Z and xy = T/Z.

ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    result = NEUTRAL
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def same(one, other):
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 == (one[1] * other[2] - other[1] * one[2]) % P


def encoded(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decoded(data):
    """The point that 32 bytes stand for, in whatever spelling; None if there is none."""
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = -x % P
    return x, y % P, 1, x * y % P


def in_main_subgroup(data):
    """Whether they are the canonical encoding of a point of the main subgroup, other than its neutral element."""
    point = decoded(data)
    if point is None or encoded(point) != data or same(point, NEUTRAL):
        return False
    return same(times(ORDER, point), NEUTRAL)


BASE = decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
# L times a point of full order is one of order 8.
TORSION = next(
    point
    for point in (times(ORDER, point) for point in (decoded(bytes([y]) + bytes(31)) for y in range(2, 99)) if point)
    if not same(times(4, point), NEUTRAL)
)


def sha512(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def secret_scalar(seed):
    digest = hashlib.sha512(seed).digest()
    return int.from_bytes(digest[:32], "little") & ~7 & (1 << 254) - 1 | 1 << 254, digest[32:]


def sign(seed, message):
    """The key that belongs to a seed, and its signature."""
    scalar, prefix = secret_scalar(seed)
    key = encoded(times(scalar, BASE))
    nonce = sha512(prefix + message) % ORDER
    first = encoded(times(nonce, BASE))
    return key, first + number((nonce + sha512(first + key + message) * scalar) % ORDER)


class Verifier:
    """Verifies as wgbundle(5) has it, and remembers what it has found of a point."""

    def __init__(self):
        self.known = {}

    def takes_point(self, data):
        if data not in self.known:
            self.known[data] = in_main_subgroup(data)
        return self.known[data]

    def takes(self, key, message, signature):
        first, second = signature[:32], int.from_bytes(signature[32:], "little")
        # Without the cofactor, nothing outside of the main subgroup is equal to what is in it.
        if second >= ORDER or not self.takes_point(key) or not self.takes_point(first):
            return False
        factor = sha512(first + key + message) % ORDER
        return same(times(second, BASE), add(decoded(first), times(factor, decoded(key))))


# X25519, RFC 7748


def x25519(scalar, u):
    scalar = int.from_bytes(scalar, "little") & ~7 & (1 << 254) - 1 | 1 << 254
    u = (int.from_bytes(u, "little") & (1 << 255) - 1) % P
    x2, z2, x3, z3, swapped = 1, 0, u, 1, 0
    for bit in range(254, -1, -1):
        if scalar >> bit & 1 != swapped:
            x2, z2, x3, z3, swapped = x3, z3, x2, z2, 1 - swapped
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % P, c * b % P, a * a % P, b * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swapped:
        x2, z2 = x3, z3
    return number(x2 * pow(z2, P - 2, P) % P)


def public_key(scalar):
    return x25519(scalar, number(9))


# XSalsa20-Poly1305: "Extending the Salsa20 nonce", and "The Poly1305-AES message-authentication code"

ROUND = [(0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)]
ROUND += [(0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)]
CONSTANTS = (0, 5, 10, 15)


def salsa20(key, data):
    """The 16 words that come in and those that come out of the rounds."""
    words, constants = list(key[:16] + data + key[16:]), b"expand 32-byte k"
    words = [int.from_bytes(words[i : i + 4], "little") for i in range(0, 48, 4)]
    for i, place in enumerate(CONSTANTS):
        words.insert(place, int.from_bytes(constants[4 * i : 4 * i + 4], "little"))
    state = words[:]
    for _ in range(10):
        for a, b, c, d in ROUND:
            for target, one, other, shift in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
                total = state[one] + state[other] & 0xFFFFFFFF
                state[target] ^= (total << shift | total >> 32 - shift) & 0xFFFFFFFF
    return words, state


def little(words):
    return b"".join(word.to_bytes(4, "little") for word in words)


def hsalsa20(key, data):
    _, state = salsa20(key, data)
    return little(state[i] for i in (*CONSTANTS, 6, 7, 8, 9))


def xsalsa20(key, nonce, count):
    subkey, stream = hsalsa20(key, nonce[:16]), b""
    for block in range(-(-count // 64)):
        before, after = salsa20(subkey, nonce[16:] + block.to_bytes(8, "little"))
        stream += little(one + other & 0xFFFFFFFF for one, other in zip(before, after))
    return stream[:count]


PRIME = 2**130 - 5


def clamped(key):
    return int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF


def accumulator(key, message, start=0):
    total = start
    for at in range(0, len(message), 16):
        block = message[at : at + 16]
        total = (total + int.from_bytes(block + b"\x01", "little")) * clamped(key) % PRIME
    return total


def poly1305(key, message):
    total = accumulator(key, message) + int.from_bytes(key[16:32], "little")
    return (total % 2**128).to_bytes(16, "little")


def stream_of_box(shared, public, recipient, count):
    nonce = blake2b(24, public + recipient)
    return xsalsa20(hsalsa20(shared, bytes(16)), nonce, 32 + count)


def box(public, recipient, shared, plaintext):
    """A sealed box, whatever its public half has to do with the shared secret."""
    stream = stream_of_box(shared, public, recipient, len(plaintext))
    ciphertext = bytes(one ^ other for one, other in zip(plaintext, stream[32:]))
    return public + poly1305(stream, ciphertext) + ciphertext


# Cases

# Nobody's, and the same in every run.
CHANCE = random.Random(5)


def number(value, size=32):
    return value.to_bytes(size, "little")


def show(*words):
    print(*(word if isinstance(word, str) else word.hex() or "-" for word in words))


def verdict(is_taken):
    return "taken" if is_taken else "refused"


def other_spellings():
    """Every 32 bytes of which y is not below p, or which give x = 0 a sign."""
    yield from (number(y | sign << 255) for y in range(P, 2**255) for sign in (0, 1))
    yield from (number(y | 1 << 255) for y in (1, P - 1))


def signature_cases(verifier):
    low_order = [encoded(times(i, TORSION)) for i in range(8)]
    spellings = [data for data in other_spellings() if decoded(data)]
    translates = [times(i, TORSION) for i in range(8)]
    secrets = (1, ORDER - 1, CHANCE.randrange(ORDER))
    keys = [(secret, encoded(add(times(secret, BASE), point))) for secret in secrets for point in translates]
    firsts = [(secret, encoded(add(times(secret, BASE), point))) for secret in secrets[1:] for point in translates]
    # For these, nobody knows a secret, or it is zero.
    others = [(0, data) for data in low_order + spellings]
    for data in [data for _, data in keys + others] + [number(y) for y in range(2, 30)]:
        show("key", data, verdict(verifier.takes_point(data)))
    # All of them solve the equation but for the part that is of low order.
    for secret, key in keys + others:
        for nonce, first in firsts + others:
            message = CHANCE.randbytes(CHANCE.randrange(4))
            counts = range(16) if secret and nonce == secrets[2] else (0, CHANCE.randrange(1, 15))
            # A verifier may spell the points in its own way before it hashes them.
            for hashed in dict.fromkeys((first + key, encoded(decoded(first)) + encoded(decoded(key)))):
                second = (nonce + sha512(hashed + message) * secret) % ORDER
                for count in counts:
                    signature = first + number(second + count * ORDER)
                    show("verify", key, message, signature, verdict(verifier.takes(key, message, signature)))
    # And these do not.
    message, (nonce, first), (secret, key) = b"message", firsts[8], keys[16]
    second = (nonce + sha512(first + key + message) * secret) % ORDER
    negative = encoded(times(ORDER - nonce, BASE))
    changed = [first + number(value) for value in (second + 1, ORDER - second, 0, ORDER - 1, ORDER)]
    for signature in (*changed, negative + number(second)):
        show("verify", key, message, signature, verdict(verifier.takes(key, message, signature)))


def keys_of(seed):
    return b"\x01" + seed + CHANCE.randbytes(32)


def subkey(seed, place):
    return blake2b(32, b"", b"wgsealid" + bytes(8), seed, number(place, 8) + bytes(8))


def signing_cases():
    for count in (0, 1, 2, 63, 64, 111, 112, 127, 128, 239, 240, 1023, 61440):
        seed, message = CHANCE.randbytes(32), CHANCE.randbytes(count)
        show("sign", keys_of(seed), message, *sign(subkey(seed, 1), message))


def scalar_cases():
    scalars = [1, 2, 7, 8, ORDER - 1, ORDER, ORDER + 1, 8 * ORDER, P - 1, P, 2**254, 2**255 - 1, 2**255, 2**256 - 1]
    for scalar in map(number, scalars + [CHANCE.randrange(1, 2**256) for _ in range(26)]):
        show("public", scalar, public_key(scalar))


def box_cases():
    recipients = [(keys_of(seed), *opening_pair(seed)) for seed in (bytes(32), bytes(range(32)), b"\xff" * 32)]
    points = [*range(20), *range(P - 20, 2**255), *(CHANCE.randrange(P) for _ in range(20))]
    eight = [times(1, TORSION), times(3, TORSION)]
    points += [(point[2] + point[1]) * pow(point[2] - point[1], -1, P) % P for point in eight]
    for keys, secret, public in recipients:
        for point in points:
            for data in (number(point), number(point | 1 << 255)):
                shared, plaintext = x25519(secret, data), CHANCE.randbytes(33)
                show("open", keys, box(data, public, shared, plaintext), plaintext if any(shared) else "refused")
    keys, secret, public = recipients[1]
    for count in [*range(131), 382, 383, 384, 61440]:
        data, plaintext = public_key(CHANCE.randbytes(32)), CHANCE.randbytes(count)
        show("open", keys, box(data, public, x25519(secret, data), plaintext), plaintext)
    tag_cases(keys, secret, public)


def opening_pair(seed):
    secret = hashlib.sha512(subkey(seed, 2)).digest()[:32]
    return secret, public_key(secret)


def tag_cases(keys, secret, public):
    """Where the sum that becomes the tag is at a limit of its 130 bits or of the 128 that are shown."""
    data = public_key(CHANCE.randbytes(32))
    stream = stream_of_box(x25519(secret, data), data, public, 48)
    limits = [*range(6), *range(PRIME - 6, PRIME), *(2**128 + i for i in range(-6, 7)), 2**129 - 1, 2**129, 3 << 128]
    for limit in limits:
        last = 0
        while not 2**128 <= last < 2**129:
            start = CHANCE.randbytes(32)
            last = (limit * pow(clamped(stream), -1, PRIME) - accumulator(stream, start)) % PRIME
        ciphertext = start + number(last - 2**128, 16)
        tag = poly1305(stream, ciphertext)
        assert accumulator(stream, ciphertext) == limit
        plaintext = bytes(one ^ other for one, other in zip(ciphertext, stream[32:]))
        show("open", keys, data + tag + ciphertext, plaintext)
        for bit in range(128):
            changed = number(int.from_bytes(tag, "little") ^ 1 << bit, 16)
            show("open", keys, data + changed + ciphertext, "refused")


if __name__ == "__main__":
    signature_cases(Verifier())
    signing_cases()
    scalar_cases()
    box_cases()
