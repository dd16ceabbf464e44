package dev.walnut.internal.segment;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through entries in index order; used by one thread at a time. Sees what was visible when it
 * was made, or at the last {@link #look}, less what was removed since; never an entry written
 * later. Holds memory but no file between calls.
 */
public interface EntryCursor {

  /**
   * The next entry, checked against its checksum, or null behind the last.
   *
   * @throws dev.walnut.exception.CompactedException if entries ahead were removed since; each
   *     further call throws it again
   */
  @Nullable StoredEntry next() throws IOException;

  /**
   * Whether there is a next entry; if what was visible is used up, looks at what is visible now.
   *
   * @throws dev.walnut.exception.TruncatedException if entries that were passed have been taken
   *     back since; each further call throws it again
   * @throws dev.walnut.exception.CompactedException if entries ahead were removed before they were
   *     read; each further call throws it again
   */
  boolean look() throws IOException;

  /**
   * Whether {@link #look} may say something else now than it said last, as far as can be told
   * without reading. For any thread.
   */
  boolean mayHaveMore();
}
