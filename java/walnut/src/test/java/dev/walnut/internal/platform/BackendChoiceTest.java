package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which body is chosen where parts are missing or broken, each time in a process of its own. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class BackendChoiceTest {
  private static final String GRANTED = "--enable-native-access=ALL-UNNAMED";

  @TempDir Path temporary;

  @Test
  void automatic_everythingThere_isNativeAndSaysNothing() throws Exception {
    NativeBody.required();

    ChildJvm.Ended child = new ChildJvm().option(GRANTED).run(ChildMain.class, "choose");

    assertThat(child.output()).startsWith("native | native library ").contains("ABI 1");
    assertThat(child.errors().lines().filter(line -> !line.contains("incubator"))).isEmpty();
    assertThat(child.status()).isZero();
  }

  @Test
  void fault52_withoutJna_isJavaAndSaysSoOnce() throws Exception {
    ChildJvm.Ended child = new ChildJvm().without(ChildJvm::isJna).run(ChildMain.class, "choose");

    assertThat(child.output()).startsWith("java | native library not loaded: ").contains("jna");
    assertThat(child.errors()).containsOnlyOnce("back end java: native library not loaded: ");
    assertThat(child.status()).isZero();
  }

  /** Older than the one this library asks for, and brought along by others. It serves. */
  @Test
  void automatic_withJna550_works() throws Exception {
    NativeBody.required();
    Path old = Path.of("target/jna-old/jna.jar").toAbsolutePath();
    assertThat(old).exists();

    ChildJvm.Ended child =
        new ChildJvm()
            .without(ChildJvm::isJna)
            .with(old)
            .option(GRANTED)
            .run(ChildMain.class, "use", temporary.toString());

    assertThat(child.output())
        .as(child.errors())
        .isEqualTo("native: written, synced, read, locked\n");
    assertThat(child.status()).isZero();
  }

  @Test
  void fault52_withoutTheLibrary_isJava() throws Exception {
    ChildJvm.Ended child =
        new ChildJvm()
            .without(ChildJvm::isNativeLibrary)
            .option(GRANTED)
            .run(ChildMain.class, "choose");

    assertThat(child.output()).startsWith("java | native library not loaded: ").contains("walnut");
    assertThat(child.status()).isZero();
  }

  @Test
  void fault52_libraryIsNoLibrary_isJava() throws Exception {
    Path file = Files.writeString(temporary.resolve("libwalnut.so"), "not a library");

    ChildJvm.Ended child =
        new ChildJvm()
            .option(GRANTED)
            .option("-Dwalnut.native.path=" + file)
            .run(ChildMain.class, "choose");

    assertThat(child.output())
        .startsWith("java | native library not loaded: ")
        .contains(file.toString());
    assertThat(child.status()).isZero();
  }

  /** Shaped like a library, for another processor or cut short. */
  @ParameterizedTest
  @ValueSource(ints = {64, 20})
  void fault52_libraryOfAnotherMachine_isJava(int bytes) throws Exception {
    byte[] header = Arrays.copyOf(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}, 64);
    header[16] = 3; // a shared library
    header[18] = 22; // for a mainframe
    header[19] = 0;
    header[20] = 1;
    header[52] = 64;
    Path file = Files.write(temporary.resolve("libwalnut.so"), Arrays.copyOf(header, bytes));

    ChildJvm.Ended child =
        new ChildJvm()
            .option(GRANTED)
            .option("-Dwalnut.native.path=" + file)
            .run(ChildMain.class, "choose");

    assertThat(child.output())
        .startsWith("java | native library not loaded: ")
        .contains(file.toString());
    assertThat(child.status()).isZero();
  }

  @Test
  void fault52_otherAbi_isJavaAndNamesBothNumbers() throws Exception {
    NativeBody.required();
    Path library = compileWithAbi(99);

    ChildJvm.Ended child =
        new ChildJvm()
            .option(GRANTED)
            .option("-Dwalnut.native.path=" + library)
            .run(ChildMain.class, "choose");

    assertThat(child.output())
        .startsWith("java | native library not loaded: ")
        .contains("its ABI number is 99, expected 1");
    assertThat(child.status()).isZero();
  }

  private Path compileWithAbi(int abi) throws Exception {
    Assumptions.assumeTrue(runs("cc", "--version"), "not run: no compiler cc");
    Path source = temporary.resolve("abi.c");
    Files.writeString(source, "int walnut_abi(void) { return " + abi + "; }\n");
    Path library = temporary.resolve("libwalnut.so");
    assertThat(runs("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString()))
        .isTrue();
    return library;
  }

  private static boolean runs(String... command) throws Exception {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (java.io.IOException e) {
      return false; // There is no such program.
    }
  }

  @Test
  void automatic_nothingCanBeUnpacked_isJava() throws Exception {
    Path file = Files.writeString(temporary.resolve("file"), "");

    ChildJvm.Ended child =
        new ChildJvm()
            .option(GRANTED)
            .option("-Djna.tmpdir=" + file)
            .run(ChildMain.class, "choose");

    assertThat(child.output()).startsWith("java | native library not loaded: ");
    assertThat(child.status()).isZero();
  }

  @Test
  void fault52_unpackedWhereNothingMayBeExecuted_isJava() throws Exception {
    Path directory = Files.createTempDirectory(noexecDirectory(), "walnut-test");
    try {
      ChildJvm.Ended child =
          new ChildJvm()
              .option(GRANTED)
              .option("-Djna.tmpdir=" + directory)
              .run(ChildMain.class, "choose");

      assertThat(child.output()).startsWith("java | native library not loaded: ");
      assertThat(child.status()).isZero();
    } finally {
      try (var left = Files.newDirectoryStream(directory)) {
        for (Path file : left) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  private static Path noexecDirectory() throws Exception {
    Path mounts = Path.of("/proc/mounts");
    List<String> lines = Files.exists(mounts) ? Files.readAllLines(mounts) : List.of();
    return lines.stream()
        .map(line -> line.split(" ", -1))
        .filter(fields -> fields[2].equals("tmpfs") && fields[3].contains("noexec"))
        .map(fields -> Path.of(fields[1]))
        .filter(Files::isWritable)
        .findFirst()
        .orElseGet(() -> Assumptions.abort("not run: no writable noexec file system here"));
  }

  @Test
  void automatic_nativeAccessDenied_isJava() throws Exception {
    Assumptions.assumeTrue(
        Runtime.version().feature() >= 24, "not run: this Java denies nobody native access");

    ChildJvm.Ended child =
        new ChildJvm().option("--illegal-native-access=deny").run(ChildMain.class, "choose");

    assertThat(child.output()).startsWith("java | native library not loaded: ");
    assertThat(child.status()).isZero();
  }

  @Test
  void switchedOff_isJavaAndRefusesNative() throws Exception {
    ChildJvm off = new ChildJvm().option("-Dwalnut.native=off");

    assertThat(off.run(ChildMain.class, "choose").output())
        .startsWith("java | switched off by -Dwalnut.native=off");
    ChildJvm.Ended child = off.run(ChildMain.class, "native");
    assertThat(child.status()).isNotZero();
    assertThat(child.errors())
        .contains("NativeUnavailableException: native back end: switched off");
  }

  @Test
  void fault52_switchedOnWithoutJna_failsLoudly() throws Exception {
    ChildJvm.Ended child =
        new ChildJvm()
            .without(ChildJvm::isJna)
            .option("-Dwalnut.native=on")
            .run(ChildMain.class, "choose");

    assertThat(child.status()).isNotZero();
    assertThat(child.errors())
        .contains("NativeUnavailableException: native back end: native library not loaded: ");
  }
}
