package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page on reliability answers every fault, and names no test that is not there. */
class ReliabilityPageTest {
  private static final Path PAGE = Path.of("docs/RELIABILITY.md");
  private static final int FAULTS = 55;

  /** What cannot be tested, or not to the end, is answered by a sentence. */
  private static final Set<Integer> ANSWERED_IN_WORDS = Set.of(6, 23, 31, 51);

  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\|(.*)\\|$");
  private static final Pattern LINK = Pattern.compile("\\[`?([^\\]`]+)`?\\]\\(([^)]+)\\)");
  private static final Pattern TEST = Pattern.compile("(\\w+)\\.(\\w+)");

  private String page;

  /** The text of each row, by its number. */
  private final Map<Integer, String> rows = new TreeMap<>();

  @BeforeEach
  void read() throws IOException {
    page = ExampleProgram.page(PAGE.toString());
    for (MatchResult row : ROW.matcher(page).results().toList()) {
      assertThat(rows.put(Integer.parseInt(row.group(1)), row.group(2)))
          .as("row %s is there twice", row.group(1))
          .isNull();
    }
  }

  private static List<MatchResult> links(String text) {
    return LINK.matcher(text).results().toList();
  }

  @Test
  void everyFault_isAnswered_once() {
    assertThat(rows.keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, FAULTS).boxed().toList());
  }

  @Test
  void everyFault_namesATestOfItsNumber_unlessASentenceAnswersIt() {
    rows.forEach(
        (number, text) -> {
          Set<Integer> tested = new HashSet<>();
          links(text).forEach(link -> tested.addAll(faultsOf(link.group(1))));
          if (!ANSWERED_IN_WORDS.contains(number)) {
            assertThat(tested)
                .as("faults that the tests of row %d are named for", number)
                .contains(number);
          }
        });
  }

  /** The numbers a method's name begins with: {@code fault16_17_} stands for both. */
  private static Set<Integer> faultsOf(String test) {
    Set<Integer> numbers = new HashSet<>();
    String method = test.substring(test.indexOf('.') + 1);
    for (String part : method.split("_", -1)) {
      String digits = part.startsWith("fault") ? part.substring("fault".length()) : part;
      if (!digits.matches("\\d+")) {
        break;
      }
      numbers.add(Integer.parseInt(digits));
    }
    return numbers;
  }

  @Test
  void everyLink_leadsToAFile() {
    for (MatchResult link : links(page)) {
      assertThat(target(link)).as(link.group()).exists();
    }
  }

  private static Path target(MatchResult link) {
    return root().resolve(PAGE).resolveSibling(link.group(2)).normalize();
  }

  private static Path root() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("README.md"))) {
      root = root.getParent();
    }
    return root;
  }

  @Test
  void everyTestNamed_isATestOfTheFileLinked() throws IOException {
    int tests = 0;
    for (MatchResult link : links(page)) {
      MatchResult name = TEST.matcher(link.group(1)).results().findFirst().orElse(null);
      if (link.group(2).endsWith(".java") && name != null) {
        tests++;
        assertThat(target(link)).as(link.group()).hasFileName(name.group(1) + ".java");
        assertThat(isTest(Files.readString(target(link)), name.group(2)))
            .as("%s is a test", link.group(1))
            .isTrue();
      }
    }
    assertThat(tests).isGreaterThan(2 * FAULTS);
  }

  /**
   * Whether the method is there, with an annotation that has it run, and none that keeps it off.
   */
  private static boolean isTest(String source, String method) {
    Pattern declared =
        Pattern.compile(
            "((?:^  @[^\\n]+\\n(?:^ {4,}[^\\n]*\\n)*)+)^  void " + method + "\\(",
            Pattern.MULTILINE);
    return declared
        .matcher(source)
        .results()
        .map(found -> found.group(1))
        .anyMatch(
            annotations ->
                annotations.matches("(?s).*@(Test|ParameterizedTest|RepeatedTest|TestFactory)\\b.*")
                    && !annotations.contains("@Disabled"));
  }

  @Test
  void everyTestNamedForAFault_isForOneOfThePage() throws IOException {
    Pattern declared = Pattern.compile("(?m)^  void (fault\\d\\d\\w*)\\(");
    try (Stream<Path> files = Files.walk(root().resolve("java"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        for (MatchResult test : declared.matcher(Files.readString(file)).results().toList()) {
          assertThat(rows.keySet())
              .as("%s in %s", test.group(1), file)
              .containsAll(faultsOf(test.group(1)));
        }
      }
    }
  }
}
