package dev.walnut.testkit;

import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.WalReader;
import dev.walnut.internal.segment.StoreEnvironment;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * A disk in memory for tests of what is built on Walnut: logs opened on it are real ones, and it
 * can be made to forget, fail and lie as real disks do, the same way again for the same seed.
 *
 * <p><b>What it does.</b> Bytes are volatile until they are synced, in sectors of 512 bytes; names
 * are, until their directory is synced; the size of a file is apart from its bytes. {@link #crash}
 * cuts the power: of all that was not synced some survives, by a seed, whole or torn, and old
 * blocks may show where a file had grown. {@link #kill} ends the process alone, and loses nothing
 * that was written. Logs that were open are dead from then on: their disk is gone, every write
 * fails, and they need not be closed. The next {@link #open} recovers.
 *
 * <pre>{@code
 * SimulatedDisk disk = new SimulatedDisk(seed);
 * Wal wal = disk.open(config);
 * long index = wal.append(value); // durable when it returns
 * disk.stopAfter(20);             // let the machine stop some time later
 * ...
 * disk.crash(seed);
 * wal = disk.open(config);        // has the entry
 * }</pre>
 *
 * <p><b>Paths</b> are names in the simulated disk; nothing is looked up or written on a real one.
 *
 * <p><b>Threads.</b> A log opened here has its usual threads, and then what a seed does depends on
 * when they run. On a disk made {@link #stepped} it has none: what they would do is done by {@link
 * #runBackground}, on the calling thread, and time stands still but for {@link #passTime}. Then one
 * thread and one seed give the same calls in the same order, always. Blocking calls work as ever; a
 * future is completed while background work is run.
 *
 * <p>Safe for use by several threads. Memory is that of the files, a few times.
 */
public final class SimulatedDisk {
  private final Storage storage;
  private final MemoryPool memory;
  private final boolean stepped;
  private final RandomGenerator random;
  private final List<Wal> open = new ArrayList<>();
  private final List<BooleanSupplier> steppers = new ArrayList<>();
  private long nanos = 1;
  private long wallClockMillis = 1_700_000_000_000L;

  /**
   * Makes an empty disk whose logs have their usual threads.
   *
   * @param seed of what the disk decides by chance, and of the identities of its logs
   */
  public SimulatedDisk(long seed) {
    this(new Storage(seed), seed, /* stepped= */ false);
  }

  private SimulatedDisk(Storage storage, long seed, boolean stepped) {
    this.storage = storage;
    this.memory = new MemoryPool(stepped);
    this.stepped = stepped;
    this.random = new SplittableRandom(~seed);
  }

  /** Makes an empty disk whose logs have no threads of their own; see above. */
  public static SimulatedDisk stepped(long seed) {
    return new SimulatedDisk(new Storage(seed), seed, /* stepped= */ true);
  }

  /** Makes a disk with the same content, synced or not, which goes its own way; no log is open. */
  public synchronized SimulatedDisk copy(long seed) {
    return new SimulatedDisk(storage.copy(seed), seed, stepped);
  }

  // ---- logs

  /**
   * Opens a log, or creates it, as {@link Wal#open(WalConfig)} does. The back end of the
   * configuration is not asked for.
   *
   * @throws IOException what {@code Wal.open} throws, and if the machine has stopped
   */
  public synchronized Wal open(WalConfig config) throws IOException {
    List<BooleanSupplier> begun = new ArrayList<>();
    Wal wal =
        stepped
            ? Bridge.openStepped(
                config, environment(), () -> nanos, () -> nanos += 1000, begun::add)
            : Bridge.open(config, environment());
    open.add(wal);
    steppers.addAll(begun);
    return wal;
  }

  /** Opens a log for reading, as {@link Wal#openReadOnly} does, beside a writer too. */
  public synchronized WalReader openReadOnly(Path dir, String prefix) throws IOException {
    return Bridge.openReadOnly(dir, prefix, environment());
  }

  StoreEnvironment environment() {
    return new StoreEnvironment(
        new Life(storage, memory), "a simulated disk", random::nextLong, () -> wallClockMillis);
  }

  Storage storage() {
    return storage;
  }

  // ---- background work and time

  /**
   * On a stepped disk, does what the threads of the open logs would do by now, until nothing is
   * left.
   */
  public synchronized void runBackground() {
    requireStepped();
    boolean worked = true;
    while (worked) {
      worked = false;
      for (BooleanSupplier stepper : List.copyOf(steppers)) {
        worked |= stepper.getAsBoolean();
      }
    }
  }

  /** On a stepped disk, lets time pass, for the logs and for retention by age. */
  public synchronized void passTime(Duration time) {
    requireStepped();
    nanos += time.toNanos();
    wallClockMillis += time.toMillis();
  }

  /** Does one piece of background work, of whichever worker. */
  synchronized void stepBackground(RandomGenerator chance) {
    requireStepped();
    boolean unused =
        !steppers.isEmpty() && steppers.get(chance.nextInt(steppers.size())).getAsBoolean();
  }

  /** What there is to be stepped. */
  synchronized List<BooleanSupplier> background() {
    return List.copyOf(steppers);
  }

  private void requireStepped() {
    if (!stepped) {
      throw new IllegalStateException("the logs of this disk have threads of their own");
    }
  }

  // ---- endings

  /**
   * Cuts the power. Everything that was synced survives; of everything else, bytes, sizes and
   * names, some does. Logs that were open are dead.
   *
   * @param seed decides what survives
   */
  public void crash(long seed) {
    crash(new PowerCut(seed));
  }

  synchronized void crash(PowerCut cut) {
    storage.cutPower(cut);
    bury();
  }

  /**
   * Ends the process that has the logs open. The system has what was written, and loses nothing of
   * it. Logs that were open are dead.
   */
  public synchronized void kill() {
    storage.endLife(/* dropClean= */ false);
    bury();
  }

  /**
   * As {@link #kill}, and the system needs the memory of its cache: where a sync has failed before,
   * bytes that were read back until now are gone.
   */
  public synchronized void killAndDropCache() {
    storage.endLife(/* dropClean= */ true);
    bury();
  }

  /** Those that were open have no disk any more; their threads end. */
  private void bury() {
    steppers.clear();
    if (stepped) {
      memory.reclaim();
    } else {
      open.forEach(SimulatedDisk::end);
    }
    open.clear();
  }

  private static void end(Wal dead) {
    try {
      dead.close();
    } catch (IOException e) {
      // It cannot close cleanly without a disk; all that matters is that its threads end.
    }
  }

  // ---- faults

  /**
   * Has the machine stop at a later call that changes something on the disk: a write, of which only
   * the first bytes may be written, a sync, which then does not happen, and so on. From then on
   * every call fails, until {@link #crash} or {@link #kill} says how the machine stopped.
   *
   * @param calls the number of the call, counted from 1
   */
  public synchronized void stopAfter(long calls) {
    requirePositive(calls);
    storage.stopAt(calls);
  }

  /** Whether the machine has stopped, and neither {@link #crash} nor {@link #kill} was called. */
  public boolean isStopped() {
    return storage.isStopped();
  }

  /** How many calls have changed something so far. */
  public long calls() {
    return storage.calls();
  }

  /**
   * Has a later sync fail, once. Some of what it was to make durable is, the rest is not; the
   * system shows all of it nevertheless, and says of later syncs that they succeeded.
   *
   * @param syncs the number of the sync, counted from 1, of files and directories alike
   */
  public synchronized void failSync(long syncs) {
    requirePositive(syncs);
    storage.failSync(syncs);
  }

  /**
   * Has every sync from now on do nothing and report success, or be honest again. No log can keep
   * its promises on a disk that lies; one that opens is still a log that was once there.
   */
  public void lieAboutSyncs(boolean lie) {
    storage.lieAboutSyncs(lie);
  }

  /** Whether space can be reserved, as on most native file systems; true at first. */
  public void reserveSpace(boolean really) {
    storage.reserveSpace(really);
  }

  /**
   * Flips bits of a file for good.
   *
   * @param file a file in this disk, a segment for instance
   * @param offset below its size
   * @param mask the bits
   * @throws NoSuchFileException if there is no such file
   */
  public void rot(Path file, int offset, int mask) throws IOException {
    synchronized (storage) {
      file(file).rot(offset, mask);
    }
  }

  // ---- looking

  /** The names of the files in a directory, sorted; empty if there is none. */
  public List<String> files(Path dir) {
    synchronized (storage) {
      if (storage.find(dir) instanceof StoredDirectory directory) {
        return directory.names().entrySet().stream()
            .filter(entry -> entry.getValue() instanceof StoredFile)
            .map(Map.Entry::getKey)
            .toList();
      }
      return List.of();
    }
  }

  /** A copy of a file's bytes, as they are read now. */
  public byte[] bytes(Path file) throws IOException {
    synchronized (storage) {
      return file(file).bytes();
    }
  }

  private StoredFile file(Path file) throws IOException {
    if (storage.find(file) instanceof StoredFile found) {
      return found;
    }
    throw new NoSuchFileException(file.toString());
  }

  private static void requirePositive(long number) {
    if (number < 1) {
      throw new IllegalArgumentException("counted from 1: " + number);
    }
  }
}
