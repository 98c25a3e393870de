package dev.fairway.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The chaos of `bench/chaos.sh` in small: 30 jobs and a few seconds of faults.
///
/// `-Dfairway.chaos.seed=N` takes another schedule of faults than the usual one.
final class ChaosTest {
  private static final String JOBS = "30";
  private static final String SECONDS = "6";
  private static final int PATIENCE_SECONDS = 300;

  private static final Cluster.Names NAMES = Cluster.NAMES;

  @Test
  void theSameSeedMakesTheSameFaults() {
    var time = Duration.ofMinutes(2);
    var faults = Fault.schedule(7, time, NAMES);

    assertThat(faults).hasSizeGreaterThan(50).isEqualTo(Fault.schedule(7, time, NAMES));
    assertThat(faults).isNotEqualTo(Fault.schedule(8, time, NAMES));
    assertThat(faults).allMatch(fault -> fault.at().compareTo(time) <= 0);
    assertThat(faults.stream().filter(Fault::isDeath).map(Fault::one).distinct())
        .containsExactlyInAnyOrderElementsOf(
            Set.of("server-1", "server-2", "agent-1", "agent-2", "agent-3", "database"));
  }

  @Test
  void deathsAndCutsLoseNothingAndRepeatNothing() throws IOException, InterruptedException {
    assumeTrue(canMakeNetworks(), "network namespaces cannot be made here: that takes root");
    // Jobs have users of their own, who must get to their folders.
    var home =
        Files.createTempDirectory(
            Path.of("/var/tmp"),
            "fairway-chaos",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    var output = home.resolve("output").toFile();
    var process =
        new ProcessBuilder(
                "unshare",
                "--net",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UseBASE64Intrinsics",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Chaos.class.getName(),
                JOBS,
                System.getProperty("fairway.chaos.seed", "20261123"),
                SECONDS,
                home.toString())
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    try {
      var ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      var said = Files.readString(output.toPath());
      System.out.println(said);
      assertThat(ended).as(said).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
      assertThat(said).contains("nothing was lost and nothing happened twice");
    } finally {
      process.destroy();
      process.onExit().join();
      delete(home);
    }
  }

  private static boolean canMakeNetworks() throws InterruptedException {
    for (var command :
        List.of(
            List.of("unshare", "--net", "ip", "link", "add", "name", "b0", "type", "bridge"),
            List.of("nsenter", "--version"))) {
      try {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        if (process.waitFor() != 0) {
          return false;
        }
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.toList().reversed()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
