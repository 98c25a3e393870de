package dev.fairway.server.run;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvents;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.log.JobLogs;
import java.io.IOException;

/// What agents call.
final class AgentRoutes implements Routes {
  private final Claims claims;
  private final Leases leases;
  private final JobLogs logs;

  AgentRoutes(Claims claims, Leases leases, JobLogs logs) {
    this.claims = claims;
    this.leases = leases;
    this.logs = logs;
  }

  @Override
  public void register(RouteTable routes) {
    routes.post("/agent/v1/claim", Permission.RUN_JOBS, this::claim);
    routes.post("/agent/v1/jobs/{job}/heartbeat", Permission.RUN_JOBS, this::heartbeat);
    routes.post("/agent/v1/jobs/{job}/events", Permission.RUN_JOBS, this::events);
    routes.put("/agent/v1/jobs/{job}/log", Permission.RUN_JOBS, this::log);
    routes.post("/agent/v1/jobs/{job}/complete", Permission.RUN_JOBS, this::complete);
  }

  private void claim(Exchange exchange) {
    var request = exchange.body(ClaimRequest.class);
    var place = new Claims.Place(exchange.caller().knownId(), exchange.reached());
    var assignment = claims.claim(place, request, RunLimits.CLAIM_WAIT);
    if (assignment.isPresent()) {
      exchange.json(assignment.get());
    } else {
      exchange.nothing();
    }
  }

  private void heartbeat(Exchange exchange) {
    var heartbeat = exchange.body(Heartbeat.class);
    exchange.json(leases.heartbeat(holder(exchange, heartbeat.fence())));
  }

  private void events(Exchange exchange) {
    var events = exchange.body(JobEvents.class);
    exchange.json(leases.events(holder(exchange, events.fence()), events));
  }

  private void log(Exchange exchange) throws IOException {
    var offset = exchange.queryNumber("offset", 0, 0, Long.MAX_VALUE);
    var fence = exchange.queryNumber("fence", 0, 0, Long.MAX_VALUE);
    byte[] bytes;
    try (var body = exchange.bodyStream()) {
      bytes = body.readNBytes(JobLogs.MAX_APPEND_BYTES + 1);
    }
    if (bytes.length > JobLogs.MAX_APPEND_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "More than " + JobLogs.MAX_APPEND_BYTES + " bytes of log in one call",
          "Send them in several.");
    }
    exchange.json(leases.append(holder(exchange, fence), offset, bytes, logs));
  }

  private void complete(Exchange exchange) {
    var completion = exchange.body(JobCompletion.class);
    leases.complete(holder(exchange, completion.fence()), completion);
    exchange.nothing();
  }

  private static Leases.Holder holder(Exchange exchange, long fence) {
    return new Leases.Holder(exchange.pathId("job"), fence, exchange.caller().knownId());
  }
}
