package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The committed logs of format 1: this version writes them byte for byte, and reads them.
 *
 * <p>A golden file changes only with the number of the format's version, in the same commit as
 * {@code docs/FORMAT.md}. To write them anew, run this class with {@code
 * -Dwalnut.golden.write=true}.
 */
class GoldenFilesTest {
  private static final int FILE_BYTES_MAX = 8 * 1024;

  @TempDir Path base;

  private static Map<String, byte[]> segments(Path dir) throws IOException {
    Map<String, byte[]> segments = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.filter(f -> !f.endsWith("segment_lock")).toList()) {
        segments.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return segments;
  }

  private static List<Disk> disks() throws IOException {
    return List.of(Disks.java(), NativeBody.required());
  }

  private Path copyOf(GoldenLog golden, String name) throws IOException {
    Path copy = base.resolve(name);
    StoreFixture.copy(golden.committed(), copy);
    return copy;
  }

  private static void assertShows(EntrySource store, GoldenLog golden) throws IOException {
    assertThat(StoreFixture.read(store).values()).containsExactlyElementsOf(golden.entries);
    assertThat(store.firstIndex()).isEqualTo(golden.firstIndex);
    assertThat(store.lastIndex()).isEqualTo(golden.lastIndex);
    assertThat(store.size()).isEqualTo(golden.entries.size());
    for (String line : golden.entries) {
      long index = Long.parseLong(line.substring(0, line.indexOf('|')));
      assertThat(StoreFixture.line(store.get(index))).isEqualTo(line);
    }
    assertThat(store.get(golden.lastIndex + 1)).isNull();
  }

  private void assertWrittenAgain(GoldenLog golden, Disk disk) throws IOException {
    Path dir = base.resolve("again by " + disk.name());
    golden.write(disk, dir);

    Map<String, byte[]> committed = segments(golden.committed());
    Map<String, byte[]> again = segments(dir);
    assertThat(again.keySet()).isEqualTo(committed.keySet());
    again.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(committed.get(name)));
  }

  private static void rewrite(GoldenLog golden, Path dir) throws IOException {
    golden.write(Disks.java(), dir);
    Path target = Files.createDirectories(golden.committed());
    try (Stream<Path> old = Files.list(target)) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
    for (Map.Entry<String, byte[]> file : segments(dir).entrySet()) {
      Files.write(target.resolve(file.getKey()), file.getValue());
    }
  }

  @ParameterizedTest
  @EnumSource(GoldenLog.class)
  void golden_writtenAgain_hasTheSameBytes(GoldenLog golden) throws IOException {
    if (Boolean.getBoolean("walnut.golden.write")) {
      rewrite(golden, base.resolve("new"));
      fail("golden files were written: run again without -Dwalnut.golden.write");
    }

    assertWrittenAgain(golden, Disks.java());
  }

  @ParameterizedTest
  @EnumSource(GoldenLog.class)
  void golden_writtenAgainByNative_hasTheSameBytes(GoldenLog golden) throws IOException {
    assertWrittenAgain(golden, NativeBody.required());
  }

  @ParameterizedTest
  @EnumSource(GoldenLog.class)
  void golden_files_areSmall(GoldenLog golden) throws IOException {
    assertThat(segments(golden.committed()).values())
        .isNotEmpty()
        .allMatch(bytes -> bytes.length <= FILE_BYTES_MAX);
  }

  @ParameterizedTest
  @EnumSource(GoldenLog.class)
  void golden_openedReadOnly_showsItsEntries(GoldenLog golden) throws IOException {
    for (Disk disk : disks()) {
      Path copy = copyOf(golden, "read by " + disk.name());
      Map<String, String> before = FileDigest.of(copy);

      try (ReadOnlyStore store =
          ReadOnlyStore.open(StoreFixture.environment(disk, 1), copy, "segment_")) {
        assertShows(store, golden);
      }

      assertThat(FileDigest.of(copy)).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @EnumSource(GoldenLog.class)
  void golden_openedForWriting_showsItsEntriesAndGoesOn(GoldenLog golden) throws IOException {
    for (Disk disk : disks()) {
      Path copy = copyOf(golden, "written by " + disk.name());

      try (SegmentStore store = GoldenLog.open(disk, copy)) {
        assertShows(store, golden);
        assertThat(store.recovery().cutBytes()).isZero();
        assertThat(store.recovery().keptAside()).isEmpty();
        StoreFixture.add(store, golden.lastIndex + 1, "more", new byte[1]);
        store.commit(true);
        store.rotate();
        StoreFixture.runChores(store);
        store.finish();
      }

      try (SegmentStore store = GoldenLog.open(disk, copy)) {
        assertThat(store.lastIndex()).isEqualTo(golden.lastIndex + 1);
        assertThat(StoreFixture.read(store).headMap(golden.lastIndex, true).values())
            .containsExactlyElementsOf(golden.entries);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(GoldenLog.class)
  void golden_lowWater_isTheOldestSegmentKept(GoldenLog golden) throws IOException {
    Structures structures = Structures.of(golden.committed());

    assertThat(structures.findings).isEmpty();
    assertThat(structures.newestLowWater).isEqualTo(golden.lowWater);
    assertThat(golden.committed().resolve("segment_" + golden.lowWater)).exists();
  }

  @Test
  void golden_files_holdEveryStructure() throws IOException {
    Set<String> seen = new TreeSet<>();

    for (GoldenLog golden : GoldenLog.values()) {
      seen.addAll(Structures.of(golden.committed()).seen);
    }

    assertThat(seen).containsExactlyInAnyOrderElementsOf(Structures.ALL);
  }
}
