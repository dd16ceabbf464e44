package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One error of the system is one type of exception, whether C passes on its number or the JDK its
 * words. The words are those of an English system: the JDK has no others to tell "full" by.
 */
class DiskErrorsTest {

  @ParameterizedTest
  @CsvSource({
    "2, ENOENT, java.nio.file.NoSuchFileException",
    "17, EEXIST, java.nio.file.FileAlreadyExistsException",
    "13, EACCES, java.nio.file.AccessDeniedException",
    "28, ENOSPC, dev.walnut.internal.platform.DiskFullException",
    "122, EDQUOT, dev.walnut.internal.platform.DiskFullException",
    "27, EFBIG, dev.walnut.internal.platform.DiskFullException",
    "1, EPERM, java.nio.file.FileSystemException",
    "4, EINTR, java.nio.file.FileSystemException",
    "5, EIO, java.nio.file.FileSystemException",
    "16, EBUSY, java.nio.file.FileSystemException",
    "20, ENOTDIR, java.nio.file.FileSystemException",
    "21, EISDIR, java.nio.file.FileSystemException",
    "22, EINVAL, java.nio.file.FileSystemException",
    "23, ENFILE, java.nio.file.FileSystemException",
    "24, EMFILE, java.nio.file.FileSystemException",
    "30, EROFS, java.nio.file.FileSystemException",
    "36, ENAMETOOLONG, java.nio.file.FileSystemException",
    "116, ESTALE, java.nio.file.FileSystemException",
  })
  void errno_givesTheSameTypeOnBoth(int errno, String name, Class<?> type) throws IOException {
    NativeBody.requiredOnLinux();

    IOException ofNative = NativeErrors.of("open a", -errno);
    String words = words(ofNative, errno);

    assertThat(ofNative).as(name).isExactlyInstanceOf(type);
    assertThat(DiskErrors.translate("open a", ofJdkPath(errno, words)))
        .as("%s of a path", name)
        .isExactlyInstanceOf(type)
        .hasMessage("open a: " + words);
    if (type == DiskFullException.class || type == FileSystemException.class) {
      assertThat(DiskErrors.translate("open a", new IOException(words)))
          .as("%s of a channel", name)
          .isExactlyInstanceOf(type)
          .hasMessage("open a: " + words);
    }
  }

  /** The system's words, without the number that C adds. */
  private static String words(IOException ofNative, int errno) {
    String number = " (" + errno + ")";
    assertThat(ofNative).hasMessageStartingWith("open a: ").hasMessageEndingWith(number);
    String sentence = ofNative.getMessage();
    return sentence.substring("open a: ".length(), sentence.length() - number.length());
  }

  /** What the JDK throws when a call that takes a path ends in this error. */
  private static FileSystemException ofJdkPath(int errno, String words) {
    return switch (errno) {
      case 2 -> new NoSuchFileException("a");
      case 17 -> new FileAlreadyExistsException("a");
      case 13 -> new AccessDeniedException("a");
      default -> new FileSystemException("a", null, words);
    };
  }
}
