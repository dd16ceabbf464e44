package dev.walnut.realdisk;

import dev.walnut.Backend;
import dev.walnut.IndexOrder;
import dev.walnut.SyncMode;
import dev.walnut.WalConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/**
 * Lives one life of a log after the other, each until the disk refuses to go on, and says through
 * its output what it begins and what was acknowledged.
 */
final class PowerCutChild {
  static final String OPENING = "opening";
  static final String OPENED = "opened";
  static final String NOT_OPENED = "not-opened";
  static final String BEGINS = "begins";
  static final String ACKNOWLEDGED = "acknowledged";
  static final String DURABLE = "durable";
  static final String FAILED = "failed";
  static final String READ = "read";
  static final String REFUSED = "refused";
  static final String ENDED = "ended";
  static final String BROKEN = "broken";

  static final int SEGMENT_ENTRIES = 8;
  static final int SEGMENT_BYTES = 64 * 1024;

  /**
   * How a life is lived; a line of the child's input.
   *
   * @param name of no other life
   * @param writers how many threads write, if more than one
   * @param maxSegments 0 for no retention
   */
  record Life(
      String name,
      Path dir,
      Backend backend,
      SyncMode mode,
      int writers,
      int maxSegments,
      long seed) {

    String line() {
      return String.join(
          " ",
          name,
          dir.toString(),
          backend.name(),
          mode.name(),
          Integer.toString(writers),
          Integer.toString(maxSegments),
          Long.toString(seed));
    }

    static Life of(String line) {
      String[] words = line.split(" ", -1);
      return new Life(
          words[0],
          Path.of(words[1]),
          Backend.valueOf(words[2]),
          SyncMode.valueOf(words[3]),
          Integer.parseInt(words[4]),
          Integer.parseInt(words[5]),
          Long.parseLong(words[6]));
    }

    boolean acknowledgesDurable() {
      return mode == SyncMode.BATCH || mode == SyncMode.EVERY_WRITE;
    }

    WalConfig config() {
      return config(dir, backend)
          .syncMode(mode)
          .syncInterval(Duration.ofMillis(3))
          .maxSegments(maxSegments)
          .segmentBytes(maxSegments > 0 ? 1 << 20 : SEGMENT_BYTES) // retention takes full ones
          .build();
    }

    /** Segments so small that there are many. */
    static WalConfig.Builder config(Path dir, Backend backend) {
      return WalConfig.forDatabase(dir)
          .backend(backend)
          .indexOrder(IndexOrder.SEQUENTIAL)
          .segmentThreshold(SEGMENT_ENTRIES)
          .segmentBytes(SEGMENT_BYTES)
          .maxBatchBytes(32 * 1024)
          .maxBatchDelay(Duration.ZERO);
    }
  }

  private final PrintStream out;

  private PowerCutChild(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException {
    PowerCutChild child = new PowerCutChild(System.out);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      child.live(Life.of(line));
    }
  }

  private void live(Life life) {
    try {
      if (life.writers() > 1) {
        new LifeTogether(life, this::tell).run();
      } else {
        new LifeInOrder(life, this::tell, new Random(life.seed())).run();
      }
    } catch (Throwable t) {
      t.printStackTrace();
      tell(BROKEN, t.toString().replace('\n', ' '));
    }
    tell(ENDED);
  }

  /** Says a line in one write to the pipe; it begins with when it became true. */
  private void tell(Object... words) {
    StringBuilder line = new StringBuilder().append(System.nanoTime());
    for (Object word : words) {
      line.append(' ').append(word);
    }
    synchronized (out) {
      out.print(line.append('\n'));
      out.flush();
    }
  }

  /** To whom a life speaks. */
  interface Listener {
    void tell(Object... words);
  }
}
