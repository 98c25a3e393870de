package dev.fairway.server.insight;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.SourceModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What three weeks of deliveries leave in the tables of delivery and source, with a real
/// repository behind them.
final class DeliveredHistory {
  static final Duration ROLLOUT = Duration.ofMinutes(3);

  private final Database database;
  private final Path work;
  private final Path bare;
  private final UUID project;
  private final Map<String, UUID> deployments = new HashMap<>();
  private long run;

  DeliveredHistory(Database database, SourceModule source, Path folder) {
    this.database = database;
    var roles = Set.of(Role.DEVELOPER);
    var ada = new Caller(Caller.Kind.PERSON, Ids.next(), "ada", roles, Permission.of(roles), null);
    Project made = source.projects().create("shop", "Sells things", "main", ada);
    this.project = made.id();
    this.bare = folder.resolve("repositories").resolve(project + ".git");
    this.work = folder.resolve("work");
    try {
      Files.createDirectories(work);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    git(work, Instant.EPOCH.plusSeconds(1), "init", "--quiet", "--initial-branch=main");
    environment("staging", 0);
    environment("production", 10);
  }

  /// Good and bad days of `shop`, and a first deployment of `ledger` that never got well.
  void fill() {
    var base = commit("Sell things", "2026-11-01T09:00:00Z");
    promotion("first", "shop", base, "2026-11-02T10:00:00Z").succeeded();

    pushed(commit("Take cards", "2026-11-08T08:00:00Z"), "2026-11-08T10:00:00Z");
    var fast = pushed(commit("Count in cents", "2026-11-09T09:00:00Z"), "2026-11-09T10:00:00Z");
    promotion("good", "shop", fast, "2026-11-09T12:00:00Z").succeeded();

    var bad = pushed(commit("Cache prices", "2026-11-12T08:00:00Z"), "2026-11-12T09:00:00Z");
    promotion("bad", "shop", bad, "2026-11-12T10:00:00Z").rolledBack(Duration.ofSeconds(8));
    var repair =
        pushed(commit("Revert \"Cache prices\"", "2026-11-12T11:00:00Z"), "2026-11-12T11:00:00Z");
    promotion("repair", "shop", repair, "2026-11-12T14:00:00Z").succeeded();

    var late = pushed(commit("Sort by price", "2026-11-18T08:00:00Z"), "2026-11-18T12:30:00Z");
    promotion("late", "shop", late, "2026-11-18T12:00:00Z").succeeded();
    new Delivery("back", "shop", repair, "production", Instant.parse("2026-11-18T17:00:00Z"))
        .takesBack("late", Duration.ofMinutes(2));

    promotion("unhealthy", "shop", late, "2026-11-19T10:00:00Z").failedBeforeTheSwitch();
    promotion("overtaken", "shop", late, "2026-11-19T11:00:00Z").superseded();
    new Delivery("elsewhere", "shop", late, "staging", Instant.parse("2026-11-19T09:00:00Z"))
        .succeeded();
    promotion("stuck", "ledger", base, "2026-11-21T12:00:00Z").failedWithTheTraffic();
  }

  UUID deployment(String name) {
    return Optional.ofNullable(deployments.get(name)).orElseThrow();
  }

  private void environment(String name, int order) {
    database.run(tx ->
        tx.execute(
            """
            INSERT INTO environment (name, position, version, definition, changed_at, changed_by)
            VALUES (?, ?, 1, '{}', now(), 'ada')
            """,
            name,
            order));
  }

  private String commit(String title, String at) {
    var instant = Instant.parse(at);
    git(work, instant, "commit", "--quiet", "--allow-empty", "--message", title);
    git(bare, instant, "fetch", "--quiet", work.toString(), "main:main");
    return git(work, instant, "rev-parse", "HEAD");
  }

  private String pushed(String sha, String at) {
    database.run(tx ->
        tx.execute(
            """
            INSERT INTO commit_record (project_id, sha, parents, author_name, author_email,
                authored_at, committer_name, committer_email, committed_at, message,
                first_pushed_at)
            VALUES (?, ?, '{}', 'Ada', 'ada@example.com', ?, 'Ada', 'ada@example.com', ?, '', ?)
            """,
            project,
            sha,
            Instant.parse(at),
            Instant.parse(at),
            Instant.parse(at)));
    return sha;
  }

  private Delivery promotion(String name, String service, String commit, String ended) {
    return new Delivery(name, service, commit, "production", Instant.parse(ended));
  }

  /// A deployment that ends at that instant, its release with it.
  private final class Delivery {
    private final String service;
    private final String environment;
    private final Instant ended;
    private final UUID id = Ids.next();
    private final UUID release = Ids.next();

    Delivery(String name, String service, String commit, String environment, Instant ended) {
      this.service = service;
      this.environment = environment;
      this.ended = ended;
      deployments.put(name, id);
      run++;
      var number = run;
      database.run(tx ->
          tx.execute(
              """
              INSERT INTO release (id, project_id, project, service, version, run_id, run_number,
                                   commit_sha, state, reason, definition, digest, created_at)
              VALUES (?, ?, 'shop', ?, ?, ?, ?, ?, 'published', '', '{}', ?, ?)
              """,
              release,
              project,
              service,
              "1." + number + ".0",
              Ids.next(),
              number,
              commit,
              "digest of " + commit,
              ended));
    }

    void succeeded() {
      insert("promotion", "succeeded", ended.minusSeconds(60), ended.minus(ROLLOUT), null, true);
      begins();
    }

    void rolledBack(Duration exposed) {
      var switched = ended.minus(exposed);
      insert("promotion", "rolled_back", switched, ended.minus(ROLLOUT), null, true);
      begins();
    }

    void takesBack(String bad, Duration took) {
      insert("rollback", "succeeded", ended, ended.minus(took), deployment(bad), false);
      begins();
    }

    void failedBeforeTheSwitch() {
      insert("promotion", "failed", null, ended.minus(ROLLOUT), null, false);
      begins();
    }

    void failedWithTheTraffic() {
      insert("promotion", "failed", ended.minusSeconds(30), ended.minus(ROLLOUT), null, true);
      begins();
    }

    void superseded() {
      insert("promotion", "superseded", null, ended.minus(ROLLOUT), null, false);
    }

    private void insert(
        String kind,
        String state,
        @Nullable Instant switched,
        Instant requested,
        @Nullable UUID previous,
        boolean judged) {
      database.run(tx ->
          tx.execute(
              """
              INSERT INTO deployment (id, release_id, project_id, service, environment, kind, state,
                                      reason, requested_by, requested_at, changed_at, switched_at,
                                      ended_at, previous_id, verdict)
              VALUES (?, ?, ?, ?, ?, ?, ?, '', 'ada', ?, ?, CAST(? AS timestamptz), ?,
                      CAST(? AS uuid), CAST(? AS jsonb))
              """,
              id,
              release,
              project,
              service,
              environment,
              kind,
              state,
              requested,
              ended,
              switched,
              ended,
              previous,
              judged ? "{}" : null));
    }

    private void begins() {
      database.run(tx ->
          tx.execute(
              """
              INSERT INTO deployment_step (deployment_id, position, state, note, actor, at)
              SELECT id, 0, 'starting', '', 'fairway', requested_at FROM deployment WHERE id = ?
              """,
              id));
    }
  }

  private static String git(Path folder, Instant at, String... arguments) {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "GIT_CONFIG_GLOBAL", "/dev/null",
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_AUTHOR_NAME", "Ada",
                "GIT_AUTHOR_EMAIL", "ada@example.com",
                "GIT_AUTHOR_DATE", at.toString(),
                "GIT_COMMITTER_NAME", "Ada",
                "GIT_COMMITTER_EMAIL", "ada@example.com",
                "GIT_COMMITTER_DATE", at.toString()));
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new AssertionError(String.join(" ", command) + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
