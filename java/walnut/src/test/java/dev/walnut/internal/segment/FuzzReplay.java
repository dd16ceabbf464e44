package dev.walnut.internal.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Asks every question about the seeds and every input of a directory; for a process of its own. */
final class FuzzReplay {
  private FuzzReplay() {}

  /** Takes the directory of the inputs, and one to work in. */
  public static void main(String[] arguments) throws IOException {
    Path scratch = Files.createDirectory(Path.of(arguments[1]).resolve("seeds"));
    List<byte[]> inputs = FuzzInput.seeds(scratch);
    SalvageFixture.restore(new TreeMap<>(), scratch);
    int seeds = inputs.size();
    inputs.addAll(inputsIn(Path.of(arguments[0])));
    for (byte[] input : inputs) {
      for (FuzzTarget target : FuzzTarget.values()) {
        target.askOrExplain(input, scratch);
      }
    }
    System.out.printf(
        "%d seeds and %d inputs, %d questions each%n",
        seeds, inputs.size() - seeds, FuzzTarget.values().length);
  }

  static List<byte[]> inputsIn(Path dir) throws IOException {
    List<byte[]> inputs = new ArrayList<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.sorted().toList()) {
        inputs.add(Files.readAllBytes(file));
      }
    }
    return inputs;
  }
}
