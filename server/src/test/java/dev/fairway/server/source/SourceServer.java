package dev.fairway.server.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Problem;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.HttpServer;
import dev.fairway.server.http.Ingress;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.web.Web;
import dev.fairway.server.web.WebModule;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;

/// A real server that serves this package's routes, with two people and one job that it knows by
/// name.
final class SourceServer implements AutoCloseable {
  static final UUID ADA = UUID.fromString("01930000-0000-7000-8000-000000000001");
  static final UUID MIA = UUID.fromString("01930000-0000-7000-8000-000000000002");
  static final long MAX_PACK_BYTES = 32 << 20;

  private final WebModule web;
  private final SourceModule module;
  private final HttpServer http;

  private SourceServer(WebModule web, SourceModule module, HttpServer http) {
    this.web = web;
    this.module = module;
    this.http = http;
  }

  static SourceServer start(Database database, Path data) {
    return start(database, data, _ -> {});
  }

  static SourceServer start(Database database, Path data, CrashObserver crash) {
    var clock = InstantSource.system();
    var web = WebModule.create(database, clock);
    var module =
        SourceModule.create(
            database, new Evidence(clock), clock, data, UUID.randomUUID(), MAX_PACK_BYTES, crash);
    module.start();
    var routes = new RouteTable();
    module.routes().forEach(feature -> feature.register(routes));
    web.register(routes);
    module.pages(web.web()).register(routes);
    var http =
        HttpServer.start(
            "127.0.0.1",
            0,
            Ingress.STRAIGHT,
            routes,
            SourceServer::authenticate,
            SourceServer::errorPage);
    return new SourceServer(web, module, http);
  }

  Projects projects() {
    return module.projects();
  }

  Web web() {
    return web.web();
  }

  int port() {
    return http.port();
  }

  /// The repository's address with who asks in it; the password is always `secret`.
  String url(String user, String project) {
    return "http://" + user + ":secret@127.0.0.1:" + port() + "/git/" + project + ".git";
  }

  /// The repository's address with nobody in it.
  String anonymousUrl(String project) {
    return "http://127.0.0.1:" + port() + "/git/" + project + ".git";
  }

  @Override
  public void close() {
    web.close();
    http.close();
    module.close();
  }

  static Caller ada() {
    return person(ADA, "ada", Role.DEVELOPER);
  }

  static Caller mia() {
    return person(MIA, "mia", Role.VIEWER);
  }

  private static Caller person(UUID id, String name, Role role) {
    var roles = Set.of(role);
    return new Caller(Caller.Kind.PERSON, id, name, roles, Permission.of(roles), null);
  }

  /// `ada` develops, `mia` looks on, `job-ID-NAME` is a job of that project.
  private static Caller authenticate(Exchange exchange) {
    var header = exchange.header("Authorization").orElse("");
    if (!header.startsWith("Basic ")) {
      return Caller.NOBODY;
    }
    var credentials = new String(Base64.getDecoder().decode(header.substring(6)), UTF_8);
    if (!credentials.endsWith(":secret")) {
      throw new FairwayException(ErrorCode.UNAUTHENTICATED, "That token is not valid", "");
    }
    var user = credentials.substring(0, credentials.indexOf(':'));
    return switch (user) {
      case "ada" -> ada();
      case "mia" -> mia();
      default -> {
        var project = user.substring("job-".length());
        var id = UUID.fromString(project.substring(0, 36));
        yield JobCaller.of(
            MIA,
            new Caller.Place(id, project.substring(37)),
            "ada",
            Set.of(Permission.SOURCE_READ));
      }
    };
  }

  private static String errorPage(Exchange exchange, Problem problem) {
    return problem.toString();
  }
}
