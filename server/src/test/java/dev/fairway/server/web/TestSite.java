package dev.fairway.server.web;

import dev.fairway.server.TickingClock;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.HttpServer;
import dev.fairway.server.http.Ingress;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.identity.HashingCost;
import dev.fairway.server.identity.Identity;
import dev.fairway.server.identity.IdentityModule;
import dev.fairway.server.identity.NewUser;
import dev.fairway.server.identity.User;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// A server with pages, people and the features that a test adds, on a database of its own.
public final class TestSite implements AutoCloseable {
  public static final String PASSWORD = "four calm words here";

  /// Passwords of tests protect nothing, and there are many of them.
  public static final HashingCost CHEAP = new HashingCost(64, 1);

  private final TestDatabase database;
  private final WebModule web;
  private final IdentityModule identity;
  private final HttpServer server;

  private TestSite(
      TestDatabase database, WebModule web, IdentityModule identity, HttpServer server) {
    this.database = database;
    this.web = web;
    this.identity = identity;
    this.server = server;
  }

  /// With the clock of the machine.
  public static TestSite start() {
    return start(InstantSource.system(), _ -> List.of());
  }

  /// With a clock that a test moves.
  public static TestSite start(TickingClock clock) {
    return start(clock, _ -> List.of());
  }

  /// Behind a proxy.
  public static TestSite start(Ingress ingress) {
    return start(InstantSource.system(), ingress, _ -> List.of());
  }

  /// With more features, made from what they build upon.
  public static TestSite start(
      InstantSource clock, Function<TestSite.Ground, List<? extends Routes>> features) {
    return start(clock, Ingress.STRAIGHT, features);
  }

  private static TestSite start(
      InstantSource clock,
      Ingress ingress,
      Function<TestSite.Ground, List<? extends Routes>> features) {
    var test = TestDatabase.create();
    var web = WebModule.create(test.database(), clock);
    var evidence = new Evidence(clock);
    var identity =
        IdentityModule.create(
            test.database(), evidence, web.web(), clock, new SecureRandom(), CHEAP);
    var routes = new RouteTable();
    web.register(routes);
    identity.register(routes);
    features
        .apply(new Ground(test.database(), evidence, web.web(), identity))
        .forEach(feature -> feature.register(routes));
    var server =
        HttpServer.start(
            "127.0.0.1", 0, ingress, routes, identity.authenticator(), web.errorPage());
    return new TestSite(test, web, identity, server);
  }

  /// What features are made from.
  public record Ground(Database database, Evidence evidence, Web web, IdentityModule identity) {}

  /// Adds a person with [#PASSWORD].
  public User person(String name, Role... roles) {
    var newUser = new NewUser(name, fullName(name), name + "@example.org", Set.of(roles));
    return database().transaction(tx -> identity().createUser(tx, newUser, PASSWORD, "test"));
  }

  private static String fullName(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1) + " Example";
  }

  public String address() {
    return "http://127.0.0.1:" + server.port();
  }

  public Database database() {
    return database.database();
  }

  public Identity identity() {
    return identity.identity();
  }

  public IdentityModule identityModule() {
    return identity;
  }

  public Web web() {
    return web.web();
  }

  /// When every test's clock that stands still stands.
  public static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  @Override
  public void close() {
    web.close();
    server.close();
    database.close();
  }
}
