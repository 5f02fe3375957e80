#!/usr/bin/python3
"""Opens and seals bundles, written from wgbundle(5) alone.

Reads one request a line, and answers each with one line:

  open SECRET-IDENTITY ISSUER HEX     the bundle's fields, or the class of what is wrong; HEX is a bundle in any form
  seal SECRET-IDENTITY RECIPIENT FIELD...       the bundle in hexadecimal
  armor HEX | code HEX                          the text of a bundle, in hexadecimal
  parts N HEX                                   the same in N parts, one a line
  identity HEX                                  "ok", or "refused", for a text in hexadecimal
  fingerprint IDENTITY                          25 characters

Fields are NAME=VALUE in the order of the payload: numbers in decimal, names as they are, all other bytes in
hexadecimal, a prefix as ADDRESS/LENGTH. Those of a peer begin with peer.public-key.
"""

import hashlib
import re
import sys

from nacl import bindings as sodium
from nacl.exceptions import CryptoError

P = 2**255 - 19
SIZES = [384, 512, 1024, 2048, *range(4096, 61441, 4096)]


class Refused(Exception):
    """What is wrong, as the class that wgbundle(5) gives it."""


def must(claim, refusal):
    if not claim:
        raise Refused(refusal)


def blake2b(size, message, person=b"", key=b"", salt=b""):
    return hashlib.blake2b(message, digest_size=size, key=key, salt=salt, person=person).digest()


# Identities


def is_usable_x25519(key):
    number = int.from_bytes(key, "little")
    # The u coordinates of order 1, 2, 4 and 8: RFC 7748 gives a shared secret of zeros for them.
    small = {
        0,
        1,
        P - 1,
        int.from_bytes(bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), "little"),
        int.from_bytes(bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), "little"),
    }
    return len(key) == 32 and number < P and number not in small


class Identity:
    def __init__(self, keys, refusal):
        must(len(keys) == 96, refusal)
        self.keys = keys
        self.signing, self.sealing, self.wireguard = keys[:32], keys[32:64], keys[64:]
        must(sodium.crypto_core_ed25519_is_valid_point(self.signing), refusal)
        must(is_usable_x25519(self.sealing) and is_usable_x25519(self.wireguard), refusal)
        self.fingerprint = blake2b(32, b"\x01" + keys, b"wgseal.fprint.v1")

    @staticmethod
    def read(text):
        data = bech32m(text, "wgid")
        must(len(data) == 100 and data[0] == 1, "identity")
        identity = Identity(data[1:97], "identity")
        must(data[97:] == identity.fingerprint[:3], "identity")
        return identity

    def shown(self):
        number = int.from_bytes(self.fingerprint, "big") >> 131
        text = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * (24 - i) & 31] for i in range(25))
        return "-".join(text[i : i + 5] for i in range(0, 25, 5))


class SecretIdentity:
    def __init__(self, text):
        data = bech32m(text, "wgid-secret-")
        must(len(data) == 65 and data[0] == 1, "identity")
        seed, self.wireguard_secret = data[1:33], data[33:]
        signing, self.signing_secret = sodium.crypto_sign_seed_keypair(self.subkey(seed, 1))
        sealing, self.sealing_secret = sodium.crypto_box_seed_keypair(self.subkey(seed, 2))
        wireguard = sodium.crypto_scalarmult_base(self.wireguard_secret)
        self.public = Identity(signing + sealing + wireguard, "identity")

    @staticmethod
    def subkey(seed, number):
        return blake2b(32, b"", b"wgsealid" + bytes(8), seed, number.to_bytes(8, "little") + bytes(8))


ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def checksum(values):
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> bit & 1:
                state ^= generator
    return state


