package dev.walnut;

import dev.walnut.internal.platform.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** Kills a child at chosen system calls, by strace, which joins it before the act in question. */
final class KillByStrace {
  /** What changes files; calls that this system or this strace does not know are left out. */
  private static final List<String> CALLS =
      List.of(
          "open",
          "openat",
          "creat",
          "pwrite64",
          "pwritev",
          "pwritev2",
          "fsync",
          "fdatasync",
          "ftruncate",
          "fallocate",
          "rename",
          "renameat",
          "renameat2",
          "link",
          "linkat",
          "unlink",
          "unlinkat",
          "mkdir",
          "mkdirat",
          "rmdir");

  private static final String TRACED = "trace=?" + String.join(",?", CALLS);
  private static final Pattern CALL = Pattern.compile("^(\\d+) +(\\w+)\\((.*)");
  private static final Pattern ACT = Pattern.compile(".*\"" + KillChild.ACT + "(\\d+)\\\\n\".*");

  /**
   * A moment to kill at: before the call is made.
   *
   * @param act the act in which the call is made, or {@link KillChild#RECOVERY}
   * @param call its name
   * @param number which of its kind in that act, on its thread, from 1
   */
  record Point(KillScript script, Backend backend, int act, String call, int number) {}

  /**
   * What the child said before it ended.
   *
   * @param killed whether it was killed, and did not come to its end
   * @param acts how many acts it began
   * @param acknowledged the last step that it called acknowledged
   */
  record Life(boolean killed, int acts, int acknowledged) {}

  private final Path dir;
  private final long seed;

  KillByStrace(Path dir, long seed) {
    this.dir = dir;
    this.seed = seed;
  }

  /** Runs the script to its end and lists the calls it makes in the log's directory. */
  List<Point> points(KillScript script, Backend backend, Path trace) throws Exception {
    return points(script, backend, /* recovery= */ false, trace);
  }

  /** Recovers what the script has left, and lists the calls that takes. */
  List<Point> pointsOfRecovery(KillScript script, Backend backend, Path trace) throws Exception {
    return points(script, backend, /* recovery= */ true, trace);
  }

  private List<Point> points(KillScript script, Backend backend, boolean recovery, Path trace)
      throws Exception {
    Life life =
        run(
            script,
            backend,
            recovery ? KillChild.RECOVERY : 0,
            List.of("-y", "-o", trace.toString(), "-e", TRACED + ",write"));
    if (life.killed()) {
      throw new IOException("the child was to come to its end: " + life);
    }
    List<Point> points = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    int act = 0;
    for (String line : Files.readAllLines(trace)) {
      Matcher begun = ACT.matcher(line);
      Matcher call = CALL.matcher(line);
      if (begun.matches()) {
        act = Integer.parseInt(begun.group(1));
        counts.clear();
      } else if (call.matches() && !call.group(2).equals("write")) {
        int number = counts.merge(call.group(1) + call.group(2), 1, Integer::sum);
        int actOrRecovery = recovery ? KillChild.RECOVERY : act;
        Point point = new Point(script, backend, actOrRecovery, call.group(2), number);
        if (call.group(3).contains(dir.toString()) && !points.contains(point)) {
          points.add(point);
        }
      }
    }
    return points;
  }

  /** Runs the script until it is killed at the point. */
  Life kill(Point point) throws Exception {
    String inject = "inject=" + point.call() + ":signal=KILL:when=" + point.number();
    return run(
        point.script(),
        point.backend(),
        point.act(),
        List.of("-o", "/dev/null", "-e", "trace=" + point.call(), "-e", inject));
  }

  private Life run(KillScript script, Backend backend, int act, List<String> options)
      throws Exception {
    Process child = start(script, backend, act);
    Process strace = null;
    try (BufferedReader said = reader(child)) {
      Told told = new Told();
      while (told.reads(said) && !told.waits) {
        // it comes to the act in question
      }
      strace = join(child, options);
      child.getOutputStream().write('\n');
      child.getOutputStream().flush();
      while (told.reads(said)) {
        // until it is killed
      }
      int status = child.waitFor();
      strace.waitFor();
      if (status != 0 && status != 128 + 9) {
        throw new IOException("the child ended with " + status + " at " + script + ", act " + act);
      }
      return new Life(status != 0, told.acts, told.acknowledged);
    } finally {
      child.destroyForcibly().waitFor();
      if (strace != null) {
        strace.destroyForcibly().waitFor();
      }
    }
  }

  private Process start(KillScript script, Backend backend, int act) throws IOException {
    ChildJvm jvm = new ChildJvm().option("-XX:+UseSerialGC").option("-Xmx64m");
    if (Runtime.version().feature() >= 24) {
      jvm.option("--enable-native-access=ALL-UNNAMED");
    }
    // What the child has to say beside its output, no one reads here; it is little.
    return jvm.start(
        KillChild.class,
        script.name(),
        backend.name(),
        dir.toString(),
        Long.toString(seed),
        Integer.toString(act));
  }

  /** Returns when strace watches all threads of the child. */
  private static Process join(Process child, List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of("strace", "-f"));
    command.addAll(options);
    command.addAll(List.of("-p", Long.toString(child.pid())));
    Process strace = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader said = reader(strace);
    String line = said.readLine();
    if (line == null || !line.contains("attached")) {
      strace.destroyForcibly();
      Assumptions.abort("SKIPPED kills at system calls: strace may not join a process: " + line);
    }
    return strace;
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** The child's words so far. */
  private static final class Told {
    boolean waits;
    int acts;
    int acknowledged;

    /** False at the end. */
    boolean reads(BufferedReader said) throws IOException {
      String line = said.readLine();
      if (line == null) {
        return false;
      }
      if (line.startsWith(KillChild.ACT)) {
        acts = 1 + Integer.parseInt(line.substring(KillChild.ACT.length()));
      } else if (line.startsWith(KillChild.ACKNOWLEDGED)) {
        acknowledged = Integer.parseInt(line.substring(KillChild.ACKNOWLEDGED.length()));
      } else {
        waits |= line.equals(KillChild.WAITS);
      }
      return true;
    }
  }
}
