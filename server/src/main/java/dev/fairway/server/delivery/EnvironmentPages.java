package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.DeliveryViews.EnvironmentView;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One environment's rules: for everybody to read, for an administrator as a form, and as the YAML
/// that `fairway apply` takes.
final class EnvironmentPages implements Routes {
  private static final String NEW = "/new-environment";
  private static final int NEW_STEP = 10;

  private final Database database;
  private final Web web;
  private final Environments environments;

  EnvironmentPages(Database database, Web web, Environments environments) {
    this.database = database;
    this.web = web;
    this.environments = environments;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(NEW, Permission.ENVIRONMENT_WRITE, this::make);
    routes.post(NEW, Permission.ENVIRONMENT_WRITE, exchange -> save(exchange, ""));
    routes.get("/environments/{name}", Permission.RELEASE_READ, this::show);
    routes.post(
        "/environments/{name}",
        Permission.ENVIRONMENT_WRITE,
        exchange -> save(exchange, exchange.path("name")));
    routes.get("/environments.yml", Permission.RELEASE_READ, this::export);
  }

  private void make(Exchange exchange) {
    var last =
        database.read(EnvironmentStore::all).stream()
            .mapToInt(environment -> environment.definition().order())
            .max()
            .orElse(0);
    render(exchange, EnvironmentForm.empty(last + NEW_STEP), "", List.of());
  }

  private void show(Exchange exchange) {
    var environment = database.read(tx -> EnvironmentStore.demand(tx, exchange.path("name")));
    render(exchange, EnvironmentForm.of(environment), "", List.of());
  }

  private void save(Exchange exchange, String name) {
    var form = EnvironmentForm.sent(exchange, name);
    try {
      var applied = environments.save(exchange.caller(), form.definition(), form.version());
      var saved = database.read(tx -> EnvironmentStore.demand(tx, applied.name()));
      render(exchange, EnvironmentForm.of(saved), "", List.of(applied));
    } catch (FairwayException e) {
      exchange.status(e.code().status());
      render(exchange, form, e.getMessage() + ". " + e.next(), List.of());
    }
  }

  private void render(
      Exchange exchange, EnvironmentForm form, String refusal, List<Environments.Applied> applied) {
    var view =
        database.read(tx -> {
          var present =
              form.isNew() ? Optional.<Environment>empty() : EnvironmentStore.find(tx, form.name());
          return new EnvironmentView(
              form,
              present,
              present.map(it -> EnvironmentYaml.of(it.definition())).orElse(""),
              present.map(it -> EnvironmentStore.history(tx, it.name())).orElse(List.of()),
              refusal,
              applied);
        });
    web.render(
        exchange,
        Page.of(form.isNew() ? "New environment" : form.name())
            .in(DeliveryPages.ENVIRONMENTS)
            .under("Environments", DeliveryPages.ENVIRONMENTS),
        "delivery/environment.jte",
        Map.of("view", view));
  }

  private void export(Exchange exchange) {
    var text = EnvironmentYaml.of(database.read(EnvironmentStore::all));
    exchange
        .header("Content-Disposition", "attachment; filename=\"environments.yml\"")
        .bytes("application/yaml", text.getBytes(StandardCharsets.UTF_8));
  }
}
