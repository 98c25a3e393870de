package dev.fairway.server.run.report;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Tests whose failures are tolerated for a while.
///
/// A quarantine changes no outcome: a step whose command said no has failed, and its job and run
/// with it. What it changes is the verdict on the tests: a failure that arrives while it lasts is
/// kept as tolerated, the signed test result says `WARNED` where every failure is, and the check of
/// a release shows it so. What arrived before or arrives after stays a failure.
public final class Quarantines {
  /// The longest that one may last.
  public static final Duration LONGEST = Duration.ofDays(30);

  public static final int MAX_REASON_CHARS = 500;
  private static final int MAX_OPEN_OF_A_PROJECT = 500;
  private static final int MAX_SHOWN = 500;
  private static final String US = "fairway";

  private final Evidence evidence;
  private final Projects projects;
  private final InstantSource clock;

  public Quarantines(Evidence evidence, Projects projects, InstantSource clock) {
    this.evidence = evidence;
    this.projects = projects;
    this.clock = clock;
  }

  /// What the ledger says.
  ///
  /// @param change `begun` or `ended`
  /// @param by who did that now
  record QuarantinePredicate(
      String change,
      UUID quarantine,
      UUID project,
      String projectName,
      String suite,
      String test,
      String reason,
      String begunBy,
      Instant begunAt,
      Instant until,
      String by) {}

