package dev.fairway.server;

import dev.fairway.api.Closer;
import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ProxyClient;
import dev.fairway.server.actions.ActionsModule;
import dev.fairway.server.artifact.ArtifactModule;
import dev.fairway.server.artifact.Artifacts;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.EmbeddedPostgreSql;
import dev.fairway.server.db.Replica;
import dev.fairway.server.delivery.DeliveryModule;
import dev.fairway.server.delivery.RunRecords;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.evidence.EvidenceModule;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.http.HttpServer;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.identity.HashingCost;
import dev.fairway.server.identity.Identity;
import dev.fairway.server.identity.IdentityModule;
import dev.fairway.server.insight.InsightModule;
import dev.fairway.server.run.RunModule;
import dev.fairway.server.run.Runs;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.vault.SecretKeys;
import dev.fairway.server.vault.VaultModule;
import dev.fairway.server.web.WebModule;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// One server: everything that belongs to it, built here with explicit constructors and closed in
/// the reverse order.
public final class FairwayServer implements AutoCloseable {
  private static final String SYSTEM = "fairway";

  private final Closer open = new Closer();
  private final RouteTable routes = new RouteTable();
  private final Database database;
  private final Identity identity;
  private final HttpServer http;
  private final URI url;
  private final URI publicUrl;

