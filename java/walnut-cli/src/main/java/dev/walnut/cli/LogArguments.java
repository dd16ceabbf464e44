package dev.walnut.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which log, and how to show it. */
final class LogArguments {
  @Parameters(paramLabel = "DIR", description = "the log's directory")
  Path dir = Path.of("");

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      defaultValue = "segment_",
      description = "how the names of the log's files start (default: ${DEFAULT-VALUE})")
  String prefix = "segment_";

  @Option(names = "--json", description = "print JSON, for programs")
  boolean json;
}
