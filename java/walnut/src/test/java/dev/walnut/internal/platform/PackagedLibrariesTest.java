package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What lies in the native jar for Linux: for each processor a library of that processor. */
class PackagedLibrariesTest {
  private static final int MACHINE_AT = 18;
  private static final int X86_64 = 62;
  private static final int AARCH64 = 183;

  /** The library that JNA would unpack on a platform; null if there is none. */
  private static byte[] library(String platform) throws IOException {
    String name = "/" + platform + "/libwalnut.so";
    try (InputStream resource = PackagedLibrariesTest.class.getResourceAsStream(name)) {
      return resource == null ? null : resource.readAllBytes();
    }
  }

  private static void assertBuiltFor(int machine, byte[] library) {
    ByteBuffer header = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(header.getInt(0)).as("the magic of ELF").isEqualTo(0x464c_457f);
    assertThat(header.get(4)).as("64 bits").isEqualTo((byte) 2);
    assertThat(header.get(5)).as("little-endian").isEqualTo((byte) 1);
    assertThat(header.getShort(MACHINE_AT)).as("the processor").isEqualTo((short) machine);
    assertThat(new String(library, StandardCharsets.ISO_8859_1)).contains("walnut_commit");
  }

  @Test
  void linuxX86_library_isOneForX86() throws IOException {
    byte[] library = library("linux-x86-64");
    assumeThat(library).as("not built here").isNotNull();

    assertBuiltFor(X86_64, library);
  }

  /** With {@code -Dnative.aarch64.required=true} it has to be there. */
  @Test
  void linuxAarch64_library_isOneForAarch64() throws IOException {
    byte[] library = library("linux-aarch64");
    if (!Boolean.getBoolean("native.aarch64.required")) {
      assumeThat(library).as("not built here: no cross compiler").isNotNull();
    }

    assertThat(library).as("linux-aarch64/libwalnut.so").isNotNull();
    assertBuiltFor(AARCH64, library);
  }
}
