package dev.walnut;

import java.lang.management.ManagementFactory;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;

/** Shows a log to JMX. The only class that names its types. */
final class WalBean implements WalMXBean {
  private final Wal wal;

  private WalBean(Wal wal) {
    this.wal = wal;
  }

  /**
   * Registers a log with the platform's server. One that cannot be shown is a warning and no more.
   *
   * @return what takes it back
   */
  static Runnable register(Wal wal) {
    try {
      ObjectName name = nameOf(wal.config());
      ManagementFactory.getPlatformMBeanServer().registerMBean(new WalBean(wal), name);
      return () -> unregister(name);
    } catch (JMException | RuntimeException | Error e) {
      Worker.log(
          System.Logger.Level.WARNING, "open " + wal.config().dir() + ": not shown by JMX", e);
      return () -> {};
    }
  }

  static ObjectName nameOf(WalConfig config) throws JMException {
    String dir = config.dir().toAbsolutePath().normalize().toString();
    return new ObjectName(
        "dev.walnut:type=Wal,dir="
            + ObjectName.quote(dir)
            + ",prefix="
            + ObjectName.quote(config.prefix()));
  }

  private static void unregister(ObjectName name) {
    try {
      ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
    } catch (InstanceNotFoundException e) {
      // Somebody else took it away: it is gone, which is what was wanted.
    } catch (JMException | RuntimeException | Error e) { // closing must not end here
      Worker.log(System.Logger.Level.WARNING, "close: still shown by JMX: " + name, e);
    }
  }

  private WalStats stats() {
    return wal.stats();
  }

  @Override
  public String getBackend() {
    return stats().backend();
  }

  @Override
  public String getBackendReason() {
    return stats().backendReason();
  }

  @Override
  public boolean isFailed() {
    return stats().failure().isPresent();
  }

  @Override
  public String getFailure() {
    return stats().failure().map(Throwable::toString).orElse("");
  }

  @Override
  public long getFirstIndex() {
    return wal.firstIndex();
  }

  @Override
  public long getLastIndex() {
    return wal.lastIndex();
  }

  @Override
  public long getDurableIndex() {
    return wal.durableIndex();
  }

  @Override
  public long getRequests() {
    return stats().requests();
  }

  @Override
  public long getBatches() {
    return stats().batches();
  }

  @Override
  public long getEntries() {
    return stats().entries();
  }

  @Override
  public long getEntriesPerBatchMax() {
    return stats().entriesPerBatchMax();
  }

  @Override
  public long getBytesWritten() {
    return stats().bytesWritten();
  }

  @Override
  public long getSyncs() {
    return stats().syncs();
  }

  @Override
  public long getLastSyncNanos() {
    return stats().lastSyncNanos();
  }

  @Override
  public long getMeanSyncNanos() {
    return stats().syncTimes().meanNanos();
  }

  @Override
  public long getPercentile99SyncNanos() {
    return stats().syncTimes().quantileNanos(0.99);
  }

  @Override
  public long getMaxSyncNanos() {
    return stats().syncTimes().maxNanos();
  }

  @Override
  public long getTotalSyncNanos() {
    return stats().syncTimes().totalNanos();
  }

  @Override
  public long getRunningSyncNanos() {
    return stats().runningSyncNanos();
  }

  @Override
  public long getSlowSyncs() {
    return stats().slowSyncs();
  }

  @Override
  public int getQueuedRequests() {
    return stats().queuedRequests();
  }

  @Override
  public long getQueuedBytes() {
    return stats().queuedBytes();
  }

  @Override
  public long getStalls() {
    return stats().stalls();
  }

  @Override
  public long getStalledNanos() {
    return stats().stalledNanos();
  }

  @Override
  public long getHousekeeperStalls() {
    return stats().housekeeperStalls();
  }

  @Override
  public long getHousekeeperStalledNanos() {
    return stats().housekeeperStalledNanos();
  }

  @Override
  public long getQueueFullRefusals() {
    return stats().queueFullRefusals();
  }

  @Override
  public long getRotations() {
    return stats().rotations();
  }

  @Override
  public int getSegments() {
    return stats().segments();
  }

  @Override
  public long getLogBytes() {
    return stats().logBytes();
  }

  @Override
  public long getSegmentsDeleted() {
    return stats().segmentsDeleted();
  }

  @Override
  public int getChoresPending() {
    return stats().choresPending();
  }

  @Override
  public long getOpenNanos() {
    return stats().openNanos();
  }

  @Override
  public long getCutBytes() {
    return wal.recoveryReport().cutBytes();
  }
}
