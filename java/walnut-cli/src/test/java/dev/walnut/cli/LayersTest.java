package dev.walnut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** The command line uses what any user of the library may, and nothing below. */
class LayersTest {
  private static final Set<String> EXPORTED = Set.of("dev.walnut", "dev.walnut.exception");

  private static final Pattern ARROW = Pattern.compile("^ +(\\S+) +-> (\\S+) .*$");

  @Test
  void commandLine_usesExportedPackagesOnly() {
    Set<String> used = new TreeSet<>();
    for (String line : jdeps().lines().toList()) {
      Matcher arrow = ARROW.matcher(line);
      if (arrow.matches()
          && arrow.group(1).equals("dev.walnut.cli")
          && arrow.group(2).startsWith("dev.walnut")
          && !arrow.group(2).equals("dev.walnut.cli")) {
        used.add(arrow.group(2));
      }
    }

    assertThat(used).contains("dev.walnut");
    assertThat(EXPORTED).containsAll(used);
  }

  private static String jdeps() {
    ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
    StringWriter output = new StringWriter();
    PrintWriter writer = new PrintWriter(output);
    int status =
        jdeps.run(
            writer,
            writer,
            "--multi-release",
            "base",
            "--ignore-missing-deps",
            "-verbose:package",
            "-filter:none",
            "-cp",
            System.getProperty("java.class.path"),
            Path.of("target/classes").toString());
    assertThat(status).as(output.toString()).isZero();
    return output.toString();
  }
}
