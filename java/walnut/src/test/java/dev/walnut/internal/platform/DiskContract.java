package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every body of {@link Disk} owes the floor above; a subclass supplies the body. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
abstract class DiskContract {
  private static final int MORE_THAN_ONE_CALL_TAKES = 3000;

  @TempDir Path temporary;

  private Disk disk;
  private Path path;
  private DiskDirectory directory;

  /** The body under test. */
  abstract Disk newDisk() throws IOException;

  @BeforeEach
  void openDirectory() throws IOException {
    disk = newDisk();
    path = temporary.resolve("log");
    directory = disk.createDirectory(path);
  }

  @AfterEach
  void closeDirectory() throws IOException {
    if (directory != null) { // Skipped for want of a body, a test has opened none.
      directory.close();
    }
  }

  // Directories and names.

  @Test
  void createDirectory_missingParents_createsAll() throws IOException {
    Path deep = temporary.resolve("a/b/c");

    disk.createDirectory(deep).close();

    assertThat(deep).isDirectory();
  }

  @Test
  void rename_intoAnotherDirectory_movesTheFile() throws IOException {
    directory.create("file").close();
    Path other = path.resolve("other");

    try (DiskDirectory target = disk.createDirectory(other)) {
      directory.rename("file", target, "moved");
      target.sync();
      directory.sync();
    }

    assertThat(path.resolve("file")).doesNotExist();
    assertThat(other.resolve("moved")).isRegularFile();
  }

  @Test
  void rename_nameTaken_isRefused_andReplacesNothing() throws IOException {
    Files.writeString(path.resolve("file"), "new");
    try (DiskDirectory target = disk.createDirectory(path.resolve("other"))) {
      Files.writeString(path.resolve("other/file"), "old");

      assertThatThrownBy(() -> directory.rename("file", target, "file"))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining(path.resolve("other/file").toString());
      assertThatThrownBy(() -> directory.rename("missing", target, "missing"))
          .isInstanceOf(NoSuchFileException.class);
    }

    assertThat(path.resolve("other/file")).hasContent("old");
    assertThat(path.resolve("file")).hasContent("new");
  }

  @Test
  void link_givesTheSameBytesASecondName() throws IOException {
    Files.writeString(path.resolve("file"), "same");
    try (DiskDirectory target = disk.createDirectory(path.resolve("other"))) {
      assertThat(directory.isShared("file")).isFalse();

      assertThat(directory.link("file", target, "second")).isTrue();

      target.sync();
      assertThat(directory.isShared("file")).isTrue();
      assertThat(target.isShared("second")).isTrue();
      assertThat(Files.isSameFile(path.resolve("file"), path.resolve("other/second"))).isTrue();
      directory.delete("file");
      assertThat(target.isShared("second")).isFalse();
      assertThat(path.resolve("other/second")).hasContent("same");
    }
  }

  @Test
  void link_nameTaken_isRefused_andReplacesNothing() throws IOException {
    Files.writeString(path.resolve("file"), "new");
    try (DiskDirectory target = disk.createDirectory(path.resolve("other"))) {
      Files.writeString(path.resolve("other/file"), "old");

      assertThatThrownBy(() -> directory.link("file", target, "file"))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining(path.resolve("other/file").toString());
      assertThatThrownBy(() -> directory.link("missing", target, "missing"))
          .isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> directory.isShared("missing"))
          .isInstanceOf(NoSuchFileException.class);
    }

