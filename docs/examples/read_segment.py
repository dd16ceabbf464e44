#!/usr/bin/env python3
"""Reads one segment file of a Walnut log, checks everything in it, and prints a line per structure.

    read_segment.py FILE          one line per structure
    read_segment.py --json FILE   one JSON object per structure, a line each

Exit code 0: everything in the file is proven up to its end. 1: something is not; the lines that
start with "problem" say what and where. 2: the file could not be read.

Written from docs/FORMAT.md, with nothing but the standard library. It needs no other file of the
log, so it cannot know what a successor's header says of this segment, nor what other segments have
made durable: it calls damage "corrupt" where this file alone proves that durable bytes are wrong,
and "torn or corrupt" elsewhere.
"""

import argparse
import json
import re
import struct
import sys

VERSION = 1
HEADER_BYTES = 4096
HEADER_MAGIC = b"WALNUTSG"
LOGS_AT, LOG_BYTES = 120, 24
GAPS_AT, GAP_BYTES, GAPS_MAX = 504, 24, 32

BATCH_HEADER_BYTES = 48
BATCH_MAGIC = b"WLTB"
RECORD_HEADER_BYTES = 8
RECORD_BYTES_MIN = 11
JOINED = 0x80
BATCH_KINDS = {1: "entries", 2: "mark"}
RECORD_TYPES = {
    1: "entry",
    2: "tombstone",
    3: "truncate-before",
    4: "truncate-after",
    5: "reset",
    6: "mark",
}

SUMMARY_BYTES = 640
SUMMARY_MAGIC = b"WALNUTFT"
TABLE_KINDS = {1: "consecutive", 2: "scattered"}
TOMBSTONED = 0x8000_0000
NO_EFFECT = 0xFFFF_FFFF_FFFF_FFFF


class Damage(Exception):
    """Bytes that are not what they should be."""

    def __init__(self, offset, what):
        super().__init__(what)
        self.offset = offset
        self.what = what


class Unsupported(Damage):
    """Authentic bytes of a version, kind, flag or type that this reader does not know."""


class Undecodable(Damage):
    """Authentic bytes that are nothing a writer writes: corrupt, never a torn end."""


# ---- checksums


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


_CRC_TABLE = _crc_table()


def crc32c(data):
    """CRC-32C (Castagnoli), bit-reversed, as in iSCSI and java.util.zip.CRC32C."""
    crc = 0xFFFF_FFFF
    for byte in data:
        crc = _CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFF_FFFF


def require(condition, offset, what):
    if not condition:
        raise Damage(offset, what)


def require_known(condition, offset, what):
    if not condition:
        raise Unsupported(offset, f"{what} is not known to this reader")


# ---- MessagePack, as far as records use it


class Packed:
    """Reads MessagePack values one after the other."""

    UINTS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
    STRS = {0xD9: 1, 0xDA: 2, 0xDB: 4}
    BINS = {0xC4: 1, 0xC5: 2, 0xC6: 4}

    def __init__(self, data, offset):
        self.data = data
        self.offset = offset  # of the first byte in the file, for messages
        self.at = 0

    def take(self, count):
        require(
            self.at + count <= len(self.data),
            self.offset + self.at,
            f"{count} bytes wanted, {len(self.data) - self.at} left in the record",
        )
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def array(self):
        first = self.take(1)[0]
        require(first & 0xF0 == 0x90, self.offset, f"no small array but byte {first:#04x}")
        return first & 0x0F

    def uint(self):
        first = self.take(1)[0]
        if first < 0x80:
            return first
        require(first in self.UINTS, self.offset + self.at - 1, "no unsigned number")
        return self.number(self.UINTS[first])

    def str(self):
        first = self.take(1)[0]
        if first & 0xE0 == 0xA0:
            return self.text(first & 0x1F)
        require(first in self.STRS, self.offset + self.at - 1, "no string")
        return self.text(self.number(self.STRS[first]))

    def text(self, count):
        start = self.offset + self.at
        try:
            return self.take(count).decode("utf-8")
        except UnicodeDecodeError as e:
            raise Damage(start, f"a key that is not UTF-8: {e.reason}") from e

    def bin(self):
        first = self.take(1)[0]
        require(first in self.BINS, self.offset + self.at - 1, "no bytes")
        return self.take(self.number(self.BINS[first]))

    def end(self):
        require(self.at == len(self.data), self.offset + self.at, "bytes behind the record's body")


