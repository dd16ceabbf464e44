package dev.walnut.cli;

import dev.walnut.VerifyListener;
import org.jspecify.annotations.Nullable;

/** Draws a bar for each step of a verification, a salvage or a backup, where somebody sees it. */
final class Steps implements VerifyListener, AutoCloseable {
  private final String task;
  private final boolean wanted;
  private Terminal.@Nullable Progress progress;
  private long reached;

  Steps(String task, boolean wanted) {
    this.task = task;
    this.wanted = wanted;
  }

  @Override
  public void progress(long done, long total) {
    Terminal.Progress current = progress;
    if (current == null || done < reached) {
      close();
      current = new Terminal.Progress(task, wanted);
      current.begin(total);
      progress = current;
    }
    reached = done;
    current.reached(done);
  }

  @Override
  public void close() {
    Terminal.Progress current = progress;
    if (current != null) {
      current.close();
      progress = null;
    }
  }
}
