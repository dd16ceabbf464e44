package dev.walnut.internal.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a fuzzer comes in. Its argument names the target. */
public final class FuzzEntry {
  private static FuzzTarget target = FuzzTarget.READER;
  private static Path dir = Path.of("");

  private FuzzEntry() {}

  public static void fuzzerInitialize(String[] arguments) throws IOException {
    target = FuzzTarget.valueOf(arguments[0]);
    Path memory = Path.of("/dev/shm");
    dir =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "walnut-fuzz")
            : Files.createTempDirectory("walnut-fuzz");
  }

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    target.ask(input, dir);
  }
}
