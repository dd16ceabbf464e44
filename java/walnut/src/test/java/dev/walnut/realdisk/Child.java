package dev.walnut.realdisk;

import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.realdisk.PowerCutChild.Life;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The process that writes, as the one that cuts the power sees it. */
final class Child implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final StringBuffer errors = new StringBuffer();

  private Child(Process process) {
    this.process = process;
    this.output = reader(process.getInputStream());
  }

  private static BufferedReader reader(java.io.InputStream stream) {
    return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
  }

  static Child start() throws IOException {
    ChildJvm jvm =
        new ChildJvm()
            .option("-XX:+UseSerialGC")
            .option("-Xmx128m")
            .option("-XX:-UsePerfData")
            .option("--enable-native-access=ALL-UNNAMED");
    Child child = new Child(jvm.start(PowerCutChild.class));
    Thread drain = new Thread(child::drainErrors, "errors of the child");
    drain.setDaemon(true);
    drain.start();
    return child;
  }

  private void drainErrors() {
    try (BufferedReader said = reader(process.getErrorStream())) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        errors.append(line).append('\n');
        if (errors.length() > 1 << 16) {
          errors.delete(0, errors.length() - (1 << 15));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bids it live; what it says of it is read by {@link #said}. */
  void live(Life life) throws IOException {
    process.getOutputStream().write((life.line() + '\n').getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  String said() throws IOException {
    @Nullable String line = output.readLine();
    if (line == null) {
      throw new EOFException("the child has ended with " + process.onExit().join().exitValue());
    }
    return line;
  }

  /** For messages. */
  String errors() {
    return "\nits errors:\n" + errors;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
