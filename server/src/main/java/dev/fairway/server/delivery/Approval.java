package dev.fairway.server.delivery;

import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.http.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// A yes or no by an entitled person.
///
/// @param printedName the person's name as people write it
/// @param role under which the person decided
/// @param meaning such as `approved for production`
/// @param reason in the person's words; may be empty for a yes
/// @param digest SHA-256 of the [Decided] thing
public record Approval(
    UUID deploymentId,
    UUID userId,
    String username,
    String printedName,
    Role role,
    boolean approved,
    String meaning,
    String reason,
    String digest,
    Instant decidedAt) {

  /// What the decision was about; its digest is what the approver signs.
  record Decided(
      UUID deployment,
      String environment,
      String service,
      String version,
      String commit,
      String releaseDigest) {
    static Decided of(Deployment deployment, Release release) {
      return new Decided(
          deployment.id(),
          deployment.environment(),
          release.service(),
          release.version(),
          release.commit(),
          release.digest());
    }
  }

  /// What the ledger says about a decision.
  ///
  /// @param required how many people must say yes
  /// @param approvals how many have, with this one
  record ApprovalPredicate(
      UUID deployment,
      String decision,
      String meaning,
      Approver approver,
      Instant decidedAt,
      String reason,
      String digest,
      Decided decided,
      int required,
      int approvals,
      String role) {}

  /// Who decided.
  record Approver(UUID id, String username, String printedName) {}

  /// Whoever decided, as far as the decision itself says.
  Person person() {
    return new Person(userId, username, printedName, "", Set.of(role));
  }

  static void insert(Handle tx, Approval approval) {
    tx.createUpdate(
            """
            INSERT INTO approval (deployment_id, user_id, username, printed_name, role, approved,
                                  meaning, reason, digest, decided_at)
            VALUES (:deploymentId, :userId, :username, :printedName, :roleWord, :approved, :meaning,
                    :reason, :digest, :decidedAt)
            """)
        .bindMethods(approval)
        .bind("roleWord", approval.role().word())
        .execute();
  }

  /// The decisions on a deployment, the first first.
  static List<Approval> of(Handle tx, UUID deployment) {
    return tx.createQuery(
            "SELECT * FROM approval WHERE deployment_id = :deployment ORDER BY decided_at")
        .bind("deployment", deployment)
        .map((row, _) -> map(row, "deployment_id"))
        .list();
  }

  /// A decision, kept in whichever table.
  ///
  /// @param subject the column of what was decided about
  static Approval map(ResultSet row, String subject) throws SQLException {
    return new Approval(
        Columns.id(row, subject),
        Columns.id(row, "user_id"),
        row.getString("username"),
        row.getString("printed_name"),
        Role.ofWord(row.getString("role")),
        row.getBoolean("approved"),
        row.getString("meaning"),
        row.getString("reason"),
        row.getString("digest"),
        Columns.instant(row, "decided_at"));
  }
}
