package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Listing;
import dev.fairway.api.Outcome;
import dev.fairway.server.delivery.Deployment.Kind;
import dev.fairway.server.delivery.Deployment.Step;
import dev.fairway.server.http.ListRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The tables `deployment`, `deployment_step` and `serving`.
final class DeploymentStore {
  /// As many come on one page.
  static final int PAGE = 50;

  private DeploymentStore() {}

  static void insert(Handle tx, Deployment deployment) {
    tx.createUpdate(
            """
            INSERT INTO deployment (id, release_id, project_id, service, environment, kind, state,
                                    reason, requested_by, requested_by_id, requested_at, changed_at)
            VALUES (:id, :releaseId, :projectId, :service, :environment, :kind, :state, :reason,
                    :requestedBy, :requestedById, :requestedAt, :changedAt)
            """)
        .bind("id", deployment.id())
        .bind("releaseId", deployment.releaseId())
        .bind("projectId", deployment.projectId())
        .bind("service", deployment.service())
        .bind("environment", deployment.environment())
        .bind("kind", deployment.kind().word())
        .bind("state", deployment.state().word())
        .bind("reason", deployment.reason())
        .bind("requestedBy", deployment.requestedBy())
        .bind("requestedById", deployment.requestedById())
        .bind("requestedAt", deployment.requestedAt())
        .bind("changedAt", deployment.changedAt())
        .execute();
  }

  static Optional<Deployment> find(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM deployment WHERE id = :id")
        .bind("id", id)
        .map((row, _) -> map(row))
        .findOne();
  }

  static Deployment demand(Handle tx, UUID id) {
    return find(tx, id).orElseThrow(() -> missing(id));
  }

  /// Takes the deployment's lock: who holds it decides about it.
  static Deployment lock(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM deployment WHERE id = :id FOR NO KEY UPDATE")
        .bind("id", id)
        .map((row, _) -> map(row))
        .findOne()
        .orElseThrow(() -> missing(id));
  }

  private static FairwayException missing(UUID id) {
    return new FairwayException(
        ErrorCode.NOT_FOUND,
        "There is no deployment " + id,
        "List them with 'fairway deployments list'.");
  }

  /// The latest, everywhere.
  static List<Deployment> latest(Handle tx) {
    return list(tx, null, new ListRequest(Optional.empty(), PAGE)).items();
  }

  /// Deployments everywhere or to one environment, the latest first.
  static Listing<Deployment> list(Handle tx, @Nullable String environment, ListRequest wanted) {
    var found =
        tx.createQuery(
                """
                SELECT * FROM deployment
                WHERE (CAST(:environment AS text) IS NULL OR environment = :environment)
                  AND (CAST(:after AS uuid) IS NULL
                       OR (requested_at, id)
                          < (SELECT requested_at, id FROM deployment WHERE id = :after))
                ORDER BY requested_at DESC, id DESC LIMIT :limit
                """)
            .bind("environment", environment)
            .bind("after", wanted.afterId())
            .bind("limit", wanted.fetch())
            .map((row, _) -> map(row))
            .list();
    return wanted.cut(found, Deployment::id);
  }

  /// The deployments of a release, the latest first.
  static List<Deployment> ofRelease(Handle tx, UUID release) {
    return tx.createQuery(
            """
            SELECT * FROM deployment WHERE release_id = :release
            ORDER BY requested_at DESC, id DESC LIMIT :limit
            """)
        .bind("release", release)
        .bind("limit", PAGE)
        .map((row, _) -> map(row))
        .list();
  }

  /// Everything that has not ended, the oldest first.
  static List<Deployment> open(Handle tx) {
    return tx.createQuery(
            """
            SELECT * FROM deployment
            WHERE state IN ('requested', 'waiting_approval', 'queued', 'starting', 'healthy',
                            'switched', 'verifying', 'rolling_back')
            ORDER BY requested_at, id
            """)
        .map((row, _) -> map(row))
        .list();
  }

  /// What waits for that place on the path of a service.
  static List<Deployment> waiting(Handle tx, String environment, String service, Kind kind) {
    return tx.createQuery(
            """
            SELECT * FROM deployment
            WHERE environment = :environment AND service = :service AND kind = :kind
              AND state IN ('requested', 'waiting_approval', 'queued')
            FOR NO KEY UPDATE
            """)
        .bind("environment", environment)
        .bind("service", service)
        .bind("kind", kind.word())
        .map((row, _) -> map(row))
        .list();
  }

  /// Whether a deployment occupies that place.
  static boolean isBusy(Handle tx, String environment, String service) {
    return tx.createQuery(
            """
            SELECT EXISTS (
              SELECT FROM deployment
              WHERE environment = :environment AND service = :service
                AND state IN ('starting', 'healthy', 'switched', 'verifying', 'rolling_back'))
            """)
        .bind("environment", environment)
        .bind("service", service)
        .mapTo(Boolean.class)
        .one();
  }

