package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The server dies at every point where it hurts, in a process of its own; the next one goes on.
final class DeploymentCrashTest {
  @TempDir Path folder;
  private DeliveryFixture fixture;

  @BeforeEach
  void begin() throws Exception {
    fixture = new DeliveryFixture(folder);
    fixture.apply(DeliveryFixture.STAGING);
  }

  @AfterEach
  void end() throws Exception {
    fixture.close();
  }

  /// Lets a server drive until it dies there.
  private void dieAt(CrashPoint point) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var output = folder.resolve("died-" + point + ".log").toFile();
    var process =
        new ProcessBuilder(
                List.of(
                    java,
                    "-XX:-UseBASE64Intrinsics",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path").replace(":", File.pathSeparator),
                    DyingDelivery.class.getName(),
                    fixture.url().jdbc(),
                    folder.toString(),
                    point.name()))
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it reaches %s", point).isTrue();
      assertThat(process.exitValue()).isEqualTo(DyingDelivery.KILLED);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void eachNextServerGoesOnUntilTheDeploymentIsAtItsEnd() throws Exception {
    fixture.module().close();
    var release = fixture.till.release("well");
    for (var point :
        List.of(
            CrashPoint.BEGUN,
            CrashPoint.PROCESS_HEALTHY,
            CrashPoint.TRAFFIC_SWITCHED,
            CrashPoint.JUDGED,
            CrashPoint.ENDED)) {
      dieAt(point);
    }

    fixture.reopen().start();

    fixture.awaitState(release, "staging", DeploymentState.SUCCEEDED);
    assertThat(fixture.version("staging")).isEqualTo("1.1.0");
    assertEachTransitionIsInTheEvidenceOnce(release);
    assertThat(fixture.module().target().instances()).hasSize(1);
  }

  @Test
  void theNextServerFindsTheTrafficBackAndSaysSo() throws Exception {
    fixture.module().start();
    fixture.awaitState(fixture.till.release("well"), "staging", DeploymentState.SUCCEEDED);
    fixture.module().close();
    fixture.apply(
        DeliveryFixture.STAGING.replace("minRequests: 20", "minRequests: 20, littleTraffic: fail"));
    var second = fixture.till.release("well");
    dieAt(CrashPoint.TRAFFIC_BACK);
    assertThat(fixture.version("staging")).isEqualTo("1.1.0");

    fixture.reopen().start();

    var back = fixture.awaitState(second, "staging", DeploymentState.ROLLED_BACK);
    assertThat(fixture.version("staging")).isEqualTo("1.1.0");
    assertThat(fixture.evidenceOf(back)).containsOnlyOnce("rollback", "verification");
    DeliveryFixture.await(
        "the bad process is stopped", () -> fixture.module().target().instances().size() == 1);
  }

  private void assertEachTransitionIsInTheEvidenceOnce(Release release) {
    var entries = fixture.evidenceOf(fixture.deployment(release, "staging"));
    assertThat(new HashSet<>(entries)).hasSameSizeAs(entries);
    assertThat(entries).hasSize(8);
  }
}
