package dev.walnut.realdisk;

import dev.walnut.Wal;
import dev.walnut.exception.LogFailedException;
import dev.walnut.realdisk.PowerCutChild.Life;
import dev.walnut.realdisk.PowerCutChild.Listener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Several threads that append, each its next entry when the one before is acknowledged. */
final class LifeTogether {
  private final Life life;
  private final Listener listener;

  LifeTogether(Life life, Listener listener) {
    this.life = life;
    this.listener = listener;
  }

  void run() throws InterruptedException {
    Wal wal = AfterFailure.open(life, listener);
    if (wal == null) {
      return;
    }
    List<Thread> threads = new ArrayList<>();
    for (int writer = 1; writer <= life.writers(); writer++) {
      int number = writer;
      threads.add(new Thread(() -> write(wal, number), "writer " + writer));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    new AfterFailure(wal, life, listener).run();
  }

  private void write(Wal wal, int writer) {
    Random random = new Random(life.seed() + writer);
    for (long number = 1; writeNext(wal, writer, number, random); number++) {
      // until the disk refuses
    }
  }

  private boolean writeNext(Wal wal, int writer, long number, Random random) {
    boolean withSync = random.nextInt(8) == 0;
    String key = Entries.key(life.name() + "." + writer, number, Entries.bytes(random));
    listener.tell(PowerCutChild.BEGINS, 0, "append", key);
    try {
      long index =
          withSync
              ? wal.appendWithSync(key, Entries.value(key))
              : wal.append(key, Entries.value(key));
      boolean durable = withSync || life.acknowledgesDurable();
      listener.tell(durable ? PowerCutChild.DURABLE : PowerCutChild.ACKNOWLEDGED, index, key);
      return true;
    } catch (IOException e) {
      Object outcome = e instanceof LogFailedException failed ? failed.outcome() : "-";
      listener.tell(PowerCutChild.FAILED, key, outcome, e.getClass().getSimpleName(), e);
      return false;
    }
  }
}
