package dev.fairway.cli;

import dev.fairway.server.http.Role;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import tools.jackson.databind.JsonNode;

/// Ground for tests of the whole system: `fairway up` with everything that belongs to it, started
/// once for all of them, and three people. Ada writes, mia approves, rosa administers.
abstract class SystemTest {
  private static final String ENVIRONMENTS =
      """
      kind: Environment
      name: staging
      order: 1
      target:
        kind: local
      promotion: automatic
      verification:
        duration: 1s
      ---
      kind: Environment
      name: production
      order: 2
      target:
        kind: local
      promotion: approved
      approvals:
        count: 1
        role: approver
      verification:
        duration: 1s
      """;

  /// The one system of this JVM, ended with it.
  private static final class Shared {
    static final Shared SYSTEM = new Shared();

    final UpProcess up;
    final Member rosa;
    final Member ada;
    final Member mia;

    Shared() {
      up = UpProcess.start();
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(up::close));
      rosa = Member.first(up, "rosa");
      ada = rosa.invite("ada", "Ada Fischer", Role.DEVELOPER, Role.APPROVER, Role.OPERATOR);
      mia = rosa.invite("mia", "Mia Okafor", Role.APPROVER, Role.OPERATOR, Role.VIEWER);
      rosa.api().put("/api/v1/apply?file=environments.yml", "application/yaml", ENVIRONMENTS);
    }
  }

  static UpProcess up;
  static Member rosa;
  static Member ada;
  static Member mia;

  @BeforeAll
  static void haveASystem() {
    up = Shared.SYSTEM.up;
    rosa = Shared.SYSTEM.rosa;
    ada = Shared.SYSTEM.ada;
    mia = Shared.SYSTEM.mia;
  }

  /// Says yes to the deployment that waits.
  static void approve(Member who, JsonNode deployment) {
    who.api()
        .post(
            "/api/v1/deployments/" + deployment.path("id").asString() + "/approve",
            Map.of("reason", "Looks good", "password", Member.PASSWORD));
  }
}
