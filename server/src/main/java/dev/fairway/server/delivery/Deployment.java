package dev.fairway.server.delivery;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.fairway.api.Outcome;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One release going to one environment.
///
/// @param environmentVersion the version of the environment's rules that it runs under; null until
///   it starts
/// @param reason why it was asked for, or how it ended
/// @param outcome how it ended: `failure` where the release is to blame, `error` where Fairway or
///   the machine is; null until then
/// @param requestedBy the name of who asked for it; `fairway` where the path did
/// @param switchedAt when the release got the traffic; null where it did not
/// @param instanceId the process of the release; null until it starts
/// @param previousId the deployment that had the traffic before; null where none had, or until it
///   starts
/// @param fallbackId the deployment to whose release a rollback from here leads; null where there
///   is none, or until it starts
/// @param verdict of the verification; null until there is one
/// @param fence grows with each claim by a driver
public record Deployment(
    UUID id,
    UUID releaseId,
    UUID projectId,
    String service,
    String environment,
    @Nullable Integer environmentVersion,
    Kind kind,
    DeploymentState state,
    String reason,
    @Nullable Outcome outcome,
    String requestedBy,
    @Nullable UUID requestedById,
    Instant requestedAt,
    Instant changedAt,
    @Nullable Instant switchedAt,
    @Nullable Instant endedAt,
    @Nullable UUID instanceId,
    @Nullable UUID previousId,
    @Nullable UUID fallbackId,
    Verification.@Nullable Verdict verdict,
    long fence) {

  /// Why it goes there.
  public enum Kind {
    /// Onwards on the path.
    PROMOTION,
    /// Back to what ran there before, by a person's decision.
    ROLLBACK;

    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Kind ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /// A state that a deployment was in.
  ///
  /// @param note what happened, one sentence or empty
  /// @param actor who or what brought it there
  public record Step(DeploymentState state, String note, String actor, Instant at) {}

  /// Where its page is.
  public String path() {
    return "/deployments/" + id;
  }

  /// How entries of the ledger refer to it.
  public String reference() {
    return "deployment:" + id;
  }
}