# ---- what the records of a segment do, to compare with its footer


class Replay:
    """The entries alive, and what was done to earlier segments."""

    def __init__(self):
        self.offsets = {}
        self.tombstoned = set()
        self.entries_written = 0
        self.effects = {}
        self.elsewhere = []

    def apply(self, record):
        kind, index = record["type"], record.get("index")
        if kind == "entry":
            self.offsets[index] = record["offset"]
            self.tombstoned.discard(index)
            self.entries_written += 1
        elif kind == "tombstone" and index in self.offsets:
            self.tombstoned.add(index)
        elif kind == "tombstone":
            self.elsewhere.append((index, record["sequence"]))
        elif kind == "truncate-before":
            self.keep(lambda i: i >= index)
            self.effect(kind, index, record, lambda old: index > old)
        elif kind == "truncate-after":
            self.keep(lambda i: i <= index)
            self.effect(kind, index, record, lambda old: index < old)
        elif kind == "reset":
            self.keep(lambda i: False)
            self.effect(kind, index, record, lambda old: True)

    def keep(self, wanted):
        self.offsets = {i: o for i, o in self.offsets.items() if wanted(i)}
        self.tombstoned = {i for i in self.tombstoned if wanted(i)}

    def effect(self, kind, index, record, stronger):
        if kind not in self.effects or stronger(self.effects[kind][0]):
            self.effects[kind] = (index, record["sequence"])

    def table(self):
        return [
            (i, self.offsets[i] | (TOMBSTONED if i in self.tombstoned else 0))
            for i in sorted(self.offsets)
        ]


# ---- the segment


