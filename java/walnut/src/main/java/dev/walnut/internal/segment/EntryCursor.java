package dev.walnut.internal.segment;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through entries in index order; used by one thread at a time. Sees what was visible when it
 * was made, less what was removed since; never an entry written later. Holds memory but no file
 * between calls.
 */
public interface EntryCursor {

  /**
   * The next entry, checked against its checksum, or null behind the last.
   *
   * @throws dev.walnut.exception.CompactedException if entries ahead were removed since; each
   *     further call throws it again
   */
  @Nullable StoredEntry next() throws IOException;
}
