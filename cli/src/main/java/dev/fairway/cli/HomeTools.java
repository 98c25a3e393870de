package dev.fairway.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What of a home its owner's programs need, as his variables tell, and nothing else of it.
final class HomeTools {
  /// Variables that name the folder of a tool.
  private static final List<String> VARIABLES =
      List.of("JAVA_HOME", "MAVEN_HOME", "M2_HOME", "GRADLE_HOME", "GOROOT", "RUSTUP_HOME");

  /// Where version managers keep what they have installed.
  private static final List<String> INSTALLED = List.of("versions", "installs");

  private HomeTools() {}

  /// Files and folders below `home`, none of them below another one.
  static Set<Path> of(Path home, Map<String, String> environment) {
    var tools = new LinkedHashSet<Path>();
    for (var entry : environment.getOrDefault("PATH", "").split(":", -1)) {
      var folder = Path.of(entry).normalize();
      if (folder.startsWith(home) && !folder.equals(home)) {
        tools.add(whole(home, folder));
        if (Files.exists(folder.resolve("rustup"))) {
          tools.add(home.resolve(".rustup"));
        }
      }
    }
    for (var name : VARIABLES) {
      var folder = Path.of(environment.getOrDefault(name, "")).normalize();
      if (folder.startsWith(home)) {
        tools.add(folder);
      }
    }
    tools.remove(home);
    return tools.stream()
        .filter(tool ->
            tools.stream().noneMatch(other -> tool.startsWith(other) && !tool.equals(other)))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// Of `TOOL/bin` the whole tool, unless that is a folder right in the home, where much else may
  /// lie (`~/.local`, `~/.cargo`). Of `TOOL/shims` too where a version manager keeps beside them
  /// what it has installed (`~/.pyenv`).
  private static Path whole(Path home, Path folder) {
    var tool = folder.getParent();
    if (tool == null || tool.equals(home)) {
      return folder;
    }
    var deep = tool.getNameCount() > home.getNameCount() + 1;
    var manager = INSTALLED.stream().anyMatch(name -> Files.isDirectory(tool.resolve(name)));
    return folder.endsWith("bin") && deep || folder.endsWith("shims") && manager ? tool : folder;
  }
}
