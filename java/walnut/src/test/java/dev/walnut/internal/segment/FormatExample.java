package dev.walnut.internal.segment;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** The worked example of {@code docs/FORMAT.md}, taken from the page. */
final class FormatExample {
  private FormatExample() {}

  /** The folder of the documents. */
  static Path docs() {
    return Path.of(System.getProperty("basedir", "."), "..", "..", "docs").normalize();
  }

  /** The dump as the page shows it. */
  static String dump() throws IOException {
    return Files.readString(docs().resolve("FORMAT.md")).split("```hexdump\n")[1].split("```")[0];
  }

  /** The file that the dump shows: a star stands for zeros, the last line is the length. */
  static byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String line : dump().split("\n")) {
      if (!line.equals("*")) {
        bytes.write(new byte[Integer.parseInt(line.substring(0, 8), 16) - bytes.size()]);
        bytes.write(bytesOf(line));
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] bytesOf(String line) {
    String hex = line.length() > 8 ? line.substring(8, line.indexOf('|')) : "";
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
