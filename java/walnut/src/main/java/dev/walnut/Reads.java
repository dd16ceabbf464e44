package dev.walnut;

import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.StoredEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reading from a store, each call through the gate. */
abstract class Reads implements WalReader {
  private final EntrySource store;
  private final ReaderGate gate;
  private final CursorWait wait;

  Reads(EntrySource store, ReaderGate gate, CursorWait wait) {
    this.store = store;
    this.gate = gate;
    this.wait = wait;
  }

  @Override
  public Optional<WalEntry> get(long index) throws IOException {
    Arguments.requireIndex(index);
    int lane = gate.enter("get");
    try {
      return Optional.ofNullable(entry(store.get(index)));
    } finally {
      gate.leave(lane);
    }
  }

  @Override
  public boolean contains(long index) throws IOException {
    Arguments.requireIndex(index);
    int lane = gate.enter("contains");
    try {
      return store.contains(index);
    } finally {
      gate.leave(lane);
    }
  }

  @Override
  public WalCursor cursor(long from) {
    return cursor(from, ReadUpTo.VISIBLE);
  }

  @Override
  public WalCursor cursor(long from, ReadUpTo upTo) {
    Arguments.requireIndex(from);
    Objects.requireNonNull(upTo, "upTo");
    int lane = gate.enter("cursor");
    try {
      return new WalCursor(gate, wait, store.cursor(from, upTo == ReadUpTo.DURABLE));
    } finally {
      gate.leave(lane);
    }
  }

  @Override
  public Iterator<WalEntry> iterator() {
    return new EntryIterator(cursor(0));
  }

  @Override
  public Stream<WalEntry> stream() {
    int characteristics = Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT;
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(iterator(), characteristics), /* parallel= */ false);
  }

  @Override
  public long firstIndex() {
    int lane = gate.enter("firstIndex");
    try {
      return store.firstIndex();
    } finally {
      gate.leave(lane);
    }
  }

  @Override
  public long lastIndex() {
    int lane = gate.enter("lastIndex");
    try {
      return store.lastIndex();
    } finally {
      gate.leave(lane);
    }
  }

  @Override
  public boolean isEmpty() {
    return size() == 0;
  }

  @Override
  public long size() {
    int lane = gate.enter("size");
    try {
      return store.size();
    } finally {
      gate.leave(lane);
    }
  }

  static @Nullable WalEntry entry(@Nullable StoredEntry stored) {
    return stored == null
        ? null
        : WalEntry.owning(stored.index(), stored.key(), stored.value(), stored.tombstone());
  }

  /** A cursor with one entry of look-ahead. */
  private static final class EntryIterator implements Iterator<WalEntry> {
    private final WalCursor cursor;
    private @Nullable WalEntry ahead;

    EntryIterator(WalCursor cursor) {
      this.cursor = cursor;
    }

    @Override
    public boolean hasNext() {
      if (ahead == null) {
        try {
          ahead = cursor.next();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return ahead != null;
    }

    @Override
    public WalEntry next() {
      if (!hasNext()) {
        throw new NoSuchElementException("behind the last entry");
      }
      WalEntry entry = Objects.requireNonNull(ahead, "there is one");
      ahead = null;
      return entry;
    }
  }
}
