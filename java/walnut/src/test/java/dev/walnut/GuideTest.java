package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The guide's programs compile and run as pasted, and print what the guide says they print. */
class GuideTest {
  private static final Pattern PROGRAM =
      Pattern.compile("```java\n(.*?)```\n+```text\n(.*?)```", Pattern.DOTALL);

  @TempDir Path dir;

  static Stream<Arguments> programs() throws IOException {
    return PROGRAM
        .matcher(ExampleProgram.page("docs/GUIDE.md"))
        .results()
        .map(found -> program(found.group(1), found.group(2)));
  }

  private static Arguments program(String source, String printed) {
    ExampleProgram program = new ExampleProgram(source);
    return Arguments.of(program.className(), program, printed);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("programs")
  void program_asPasted_printsWhatTheGuideSays(String name, ExampleProgram program, String printed)
      throws Exception {
    assertThat(program.run(dir)).as(name).isEqualTo(printed);
  }

  @Test
  void guide_ofItsPrograms_leavesNoneOut() throws IOException {
    String guide = ExampleProgram.page("docs/GUIDE.md");

    assertThat(programs()).hasSize(guide.split("```java", -1).length - 1).hasSize(9);
  }
}
