package dev.fairway.workflow;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Finds the official test vectors of the language, which are not part of this repository: in the
/// folder that the system property `fairway.conformance` names, else beside the repository.
final class Conformance {
  private static final Path ROOT = root();

  private Conformance() {}

  static List<Path> files(String folder, String suffix) {
    Path path = ROOT.resolve(folder);
    assumeTrue(Files.isDirectory(path), "no conformance vectors in " + path);
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The contexts that the official schema gives a definition.
  static List<String> contexts(String definition) {
    Value schema = Value.ofJson(text(files(".", "workflow-v1.0.json").getFirst()));
    return member(member(member(schema, "definitions"), definition), "context")
            instanceof Value.Arr list
        ? list.items().stream().map(Value::text).toList()
        : List.of();
  }

  private static Value member(Value object, String name) {
    return ((Value.Obj) object).member(name).orElseThrow();
  }

  private static Path root() {
    String property = System.getProperty("fairway.conformance");
    if (property != null) {
      return Path.of(property);
    }
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/conformance"))) {
      folder = folder.getParent();
    }
    return folder == null ? Path.of("shared/conformance") : folder.resolve("shared/conformance");
  }
}
