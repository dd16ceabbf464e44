package dev.walnut;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A record: an entry, or what was done to entries.
 *
 * @param file the segment's file
 * @param offset where it starts, in bytes
 * @param bytes its length
 * @param sequence its number, in the order written
 * @param type what it is
 * @param joined whether it belongs to the same write batch as the record before it
 * @param index the index of an entry or tombstone; the argument of a truncation or reset; else 0
 * @param key an entry's key; else empty
 * @param keyBytes the length of the key in UTF-8
 * @param valueBytes the length of the value
 * @param valueStart the value's first bytes, 64 at most; read-only
 * @param check what it is worth; if not {@code OK}, what would stand behind {@code joined} is empty
 */
public record RecordInfo(
    Path file,
    long offset,
    long bytes,
    long sequence,
    Type type,
    boolean joined,
    long index,
    String key,
    int keyBytes,
    int valueBytes,
    ByteBuffer valueStart,
    CheckResult check) {

  /** What a record is. */
  public enum Type {
    /** An index, a key and a value. */
    ENTRY,
    /** An entry's value was taken away. */
    TOMBSTONE,
    /** Entries below an index were removed. */
    TRUNCATE_BEFORE,
    /** Entries above an index were removed. */
    TRUNCATE_AFTER,
    /** Every entry was removed and the next index chosen. */
    RESET,
    /** Nothing but the word that what came before is durable. */
    MARK,
    /** Something of a newer version, or damaged. */
    OTHER
  }
}
