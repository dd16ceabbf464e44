package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.LogLockedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user does with a log that is corrupt: looks at it, gives up what is lost, goes on. */
class WalRecoveryTest {
  private static final String PREFIX = "segment_";
  private static final int ENTRIES_A_SEGMENT = 10;
  private static final int SEGMENTS = 4;
  private static final int ENTRIES = SEGMENTS * ENTRIES_A_SEGMENT;

  @TempDir Path dir;

  /** What an inspection told. */
  private static final class Seen implements WalInspector {
    final List<SegmentInfo> segments = new ArrayList<>();
    final List<RecordInfo> records = new ArrayList<>();
    final List<Finding> findings = new ArrayList<>();
    int batches;
    int segmentsAnnounced;
    long bytesAnnounced;

    @Override
    public void begin(int count, long fileBytes) {
      segmentsAnnounced = count;
      bytesAnnounced = fileBytes;
    }

    @Override
    public void segment(SegmentInfo segment) {
      segments.add(segment);
    }

    @Override
    public void batch(BatchInfo batch) {
      batches++;
    }

    @Override
    public void record(RecordInfo record) {
      records.add(record);
    }

    @Override
    public void finding(Finding finding) {
      findings.add(finding);
    }

    List<Long> readableIndexes() {
      return records.stream()
          .filter(r -> r.type() == RecordInfo.Type.ENTRY && r.check() == CheckResult.OK)
          .map(RecordInfo::index)
          .toList();
    }
  }

  private Wal open() throws IOException {
    return Wal.open(
        WalConfig.builder(dir).maxSegments(0).segmentThreshold(ENTRIES_A_SEGMENT).build());
  }

  @BeforeEach
  void writeLog() throws IOException {
    try (Wal wal = open()) {
      for (int index = 1; index <= ENTRIES; index++) {
        wal.write(index, "key" + index, value(index));
      }
      wal.sync();
    }
  }

  private static byte[] value(long index) {
    return ("value of " + index + ".").getBytes(StandardCharsets.UTF_8);
  }

  private Path segment(int number) {
    return dir.resolve(PREFIX + number);
  }

  /** Flips a bit of an entry's value; returns the file and where in it. */
  private int damage(int segment, long index) throws IOException {
    String content = Files.readString(segment(segment), StandardCharsets.ISO_8859_1);
    int at = content.indexOf("value of " + index + ".");
    try (RandomAccessFile file = new RandomAccessFile(segment(segment).toFile(), "rw")) {
      file.seek(at);
      file.write('v' ^ 1);
    }
    return at;
  }