  /// Tolerates failures of the test from now on.
  ///
  /// @param days 1 to 30
  public Quarantine begin(
      Handle tx, Project project, UUID fingerprint, String reason, int days, String by) {
    var why = reason.strip();
    check(!why.isEmpty(), "Say why the test is quarantined");
    check(
        why.length() <= MAX_REASON_CHARS,
        "The reason is longer than " + MAX_REASON_CHARS + " characters");
    check(
        days >= 1 && days <= LONGEST.toDays(),
        "A quarantine lasts 1 to " + LONGEST.toDays() + " days");
    var test = require(tx, project, fingerprint);
    if (open(tx, project.id()).size() >= MAX_OPEN_OF_A_PROJECT) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          project.name() + " has " + MAX_OPEN_OF_A_PROJECT + " tests in quarantine already",
          "Mend some of them first.");
    }
    var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    var quarantine =
        new Quarantine(
            Ids.next(),
            project.id(),
            test,
            CaseCollector.cut(why, MAX_REASON_CHARS),
            by,
            now,
            now.plus(Duration.ofDays(days)),
            null,
            null);
    if (!insert(tx, quarantine)) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          test.title() + " is in quarantine already",
          "Look at its page, and end that one first.");
    }
    record(tx, project.name(), quarantine, "begun", by);
    return quarantine;
  }

  /// Ends the test's quarantine before its time.
  public Quarantine end(Handle tx, Project project, UUID fingerprint, String by) {
    var test = require(tx, project, fingerprint);
    var quarantine =
        open(tx, project.id()).stream()
            .filter(each -> each.test().fingerprint().equals(fingerprint))
            .findFirst()
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.CONFLICT, test.title() + " is not in quarantine", ""));
    if (!close(tx, quarantine.id(), by)) {
      throw new FairwayException(
          ErrorCode.CONFLICT, "The quarantine of " + test.title() + " has just ended", "");
    }
    record(tx, project.name(), quarantine, "ended", by);
    return quarantine;
  }

  /// Ends those whose time is up. Several servers may do so at once: one of them ends each.
  public void endDue(Handle tx) {
    var due =
        tx.createQuery(
                """
                SELECT quarantine.*, test.fingerprint, test.suite, test.name
                FROM test_quarantine quarantine
                JOIN test_identity test ON test.id = quarantine.test_id
                WHERE quarantine.ended_at IS NULL AND quarantine.until <= :now
                LIMIT :limit
                """)
            .bind("now", clock.instant())
            .bind("limit", MAX_SHOWN)
            .map((row, _) -> map(row))
            .list();
    for (var quarantine : due) {
      if (close(tx, quarantine.id(), US)) {
        var name = projects.find(tx, quarantine.projectId()).map(Project::name).orElse("(deleted)");
        record(tx, name, quarantine, "ended", US);
      }
    }
  }

  /// Those of a project that last.
  public static List<Quarantine> open(Handle tx, UUID project) {
    return tx.createQuery(
            """
            SELECT quarantine.*, test.fingerprint, test.suite, test.name
            FROM test_quarantine quarantine
            JOIN test_identity test ON test.id = quarantine.test_id
            WHERE quarantine.project_id = :project AND quarantine.ended_at IS NULL
            ORDER BY quarantine.until
            LIMIT :limit
            """)
        .bind("project", project)
        .bind("limit", MAX_OPEN_OF_A_PROJECT)
        .map((row, _) -> map(row))
        .list();
  }

  /// All of a test, the latest first.
  public static List<Quarantine> of(Handle tx, UUID project, UUID fingerprint) {
    return tx.createQuery(
            """
            SELECT quarantine.*, test.fingerprint, test.suite, test.name
            FROM test_quarantine quarantine
            JOIN test_identity test ON test.id = quarantine.test_id
            WHERE test.project_id = :project AND test.fingerprint = :fingerprint
            ORDER BY quarantine.begun_at DESC
            LIMIT :limit
            """)
        .bind("project", project)
        .bind("fingerprint", fingerprint)
        .bind("limit", MAX_SHOWN)
        .map((row, _) -> map(row))
        .list();
  }

  private static TestIdentity require(Handle tx, Project project, UUID fingerprint) {
    return TestHistory.find(tx, project.id(), fingerprint)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND,
                project.name() + " has no test " + fingerprint,
                "Look at the list of its tests."));
  }

  private static boolean insert(Handle tx, Quarantine quarantine) {
    return tx.createUpdate(
                """
                INSERT INTO test_quarantine (id, project_id, test_id, reason, begun_by, begun_at, until)
                SELECT :id, :project, test.id, :reason, :by, :at, :until
                FROM test_identity test
                WHERE test.project_id = :project AND test.fingerprint = :fingerprint
                ON CONFLICT DO NOTHING
                """)
            .bind("id", quarantine.id())
            .bind("project", quarantine.projectId())
            .bind("reason", quarantine.reason())
            .bind("by", quarantine.begunBy())
            .bind("at", quarantine.begunAt())
            .bind("until", quarantine.until())
            .bind("fingerprint", quarantine.test().fingerprint())
            .execute()
        == 1;
  }

  private boolean close(Handle tx, UUID id, String by) {
    return tx.createUpdate(
                """
                UPDATE test_quarantine SET ended_by = :by, ended_at = :at
                WHERE id = :id AND ended_at IS NULL
                """)
            .bind("by", by)
            .bind("at", clock.instant())
            .bind("id", id)
            .execute()
        == 1;
  }

  private void record(
      Handle tx, String projectName, Quarantine quarantine, String change, String by) {
    var test = quarantine.test();
    evidence.record(
        tx,
        new Statement(
            PredicateType.QUARANTINE,
            List.of(Subject.sha256(projectName + ": " + test.title(), test.digest())),
            new QuarantinePredicate(
                change,
                quarantine.id(),
                quarantine.projectId(),
                projectName,
                test.suite(),
                test.name(),
                quarantine.reason(),
                quarantine.begunBy(),
                quarantine.begunAt(),
                quarantine.until(),
                by),
            Set.of("project:" + quarantine.projectId(), "test:" + test.fingerprint()),
            by));
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new FairwayException(ErrorCode.INVALID_INPUT, otherwise, "");
    }
  }

  private static Quarantine map(ResultSet row) throws SQLException {
    @Nullable OffsetDateTime ended = row.getObject("ended_at", OffsetDateTime.class);
    return new Quarantine(
        row.getObject("id", UUID.class),
        row.getObject("project_id", UUID.class),
        new TestIdentity(
            row.getObject("fingerprint", UUID.class),
            row.getString("suite"),
            row.getString("name")),
        row.getString("reason"),
        row.getString("begun_by"),
        row.getObject("begun_at", OffsetDateTime.class).toInstant(),
        row.getObject("until", OffsetDateTime.class).toInstant(),
        row.getString("ended_by"),
        Optional.ofNullable(ended).map(OffsetDateTime::toInstant).orElse(null));
  }
}
