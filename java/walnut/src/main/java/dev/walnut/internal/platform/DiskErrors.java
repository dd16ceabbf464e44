package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** One exception type for one failure, whichever body met it. */
final class DiskErrors {

  /** What a failure means. */
  enum Kind {
    OTHER,
    MISSING,
    EXISTS,
    DENIED,
    FULL,
    HELD
  }

  /**
   * What the system says of used-up space, quota and size limit. The JDK passes on these words and
   * not the number, so that the Java body knows them in English alone.
   */
  private static final List<String> FULL_WORDS =
      List.of("No space left on device", "Disk quota exceeded", "File too large");

  private DiskErrors() {}

  /**
   * Returns the exception for a failure.
   *
   * @param sentence operation, object, numbers and reason
   */
  static FileSystemException of(Kind kind, String sentence) {
    return switch (kind) {
      case MISSING -> new NoSuchFileException(null, null, sentence);
      case EXISTS -> new FileAlreadyExistsException(null, null, sentence);
      case DENIED -> new AccessDeniedException(null, null, sentence);
      case FULL -> new DiskFullException(null, sentence);
      case OTHER, HELD -> new FileSystemException(null, null, sentence);
    };
  }

  /** Refuses a mistake of the caller before anything is tried, so that no failure is latched. */
  static void checkOffset(long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("negative offset: " + offset);
    }
  }

  /** The numbers of a read or write, for its sentence. */
  static String numbers(long offset, long length) {
    return " at offset " + offset + ", " + length + " bytes";
  }

  /** A directory that was renamed away or removed must not be confused with one in its place. */
  static FileSystemException moved(Path directory) {
    return of(
        Kind.OTHER,
        "use directory " + directory + ": the path no longer stands for the directory opened");
  }

  /** The name stands for a link, a pipe, a directory or a device. */
  static FileSystemException notRegular(String operation, Path file) {
    return of(Kind.OTHER, operation + " " + file + ": not a regular file");
  }

  /**
   * Returns the exception for what the JDK threw, which stays its cause; one of a closed channel is
   * returned as it is.
   *
   * @param operation operation, object and numbers
   */
  static IOException translate(String operation, IOException thrown) {
    if (thrown instanceof ClosedChannelException) {
      return thrown;
    }
    FileSystemException translated = of(kind(thrown), operation + ": " + words(thrown));
    translated.initCause(thrown);
    return translated;
  }

  private static Kind kind(IOException thrown) {
    if (thrown instanceof NoSuchFileException) {
      return Kind.MISSING;
    }
    if (thrown instanceof FileAlreadyExistsException) {
      return Kind.EXISTS;
    }
    if (thrown instanceof AccessDeniedException) {
      return Kind.DENIED;
    }
    String words = words(thrown);
    return FULL_WORDS.stream().anyMatch(words::contains) ? Kind.FULL : Kind.OTHER;
  }

  private static String words(IOException thrown) {
    if (thrown instanceof NoSuchFileException) {
      return "No such file or directory";
    }
    if (thrown instanceof FileAlreadyExistsException) {
      return "File exists";
    }
    if (thrown instanceof AccessDeniedException) {
      return "Permission denied";
    }
    String reason =
        thrown instanceof FileSystemException named ? named.getReason() : thrown.getMessage();
    return reason == null ? thrown.toString() : reason;
  }
}
