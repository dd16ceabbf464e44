package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskFullException;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the next segment's file ahead of its use, zeros at its start, its name and size durable, so
 * that rotation costs no sync of its own.
 *
 * <p>A rotation takes the file, waiting while it is being made; it never overtakes it. Where none
 * can be made, for want of space or of descriptors, there is none: rotation will meet that itself,
 * and refuse.
 */
final class Preparation implements EntryStore.Chore {
  private final SegmentFiles files;
  private final int number;
  private final Memory zeros;
  private final int zeroBytes;
  private @Nullable DiskFile file;
  private boolean taken;

  /**
   * @param zeros memory that holds zeros
   * @param zeroBytes zeros the file starts with
   */
  Preparation(SegmentFiles files, int number, Memory zeros, int zeroBytes) {
    this.files = files;
    this.number = number;
    this.zeros = zeros;
    this.zeroBytes = zeroBytes;
  }

  int number() {
    return number;
  }

  int zeroBytes() {
    return zeroBytes;
  }

  @Override
  public synchronized void run() throws IOException {
    if (taken) {
      return;
    }
    DiskFile made;
    try {
      made = files.directory().create(files.name(number));
    } catch (IOException e) {
      return; // nothing was made; rotation will meet the same, and tell who asked for it
    }
    try {
      if (fillOrDelete(made)) {
        made.sync();
        files.directory().sync();
        file = made;
      }
    } finally {
      if (file == null) {
        SegmentFiles.closeLogging(made);
      }
    }
  }

  /** Whether there was room for the zeros; without it, the file is gone again. */
  private boolean fillOrDelete(DiskFile made) throws IOException {
    try {
      fill(made);
      return true;
    } catch (DiskFullException e) {
      files.directory().delete(files.name(number));
      return false;
    }
  }

  private void fill(DiskFile made) throws IOException {
    WritePlan plan = files.disk().newPlan();
    for (int at = 0; at < zeroBytes; at += zeros.capacity()) {
      plan.clear();
      plan.span(zeros, 0, Math.min(zeros.capacity(), zeroBytes - at));
      made.write(at, plan, Durability.NONE);
    }
  }

  /** The file, or null if there is none, and then never will be. */
  synchronized @Nullable DiskFile take() {
    taken = true;
    DiskFile result = file;
    file = null;
    return result;
  }
}