    assertThat(path.resolve("other/file")).hasContent("old");
    assertThat(directory.isShared("file")).isFalse();
  }

  @Test
  void link_ontoAnotherFileSystem_isDeclined_andChangesNothing() throws IOException {
    Path shm = Path.of("/dev/shm");
    Assumptions.assumeTrue(
        Files.isWritable(shm) && !Files.getFileStore(shm).equals(Files.getFileStore(path)));
    Files.writeString(path.resolve("file"), "same");
    Path other = Files.createTempDirectory(shm, "walnut");
    try (DiskDirectory target = disk.openDirectory(other)) {
      assertThat(directory.link("file", target, "second")).isFalse();
      assertThat(target.listFiles()).isEmpty();
      assertThat(directory.isShared("file")).isFalse();
    } finally {
      disk.deleteDirectory(other);
    }
  }

  @Test
  void deleteDirectory_removesAnEmptyOne_andNothingElse() throws IOException {
    Path empty = path.resolve("empty");
    disk.createDirectory(empty).close();
    Files.writeString(path.resolve("file"), "");

    disk.deleteDirectory(empty);

    assertThat(empty).doesNotExist();
    assertThatThrownBy(() -> disk.deleteDirectory(empty)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> disk.deleteDirectory(path)).isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> disk.deleteDirectory(path.resolve("file")))
        .isInstanceOf(FileSystemException.class);
    assertThat(path.resolve("file")).exists();
  }

  @Test
  void createDirectory_fileInItsPlace_isRefused() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "");

    assertThatThrownBy(() -> disk.createDirectory(file)).isInstanceOf(FileSystemException.class);
  }

  @Test
  void openDirectory_missing_isRefused() {
    assertThatThrownBy(() -> disk.openDirectory(temporary.resolve("missing")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageStartingWith("open directory " + temporary.resolve("missing") + ": ");
  }

  @Test
  void openDirectory_file_isRefused() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "");

    assertThatThrownBy(() -> disk.openDirectory(file)).isInstanceOf(FileSystemException.class);
  }

  @Test
  void listFiles_otherKinds_areLeftOut() throws Exception {
    directory.create("b").close();
    directory.create("a").close();
    Files.createDirectory(path.resolve("directory"));
    Files.createSymbolicLink(path.resolve("link"), path.resolve("a"));
    makeFifo(path.resolve("pipe"));

    assertThat(directory.listFiles()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void create_existing_isRefused() throws IOException {
    directory.create("a").close();

    assertThatThrownBy(() -> directory.create("a"))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageStartingWith("create " + path.resolve("a") + ": File exists");
  }

  @Test
  void open_missing_isRefused() {
    assertThatThrownBy(() -> directory.open("a"))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageStartingWith("open " + path.resolve("a") + ": No such file or directory");
    assertThatThrownBy(() -> directory.openRead("a")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> directory.delete("a"))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageStartingWith("delete ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "../a", "/a"})
  void names_thatLeadElsewhere_areRefused(String name) {
    assertThatThrownBy(() -> directory.create(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> directory.open(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> directory.delete(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> directory.lock(name)).isInstanceOf(IllegalArgumentException.class);
  }

  private enum Foreign {
    DIRECTORY,
    LINK_TO_FILE,
    DANGLING_LINK,
    PIPE
  }

  @ParameterizedTest
  @EnumSource(Foreign.class)
  @Timeout(20)
  void open_notARegularFile_isRefusedWithoutWaiting(Foreign foreign) throws Exception {
    Path file = path.resolve("foreign");
    switch (foreign) {
      case DIRECTORY -> Files.createDirectory(file);
      case LINK_TO_FILE ->
          Files.createSymbolicLink(file, Files.writeString(temporary.resolve("target"), "x"));
      case DANGLING_LINK -> Files.createSymbolicLink(file, temporary.resolve("nowhere"));
      case PIPE -> makeFifo(file);
    }

    assertThatThrownBy(() -> directory.open("foreign"))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessage("open " + file + ": not a regular file");
    assertThatThrownBy(() -> directory.openRead("foreign"))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessage("open " + file + ": not a regular file");
    assertThatThrownBy(() -> directory.create("foreign"))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> directory.lock("foreign")).isInstanceOf(FileSystemException.class);
    assertThat(temporary.resolve("nowhere")).doesNotExist();
  }

  @Test
  void open_withoutPermission_isRefused() throws IOException {
    directory.create("a").close();
    Files.setPosixFilePermissions(path.resolve("a"), PosixFilePermissions.fromString("---------"));
    Assumptions.assumeFalse(
        Files.isReadable(path.resolve("a")), "this user may read everything, root for example");

    assertThatThrownBy(() -> directory.open("a")).isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void delete_existing_isGone() throws IOException {
    directory.create("a").close();

    directory.delete("a");
    directory.sync();

    assertThat(directory.listFiles()).isEmpty();
  }

  @Test
  void names_directoryReplaced_areRefused() throws IOException {
    Path moved = temporary.resolve("moved");
    Files.move(path, moved);
    Files.createDirectory(path);

    String message = "use directory " + path + ": the path no longer stands";
    assertThatThrownBy(() -> directory.create("a"))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(message);
    assertThatThrownBy(() -> directory.lock("a")).hasMessageStartingWith(message);
    assertThatThrownBy(() -> directory.listFiles()).hasMessageStartingWith(message);
    assertThat(path).isEmptyDirectory();
    assertThat(moved).isEmptyDirectory();
  }

  @Test
  void names_directoryRemoved_areRefused() throws IOException {
    Files.delete(path);

    assertThatThrownBy(() -> directory.create("a"))
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessageStartingWith("use directory " + path + ": ");
    assertThat(path).doesNotExist();
  }

  @Test
  void openDirectory_closed_refusesEverything() throws IOException {
    DiskDirectory closed = disk.openDirectory(path);
    closed.close();
    closed.close();

    assertThatThrownBy(() -> closed.create("a")).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> closed.open("a")).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(closed::sync).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(closed::listFiles).isInstanceOf(ClosedChannelException.class);
  }

  // Reading and writing.

  @ParameterizedTest
  @EnumSource(Durability.class)
  void write_severalSpans_areReadBack(Durability durability) throws IOException {
    Memory memory = filled(1000, 1);
    WritePlan plan = disk.newPlan();
    plan.span(memory, 100, 400);
    plan.span(memory, 0, 0);
    plan.span(memory, 700, 300);

    try (DiskFile file = directory.create("a")) {
      assertThat(file.write(50, plan, durability)).isEqualTo(700);

      byte[] expected = new byte[750];
      memory.bytes().get(100, expected, 50, 400).get(700, expected, 450, 300);
      assertThat(file.size()).isEqualTo(750);
      assertThat(Files.readAllBytes(path.resolve("a"))).isEqualTo(expected);
    }
  }

  @Test
  void write_moreSpansThanOneCallTakes_writesAll() throws IOException {
    Memory memory = filled(MORE_THAN_ONE_CALL_TAKES * 3, 2);
    WritePlan plan = disk.newPlan();
    for (int i = 0; i < MORE_THAN_ONE_CALL_TAKES; i++) {
      plan.span(memory, 3 * i, 3);
    }

    try (DiskFile file = directory.create("a")) {
      file.write(0, plan, Durability.RANGE);
    }

    assertThat(Files.readAllBytes(path.resolve("a")))
        .isEqualTo(bytes(memory, 0, memory.capacity()));
  }

  @Test
  void write_emptyPlan_writesNothing() throws IOException {
    try (DiskFile file = directory.create("a")) {
      assertThat(file.write(10, disk.newPlan(), Durability.FILE)).isZero();
      assertThat(file.size()).isZero();
    }
  }

  @Test
  void plan_cleared_isEmpty() throws IOException {
    Memory memory = filled(100, 3);
    WritePlan plan = disk.newPlan();
    plan.cover(memory, 0, 10);
    plan.store(1, 2, memory, 90);
    plan.cover(memory, 0, 20);
    plan.span(memory, 0, 100);
    plan.clear();
    plan.store(7, 8, memory, 0);
    plan.span(memory, 0, 4);

    try (DiskFile file = directory.create("a")) {
      assertThat(file.write(0, plan, Durability.NONE)).isEqualTo(4);
    }
    assertThat(memory.bytes().getInt(0)).isEqualTo(new Crc32c().start(7, 8).value());
    // The forgotten sum at 90 may have been stored before it was forgotten.
    assertThat(bytes(memory, 4, 86)).isEqualTo(bytes(filled(100, 3), 4, 86));
  }

  @Test
  void plan_rangeOutsideTheMemory_isRefused() {
    Memory memory = disk.allocate(10);
    WritePlan plan = disk.newPlan();

    assertThatThrownBy(() -> plan.span(memory, 5, 6)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> plan.cover(memory, -1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> plan.store(0, 0, memory, 7))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void store_chained_coversEarlierSums() throws IOException {
    Memory memory = filled(200, 4);
    Memory other = filled(50, 5);
    WritePlan plan = disk.newPlan();
    plan.cover(memory, 8, 20);
    plan.store(1, 2, memory, 4);
    plan.cover(memory, 0, 100);
    plan.cover(other, 10, 40);
    plan.store(-3, Long.MAX_VALUE, other, 0);
    plan.cover(other, 0, 50);
    plan.store(5, 6, memory, 150);
    plan.span(memory, 0, 200);

    try (DiskFile file = directory.create("a")) {
      file.write(0, plan, Durability.NONE);
    }

    Crc32c sum = new Crc32c();
    assertThat(memory.bytes().getInt(4)).isEqualTo(sum.start(1, 2).add(memory, 8, 20).value());
    assertThat(other.bytes().getInt(0))
        .isEqualTo(sum.start(-3, Long.MAX_VALUE).add(memory, 0, 100).add(other, 10, 40).value());
    assertThat(memory.bytes().getInt(150)).isEqualTo(sum.start(5, 6).add(other, 0, 50).value());
    assertThat(Files.readAllBytes(path.resolve("a"))).isEqualTo(bytes(memory, 0, 200));
  }

  @Test
  void store_everyLengthAndAlignment_agreesWithTheJdk() throws IOException {
    Memory memory = filled(1 << 16, 6);
    Memory sums = disk.allocate(8 * 650);
    Random random = new Random(7);
    Crc32c expected = new Crc32c();
    try (DiskFile file = directory.create("a")) {
      for (int length = 0; length < 650; length++) {
        WritePlan plan = disk.newPlan();
        int covered = length <= 600 ? length : random.nextInt(60_000);
        for (int from = 0; from < 8; from++) {
          plan.cover(memory, from, covered);
          plan.store(length, from, sums, 4 * from);
        }
        file.write(0, plan, Durability.NONE);

        for (int from = 0; from < 8; from++) {
          assertThat(sums.bytes().getInt(4 * from))
              .as("length %d at %d", covered, from)
              .isEqualTo(expected.start(length, from).add(memory, from, covered).value());
        }
      }
    }
  }

  @Test
  void read_pastTheEnd_isShort() throws IOException {
    try (DiskFile file = fileOf(100)) {
      Memory target = disk.allocate(200);

      assertThat(file.read(60, target, 10, 150)).isEqualTo(40);
      assertThat(file.read(100, target, 0, 10)).isZero();
      assertThat(file.read(5000, target, 0, 10)).isZero();
      assertThat(file.read(0, target, 0, 0)).isZero();
      assertThat(bytes(target, 10, 40)).isEqualTo(bytes(filled(100, 100), 60, 40));
      assertThatThrownBy(() -> file.read(0, target, 190, 11))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void offsets_negative_areRefused() throws IOException {
    WritePlan plan = disk.newPlan();
    plan.span(filled(10, 1), 0, 10);
    try (DiskFile file = fileOf(100)) {
      for (Durability durability : Durability.values()) {
        assertThatThrownBy(() -> file.write(-1, plan, durability))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> file.read(-1, disk.allocate(10), 0, 10))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(file.size()).isEqualTo(100);
    }
  }

  @Test
  void openRead_write_isRefused() throws IOException {
    fileOf(10).close();
    WritePlan plan = disk.newPlan();
    plan.span(filled(10, 1), 0, 10);

    try (DiskFile file = directory.openRead("a")) {
      assertThat(file.size()).isEqualTo(10);
      assertThatThrownBy(() -> file.write(0, plan, Durability.NONE)).isInstanceOf(Exception.class);
    }
    assertThat(Files.readAllBytes(path.resolve("a"))).isEqualTo(bytes(filled(10, 10), 0, 10));
  }

  @Test
  void truncate_cutsAndExtendsWithZeros() throws IOException {
    try (DiskFile file = fileOf(100)) {
      file.truncate(30);
      file.truncate(60);
      file.sync();

      byte[] expected = Arrays.copyOf(bytes(filled(100, 100), 0, 30), 60);
      assertThat(Files.readAllBytes(path.resolve("a"))).isEqualTo(expected);
    }
  }

  @Test
  void reserve_keepsBytesAndReadsAsZeros() throws IOException {
    try (DiskFile file = fileOf(100)) {
      boolean reserved = file.reserve(0, 1 << 20);

      byte[] content = Files.readAllBytes(path.resolve("a"));
      assertThat(content).hasSize(reserved ? 1 << 20 : 100);
      assertThat(Arrays.copyOf(content, 100)).isEqualTo(bytes(filled(100, 100), 0, 100));
      assertThat(Arrays.copyOfRange(content, 100, content.length))
          .isEqualTo(new byte[content.length - 100]);
    }
  }

  @Test
  void reserve_moreThanThereIs_isDiskFull() throws IOException {
    try (DiskFile file = directory.create("a")) {
      assertThatThrownBy(() -> file.reserve(0, 1L << 43))
          .isInstanceOf(DiskFullException.class)
          .hasMessageStartingWith(
              "reserve " + path.resolve("a") + " at offset 0, " + (1L << 43) + " bytes: ");
    }
  }

  @Test
  void file_deletedWhileOpen_isStillRead() throws IOException {
    try (DiskFile file = fileOf(100)) {
      directory.delete("a");

      assertThat(file.read(0, disk.allocate(100), 0, 100)).isEqualTo(100);
    }
  }

  // Errors.

  /** This process's memory as a file: there is nothing at 0, and it cannot be synced. */
  private DiskFile openUnusable() throws IOException {
    Assumptions.assumeTrue(
        Files.isWritable(Path.of("/proc/self/mem")), "no /proc/self/mem on this system");
    try (DiskDirectory process = disk.openDirectory(Path.of("/proc/self"))) {
      return process.open("mem");
    }
  }

  @Test
  void fault16_readError_namesFileAndPosition() throws IOException {
    try (DiskFile file = openUnusable()) {
      assertThatThrownBy(() -> file.read(16, disk.allocate(10), 0, 10))
          .isExactlyInstanceOf(FileSystemException.class)
          .hasMessageStartingWith("read /proc/self/mem at offset 16, 10 bytes: Input/output error");
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void fault09_writeError_namesFileAndPosition(Durability durability) throws IOException {
    WritePlan plan = disk.newPlan();
    plan.span(filled(10, 1), 0, 10);
    try (DiskFile file = openUnusable()) {
      assertThatThrownBy(() -> file.write(16, plan, durability))
          .isExactlyInstanceOf(FileSystemException.class)
          .hasMessageStartingWith(
              "write /proc/self/mem at offset 16, 10 bytes: Input/output error");
    }
  }

  @Test
  void fault10_failedSync_isNeverRepeated() throws IOException {
    WritePlan plan = disk.newPlan();
    plan.span(filled(10, 1), 0, 10);
    try (DiskFile file = openUnusable()) {
      assertThatThrownBy(file::sync)
          .isExactlyInstanceOf(FileSystemException.class)
          .hasMessageStartingWith("sync /proc/self/mem: Invalid argument");

      String refused = "sync /proc/self/mem: refused, because an earlier write or sync failed";
      assertThatThrownBy(file::sync).hasMessage(refused);
      assertThatThrownBy(() -> file.write(0, plan, Durability.FILE)).hasMessage(refused);
      assertThatThrownBy(() -> file.write(0, plan, Durability.RANGE)).hasMessage(refused);
    }
  }

  // Closing.

  @Test
  void file_closed_refusesEverything() throws IOException {
    DiskFile file = fileOf(10);
    file.close();
    file.close();

    WritePlan plan = disk.newPlan();
    plan.span(filled(10, 1), 0, 10);
    assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> file.read(0, disk.allocate(1), 0, 1))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> file.write(0, plan, Durability.NONE))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(file::sync).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> file.truncate(0)).isInstanceOf(ClosedChannelException.class);
  }

  /** While files are opened under the numbers of closed ones, nobody reads another's bytes. */
  @Test
  void close_racingReads_neverTouchesAnotherFile() throws Exception {
    for (String name : List.of("ones", "twos")) {
      Files.write(path.resolve(name), filledWith(name.equals("ones") ? 1 : 2, 4096));
    }
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService churn = Executors.newFixedThreadPool(1);
    Future<?> churning =
        churn.submit(
            (Callable<Void>)
                () -> {
                  while (!done.get()) {
                    directory.openRead("twos").close();
                  }
                  return null;
                });
    ExecutorService readers = Executors.newFixedThreadPool(2);
    for (int round = 0; round < 300; round++) {
      DiskFile file = directory.openRead("ones");
      CountDownLatch reading = new CountDownLatch(2);
      List<Future<Boolean>> results = new ArrayList<>();
      for (int reader = 0; reader < 2; reader++) {
        results.add(readers.submit(() -> readsOnlyOnesUntilClosed(file, reading)));
      }
      reading.await();
      file.close();
      for (Future<Boolean> result : results) {
        assertThat(result.get()).isTrue();
      }
    }
    done.set(true);
    churning.get();
    churn.shutdown();
    readers.shutdown();
  }

  private boolean readsOnlyOnesUntilClosed(DiskFile file, CountDownLatch reading)
      throws IOException {
    Memory target = disk.allocate(4096);
    byte[] ones = filledWith(1, 4096);
    boolean first = true;
    try {
      while (true) {
        file.read(0, target, 0, 4096);
        if (!Arrays.equals(bytes(target, 0, 4096), ones)) {
          return false;
        }
        if (first) {
          reading.countDown();
          first = false;
        }
      }
    } catch (ClosedChannelException e) {
      if (first) {
        reading.countDown();
      }
      return true;
    }
  }

  @Test
  void fault32_descriptors_areClosedOnExec() throws Exception {
    Path descriptors = Path.of("/proc/self/fd");
    Assumptions.assumeTrue(Files.isDirectory(descriptors), "no /proc/self/fd on this system");
    try (DiskFile file = directory.create("a");
        DiskLock lock = directory.lock("lock")) {
      List<String> inherited = new ArrayList<>();
      int seen = 0;
      try (var entries = Files.newDirectoryStream(descriptors)) {
        for (Path entry : entries) {
          Path target = targetOf(entry);
          if (target.startsWith(path.toRealPath())) {
            seen++;
            if (!isClosedOnExec(entry)) {
              inherited.add(target.toString());
            }
          }
        }
      }

      assertThat(seen).as("the directory, the file and the lock file").isEqualTo(3);
      // The JDK's children close what they inherit; those of C code in the process would not.
      assertThat(disk.name().equals("native") ? inherited : List.of()).isEmpty();
      assertThat(file.size()).isZero();
      assertThat(lock.isIntact()).isTrue();
    }
  }

  /** Where a descriptor leads; nowhere for that of the listing itself, which may be closed now. */
  private static Path targetOf(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor);
    } catch (NoSuchFileException e) {
      return descriptor;
    }
  }

  private static boolean isClosedOnExec(Path descriptor) throws IOException {
    int closedOnExec = 02000000;
    Path info = Path.of("/proc/self/fdinfo").resolve(descriptor.getFileName());
    String flags =
        Files.readAllLines(info).stream()
            .filter(line -> line.startsWith("flags:"))
            .map(line -> line.substring("flags:".length()).strip())
            .findFirst()
            .orElseThrow();
    return (Integer.parseInt(flags, 8) & closedOnExec) != 0;
  }

  // Interrupts.

  @Test
  void interrupted_everyCall_worksAndKeepsTheStatus() throws IOException {
    WritePlan plan = disk.newPlan();
    plan.span(filled(10, 1), 0, 10);
    Thread.currentThread().interrupt();

    try (DiskFile file = directory.create("a")) {
      file.write(0, plan, Durability.RANGE);
      file.sync();
      directory.sync();
      assertThat(file.read(0, disk.allocate(10), 0, 10)).isEqualTo(10);
      file.truncate(5);
      file.reserve(0, 20);
      directory.openRead("a").close();
      directory.lock("lock").close();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void fault35_interruptStorm_readsAndWrites_hurtNobody() throws Exception {
    int workers = 4;
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    try (DiskFile file = fileOf(4096)) {
      for (int worker = 0; worker < workers; worker++) {
        boolean writes = worker == 0;
        Thread thread =
            new Thread(
                () -> {
                  try {
                    useFile(file, writes);
                  } catch (Throwable e) {
                    synchronized (failures) {
                      failures.add(e);
                    }
                  }
                });
        threads.add(thread);
        thread.start();
      }
      Thread storm = new Thread(() -> interruptUntil(done, threads));
      storm.start();
      for (Thread thread : threads) {
        thread.join();
      }
      done.set(true);
      storm.join();
    }

    assertThat(failures).isEmpty();
  }

  private static void interruptUntil(AtomicBoolean done, List<Thread> threads) {
    while (!done.get()) {
      threads.forEach(Thread::interrupt);
      Thread.onSpinWait();
    }
  }

  private void useFile(DiskFile file, boolean writes) throws IOException {
    Memory memory = filled(4096, 4096);
    byte[] expected = bytes(memory, 0, 4096);
    WritePlan plan = disk.newPlan();
    plan.span(memory, 0, 4096);
    for (int round = 0; round < 400; round++) {
      if (writes) {
        assertThat(file.write(0, plan, round % 50 == 0 ? Durability.FILE : Durability.NONE))
            .isEqualTo(4096);
      } else {
        Memory target = disk.allocate(4096);
        assertThat(file.read(0, target, 0, 4096)).isEqualTo(4096);
        assertThat(bytes(target, 0, 4096)).isEqualTo(expected);
      }
    }
  }

  // Locks.

  @Test
  void lock_held_isRefusedNamingTheHolder() throws IOException {
    try (DiskLock lock = directory.lock("lock")) {
      assertThat(lock.isIntact()).isTrue();
      assertThatThrownBy(() -> directory.lock("lock"))
          .isInstanceOf(LockHeldException.class)
          .hasMessageContaining("this process, " + ProcessHandle.current().pid());
    }

    directory.lock("lock").close();
  }

  @Test
  void lock_throughSymlinkedPath_isRefused() throws IOException {
    Path alias = Files.createSymbolicLink(temporary.resolve("alias"), path);

    try (DiskLock lock = directory.lock("lock");
        DiskDirectory aliased = disk.openDirectory(alias)) {
      assertThatThrownBy(() -> aliased.lock("lock")).isInstanceOf(LockHeldException.class);
      assertThat(lock.isIntact()).isTrue();
    }
  }

  @Test
  void lock_closedTwice_doesNotReleaseAnother() throws IOException {
    DiskLock first = directory.lock("lock");
    first.close();
    try (DiskLock second = directory.lock("lock")) {
      first.close();

      assertThatThrownBy(() -> directory.lock("lock")).isInstanceOf(LockHeldException.class);
      assertThat(first.isIntact()).isFalse();
      assertThat(second.isIntact()).isTrue();
    }
  }

  @Test
  void lock_fileDeletedOrReplaced_isNotIntact() throws IOException {
    try (DiskLock lock = directory.lock("lock")) {
      Files.delete(path.resolve("lock"));
      assertThat(lock.isIntact()).isFalse();

      Files.writeString(path.resolve("lock"), "");
      assertThat(lock.isIntact()).isFalse();
    }
  }

  @Test
  void lock_failed_leavesNoClaim() throws IOException {
    Files.createDirectory(path.resolve("lock"));
    assertThatThrownBy(() -> directory.lock("lock")).isInstanceOf(FileSystemException.class);
    Files.delete(path.resolve("lock"));

    directory.lock("lock").close();
  }

  @Test
  void lock_file_namesTheProcess() throws IOException {
    try (DiskLock lock = directory.lock("lock")) {
      assertThat(lock.isIntact()).isTrue();
      assertThat(Files.readString(path.resolve("lock"), StandardCharsets.US_ASCII))
          .isEqualTo(ProcessHandle.current().pid() + "\n");
    }
  }

  // Helpers.

  private DiskFile fileOf(int bytes) throws IOException {
    WritePlan plan = disk.newPlan();
    plan.span(filled(bytes, bytes), 0, bytes);
    DiskFile file = directory.create("a");
    file.write(0, plan, Durability.NONE);
    return file;
  }

  private Memory filled(int bytes, long seed) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    Memory memory = disk.allocate(bytes);
    memory.bytes().put(0, content);
    return memory;
  }

  private static byte[] filledWith(int value, int bytes) {
    byte[] content = new byte[bytes];
    Arrays.fill(content, (byte) value);
    return content;
  }

  private static byte[] bytes(Memory memory, int from, int length) {
    byte[] content = new byte[length];
    ByteBuffer view = memory.bytes();
    view.get(from, content);
    return content;
  }

  private static void makeFifo(Path file) throws Exception {
    int status = new ProcessBuilder("mkfifo", file.toString()).inheritIO().start().waitFor();
    assertThat(status).isZero();
  }
}
