package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.source.Project;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import gg.jte.Content;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/// Releases, environments, deployments and approvals for people.
///
/// Each page has a twin below `/live` that renders only what changes; a form that is refused shows
/// its page again with the reason.
final class DeliveryPages implements Routes {
  static final String RELEASES = "/releases";
  static final String ENVIRONMENTS = "/environments";
  static final String APPROVALS = "/approvals";

  private static final int PANEL_RELEASES = 8;

  private final Database database;
  private final Web web;
  private final DeliveryReader reader;
  private final Environments environments;
  private final Deployments deployments;
  private final Approvals approvals;
  private final JobGates gates;
  private final People people;

  DeliveryPages(
      Database database,
      Web web,
      DeliveryReader reader,
      Environments environments,
      Deployments deployments,
      Approvals approvals,
      JobGates gates,
      People people) {
    this.database = database;
    this.web = web;
    this.reader = reader;
    this.environments = environments;
    this.deployments = deployments;
    this.approvals = approvals;
    this.gates = gates;
    this.people = people;
  }

  @Override
  public void register(RouteTable routes) {
    var read = Permission.RELEASE_READ;
    routes.get(RELEASES, read, this::releases);
    routes.get("/live/releases", read, this::releasesPart);
    routes.get("/releases/{id}", read, exchange -> release(exchange, ""));
    routes.get("/live/releases/{id}", read, this::releasePart);
    routes.post("/releases/{id}/promote", Permission.DEPLOYMENT_PROMOTE, this::promote);
    routes.get(ENVIRONMENTS, read, exchange -> board(exchange, "", List.of(), ""));
    routes.get("/live/environments", read, this::boardPart);
    routes.post("/environments/apply", Permission.ENVIRONMENT_WRITE, this::apply);
    routes.get(APPROVALS, read, exchange -> approvals(exchange, ""));
    routes.get("/live/approvals", read, this::approvalsPart);
    routes.post(
        "/approvals/jobs/{id}/approve",
        Permission.DEPLOYMENT_APPROVE,
        exchange -> decideJob(exchange, true));
    routes.post(
        "/approvals/jobs/{id}/reject",
        Permission.DEPLOYMENT_APPROVE,
        exchange -> decideJob(exchange, false));
    routes.get("/deployments/{id}", read, exchange -> deployment(exchange, ""));
    routes.get("/live/deployments/{id}", read, this::deploymentPart);
    routes.post(
        "/deployments/{id}/approve",
        Permission.DEPLOYMENT_APPROVE,
        exchange -> decide(exchange, true));
    routes.post(
        "/deployments/{id}/reject",
        Permission.DEPLOYMENT_APPROVE,
        exchange -> decide(exchange, false));
    routes.post("/deployments/{id}/cancel", Permission.DEPLOYMENT_PROMOTE, this::cancel);
    routes.post("/deployments/{id}/rollback", Permission.DEPLOYMENT_ROLL_BACK, this::rollBack);
  }

  /// Somebody whose decision may count, as far as the role goes.
  Optional<Person> person(Handle tx, Caller caller) {
    return caller.may(Permission.DEPLOYMENT_APPROVE) ? people.person(tx, caller) : Optional.empty();
  }

  private void releases(Exchange exchange) {
    var lines = database.read(tx -> reader.releases(tx, exchange.query("project").orElse(null)));
    web.render(
        exchange,
        Page.of("Releases").in(RELEASES),
        "delivery/releases.jte",
        Map.of("lines", lines));
  }

  private void releasesPart(Exchange exchange) {
    var lines = database.read(tx -> reader.releases(tx, exchange.query("project").orElse(null)));
    web.fragment(exchange, "delivery/releaseTable.jte", Map.of("lines", lines));
  }

  /// A project's latest releases; empty where it has none.
  Optional<Content> projectPanel(Handle tx, Exchange exchange, Project project) {
    var lines = reader.releases(tx, project.name()).stream().limit(PANEL_RELEASES).toList();
    return lines.isEmpty() || !exchange.caller().may(Permission.RELEASE_READ)
        ? Optional.empty()
        : Optional.of(web.part(exchange, "delivery/projectPanel.jte", Map.of("lines", lines)));
  }

  private void release(Exchange exchange, String refusal) {
    var record = database.read(tx -> reader.record(tx, exchange.pathId("id")));
    switch (record) {
      case Release release -> {
        var view =
            database.read(
                tx -> reader.release(tx, release, person(tx, exchange.caller()), refusal));
        web.render(
            exchange,
            Page.of(release.title())
                .in(RELEASES)
                .under(release.project(), "/projects/" + release.project())
                .under("Releases", RELEASES),
            "delivery/release.jte",
            Map.of("view", view));
      }
      case FailedRelease failed -> {
        var view = database.read(tx -> reader.failed(tx, failed));
        web.render(
            exchange,
            Page.of(failed.project() + " " + failed.version())
                .in(RELEASES)
                .under(failed.project(), "/projects/" + failed.project())
                .under("Releases", RELEASES),
            "delivery/failedRelease.jte",
            Map.of("view", view));
      }
    }
  }

