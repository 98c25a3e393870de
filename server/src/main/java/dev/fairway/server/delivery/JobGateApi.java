package dev.fairway.server.delivery;

import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Jobs that wait for approval, over the API.
final class JobGateApi implements Routes {
  private final Database database;
  private final JobGates gates;
  private final People people;

  JobGateApi(Database database, JobGates gates, People people) {
    this.database = database;
    this.gates = gates;
    this.people = people;
  }

  /// @param missing how many people still have to say yes
  record GateJson(
      UUID job,
      String project,
      long run,
      String name,
      String commit,
      String environment,
      int required,
      int missing,
      String role,
      Instant requestedAt,
      List<Approval> approvals) {}

  /// How it stands after a decision.
  record DecisionJson(UUID job, String environment, JobGate.State state) {}

  record Word(@Nullable String reason, @Nullable String password) {}

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/waiting-jobs", Permission.RELEASE_READ, this::list);
    routes.post(
        "/api/v1/waiting-jobs/{job}/approve",
        Permission.DEPLOYMENT_APPROVE,
        exchange -> decide(exchange, true));
    routes.post(
        "/api/v1/waiting-jobs/{job}/reject",
        Permission.DEPLOYMENT_APPROVE,
        exchange -> decide(exchange, false));
  }

  private void list(Exchange exchange) {
    var items =
        database.read(tx ->
            gates.waiting(tx, ApprovalRules.Person.NOBODY).stream()
                .map(standing ->
                    new GateJson(
                        standing.gate().jobId(),
                        standing.gate().project(),
                        standing.gate().runNumber(),
                        standing.gate().name(),
                        standing.gate().commit(),
                        standing.gate().environment(),
                        standing.required().count(),
                        standing.missing(),
                        standing.required().role().word(),
                        standing.gate().requestedAt(),
                        standing.decisions()))
                .toList());
    exchange.json(Map.of("items", items));
  }

  private void decide(Exchange exchange, boolean approved) {
    var word = exchange.body(Word.class);
    people.confirm(exchange, word.password() == null ? "" : word.password());
    var gate =
        gates.decide(
            people.demand(database, exchange),
            exchange.pathId("job"),
            approved,
            word.reason() == null ? "" : word.reason());
    exchange.json(new DecisionJson(gate.jobId(), gate.environment(), gate.state()));
  }
}
