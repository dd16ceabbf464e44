package dev.walnut;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** Asks for more memory than its process may have, and says how each call on the log ends. */
final class ProcessWithLittleMemoryChild {
  private static final int SMALL = 5_000;

  private ProcessWithLittleMemoryChild() {}

  /**
   * Takes the back end's name, the log's directory, and the bytes of the entry that is too much.
   */
  public static void main(String[] arguments) throws Exception {
    WalConfig config =
        WalConfig.forDatabase(Path.of(arguments[1]))
            .backend(Backend.valueOf(arguments[0]))
            .segmentBytes(64 * 1024)
            .build();
    byte[] large = new byte[Integer.parseInt(arguments[2])];
    try (Wal wal = Wal.open(config)) {
      say("small", () -> appendSmall(wal));
      say("large", () -> wal.append(large));
      say("small", () -> wal.append(new byte[10]));
      say("large, later", () -> outcome(wal, large));
      say("small", () -> wal.append(new byte[10]));
      say("failure", () -> wal.stats().failure());
      say("read", () -> wal.get(SMALL).isPresent());
    }
    System.out.println("closed");
  }

  private static long appendSmall(Wal wal) throws IOException {
    for (int i = 0; i < SMALL; i++) {
      wal.appendAsync(new byte[100]);
    }
    wal.sync();
    return wal.lastIndex();
  }

  private static Object outcome(Wal wal, byte[] value) {
    Throwable failure = Await.failure(wal.appendAsync(value));
    return failure == null ? "written" : failure.getClass().getSimpleName();
  }

  private static void say(String deed, Callable<Object> body) throws Exception {
    try {
      System.out.println(deed + ": " + body.call());
    } catch (OutOfMemoryError e) {
      System.out.println(deed + ": OutOfMemoryError");
    }
  }
}