  /// What occupies that place, locked.
  static Optional<Deployment> active(Handle tx, String environment, String service) {
    return tx.createQuery(
            """
            SELECT * FROM deployment
            WHERE environment = :environment AND service = :service
              AND state IN ('starting', 'healthy', 'switched', 'verifying', 'rolling_back')
            FOR NO KEY UPDATE
            """)
        .bind("environment", environment)
        .bind("service", service)
        .map((row, _) -> map(row))
        .findOne();
  }

  /// The highest run number of a release that waits for, goes to or is in that place.
  static long furthestRun(Handle tx, String environment, String service) {
    return tx.createQuery(
            """
            SELECT COALESCE(max(r.run_number), 0)
            FROM release r
            WHERE r.service = :service
              AND (r.id IN (SELECT d.release_id FROM deployment d
                            WHERE d.environment = :environment AND d.service = :service
                              AND d.state IN ('requested', 'waiting_approval', 'queued', 'starting',
                                              'healthy', 'switched', 'verifying'))
                   OR r.id IN (SELECT d.release_id FROM serving s
                               JOIN deployment d ON d.id = s.deployment_id
                               WHERE s.environment = :environment AND s.service = :service))
            """)
        .bind("environment", environment)
        .bind("service", service)
        .mapTo(Long.class)
        .one();
  }

  /// Whether the release was verified in the environment, and nobody has rolled back from it there
  /// since.
  static boolean verifiedIn(Handle tx, UUID release, String environment) {
    return tx.createQuery(
            """
            SELECT EXISTS (
              SELECT FROM deployment d
              WHERE d.release_id = :release AND d.environment = :environment
                AND d.state = 'succeeded'
                AND NOT EXISTS (
                  SELECT FROM deployment b JOIN deployment p ON p.id = b.previous_id
                  WHERE b.environment = :environment AND b.service = d.service
                    AND b.kind = 'rollback' AND p.release_id = :release
                    AND b.switched_at > d.switched_at))
            """)
        .bind("release", release)
        .bind("environment", environment)
        .mapTo(Boolean.class)
        .one();
  }

  /// Takes one deployment that something has to be done for and that nobody drives, if there is one
  /// whose place is free.
  static Optional<Deployment> claim(Handle tx, Instant now, Duration lease) {
    return tx.createQuery(
            """
            UPDATE deployment SET fence = fence + 1, lease_until = :until
            WHERE id = (
              SELECT d.id FROM deployment d
              WHERE d.state IN ('requested', 'queued', 'starting', 'healthy', 'switched',
                                'verifying', 'rolling_back')
                AND (d.lease_until IS NULL OR d.lease_until < :now)
                AND (d.state <> 'queued' OR NOT EXISTS (
                  SELECT FROM deployment a
                  WHERE a.environment = d.environment AND a.service = d.service
                    AND a.state IN ('starting', 'healthy', 'switched', 'verifying',
                                    'rolling_back')))
              ORDER BY d.kind = 'rollback' DESC, d.requested_at, d.id
              LIMIT 1
              FOR UPDATE SKIP LOCKED)
            RETURNING *
            """)
        .bind("now", now)
        .bind("until", now.plus(lease))
        .map((row, _) -> map(row))
        .findOne();
  }

  /// Keeps a claim; false where it has gone to somebody else.
  static boolean renew(Handle tx, Deployment claimed, Instant until) {
    return tx.createUpdate(
                "UPDATE deployment SET lease_until = :until WHERE id = :id AND fence = :fence")
            .bind("until", until)
            .bind("id", claimed.id())
            .bind("fence", claimed.fence())
            .execute()
        == 1;
  }

  /// Gives a claim back.
  static void release(Handle tx, Deployment claimed) {
    tx.createUpdate("UPDATE deployment SET lease_until = NULL WHERE id = :id AND fence = :fence")
        .bind("id", claimed.id())
        .bind("fence", claimed.fence())
        .execute();
  }

  /// Writes the deployment as it is after a transition; false where it is not any more what the
  /// transition started from.
  static boolean update(Handle tx, Deployment next, DeploymentState from) {
    return tx.createUpdate(
                """
                UPDATE deployment
                SET state = :state, reason = :reason, outcome = :outcome, changed_at = :changedAt,
                    environment_version = :environmentVersion, switched_at = :switchedAt,
                    ended_at = :endedAt, instance_id = :instanceId, previous_id = :previousId,
                    fallback_id = :fallbackId, verdict = CAST(:verdict AS jsonb)
                WHERE id = :id AND state = :from AND fence = :fence
                """)
            .bind("id", next.id())
            .bind("from", from.word())
            .bind("fence", next.fence())
            .bind("state", next.state().word())
            .bind("reason", next.reason())
            .bind("outcome", next.outcome() instanceof Outcome outcome ? outcome.word() : null)
            .bind("changedAt", next.changedAt())
            .bind("environmentVersion", next.environmentVersion())
            .bind("switchedAt", next.switchedAt())
            .bind("endedAt", next.endedAt())
            .bind("instanceId", next.instanceId())
            .bind("previousId", next.previousId())
            .bind("fallbackId", next.fallbackId())
            .bind("verdict", Columns.text(next.verdict()))
            .execute()
        == 1;
  }

