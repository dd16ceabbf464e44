package dev.walnut.internal.segment;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A log as it lay on disk when it was opened; takes no lock and writes nothing. */
public final class ReadOnlyStore implements EntrySource {
  private static final int SCAN_BYTES = 1 << 20;
  private static final int OPEN_SEGMENTS_MAX = 64;
  private static final int LOOKS_MAX = 100;

  private final SegmentFiles files;
  private final View view;

  private ReadOnlyStore(SegmentFiles files, View view) {
    this.files = files;
    this.view = view;
  }

  /**
   * Opens what a crash, a close or a writer at work has left; a torn end is left out, not repaired.
   *
   * @throws dev.walnut.exception.CorruptLogException if bytes that were durable are wrong or
   *     missing
   */
  public static ReadOnlyStore open(StoreEnvironment environment, Path dir, String prefix)
      throws IOException {
    DiskDirectory directory = environment.disk().openDirectory(dir);
    try {
      SegmentFiles files =
          new SegmentFiles(
              environment.disk(), directory, new SegmentNames(prefix), OPEN_SEGMENTS_MAX);
      Memory memory = environment.disk().allocate(SCAN_BYTES);
      return new ReadOnlyStore(files, view(files, decide(files, memory)));
    } catch (Throwable t) {
      directory.close();
      throw t;
    }
  }

  /*
   * A writer at work looks like damage to who reads the end of a file first and what was written
   * behind it later. What lay behind was written after all before it was whole, so looking again
   * settles it: real damage is found at the same place twice.
   */
  private static @Nullable Recovered decide(SegmentFiles files, Memory memory) throws IOException {
    CorruptLogException before = null;
    for (int look = 1; ; look++) {
      try {
        return Recovery.decide(files, StoreOpening.find(files, memory), /* fullCheck= */ false);
      } catch (CorruptLogException e) {
        if (look == LOOKS_MAX || (before != null && isSamePlace(before, e))) {
          throw e;
        }
        before = e;
      } catch (EOFException | NoSuchFileException e) {
        if (look == LOOKS_MAX) { // else it was cut behind its footer, or deleted by retention
          throw e;
        }
      }
    }
  }

  private static boolean isSamePlace(CorruptLogException one, CorruptLogException other) {
    return one.file().equals(other.file()) && one.offset() == other.offset();
  }

  private static View view(SegmentFiles files, @Nullable Recovered recovered) {
    if (recovered == null) {
      return new LogState(Segment.none(files), IndexBounds.FRESH, 0).view(0, 0);
    }
    LogState state = recovered.state();
    files.lowWater(state.lowWater());
    return state.view(recovered.last().end(), state.last());
  }

  @Override
  public @Nullable StoredEntry get(long index) throws IOException {
    return ViewReader.get(() -> view, index);
  }

  @Override
  public boolean contains(long index) throws IOException {
    return ViewReader.contains(view, index);
  }

  @Override
  public EntryCursor cursor(long from) {
    return new MergingCursor(view, files, from);
  }

  @Override
  public long firstIndex() {
    return ViewReader.firstIndex(view);
  }

  @Override
  public long lastIndex() {
    return view.last();
  }

  @Override
  public long size() {
    return view.size();
  }

  @Override
  public long durableIndex() {
    return view.durableIndex();
  }

  @Override
  public void close() throws IOException {
    Closer closer = new Closer();
    closer.close(files::close);
    closer.close(files.directory());
    closer.rethrow();
  }
}
