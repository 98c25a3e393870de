package dev.fairway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.ErrorCode;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable.Route;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Holds the routes of a whole server and `openapi.yaml` to each other.
final class ContractTest {
  /// Every route that needs no sign-in, with the reason.
  private static final Map<String, String> OPEN =
      Map.ofEntries(
          Map.entry("GET /healthz", "a supervisor asks; says only that we live"),
          Map.entry("GET /readyz", "a load balancer asks; says only that traffic may come"),
          Map.entry("GET /api/v1/openapi.yaml", "the same in every installation"),
          Map.entry("GET /api/v1/whoami", "tells a program whether its token works"),
          Map.entry("GET /static/{hash}/{name}", "style and script of the sign-in page too"),
          Map.entry("GET /sign-in", "the way in"),
          Map.entry("POST /sign-in", "the way in"),
          Map.entry("GET /setup", "the first administrator, by the link that the server printed"),
          Map.entry("POST /setup", "the first administrator, by the link that the server printed"),
          Map.entry("GET /invite", "by the secret of the invitation"),
          Map.entry("POST /invite", "by the secret of the invitation"),
          Map.entry("PUT /_services/uploads/artifact/{id}", "by an address that we signed"),
          Map.entry("PUT /_services/uploads/cache/{id}", "by an address that we signed"),
          Map.entry("GET /_services/files/artifact/{id}", "by an address that we signed"),
          Map.entry("GET /_services/files/cache/{id}", "by an address that we signed"),
          Map.entry("GET /ledger/checkpoint", "witnesses read the log: hashes and signatures only"),
          Map.entry("GET /ledger/tile/<path>", "witnesses read the log: hashes only"),
          Map.entry("GET /ledger/ledger-public.pem", "public keys"),
          Map.entry("GET /ledger/trusted_root.json", "public keys"));

  @TempDir Path folder;

  private RunningServer running;

  @BeforeEach
  void start() {
    running = RunningServer.start(folder);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  @Test
  void theContractHasEveryRouteAndNoOther() {
    var promised =
        running.contract().operations().stream()
            .collect(Collectors.toMap(it -> it.method() + " " + it.path(), it -> it.permission()));
    var served =
        running.routes().all().stream()
            .filter(ContractTest::forPrograms)
            .collect(Collectors.toMap(ContractTest::name, it -> it.permission().word()));

    assertThat(promised).containsExactlyInAnyOrderEntriesOf(served);
  }

  @Test
  void onlyTheseRoutesNeedNoSignIn() {
    assertThat(running.routes().all()).allMatch(route -> route.permission() != null);
    assertThat(running.routes().all())
        .filteredOn(route -> route.permission() == Permission.ANYONE)
        .extracting(ContractTest::name)
        .containsExactlyInAnyOrderElementsOf(OPEN.keySet());
  }

  @Test
  void theContractSaysTheSameOfSignInAsItsPermissions() {
    assertThat(running.contract().operations())
        .allSatisfy(operation -> {
          assertThat(operation.open())
              .as(operation.path())
              .isEqualTo(operation.permission().equals("anyone"));
          assertThat(operation.tag())
              .isEqualTo(operation.permission().equals("run_jobs") ? "agent" : "api");
          assertThat(operation.node().path("responses").has("default"))
              .as(operation.path())
              .isTrue();
        });
    assertThat(running.contract().operations())
        .extracting(operation -> operation.node().path("operationId").asString())
        .doesNotHaveDuplicates()
        .doesNotContain("");
  }

  @Test
  void theContractHasTheWordsOfTheCode() {
    assertThat(running.contract().words("ErrorCode"))
        .containsExactlyElementsOf(Arrays.stream(ErrorCode.values()).map(ErrorCode::id).toList());
    assertThat(running.contract().words("Permission"))
        .containsExactlyElementsOf(
            Arrays.stream(Permission.values()).map(Permission::word).toList());
    assertThat(running.contract().words("Role"))
        .containsExactlyElementsOf(Arrays.stream(Role.values()).map(Role::word).toList());
    assertThat(running.contract().words("EvidenceType"))
        .containsExactlyElementsOf(
            Arrays.stream(PredicateType.values()).map(PredicateType::word).toList());
  }

  private static boolean forPrograms(Route route) {
    return route.path().startsWith("/api/") || route.path().startsWith("/agent/");
  }

  private static String name(Route route) {
    return route.method() + " " + route.path();
  }
}
