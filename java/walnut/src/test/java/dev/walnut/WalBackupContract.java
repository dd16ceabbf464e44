package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.WalException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a backup owes: the log as it was, whole, in files that nobody changes. */
@Timeout(120)
abstract class WalBackupContract extends LogContract {
  private static final String PREFIX = "segment_";

  private Path target() {
    return base.resolve("backups/monday");
  }

  private WalConfig.Builder small(Path dir) {
    return database(dir).segmentThreshold(10);
  }

  private static void appendUpTo(Wal wal, long last) throws IOException {
    while (wal.lastIndex() < last) {
      long index = wal.lastIndex() + 1;
      wal.append("k" + index, bytes("value " + index));
    }
  }

  /** Every entry, and the ends. */
  private static List<String> content(WalReader wal) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(wal.firstIndex() + " to " + wal.lastIndex() + ", " + wal.size());
    for (WalEntry entry : wal) {
      lines.add(entry.index() + entry.key() + text(entry) + entry.isTombstone());
    }
    return lines;
  }

  private static List<String> readOnly(Path dir) throws IOException {
    try (WalReader reader = Wal.openReadOnly(dir, PREFIX)) {
      return content(reader);
    }
  }

  /** Verifies and opens a copy; returns what is in it. */
  private List<String> opened(Path copy, WalConfig.Builder config) throws IOException {
    assertThat(Wal.verify(copy, PREFIX).isIntact()).isTrue();
    List<String> read = readOnly(copy);
    try (Wal wal = open(config.openCheck(OpenCheck.FULL).recovery(RecoveryMode.STRICT))) {
      assertThat(content(wal)).isEqualTo(read);
    }
    return read;
  }

  private TreeMap<String, String> linkedDigests(Path copy) throws IOException {
    TreeMap<String, String> linked = new TreeMap<>();
    for (Map.Entry<String, String> file : digests(copy).entrySet()) {
      Path own = dir().resolve(file.getKey());
      if (Files.exists(own) && Files.isSameFile(own, copy.resolve(file.getKey()))) {
        linked.put(file.getKey(), file.getValue());
      }
    }
    return linked;
  }

  private void assertUnchanged(TreeMap<String, String> linked, Path copy) throws IOException {
    TreeMap<String, String> now = digests(copy);
    now.keySet().retainAll(linked.keySet());
    assertThat(now).isEqualTo(linked);
  }

  // ---- what is in it

  @ParameterizedTest
  @EnumSource(SyncMode.class)
  void backup_holdsWhatWasWritten_andNothingLater(SyncMode mode) throws IOException {
    try (Wal wal = open(small(dir()).syncMode(mode))) {
      appendUpTo(wal, 35);
      List<String> before = content(wal);

      BackupReport report = wal.backup(target());

      assertThat(wal.durableIndex()).isEqualTo(35);
      assertThat(report.files()).isEqualTo(4);
      assertThat(report.firstIndex()).isEqualTo(1);
      assertThat(report.lastIndex()).isEqualTo(35);
      appendUpTo(wal, 50);
      assertThat(segmentNames(target()))
          .containsExactly("segment_0", "segment_1", "segment_2", "segment_3");
      assertThat(opened(target(), small(target()).syncMode(mode))).isEqualTo(before);
    }
  }

  @Test
  void backup_ofTheBackup_andSoOn_holdsTheSame() throws IOException {
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 25);
      wal.backup(target());
    }
    try (Wal copy = open(small(target()))) {
      copy.backup(base.resolve("second"));
    }
    assertThat(opened(base.resolve("second"), small(base.resolve("second"))))
        .isEqualTo(readOnly(dir()));
  }

  private interface History {
    void write(Wal wal) throws IOException;
  }

  private void assertCopied(History history) throws IOException {
    try (Wal wal = open(unique())) {
      history.write(wal);
      BackupReport report = wal.backup(target());
      List<String> before = content(wal);
      assertThat(report.firstIndex()).isEqualTo(wal.firstIndex());
      assertThat(report.lastIndex()).isEqualTo(wal.lastIndex());
      assertThat(opened(target(), unique(target()))).isEqualTo(before);
      try (Wal copy = open(unique(target()))) {
        copy.append(bytes("in the copy"));
        assertThat(copy.lastIndex()).isEqualTo(wal.lastIndex() + 1);
      }
      wal.append(bytes("in the log"));
    }
    assertThat(text(lastOf(dir()))).isEqualTo("in the log");
    assertThat(text(lastOf(target()))).isEqualTo("in the copy");
  }

  private static WalEntry lastOf(Path dir) throws IOException {
    try (WalReader reader = Wal.openReadOnly(dir, PREFIX)) {
      return reader.get(reader.lastIndex()).orElseThrow();
    }
  }

  @Test
  void backup_ofAnEmptyLog_isAnEmptyLog() throws IOException {
    assertCopied(wal -> {});
  }

  @Test
  void backup_ofScatteredIndexesAndTombstones_holdsThem() throws IOException {
    assertCopied(
        wal -> {
          for (long i = 0; i < 50; i++) {
            wal.write(i * 37 % 101, "k" + i, bytes("v" + i));
          }
          wal.tombstone(37);
          wal.tombstone(49 * 37 % 101);
        });
  }

  @Test
  void backup_afterReset_holdsWhatCameSince() throws IOException {
    assertCopied(
        wal -> {
          appendUpTo(wal, 35);
          wal.reset(1000);
        });
  }

  @Test
  void backup_afterTruncationAtBothEnds_holdsTheRest() throws IOException {
    assertCopied(
        wal -> {
          appendUpTo(wal, 55);
          wal.truncateBefore(23);
          wal.truncateAfter(31);
        });
  }

  @Test
  void backup_afterTruncationAboveTheLast_isEmpty_andGoesOnThere() throws IOException {
    assertCopied(
        wal -> {
          appendUpTo(wal, 25);
          wal.truncateBefore(500);
        });
  }

  @Test
  void backup_afterARotationWithoutABatch_opens() throws IOException {
    try (Wal wal = open(unique().maxSegments(2).syncMode(SyncMode.BATCH))) {
      appendUpTo(wal, 30);
      // The segment for it is started, then it is refused.
      assertThatThrownBy(() -> wal.write(30, "k", bytes("again")))
          .isInstanceOf(dev.walnut.exception.DuplicateIndexException.class);
      wal.backup(target());
      assertThat(opened(target(), unique(target()))).isEqualTo(content(wal));
    }
  }

  @Test
  void backup_ofALogWithAcceptedGaps_opens() throws IOException {
    try (Wal wal = open(unique())) {
      appendUpTo(wal, 45);
    }
    flip(dir().resolve("segment_2"), 100);
    assertThat(Wal.unsafeRecover(dir(), PREFIX)).hasSize(1);
    assertCopied(wal -> assertThat(wal.contains(25)).isFalse());
  }

  private static void flip(Path file, long offset) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(offset);
      int old = bytes.read();
      bytes.seek(offset);
      bytes.write(old ^ 0x40);
    }
  }

  @Test
  void backup_endDamagedLater_isCorruption_notATornEnd() throws IOException {
    try (Wal wal = open(small(dir()).syncMode(SyncMode.NONE))) {
      appendUpTo(wal, 5);
      wal.backup(target());
    }
    Path tail = target().resolve("segment_0");
    String text = Files.readString(tail, java.nio.charset.StandardCharsets.ISO_8859_1);
    flip(tail, text.indexOf("value 5"));

    assertThatThrownBy(() -> open(small(target()))).isInstanceOf(CorruptLogException.class);
  }

  // ---- beside the writing

  @ParameterizedTest
  @EnumSource(
      value = SyncMode.class,
      names = {"NONE", "BATCH"})
  void backup_underLoad_holdsAllThatWasAcknowledged_andNoGap(SyncMode mode) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService writers = Executors.newFixedThreadPool(4);
    try (Wal wal = open(small(dir()).syncMode(mode))) {
      List<Future<?>> running = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        String key = "writer " + writer;
        running.add(writers.submit(() -> write(wal, key, stop)));
      }
      for (int round = 0; round < 5; round++) {
        long wanted = wal.lastIndex() + 50;
        Await.until(() -> wal.lastIndex() >= wanted);
        long acknowledged = wal.lastIndex();
        Path copy = base.resolve("copy " + round);

        BackupReport report = wal.backup(copy);

        assertThat(report.lastIndex()).isBetween(acknowledged, wal.lastIndex());
        assertIsPrefix(copy, report.lastIndex(), wal);
      }
      stop.set(true);
      for (Future<?> writer : running) {
        writer.get();
      }
    } finally {
      stop.set(true);
      writers.shutdown();
    }
    List<String> before = readOnly(base.resolve("copy 4"));
    deleteFiles(dir());
    assertThat(opened(base.resolve("copy 4"), small(base.resolve("copy 4")))).isEqualTo(before);
  }

  private static Void write(Wal wal, String key, AtomicBoolean stop) throws IOException {
    for (int i = 0; !stop.get(); i++) {
      wal.append(key, bytes(key + ": " + i));
    }
    return null;
  }

  private void assertIsPrefix(Path copy, long last, Wal wal) throws IOException {
    assertThat(Wal.verify(copy, PREFIX).isIntact()).isTrue();
    try (Wal opened = open(small(copy).openCheck(OpenCheck.FULL))) {
      assertThat(opened.size()).isEqualTo(last);
      assertThat(opened.lastIndex()).isEqualTo(last);
      for (WalEntry entry : opened) {
        assertThat(entry).isEqualTo(wal.get(entry.index()).orElseThrow());
      }
    }
  }

  private static void deleteFiles(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void backup_retentionAndTruncationRacing_holdsOneUnbrokenRange() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService others = Executors.newFixedThreadPool(2);
    try (Wal wal = open(small(dir()).maxSegments(4))) {
      Future<?> writer =
          others.submit(
              () -> {
                while (!stop.get()) {
                  appendUpTo(wal, wal.lastIndex() + 1);
                }
                return null;
              });
      Future<?> truncator =
          others.submit(
              () -> {
                while (!stop.get()) {
                  wal.truncateBefore(Math.max(0, wal.lastIndex() - 15));
                  wal.truncateBefore(wal.firstIndex());
                }
                return null;
              });
      for (int round = 0; round < 15; round++) {
        Path copy = base.resolve("copy " + round);
        long wanted = wal.lastIndex() + 30;
        Await.until(() -> wal.lastIndex() >= wanted);
        BackupReport report = wal.backup(copy);
        assertThat(Wal.verify(copy, PREFIX).isIntact()).isTrue();
        try (Wal opened = open(small(copy).openCheck(OpenCheck.FULL))) {
          assertThat(opened.firstIndex()).isEqualTo(report.firstIndex());
          assertThat(opened.lastIndex()).isEqualTo(report.lastIndex());
          assertThat(opened.size()).isEqualTo(report.lastIndex() - report.firstIndex() + 1);
          for (WalEntry entry : opened) {
            assertThat(text(entry)).isEqualTo("value " + entry.index());
          }
        }
      }
      stop.set(true);
      writer.get();
      truncator.get();
    } finally {
      stop.set(true);
      others.shutdown();
    }
  }

  @Test
  void backup_whileCopying_keepsItsFiles_andLetsGoAfterwards() throws IOException {
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 35);
      List<String> before = content(wal);
      AtomicBoolean tried = new AtomicBoolean();
      wal.backup(
          target(),
          new VerifyListener() {
            @Override
            public void progress(long done, long total) {
              if (!tried.getAndSet(true)) {
                try {
                  assertThat(wal.truncateBefore(30)).isZero();
                  wal.reset(500);
                  appendUpTo(wal, 540);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            }
          });
      assertThat(tried).isTrue();
      assertThat(opened(target(), small(target()))).isEqualTo(before);
      assertThat(wal.stats().holds()).isEmpty();
      assertThat(wal.truncateBefore(520)).isEqualTo(520);
    }
  }

  @Test
  void backup_tellsHowFarItHasCome() throws IOException {
    List<Long> steps = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 35);
      wal.backup(
          target(),
          new VerifyListener() {
            @Override
            public void progress(long done, long total) {
              steps.add(done);
              totals.add(total);
            }
          });
    }
    assertThat(steps).isSorted().startsWith(0L);
    assertThat(totals).containsOnly(steps.get(steps.size() - 1));
  }

  // ---- links

  @Test
  void backup_linksSealedFiles_andNeverTheTail() throws IOException {
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 35);
      Await.until(() -> wal.stats().choresPending() == 0);

      BackupReport report = wal.backup(target());

      assertThat(linkedDigests(target()).keySet())
          .containsExactly("segment_0", "segment_1", "segment_2");
      assertThat(report.linkedFiles()).isEqualTo(3);
      assertThat(report.bytesCopied()).isEqualTo(Files.size(target().resolve("segment_3")));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SyncMode.class,
      names = {"NONE", "BATCH"})
  void backup_bothGoOn_linkedFilesStayAsTheyWere(SyncMode mode) throws IOException {
    Path killed = base.resolve("killed");
    try (Wal wal = open(small(dir()).syncMode(mode))) {
      appendUpTo(wal, 35);
      Await.until(() -> wal.stats().choresPending() == 0);
      wal.backup(target());
      TreeMap<String, String> linked = linkedDigests(target());
      assertThat(linked).hasSize(3);
      try (Wal copy = open(small(target()).syncMode(mode))) {
        appendUpTo(copy, 60);
        appendUpTo(wal, 75);
        copy.tombstone(3);
        copy.truncateAfter(22);
        appendUpTo(copy, 30);
        copyWithLinks(target(), killed, linked);
      }
      assertUnchanged(linked, target());
    }
    TreeMap<String, String> linked = linkedDigests(target());
    for (Path each : List.of(dir(), target(), killed)) {
      try (Wal again = open(small(each).syncMode(mode).openCheck(OpenCheck.FULL))) {
        appendUpTo(again, again.lastIndex() + 25);
      }
      assertUnchanged(linked, target());
    }
    assertThat(text(lastOf(dir()))).isEqualTo("value 100");
    assertThat(text(lastOf(target()))).isEqualTo("value 55");
    assertThat(text(lastOf(killed))).isEqualTo("value 55");
    assertThat(Wal.verify(dir(), PREFIX).isIntact()).isTrue();
    assertThat(Wal.verify(target(), PREFIX).isIntact()).isTrue();
  }

  /** What a killed process leaves behind, with the same links. */
  private static void copyWithLinks(Path from, Path to, TreeMap<String, String> linked)
      throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (linked.containsKey(name)) {
          Files.createLink(to.resolve(name), file);
        } else {
          Files.copy(file, to.resolve(name));
        }
      }
    }
  }

  @Test
  void backup_newestFilesOfTheLogGone_opensInANewSegment_andLeavesTheCopyAlone()
      throws IOException {
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 35);
      Await.until(() -> wal.stats().choresPending() == 0);
      wal.backup(target());
    }
    List<String> before = readOnly(target());
    TreeMap<String, String> linked = linkedDigests(target());
    assertThat(linked).containsKey("segment_2");
    Files.delete(dir().resolve("segment_3"));

    for (int life = 0; life < 2; life++) {
      try (Wal wal = open(small(dir()))) {
        assertThat(wal.lastIndex()).isEqualTo(30 + 5 * life);
        appendUpTo(wal, 35 + 5 * life);
      }
    }

    assertUnchanged(linked, target());
    assertThat(opened(target(), small(target()))).isEqualTo(before);
    assertThat(Wal.verify(dir(), PREFIX).isIntact()).isTrue();
  }

  @Test
  void backup_footerDamagedInBoth_isNotMadeAgainInTheSharedFile() throws IOException {
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 35);
      Await.until(() -> wal.stats().choresPending() == 0);
      wal.backup(target());
      appendUpTo(wal, 95);
    }
    Path shared = dir().resolve("segment_1");
    flip(shared, Files.size(shared) - 20);
    TreeMap<String, String> linked = linkedDigests(target());
    assertThat(linked).containsKey("segment_1");

    try (Wal wal = open(small(dir()))) {
      assertThat(wal.size()).isEqualTo(95);
    }

    assertUnchanged(linked, target());
    try (Wal copy = open(small(target()))) {
      assertThat(copy.size()).isEqualTo(35);
    }
  }

  // ---- what is refused, and what goes wrong

  @Test
  void backup_intoTheLogsOwnDirectory_isRefused_andNothingIsTouched() throws IOException {
    Path link = Files.createSymbolicLink(base.resolve("link"), base);
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 3);
      TreeMap<String, String> before = digests(dir());
      for (Path wrong : List.of(dir(), dir().resolve("copy"), link.resolve("log/deep/copy"))) {
        assertThatThrownBy(() -> wal.backup(wrong))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("target: " + wrong)
            .hasMessageContaining("own directory");
      }
      assertThat(digests(dir())).isEqualTo(before);
    }
  }

  @Test
  void backup_targetNotEmpty_orAFile_isRefused_andNothingIsTouched() throws IOException {
    Path file = Files.writeString(base.resolve("file"), "mine");
    Files.createDirectories(target().resolve("folder"));
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 3);
      TreeMap<String, String> before = digests(dir());

      assertThatThrownBy(() -> wal.backup(target()))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("must be empty")
          .hasMessageContaining("folder");
      assertThatThrownBy(() -> wal.backup(file))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("not a directory");
      assertThatThrownBy(() -> wal.backup(base))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("must be empty");

      assertThat(digests(dir())).isEqualTo(before);
      assertThat(file).hasContent("mine");
    }
  }

  @Test
  void backup_ofAClosedLog_isRefused() throws IOException {
    Wal wal = open(small(dir()));
    wal.close();
    assertThatThrownBy(() -> wal.backup(target())).isInstanceOf(LogClosedException.class);
    assertThat(target()).doesNotExist();
  }

  @Test
  void backup_logClosedMeanwhile_ends_andLeavesNothing() throws IOException {
    Wal wal = open(small(dir()));
    appendUpTo(wal, 35);
    assertThatThrownBy(
            () ->
                wal.backup(
                    target(),
                    new VerifyListener() {
                      @Override
                      public void progress(long done, long total) {
                        try {
                          wal.close();
                        } catch (IOException e) {
                          throw new UncheckedIOException(e);
                        }
                      }
                    }))
        .isInstanceOf(LogClosedException.class);
    assertThat(target()).isEmptyDirectory();
    assertThat(readOnly(dir())).hasSize(36);
  }

  @Test
  void backup_interrupted_opensNowhere_andIsNotTakenForATarget() throws IOException {
    try (Wal wal = open(small(dir()))) {
      appendUpTo(wal, 35);
      wal.backup(target());
      Files.createFile(target().resolve("segment_backup")); // as it is before the last step
      TreeMap<String, String> before = digests(target());

      for (ThrowingOpen open :
          List.<ThrowingOpen>of(
              () -> open(small(target())),
              () -> Wal.openReadOnly(target(), PREFIX),
              () -> Wal.verify(target(), PREFIX),
              () -> Wal.unsafeRecover(target(), PREFIX),
              () -> Wal.salvage(target(), PREFIX, SalvageMode.APPLY))) {
        assertThatThrownBy(open::run)
            .isInstanceOf(WalException.class)
            .hasMessageContaining("was not finished")
            .hasMessageContaining("segment_backup");
      }
      assertThatThrownBy(() -> wal.backup(target())).hasMessageContaining("must be empty");
      before.put("segment_lock", "");
      assertThat(digests(target()).keySet()).isSubsetOf(before.keySet());
    }
  }

  private interface ThrowingOpen {
    Object run() throws IOException;
  }

  @Test
  void backup_targetFull_isRefused_andTheLogGoesOn() throws Exception {
    try (SmallFileSystem full =
            SmallFileSystem.mount(
                SmallFileSystem.Kind.TMPFS, 1, Files.createDirectory(base.resolve("fs")));
        Wal wal = open(database(dir()).segmentBytes(256 * 1024))) {
      Path copy = full.root().resolve("copy");
      for (int i = 0; i < 30; i++) {
        wal.append(new byte[64 * 1024]);
      }

      assertThatThrownBy(() -> wal.backup(copy))
          .isInstanceOf(NoSpaceException.class)
          .hasMessageContaining(copy.toString());

      assertThat(copy).isEmptyDirectory();
      wal.append(bytes("goes on"));
      BackupReport report = wal.backup(target());
      assertThat(report.lastIndex()).isEqualTo(31);
    }
  }

  @Test
  void backup_ontoAnotherFileSystem_copiesAll() throws Exception {
    try (SmallFileSystem other =
            SmallFileSystem.mount(
                SmallFileSystem.Kind.TMPFS, 4, Files.createDirectory(base.resolve("fs")));
        Wal wal = open(small(dir()))) {
      appendUpTo(wal, 35);
      Await.until(() -> wal.stats().choresPending() == 0);
      Path copy = other.root().resolve("copy");

      BackupReport report = wal.backup(copy);

      assertThat(report.linkedFiles()).isZero();
      assertThat(opened(copy, small(copy))).isEqualTo(content(wal));
    }
  }
}
