package dev.walnut.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The entry point of the {@code walnut} command. */
@Command(
    name = "walnut",
    mixinStandardHelpOptions = true,
    version = "walnut 0.1.0-SNAPSHOT",
    description =
        "Shows what lies in a write-ahead log, and that it keeps its promises; mends a damaged one,"
            + " and copies a whole one.",
    subcommands = {
      DemoCommand.class,
      StatCommand.class,
      DumpCommand.class,
      TailCommand.class,
      VerifyCommand.class,
      SalvageCommand.class,
      BackupCommand.class,
      DemoWriterCommand.class,
      CommandLine.HelpCommand.class
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done, and nothing wrong was found",
      "1:not done: no such log, not readable, locked, no space",
      "2:not understood: an unknown option, a value out of range",
      "3:done, and damage or a broken promise was found"
    })
public final class Main implements Runnable {
  @SuppressWarnings("NullAway.Init") // picocli injects it
  @Spec
  private CommandSpec spec;

  private Main() {}

  /** Runs the command and exits with its status. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(Main::explain);
  }

  private static int exitCode(Throwable failure) {
    return failure instanceof DemoFailure ? ExitCode.DAMAGE : ExitCode.FAILED;
  }

  /** What went wrong in one line; a stack trace only for what is a defect of this program. */
  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) throws Exception {
    Exception cause =
        failure instanceof UncheckedIOException wrapped ? wrapped.getCause() : failure;
    if (!(cause instanceof IOException || cause instanceof DemoFailure)) {
      throw failure;
    }
    PrintWriter err = commandLine.getErr();
    err.println("walnut " + commandLine.getCommandName() + ": " + message(cause));
    err.flush();
    return exitCode(cause);
  }

  private static String message(Exception cause) {
    String message = String.valueOf(cause.getMessage());
    if (!(cause instanceof FileSystemException failure) || !message.equals(failure.getFile())) {
      return message;
    }
    // The JDK names the file and lets the type say what is wrong with it.
    if (cause instanceof NoSuchFileException) {
      return message + ": no such file or directory";
    }
    return cause instanceof AccessDeniedException
        ? message + ": permission denied"
        : message + ": " + cause.getClass().getSimpleName();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command");
  }
}
