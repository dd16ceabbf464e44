package dev.walnut.cli;

import dev.walnut.Damage;
import dev.walnut.Finding;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers, bytes and findings as people read them. */
final class Text {
  private Text() {}

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
  }

  static String count(long number, String one, String many) {
    return count(number) + ' ' + (number == 1 ? one : many);
  }

  static String bytes(long bytes) {
    if (bytes < 10_000) {
      return bytes + " B";
    }
    return bytes < 10_000_000
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024.0);
  }

  static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
  }

  /** A value's first bytes: quoted if they are text, else in hex. */
  static String preview(ByteBuffer start, int length) {
    byte[] bytes = new byte[start.remaining()];
    start.duplicate().get(bytes);
    String dots = bytes.length < length ? "…" : "";
    String text = textOf(bytes, /* cut= */ bytes.length < length);
    return text != null ? '"' + text + '"' + dots : HexFormat.of().formatHex(bytes) + dots;
  }

  private static @Nullable String textOf(byte[] bytes, boolean cut) {
    // A cut may have gone through a character of up to four bytes.
    for (int lost = 0; lost <= (cut ? 3 : 0) && lost <= bytes.length; lost++) {
      try {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, 0, bytes.length - lost))
                .toString();
        return text.chars().noneMatch(Character::isISOControl) ? text : null;
      } catch (CharacterCodingException e) {
        // not text up to here; perhaps a byte earlier
      }
    }
    return null;
  }

  static String finding(Finding finding) {
    return Json.name(finding.verdict())
        + ": "
        + finding.file()
        + " at offset "
        + finding.offset()
        + ": expected "
        + finding.expected()
        + ", found "
        + finding.found();
  }

  static String damage(Damage damage) {
    String indexes = "";
    if (damage.firstIndex() >= 0) {
      indexes =
          damage.lastIndex() < 0
              ? "; may concern indexes from " + damage.firstIndex() + " on"
              : "; may concern indexes " + damage.firstIndex() + " to " + damage.lastIndex();
    }
    return Json.name(damage.kind())
        + ": "
        + damage.file()
        + " at offset "
        + damage.offset()
        + ": expected "
        + damage.expected()
        + ", found "
        + damage.found()
        + indexes;
  }
}
