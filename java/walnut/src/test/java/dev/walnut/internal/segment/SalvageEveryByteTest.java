package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every byte of a small log is damaged: what was not touched is kept, and nothing is invented. */
class SalvageEveryByteTest {
  @TempDir Path base;

  private Disk disk;
  private Path dir;
  private TreeMap<Long, String> entries;
  private TreeMap<String, byte[]> intact;
  private final List<Record> records = new ArrayList<>();

  /** An entry's place, and its write batch by the first index in it. */
  private record Record(String file, int start, int end, long index, long writeBatch) {}

  /** Three segments: single entries, a write batch of three, two requests in one batch. */
  private void write(boolean closed) throws IOException {
    Path original = base.resolve("original");
    SegmentStore store = SmallLog.open(disk, original);
    entries = new TreeMap<>();
    add(store, 1, false);
    store.commit(true);
    add(store, 2, false);
    add(store, 3, true);
    add(store, 4, true);
    add(store, 5, false);
    store.commit(true);
    store.rotate();
    StoreFixture.runChores(store);
    add(store, 6, false);
    add(store, 7, false);
    add(store, 8, true);
    store.commit(true);
    add(store, 9, false);
    store.commit(true);
    store.rotate();
    StoreFixture.runChores(store);
    add(store, 10, false);
    store.commit(true);
    add(store, 11, false);
    store.commit(true);
    store.mark(true);
    if (closed) {
      store.finish();
    }
    store.close();
    intact = LogFiles.content(original);
    for (String name : List.copyOf(intact.keySet())) {
      byte[] bytes = intact.get(name);
      intact.put(name, Arrays.copyOf(bytes, Math.min(bytes.length, LogFiles.dataEnd(bytes) + 8)));
    }
    SegmentInspector.inspect(
        StoreFixture.environment(disk, 1), original, "segment_", new RecordCollector());
    dir = base.resolve("damaged");
  }

  private void add(SegmentStore store, long index, boolean joined) {
    String key = "key" + index;
    byte[] value = ("value " + index).repeat(2).getBytes(StandardCharsets.UTF_8);
    store.addEntry(index, key, key.length(), value, 0, value.length, joined);
    entries.put(index, StoreFixture.line(index, key, value, false));
  }

  private final class RecordCollector implements InspectionListener {
    private long writeBatch;

    @Override
    public void begin(int segments, long fileBytes) {}

    @Override
    public void segment(SegmentFacts segment) {}

    @Override
    public void batch(BatchFacts batch) {}

    @Override
    public void record(RecordFacts record) {
      if (record.type() == Format.TYPE_ENTRY) {
        writeBatch = record.joined() ? writeBatch : record.index();
        records.add(
            new Record(
                record.file().getFileName().toString(),
                (int) record.offset(),
                (int) (record.offset() + record.bytes()),
                record.index(),
                writeBatch));
      }
    }

    @Override
    public void finding(FindingFacts finding) {
      throw new AssertionError(finding);
    }
  }

  /** What must be kept when bytes {@code [from, to)} of a file are not as they were. */
  private TreeMap<Long, String> untouched(String file, int from, int to) {
    Set<Long> hit = new HashSet<>();
    for (Record record : records) {
      if (record.file().equals(file) && from < record.end() && record.start() < to) {
        hit.add(record.writeBatch());
      }
    }
    TreeMap<Long, String> left = new TreeMap<>(entries);
    for (Record record : records) {
      if (hit.contains(record.writeBatch())) {
        left.remove(record.index());
      }
    }
    return left;
  }

  private boolean opens(TreeMap<String, byte[]> tree) throws IOException {
    Path copy = base.resolve("copy");
    SalvageFixture.restore(tree, copy);
    try {
      TreeMap<Long, String> found = SalvageFixture.entries(disk, copy);
      assertThat(entries.headMap(found.isEmpty() ? 0 : found.lastKey(), true)).isEqualTo(found);
      return true;
    } catch (CorruptLogException e) {
      return false;
    }
  }

