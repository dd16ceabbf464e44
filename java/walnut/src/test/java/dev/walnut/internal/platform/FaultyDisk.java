package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A disk on which chosen calls fail, fall short or lie. Everything else goes to the disk below it.
 *
 * <p>Calls are counted by kind, from 1, over the whole disk, and listed in the order they began.
 * Faults may be planned at any time and stay until {@link #heal}. Every call that syncs asserts
 * that it does not run on a virtual thread. Safe for use by several threads.
 *
 * <pre>{@code
 * FaultyDisk disk = new FaultyDisk(Disks.java());
 * disk.fail(Call.SYNC, 2, FaultyDisk.ioError("sync"));          // the second sync, once
 * disk.failFrom(Call.WRITE, 5, FaultyDisk.diskFull("write"));   // the fifth write and all after it
 * disk.shorten(Call.WRITE, 3, 10, FaultyDisk.ioError("write")); // writes 10 bytes, then fails
 * disk.lose(Call.SYNC, 1);                                      // says it synced, and did not
 * disk.before(Call.WRITE, 7, gate::await);                      // runs that, then writes
 * }</pre>
 */
public final class FaultyDisk implements Disk {

  /** The kinds of call that are counted. */
  public enum Call {
    OPEN_DIRECTORY,
    CREATE_DIRECTORY,
    DELETE_DIRECTORY,
    LIST,
    CREATE,
    OPEN,
    OPEN_READ,
    DELETE,
    RENAME,
    LINK,
    LOOK_FOR_LINKS,
    SYNC_DIRECTORY,
    LOCK,
    SIZE,
    READ,
    /** A write, whatever its durability; one that is durable too is counted here alone. */
    WRITE,
    SYNC,
    TRUNCATE,
    RESERVE,
    CLOSE
  }

  /**
   * One call that began.
   *
   * @param call its kind
   * @param number its number within that kind, from 1
   * @param name the file or directory
   * @param durability what a write owed the disk; {@link Durability#NONE} for all else
   */
  public record Made(Call call, int number, String name, Durability durability) {

    /** Whether this call was to make something durable. */
    public boolean syncs() {
      return call == Call.SYNC || call == Call.SYNC_DIRECTORY || durability != Durability.NONE;
    }
  }

  /** How much of a read or write is done. */
  public enum Share {
    NOTHING,
    ONE_BYTE,
    HALF,
    ALL_BUT_ONE;

    int of(long total) {
      return (int)
          switch (this) {
            case NOTHING -> 0;
            case ONE_BYTE -> Math.min(1, total);
            case HALF -> total / 2;
            case ALL_BUT_ONE -> Math.max(0, total - 1);
          };
    }
  }

  private enum Effect {
    FAIL,
    SHORTEN,
    LOSE
  }

  private record Fault(
      Call call,
      int first,
      int last,
      Effect effect,
      IntUnaryOperator bytes,
      Supplier<? extends IOException> exception) {

    int bytes(long total) {
      return bytes.applyAsInt((int) total);
    }

    boolean hits(Call made, int number) {
      return call == made && first <= number && number <= last;
    }
  }

  private record Hook(Call call, int number, Runnable action) {}

  private static final IntUnaryOperator NO_BYTES = total -> 0;

  private final Disk below;
  private final Object guard = new Object();
  private final Map<Call, Integer> counts = new EnumMap<>(Call.class);
  private final List<Made> made = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private final List<Hook> hooks = new ArrayList<>();

  /**
   * @param below the disk that does the work
   */
  public FaultyDisk(Disk below) {
    this.below = below;
  }

  /** Returns a maker of exceptions such as an input/output error gives. */
  public static Supplier<IOException> ioError(String operation) {
    return () -> new FileSystemException(null, null, operation + ": Input/output error (5)");
  }

  /** Returns a maker of exceptions such as a full disk gives. */
  public static Supplier<IOException> diskFull(String operation) {
    return () -> new DiskFullException(null, operation + ": No space left on device (28)");
  }

  /** Lets the Nth call of a kind fail without being made. */
  public void fail(Call call, int number, Supplier<? extends IOException> exception) {
    plan(new Fault(call, number, number, Effect.FAIL, NO_BYTES, exception));
  }

  /** Lets the Nth call of a kind and all later ones fail without being made. */
  public void failFrom(Call call, int number, Supplier<? extends IOException> exception) {
    plan(new Fault(call, number, Integer.MAX_VALUE, Effect.FAIL, NO_BYTES, exception));
  }

  /**
   * Lets the Nth read return only {@code bytes} bytes, or the Nth write leave only its first {@code
   * bytes} bytes in the file and then fail.
   */
  public void shorten(Call call, int number, int bytes, Supplier<? extends IOException> exception) {
    if (call != Call.READ && call != Call.WRITE) {
      throw new IllegalArgumentException("only reads and writes have a length: " + call);
    }
    plan(new Fault(call, number, number, Effect.SHORTEN, total -> bytes, exception));
  }

  /**
   * The same, to a share of its length.
   *
   * @param last the number of the last call that is shortened
   */
  public void shorten(
      Call call, int first, int last, Share share, Supplier<? extends IOException> exception) {
    if (call != Call.READ && call != Call.WRITE) {
      throw new IllegalArgumentException("only reads and writes have a length: " + call);
    }
    plan(new Fault(call, first, last, Effect.SHORTEN, share::of, exception));
  }

  /** Lets the Nth call of a kind do nothing and say it did; a write says that it wrote all. */
  public void lose(Call call, int number) {
    planLoss(call, number, number);
  }

  /** Lets the Nth call of a kind and all later ones do nothing and say they did. */
  public void loseFrom(Call call, int number) {
    planLoss(call, number, Integer.MAX_VALUE);
  }

  /** Lets no file get a second name, as on a file system that has no such. */
  public void refuseLinks() {
    plan(new Fault(Call.LINK, 1, Integer.MAX_VALUE, Effect.LOSE, NO_BYTES, ioError("unused")));
  }

  private void planLoss(Call call, int first, int last) {
    switch (call) {
      case WRITE, SYNC, SYNC_DIRECTORY, DELETE, TRUNCATE ->
          plan(new Fault(call, first, last, Effect.LOSE, NO_BYTES, ioError("unused")));
      default -> throw new IllegalArgumentException("cannot be pretended: " + call);
    }
  }

  private void plan(Fault fault) {
    synchronized (guard) {
      faults.add(fault);
    }
  }

  /** Runs something in the calling thread before the Nth call of a kind is made. */
  public void before(Call call, int number, Runnable action) {
    synchronized (guard) {
      hooks.add(new Hook(call, number, action));
    }
  }

  /** Forgets all faults; counts and the list of calls go on. */
  public void heal() {
    synchronized (guard) {
      faults.clear();
      hooks.clear();
    }
  }

  /** How many calls of a kind have begun. */
  public int count(Call call) {
    synchronized (guard) {
      return counts.getOrDefault(call, 0);
    }
  }

  /** How many calls have begun that were to make something durable, writes included. */
  public int countOfSyncs() {
    return (int) calls().stream().filter(Made::syncs).count();
  }

  /** All calls in the order they began. */
  public List<Made> calls() {
    synchronized (guard) {
      return List.copyOf(made);
    }
  }

  /** Counts a call and returns the fault planned for it, the one planned last first. */
  private @Nullable Fault begin(Call call, String name, Durability durability) throws IOException {
    List<Runnable> actions = new ArrayList<>();
    Fault fault = record(call, name, durability, actions);
    actions.forEach(Runnable::run);
    if (fault != null && fault.effect() == Effect.FAIL) {
      throw fault.exception().get();
    }
    return fault;
  }

  private @Nullable Fault record(
      Call call, String name, Durability durability, List<Runnable> actions) {
    synchronized (guard) {
      int number = counts.merge(call, 1, Integer::sum);
      Made current = new Made(call, number, name, durability);
      if (current.syncs() && VirtualThreads.isCurrent()) {
        throw new AssertionError("on a virtual thread: " + current);
      }
      made.add(current);
      hooks.stream()
          .filter(hook -> hook.call() == call && hook.number() == number)
          .forEach(hook -> actions.add(hook.action()));
      for (int i = faults.size() - 1; i >= 0; i--) {
        if (faults.get(i).hits(call, number)) {
          return faults.get(i);
        }
      }
      return null;
    }
  }

  private boolean isLost(Call call, String name) throws IOException {
    return begin(call, name, Durability.NONE) != null;
  }

  @Override
  public String name() {
    return below.name();
  }

  @Override
  public Memory allocate(int bytes) {
    return below.allocate(bytes);
  }

  @Override
  public WritePlan newPlan() {
    return new RecordedPlan(below);
  }

  @Override
  public DiskDirectory openDirectory(Path path) throws IOException {
    begin(Call.OPEN_DIRECTORY, path.toString(), Durability.NONE);
    return new FaultyDirectory(below.openDirectory(path));
  }

  @Override
  public DiskDirectory createDirectory(Path path) throws IOException {
    begin(Call.CREATE_DIRECTORY, path.toString(), Durability.NONE);
    return new FaultyDirectory(below.createDirectory(path));
  }

  @Override
  public void deleteDirectory(Path path) throws IOException {
    begin(Call.DELETE_DIRECTORY, path.toString(), Durability.NONE);
    below.deleteDirectory(path);
  }

  private final class FaultyDirectory implements DiskDirectory {
    private final DiskDirectory directory;

    FaultyDirectory(DiskDirectory directory) {
      this.directory = directory;
    }

    private String label() {
      return path().toString();
    }

    @Override
    public Path path() {
      return directory.path();
    }

    @Override
    public List<String> listFiles() throws IOException {
      begin(Call.LIST, label(), Durability.NONE);
      return directory.listFiles();
    }

    @Override
    public DiskFile create(String name) throws IOException {
      begin(Call.CREATE, name, Durability.NONE);
      return new FaultyFile(directory.create(name));
    }

    @Override
    public DiskFile open(String name) throws IOException {
      begin(Call.OPEN, name, Durability.NONE);
      return new FaultyFile(directory.open(name));
    }

    @Override
    public DiskFile openRead(String name) throws IOException {
      begin(Call.OPEN_READ, name, Durability.NONE);
      return new FaultyFile(directory.openRead(name));
    }

    @Override
    public void delete(String name) throws IOException {
      if (!isLost(Call.DELETE, name)) {
        directory.delete(name);
      }
    }

    @Override
    public void rename(String name, DiskDirectory target, String targetName) throws IOException {
      begin(Call.RENAME, name, Durability.NONE);
      directory.rename(name, target, targetName);
    }

    @Override
    public boolean link(String name, DiskDirectory target, String targetName) throws IOException {
      Fault fault = begin(Call.LINK, name, Durability.NONE);
      return fault == null && directory.link(name, target, targetName);
    }

    @Override
    public boolean isShared(String name) throws IOException {
      begin(Call.LOOK_FOR_LINKS, name, Durability.NONE);
      return directory.isShared(name);
    }

    @Override
    public void sync() throws IOException {
      if (!isLost(Call.SYNC_DIRECTORY, label())) {
        directory.sync();
      }
    }

    @Override
    public DiskLock lock(String name) throws IOException {
      begin(Call.LOCK, name, Durability.NONE);
      return directory.lock(name);
    }

    @Override
    public boolean copiesOnWrite() {
      return directory.copiesOnWrite();
    }

    /** Closed below even where the call is to fail, so that a test leaves no file open. */
    @Override
    public void close() throws IOException {
      directory.close();
      begin(Call.CLOSE, label(), Durability.NONE);
    }
  }

  private final class FaultyFile implements DiskFile {
    private final DiskFile file;

    FaultyFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public long size() throws IOException {
      begin(Call.SIZE, name(), Durability.NONE);
      return file.size();
    }

    @Override
    public int read(long offset, Memory target, int from, int length) throws IOException {
      Fault fault = begin(Call.READ, name(), Durability.NONE);
      int wanted = fault == null ? length : Math.min(length, fault.bytes(length));
      return file.read(offset, target, from, wanted);
    }

    @Override
    public long write(long offset, WritePlan plan, Durability durability) throws IOException {
      RecordedPlan recorded = (RecordedPlan) plan;
      Fault fault = begin(Call.WRITE, name(), durability);
      if (fault == null) {
        return file.write(offset, recorded.whole(), durability);
      }
      if (fault.effect() == Effect.SHORTEN) {
        file.write(
            offset, recorded.firstBytes(fault.bytes(recorded.totalBytes())), Durability.NONE);
        throw fault.exception().get();
      }
      return recorded.totalBytes();
    }

    @Override
    public void sync() throws IOException {
      if (!isLost(Call.SYNC, name())) {
        file.sync();
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      if (!isLost(Call.TRUNCATE, name())) {
        file.truncate(size);
      }
    }

    @Override
    public boolean reserve(long offset, long length) throws IOException {
      begin(Call.RESERVE, name(), Durability.NONE);
      return file.reserve(offset, length);
    }

    /** Closed below even where the call is to fail, so that a test leaves no file open. */
    @Override
    public void close() throws IOException {
      file.close();
      begin(Call.CLOSE, name(), Durability.NONE);
    }
  }

  /**
   * Fills a plan of the disk below and remembers it, so that a part of it can be written instead.
   */
  private static final class RecordedPlan implements WritePlan {
    private final WritePlan whole;
    private final WritePlan part;
    private final List<Runnable> sums = new ArrayList<>();
    private final Ranges spans = new Ranges();

    RecordedPlan(Disk below) {
      this.whole = below.newPlan();
      this.part = below.newPlan();
    }

    @Override
    public void clear() {
      whole.clear();
      sums.clear();
      spans.clear();
    }

    @Override
    public void cover(Memory memory, int from, int length) {
      whole.cover(memory, from, length);
      sums.add(() -> part.cover(memory, from, length));
    }

    @Override
    public void store(long saltLow, long saltHigh, Memory target, int at) {
      whole.store(saltLow, saltHigh, target, at);
      sums.add(() -> part.store(saltLow, saltHigh, target, at));
    }

    @Override
    public void span(Memory memory, int from, int length) {
      whole.span(memory, from, length);
      spans.add(memory, from, length);
    }

    WritePlan whole() {
      return whole;
    }

    WritePlan firstBytes(int bytes) {
      part.clear();
      sums.forEach(Runnable::run);
      int left = bytes;
      for (int i = 0; i < spans.size(); i++) {
        int length = Math.min(left, spans.length(i));
        part.span(spans.memory(i), spans.from(i), length);
        left -= length;
      }
      return part;
    }

    long totalBytes() {
      long total = 0;
      for (int i = 0; i < spans.size(); i++) {
        total += spans.length(i);
      }
      return total;
    }
  }
}
