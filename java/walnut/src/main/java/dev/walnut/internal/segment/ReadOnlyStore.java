package dev.walnut.internal.segment;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.DiskDirectory;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A log that somebody else may be writing, as it lay on disk when it was opened, or when a cursor
 * last looked for more; takes no lock and writes nothing.
 */
public final class ReadOnlyStore implements EntrySource {
  private static final int OPEN_SEGMENTS_MAX = 64;

  private final SegmentFiles files;
  private final FileFollower follower;

  private ReadOnlyStore(SegmentFiles files, FileFollower follower) {
    this.files = files;
    this.follower = follower;
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
      return new ReadOnlyStore(files, FileFollower.open(files));
    } catch (Throwable t) {
      directory.close();
      throw t;
    }
  }

  @Override
  public @Nullable StoredEntry get(long index) throws IOException {
    View shown = follower.view();
    try {
      return ViewReader.get(follower::view, index);
    } catch (CorruptLogException | NoSuchFileException e) {
      IOException failure = follower.explain(shown, e);
      if (follower.view() == shown) {
        throw failure;
      }
      return ViewReader.get(follower::view, index);
    }
  }

  @Override
  public boolean contains(long index) throws IOException {
    return ViewReader.contains(follower.view(), index);
  }

  @Override
  public EntryCursor cursor(long from, boolean durableOnly) {
    return new FollowingCursor(follower, files, from, durableOnly);
  }

  @Override
  public long firstIndex() {
    return ViewReader.firstIndex(follower.view());
  }

  @Override
  public long lastIndex() {
    return follower.view().last();
  }

  @Override
  public long size() {
    return follower.view().size();
  }

  @Override
  public long durableIndex() {
    return follower.view().durableIndex();
  }

  @Override
  public void close() throws IOException {
    Closer closer = new Closer();
    closer.close(files::close);
    closer.close(files.directory());
    closer.rethrow();
  }
}
