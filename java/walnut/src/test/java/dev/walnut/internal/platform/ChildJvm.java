package dev.walnut.internal.platform;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Runs a main class of the tests in a process of its own, on the Java that runs the tests. */
public final class ChildJvm {
  private final List<String> options = new ArrayList<>();
  private List<String> classPath =
      Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator, -1));

  /**
   * How a child ended.
   *
   * @param status its exit status
   * @param output what it wrote to standard output
   * @param errors what it wrote to standard error
   */
  public record Ended(int status, String output, String errors) {}

  /** Adds an option of the JVM. */
  public ChildJvm option(String option) {
    options.add(option);
    return this;
  }

  /** Leaves out the class path entries that the predicate names. */
  ChildJvm without(Predicate<String> unwanted) {
    classPath = classPath.stream().filter(unwanted.negate()).toList();
    return this;
  }

  /** Puts an entry at the end of the class path. */
  ChildJvm with(Path entry) {
    classPath = Stream.concat(classPath.stream(), Stream.of(entry.toString())).toList();
    return this;
  }

  static boolean isJna(String entry) {
    return entry.contains(File.separator + "jna" + File.separator);
  }

  /** The module's classes in a build of several modules, or its jar. */
  static boolean isNativeLibrary(String entry) {
    return entry.contains("walnut-native")
        || entry.endsWith(Path.of("native/target/classes").toString());
  }

  /** Starts the class; whoever reads its output must also read or discard its errors. */
  Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-ea", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(options);
    command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).start();
  }

  /** Runs the class to its end. */
  public Ended run(Class<?> main, String... arguments) throws Exception {
    Process process = start(main, arguments);
    process.getOutputStream().close();
    CompletableFuture<String> errors =
        CompletableFuture.supplyAsync(() -> textOf(process.getErrorStream()));
    String output = textOf(process.getInputStream());
    return new Ended(process.waitFor(), output, errors.get());
  }

  private static String textOf(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
