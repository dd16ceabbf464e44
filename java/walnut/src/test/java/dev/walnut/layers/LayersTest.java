package dev.walnut.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** Imports run down only, as the JDK's own tool sees them in the compiled classes. */
class LayersTest {
  private static final Set<String> ALLOWED =
      Set.of(
          "dev.walnut -> dev.walnut.internal.segment",
          "dev.walnut -> dev.walnut.exception",
          "dev.walnut.internal.segment -> dev.walnut.internal.platform",
          "dev.walnut.internal.segment -> dev.walnut.exception");

  private static final Pattern ARROW = Pattern.compile("^ +(\\S+) +-> (\\S+) .*$");

  @Test
  void packages_useOnlyWhatLiesBelow() {
    Set<String> arrows = new TreeSet<>();
    for (Matcher arrow : arrows("-verbose:package")) {
      String user = arrow.group(1);
      String used = arrow.group(2);
      if (isOurs(user) && isOurs(used) && !user.equals(used)) {
        arrows.add(user + " -> " + used);
      }
    }

    assertThat(ALLOWED).containsAll(arrows);
  }

  @Test
  void jna_isNamedByOneClass() {
    Set<String> users = new TreeSet<>();
    for (Matcher arrow : arrows("-verbose:class")) {
      if (arrow.group(2).startsWith("com.sun.jna.")) {
        users.add(arrow.group(1));
      }
    }

    assertThat(users).containsExactly("dev.walnut.internal.platform.NativeCalls");
  }

  private static boolean isOurs(String packageName) {
    return packageName.equals("dev.walnut") || packageName.startsWith("dev.walnut.");
  }

  /** Runs jdeps over the library's classes and returns who uses whom. */
  private static List<Matcher> arrows(String level) {
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
            level,
            "-filter:none",
            "-cp",
            System.getProperty("java.class.path"),
            Path.of("target/classes").toString());
    assertThat(status).as(output.toString()).isZero();

    List<Matcher> arrows = new ArrayList<>();
    output.toString().lines().map(ARROW::matcher).filter(Matcher::matches).forEach(arrows::add);
    assertThat(arrows).as(output.toString()).hasSizeGreaterThan(10);
    return arrows;
  }
}
