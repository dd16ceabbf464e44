package dev.walnut;

import dev.walnut.exception.NoSpaceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** Appends to a log in a process whose files may not grow, and says how each call ends. */
final class ProcessAtSizeLimitChild {
  private ProcessAtSizeLimitChild() {}

  /** Takes the back end, the sync mode, the log's directory, and the largest size of a file. */
  public static void main(String[] arguments) throws Exception {
    WalConfig config =
        WalConfig.forDatabase(Path.of(arguments[2]))
            .backend(Backend.valueOf(arguments[0]))
            .syncMode(SyncMode.valueOf(arguments[1]))
            .build();
    try (Wal wal = Wal.open(config)) {
      wal.append(new byte[1000]);
      limitFileSize(arguments[3]);
      appendUntilRefused(wal);
      long refusedAt = wal.lastIndex();
      CompletableFuture<Long> future = wal.appendAsync(new byte[1000]);
      System.out.println("later: " + Await.failure(future).getClass().getSimpleName());
      System.out.println("sync: " + (wal.sync() == refusedAt));
      System.out.println("read: " + (wal.stream().count() == refusedAt));
      System.out.println("out of space: " + wal.stats().outOfSpace());
      System.out.println("failure: " + wal.stats().failure());

      limitFileSize("unlimited");
      System.out.println("without a limit: " + (wal.append(new byte[1000]) - refusedAt));
      System.out.println("out of space: " + wal.stats().outOfSpace());
      System.out.println("last: " + wal.lastIndex());
    }
  }

  private static void appendUntilRefused(Wal wal) throws IOException {
    try {
      while (wal.lastIndex() < 10_000) {
        wal.append(new byte[1000]);
      }
    } catch (NoSpaceException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  private static void limitFileSize(String bytes) throws Exception {
    String pid = Long.toString(ProcessHandle.current().pid());
    int status =
        new ProcessBuilder("prlimit", "--pid", pid, "--fsize=" + bytes + ":unlimited")
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new IllegalStateException("prlimit ended with " + status);
    }
  }
}
