package dev.walnut.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The programs of docs/TESTKIT.md are those that run here. */
class TestkitPageTest {
  private static final Path PAGE = Path.of("../../docs/TESTKIT.md");
  private static final Path EXAMPLES =
      Path.of("src/test/java/dev/walnut/testkit/example").toAbsolutePath();
  private static final Pattern PROGRAM = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS =
      Pattern.compile("^(?:final )?class (\\w+)", Pattern.MULTILINE);

  @Test
  void programs_areTheSourcesThatRun() throws IOException {
    List<String> programs =
        PROGRAM.matcher(Files.readString(PAGE)).results().map(found -> found.group(1)).toList();

    assertThat(programs).hasSize(2);
    for (String program : programs) {
      MatchResult name = CLASS.matcher(program).results().findFirst().orElseThrow();
      assertThat(Files.readString(EXAMPLES.resolve(name.group(1) + ".java"))).isEqualTo(program);
    }
  }
}
