package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `actions/setup-python`.
record SetupPython(Setup setup) implements Action {
  private static final int ANSWER_SECONDS = 10;
  private static final List<String> SYSTEM_FOLDERS = List.of("/usr/local/bin", "/usr/bin", "/bin");
  private static final Pattern PYTHON = Pattern.compile("python(3(\\.\\d{1,2})?)?");
  private static final String WHICH = "import sys; print(sys.version.split()[0], sys.executable)";
  private static final Pattern ANSWER = Pattern.compile("(\\d+\\.\\d+\\.\\d+\\S*) (/.+)");
  private static final Pattern PRERELEASE = Pattern.compile("\\d(a|b|rc)\\d");

  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    var inputs = setup.inputs();
    inputs.only(BuiltinAction.SETUP_PYTHON);
    var job = setup.job();
    var tool = new SetupTool(SetupTool.Kind.PYTHON, setup);
    var early = inputs.flag("allow-prereleases", false);
    var here =
        installed().stream()
            .filter(one -> early || !PRERELEASE.matcher(one.version()).find())
            .toList();
    var python = tool.choose(tool.wanted().getFirst(), here);
    var folder = links(python);
    if (inputs.flag("update-environment", true)) {
      job.additions().addPaths(List.of(folder.toString()));
      job.additions().addVariables(Map.of("pythonLocation", python.home().toString()));
    }
    setup.scene().outputs().put("python-version", python.version());
    setup.scene().outputs().put("python-path", python.program().toString());
    setup.say("Python " + python.version() + " at " + python.program());
    var base = "setup-python-" + setup.platform() + "-python-" + python.version();
    var variables = setup.finding(folder.toString());
    var cached = setup.cached(PackageManager.OF_PYTHON, base, true, variables, stop);
    var pip = pip();
    return cached.equals(Result.SUCCESS) && !pip.isEmpty()
        ? setup.run(pip, variables, stop)
        : cached;
  }

  /// A folder in which it has all its names.
  private Path links(SetupTool.Installed python) throws IOException {
    var job = setup.job();
    var folder = job.parts().folder().given("python-" + python.version() + job.name());
    for (var name : List.of("python", "python3", "python" + minor(python.version()))) {
      var link = folder.resolve(name);
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, python.program());
    }
    return folder;
  }

  /// What is installed before the next step, as a shell script.
  private String pip() {
    var pip = "python -m pip install --disable-pip-version-check ";
    var script = new StringBuilder();
    var version = setup.inputs().text("pip-version", "");
    if (!version.isEmpty()) {
      if (!version.matches("\\d+(\\.\\d+){0,2}")) {
        throw setup.inputs().refused("pip-version", "must be a version such as 24, 24.1 or 24.1.2");
      }
      script.append(pip).append("--upgrade pip==").append(version).append('\n');
    }
    var packages = setup.inputs().text("pip-install", "");
    if (!packages.isEmpty()) {
      script
          .append(pip)
          .append(
              Arrays.stream(packages.split("\\s+"))
                  .map(LaunchScript::quote)
                  .collect(Collectors.joining(" ")))
          .append('\n');
    }
    return script.isEmpty() ? "" : "set -e\n" + script;
  }

  private static String minor(String version) {
    var parts = version.split("\\.", 3);
    return parts[0] + "." + parts[1];
  }

  private static List<SetupTool.Installed> installed() throws IOException, InterruptedException {
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
    var found = new LinkedHashSet<SetupTool.Installed>();
    for (var program : programs) {
      ask(program).ifPresent(found::add);
    }
    return List.copyOf(found);
  }

  /// What it says it is: a file of that name may be a script that looks for the program.
  private static Optional<SetupTool.Installed> ask(Path candidate)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(candidate.toString(), "-c", WHICH)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return Optional.empty();
    }
    var said =
        ANSWER.matcher(
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    if (!said.matches()) {
      return Optional.empty();
    }
    var program = Path.of(said.group(2)).toRealPath();
    return Optional.of(
        new SetupTool.Installed(
            said.group(1).toLowerCase(Locale.ROOT), program.resolve("../..").normalize(), program));
  }
}
