package dev.walnut.testkit;

import dev.walnut.internal.platform.LockHeldException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The medium and the system's cache above it, for one life of the machine after the other. One
 * monitor guards all of it: this.
 */
final class Storage {
  static final long NEVER = Long.MAX_VALUE;

  /** Is told of every call that changes something, before it is made; may not call back. */
  interface Observer {
    void called(DiskCall call, Path path, long offset, long length);
  }

  private final StoredDirectory root;
  private Blocks blocks = new Blocks();
  private final RandomGenerator random;
  private final IdentityHashMap<StoredFile, Object> locks = new IdentityHashMap<>();
  private Object life = new Object();
  private boolean stopped;
  private long calls;
  private long callsLeft = NEVER;
  private long syncsLeft = NEVER;
  private boolean lies;
  private boolean reserves = true;
  private boolean syncFailed;
  private Observer observer = (call, path, offset, length) -> {};

  Storage(long seed) {
    this(new StoredDirectory(), new SplittableRandom(seed));
  }

  private Storage(StoredDirectory root, RandomGenerator random) {
    this.root = root;
    this.random = random;
  }

  synchronized void observe(Observer newObserver) {
    observer = newObserver;
  }

  // ---- what is to go wrong

  /** Has the machine stop at the given call that changes something, counted from 1. */
  synchronized void stopAt(long call) {
    callsLeft = call;
  }

  synchronized void failSync(long call) {
    syncsLeft = call;
  }

  synchronized void lieAboutSyncs(boolean lie) {
    lies = lie;
  }

  synchronized void reserveSpace(boolean really) {
    reserves = really;
  }

  synchronized boolean reservesSpace() {
    return reserves;
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  /** Whether a sync has failed since the power was last cut: the cache may show what is lost. */
  synchronized boolean syncFailed() {
    return syncFailed;
  }

  synchronized long calls() {
    return calls;
  }

  // ---- lives

  /** What a disk's handles show to be of this life. */
  synchronized Object life() {
    return life;
  }

  synchronized void check(Object ofLife, String operation) throws IOException {
    if (stopped || ofLife != life) {
      throw stopped(operation);
    }
  }

  private static FileSystemException stopped(String operation) {
    return new FileSystemException(null, null, operation + ": the machine has stopped");
  }

  /** Called before anything is changed; throws if the machine stops before the call is made. */
  void step(Object ofLife, DiskCall call, Path path, long offset, long length, String operation)
      throws IOException {
    if (stepsInto(ofLife, call, path, offset, length, operation)) {
      throw stopped(operation);
    }
  }

  /** As {@link #step}; returns whether the machine stops in the middle of this call. */
  private boolean stepsInto(
      Object ofLife, DiskCall call, Path path, long offset, long length, String operation)
      throws IOException {
    check(ofLife, operation);
    observer.called(call, path, offset, length);
    calls++;
    if (callsLeft != NEVER && --callsLeft <= 0) {
      stopped = true;
    }
    return stopped;
  }

  /** Writes; if the machine stops at this call, some first bytes, and all of them at times. */
  synchronized void write(Object ofLife, StoredFile file, Path path, long offset, byte[] bytes)
      throws IOException {
    String operation = "write " + path + " at offset " + offset + ", " + bytes.length + " bytes";
    boolean stops = stepsInto(ofLife, DiskCall.WRITE, path, offset, bytes.length, operation);
    int length = bytes.length;
    if (stops && random.nextInt(4) > 0) {
      length = random.nextInt(length + 1);
    }
    file.write(Math.toIntExact(offset), bytes, length);
    if (stops) {
      throw stopped(operation);
    }
  }

  synchronized void sync(Object ofLife, StoredFile file, Path path) throws IOException {
    String operation = "sync " + path;
    step(ofLife, DiskCall.SYNC, path, 0, 0, operation);
    if (failsNow()) {
      file.failSync(random);
      throw new FileSystemException(null, null, operation + ": Input/output error");
    }
    if (!lies) {
      file.sync();
    }
  }

  synchronized void syncRange(Object ofLife, StoredFile file, Path path, long from, long to)
      throws IOException {
    String operation = "sync " + path;
    step(ofLife, DiskCall.SYNC, path, from, to - from, operation);
    if (failsNow()) {
      file.failSync(random);
      throw new FileSystemException(null, null, operation + ": Input/output error");
    }
    if (!lies) {
      file.syncRange((int) from, (int) to);
    }
  }

  synchronized void sync(Object ofLife, StoredDirectory directory, Path path) throws IOException {
    String operation = "sync directory " + path;
    step(ofLife, DiskCall.SYNC_DIRECTORY, path, 0, 0, operation);
    if (failsNow()) {
      throw new FileSystemException(null, null, operation + ": Input/output error");
    }
    if (!lies) {
      directory.sync(blocks);
    }
  }

  private boolean failsNow() {
    if (syncsLeft == NEVER || --syncsLeft > 0) {
      return false;
    }
    syncsLeft = NEVER;
    syncFailed = true;
    return true;
  }

  // ---- locks

  synchronized void lock(StoredFile file, Object holder, Path path) throws IOException {
    if (locks.putIfAbsent(file, holder) != null) {
      throw new LockHeldException(path.toString(), "held by another opener of the simulated disk");
    }
  }

  synchronized void unlock(StoredFile file, Object holder) {
    locks.remove(file, holder);
  }

  synchronized boolean holds(StoredFile file, Object holder) {
    return locks.get(file) == holder;
  }

  // ---- paths

  /** The node at a path; null if there is none. */
  synchronized @Nullable Node find(Path path) {
    Node node = root;
    for (Path name : path.toAbsolutePath().normalize()) {
      node = node instanceof StoredDirectory directory ? directory.get(name.toString()) : null;
    }
    return node;
  }

  synchronized StoredDirectory directory(Path path, String operation) throws IOException {
    Node node = find(path);
    if (node instanceof StoredDirectory directory) {
      return directory;
    }
    if (node != null) {
      throw new NotDirectoryException(operation + ": Not a directory");
    }
    throw new NoSuchFileException(null, null, operation + ": No such file or directory");
  }

  // ---- endings

  /** The process ends: what is in the cache stays, but what a failed sync left may be dropped. */
  synchronized void endLife(boolean dropClean) {
    life = new Object();
    locks.clear();
    stopped = false;
    callsLeft = NEVER;
    syncsLeft = NEVER;
    if (dropClean) {
      root.files().forEach(StoredFile::dropClean);
    }
  }

  /** The power is cut. */
  synchronized void cutPower(PowerCut cut) {
    endLife(false);
    root.cutNames(cut, blocks);
    root.files().forEach(file -> file.cutPower(cut, blocks));
    syncFailed = false;
  }

  /** Whether a power cut could take anything away. */
  synchronized boolean isUnsynced() {
    return isUnsynced(root) || root.files().stream().anyMatch(StoredFile::isUnsynced);
  }

  private static boolean isUnsynced(StoredDirectory directory) {
    return directory.isUnsynced()
        || directory.names().values().stream()
            .anyMatch(node -> node instanceof StoredDirectory below && isUnsynced(below));
  }

  /** A disk with the same content, which goes its own way. */
  synchronized Storage copy(long seed) {
    Storage copy = new Storage(root.copy(new IdentityHashMap<>()), new SplittableRandom(seed));
    copy.blocks = blocks.copy();
    copy.reserves = reserves;
    copy.lies = lies;
    copy.syncFailed = syncFailed;
    return copy;
  }
}
