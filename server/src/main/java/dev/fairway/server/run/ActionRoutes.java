package dev.fairway.server.run;

import dev.fairway.api.ActionsRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ResolvedAction;
import dev.fairway.server.actions.Actions;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The actions of a running job: which commits they are at, and their files.
final class ActionRoutes implements Routes {
  private final Database database;
  private final Leases leases;
  private final Actions actions;

  ActionRoutes(Database database, Leases leases, Actions actions) {
    this.database = database;
    this.leases = leases;
    this.actions = actions;
  }

  @Override
  public void register(RouteTable routes) {
    routes.post("/agent/v1/jobs/{job}/actions", Permission.RUN_JOBS, this::resolve);
    routes.get(
        "/agent/v1/jobs/{job}/actions/{owner}/{name}/{sha}", Permission.RUN_JOBS, this::fetch);
  }

  private void resolve(Exchange exchange) {
    var request = exchange.body(ActionsRequest.class);
    var holder = holder(exchange, request.fence());
    var held = database.transaction(tx -> leases.hold(tx, holder));
    var by = held.run().project() + " #" + held.run().number();
    // Outside of a transaction: a new reference is looked up on another server.
    var known = known(holder);
    var home = home(held);
    for (var reference : request.references()) {
      if (!known.containsKey(reference)) {
        known.put(reference, home.is(reference) ? home.resolved() : actions.resolve(reference, by));
      }
    }
    exchange.json(
        database.transaction(tx -> {
          leases.hold(tx, holder);
          JobActions.add(tx, holder.job(), known.values());
          var resolved = new ArrayList<ResolvedAction>();
          for (var reference : request.references()) {
            resolved.add(known.get(reference));
          }
          return new ActionsRequest.Reply(resolved);
        }));
  }

  private WorkflowHome home(Leases.Held held) {
    var calls = database.read(tx -> CalledFiles.of(tx, held.run().id()));
    return WorkflowHome.of(held.run(), calls, held.job());
  }

  private Map<String, ResolvedAction> known(Leases.Holder holder) {
    var known = new LinkedHashMap<String, ResolvedAction>();
    List<ResolvedAction> before = database.read(tx -> JobActions.of(tx, holder.job()));
    before.forEach(action -> known.put(action.reference(), action));
    return known;
  }

  private void fetch(Exchange exchange) throws IOException {
    var holder = holder(exchange, exchange.queryNumber("fence", 0, 0, Long.MAX_VALUE));
    var repository = exchange.path("owner") + "/" + exchange.path("name");
    var sha = exchange.path("sha");
    var held =
        database.transaction(tx -> {
          var holds = leases.hold(tx, holder);
          requireResolved(JobActions.of(tx, holder.job()), repository, sha);
          return holds;
        });
    var zip =
        home(held).isOwn(repository + "@" + sha)
            ? actions.archiveOf(held.run().project(), repository, sha)
            : actions.archive(repository, sha);
    exchange.header("Content-Length", Long.toString(Files.size(zip)));
    Files.copy(zip, exchange.stream("application/zip"));
  }

  private static void requireResolved(
      List<ResolvedAction> resolved, String repository, String sha) {
    if (resolved.stream()
        .noneMatch(action -> action.repository().equals(repository) && action.sha().equals(sha))) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "The job has not asked for " + repository + " at " + sha,
          "Ask for its commit first.");
    }
  }

  private static Leases.Holder holder(Exchange exchange, long fence) {
    return new Leases.Holder(exchange.pathId("job"), fence, exchange.caller().knownId());
  }
}
