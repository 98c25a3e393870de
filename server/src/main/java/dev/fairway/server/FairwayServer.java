package dev.fairway.server;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.db.EmbeddedPostgreSql;
import dev.fairway.server.evidence.EvidenceModule;
import dev.fairway.server.evidence.EvidenceSettings;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.http.HttpServer;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.identity.Identity;
import dev.fairway.server.identity.IdentityModule;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.web.WebModule;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// One server: everything that belongs to it, built here with explicit constructors and closed in
/// the reverse order.
public final class FairwayServer implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Database database;
  private final Identity identity;
  private final RouteTable routes = new RouteTable();
  private final URI url;

  private FairwayServer(ServerOptions options) {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var data = keep(DataFolder.open(options.data()));
    this.database = keep(Database.open(databaseUrl(options, data)));

    var web = keep(WebModule.create(database, clock));
    var evidence =
        keep(
            EvidenceModule.create(
                database, new EvidenceSettings(data.folder("keys")), random, clock));
    var recording = evidence.evidence();
    var identities = IdentityModule.create(database, recording, web.web(), clock, random);
    this.identity = identities.identity();
    var source = keep(SourceModule.create(database, recording, clock, options.data()));

    new SystemRoutes(database, this::figures).register(routes);
    web.register(routes);
    identities.register(routes);
    source.routes().forEach(each -> each.register(routes));

    List<Subscriber> subscribers = List.of();
    evidence.start(subscribers);
    this.http =
        keep(
            HttpServer.start(
                options.host(),
                options.port(),
                routes,
                identities.authenticator(),
                web.errorPage()));
    this.url = URI.create("http://" + options.host() + ":" + http.port());
  }
}
