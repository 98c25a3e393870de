package dev.fairway.server.actions;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Listing;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import org.jspecify.annotations.Nullable;

/// `/api/v1/actions`.
final class ActionsApi implements Routes {
  private record Unlock(@Nullable String reference) {}

  private final Database database;
  private final Actions actions;

  ActionsApi(Database database, Actions actions) {
    this.database = database;
    this.actions = actions;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/actions/locks", Permission.PROJECT_READ, this::locks);
    routes.post("/api/v1/actions/unlock", Permission.ORGANISATION_WRITE, this::unlock);
    routes.get("/api/v1/actions/settings", Permission.PROJECT_READ, this::settings);
    routes.put("/api/v1/actions/settings", Permission.ORGANISATION_WRITE, this::change);
  }

  private void locks(Exchange exchange) {
    exchange.json(Listing.whole(database.read(actions::locks)));
  }

  private void unlock(Exchange exchange) {
    var reference = exchange.body(Unlock.class).reference();
    if (reference == null) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The field reference is missing", "Send it.");
    }
    exchange.json(
        database.transaction(tx -> actions.unlock(tx, reference, exchange.caller().name())));
  }

  private void settings(Exchange exchange) {
    exchange.json(database.read(actions::settings));
  }

  private void change(Exchange exchange) {
    var settings = exchange.body(ActionSettings.class);
    database.run(tx -> actions.change(tx, settings, exchange.caller().name()));
    exchange.json(settings);
  }
}
