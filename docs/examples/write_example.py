#!/usr/bin/env python3
"""Writes the segment file that the worked example of docs/FORMAT.md shows.

    write_example.py FILE      writes the file
    write_example.py --dump    prints it as the page shows it

Written from the page, with nothing but the standard library, so that it stands beside the Java
encoder rather than on it. The ids, epochs and the nonce, which are random in a real log, are fixed.
"""

import struct
import sys

from read_segment import crc32c

LOG_ID = (0x1716151413121110, 0x1F1E1D1C1B1A1918)
EPOCH = 0x0123456789ABCDEF
SUCCESSOR_EPOCH = 0x1032547698BADCFE
CREATED_MILLIS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
NUMBER = 0
NONCE = bytes.fromhex("a0a1a2a3a4a5a6a7")

ENTRY, TOMBSTONE, MARK, JOINED = 1, 2, 6, 0x80
ENTRIES_BATCH, MARK_BATCH = 1, 2
NONE = 0xFFFF_FFFF_FFFF_FFFF


def salted(epoch, offset, data):
    return crc32c(struct.pack("<QII", epoch, NUMBER, offset) + data)


def record(offset, kind, body):
    covered = struct.pack("<IB", 1 + len(body), kind) + body
    return struct.pack("<I", salted(EPOCH, offset, covered)) + covered


def entry(index, key, value):
    """The body of an entry, for small numbers and lengths."""
    return bytes([0x93, index, 0xA0 | len(key)]) + key + bytes([0xC4, len(value)]) + value


def batch(offset, kind, records, first_sequence, durable_through, chain):
    """The bytes of a batch, its header CRC, and the offsets of its records."""
    body, offsets = b"", []
    for type_byte, record_body in records:
        offsets.append(offset + 48 + len(body))
        body += record(offsets[-1], type_byte, record_body)
    body += bytes(-len(body) % 8)
    header = b"WLTB" + struct.pack(
        "<HHIIQQIII",
        kind,
        0,
        len(body),
        len(records),
        first_sequence,
        durable_through,
        chain,
        salted(EPOCH, offset + 48, body),
        0,
    )
    crc = salted(EPOCH, offset, header)
    return header + struct.pack("<I", crc) + body, crc, offsets


def header_block():
    block = bytearray(4096)
    struct.pack_into("<8sII", block, 0, b"WALNUTSG", 1, 1)
    struct.pack_into("<QQII", block, 16, *LOG_ID, NUMBER, 0)
    struct.pack_into("<QQQQ", block, 40, EPOCH, SUCCESSOR_EPOCH, CREATED_MILLIS, 1)
    struct.pack_into("<i", block, 72, -1)  # no predecessor
    struct.pack_into("<I", block, 92, 0)  # low-water
    struct.pack_into("<QII", block, 104, 0, 1, 0)  # durable-through, logical logs, gaps
    struct.pack_into("<IIQQ", block, 120, 0, 0, 0, 0)  # logical log 0: floor 0, last 0
    struct.pack_into("<I", block, 4092, salted(0, 0, bytes(block[:4092])))
    return bytes(block)


def summary(at, valid_bytes, table, last_batch_at, last_batch_crc):
    block = bytearray(640)
    struct.pack_into("<8sII", block, 0, b"WALNUTFT", 0, 1)  # flags, consecutive table
    struct.pack_into("<III", block, 16, NUMBER, valid_bytes, len(table))
    struct.pack_into("<I", block, 28, salted(EPOCH, valid_bytes, table))
    struct.pack_into("<II", block, 32, 0, salted(EPOCH, at, b""))  # no tombstones in the list
    struct.pack_into("<II", block, 40, 2, 2)  # entries in the table, entries written
    struct.pack_into("<QQQQ", block, 48, 1, 2, 4, 4)  # indexes 1 to 2; last sequence, durable
    struct.pack_into("<II", block, 80, last_batch_crc, 0)
    struct.pack_into("<QQQQQQ", block, 88, NONE, 0, NONE, 0, NONE, 0)
    struct.pack_into("<II", block, 136, 1, last_batch_at)
    struct.pack_into("<IIQQ", block, 144, 0, 0, 0, 2)  # logical log 0: floor 0, last 2
    struct.pack_into("<I", block, 636, salted(EPOCH, at, bytes(block[:636])))
    return bytes(block)


def segment():
    """A log of two entries, one tombstoned later, that was closed."""
    data = header_block()
    first, crc, entries_at = batch(
        len(data),
        ENTRIES_BATCH,
        [(ENTRY, entry(1, b"a", b"one")), (ENTRY | JOINED, entry(2, b"", b""))],
        1,
        0,
        0,
    )
    data += first
    second, crc, _ = batch(
        len(data), ENTRIES_BATCH, [(TOMBSTONE, bytes([0x91, 1]))], 3, 2, crc
    )
    data += second
    mark_at = len(data)
    mark, crc, _ = batch(
        mark_at, MARK_BATCH, [(MARK, bytes([0x91, 0xC4, 8]) + NONCE)], 4, 3, crc
    )
    data += mark
    table = struct.pack("<II", entries_at[0] | 0x8000_0000, entries_at[1])
    valid_bytes = len(data)
    data += table
    return data + summary(len(data), valid_bytes, table, mark_at, crc)


def dump(data):
    """Lines of offset, 16 bytes and text; a star stands for lines of nothing but zeros."""
    starred = False
    for at in range(0, len(data), 16):
        line = data[at : at + 16]
        if not any(line):
            if not starred:
                print("*")
            starred = True
            continue
        starred = False
        text = "".join(chr(b) if 32 <= b < 127 else "." for b in line)
        halves = line[:8].hex(" "), line[8:].hex(" ")
        print(f"{at:08x}  {halves[0]:23}  {halves[1]:23}  |{text}|")
    print(f"{len(data):08x}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--dump":
        dump(segment())
    else:
        with open(sys.argv[1], "wb") as file:
            file.write(segment())


if __name__ == "__main__":
    main()
