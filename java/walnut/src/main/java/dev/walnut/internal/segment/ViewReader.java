package dev.walnut.internal.segment;

import dev.walnut.exception.CompactedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers questions about single indexes from a view. */
final class ViewReader {
  private ViewReader() {}

  /** The entry, or null; a segment that is removed meanwhile is looked for in the next view. */
  static @Nullable StoredEntry get(Supplier<View> views, long index) throws IOException {
    View view = views.get();
    while (true) {
      try {
        return get(view, index);
      } catch (CompactedException e) {
        View next = views.get();
        if (next == view) {
          throw e;
        }
        view = next;
      }
    }
  }

  private static @Nullable StoredEntry get(View view, long index) throws IOException {
    int offset = view.findInTail(index);
    if (offset != OffsetTable.ABSENT) {
      return EntryReader.read(view.tail(), offset, view.tailEnd(), index);
    }
    IndexPart part = view.sealed().find(index);
    if (part == null) {
      return null;
    }
    Segment segment = part.segment();
    return EntryReader.read(segment, part.find(index), segment.validBytes(), index);
  }

  static boolean contains(View view, long index) throws IOException {
    return view.findInTail(index) != OffsetTable.ABSENT || view.sealed().find(index) != null;
  }

  static long firstIndex(View view) {
    try {
      return view.first();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
