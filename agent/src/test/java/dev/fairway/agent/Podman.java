package dev.fairway.agent;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobAssignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A real podman with an image of busybox, which needs no registry.
final class Podman {
  static final String IMAGE = "localhost/fairway-test-busybox:1";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String APPLETS =
      "sh echo cat env ls setsid id kill true false sleep test printf grep wget httpd nc mkdir";

  private Podman() {}

  /// Skips the test where there is no podman, no static busybox, or no right to run containers.
  static Containers containers(Path folder) throws IOException, InterruptedException {
    var podman = Path.of("/usr/bin/podman");
    var busybox = Path.of("/bin/busybox");
    assumeTrue(Files.isExecutable(podman), "podman is not installed");
    assumeTrue(Files.isExecutable(busybox), "busybox-static is not installed");
    var configuration = folder.resolve("containers.conf");
    Files.writeString(
        configuration,
        """
        [containers]
        default_ulimits=["nofile=1024:4096","nproc=4096:4096"]
        [engine]
        runtime="runc"
        cgroup_manager="cgroupfs"
        events_logger="file"
        """);
    var environment =
        Map.of(
            "PATH", JobEnvironment.SYSTEM_PATH,
            "HOME", System.getProperty("user.home"),
            "CONTAINERS_CONF", configuration.toString());
    var engine = new ContainerEngine(podman, environment);
    if (!engine.run(PATIENCE, List.of("image", "exists", IMAGE)).good()) {
      importImage(engine, folder, busybox);
    }
    var works = engine.run(PATIENCE, List.of("run", "--rm", IMAGE, "true"));
    assumeTrue(works.good(), "podman cannot run containers here: " + works.shortened());
    return new Containers(environment);
  }

  /// Runs a job without a sandbox, so that only its containers stand between it and the machine.
  static JobResult run(
      JobAssignment job, Jobs.Run run, Path folder, Path workspace, Containers containers)
      throws InterruptedException {
    return run(job, run, folder, workspace, containers, Isolation.none());
  }

  static JobResult run(
      JobAssignment job,
      Jobs.Run run,
      Path folder,
      Path workspace,
      Containers containers,
      Isolation isolation)
      throws InterruptedException {
    var settings =
        new RunnerSettings(
            "test-agent",
            folder.resolve("jobs"),
            isolation,
            Optional.empty(),
            Map.of(),
            folder.resolve("actions"),
            NodeRuntimes.ofThisMachine(),
            containers);
    try (var runner = new JobRunner(settings, Clock.systemUTC())) {
      return runner.run(
          job,
          new FolderHost(run.artifacts, new CheckoutSource.Folder(workspace), run),
          run.cancellation);
    }
  }

  private static void importImage(ContainerEngine engine, Path folder, Path busybox)
      throws IOException, InterruptedException {
    var root = folder.resolve("image");
    for (var name : List.of("bin", "tmp", "etc")) {
      Files.createDirectories(root.resolve(name));
    }
    Files.copy(busybox, root.resolve("bin/busybox"));
    for (var applet : APPLETS.split(" ", -1)) {
      Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
    }
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
    var tar = folder.resolve("image.tar");
    var packed =
        new ProcessBuilder("tar", "-C", root.toString(), "-cf", tar.toString(), ".").start();
    assumeTrue(packed.waitFor() == 0, "tar is not installed");
    var _ =
        engine.must("The test's image", PATIENCE, List.of("import", "-q", tar.toString(), IMAGE));
  }
}
