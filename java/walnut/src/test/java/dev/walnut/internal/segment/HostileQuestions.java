package dev.walnut.internal.segment;

import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Asks one thing each of files that may hold anything. The answer is a result or one of the log's
 * own exceptions, takes work in proportion to the files, and changes no more than it may.
 */
final class HostileQuestions {
  private static final int ENTRIES_MAX = 1000;
  private static final long[] INDEXES = {0, 1, 9, 1L << 32, Long.MAX_VALUE, -1, Long.MIN_VALUE};

  private static final Disk FAST = GatedDisk.withoutSyncs(Disks.java());
  private static final Disk READ_ONLY =
      GatedDisk.of(
          FAST,
          (call, arguments) -> {
            boolean reads =
                switch (call.getName()) {
                  case "create", "open", "delete", "rename", "link", "lock" -> false;
                  case "write", "truncate", "reserve", "createDirectory", "deleteDirectory" ->
                      false;
                  default -> true;
                };
            require(reads, "who only reads", "calls " + call.getName());
            return true;
          });

  private final TreeMap<String, byte[]> files;
  private final Path dir;

  /** Puts the files into the directory, in which nothing else is left. */
  HostileQuestions(TreeMap<String, byte[]> files, Path dir) throws IOException {
    this.files = files;
    this.dir = dir;
    SalvageFixture.restore(files, dir);
  }

  // ---- questions

