package dev.walnut.internal.segment;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Asks everything of a log that may be hostile. Only the log's own exceptions may come of it; who
 * refuses has changed nothing; and a log that was opened opens again and shows the same.
 */
final class HostileProbe {
  private static final int ENTRIES_MAX = 1000;
  private static final long[] INDEXES = {
    0, 1, 2, 3, 9, 10, 1L << 32, Long.MAX_VALUE - 1, Long.MAX_VALUE, -1, Long.MIN_VALUE
  };

  private final StoreEnvironment environment = StoreFixture.environment(Disks.java(), 5);
  private final Path dir;
  private final List<String> outcomes = new ArrayList<>();

  private HostileProbe(Path dir) {
    this.dir = dir;
  }

  /** In a process of its own: probes the directories named. */
  public static void main(String[] dirs) throws IOException {
    for (String dir : dirs) {
      System.out.println(Path.of(dir).getFileName() + " " + probe(Path.of(dir)));
    }
  }

  /** Returns how each question ended. */
  static List<String> probe(Path dir) throws IOException {
    HostileProbe probe = new HostileProbe(dir);
    probe.ask("inspect", false, probe::inspect);
    probe.ask("openReadOnly", false, probe::readOnly);
    probe.ask("open fully", true, () -> probe.open(true));
    probe.ask("open", true, () -> probe.open(false));
    probe.ask("unsafeRecover", true, probe::recover);
    return probe.outcomes;
  }

  private interface Question {
    void ask() throws IOException;
  }

  private void ask(String name, boolean mayChange, Question question) throws IOException {
    Map<String, String> before = FileDigest.of(dir);
    String outcome = outcomeOf(name, question);
    outcomes.add(name + ": " + outcome);
    if ((!mayChange || !outcome.equals("done")) && !before.equals(FileDigest.of(dir))) {
      throw new AssertionError(name + " changed files: " + before + " to " + FileDigest.of(dir));
    }
  }

  private static String outcomeOf(String name, Question question) {
    try {
      question.ask();
      return "done";
    } catch (WalException e) {
      return e.getClass().getSimpleName();
    } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throw new AssertionError(name + " ended with " + e, e);
    }
  }

  private void inspect() throws IOException {
    SegmentInspector.inspect(environment, dir, "segment_", new DeafListener());
  }

  private void readOnly() throws IOException {
    try (ReadOnlyStore store = ReadOnlyStore.open(environment, dir, "segment_")) {
      read(store);
    }
  }

  private void recover() throws IOException {
    UnsafeRecovery.run(environment, dir, "segment_");
    try (SegmentStore store = SegmentStore.open(environment, options(true))) {
      read(store);
    } catch (CorruptLogException e) {
      throw new AssertionError("recovered, it does not open", e);
    }
  }

  private StoreOptions options(boolean fully) {
    return new StoreOptions(dir, "segment_", 0, 16 * 1024, 0, false, false, 65536, 8, fully);
  }

  /** Opens it, adds an entry, goes over to another segment, closes it and opens it again. */
  private void open(boolean fully) throws IOException {
    StoreOptions options = options(fully);
    List<String> first;
    try (SegmentStore store = SegmentStore.open(environment, options)) {
      if (store.lastIndex() < Long.MAX_VALUE - 1) {
        StoreFixture.add(store, store.lastIndex() + 1, "added", new byte[1]);
        store.commit(true);
      }
      first = read(store);
      store.rotate();
      StoreFixture.runChores(store);
      store.finish();
    }
    try (SegmentStore store = SegmentStore.open(environment, options)) {
      List<String> again = read(store);
      if (!again.equals(first)) {
        throw new AssertionError("opened again it shows " + again + ", before it was " + first);
      }
    } catch (WalException e) {
      throw new AssertionError("it does not open again", e);
    }
  }

  private static List<String> read(EntrySource store) throws IOException {
    List<String> shown = new ArrayList<>();
    for (long index : INDEXES) {
      shown.add(index + ": " + get(store, index) + " " + contains(store, index));
    }
    EntryCursor cursor = store.cursor(0);
    try {
      StoredEntry entry = cursor.next();
      for (int i = 0; i < ENTRIES_MAX && entry != null; i++) {
        shown.add(StoreFixture.line(entry));
        entry = cursor.next();
      }
    } catch (WalException e) {
      shown.add(e.getClass().getSimpleName());
    }
    shown.add(store.firstIndex() + " to " + store.lastIndex() + ", " + store.size());
    return shown;
  }

  private static String get(EntrySource store, long index) throws IOException {
    try {
      StoredEntry entry = store.get(index);
      return entry == null ? "absent" : StoreFixture.line(entry);
    } catch (WalException e) {
      return e.getClass().getSimpleName();
    }
  }

  private static String contains(EntrySource store, long index) throws IOException {
    try {
      return String.valueOf(store.contains(index));
    } catch (WalException e) {
      return e.getClass().getSimpleName();
    }
  }

  /** Looks at what it is told, and keeps nothing. */
  static final class DeafListener implements InspectionListener {
    @Override
    public void begin(int segments, long fileBytes) {}

    @Override
    public void segment(SegmentFacts segment) {}

    @Override
    public void batch(BatchFacts batch) {}

    @Override
    public void record(RecordFacts record) {}

    @Override
    public void finding(FindingFacts finding) {}
  }
}
