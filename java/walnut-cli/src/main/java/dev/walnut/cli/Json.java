package dev.walnut.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walnut.CheckResult;
import dev.walnut.Damage;
import dev.walnut.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;

/** What {@code --json} prints. Names of members are part of the command's interface. */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Prints one object in many lines. */
  static void print(PrintWriter out, ObjectNode object) throws IOException {
    out.println(MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(object));
  }

  /** Prints one object in one line. */
  static void printLine(PrintWriter out, ObjectNode object) throws IOException {
    out.println(MAPPER.writeValueAsString(object));
  }

  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static boolean isOk(CheckResult result) {
    return result == CheckResult.OK;
  }

  static ObjectNode finding(Finding finding) {
    return object()
        .put("file", finding.file().toString())
        .put("offset", finding.offset())
        .put("sequence", finding.sequence())
        .put("expected", finding.expected())
        .put("found", finding.found())
        .put("verdict", name(finding.verdict()));
  }

  static ObjectNode damage(Damage damage) {
    return object()
        .put("file", damage.file().toString())
        .put("offset", damage.offset())
        .put("expected", damage.expected())
        .put("found", damage.found())
        .put("kind", name(damage.kind()))
        .put("firstIndex", damage.firstIndex())
        .put("lastIndex", damage.lastIndex());
  }
}
