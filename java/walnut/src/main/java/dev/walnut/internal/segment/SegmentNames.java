package dev.walnut.internal.segment;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of a log's files: its prefix and a decimal number without leading zeros for segments;
 * no digit follows the prefix in any other file of ours.
 */
public final class SegmentNames {
  private static final Pattern KEPT_ASIDE = Pattern.compile("cut_[0-9]{1,10}_[0-9a-f]{16}_[0-9]+");
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,9}");

  /** The highest number of a segment. */
  static final int NUMBER_MAX = Integer.MAX_VALUE - 1;

  private final String prefix;

  /**
   * @param prefix not empty, without a separator, not ending in a digit
   */
  public SegmentNames(String prefix) {
    String wrong = wrongPrefix(prefix);
    if (wrong != null) {
      throw new IllegalArgumentException("prefix \"" + prefix + "\": " + wrong);
    }
    this.prefix = prefix;
  }

  /** What is wrong with a prefix, or null. */
  public static @Nullable String wrongPrefix(String prefix) {
    if (prefix.isEmpty()) {
      return "must not be empty";
    }
    if (prefix.indexOf('/') >= 0 || prefix.indexOf('\\') >= 0 || prefix.indexOf('\0') >= 0) {
      return "must be part of a file name, without a separator";
    }
    char last = prefix.charAt(prefix.length() - 1);
    return Character.isDigit(last) ? "must not end in a digit" : null;
  }

  String segment(int number) {
    return prefix + number;
  }

  String lock() {
    return prefix + "lock";
  }

  /** The file that stands for a salvage whose swap has begun. */
  String swap() {
    return prefix + "swap";
  }

  /** The file that stands for a backup that is not complete. */
  String backup() {
    return prefix + "backup";
  }

  /** The folder in which salvage builds a log. */
  String salvageFolder() {
    return prefix + "salvage";
  }

  /** The folder for the files of the log that ended before segment {@code number}. */
  String quarantineFolder(int number) {
    return prefix + "quarantine_" + number;
  }

  /** The file that keeps what was cut from a segment. */
  String keptAside(int number, long epoch, long offset) {
    return String.format("%scut_%d_%016x_%d", prefix, number, epoch, offset);
  }

  boolean isKeptAside(String name) {
    return name.startsWith(prefix) && KEPT_ASIDE.matcher(name.substring(prefix.length())).matches();
  }

  /** The number of the segment that a kept-aside file was cut from. */
  long segmentOfKeptAside(String name) {
    int from = prefix.length() + "cut_".length();
    return Long.parseLong(name.substring(from, name.indexOf('_', from)));
  }

  /** The number of the segment with this name, or -1 if it is not the name of one. */
  int number(String name) {
    if (!name.startsWith(prefix)) {
      return -1;
    }
    String digits = name.substring(prefix.length());
    if (!NUMBER.matcher(digits).matches()) {
      return -1;
    }
    long number = Long.parseLong(digits);
    return number <= NUMBER_MAX ? (int) number : -1;
  }
}