  private void releasePart(Exchange exchange) {
    var record = database.read(tx -> reader.record(tx, exchange.pathId("id")));
    if (record instanceof Release release) {
      var view =
          database.read(tx -> reader.release(tx, release, person(tx, exchange.caller()), ""));
      web.fragment(exchange, "delivery/releaseBody.jte", Map.of("view", view));
    }
  }

  private void promote(Exchange exchange) {
    doing(
        exchange,
        () -> {
          var deployment =
              deployments.promote(
                  exchange.caller(),
                  exchange.pathId("id"),
                  exchange.form("environment"),
                  exchange.form("reason"));
          exchange.redirect(deployment.path());
        },
        refusal -> release(exchange, refusal));
  }

  private void board(
      Exchange exchange, String refusal, List<Environments.Applied> applied, String draft) {
    var view =
        database.read(
            tx -> reader.board(tx, person(tx, exchange.caller()), refusal, applied, draft));
    web.render(
        exchange,
        Page.of("Environments").in(ENVIRONMENTS),
        "delivery/environments.jte",
        Map.of("view", view));
  }

  private void boardPart(Exchange exchange) {
    var view =
        database.read(tx -> reader.board(tx, person(tx, exchange.caller()), "", List.of(), ""));
    web.fragment(exchange, "delivery/board.jte", Map.of("view", view));
  }

  private void apply(Exchange exchange) {
    var text = exchange.form("definition");
    doing(
        exchange,
        () ->
            board(
                exchange, "", environments.apply(exchange.caller(), "environments.yml", text), ""),
        refusal -> board(exchange, refusal, List.of(), text));
  }

  private void approvals(Exchange exchange, String refusal) {
    var view = database.read(tx -> reader.approvals(tx, person(tx, exchange.caller()), refusal));
    web.render(
        exchange,
        Page.of("Approvals").in(APPROVALS),
        "delivery/approvals.jte",
        Map.of("view", view));
  }

  private void approvalsPart(Exchange exchange) {
    var view = database.read(tx -> reader.approvals(tx, person(tx, exchange.caller()), ""));
    web.fragment(exchange, "delivery/approvalsBody.jte", Map.of("view", view));
  }

  private void deployment(Exchange exchange, String refusal) {
    var id = exchange.pathId("id");
    var view =
        database.read(tx -> reader.deployment(tx, id, person(tx, exchange.caller()), refusal));
    var release = view.line().release();
    web.render(
        exchange,
        Page.of("to " + view.line().deployment().environment())
            .in(ENVIRONMENTS)
            .under(release.project(), "/projects/" + release.project())
            .under(release.title(), release.path()),
        "delivery/deployment.jte",
        Map.of("view", view));
  }

  private void deploymentPart(Exchange exchange) {
    var id = exchange.pathId("id");
    var view = database.read(tx -> reader.deployment(tx, id, person(tx, exchange.caller()), ""));
    web.fragment(exchange, "delivery/deploymentBody.jte", Map.of("view", view));
  }

  private void decide(Exchange exchange, boolean approved) {
    doing(
        exchange,
        () -> {
          var person = confirmed(exchange);
          var deployment =
              approvals.decide(person, exchange.pathId("id"), approved, exchange.form("reason"));
          exchange.redirect(
              exchange.form("back").equals(APPROVALS) ? APPROVALS : deployment.path());
        },
        refusal -> {
          if (exchange.form("back").equals(APPROVALS)) {
            approvals(exchange, refusal);
          } else {
            deployment(exchange, refusal);
          }
        });
  }

  private void decideJob(Exchange exchange, boolean approved) {
    doing(
        exchange,
        () -> {
          gates.decide(
              confirmed(exchange), exchange.pathId("id"), approved, exchange.form("reason"));
          exchange.redirect(APPROVALS);
        },
        refusal -> approvals(exchange, refusal));
  }

  private Person confirmed(Exchange exchange) {
    people.confirm(exchange, exchange.form("password"));
    return people.demand(database, exchange);
  }

  private void cancel(Exchange exchange) {
    doing(
        exchange,
        () ->
            exchange.redirect(
                deployments
                    .cancel(exchange.caller(), exchange.pathId("id"), exchange.form("reason"))
                    .path()),
        refusal -> deployment(exchange, refusal));
  }

  private void rollBack(Exchange exchange) {
    doing(
        exchange,
        () -> {
          var shown = database.read(tx -> DeploymentStore.demand(tx, exchange.pathId("id")));
          exchange.redirect(
              deployments
                  .rollBack(
                      exchange.caller(),
                      shown.environment(),
                      shown.service(),
                      exchange.form("reason"))
                  .path());
        },
        refusal -> deployment(exchange, refusal));
  }

  /// Does what a form asks for; a refusal becomes its page again, with the status of the refusal.
  private static void doing(Exchange exchange, Runnable work, Consumer<String> refused) {
    try {
      work.run();
    } catch (FairwayException e) {
      exchange.status(e.code().status());
      var message = Objects.requireNonNull(e.getMessage());
      refused.accept(e.next().isEmpty() ? message : message + ". " + e.next());
    }
  }
}
