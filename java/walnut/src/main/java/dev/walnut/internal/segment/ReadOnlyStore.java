package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A log as it lay on disk when it was opened; takes no lock and writes nothing. */
public final class ReadOnlyStore implements EntrySource {
  private static final int SCAN_BYTES = 1 << 20;
  private static final int OPEN_SEGMENTS_MAX = 64;

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
      Recovered recovered =
          Recovery.decide(files, StoreOpening.find(files, memory), /* fullCheck= */ false);
      return new ReadOnlyStore(files, view(files, recovered));
    } catch (Throwable t) {
      directory.close();
      throw t;
    }
  }

  private static View view(SegmentFiles files, @Nullable Recovered recovered) {
    if (recovered == null) {
      return new LogState(new Segment(0, 0, files), IndexBounds.FRESH, 0).view(0, 0);
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
