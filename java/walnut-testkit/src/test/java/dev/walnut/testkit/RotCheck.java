package dev.walnut.testkit;

import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.WalEntry;
import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.segment.InspectionListener;
import dev.walnut.internal.segment.SegmentInspector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Spoils a byte of a log that a crash has left, and opens it: what was vouched for is there or
 * refused, and nothing wrong is shown.
 */
final class RotCheck {
  private final SimulatedDisk disk;
  private final WalConfig config;
  private final SplittableRandom random;
  private final Mix mix;

  RotCheck(SimulatedDisk disk, WalConfig config, SplittableRandom random, Mix mix) {
    this.disk = disk;
    this.config = config;
    this.random = random;
    this.mix = mix;
  }

  void run() throws IOException {
    TreeMap<Long, WalEntry> before = new TreeMap<>();
    long lastBefore;
    try (Wal wal = disk.copy(2).open(config)) {
      wal.forEach(entry -> before.put(entry.index(), entry));
      lastBefore = wal.recoveryReport().lastSequence();
    } catch (IOException e) {
      throw new AssertionError("refused: " + e, e);
    }
    String spoiled = spoil();
    if (spoiled.isEmpty()) {
      return;
    }
    long vouched = vouched();
    try (Wal wal = disk.open(config)) {
      check(wal, before, lastBefore, vouched, spoiled);
    } catch (CorruptLogException e) {
      requireTells(e);
      mix.count("rot refused at opening");
    } catch (IOException e) {
      throw new AssertionError("rot in " + spoiled + " met with: " + e, e);
    }
  }

  private static void requireTells(CorruptLogException e) {
    if (!String.valueOf(e.getMessage()).contains("segment_")) {
      throw new AssertionError("names no file: " + e, e);
    }
  }

  /** Flips bits of a byte that is not zero, if there is one; returns where. */
  private String spoil() throws IOException {
    List<String> files = new ArrayList<>(disk.files(Simulation.DIR));
    files.removeIf(name -> !name.matches("segment_\\d+"));
    for (int tries = 0; tries < 20 && !files.isEmpty(); tries++) {
      Path file = Simulation.DIR.resolve(files.get(random.nextInt(files.size())));
      byte[] bytes = disk.bytes(file);
      int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
      if (bytes.length > 0 && (bytes[at] != 0 || random.nextInt(8) == 0)) {
        disk.rot(file, at, 1 << random.nextInt(8));
        return file.getFileName() + " at offset " + at;
      }
    }
    return "";
  }

  /** The largest sequence that anything authentic still says was durable. */
  private long vouched() throws IOException {
    Vouched listener = new Vouched();
    SimulatedDisk copy = disk.copy(3);
    SegmentInspector.inspect(copy.environment(), Simulation.DIR, Simulation.PREFIX, listener);
    return listener.through;
  }

  private static final class Vouched implements InspectionListener {
    private long through;

    @Override
    public void begin(int segments, long fileBytes) {}

    @Override
    public void segment(SegmentFacts segment) {
      if (segment.header() == Check.OK) {
        through = Math.max(through, segment.durableThrough());
      }
    }

    @Override
    public void batch(BatchFacts batch) {
      if (batch.check() == Check.OK) {
        through = Math.max(through, batch.durableThrough());
      }
    }

    @Override
    public void record(RecordFacts record) {}

    @Override
    public void finding(FindingFacts finding) {}
  }

  private void check(
      Wal wal, TreeMap<Long, WalEntry> before, long lastBefore, long vouched, String spoiled)
      throws IOException {
    long last = wal.recoveryReport().lastSequence();
    if (last < lastBefore) {
      if (last < vouched) {
        throw new AssertionError(
            "silent loss by rot in "
                + spoiled
                + ": sequence "
                + vouched
                + " was vouched for, recovered was "
                + last);
      }
      mix.count("rot above every durable mark, cut");
      return;
    }
    boolean found = false;
    for (Map.Entry<Long, WalEntry> entry : before.entrySet()) {
      found |= !isRead(wal, entry.getKey(), entry.getValue(), spoiled);
    }
    requireNothingElse(wal, before, spoiled);
    mix.count(found ? "rot found when read" : "rot without effect");
  }

  private static boolean isRead(Wal wal, long index, WalEntry expected, String spoiled)
      throws IOException {
    try {
      WalEntry entry = wal.get(index).orElse(null);
      if (entry == null
          || !entry.key().equals(expected.key())
          || entry.isTombstone() != expected.isTombstone()
          || !Arrays.equals(entry.value(), expected.value())) {
        throw new AssertionError(
            "rot in " + spoiled + " changed entry " + index + ": " + expected + " to " + entry);
      }
      return true;
    } catch (CorruptLogException e) {
      requireTells(e);
      return false;
    }
  }

  private static void requireNothingElse(Wal wal, TreeMap<Long, WalEntry> before, String spoiled) {
    try {
      for (WalEntry entry : wal) {
        if (!before.containsKey(entry.index())) {
          throw new AssertionError("rot in " + spoiled + " invented " + entry);
        }
      }
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof CorruptLogException)) {
        throw new AssertionError("rot in " + spoiled + " met with: " + e, e);
      }
    }
  }
}
