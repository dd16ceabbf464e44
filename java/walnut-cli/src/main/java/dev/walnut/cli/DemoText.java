package dev.walnut.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines that the demo writes, by their numbers from 1 on. Writer and checker each make one from
 * the same file, and never tell each other what is in it.
 */
final class DemoText {
  static final int LONG_LINE_BYTES = 64 * 1024;
  private static final int LONG_LINE_EVERY = 100;

  private final byte[] text;
  private final int[] ends;
  private final boolean numbered;
  private final int lines;

  private DemoText(byte[] text, int[] ends, boolean numbered, int lines) {
    this.text = text;
    this.ends = ends;
    this.numbered = numbered;
    this.lines = lines;
  }

  /**
   * Reads a file of lines.
   *
   * @param numbered whether each line gets its number in front, and every hundredth is 64 KiB of
   *     what follows: what the demo does to the JDK's names
   * @param lines how many lines there shall be: the file's are repeated; 0 = as many as it has
   * @throws IOException if it cannot be read, is larger than 2 GiB or has no line
   */
  static DemoText read(Path file, boolean numbered, int lines) throws IOException {
    if (Files.size(file) > Integer.MAX_VALUE - 8) {
      throw new IOException(file + ": larger than 2 GiB");
    }
    byte[] text = Files.readAllBytes(file);
    int[] ends = lineEnds(text);
    if (ends.length == 0) {
      throw new IOException(file + ": has no line");
    }
    return new DemoText(text, ends, numbered, lines == 0 ? ends.length : lines);
  }

  private static int[] lineEnds(byte[] text) {
    List<Integer> ends = new ArrayList<>();
    for (int i = 0; i < text.length; i++) {
      if (text[i] == '\n') {
        ends.add(i);
      }
    }
    if (text.length > 0 && text[text.length - 1] != '\n') {
      ends.add(text.length);
    }
    return ends.stream().mapToInt(Integer::intValue).toArray();
  }

  int lines() {
    return lines;
  }

  /** Lines in the file itself. */
  int linesInFile() {
    return ends.length;
  }

  /** The bytes of a line, without its end. */
  byte[] line(long number) {
    int place = (int) ((number - 1) % ends.length);
    if (!numbered) {
      int start = start(place);
      byte[] line = new byte[ends[place] - start];
      System.arraycopy(text, start, line, 0, line.length);
      return line;
    }
    byte[] head = (number + " ").getBytes(StandardCharsets.UTF_8);
    int rest = number % LONG_LINE_EVERY == 0 ? LONG_LINE_BYTES - head.length : length(place);
    byte[] line = new byte[head.length + rest];
    System.arraycopy(head, 0, line, 0, head.length);
    fill(line, head.length, start(place));
    return line;
  }

  /** Copies the text from some place on, and from its start again. */
  private void fill(byte[] line, int from, int start) {
    int at = from;
    int source = start;
    while (at < line.length) {
      int bytes = Math.min(line.length - at, text.length - source);
      System.arraycopy(text, source, line, at, bytes);
      at += bytes;
      source = 0;
    }
    for (int i = from; i < line.length; i++) {
      line[i] = line[i] == '\n' ? (byte) ' ' : line[i];
    }
  }

  private int start(int place) {
    return place == 0 ? 0 : ends[place - 1] + 1;
  }

  private int length(int place) {
    return ends[place] - start(place);
  }
}
