package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.source.JobCaller;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// The tokens by which running jobs fetch their project's source. A token is random, held by us
/// only as its hash, and worth nothing once the lease has ended.
public final class JobTokens {
  /// How a job's token begins, so that it is told apart from a person's.
  public static final String PREFIX = "fwj_";

  private static final int RANDOM_BYTES = 32;

  private final Database database;
  private final InstantSource clock;
  private final RandomGenerator random;

  JobTokens(Database database, InstantSource clock, RandomGenerator random) {
    this.database = database;
    this.clock = clock;
    this.random = random;
  }

  /// The job that has the token; empty where no lease has it. With the token itself it does what
  /// its permissions say in its own project and nothing else; with the runtime token that holds it,
  /// use its services and nothing else.
  public Optional<Caller> callerOf(String token) {
    if (token.startsWith(PREFIX)) {
      return holder(token)
          .map(job -> JobCaller.of(job.id(), job.project(), job.actor(), job.granted()));
    }
    return JobServices.subject(token)
        .flatMap(subject ->
            holder(JobServices.jobToken(token))
                .filter(job -> job.id().equals(subject.job()) && job.run().equals(subject.run())))
        .map(job -> JobCaller.ofServices(job.id(), job.project(), job.actor()));
  }

  private record Holder(
      UUID id, UUID run, Caller.Place project, String actor, Set<Permission> granted) {}

  private Optional<Holder> holder(String token) {
    return database.look(tx ->
        tx.createQuery(
                """
                SELECT j.id, j.run_id, j.project_id, j.permissions, r.project, r.actor
                FROM job j JOIN run r ON r.id = j.run_id
                WHERE j.token_hash = :hash AND j.phase IN ('claimed', 'running')
                  AND j.lease_until > :now
                """)
            .bind("hash", hash(token))
            .bind("now", clock.instant())
            .map((row, _) ->
                new Holder(
                    row.getObject("id", UUID.class),
                    row.getObject("run_id", UUID.class),
                    new Caller.Place(Columns.id(row, "project_id"), row.getString("project")),
                    row.getString("actor"),
                    JobPermissions.granted(row.getString("permissions"))))
            .findOne());
  }

  String fresh() {
    var bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
