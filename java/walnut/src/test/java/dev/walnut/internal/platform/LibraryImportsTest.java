package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the C layer cannot do, since it does not know the functions for it. */
class LibraryImportsTest {
  private Set<String> names;

  /** Every word between two zero bytes; those of the dynamic symbols are among them. */
  @BeforeEach
  void readLibrary() throws IOException {
    NativeBody.requiredOnLinux();
    String resource = "/" + Platform.RESOURCE_PREFIX + "/" + System.mapLibraryName("walnut");
    try (InputStream library = NativeBody.class.getResourceAsStream(resource)) {
      assertThat(library).as(resource).isNotNull();
      String text = new String(library.readAllBytes(), StandardCharsets.ISO_8859_1);
      names = Arrays.stream(text.split("\0", -1)).collect(Collectors.toSet());
    }
  }

  @Test
  void nativeLibrary_importsWhatItWritesAndSyncsWith() {
    assertThat(names).contains("fdatasync", "walnut_commit");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "posix_memalign"})
  void fault37_nativeLibrary_importsNoAllocator(String allocator) {
    assertThat(names).doesNotContain(allocator);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mmap", "mmap64", "mremap"})
  void fault51_nativeLibrary_mapsNothing(String mapping) {
    assertThat(names).doesNotContain(mapping);
  }
}
