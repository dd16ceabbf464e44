package dev.walnut.internal.platform;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A lock file that is open and locked, and claimed for this process. */
final class HeldLock implements DiskLock {
  private static final System.Logger LOG = System.getLogger("dev.walnut");

  /** Room for the decimal digits of a process id and a line feed. */
  private static final int HOLDER_BYTES_MAX = 24;

  private final String claim;
  private final LockableFile file;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HeldLock(String claim, LockableFile file) {
    this.claim = claim;
    this.file = file;
  }

  /** Opens the lock file, creating it if need be. */
  interface Opener {
    LockableFile open() throws IOException;
  }

  /**
   * Claims, opens and locks, in this order, and writes this process's id into the file.
   *
   * @param claim the key from {@link LockRegistry#key}
   * @param path the lock file; for messages
   * @throws LockHeldException if another opener has it
   */
  static HeldLock take(Disk disk, String claim, Path path, Opener opener) throws IOException {
    String holder = LockRegistry.claim(claim);
    if (holder != null) {
      throw new LockHeldException(path.toString(), "held by " + holder);
    }
    boolean taken = false;
    try {
      HeldLock lock = new HeldLock(claim, lockedFile(disk, path, opener));
      taken = true;
      return lock;
    } finally {
      if (!taken) {
        LockRegistry.release(claim);
      }
    }
  }

  private static LockableFile lockedFile(Disk disk, Path path, Opener opener) throws IOException {
    LockableFile file = opener.open();
    try {
      if (!file.tryLock()) {
        throw new LockHeldException(path.toString(), "held by " + readHolder(disk, file));
      }
      if (!file.isNamed()) {
        throw new FileSystemException(
            null, null, "lock " + path + ": replaced while it was locked");
      }
      writeHolder(disk, file);
      return file;
    } catch (IOException | RuntimeException | Error e) {
      closeAfter(e, file);
      throw e;
    }
  }

  private static void closeAfter(Throwable failure, LockableFile file) {
    try {
      file.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static String readHolder(Disk disk, DiskFile file) throws IOException {
    Memory memory = disk.allocate(HOLDER_BYTES_MAX);
    int length = file.read(0, memory, 0, HOLDER_BYTES_MAX);
    String text = StandardCharsets.US_ASCII.decode(memory.bytes().limit(length)).toString().strip();
    return text.isEmpty() ? "another process" : "process " + text;
  }

  /** The id only serves another opener's message, so a disk too full for it is no obstacle. */
  private static void writeHolder(Disk disk, DiskFile file) {
    byte[] text = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    Memory memory = disk.allocate(text.length);
    memory.bytes().put(0, text);
    WritePlan plan = disk.newPlan();
    plan.span(memory, 0, text.length);
    try {
      file.truncate(0);
      file.write(0, plan, Durability.NONE);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "the lock file does not name its holder", e);
    }
  }

  @Override
  public boolean isIntact() {
    try {
      return !closed.get() && file.isNamed();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "the lock file cannot be looked at", e);
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed.getAndSet(true)) {
      try {
        file.close();
      } finally {
        LockRegistry.release(claim);
      }
    }
  }
}
