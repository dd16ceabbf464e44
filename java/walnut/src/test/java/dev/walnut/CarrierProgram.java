package dev.walnut;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * To be run with one carrier thread: lets virtual threads call what syncs, holds each sync so that
 * its thread can do nothing else, and says whether another virtual thread runs meanwhile.
 */
final class CarrierProgram {
  private static final byte[] VALUE = {1};

  private static volatile boolean holding;
  private static volatile boolean arrived;

  private CarrierProgram() {}

  /** Calls something on a new virtual thread; the method that starts it is younger than Java 17. */
  static <T> CompletableFuture<T> startVirtual(Callable<T> call) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    Runnable body =
        () -> {
          try {
            outcome.complete(call.call());
          } catch (Throwable t) {
            outcome.completeExceptionally(t);
          }
        };
    try {
      Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
      start.invoke(null, body);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    return outcome;
  }

  /** Spins, which unlike waiting for a lock holds a virtual thread's carrier too. */
  private static void hold() {
    arrived |= holding;
    while (holding) {
      Thread.onSpinWait();
    }
  }

  /** Holds the first sync of a call, and tells whether another virtual thread gets on. */
  private static <T> T held(String name, Callable<T> call) throws Exception {
    arrived = false;
    holding = true;
    CompletableFuture<T> caller = startVirtual(call);
    Await.until(() -> arrived || caller.isDone());
    CompletableFuture<String> other = startVirtual(() -> "progressed");
    String outcome;
    try {
      outcome = arrived ? other.get(10, TimeUnit.SECONDS) : "did not sync";
    } catch (TimeoutException e) {
      outcome = "stuck";
    }
    holding = false;
    T result = caller.join();
    System.out.println(name + ": " + outcome);
    return result;
  }

  public static void main(String[] arguments) throws Exception {
    Disk disk = HookedDisk.over(new FaultyDisk(Disks.java()), CarrierProgram::hold);
    Path dir = Path.of(arguments[0]);
    WalConfig durable = WalConfig.forDatabase(dir.resolve("a")).segmentBytes(8192).build();
    WalConfig lazy = WalConfig.builder(dir.resolve("b")).build();
    Wal wal = held("open", () -> DiskLogs.open(disk, durable));
    held("append", () -> wal.append(VALUE));
    held("write", () -> wal.write(2, "", VALUE));
    held("writeWithSync", () -> wal.writeWithSync(3, "", VALUE));
    held("appendAsync", () -> wal.appendAsync(VALUE).join());
    held("tombstone", () -> tombstone(wal));
    held("rotation", () -> wal.append(new byte[8192]));
    Await.until(() -> wal.stats().choresPending() == 0);
    held("close", () -> close(wal));
    Wal unsynced = DiskLogs.open(disk, lazy);
    unsynced.append(VALUE);
    held("sync", unsynced::sync);
    unsynced.append(VALUE);
    held("close unsynced", () -> close(unsynced));
  }

  private static boolean tombstone(Wal wal) throws IOException {
    wal.tombstone(1);
    return true;
  }

  private static boolean close(Wal wal) throws IOException {
    wal.close();
    return true;
  }
}