  void readAlone() throws IOException {
    SegmentNames names = new SegmentNames("segment_");
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      LoneSegment segment = new LoneSegment(names.number(file.getKey()), file.getValue());
      outcome(segment::readFooter);
      outcome(segment::scan);
      outcome(segment::searchPastDamage);
      WorkLimit.READER.check(files, segment.bytesRead(), 0);
    }
  }

  void open() throws IOException {
    List<String> shownBefore = new ArrayList<>();
    boolean readable = outcome(() -> shownBefore.addAll(readOnly(READ_ONLY)));
    boolean fully = files.size() % 2 == 1;
    CountingDisk disk = new CountingDisk(FAST);
    try (SegmentStore store = SegmentStore.open(environment(disk.disk()), options(fully))) {
      WorkLimit.OPEN.check(files, disk);
      List<String> shown = read(store);
      require(!readable || shown.equals(shownBefore), shownBefore + " read-only", shown);
      goOn(store, fully);
    } catch (WalException e) {
      WorkLimit.OPEN.check(files, disk);
      requireUnchanged("who refuses with " + e);
    }
  }

  /** Adds an entry, goes over to another segment, closes the log and opens it again. */
  private void goOn(SegmentStore store, boolean fully) throws IOException {
    if (store.lastIndex() < Long.MAX_VALUE - 1) {
      StoreFixture.add(store, store.lastIndex() + 1, "added", new byte[1]);
      store.commit(true);
    }
    outcome(store::rotate); // refused if a file has the highest number there is
    StoreFixture.runChores(store);
    store.finish();
    List<String> shown = read(store);
    store.close();
    List<String> again = openAgain(fully);
    // A footer that says what is not so is believed from now on, and that is noticed.
    boolean same = shown.equals(again) || again.contains("CorruptLogException");
    require(same, shown, again + " when opened again");
  }

  void openReadOnly() throws IOException {
    CountingDisk disk = new CountingDisk(READ_ONLY);
    outcome(() -> ReadOnlyStore.open(environment(disk.disk()), dir, "segment_").close());
    WorkLimit.READ_ONLY.check(files, disk);
    outcome(() -> readOnly(READ_ONLY));
    requireUnchanged("reading");
  }

  void verify() throws IOException {
    CountingDisk disk = new CountingDisk(READ_ONLY);
    outcome(
        () -> LogVerifier.verify(environment(disk.disk()), dir, "segment_", SalvageFixture.SILENT));
    WorkLimit.VERIFY.check(files, disk);
    outcome(
        () ->
            SegmentInspector.inspect(
                environment(READ_ONLY), dir, "segment_", new HostileProbe.DeafListener()));
    requireUnchanged("verification");
  }

  void salvage() throws IOException {
    List<SalvageOutcome> told = new ArrayList<>();
    outcome(() -> told.add(salvage(READ_ONLY, /* apply= */ false)));
    requireUnchanged("a salvage that only looks");
    CountingDisk disk = new CountingDisk(FAST);
    List<SalvageOutcome> done = new ArrayList<>();
    boolean salvaged = outcome(() -> done.add(salvage(disk.disk(), /* apply= */ true)));
    WorkLimit.SALVAGE.check(files, disk);
    boolean full = files.containsKey("segment_" + SegmentNames.NUMBER_MAX);
    require(salvaged == !told.isEmpty() || (full && !salvaged), "a look said " + told, done);
    if (!salvaged) {
      requireUnchanged("a refusal to salvage");
      return;
    }
    require(Objects.equals(told.get(0).harvest(), done.get(0).harvest()), told.get(0), done.get(0));
    SalvageFixture.assertNothingLost(files, dir, "salvage");
    require(!salvage(FAST, true).applied(), "nothing to salvage", "something");
    openAgain(/* fully= */ true);
  }

  private SalvageOutcome salvage(Disk disk, boolean apply) throws IOException {
    return LogSalvage.run(environment(disk), dir, "segment_", apply, SalvageFixture.SILENT);
  }

  void unsafeRecover() throws IOException {
    CountingDisk disk = new CountingDisk(FAST);
    boolean done = outcome(() -> UnsafeRecovery.run(environment(disk.disk()), dir, "segment_"));
    WorkLimit.UNSAFE_RECOVER.check(files, disk);
    if (done) {
      // It opens if an accident made it corrupt; who writes right checksums can prevent even that.
      outcome(() -> SegmentStore.open(environment(FAST), options(/* fully= */ true)).close());
    } else {
      requireUnchanged("a refusal to recover");
    }
  }

  // ---- what they have in common

  private interface Question {
    void ask() throws IOException;
  }

  /** Whether there was a result; false if one of the log's own exceptions was thrown. */
  private static boolean outcome(Question question) throws IOException {
    try {
      question.ask();
      return true;
    } catch (WalException e) {
      Objects.requireNonNull(e.getMessage(), "an exception says why");
      return false;
    }
  }

  private static void require(boolean holds, Object expected, Object found) {
    if (!holds) {
      throw new AssertionError("expected: " + expected + ", found: " + found);
    }
  }

  private void requireUnchanged(String who) throws IOException {
    TreeMap<String, byte[]> now = SalvageFixture.tree(dir);
    require(now.keySet().equals(files.keySet()), who + " leaves " + files.keySet(), now.keySet());
    TreeSet<String> changed = new TreeSet<>();
    now.forEach(
        (name, bytes) -> {
          if (!java.util.Arrays.equals(bytes, files.get(name))) {
            changed.add(name);
          }
        });
    require(changed.isEmpty(), who + " changes nothing", changed);
  }

  private static StoreEnvironment environment(Disk disk) {
    return StoreFixture.environment(disk, 5);
  }

  private StoreOptions options(boolean fully) {
    return new StoreOptions(dir, "segment_", 0, 16 * 1024, 0, false, false, 4096, 8, fully);
  }

  private List<String> openAgain(boolean fully) throws IOException {
    try (SegmentStore store = SegmentStore.open(environment(FAST), options(fully))) {
      return read(store);
    } catch (WalException e) {
      if (e.getClass() == WalException.class) {
        return List.of(); // no number of a segment is left, or too few sequences
      }
      throw new AssertionError("it does not open afterwards", e);
    }
  }

  private List<String> readOnly(Disk disk) throws IOException {
    try (ReadOnlyStore store = ReadOnlyStore.open(environment(disk), dir, "segment_")) {
      return read(store);
    }
  }

  private static List<String> read(EntrySource store) throws IOException {
    List<String> shown = new ArrayList<>();
    for (long index : INDEXES) {
      lookUp(store, index, shown);
    }
    try {
      EntryCursor cursor = store.cursor(0);
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

  private static void lookUp(EntrySource store, long index, List<String> shown) throws IOException {
    try {
      StoredEntry entry = store.get(index);
      shown.add(index + ": " + (entry == null ? "absent" : StoreFixture.line(entry)));
    } catch (WalException e) {
      shown.add(index + ": " + e.getClass().getSimpleName());
    }
    try {
      shown.add(index + ": " + store.contains(index));
    } catch (WalException e) {
      shown.add(index + ": " + e.getClass().getSimpleName());
    }
  }
}
