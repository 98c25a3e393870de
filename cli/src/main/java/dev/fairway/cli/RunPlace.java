package dev.fairway.cli;

import dev.fairway.agent.Isolation;
import dev.fairway.agent.MirrorActions;
import dev.fairway.agent.OwnMachine;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import picocli.CommandLine.Option;

/// The options that say where the jobs of a local run run: in the sandbox and with what of this
/// machine, and where their actions come from.
final class RunPlace {
  private static final Path LOCK_FILE = Path.of(".fairway/actions.lock");
  private static final String GITHUB = "https://github.com/" + MirrorActions.REPOSITORY;

  /// Variables of the caller that say how his machine is set up, and not who he is.
  private static final Set<String> SETTINGS =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "LANG",
          "LANGUAGE",
          "TZ",
          "JAVA_HOME",
          "MAVEN_HOME",
          "M2_HOME",
          "GRADLE_HOME",
          "GOROOT",
          "RUSTUP_HOME",
          "NODE_EXTRA_CA_CERTS",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy");

  @Option(
      names = "--no-sandbox",
      description = "Run jobs as plain processes, with your rights, files and variables.")
  private boolean noSandbox;

  @Option(
      names = "--mount",
      paramLabel = "PATH[:rw]",
      description = "A file or folder of your home that jobs see in the sandbox, such as ~/.m2:rw.")
  private List<String> mounts = new ArrayList<>();

  @Option(
      names = "--no-cache",
      description = "Restore and save no caches, as on a machine that has never run this.")
  private boolean noCache;

  @Option(
      names = "--actions",
      paramLabel = "URL|FOLDER",
      description = {
        "Where actions and workflows of other repositories come from: a folder with OWNER/NAME in"
            + " it, or a git URL with {repository} in it; repeatable, the first that has one gives"
            + " it. Without it, GitHub."
      })
  private List<String> mirrors = new ArrayList<>();

  /// Whether the caller does not want one.
  boolean noSandbox() {
    return noSandbox;
  }

  /// Where the code of other repositories comes from, locked to commits beside the workflows.
  MirrorActions others(Path folder) {
    return new MirrorActions(
        mirrors.isEmpty() ? List.of(GITHUB) : mirrors,
        folder.resolve(LOCK_FILE),
        LocalMachine.kept().resolve("git"));
  }

  /// Where the caches of that project are, unless the caller wants none. Two clones of it share
  /// nothing, and the working trees of one repository all.
  Optional<Path> caches(LocalSource source) throws IOException {
    if (noCache) {
      return Optional.empty();
    }
    var identity = source.repository().orElse(source.folder()).toRealPath().toString();
    var digest = UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8));
    return Optional.of(LocalMachine.kept().resolve("caches").resolve(digest.toString()));
  }

  /// How jobs are kept apart from the rest of this machine.
  Isolation isolation() throws IOException, InterruptedException {
    if (noSandbox) {
      return Isolation.none();
    }
    var home = home();
    var shown = new LinkedHashMap<Path, OwnMachine.Mount>();
    home.ifPresent(
        path -> HomeTools.of(path, System.getenv()).forEach(tool -> show(shown, tool, false)));
    for (var asked : mounts) {
      mount(shown, asked);
    }
    return Isolation.onOwnMachine(new OwnMachine(home, List.copyOf(shown.values())));
  }

  private static void show(Map<Path, OwnMachine.Mount> shown, Path path, boolean writable) {
    if (Files.exists(path)) {
      shown.put(path, new OwnMachine.Mount(path, writable));
    }
  }

  private static void mount(Map<Path, OwnMachine.Mount> shown, String asked) {
    var writable = asked.endsWith(":rw");
    var name = writable ? asked.substring(0, asked.length() - ":rw".length()) : asked;
    var path =
        name.startsWith("~/")
            ? Path.of(System.getenv().getOrDefault("HOME", "/")).resolve(name.substring(2))
            : Path.of(name).toAbsolutePath().normalize();
    if (!Files.exists(path)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "--mount: there is no " + path,
          "Make it first if jobs are to fill it.");
    }
    show(shown, path, writable);
  }

  /// The caller's home, unless it is the whole machine or nothing.
  private static Optional<Path> home() {
    return Optional.ofNullable(System.getenv("HOME"))
        .filter(home -> home.startsWith("/"))
        .map(home -> Path.of(home).normalize())
        .filter(home -> home.getNameCount() > 0 && Files.isDirectory(home));
  }

  /// The variables that jobs get of the caller's: all where they are his own processes, in a
  /// sandbox only those that say how the machine is set up.
  ///
  /// @param given set for the jobs on purpose
  static Map<String, String> variables(Isolation isolation, Map<String, String> given) {
    var variables = new LinkedHashMap<String, String>();
    System.getenv()
        .forEach((name, value) -> {
          if (!isolation.bubblewrap() || SETTINGS.contains(name) || name.startsWith("LC_")) {
            variables.put(name, value);
          }
        });
    variables.putAll(given);
    return variables;
  }
}
