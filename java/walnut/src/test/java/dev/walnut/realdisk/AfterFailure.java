package dev.walnut.realdisk;

import dev.walnut.Wal;
import dev.walnut.WalEntry;
import dev.walnut.WalReader;
import dev.walnut.realdisk.PowerCutChild.Life;
import dev.walnut.realdisk.PowerCutChild.Listener;
import java.io.IOException;
import java.util.Optional;

/** What a log on a dead disk still does, told word by word. */
final class AfterFailure {
  private static final int READS = 5;

  private final Wal wal;
  private final Life life;
  private final Listener listener;

  AfterFailure(Wal wal, Life life, Listener listener) {
    this.wal = wal;
    this.life = life;
    this.listener = listener;
  }

  /** Opens the log of a life; null if the disk does not let it. */
  static Wal open(Life life, Listener listener) {
    listener.tell(PowerCutChild.OPENING);
    try {
      Wal wal = Wal.open(life.config());
      listener.tell(PowerCutChild.OPENED, wal.firstIndex(), wal.lastIndex());
      return wal;
    } catch (IOException e) {
      listener.tell(PowerCutChild.NOT_OPENED, e.getClass().getSimpleName(), e);
      return null;
    }
  }

  void run() {
    long last = wal.lastIndex();
    for (long index = last; index > last - READS && index >= wal.firstIndex(); index--) {
      read(index);
    }
    refused("append", () -> wal.append("late", new byte[1]));
    refused("sync", wal::sync);
    if (!wal.isEmpty()) {
      refused("truncateAfter", () -> wal.truncateAfter(last - 1));
    }
    try {
      wal.close();
    } catch (IOException e) {
      listener.tell(PowerCutChild.REFUSED, "close", e.getClass().getSimpleName(), e);
    }
    readOnly();
  }

  private void read(long index) {
    try {
      Optional<WalEntry> entry = wal.get(index);
      listener.tell(
          PowerCutChild.READ,
          index,
          entry.isEmpty() ? "absent" : Entries.isWhole(entry.get()) ? "whole" : "other bytes",
          entry.map(Model::shown).orElse("-"));
    } catch (IOException e) {
      listener.tell(PowerCutChild.READ, index, e.getClass().getSimpleName(), e);
    }
  }

  private interface Call {
    void run() throws IOException;
  }

  private void refused(String name, Call call) {
    try {
      call.run();
      listener.tell(PowerCutChild.REFUSED, name, "nothing");
    } catch (IOException e) {
      listener.tell(PowerCutChild.REFUSED, name, e.getClass().getSimpleName(), e);
    }
  }

  private void readOnly() {
    try (WalReader reader = Wal.openReadOnly(life.dir(), "segment_")) {
      Model.of(reader);
    } catch (IOException e) {
      listener.tell(PowerCutChild.REFUSED, "openReadOnly", e.getClass().getSimpleName(), e);
    }
  }
}
