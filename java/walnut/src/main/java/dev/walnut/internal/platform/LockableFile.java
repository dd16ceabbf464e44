package dev.walnut.internal.platform;

import java.io.IOException;

/** A file that can stand for a lock. */
interface LockableFile extends DiskFile {

  /** Locks the file until it is closed, without waiting; false if another process has it locked. */
  boolean tryLock() throws IOException;

  /** Whether its name still stands for this very file. */
  boolean isNamed() throws IOException;
}
