package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// `actions/setup-java`, `actions/setup-node`, `actions/setup-python`: make one of the versions on
/// this machine the job's own, by its variables and its path.
record SetupActions(ActionInputs inputs, Turn.Scene scene) {
  private static final int ANSWER_SECONDS = 10;
  private static final List<Path> JAVA_FOLDERS =
      List.of(Path.of("/usr/lib/jvm"), Path.of("/opt/java"), Path.of("/opt/hostedtoolcache/Java"));
  private static final List<String> SYSTEM_FOLDERS = List.of("/usr/local/bin", "/usr/bin", "/bin");
  private static final Pattern PYTHON = Pattern.compile("python(3(\\.\\d{1,2})?)?");
  private static final Pattern PYTHON_VERSION = Pattern.compile("Python (\\d+\\.\\d+\\.\\d+\\S*)");

  Action.Result java() throws IOException {
    inputs.only(BuiltinAction.SETUP_JAVA);
    var setup = new SetupTool("Java", "java-version", inputs, scene);
    var here = javas();
    var arch = scene.variables().getOrDefault("RUNNER_ARCH", "X64");
    for (var wanted : setup.wanted()) {
      var java = setup.choose(wanted, here);
      var home = java.home().toString();
      scene
          .scope()
          .job()
          .additions()
          .addVariables(Map.of("JAVA_HOME", home, "JAVA_HOME_" + java.major() + "_" + arch, home));
      scene.scope().job().additions().addPaths(List.of(home + "/bin"));
      scene.outputs().put("distribution", inputs.text("distribution", ""));
      scene.outputs().put("version", java.version());
      scene.outputs().put("path", home);
      scene.scope().job().parts().log().line("Java " + java.version() + " at " + home);
    }
    return Action.Result.SUCCESS;
  }

  private static List<SetupTool.Installed> javas() throws IOException {
    var homes = new LinkedHashSet<Path>();
    homes.add(Path.of(System.getProperty("java.home")));
    System.getenv()
        .forEach((name, value) -> {
          if (name.startsWith("JAVA_HOME") && value.startsWith("/")) {
            homes.add(Path.of(value));
          }
        });
    for (var folder : JAVA_FOLDERS) {
      if (Files.isDirectory(folder)) {
        try (var inside = Files.list(folder)) {
          inside.sorted().forEach(homes::add);
        }
      }
    }
    var found = new ArrayList<SetupTool.Installed>();
    for (var home : homes) {
      if (Files.isExecutable(home.resolve("bin/javac")) && Files.exists(home.resolve("release"))) {
        var release = new Properties();
        try (var in = Files.newBufferedReader(home.resolve("release"))) {
          release.load(in);
        }
        var version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
        found.add(new SetupTool.Installed(version, home, home.toRealPath().resolve("bin/javac")));
      }
    }
    return found;
  }

  Action.Result node() throws IOException, InterruptedException {
    inputs.only(BuiltinAction.SETUP_NODE);
    var job = scene.scope().job();
    var setup = new SetupTool("Node.js", "node-version", inputs, scene);
    var here =
        job.settings().node().all().stream()
            .map(one -> new SetupTool.Installed(one.version(), one.program(), one.program()))
            .toList();
    var asked = setup.wanted().getFirst();
    var wanted =
        switch (asked) {
          case "latest", "current", "node", "lts/*", "*" -> "*";
          case String version -> version;
        };
    var node = setup.choose(wanted, here);
    job.additions().addPaths(List.of(String.valueOf(node.program().getParent())));
    scene.outputs().put("node-version", node.version());
    job.parts().log().line("Node.js " + node.version() + " at " + node.program());
    return Action.Result.SUCCESS;
  }

  Action.Result python() throws IOException, InterruptedException {
    inputs.only(BuiltinAction.SETUP_PYTHON);
    var job = scene.scope().job();
    var setup = new SetupTool("Python", "python-version", inputs, scene);
    var python = setup.choose(setup.wanted().getFirst(), pythons());
    var folder = job.parts().folder().given("python-" + python.version() + job.name());
    for (var name : List.of("python", "python3", "python" + minor(python.version()))) {
      var link = folder.resolve(name);
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, python.program());
    }
    job.additions().addPaths(List.of(folder.toString()));
    job.additions().addVariables(Map.of("pythonLocation", python.home().toString()));
    scene.outputs().put("python-version", python.version());
    scene.outputs().put("python-path", python.program().toString());
    job.parts().log().line("Python " + python.version() + " at " + python.program());
    return Action.Result.SUCCESS;
  }

  private static String minor(String version) {
    var parts = version.split("\\.", 3);
    return parts[0] + "." + parts[1];
  }

  private static List<SetupTool.Installed> pythons() throws IOException, InterruptedException {
    var programs = new LinkedHashSet<Path>();
    var path = System.getenv().getOrDefault("PATH", "").split(":", -1);
    for (var folder : Stream.concat(Arrays.stream(path), SYSTEM_FOLDERS.stream()).toList()) {
      var candidates = folder.startsWith("/") ? Path.of(folder) : Path.of("/nonexistent");
      if (Files.isDirectory(candidates)) {
        try (var inside = Files.list(candidates)) {
          for (var file : inside.sorted().toList()) {
            if (PYTHON.matcher(file.getFileName().toString()).matches()
                && Files.isExecutable(file)) {
              programs.add(file.toRealPath());
            }
          }
        }
      }
    }
    var found = new ArrayList<SetupTool.Installed>();
    for (var program : programs) {
      version(program)
          .ifPresent(version ->
              found.add(
                  new SetupTool.Installed(version, program.resolve("../..").normalize(), program)));
    }
    return found;
  }

  private static Optional<String> version(Path program) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(program.toString(), "--version")
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return Optional.empty();
    }
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var version = PYTHON_VERSION.matcher(said.strip());
    return version.matches()
        ? Optional.of(version.group(1).toLowerCase(Locale.ROOT))
        : Optional.empty();
  }
}
