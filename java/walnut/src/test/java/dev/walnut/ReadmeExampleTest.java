package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example compiles and runs as pasted, and says nothing on standard error. */
class ReadmeExampleTest {
  @TempDir Path dir;

  private static ExampleProgram example() throws IOException {
    String text = ExampleProgram.page("README.md");
    String marked =
        text.substring(
            text.indexOf("<!-- example: begin -->"), text.indexOf("<!-- example: end -->"));
    return new ExampleProgram(
        marked.substring(marked.indexOf("```java") + 7, marked.lastIndexOf("```")));
  }

  @Test
  void example_inAChildJvm_runsWithEmptyStandardError() throws Exception {
    assertThat(example().run(dir)).isNotEmpty();
  }
}