class SegmentReader:
    """Goes through a segment from its header to its end and gives each structure to `show`."""

    def __init__(self, data, name_number, show):
        self.data = data
        self.name_number = name_number
        self.show = show
        self.problems = 0
        self.number = 0
        self.epoch = 0
        self.durable = 0
        self.replay = Replay()

    def read(self):
        """Returns the number of problems found."""
        if not any(self.data):
            self.show("unborn", 0, bytes=len(self.data), note="empty or all zeros")
            return 0
        try:
            header = self.read_header()
        except Damage as damage:
            self.report(damage)
            return self.problems
        end = self.read_batches(header)
        self.read_footer(end)
        return self.problems

    def report(self, damage, kind="damage"):
        self.problems += 1
        if isinstance(damage, Unsupported):
            kind = "unsupported"
        elif isinstance(damage, Undecodable):
            kind = "corrupt"
        self.show("problem", damage.offset, kind=kind, what=damage.what)

    def field(self, form, at):
        return struct.unpack_from("<" + form, self.data, at)[0]

    def fields(self, form, at):
        return struct.unpack_from("<" + form, self.data, at)

    def salted(self, start, end, at=None, epoch=None):
        """The checksum of `data[start, end)` for a structure that starts at `at`."""
        salt = struct.pack(
            "<QII",
            self.epoch if epoch is None else epoch,
            self.number,
            start if at is None else at,
        )
        return crc32c(salt + self.data[start:end])

    def check(self, what, offset, expected, found):
        require(
            expected == found,
            offset,
            f"{what} at offset {offset}: checksum {expected:08x} expected, {found:08x} found",
        )

    # ---- header block

    def read_header(self):
        require(
            len(self.data) >= HEADER_BYTES,
            0,
            f"header block of {HEADER_BYTES} bytes expected, the file has {len(self.data)}",
        )
        require(self.data[:8] == HEADER_MAGIC, 0, "header block: no magic")
        self.number = self.field("I", 32)
        self.check(
            "header block",
            0,
            self.field("I", HEADER_BYTES - 4),
            self.salted(0, HEADER_BYTES - 4, epoch=0),
        )
        version, flags = self.fields("II", 8)
        require_known(version == VERSION, 8, f"format version {version}")
        require_known(flags & ~1 == 0, 12, f"header flags {flags:#x}")
        logs, gaps = self.fields("II", 112)
        require_known(logs == 1, 112, f"number of logical logs {logs}")
        require_known(gaps <= GAPS_MAX, 116, f"number of gaps {gaps}")
        header = self.header_fields(flags, gaps)
        self.show("header", 0, **header)
        self.require_plausible(header)
        if self.name_number is not None and self.name_number != self.number:
            self.report(Damage(32, f"number {self.number} in a file named {self.name_number}"))
        return header

    def header_fields(self, flags, gaps):
        log_low, log_high = self.fields("QQ", 16)
        self.epoch, successor_epoch, created, first_sequence = self.fields("QQqQ", 40)
        before_number, before_crc, before_epoch = self.fields("iIQ", 72)
        before_bytes, low_water, before_sequence = self.fields("IIQ", 88)
        log, _, floor, last = self.fields("IIQQ", LOGS_AT)
        require_known(log == 0, LOGS_AT, f"logical log {log}")
        self.durable = self.field("Q", 104)
        return {
            "log": f"{log_high:016x}{log_low:016x}",
            "number": self.number,
            "epoch": f"{self.epoch:016x}",
            "successor_epoch": f"{successor_epoch:016x}",
            "commit": flags & 1 != 0,
            "created_millis": created,
            "first_sequence": first_sequence,
            "predecessor": None
            if before_number == -1
            else {
                "number": before_number,
                "epoch": f"{before_epoch:016x}",
                "valid_bytes": before_bytes,
                "last_sequence": before_sequence,
                "last_batch_crc": f"{before_crc:08x}",
            },
            "low_water": low_water,
            "durable_through": self.durable,
            "floor": floor,
            "last_index": last,
            "gaps": [self.fields("IIQQ", GAPS_AT + i * GAP_BYTES) for i in range(gaps)],
        }

    def require_plausible(self, header):
        before = header["predecessor"]
        plausible = (
            header["first_sequence"] >= 1
            and header["low_water"] <= self.number
            and self.durable < header["first_sequence"]
            and (
                before is None
                or (
                    0 <= before["number"] < self.number
                    and before["valid_bytes"] >= HEADER_BYTES
                    and before["valid_bytes"] % 8 == 0
                    and before["last_sequence"] < header["first_sequence"]
                )
            )
        )
        require(plausible, 0, "header block: fields that make no sense together")

    # ---- batches

    def read_batches(self, header):
        """Reads batches as long as each follows from the one before; returns where they end."""
        before = header["predecessor"]
        end = {
            "offset": HEADER_BYTES,
            "sequence": header["first_sequence"],
            "chain": int(before["last_batch_crc"], 16) if before else 0,
            "last_at": 0,
        }
        try:
            while self.data[end["offset"] : end["offset"] + 4] == BATCH_MAGIC:
                end = self.read_batch(**end)
        except (Unsupported, Undecodable) as damage:
            self.report(damage)
        except Damage as damage:
            self.report_stop(damage, end)
        else:
            self.require_nothing_behind(end)
        return end

    def read_batch(self, offset, sequence, chain, last_at):
        require(
            offset + BATCH_HEADER_BYTES <= len(self.data),
            offset,
            f"batch at offset {offset}: the file ends within its header",
        )
        kind, flags, body_bytes, count = self.fields("HHII", offset + 4)
        first, durable, found_chain, body_crc = self.fields("QQII", offset + 16)
        crc = self.field("I", offset + 44)
        self.check("batch header", offset, crc, self.salted(offset, offset + 44))
        require(first == sequence, offset, f"batch: sequence {sequence} expected, {first} found")
        require(
            found_chain == chain,
            offset,
            f"batch: chain {chain:08x} expected, {found_chain:08x} found",
        )
        require_known(kind in BATCH_KINDS and flags == 0, offset, f"batch kind {kind}/{flags}")
        self.require_plausible_batch(offset, body_bytes, count, first, durable)
        body = offset + BATCH_HEADER_BYTES
        end = body + body_bytes
        self.check("batch body", body, body_crc, self.salted(body, end))
        self.durable = max(self.durable, durable)
        self.show(
            "batch",
            offset,
            kind=BATCH_KINDS[kind],
            bytes=end - offset,
            records=count,
            first_sequence=first,
            durable_through=durable,
            chain=f"{chain:08x}",
            crc=f"{crc:08x}",
        )
        try:
            self.read_records(body, end, count, first, BATCH_KINDS[kind])
        except Unsupported:
            raise
        except Damage as damage:
            raise Undecodable(damage.offset, damage.what) from damage
        return {"offset": end, "sequence": first + count, "chain": crc, "last_at": offset}

    def require_plausible_batch(self, offset, body_bytes, count, first, durable):
        require(
            0 < body_bytes <= len(self.data) - offset - BATCH_HEADER_BYTES and body_bytes % 8 == 0,
            offset,
            f"batch at offset {offset}: a body of {body_bytes} bytes does not fit",
        )
        require(
            0 < count <= body_bytes // RECORD_BYTES_MIN and durable < first,
            offset,
            f"batch at offset {offset}: fields that make no sense together",
        )

    def read_records(self, at, end, count, sequence, batch_kind):
        for i in range(count):
            record = self.read_record(at, end, batch_kind)
            record["sequence"] = sequence + i
            self.replay.apply(record)
            self.show("record", at, **{k: v for k, v in record.items() if k != "offset"})
            at += record["bytes"]
        require(
            at <= end < at + 8 and not any(self.data[at:end]),
            at,
            f"zeros up to offset {end} expected behind the last record",
        )

    def read_record(self, at, end, batch_kind):
        require(at + RECORD_BYTES_MIN <= end, at, "no room for a record in its batch")
        crc, length, type_byte = self.fields("IIB", at)
        total = RECORD_HEADER_BYTES + length
        require(
            RECORD_BYTES_MIN <= total <= end - at,
            at,
            f"record of {total} bytes in the {end - at} that are left of its batch",
        )
        self.check("record", at, crc, self.salted(at + 4, at + total, at=at))
        kind = RECORD_TYPES.get(type_byte & ~JOINED)
        require_known(
            kind is not None and (kind == "mark") == (batch_kind == "mark"),
            at,
            f"record type {type_byte & ~JOINED} in a batch of kind {batch_kind}",
        )
        record = {"offset": at, "type": kind, "bytes": total, "joined": type_byte & JOINED != 0}
        body = self.data[at + 9 : at + total]
        try:
            record.update(self.read_record_body(kind, Packed(body, at + 9)))
        except Damage as damage:
            is_array = body[0] & 0xF0 == 0x90 or body[0] in (0xDC, 0xDD)
            require_known(not is_array, at, f"{kind} with {damage.what}")
            raise
        return record

    @staticmethod
    def read_record_body(kind, packed):
        elements = packed.array()
        wanted = {"entry": 3, "truncate-before": 2}.get(kind, 1)
        require(elements == wanted, packed.offset, f"{elements} elements")
        if kind == "mark":
            fields = {"nonce": packed.bin().hex()}
        elif kind == "entry":
            fields = {"index": packed.uint(), "key": packed.str()}
            fields["value_bytes"] = len(packed.bin())
        elif kind == "truncate-before":
            fields = {"index": packed.uint(), "oldest_segment": packed.uint()}
        else:
            fields = {"index": packed.uint()}
        packed.end()
        return fields

    # ---- where the batches end

    def report_stop(self, damage, end):
        """Judges what stopped the batches: durable bytes gone wrong, or perhaps a torn end."""
        durable = max(self.durable, self.durable_behind(end["offset"]))
        if end["sequence"] <= durable:
            damage.what += f"; sequences up to {durable} were durable"
            self.report(damage, kind="corrupt")
        else:
            self.report(damage, kind="torn or corrupt")

    def durable_behind(self, offset):
        """The largest durable-through that an authentic batch or footer behind here states."""
        durable = 0
        at = self.data.find(BATCH_MAGIC, offset)
        while at >= 0:
            durable = max(durable, self.durable_at(at))
            at = self.data.find(BATCH_MAGIC, at + 1)
        at = len(self.data) - SUMMARY_BYTES
        if at >= offset and self.is_summary(at):
            durable = max(durable, self.field("Q", at + 72))
        return durable

    def durable_at(self, at):
        if at % 8 != 0 or at + BATCH_HEADER_BYTES > len(self.data):
            return 0
        if self.field("I", at + 44) != self.salted(at, at + 44):
            return 0
        body, body_bytes = at + BATCH_HEADER_BYTES, self.field("I", at + 8)
        whole = body + body_bytes <= len(self.data)
        if not whole or self.field("I", at + 36) != self.salted(body, body + body_bytes):
            return 0
        return self.field("Q", at + 24)

    def require_nothing_behind(self, end):
        at = end["offset"]
        rest = self.data[at:]
        if self.has_summary(at):
            return
        if not any(rest):
            self.show("end", at, note=f"{len(rest)} zeros" if rest else "end of file")
            return
        damage = Damage(at, f"a batch, a footer or zeros expected at offset {at}, other bytes found")
        self.report_stop(damage, end)

    # ---- footer

    def has_summary(self, valid_bytes):
        at = len(self.data) - SUMMARY_BYTES
        return at >= valid_bytes and self.data[at : at + 8] == SUMMARY_MAGIC

    def is_summary(self, at):
        return self.data[at : at + 8] == SUMMARY_MAGIC and self.field(
            "I", at + SUMMARY_BYTES - 4
        ) == self.salted(at, at + SUMMARY_BYTES - 4)

    def read_footer(self, end):
        if not self.has_summary(HEADER_BYTES):
            self.show("no footer", len(self.data), note="open, or not closed cleanly")
            return
        at = len(self.data) - SUMMARY_BYTES
        try:
            self.check(
                "footer summary",
                at,
                self.field("I", len(self.data) - 4),
                self.salted(at, len(self.data) - 4),
            )
            footer = self.read_summary(at)
            whole = self.problems == 0  # else there is nothing to compare with
            if whole:
                self.require_same_end(at, footer, end)
                self.require_same_effects(at, footer)
            self.read_table(footer, whole)
            self.read_tombstones(footer, whole)
        except Damage as damage:
            self.report(damage)

    def read_summary(self, at):
        flags, table_kind = self.fields("II", at + 8)
        logs, last_batch_at, log = self.fields("III", at + 136)
        require_known(flags == 0, at + 8, f"footer flags {flags:#x}")
        require_known(table_kind in TABLE_KINDS, at + 12, f"table kind {table_kind}")
        require_known(logs == 1 and log == 0, at + 136, f"{logs} logical logs, the first {log}")
        number, valid_bytes, table_bytes, table_crc = self.fields("IIII", at + 16)
        tombstones, tombstones_crc, entries, written = self.fields("IIII", at + 32)
        first_index, last_index, last_sequence, durable = self.fields("QQQQ", at + 48)
        last_batch_crc, low_water = self.fields("II", at + 80)
        effects = self.fields("QQQQQQ", at + 88)
        floor, last = self.fields("QQ", at + 152)
        require(number == self.number, at + 16, f"footer of segment {number}")
        footer = {
            "valid_bytes": valid_bytes,
            "table": TABLE_KINDS[table_kind],
            "table_bytes": table_bytes,
            "table_crc": table_crc,
            "tombstones": tombstones,
            "tombstones_crc": tombstones_crc,
            "entries": entries,
            "entries_written": written,
            "first_index": first_index,
            "last_index": last_index,
            "last_sequence": last_sequence,
            "durable_through": durable,
            "last_batch_crc": last_batch_crc,
            "last_batch_at": last_batch_at,
            "low_water": low_water,
            "effects": {
                name: effects[2 * i : 2 * i + 2]
                for i, name in enumerate(("truncate-before", "truncate-after", "reset"))
                if effects[2 * i] != NO_EFFECT
            },
            "floor": floor,
            "last": last,
        }
        shown = dict(footer)
        for name in ("table_crc", "tombstones_crc", "last_batch_crc"):
            shown[name] = f"{footer[name]:08x}"
        self.show("footer", at, **shown)
        entry_bytes = 4 if table_kind == 1 else 12
        require(
            table_bytes == (entries * entry_bytes + 7) // 8 * 8
            and valid_bytes + table_bytes + 16 * tombstones == at,
            at,
            "footer: its parts do not add up to the file's length",
        )
        return footer

    def require_same_end(self, at, footer, end):
        for name, found in (
            ("valid_bytes", end["offset"]),
            ("last_sequence", end["sequence"] - 1),
            ("last_batch_crc", end["chain"]),
            ("last_batch_at", end["last_at"]),
        ):
            require(
                footer[name] == found,
                at,
                f"footer: {name} {footer[name]}, but the batches say {found}",
            )

    def read_table(self, footer, whole):
        at, count = footer["valid_bytes"], footer["entries"]
        end = at + footer["table_bytes"]
        self.check("offset table", at, footer["table_crc"], self.salted(at, end))
        if footer["table"] == "consecutive":
            indexes = range(footer["first_index"], footer["first_index"] + count)
            offsets = self.fields(f"{count}I", at)
        else:
            indexes = self.fields(f"{count}Q", at)
            offsets = self.fields(f"{count}I", at + 8 * count)
        table = list(zip(indexes, offsets))
        same = not whole or table == self.replay.table()
        require(same, at, "offset table: not what the batches say")
        self.show(
            "table",
            at,
            entries=count,
            tombstoned=sum(1 for offset in offsets if offset & TOMBSTONED),
        )

    def read_tombstones(self, footer, whole):
        at = footer["valid_bytes"] + footer["table_bytes"]
        end = at + 16 * footer["tombstones"]
        self.check("tombstone list", at, footer["tombstones_crc"], self.salted(at, end))
        found = [self.fields("QQ", place) for place in range(at, end, 16)]
        same = not whole or found == self.replay.elsewhere
        require(same, at, "tombstone list: not what the batches say")
        for place, (index, sequence) in zip(range(at, end, 16), found):
            self.show("tombstoned", place, index=index, sequence=sequence)

    def require_same_effects(self, at, footer):
        require(
            footer["effects"] == self.replay.effects
            and footer["entries_written"] == self.replay.entries_written,
            at,
            "footer: effects or counts that are not what the batches say",
        )


# ---- the command


def show_line(structure, offset, /, what="", **fields):
    words = [f"{name}={value}" for name, value in fields.items()]
    print(f"{offset:>10}  {structure:<10}  {' '.join(words + ([what] if what else []))}")


def show_json(structure, offset, /, **fields):
    print(json.dumps({"structure": structure, "offset": offset, **fields}))


def number_in(name):
    """The number that ends a segment's name, or None."""
    match = re.search(r"(?:^|\D)(0|[1-9][0-9]*)$", name)
    return int(match.group(1)) if match else None


def main():
    parser = argparse.ArgumentParser(description="Reads and checks one segment file.")
    parser.add_argument("file")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    arguments = parser.parse_args()
    try:
        with open(arguments.file, "rb") as file:
            data = file.read()
    except OSError as e:
        print(f"read {arguments.file}: {e.strerror}", file=sys.stderr)
        return 2
    show = show_json if arguments.json else show_line
    return 1 if SegmentReader(data, number_in(arguments.file), show).read() else 0


if __name__ == "__main__":
    sys.exit(main())
