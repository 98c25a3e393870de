package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.workflow.ActionReference;
import dev.fairway.workflow.ActionRuns;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// A container in place of a step. It finds the job's folders where GitHub puts them, below
/// `/github`.
final class ContainerAction {
  /// What a step may give to every container action.
  static final Set<String> OWN_INPUTS = Set.of("args", "entrypoint");

  private static final Duration PULL = Duration.ofMinutes(15);
  private static final Duration BUILD = Duration.ofMinutes(30);
  private static final Duration ASK = Duration.ofSeconds(30);
  private static final String DOCKER = "docker://";

  /// Variables that belong to this machine or to the folders of it.
  private static final Set<String> NOT_THE_CONTAINERS =
      Set.of("PATH", "HOME", "TMPDIR", "JAVA_HOME", "LANG", "USER", "RUNNER_TOOL_CACHE");

  private ContainerAction() {}

  static Action ofImage(ActionReference.Docker docker, Map<String, String> with, Turn.Scene scene) {
    var inputs = Value.<String>caseInsensitiveMap();
    inputs.putAll(with);
    return stop -> {
      var job = scene.scope().job();
      var engine = job.settings().containers().engine("`" + docker.text() + "`");
      pull(engine, docker.image(), job);
      var variables = new LinkedHashMap<>(scene.variables());
      inputs.forEach((name, value) -> variables.put(JavaScriptAction.inputVariable(name), value));
      return run(
          engine,
          docker.image(),
          entrypoint(Optional.empty(), inputs),
          Words.of(inputs.getOrDefault("args", "")),
          variables,
          scene,
          stop);
    };
  }

  static Action ofAction(
      ActionRuns.Container container,
      Optional<String> entrypoint,
      ActionCall call,
      Turn.Scene scene) {
    return stop -> {
      var job = scene.scope().job();
      var engine = job.settings().containers().engine("`" + call.step().action().text() + "`");
      var inputs = Value.<String>caseInsensitiveMap();
      inputs.putAll(call.inputs());
      var contexts = Contexts.empty().with("inputs", Value.ofStrings(call.inputs()));
      var code = call.code();
      var given = code.placed(() -> arguments(container, contexts));
      var variables = JavaScriptAction.variables(call, scene);
      code.placed(() -> container.env().strings(contexts)).forEach(variables::putIfAbsent);
      var image = image(engine, container, call, job);
      return run(
          engine,
          image,
          entrypoint(entrypoint, inputs),
          given.isEmpty() ? Words.of(inputs.getOrDefault("args", "")) : given,
          variables,
          scene,
          stop);
    };
  }

  private static List<String> arguments(ActionRuns.Container container, Contexts contexts) {
    return container.args().evaluate(contexts) instanceof Value.Arr list
        ? list.items().stream().map(Value::text).toList()
        : List.of();
  }

  private static Optional<String> entrypoint(Optional<String> own, Map<String, String> inputs) {
    return own.or(() -> Optional.ofNullable(inputs.get("entrypoint")))
        .filter(text -> !text.isBlank());
  }

  private static Action.Result run(
      ContainerEngine engine,
      String image,
      Optional<String> entrypoint,
      List<String> arguments,
      Map<String, String> variables,
      Turn.Scene scene,
      Stop stop)
      throws IOException, InterruptedException {
    var job = scene.scope().job();
    var folder = job.parts().folder();
    var options = new ArrayList<>(List.of("--workdir", "/github/workspace"));
    options.addAll(job.containerNetwork());
    entrypoint.ifPresent(program -> options.addAll(List.of("--entrypoint", program)));
    mount(options, job.workspace(), "/github/workspace", "");
    mount(options, folder.home(), "/github/home", "");
    mount(options, folder.temp(), "/github/runner_temp", "");
    mount(options, folder.commands(), "/github/file_commands", "");
    mount(options, folder.control().resolve("event.json"), "/github/workflow/event.json", ":ro");
    try (var _ = HeldWorkspace.of(folder, job.workspace())) {
      return new ContainerRun(engine, job, image, options, inContainer(variables, job), arguments)
          .run(stop);
    }
  }

  private static void mount(List<String> options, Path from, String to, String mode) {
    options.addAll(List.of("--volume", from + ":" + to + mode));
  }

