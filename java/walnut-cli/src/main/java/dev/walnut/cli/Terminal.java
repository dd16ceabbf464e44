package dev.walnut.cli;

import dev.walnut.WalInspector;
import java.io.Console;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** The bar that long work draws on a terminal, and on nothing else. */
final class Terminal {
  private static final int BAR_COLUMNS = 78;

  private Terminal() {}

  @SuppressWarnings("SystemConsoleNull") // asked below
  static boolean isPresent() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since 22 there is a console without a terminal too.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** A bar of bytes on standard error, or null where nobody would see it. */
  static @Nullable ProgressBar bar(String task, long bytes) {
    if (!isPresent()) {
      return null;
    }
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(bytes)
        .setUnit(" MiB", 1 << 20)
        .setConsumer(new ConsoleProgressBarConsumer(System.err, BAR_COLUMNS))
        .clearDisplayOnFinish()
        .build();
  }

  /** Moves a bar along with an inspection; used as a part of an inspector. */
  static final class Progress implements AutoCloseable {
    private final String task;
    private final boolean wanted;
    private @Nullable ProgressBar bar;
    private long stepped;

    Progress(String task, boolean wanted) {
      this.task = task;
      this.wanted = wanted;
    }

    /** To be called from {@link WalInspector#begin}. */
    void begin(long fileBytes) {
      bar = wanted ? bar(task, fileBytes) : null;
    }

    /** So many bytes of all files have been seen. */
    void reached(long bytes) {
      if (bar != null && bytes > stepped) {
        bar.stepBy(bytes - stepped);
        stepped = bytes;
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
