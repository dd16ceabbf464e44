package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the contracts of a log on real files share; subclasses say which body is below. */
abstract class LogContract {
  @TempDir Path base;

  abstract Backend backend();

  /** Native tests are skipped where it is not built, unless it is required. */
  @BeforeEach
  void requireBackend() throws IOException {
    if (backend() == Backend.NATIVE) {
      assertThat(NativeBody.required().name()).isEqualTo("native");
    }
  }

  final Path dir() {
    return base.resolve("log");
  }

  /** GoWAL's rule: any free index; small segments, all kept. */
  final WalConfig.Builder unique() {
    return unique(dir());
  }

  final WalConfig.Builder unique(Path dir) {
    return WalConfig.builder(dir).backend(backend()).maxSegments(0).segmentThreshold(10);
  }

  final WalConfig.Builder database() {
    return database(dir());
  }

  final WalConfig.Builder database(Path dir) {
    return WalConfig.forDatabase(dir).backend(backend());
  }

  final Wal open(WalConfig.Builder config) throws IOException {
    Wal wal = Wal.open(config.build());
    assertThat(wal.stats().backend()).isEqualTo(backend() == Backend.NATIVE ? "native" : "java");
    return wal;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static void appendUpTo(Wal wal, long last, String value) throws IOException {
    while (wal.lastIndex() < last) {
      wal.append("k", bytes(value));
    }
  }

  static String text(WalEntry entry) {
    return new String(entry.value(), StandardCharsets.UTF_8);
  }

  static List<Long> indexes(WalReader wal) {
    List<Long> indexes = new ArrayList<>();
    for (WalEntry entry : wal) {
      indexes.add(entry.index());
    }
    return indexes;
  }

  final List<String> segmentNames() throws IOException {
    return segmentNames(dir());
  }

  static List<String> segmentNames(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.matches("segment_\\d+"))
          .sorted()
          .toList();
    }
  }

  /** What a killed process leaves behind: a copy of every file as it is now. */
  final Path copyWhileOpen(String name) throws IOException {
    return copyWhileOpen(dir(), base.resolve(name));
  }

  static Path copyWhileOpen(Path source, Path target) throws IOException {
    Files.createDirectory(target);
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName().toString()));
      }
    }
    return target;
  }

  /** Every file's name and what is in it. */
  static TreeMap<String, String> digests(Path dir) throws IOException {
    TreeMap<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        digests.put(file.getFileName().toString(), digest(file));
      }
    }
    return digests;
  }

  private static String digest(Path file) throws IOException {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      try (DigestInputStream content = new DigestInputStream(Files.newInputStream(file), sha256)) {
        content.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has it", e);
    }
  }

  /** The types of the records of each segment's file, as they lie there. */
  static TreeMap<String, List<RecordInfo.Type>> recordTypes(Path dir) throws IOException {
    TreeMap<String, List<RecordInfo.Type>> types = new TreeMap<>();
    Wal.inspect(
        dir,
        "segment_",
        new WalInspector() {
          @Override
          public void segment(SegmentInfo segment) {
            types.put(segment.file().getFileName().toString(), new ArrayList<>());
          }

          @Override
          public void record(RecordInfo record) {
            assertThat(record.check()).isEqualTo(CheckResult.OK);
            types.get(record.file().getFileName().toString()).add(record.type());
          }

          @Override
          public void finding(Finding finding) {
            throw new AssertionError(finding.toString());
          }
        });
    return types;
  }
}