  /// The same variables with the paths of the container.
  private static Map<String, String> inContainer(Map<String, String> variables, JobScope job) {
    var folder = job.parts().folder();
    var moved = new LinkedHashMap<String, String>();
    variables.forEach((name, value) -> {
      if (!NOT_THE_CONTAINERS.contains(name) && !job.isOfTheMachine(name, value)) {
        moved.put(
            name,
            value.startsWith(folder.commands() + "/")
                ? "/github/file_commands" + value.substring(folder.commands().toString().length())
                : value);
      }
    });
    if (!moved.containsKey("GIT_CONFIG_COUNT")) {
      moved.putAll(JobEnvironment.TRUST_OF_GIT);
    }
    moved.put("HOME", "/github/home");
    moved.put("GITHUB_WORKSPACE", "/github/workspace");
    moved.put("GITHUB_EVENT_PATH", "/github/workflow/event.json");
    moved.put("RUNNER_TEMP", "/github/runner_temp");
    moved.remove("GITHUB_ACTION_PATH");
    return moved;
  }

  /// Fetches an image where it is not on this machine.
  static void pull(ContainerEngine engine, String image, JobScope job)
      throws IOException, InterruptedException {
    var _ = ContainerOptions.image(image);
    if (!engine.run(ASK, List.of("image", "inspect", image)).good()) {
      job.parts().log().line("Fetching the image " + image);
      job.parts().log().flush();
      engine.must("The image " + image + " cannot be fetched", PULL, List.of("pull", "-q", image));
    }
  }

  private static String image(
      ContainerEngine engine, ActionRuns.Container container, ActionCall call, JobScope job)
      throws IOException, InterruptedException {
    if (container.image().startsWith(DOCKER)) {
      var image = container.image().substring(DOCKER.length());
      pull(engine, image, job);
      return image;
    }
    var code = call.code();
    var tag = tag(container, call, job);
    if (code.repository().isEmpty()) {
      job.atEnd(List.of("rmi", "-f", tag));
    }
    if (engine.run(ASK, List.of("image", "inspect", tag)).good()) {
      return tag;
    }
    var context = Files.createTempDirectory(job.parts().folder().spool(), "build");
    try {
      var unpacked = context.resolve("files");
      Files.createDirectory(unpacked);
      copy(code, context.resolve("files.zip"), unpacked);
      var file = unpacked.resolve(container.image()).normalize();
      if (!file.startsWith(unpacked) || !Files.isRegularFile(file)) {
        throw new FairwayException(
            ErrorCode.UNPROCESSABLE,
            "The action names the image `" + container.image() + "`, which is no file of it",
            "Name a Dockerfile in the action's folder, or docker://IMAGE.");
      }
      job.parts().log().line("Building the image of " + call.step().action().text());
      job.parts().log().flush();
      var command = new ArrayList<>(List.of("build", "-q", "-t", tag, "-f", file.toString()));
      command.addAll(buildLimits(job.parts().assignment()));
      command.add(parent(file).toString());
      engine.must(
          "The image of " + call.step().action().text() + " cannot be built", BUILD, command);
      return tag;
    } finally {
      JobFolder.deleteTree(context);
    }
  }

  /// The programs of a Dockerfile may do what the job may.
  private static List<String> buildLimits(JobAssignment assignment) {
    var bytes = assignment.limits().memoryBytes() + "b";
    var options = new ArrayList<>(List.of("--memory", bytes, "--memory-swap", bytes));
    if (!assignment.network()) {
      options.addAll(List.of("--network", "none"));
    }
    return options;
  }

  /// A commit's image is the same for every job; that of a workspace is the job's own.
  private static String tag(ActionRuns.Container container, ActionCall call, JobScope job) {
    var code = call.code();
    var what =
        code.repository().isEmpty()
            ? job.parts().assignment().job() + " " + call.path()
            : code.root().getFileName() + " " + code.root().relativize(code.folder());
    return "localhost/fairway-action:"
        + UUID.nameUUIDFromBytes((what + " " + container.image()).getBytes(StandardCharsets.UTF_8));
  }

  private static Path parent(Path file) {
    var parent = file.getParent();
    if (parent == null) {
      throw new IllegalStateException(file + " has no parent");
    }
    return parent;
  }

  /// The engine reads the files with the agent's rights, so it reads a copy in which no link leads
  /// out.
  private static void copy(ActionCode code, Path zip, Path into) throws IOException {
    var finder = new ArtifactFiles(code.root(), List.of(code.root()));
    var files = finder.find(code.folder() + "\n!" + code.folder() + "/.git/**", true);
    var _ = finder.pack(files, zip, 1, ZipWriter.MAX_CONTENT_BYTES);
    Unzip.into(zip, into, ZipWriter.MAX_CONTENT_BYTES);
  }
}
