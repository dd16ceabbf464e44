package dev.walnut.cli;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The names of the JDK's own public classes and methods: a real text that every machine has. */
final class JdkNames {
  private static final String SUFFIX = ".class";

  private JdkNames() {}

  /** Writes them to a file, one a line, sorted. */
  static void write(Path file) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    for (String className : classNames()) {
      addNames(className, names);
    }
    Files.write(file, names);
  }

  private static List<String> classNames() throws IOException {
    Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
    try (Stream<Path> files = Files.walk(base.resolve("java"))) {
      return files
          .map(file -> base.relativize(file).toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()).replace('/', '.'))
          .toList();
    }
  }

  private static void addNames(String className, Set<String> names) {
    try {
      Class<?> found = Class.forName(className, /* initialize= */ false, null);
      if (Modifier.isPublic(found.getModifiers())) {
        names.add(className);
        Arrays.stream(found.getDeclaredMethods())
            .filter(method -> !method.isSynthetic())
            .map(Method::getName)
            .forEach(name -> names.add(className + '.' + name));
      }
    } catch (ClassNotFoundException | LinkageError e) {
      // A class that only some platforms have: one name fewer.
    }
  }
}
