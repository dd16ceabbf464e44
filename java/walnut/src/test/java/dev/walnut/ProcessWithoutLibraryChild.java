package dev.walnut;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;

/** Writes to a log or reads it, and says with which back end. */
final class ProcessWithoutLibraryChild {
  private ProcessWithoutLibraryChild() {}

  /** Takes a back end's name, a directory and the number of entries that are to be there. */
  public static void main(String[] arguments) throws IOException {
    WalConfig config =
        WalConfig.forDatabase(Path.of(arguments[1]))
            .backend(Backend.valueOf(arguments[0]))
            .segmentThreshold(20)
            .build();
    try (Wal wal = Wal.open(config)) {
      use(wal, Long.parseLong(arguments[2]));
      System.out.println(wal.stats().backend() + ": " + wal.size());
    } catch (IOException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  /** Checks the entries that are there, then appends up to as many as asked for. */
  static void use(Wal wal, long entries) throws IOException {
    for (WalEntry entry : wal) {
      if (!new String(entry.value(), UTF_8).equals("value " + entry.index())) {
        throw new IOException("wrong value at index " + entry.index());
      }
    }
    while (wal.lastIndex() < entries) {
      wal.append(("value " + (wal.lastIndex() + 1)).getBytes(UTF_8));
    }
  }
}
