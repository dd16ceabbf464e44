package dev.walnut.testkit;

import dev.walnut.IndexOrder;
import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.WalEntry;
import dev.walnut.WalReader;
import dev.walnut.testkit.History.Content;
import dev.walnut.testkit.Mix.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One seed: a log on a simulated disk, several lives of it, each ended by a kill, a power cut, a
 * failed sync or a clean closing, at any moment, opening included; and after each opening a look
 * whether it holds what it may hold.
 */
final class Simulation {
  static final Path DIR = Path.of("/data/log");
  static final String PREFIX = "segment_";
  private static final int OPENINGS_MAX = 24;

  /** What a seed is about, beside crashes. */
  enum Theme {
    CRASHES,
    ROT,
    LIES
  }

  private final SplittableRandom random;
  final SimulatedDisk disk;
  private final Mix mix;
  private final History history = new History();
  private final Theme theme;
  final Watcher watcher;
  private final WalConfig.Builder settings;
  private boolean retains;
  private boolean lostPower;

  /** How the last life ended; null before the first. */
  private Place crashedIn;

  private boolean bytesInFlight;

  Simulation(long seed, Mix mix, Theme theme) {
    this.random = new SplittableRandom(seed);
    this.disk = SimulatedDisk.stepped(random.nextLong());
    this.mix = mix;
    this.theme = theme;
    this.watcher = new Watcher(disk);
    this.settings = settings();
    disk.storage().observe(watcher);
    if (theme == Theme.LIES) {
      disk.lieAboutSyncs(true);
      history.keepLineage();
    }
  }

  private WalConfig.Builder settings() {
    WalConfig.Builder small =
        WalConfig.forDatabase(DIR)
            .prefix(PREFIX)
            .segmentThreshold(random.nextInt(4) == 0 ? 0 : 2 + random.nextInt(5))
            .segmentBytes(random.nextInt(3) == 0 ? 8 * 1024 : 16 * 1024)
            .maxBatchBytes(4096)
            .maxEntryBytes(16 * 1024)
            .maxOpenSegments(1 + random.nextInt(4))
            .indexOrder(random.nextInt(2) == 0 ? IndexOrder.SEQUENTIAL : IndexOrder.UNIQUE);
    retains = theme != Theme.LIES && random.nextInt(3) == 0;
    return retains ? small.maxSegments(1 + random.nextInt(4)) : small;
  }

  private WalConfig config() {
    int mode = random.nextInt(20);
    settings.syncMode(
        mode < 6
            ? SyncMode.NONE
            : mode < 9 ? SyncMode.INTERVAL : mode < 18 ? SyncMode.BATCH : SyncMode.EVERY_WRITE);
    settings.syncInterval(Duration.ofSeconds(1));
    disk.reserveSpace(random.nextBoolean());
    return settings.build();
  }

  /** Runs it; throws an AssertionError that tells what is wrong. */
  void run() throws IOException {
    int lives = 1 + random.nextInt(5);
    for (int opening = 0; opening < OPENINGS_MAX && lives > 0; opening++) {
      if (theme == Theme.ROT && crashedIn != null && random.nextInt(3) == 0) {
        new RotCheck(disk, config(), random, mix).run();
        return;
      }
      Wal wal = open();
      if (wal != null) {
        lives--;
        live(wal);
      }
    }
  }

  /** A number that is the same for the same calls. */
  long trace() {
    return watcher.trace();
  }

  // ---- opening

  /** Opens the log and checks what it holds; null if the machine stopped, or a sync failed. */
  private Wal open() throws IOException {
    boolean calm = random.nextInt(4) > 0;
    watcher.begin(Place.RECOVERY);
    if (!calm) {
      disk.stopAfter(1 + random.nextInt(16));
    } else if (random.nextInt(12) == 0) {
      disk.failSync(1 + random.nextInt(5));
    }
    if (random.nextInt(8) == 0 && crashedIn != null) {
      checkReadOnly();
    }
    Wal wal;
    try {
      wal = disk.open(config());
    } catch (IOException e) {
      if (theme == Theme.LIES && e instanceof dev.walnut.exception.CorruptLogException) {
        mix.count("a lie found out");
        throw new LieFoundOut();
      }
      if (!disk.isStopped() && !disk.storage().syncFailed()) {
        throw new AssertionError("refused: " + e, e);
      }
      countState();
      crash();
      return null;
    }
    if (!disk.isStopped()) {
      disk.storage().stopAt(Storage.NEVER);
    }
    check(wal);
    return wal;
  }

  /** A disk that lies may lose what is vouched for; that is told, and no more can be expected. */
  static final class LieFoundOut extends RuntimeException {
    private static final long serialVersionUID = 1;

    LieFoundOut() {
      super(null, null, false, false);
    }
  }

  private void check(Wal wal) throws IOException {
    countState();
    Content found = Content.read(wal);
    history.found(found, lostPower, retains);
    checkReads(wal, found);
    lostPower = false;
  }

  private void checkReads(Wal wal, Content found) throws IOException {
    for (long index : found.cells.keySet()) {
      Optional<WalEntry> entry = wal.get(index);
      if (entry.isEmpty() || !wal.contains(index)) {
        throw new AssertionError("iterated and not got: " + index);
      }
    }
    if (wal.contains(found.last + 1) || wal.get(found.last + 1).isPresent()) {
      throw new AssertionError("contains last + 1: " + found.last);
    }
  }

  /** Who only looks sees what an opening will find, and changes nothing. */
  private void checkReadOnly() throws IOException {
    SimulatedDisk copy = disk.copy(1);
    Content shown;
    try (WalReader reader = copy.openReadOnly(DIR, PREFIX)) {
      shown = Content.read(reader);
    } catch (java.nio.file.NoSuchFileException e) {
      return; // not even the directory is there
    } catch (IOException e) {
      if (theme == Theme.LIES) {
        return;
      }
      throw new AssertionError("refused to be read: " + e, e);
    }
    try (Wal wal = copy.open(config())) {
      Content found = Content.read(wal);
      if (!found.isSame(shown)) {
        throw new AssertionError("shown read-only: " + shown + ", opened: " + found);
      }
    } catch (IOException e) {
      throw new AssertionError("refused, but for reading: " + e, e);
    }
    mix.count("read-only looks");
  }

  private void countState() {
    if (crashedIn != null) {
      mix.state(crashedIn, bytesInFlight);
      crashedIn = null;
    }
  }

  // ---- living and dying

  private void live(Wal wal) throws IOException {
    new Workload(wal, disk, random, history, watcher, mix, retains).run();
    crash();
  }

  private void crash() {
    crashedIn = watcher.place();
    bytesInFlight = history.attempted() > history.acknowledged() && disk.storage().isUnsynced();
    boolean syncFailed = disk.storage().syncFailed();
    watcher.note("-- ends in " + crashedIn + ", attempted " + history.attempted());
    if (random.nextInt(10) < 6) {
      disk.crash(random.nextLong());
      watcher.note("-- power cut");
      lostPower = true;
      mix.count("power cuts");
    } else if (syncFailed && random.nextBoolean()) {
      disk.killAndDropCache();
      lostPower = true;
      mix.count("kills behind a failed sync, cache dropped");
    } else {
      disk.kill();
      mix.count(syncFailed ? "kills behind a failed sync" : "kills");
    }
  }
}
