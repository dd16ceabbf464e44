package dev.walnut;

/** What a structure in a file is worth. */
public enum CheckResult {
  /** Its checksum is right. */
  OK,

  /** Its checksum, or what the checksum covers, is wrong. */
  DAMAGED,

  /** Its checksum is right, but this version cannot read it. */
  UNKNOWN,

  /** There is none: only zeros in its place, or the end of the file. */
  ABSENT
}