  private FairwayServer(ServerOptions options) {
    try {
      var clock = InstantSource.system();
      var random = new SecureRandom();
      var data =
          keep(
              options.replica()
                  ? DataFolder.share(options.data())
                  : DataFolder.open(options.data()));
      HttpServer.requireFree(options.host(), options.port());
      // What is slow the first time in a process runs beside the rest of the start.
      var keyFolder = data.folder("keys");
      var keys = CompletableFuture.supplyAsync(() -> EvidenceModule.keys(keyFolder, random));
      this.database = keep(database(options, data));
      var replica = keep(new Replica(database, !options.replica()));

      var web = keep(WebModule.create(database, clock));
      var evidence = keep(EvidenceModule.create(database, ready(keys), clock));
      var identities =
          IdentityModule.create(
              database, evidence.evidence(), web.web(), clock, random, HashingCost.RECOMMENDED);
      this.identity = identities.identity();
      var source =
          keep(
              SourceModule.create(
                  database, evidence.evidence(), clock, options.data(), replica.id()));

      // Pages take their places in navigation and ribbon in the order of a change's path.
      var sourcePages = source.pages(web.web());
      var secretKeys =
          options
              .secretKey()
              .map(given -> SecretKeys.given(given, random))
              .orElseGet(() -> SecretKeys.in(keyFolder.resolve("secret-keys"), random));
      var vault =
          VaultModule.create(database, evidence.evidence(), source.projects(), clock, secretKeys);
      var actions =
          ActionsModule.create(database, evidence.evidence(), source, clock, options.data());
      var run =
          keep(
              RunModule.create(
                  database,
                  evidence.evidence(),
                  source.projects(),
                  vault.vault(),
                  web.web(),
                  clock,
                  random));
      identities.jobTokens(run.tokens()::callerOf);
      var artifact =
          keep(
              ArtifactModule.create(
                  database, evidence.evidence(), run, clock, secretKeys, options.data()));
      run.show(artifact.runArtifacts());
      run.call(actions.workflows());
      var delivery =
          keep(
              delivery(
                  options,
                  clock,
                  web,
                  evidence,
                  identities,
                  source,
                  artifact.artifacts(),
                  run.runs()));
      run.gate(delivery.gate());

      source.add(run.projectPanel());
      source.add(vault.projectPanel(web.web()));
      source.add(delivery.projectPanel());
      var vaultPages = vault.pages(web.web());
      var actionsPages = actions.pages(web.web());
      run.offer(delivery.environments()::names);
      vault.offer(delivery.environments()::names);

      var subscribers = new ArrayList<Subscriber>(run.subscribers());
      subscribers.add(artifact.subscriber());
      subscribers.addAll(delivery.subscribers());
      // Routes are tried in turn, and agents call most often.
      run.routes().forEach(each -> each.register(routes));
      new SystemRoutes(database, this::figures).register(routes);
      web.register(routes);
      identities.register(routes);
      evidence.routes(identity::confirmPassword).register(routes);
      evidence.pages(web.web(), identity::confirmPassword).register(routes);
      source.routes().forEach(each -> each.register(routes));
      sourcePages.register(routes);
      vault.routes().forEach(each -> each.register(routes));
      vaultPages.register(routes);
      actionsPages.register(routes);
      actions.routes().forEach(each -> each.register(routes));
      run.actionRoutes(actions.actions()).register(routes);
      artifact.routes().register(routes);
      delivery.routes().forEach(each -> each.register(routes));
      InsightModule.create(database, source.projects(), web.web(), clock).register(routes);

      database.awaitReady();
      requireSameTime(clock);
      replica.start();
      evidence.start(List.copyOf(subscribers));
      source.start();
      run.start();
      artifact.start();
      delivery.start();
      this.http =
          keep(
              HttpServer.start(
                  options.host(),
                  options.port(),
                  options.ingress(),
                  routes,
                  identities.authenticator(),
                  web.errorPage()));
      this.url = URI.create("http://" + options.host() + ":" + http.port());
      this.publicUrl = options.ingress().publicUrl().orElse(url);
      // Live pages and waiting agents hold requests open; they are let go before the listener ends.
      keep(run);
      keep(web);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private DeliveryModule delivery(
      ServerOptions options,
      InstantSource clock,
      WebModule web,
      EvidenceModule evidence,
      IdentityModule identities,
      SourceModule source,
      Artifacts artifacts,
      Runs runs) {
    var proxy = keep(new ProxyClient(options.proxy()));
    try {
      return DeliveryModule.create(
          new DeliveryModule.Ground(
              database,
              evidence.evidence(),
              clock,
              web.web(),
              identities.identity(),
              source.projects(),
              options.replica()
                  ? Optional.empty()
                  : Optional.of(ServerOptions.services(options.data())),
              proxy,
              new RunRecords(artifacts),
              runs));
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The services cannot be taken up: " + e.getMessage(),
          "Check the owner and the free space of the data folder.",
          e);
    }
  }

  /// Leases are given out by the clock of one server and ended by that of another.
  private void requireSameTime(InstantSource clock) {
    var skew = database.read(tx -> Replica.skew(tx, clock));
    if (Replica.isTooFar(skew)) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "The clocks of this machine and of the database differ by %d s"
              .formatted(skew.toSeconds()),
          "Let NTP set both, then start again.");
    }
  }

  /// Starts a server; when this returns, it answers.
  public static FairwayServer start(ServerOptions options) {
    return new FairwayServer(options);
  }

  /// Keeps servers away from the data folder until it is closed; refused while one has it.
  public static Closeable reserve(Path data) {
    return DataFolder.open(data);
  }

  /// Ends the services and the database that a former server left running in a data folder, which
  /// must be [reserved][#reserve].
  public static void halt(Path data) throws IOException, InterruptedException {
    LocalTarget.halt(ServerOptions.services(data));
    EmbeddedPostgreSql.halt(data.resolve(ServerOptions.POSTGRESQL));
  }

  /// Where it listens.
  public URI url() {
    return url;
  }

  /// Where people find it.
  public URI publicUrl() {
    return publicUrl;
  }

  /// The link that makes the first administrator; empty once there is one.
  public Optional<URI> setupLink() {
    return database
        .transaction(identity::setupSecret)
        .map(secret -> publicUrl.resolve("/setup?token=" + secret));
  }

  /// Puts a token for the agent of this machine into the file, unless it holds one.
  public void provideAgentToken(Path file) {
    if (Files.exists(file)) {
      return;
    }
    try {
      Files.createDirectories(file.getParent());
      var name = "local-" + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
      var token = database.transaction(tx -> identity.createAgent(tx, name, SYSTEM));
      DurableFiles.replace(file, token.secret().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The agent's token could not be written to " + file + ": " + e.getMessage(),
          "Check the owner and the free space of the data folder.",
          e);
    }
  }

  /// The people and their tokens, for set-ups that no person clicks through.
  public Identity identity() {
    return identity;
  }

  public Database database() {
    return database;
  }

  /// Every route with its permission.
  RouteTable routes() {
    return routes;
  }

  @Override
  public void close() {
    open.close();
  }

  private Map<String, Long> figures() {
    return http.figures();
  }

  /// What comes of it, or the failure itself.
  private static <T> T ready(CompletableFuture<T> work) {
    try {
      return work.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  private Database database(ServerOptions options, DataFolder data) {
    return options
        .database()
        .map(Database::open)
        .orElseGet(() ->
            Database.open(keep(EmbeddedPostgreSql.open(data.folder(ServerOptions.POSTGRESQL)))));
  }

  private <T extends AutoCloseable> T keep(T resource) {
    return open.keep(resource);
  }
}
