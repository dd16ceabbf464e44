package dev.walnut.internal.platform;

import com.sun.jna.FunctionMapper;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The C functions of {@code walnut.h}, and all there is of JNA. Each method stands for the function
 * of its name with {@code walnut_} before it; the header says what they do. Addresses and text are
 * passed as {@code long}: with primitives alone a call costs a tenth of what it costs otherwise.
 *
 * <p>Loading this class fails with a {@link LinkageError} where JNA is missing or broken.
 */
final class NativeCalls {
  static final int OPEN_READ = 0;
  static final int OPEN_WRITE = 1;
  static final int OPEN_CREATE = 2;
  static final int OPEN_PREPARE = 3;

  static final int DURABLE_NONE = 0;
  static final int DURABLE_FILE = 1;
  static final int DURABLE_RANGE = 2;

  static final int KIND_MISSING = 1;
  static final int KIND_EXISTS = 2;
  static final int KIND_DENIED = 3;
  static final int KIND_FULL = 4;
  static final int KIND_HELD = 5;

  private static final FunctionMapper NAMES =
      (library, method) ->
          "walnut_"
              + method.getName().replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);

  private NativeCalls() {}

  static native long commit(
      int fd, long spans, int spanCount, long offset, long frames, int frameCount, int durability);

  static native int openDirectory(long path);

  static native int open(int directory, long name, int mode);

  static native int close(int fd);

  static native long read(int fd, long target, long length, long offset);

  static native long size(int fd);

  static native int truncate(int fd, long size);

  static native int reserve(int fd, long offset, long length);

  static native int sync(int fd);

  static native int syncDirectory(int fd);

  static native int unlink(int directory, long name);

  static native int lock(int fd);

  static native int isSame(int fd, int directory, long name);

  static native int errorKind(int error);

  static native int errorText(int error, long target, int capacity);

  /** The address of a direct buffer's first byte; good for as long as the buffer is reachable. */
  static long addressOf(ByteBuffer direct) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
  }

  /**
   * Loads the library packaged for this platform.
   *
   * @return where it was loaded from
   */
  static String loadPackaged() throws IOException {
    String name = System.mapLibraryName("walnut");
    File file =
        Native.extractFromResourcePath(
            "/" + Platform.RESOURCE_PREFIX + "/" + name, NativeCalls.class.getClassLoader());
    boolean unpacked = !file.getName().equals(name);
    try {
      load(file.getAbsolutePath());
    } finally {
      if (unpacked) {
        deleteUnpacked(file.toPath());
      }
    }
    return unpacked ? "packaged " + name : file.getPath();
  }

  /**
   * Loads the library at an absolute path, never by its bare name: system directories would be
   * searched first, and an old copy there would win.
   *
   * @throws UnsatisfiedLinkError if it cannot be loaded or has another ABI number
   */
  static void load(String path) {
    com.sun.jna.NativeLibrary library =
        com.sun.jna.NativeLibrary.getInstance(path, Map.of(Library.OPTION_FUNCTION_MAPPER, NAMES));
    int abi = library.getFunction("walnut_abi").invokeInt(new Object[0]);
    if (abi != NativeLibrary.ABI) {
      throw new UnsatisfiedLinkError(
          "load " + path + ": its ABI number is " + abi + ", expected " + NativeLibrary.ABI);
    }
    Native.register(NativeCalls.class, library);
  }

  /** A loaded library needs its name no more, except where open files cannot be deleted. */
  private static void deleteUnpacked(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }
}
