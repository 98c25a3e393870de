package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.Container;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// The containers of a job: the one in which its steps run, and the services beside it, on a
/// network of their own. They end with the job.
///
/// The job's container has the job's folders at the same paths as the machine. It is the sandbox of
/// the steps then: the same supervisor runs in it.
final class JobContainers implements AutoCloseable, Sandbox.Enclosure {
  /// The label by which an agent finds what it has left behind when it was killed.
  static final String AGENT_LABEL = ContainerEngine.LABELS + "jobs";

  /// Where a container finds the machine's Node.js programs, by their major version.
  static final String NODE = "/opt/fairway/node";

  private static final Duration CALL = Duration.ofMinutes(2);
  private static final Duration PULL = Duration.ofMinutes(15);
  private static final Duration HEALTHY = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,62}");
  private static final int LOG_LINES = 50;

  private final ContainerEngine engine;
  private final JobParts parts;
  private final RunnerSettings settings;
  private final Optional<Container> container;
  private final String prefix;
  private final List<String> started = new ArrayList<>();
  private final Map<String, Value> services = new LinkedHashMap<>();
  private final List<String> hosts = new ArrayList<>();
  private final List<String> volumes = new ArrayList<>();
  private String path = JobEnvironment.SYSTEM_PATH;

  private JobContainers(
      ContainerEngine engine,
      JobParts parts,
      RunnerSettings settings,
      Optional<Container> container) {
    this.engine = engine;
    this.parts = parts;
    this.settings = settings;
    this.container = container;
    this.prefix = prefix(parts.assignment().lease());
  }

  /// What the names of all that belongs to a job begin with.
  static String prefix(String job) {
    return "fairway-" + job;
  }

  /// Fetches the images, starts the services, and waits until they are healthy.
  static JobContainers start(
      JobParts parts,
      RunnerSettings settings,
      Optional<Container> container,
      Map<String, Container> services)
      throws IOException, InterruptedException {
    var engine = settings.containers().engine("The job's `container` or `services`");
    var all = new JobContainers(engine, parts, settings, container);
    try {
      all.startAll(services);
      return all;
    } catch (IOException | InterruptedException | RuntimeException e) {
      all.close();
      throw e;
    }
  }

  private void startAll(Map<String, Container> wanted) throws IOException, InterruptedException {
    if (!wanted.isEmpty() && !parts.assignment().network()) {
      throw ContainerOptions.refused("services need the network, which the job has switched off");
    }
    if (container.isPresent()) {
      pull(container.get());
      path = imagePath(container.get().image());
    }
    if (wanted.isEmpty()) {
      return;
    }
    engine.must(
        "The job's network cannot be made",
        CALL,
        List.of("network", "create", "--label", agentLabel(), prefix));
    for (var service : wanted.entrySet()) {
      start(service.getKey(), service.getValue());
    }
    for (var name : wanted.keySet()) {
      awaitHealthy(name);
    }
  }

  private void start(String name, Container service) throws IOException, InterruptedException {
    if (!NAME.matcher(name).matches()) {
      throw ContainerOptions.refused("`" + name + "` is no name of a service");
    }
    pull(service);
    var full = prefix + "-" + name;
    var command = new ArrayList<>(List.of("run", "-d", "--name", full));
    command.addAll(List.of("--network", prefix, "--network-alias", name));
    var file = Files.createTempFile(parts.folder().spool(), "env", ".list");
    try {
      common(command, service, file);
      service.ports().forEach(port -> command.addAll(List.of("-p", ContainerOptions.port(port))));
      service.entrypoint().ifPresent(entry -> command.addAll(List.of("--entrypoint", entry)));
      command.add(service.image());
      service.command().map(Words::of).ifPresent(command::addAll);
      started.add(full);
      engine.must("The service `" + name + "` cannot be started", CALL, command);
    } finally {
      Files.deleteIfExists(file);
    }
    var address =
        engine.must(
            "The service `" + name + "` has no address",
            CALL,
            List.of(
                "inspect",
                full,
                "--format",
                "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"));
    if (!address.isBlank()) {
      hosts.add(name + ":" + address.strip().split(" ", 2)[0]);
    }
    services.put(
        name,
        new Value.Obj(
            Map.of(
                "id", Value.of(full),
                "network", Value.of(prefix),
                "ports", Value.ofStrings(ports(full)))));
    parts.log().line("Service " + name + " runs the image " + service.image());
  }

  /// The port on this machine of each port of the container.
  private Map<String, String> ports(String full) throws IOException, InterruptedException {
    var ports = new LinkedHashMap<String, String>();
    var said = engine.run(CALL, List.of("port", full));
    if (said.good()) {
      for (var line : said.text().lines().toList()) {
        var arrow = line.indexOf(" -> ");
        if (arrow > 0) {
          ports.putIfAbsent(
              line.substring(0, arrow).replace("/tcp", ""),
              line.substring(line.lastIndexOf(':') + 1).strip());
        }
      }
    }
    return ports;
  }

  /// podman has nobody who checks by and by where systemd does not run, so it is asked to check
  /// now.
  private void awaitHealthy(String name) throws IOException, InterruptedException {
    var full = prefix + "-" + name;
    var check =
        engine.run(CALL, List.of("inspect", full, "--format", "{{json .Config.Healthcheck}}"));
    if (!check.good() || !check.text().contains("Test")) {
      return;
    }
    parts.log().line("Waiting until the service " + name + " is healthy");
    parts.log().flush();
    var until = System.nanoTime() + HEALTHY.toNanos();
    while (!healthy(full)) {
      var running = engine.run(CALL, List.of("inspect", full, "--format", "{{.State.Running}}"));
      if (System.nanoTime() > until || !running.text().strip().equals("true")) {
        tellLog(name, full);
        throw new FairwayException(
            ErrorCode.UNPROCESSABLE,
            running.text().strip().equals("true")
                ? "The service `%s` was not healthy after %d minutes"
                    .formatted(name, HEALTHY.toMinutes())
                : "The service `" + name + "` has ended before it was healthy",
            "What it wrote stands in the log.");
      }
      if (cancelledWithin(PAUSE)) {
        return;
      }
    }
  }

  private boolean healthy(String full) throws IOException, InterruptedException {
    return engine.podman()
        ? engine.run(CALL, List.of("healthcheck", "run", full)).good()
        : engine
            .run(CALL, List.of("inspect", full, "--format", "{{.State.Health.Status}}"))
            .text()
            .strip()
            .equals("healthy");
  }

  private boolean cancelledWithin(Duration time) throws InterruptedException {
    try {
      parts.cancellation().requested().get(time.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a cancellation never fails", e);
    }
  }

  private void tellLog(String name, String full) throws IOException, InterruptedException {
    var said = engine.run(CALL, List.of("logs", "--tail", Integer.toString(LOG_LINES), full));
    parts.log().line("##[group]The last lines of " + name);
    said.text().lines().forEach(parts.log()::line);
    parts.log().line("##[endgroup]");
  }

  /// What all containers of the job have.
  private void common(List<String> command, Container of, Path file) throws IOException {
    command.addAll(
        List.of("--label", ContainerEngine.JOB_LABEL + "=" + parts.assignment().lease()));
    command.addAll(List.of("--label", agentLabel()));
    var limits = parts.assignment().limits();
    command.addAll(ContainerOptions.limits(limits));
    command.addAll(ContainerRun.variables(of.env(), file));
    for (var volume : of.volumes()) {
      var own = ContainerOptions.volume(volume, prefix);
      if (own.startsWith(prefix)) {
        volumes.add(own.substring(0, own.indexOf(':')));
      }
      command.addAll(List.of("--volume", own));
    }
    of.options()
        .map(options -> ContainerOptions.checked(options, limits.memoryBytes()))
        .ifPresent(command::addAll);
  }

  private String agentLabel() {
    return AGENT_LABEL + "=" + settings.jobs();
  }

  private void pull(Container of) throws IOException, InterruptedException {
    var image = ContainerOptions.image(of.image());
    if (engine.run(CALL, List.of("image", "inspect", image)).good() && of.credentials().isEmpty()) {
      return;
    }
    parts.log().line("Fetching the image " + image);
    parts.log().flush();
    var folder = Files.createTempDirectory(parts.folder().spool(), "login");
    try {
      var first = new ArrayList<String>();
      var more = new ArrayList<String>();
      if (engine.podman()) {
        more.addAll(List.of("--authfile", folder.resolve("auth.json").toString()));
      } else {
        first.addAll(List.of("--config", folder.toString()));
      }
      if (of.credentials().isPresent()) {
        login(of.credentials().get(), image, first, more);
      } else {
        more.clear();
        first.clear();
      }
      var command = new ArrayList<>(first);
      command.addAll(List.of("pull", "-q"));
      command.addAll(more);
      command.add(image);
      engine.must("The image " + image + " cannot be fetched", PULL, command);
    } finally {
      JobFolder.deleteTree(folder);
    }
  }

  private void login(Container.Credentials who, String image, List<String> first, List<String> more)
      throws IOException, InterruptedException {
    parts.masker().add(who.password());
    var host = image.contains("/") ? image.substring(0, image.indexOf('/')) : "";
    var registry =
        host.contains(".") || host.contains(":") || host.equals("localhost") ? host : "docker.io";
    var command = new ArrayList<>(first);
    command.add("login");
    command.addAll(more);
    command.addAll(List.of("--username", who.username(), "--password-stdin", registry));
    var process = engine.process(command).redirectInput(ProcessBuilder.Redirect.PIPE).start();
    try (var in = process.getOutputStream()) {
      in.write(who.password().getBytes(StandardCharsets.UTF_8));
    }
    if (!process.waitFor(CALL.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw ContainerOptions.refused(registry + " does not accept the credentials of " + image);
    }
  }

  private String imagePath(String image) throws IOException, InterruptedException {
    var said =
        engine.must(
            "The image " + image + " is not there",
            CALL,
            List.of("image", "inspect", image, "--format", "{{range .Config.Env}}{{.}}\n{{end}}"));
    return said.lines()
        .filter(line -> line.startsWith("PATH="))
        .map(line -> line.substring("PATH=".length()))
        .findFirst()
        .orElse(JobEnvironment.SYSTEM_PATH);
  }

  /// Whether the steps run in a container.
  boolean holdsSteps() {
    return container.isPresent();
  }

  /// The `PATH` of the image.
  String path() {
    return path;
  }

  /// The options by which another container of the job joins it.
  List<String> network() {
    if (!parts.assignment().network()) {
      return List.of("--network", "none");
    }
    var options = new ArrayList<String>();
    if (!services.isEmpty()) {
      options.addAll(List.of("--network", prefix));
      hosts.forEach(host -> options.addAll(List.of("--add-host", host)));
    }
    return options;
  }

  /// What the context `job` holds of them.
  Map<String, Value> context() {
    var context = new LinkedHashMap<String, Value>();
    container.ifPresent(_ ->
        context.put(
            "container",
            new Value.Obj(Map.of("id", Value.of(prefix), "network", Value.of(prefix)))));
    context.put("services", new Value.Obj(services));
    return context;
  }

  @Override
  public List<String> command(List<String> program) throws IOException, InterruptedException {
    var of = container.orElseThrow();
    var folder = parts.folder();
    var command = new ArrayList<>(List.of("run", "--rm", "-i", "--name", prefix));
    command.addAll(network());
    command.addAll(List.of("--workdir", folder.workspace(parts.assignment().project()).toString()));
    command.addAll(List.of("--volume", folder.control() + ":" + folder.control() + ":ro"));
    for (var writable : List.of(folder.commands(), folder.work(), folder.temp(), folder.home())) {
      command.addAll(List.of("--volume", writable + ":" + writable));
    }
    for (var node : settings.node().all()) {
      command.addAll(List.of("--volume", node.program() + ":" + NODE + node.major() + ":ro"));
    }
    // Read when the container starts, and deleted with the job's folder.
    common(command, of, Files.createTempFile(folder.spool(), "env", ".list"));
    of.ports().forEach(port -> command.addAll(List.of("-p", ContainerOptions.port(port))));
    command.addAll(List.of("--entrypoint", program.getFirst(), of.image()));
    command.addAll(program.subList(1, program.size()));
    started.add(prefix);
    var all = new ArrayList<>(List.of(engine.program().toString()));
    all.addAll(command);
    return all;
  }

  @Override
  public Map<String, String> environment() {
    return engine.environment();
  }

  @Override
  public void close() throws IOException {
    try {
      for (var name : started.reversed()) {
        var _ = engine.run(CALL, engine.removal(List.of(name)));
      }
      for (var volume : volumes) {
        var _ = engine.run(CALL, List.of("volume", "rm", "-f", volume));
      }
      var _ = engine.run(CALL, List.of("network", "rm", prefix));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