def bech32m(text, prefix):
    must(text.isascii() and (text == text.lower() or text == text.upper()), "identity")
    text = text.lower()
    must(text.startswith(prefix + "1"), "identity")
    rest = text[len(prefix) + 1 :]
    must(len(rest) >= 6 and all(character in ALPHABET for character in rest), "identity")
    values = [ALPHABET.index(character) for character in rest]
    expanded = [ord(character) >> 5 for character in prefix] + [0] + [ord(character) & 31 for character in prefix]
    must(checksum(expanded + values) == 0x2BC830A3, "identity")
    number, bits = 0, 5 * (len(values) - 6)
    for value in values[:-6]:
        number = number << 5 | value
    spare = bits % 8
    must(spare < 5 and number & ((1 << spare) - 1) == 0, "identity")
    return (number >> spare).to_bytes(bits // 8, "big")


# Text

BEGIN, END = b"-----BEGIN WGSEAL BUNDLE-----", b"-----END WGSEAL BUNDLE-----"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BASE45 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
WHITE = b" \t\n\v\f\r"


def unwrap(data):
    if data.startswith(b"WGSB"):
        return data
    if data.lstrip(WHITE).startswith(BEGIN):
        return unarmor(data)
    lines = [line.removesuffix(b"\r").removeprefix(b"QR-Code:") for line in data.split(b"\n")]
    lines = [line for line in lines if line.startswith((b"WGS1:", b"WGS1/"))]
    must(lines, "not-a-bundle")
    if lines[0].startswith(b"WGS1/"):
        return join(lines)
    must(set(lines) == {lines[0]}, "parts")
    return base45(lines[0][5:], "base45")


def join(lines):
    lines = set(lines)
    must(all(re.match(rb"WGS1/[0-9]{2}/[0-9]{2}/[0-9A-F]{8}:", line) for line in lines), "parts")
    lines = sorted(lines)
    count = int(lines[0][8:10])
    must(2 <= count <= 99, "parts")
    bundle = b"".join(base45(line[20:], "parts") for line in lines)
    must(lines == parts(bundle, count), "parts")
    return bundle


def unarmor(data):
    lines = data.split(b"\n")
    while lines and not lines[-1].strip(WHITE):
        lines.pop()
    while lines and not lines[0].strip(WHITE):
        lines.pop(0)
    must(len(lines) >= 3, "armor")
    lines = [line.removesuffix(b"\r") for line in lines]
    must(lines[0] == BEGIN and lines[-1].rstrip(WHITE) == END, "armor")
    body = lines[1:-1]
    must(all(len(line) == 64 for line in body[:-1]) and 1 <= len(body[-1]) <= 64, "armor")
    return unbase64(b"".join(body))


def unbase64(text):
    must(len(text) % 4 == 0, "base64")
    characters = text.rstrip(b"=")
    padding = len(text) - len(characters)
    must(padding <= 2 and all(character in BASE64 for character in characters), "base64")
    number = 0
    for character in characters:
        number = number << 6 | BASE64.index(character)
    spare = 2 * padding
    must(number & ((1 << spare) - 1) == 0, "base64")
    return (number >> spare).to_bytes(len(text) // 4 * 3 - padding, "big")


def base45(text, refusal):
    must(all(character in BASE45 for character in text), refusal)
    result = b""
    for start in range(0, len(text), 3):
        group = [BASE45.index(character) for character in text[start : start + 3]]
        must(len(group) > 1, refusal)
        number = sum(digit * 45**place for place, digit in enumerate(group))
        size = len(group) - 1
        must(number < 256**size, refusal)
        result += number.to_bytes(size, "big")
    return result


def armor(data):
    number, padding = int.from_bytes(data, "big"), -len(data) % 3
    count = (len(data) + padding) // 3 * 4
    number <<= 8 * padding
    text = bytes(BASE64[number >> 6 * (count - 1 - i) & 63] for i in range(count - padding)) + b"=" * padding
    lines = [text[i : i + 64] for i in range(0, count, 64)]
    return b"\n".join([BEGIN, *lines, END, b""])


def code(data):
    return b"WGS1:" + to_base45(data)


def parts(data, count):
    size = next(size for size in range(2, len(data) + 3, 2) if count * size >= len(data))
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    tag = blake2b(16, data, b"wgseal.bundle.qr")[:4].hex().upper()
    heads = [f"WGS1/{number:02}/{len(pieces):02}/{tag}:" for number in range(1, len(pieces) + 1)]
    return [head.encode() + to_base45(piece) for head, piece in zip(heads, pieces)]


def to_base45(data):
    result = b""
    for start in range(0, len(data), 2):
        group = data[start : start + 2]
        number = int.from_bytes(group, "big")
        result += bytes(BASE45[number // 45**place % 45] for place in range(len(group) + 1))
    return result


# The payload


def walk(data, level, tags, lists):
    """Yields tag and value of each field, once all that can be said of their order was checked."""
    last = None
    while data:
        tag = data[0]
        must(tag in tags, "field")
        must(len(data) >= 3, "field")
        size = int.from_bytes(data[1:3], "big")
        must(3 + size <= len(data), "field")
        value = data[3 : 3 + size]
        if last is not None:
            must(tag > last[0] or tag == last[0] and tag in lists and value > last[1], "field")
        yield tag, value
        last, data = (tag, value), data[3 + size :]


def fields(data, level, tags, required, lists=()):
    found = {tag: [] for tag in tags}
    for tag, value in walk(data, level, tags, lists):
        found[tag].append(value)
    must(all(found[tag] for tag in required), "field")
    return found


def number(value, size, low=0, high=None):
    must(len(value) == size, "field")
    result = int.from_bytes(value, "big")
    must(low <= result and (high is None or result <= high), "field")
    return result


def name(value):
    must(re.fullmatch(rb"[a-z][a-z0-9-]{0,30}", value), "field")
    return value.decode()


def address(value):
    must(value[:1] in (b"\x04", b"\x06") and len(value) == (5 if value[0] == 4 else 17), "field")
    return value[1:].hex()


def prefix(value, is_network):
    must(value, "field")
    text, length = address(value[:-1]), value[-1]
    bits = 4 * len(text)
    must(length <= bits, "field")
    must(not is_network or int(text, 16) & ((1 << bits - length) - 1) == 0, "field")
    return f"{text}/{length}"


def endpoint(value, position):
    must(len(value) > 4 and value[0] == position, "field")
    host, port = value[1:-2], number(value[-2:], 2, 1)
    if host[0] == 0:
        text = host[1:]
        must(re.fullmatch(rb"[a-z0-9.-]{1,253}", text), "field")
        labels = text.split(b".")
        must(all(re.fullmatch(rb"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) for label in labels), "field")
        must(not re.fullmatch(rb"[0-9]+|0x[0-9a-f]*", labels[-1]), "field")
        return f"name:{text.decode()}:{port}"
    return f"{address(host)}:{port}"


def peer(value):
    found = fields(value, "peer ", range(1, 7), (1, 2), (4, 5))
    must(is_usable_x25519(found[1][0]), "field")
    result = [("peer.public-key", found[1][0].hex()), ("peer.name", name(found[2][0]))]
    for secret in found[3]:
        must(len(secret) == 32 and any(secret), "field")
        result.append(("peer.preshared-key", secret.hex()))
    endpoints = [endpoint(value, position) for position, value in enumerate(found[4])]
    must(len(endpoints) <= 16 and len(set(endpoints)) == len(endpoints), "field")
    result += [("peer.endpoint", text) for text in endpoints]
    must(len(found[5]) <= 32, "field")
    result += [("peer.allowed-address", prefix(value, True)) for value in found[5]]
    result += [("peer.keepalive", number(value, 2, 1)) for value in found[6]]
    return result


def service(value):
    found = fields(value, "service ", range(1, 5), range(1, 5))
    protocol = number(found[4][0], 1)
    must(protocol in (6, 17), "field")
    return [
        ("service.name", name(found[1][0])),
        ("service.address", address(found[2][0])),
        ("service.port", number(found[3][0], 2, 1)),
        ("service.protocol", protocol),
    ]


PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
IMAGE = re.compile(rf"(?:{PART}(?::[0-9]{{1,5}})?/)?{PART}(?:/{PART})*")


def container(value):
    found = fields(value, "container ", range(1, 4), (1, 2), (3,))
    must(found[1][0].isascii(), "field")
    image = found[1][0].decode()
    must(1 <= len(image) <= 255 and IMAGE.fullmatch(image) and len(found[2][0]) == 32, "field")
    must(len(found[3]) <= 64, "field")
    result = [("container.image", image), ("container.digest", found[2][0].hex())]
    for position, argument in enumerate(found[3]):
        must(argument and argument[0] == position and len(argument) <= 1025, "field")
        must(all(0x20 <= byte <= 0x7E for byte in argument[1:]), "field")
        result.append(("container.argument", argument[1:].hex()))
    return result


TAGS = (1, 2, 3, 4, 5, 6, 0x10, 0x11, 0x12, 0x20, 0x30, 0x40)


def decode(payload):
    found = fields(payload, "", TAGS, (1, 2, 3, 4, 5, 6, 0x10), (0x10, 0x20, 0x30))
    must(len(found[1][0]) == 16, "field")
    created, not_after = number(found[5][0], 8), number(found[6][0], 8)
    must(created < not_after <= created + 400 * 86400, "field")
    result = [
        ("network-id", found[1][0].hex()),
        ("network-name", name(found[2][0])),
        ("epoch", number(found[3][0], 4)),
        ("serial", number(found[4][0], 8)),
        ("created", created),
        ("not-after", not_after),
    ]
    must(len(found[0x10]) <= 16 and len(found[0x20]) <= 256 and len(found[0x30]) <= 64, "field")
    result += [("address", prefix(value, False)) for value in found[0x10]]
    result += [("mtu", number(value, 2, 1280, 9000)) for value in found[0x11]]
    result += [("listen-port", number(value, 2, 1024, 65535)) for value in found[0x12]]
    peers = [peer(value) for value in found[0x20]]
    must(len({fields[0] for fields in peers}) == len(peers), "field")
    for part in (*peers, *map(service, found[0x30]), *map(container, found[0x40])):
        result += part
    return result


# The same the other way


def field(tag, value):
    return bytes([tag]) + len(value).to_bytes(2, "big") + value


def encode_address(text):
    data = bytes.fromhex(text)
    return bytes([4 if len(data) == 4 else 6]) + data


def encode_prefix(text):
    host, length = text.split("/")
    return encode_address(host) + bytes([int(length)])


def encode_endpoint(text, position):
    host, port = text.rsplit(":", 1)
    start = b"\x00" + host[5:].encode() if host.startswith("name:") else encode_address(host)
    return bytes([position]) + start + int(port).to_bytes(2, "big")


ENCODERS = {
    "network-id": (1, bytes.fromhex),
    "network-name": (2, str.encode),
    "epoch": (3, lambda text: int(text).to_bytes(4, "big")),
    "serial": (4, lambda text: int(text).to_bytes(8, "big")),
    "created": (5, lambda text: int(text).to_bytes(8, "big")),
    "not-after": (6, lambda text: int(text).to_bytes(8, "big")),
    "address": (0x10, encode_prefix),
    "mtu": (0x11, lambda text: int(text).to_bytes(2, "big")),
    "listen-port": (0x12, lambda text: int(text).to_bytes(2, "big")),
    "peer.public-key": (1, bytes.fromhex),
    "peer.name": (2, str.encode),
    "peer.preshared-key": (3, bytes.fromhex),
    "peer.allowed-address": (5, encode_prefix),
    "peer.keepalive": (6, lambda text: int(text).to_bytes(2, "big")),
    "service.name": (1, str.encode),
    "service.address": (2, encode_address),
    "service.port": (3, lambda text: int(text).to_bytes(2, "big")),
    "service.protocol": (4, lambda text: bytes([int(text)])),
    "container.image": (1, str.encode),
    "container.digest": (2, bytes.fromhex),
}
GROUPS = {"peer": (0x20, "peer.public-key"), "service": (0x30, "service.name"), "container": (0x40, "container.image")}


def encode(words):
    result, group = [], None
    for word in words:
        key, text = word.split("=", 1)
        kind = key.split(".")[0] if "." in key else None
        if kind and (group is None or group[0] != kind or key == GROUPS[kind][1]):
            group = [kind, b"", 0, 0]
            result.append((GROUPS[kind][0], group))
        if key == "peer.endpoint":
            group[1] += field(4, encode_endpoint(text, group[2]))
            group[2] += 1
        elif key == "container.argument":
            group[1] += field(3, bytes([group[3]]) + bytes.fromhex(text))
            group[3] += 1
        else:
            tag, encoder = ENCODERS[key]
            if kind:
                group[1] += field(tag, encoder(text))
            else:
                result.append((tag, encoder(text)))
    return b"".join(field(tag, value[1] if isinstance(value, list) else value) for tag, value in result)


# The bundle


def signed_message(header, recipient, transmitted):
    return b"wgseal/bundle/v1\x00" + header + recipient.fingerprint + recipient.sealing + transmitted


def seal(issuer, recipient, payload, pair=None):
    count = 162 + len(payload)
    size = next(size for size in SIZES if size >= count)
    header = b"WGSB\x01\x01" + (48 + size).to_bytes(2, "big")
    transmitted = issuer.public.keys + len(payload).to_bytes(2, "big") + payload
    message = signed_message(header, recipient, transmitted)
    signature = sodium.crypto_sign(message, issuer.signing_secret)[:64]
    return header + box((signature + transmitted).ljust(size, b"\0"), recipient, pair)


def box(plaintext, recipient, pair=None):
    public, secret = pair or sodium.crypto_box_keypair()
    nonce = blake2b(24, public + recipient.sealing)
    return public + sodium.crypto_box(plaintext, nonce, recipient.sealing, secret)


def open_bundle(recipient, issuer, data):
    bundle = unwrap(data)
    must(bundle.startswith(b"WGSB"), "not-a-bundle")
    must(len(bundle) >= 8, "length")
    header, box = bundle[:8], bundle[8:]
    must(header[4] == 1, "version")
    must(header[5] == 1, "suite")
    size = int.from_bytes(header[6:], "big") - 48
    must(size in SIZES, "header")
    must(len(box) == 48 + size, "length")
    nonce = blake2b(24, box[:32] + recipient.public.sealing)
    try:
        plaintext = sodium.crypto_box_open(box[32:], nonce, box[:32], recipient.sealing_secret)
    except CryptoError:
        raise Refused("seal") from None
    end = 162 + int.from_bytes(plaintext[160:162], "big")
    must(next((size for size in SIZES if size >= end), None) == size and not any(plaintext[end:]), "not-genuine")
    claimed = Identity(plaintext[64:160], "not-genuine")
    must(claimed.keys == issuer.keys, "untrusted")
    message = signed_message(header, recipient.public, plaintext[64:end])
    try:
        sodium.crypto_sign_open(plaintext[:64] + message, issuer.signing)
    except CryptoError:
        raise Refused("not-genuine") from None
    identifier = blake2b(16, message, b"wgseal.bundle.id").hex()
    return [("id", identifier), *decode(plaintext[162:end])]


def text_identity(data):
    Identity.read(data.decode("latin-1"))
    return "ok"


def answer(command, *words):
    if command == "open":
        found = open_bundle(SecretIdentity(words[0]), Identity.read(words[1]), bytes.fromhex(words[2]))
        return " ".join(f"{key}={value}" for key, value in found)
    if command == "seal":
        return seal(SecretIdentity(words[0]), Identity.read(words[1]), encode(words[2:])).hex()
    if command == "identity":
        return text_identity(bytes.fromhex(words[0]))
    if command == "fingerprint":
        return Identity.read(words[0]).shown()
    if command == "parts":
        return b"\n".join(parts(bytes.fromhex(words[1]), int(words[0]))).hex()
    return {"armor": armor, "code": code}[command](bytes.fromhex(words[0])).hex()


def main():
    for line in sys.stdin:
        try:
            print(answer(*line.removesuffix("\n").split(" ")), flush=True)
        except Refused as refusal:
            print(f"refused {refusal}", flush=True)


if __name__ == "__main__":
    main()