  /** Content and time of every file but the lock, which is nobody's data. */
  private Map<String, String> digest() throws IOException {
    Map<String, String> digest = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.filter(f -> !f.endsWith(PREFIX + "lock")).toList()) {
        digest.put(
            file.getFileName().toString(),
            Files.getLastModifiedTime(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return digest;
  }

  private static List<Long> indexes(Wal wal) {
    List<Long> indexes = new ArrayList<>();
    for (WalEntry entry : wal) {
      assertThat(entry.value()).isEqualTo(value(entry.index()));
      indexes.add(entry.index());
    }
    return indexes;
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  // ---- unsafeRecover

  @Test
  void unsafeRecover_corruptMiddleSegment_removesExactlyIt_andTheLogOpensAndGoesOn()
      throws IOException {
    damage(1, 15);

    List<Path> removed = Wal.unsafeRecover(dir, PREFIX);

    assertThat(removed).containsExactly(segment(1));
    assertThat(segment(1)).doesNotExist();
    try (Wal wal = open()) {
      List<Long> kept = new ArrayList<>(range(1, 10));
      kept.addAll(range(21, ENTRIES));
      assertThat(indexes(wal)).isEqualTo(kept);
      assertThat(wal.get(15)).isEmpty();
      assertThat(wal.lastIndex()).isEqualTo(ENTRIES);
      wal.write(15, "again", value(15));
      wal.write(ENTRIES + 1, "next", value(ENTRIES + 1));
      wal.sync();
    }
    try (Wal wal = open()) {
      assertThat(wal.get(15).orElseThrow().key()).isEqualTo("again");
      assertThat(wal.lastIndex()).isEqualTo(ENTRIES + 1);
    }
  }

  @Test
  void unsafeRecover_severalCorruptSegments_removesThem_oldestFirst() throws IOException {
    damage(2, 25);
    damage(0, 1);

    List<Path> removed = Wal.unsafeRecover(dir, PREFIX);

    assertThat(removed).containsExactly(segment(0), segment(2));
    try (Wal wal = open()) {
      List<Long> kept = new ArrayList<>(range(11, 20));
      kept.addAll(range(31, ENTRIES));
      assertThat(indexes(wal)).isEqualTo(kept);
    }
  }

  @Test
  void unsafeRecover_missingSegmentThatOpenRefuses_acceptsTheLoss() throws IOException {
    Files.delete(segment(1));
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            CorruptLogException.class, e -> assertThat(e.file()).isEqualTo(segment(1)));

    List<Path> removed = Wal.unsafeRecover(dir, PREFIX);

    assertThat(removed).isEmpty();
    try (Wal wal = open()) {
      assertThat(indexes(wal)).hasSize(ENTRIES - ENTRIES_A_SEGMENT).contains(1L, 10L, 21L);
    }
  }

  @Test
  void unsafeRecover_everySegmentCorrupt_removesAll_andALogOpens() throws IOException {
    List<Path> all = new ArrayList<>();
    for (int number = 0; number < SEGMENTS; number++) {
      damage(number, number * (long) ENTRIES_A_SEGMENT + 1);
      all.add(segment(number));
    }

    List<Path> removed = Wal.unsafeRecover(dir, PREFIX);

    assertThat(removed).isEqualTo(all);
    try (Wal wal = open()) {
      assertThat(indexes(wal)).isEmpty();
    }
  }

  @Test
  void unsafeRecover_intactLog_removesNothingAndChangesNothing() throws IOException {
    Map<String, String> before = digest();

    assertThat(Wal.unsafeRecover(dir, PREFIX)).isEmpty();

    assertThat(digest()).isEqualTo(before);
  }

  @Test
  void unsafeRecover_openLog_isRefusedAsLocked() throws IOException {
    try (Wal wal = open()) {
      assertThatThrownBy(() -> Wal.unsafeRecover(dir, PREFIX))
          .isInstanceOf(LogLockedException.class);

      assertThat(indexes(wal)).isEqualTo(range(1, ENTRIES));
    }
  }

  @Test
  void unsafeRecover_missingDirectory_isRefusedAndNotCreated() {
    Path missing = dir.resolve("missing");

    assertThatThrownBy(() -> Wal.unsafeRecover(missing, PREFIX))
        .isInstanceOf(NoSuchFileException.class);

    assertThat(missing).doesNotExist();
  }

  // ---- inspect

  @Test
  void inspect_intactLog_showsEverythingAndChangesNothing() throws IOException {
    Map<String, String> before = digest();
    Seen seen = new Seen();

    Wal.inspect(dir, PREFIX, seen);

    assertThat(seen.findings).isEmpty();
    assertThat(seen.segmentsAnnounced).isEqualTo(seen.segments.size()).isEqualTo(SEGMENTS);
    assertThat(seen.bytesAnnounced)
        .isEqualTo(seen.segments.stream().mapToLong(SegmentInfo::fileBytes).sum());
    assertThat(seen.segments).extracting(SegmentInfo::file).contains(segment(0), segment(3));
    assertThat(seen.segments).allMatch(s -> s.header() == CheckResult.OK);
    assertThat(seen.batches).isGreaterThanOrEqualTo(SEGMENTS);
    assertThat(seen.readableIndexes()).isEqualTo(range(1, ENTRIES));
    assertThat(digest()).isEqualTo(before);
  }

  @Test
  void inspect_corruptLog_reportsTheDamageAndShowsTheRest() throws IOException {
    int at = damage(1, 15);
    Map<String, String> before = digest();
    Seen seen = new Seen();

    Wal.inspect(dir, PREFIX, seen);

    assertThat(seen.findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.file()).isEqualTo(segment(1));
              assertThat(finding.verdict()).isEqualTo(Finding.Verdict.CORRUPT);
              assertThat(finding.isDamage()).isTrue();
              assertThat(finding.offset()).isLessThan(at);
            });
    List<Long> readable = new ArrayList<>(range(1, ENTRIES));
    readable.remove(15L);
    assertThat(seen.readableIndexes()).isEqualTo(readable);
    assertThat(digest()).isEqualTo(before);
  }

  @Test
  void inspect_openLog_takesNoLock() throws IOException {
    try (Wal wal = open()) {
      Seen seen = new Seen();

      Wal.inspect(dir, PREFIX, seen);

      assertThat(seen.readableIndexes()).isEqualTo(range(1, ENTRIES));
      wal.write(ENTRIES + 1, "next", value(ENTRIES + 1));
      assertThat(wal.lastIndex()).isEqualTo(ENTRIES + 1);
    }
  }

  @Test
  void inspect_missingDirectory_isRefused() {
    assertThatThrownBy(() -> Wal.inspect(dir.resolve("missing"), PREFIX, new Seen()))
        .isInstanceOf(NoSuchFileException.class);
  }
}