  static void addStep(Handle tx, UUID deployment, Step step) {
    tx.createUpdate(
            """
            INSERT INTO deployment_step (deployment_id, position, state, note, actor, at)
            SELECT :id, count(*), :state, :note, :actor, :at
            FROM deployment_step WHERE deployment_id = :id
            """)
        .bind("id", deployment)
        .bind("state", step.state().word())
        .bind("note", step.note())
        .bind("actor", step.actor())
        .bind("at", step.at())
        .execute();
  }

  /// The way of a deployment so far.
  static List<Step> steps(Handle tx, UUID deployment) {
    return tx.createQuery(
            """
            SELECT state, note, actor, at FROM deployment_step
            WHERE deployment_id = :id ORDER BY position
            """)
        .bind("id", deployment)
        .map((row, _) ->
            new Step(
                DeploymentState.ofWord(row.getString("state")),
                row.getString("note"),
                row.getString("actor"),
                Columns.instant(row, "at")))
        .list();
  }

  static Optional<Serving> serving(Handle tx, String environment, String service) {
    return tx.createQuery(
            """
            SELECT s.*, d.release_id FROM serving s JOIN deployment d ON d.id = s.deployment_id
            WHERE s.environment = :environment AND s.service = :service
            """)
        .bind("environment", environment)
        .bind("service", service)
        .map((row, _) -> mapServing(row))
        .findOne();
  }

  /// What has the traffic everywhere.
  static List<Serving> serving(Handle tx) {
    return tx.createQuery(
            "SELECT s.*, d.release_id FROM serving s JOIN deployment d ON d.id = s.deployment_id")
        .map((row, _) -> mapServing(row))
        .list();
  }

  static void serve(Handle tx, Deployment deployment, Instant since) {
    tx.createUpdate(
            """
            INSERT INTO serving (environment, service, deployment_id, since)
            VALUES (:environment, :service, :deployment, :since)
            ON CONFLICT (environment, service) DO UPDATE
            SET deployment_id = :deployment, since = :since
            """)
        .bind("environment", deployment.environment())
        .bind("service", deployment.service())
        .bind("deployment", deployment.id())
        .bind("since", since)
        .execute();
  }

  /// The processes that must not be stopped there: of what has the traffic, of what is under way,
  /// and of what that one may have to go back to.
  static Set<UUID> neededInstances(Handle tx, String environment, String service) {
    return Set.copyOf(
        tx.createQuery(
                """
                SELECT d.instance_id
                FROM serving s JOIN deployment d ON d.id = s.deployment_id
                WHERE s.environment = :environment AND s.service = :service
                UNION
                SELECT n.instance_id
                FROM deployment a JOIN deployment n ON n.id IN (a.id, a.previous_id, a.fallback_id)
                WHERE a.environment = :environment AND a.service = :service
                  AND a.state IN ('starting', 'healthy', 'switched', 'verifying', 'rolling_back')
                """)
            .bind("environment", environment)
            .bind("service", service)
            .mapTo(UUID.class)
            .filter(Objects::nonNull)
            .list());
  }

  private static Serving mapServing(ResultSet row) throws SQLException {
    return new Serving(
        row.getString("environment"),
        row.getString("service"),
        Columns.id(row, "deployment_id"),
        Columns.id(row, "release_id"),
        Columns.instant(row, "since"));
  }

  private static Deployment map(ResultSet row) throws SQLException {
    @Nullable String outcome = row.getString("outcome");
    return new Deployment(
        Columns.id(row, "id"),
        Columns.id(row, "release_id"),
        Columns.id(row, "project_id"),
        row.getString("service"),
        row.getString("environment"),
        Columns.number(row, "environment_version", Integer.class),
        Kind.ofWord(row.getString("kind")),
        DeploymentState.ofWord(row.getString("state")),
        row.getString("reason"),
        outcome == null ? null : Outcome.ofWord(outcome),
        row.getString("requested_by"),
        Columns.idOrNull(row, "requested_by_id"),
        Columns.instant(row, "requested_at"),
        Columns.instant(row, "changed_at"),
        Columns.instantOrNull(row, "switched_at"),
        Columns.instantOrNull(row, "ended_at"),
        Columns.idOrNull(row, "instance_id"),
        Columns.idOrNull(row, "previous_id"),
        Columns.idOrNull(row, "fallback_id"),
        Columns.jsonOrNull(row, "verdict", Verification.Verdict.class),
        row.getLong("fence"));
  }
}
