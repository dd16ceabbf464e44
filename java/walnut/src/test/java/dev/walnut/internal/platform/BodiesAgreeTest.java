package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same random plans leave the same bytes, whichever body runs them. */
class BodiesAgreeTest {
  private static final int ROUNDS = 300;
  private static final int MEMORY_BYTES = 20_000;

  @TempDir Path path;

  @Test
  void fault53_samePlans_sameBytes() throws IOException {
    Disk c = NativeBody.required();
    long seed = Long.getLong("walnut.seed", System.nanoTime());

    byte[] expected = run(Disks.java(), seed);

    assertThat(run(c, seed)).as("-Dwalnut.seed=%d", seed).isEqualTo(expected);
  }

  @Test
  void fault53_filesOfTheOther_areRead() throws IOException {
    Disk c = NativeBody.required();
    for (Disk writer : new Disk[] {c, Disks.java()}) {
      Disk reader = writer == c ? Disks.java() : c;
      byte[] written = run(writer, 1);
      Memory target = reader.allocate(written.length);

      try (DiskDirectory directory = reader.openDirectory(path);
          DiskFile file = directory.openRead(writer.name())) {
        assertThat(file.read(0, target, 0, written.length)).isEqualTo(written.length);
      }

      byte[] read = new byte[written.length];
      target.bytes().get(0, read);
      assertThat(read).isEqualTo(written);
    }
  }

  /** Runs random plans and returns the file they leave. */
  private byte[] run(Disk disk, long seed) throws IOException {
    Random random = new Random(seed);
    byte[] content = new byte[MEMORY_BYTES];
    random.nextBytes(content);
    Memory[] memories = {disk.allocate(MEMORY_BYTES), disk.allocate(MEMORY_BYTES)};
    for (Memory memory : memories) {
      memory.bytes().put(0, content);
    }
    WritePlan plan = disk.newPlan();
    try (DiskDirectory directory = disk.openDirectory(path)) {
      if (directory.listFiles().contains(disk.name())) {
        directory.delete(disk.name());
      }
      try (DiskFile file = directory.create(disk.name())) {
        for (int round = 0; round < ROUNDS; round++) {
          plan.clear();
          describe(random, plan, memories);
          file.write(random.nextInt(100_000), plan, Durability.NONE);
        }
      }
    }
    return Files.readAllBytes(path.resolve(disk.name()));
  }

  /**
   * Checksums are stored in the first quarter and cover anything; each may cover those before it.
   */
  private static void describe(Random random, WritePlan plan, Memory[] memories) {
    for (int sum = random.nextInt(5); sum > 0; sum--) {
      for (int range = random.nextInt(4); range > 0; range--) {
        int from = random.nextInt(MEMORY_BYTES);
        plan.cover(memories[random.nextInt(2)], from, random.nextInt(MEMORY_BYTES - from));
      }
      int at = random.nextInt(MEMORY_BYTES / 4);
      plan.store(random.nextLong(), random.nextLong(), memories[random.nextInt(2)], at);
    }
    for (int span = random.nextInt(20); span > 0; span--) {
      int from = random.nextInt(MEMORY_BYTES);
      plan.span(memories[random.nextInt(2)], from, random.nextInt(MEMORY_BYTES - from));
    }
  }
}