  private String salvage(String when, TreeMap<Long, String> expected) throws IOException {
    TreeMap<String, byte[]> before = SalvageFixture.tree(dir);

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    SalvageFixture.assertNothingLost(before, dir, when);
    if (outcome.harvest() == null) {
      assertThat(opens(before)).as(when).isTrue();
      assertThat(LogFiles.digest(SalvageFixture.tree(dir)))
          .as(when)
          .isEqualTo(LogFiles.digest(before));
      return "left alone";
    }
    if (expected.hashCode() % 7 == 0) {
      assertThat(opens(before)).as(when).isFalse();
    }
    assertThat(SalvageFixture.entries(disk, dir)).as(when).isEqualTo(expected);
    assertThat(outcome.harvest().entries()).as(when).isEqualTo(expected.size());
    assertThat(SalvageFixture.verify(disk, dir).places()).as(when).isEmpty();
    return "salvaged";
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_everyByteFlipped_keepsWhatWasNotTouched(Body body) throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    write(/* closed= */ true);
    TreeMap<String, Integer> outcomes = new TreeMap<>();
    for (String name : intact.keySet()) {
      byte[] bytes = intact.get(name);
      for (int offset = 0; offset < bytes.length; offset += step(offset, bytes, body)) {
        int mask = offset % 3 == 0 ? 0x80 : 1 << offset % 7;
        SalvageFixture.restore(
            LogFiles.with(intact, name, LogFiles.flipped(bytes, offset, mask)), dir);

        String outcome = salvage(name + " at " + offset, untouched(name, offset, offset + 1));

        outcomes.merge(outcome, 1, Integer::sum);
      }
    }
    assertThat(outcomes).containsOnlyKeys("left alone", "salvaged");
  }

  /** Every byte of what says something; reserved bytes of headers and footers are all alike. */
  private static int step(int offset, byte[] bytes, Body body) {
    int inSummary = offset - (bytes.length - Format.SUMMARY_BYTES);
    boolean reserved =
        (200 < offset && offset < Format.HEADER_BYTES - 16) || (180 < inSummary && inSummary < 600);
    return reserved ? 197 : body == Body.JAVA ? 1 : 11;
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault19_everyLength_keepsWhatIsLeft(Body body) throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    write(/* closed= */ true);
    for (String name : intact.keySet()) {
      byte[] bytes = intact.get(name);
      for (int length = Format.HEADER_BYTES - 3; length < bytes.length; length += 2 * body.step()) {
        SalvageFixture.restore(LogFiles.with(intact, name, Arrays.copyOf(bytes, length)), dir);

        salvage(name + " of " + length, untouched(name, headless(name, length), bytes.length));
      }
    }
  }

  /** What follows a cut-off type may have been joined to the record before. */
  private int headless(String name, int length) {
    for (Record record : records) {
      boolean typeCut = record.start() <= length && length <= record.start() + 8;
      boolean first =
          records.stream().noneMatch(r -> r.file().equals(name) && r.end() == record.start());
      if (record.file().equals(name) && typeCut && !first) {
        return record.start() - 1;
      }
    }
    return length;
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_runsOfBytesDestroyed_keepWriteBatchesWhole_andInventNothing(Body body)
      throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    write(/* closed= */ true);
    for (String name : intact.keySet()) {
      byte[] bytes = intact.get(name);
      for (int from = Format.HEADER_BYTES; from < bytes.length; from += 3 * body.step()) {
        int to = Math.min(bytes.length, from + 25);
        byte[] damaged = bytes.clone();
        Arrays.fill(damaged, from, to, (byte) (from % 2 == 0 ? 0 : 0x81));
        SalvageFixture.restore(LogFiles.with(intact, name, damaged), dir);
        TreeMap<Long, String> sure = untouched(name, from - 60, to + 60);

        SalvageFixture.apply(disk, dir);

        String when = name + " from " + from;
        TreeMap<Long, String> left = SalvageFixture.entries(disk, dir);
        assertThat(left.keySet()).as(when).containsAll(sure.keySet());
        left.forEach((index, line) -> assertThat(entries).as(when).containsEntry(index, line));
        for (Record record : records) {
          for (Record other : records) {
            if (record.writeBatch() == other.writeBatch()) {
              assertThat(left.containsKey(record.index()))
                  .as(when + ": the write batch of " + record.index())
                  .isEqualTo(left.containsKey(other.index()));
            }
          }
        }
      }
    }
  }
}
