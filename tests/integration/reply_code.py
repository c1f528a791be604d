"""The codes of letters, made a second time from their description (core/base/reply_code.h): a server that changes them would lead printed letters nowhere."""
import hashlib

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MASK = (1 << 64) - 1
HALF = (1 << 40) - 1


def rotate(x, n):
    return (x << n | x >> (64 - n)) & MASK


def siphash(key, data):
    """SipHash-2-4 (Aumasson, Bernstein, 2012)."""
    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def turn(times):
        for _ in range(times):
            v[0] = (v[0] + v[1]) & MASK
            v[2] = (v[2] + v[3]) & MASK
            v[1], v[3] = rotate(v[1], 13) ^ v[0], rotate(v[3], 16) ^ v[2]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[1]) & MASK
            v[0] = (v[0] + v[3]) & MASK
            v[1], v[3] = rotate(v[1], 17) ^ v[2], rotate(v[3], 21) ^ v[0]
            v[2] = rotate(v[2], 32)

    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at:at + 8], "little")
        v[3] ^= word
        turn(2)
        v[0] ^= word
    v[2] ^= 0xFF
    turn(4)
    return (v[0] ^ v[1] ^ v[2] ^ v[3]).to_bytes(8, "little")


def reply_code(secret, touch):
    both = hashlib.blake2b(b"reply-code", digest_size=32, key=secret).digest()

    def hashed(key, turn, value):
        return int.from_bytes(siphash(key, bytes([turn]) + value.to_bytes(8, "big")), "big")

    block = touch << 32 | hashed(both[16:], 0, touch) & 0xFFFFFFFF
    left, right = block >> 40, block & HALF
    for turn in range(8):
        left, right = right, left ^ hashed(both[:16], turn, right) & HALF
    block = left << 40 | right
    text = "".join(DIGITS[block >> (75 - 5 * i) & 31] for i in range(16))
    return "-".join(text[i:i + 4] for i in range(0, 16, 4))
