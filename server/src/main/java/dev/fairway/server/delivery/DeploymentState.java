package dev.fairway.server.delivery;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// Where a deployment is.
///
/// ```
///  requested ──► waiting_approval ◄─► queued ──► starting ──► healthy ──► switched ──► verifying ──► succeeded
///      │               │    │      (4)  ▲ │         │            │           │  │          │ │
///      └───────────────┼────┼───────────┘ │         ▼            ▼           │  └─ (1) ──► succeeded
///                      │    └─► rejected  │       failed       failed        ▼            ▼ │
///                      ▼                  ▼         cancelled              rolling_back ◄──┘ └─► failed (2)
///            superseded, cancelled   superseded,                             │      │
///            (from requested too)    cancelled                               ▼      ▼
///                                                                     rolled_back  failed (3)
/// ```
///
/// (1) A rollback goes to a release that was verified there before: it is not verified again. (2)
/// The verdict was bad and there is no earlier release to go back to. (3) The earlier release could
/// not be started again. (4) It goes back where the rules ask for more than it has by the time that
/// its place is free.
///
/// At most one deployment of a service to an environment is between `starting` and its end. Each
/// arrow is one transaction that also writes its evidence; what happens outside the database
/// between two arrows can be repeated.
public enum DeploymentState {
  /// Somebody or something asked for it; its rules have not been looked at.
  REQUESTED,
  /// Entitled people have to say yes.
  WAITING_APPROVAL,
  /// It may start once no other deployment of the service is under way there.
  QUEUED,
  /// The release is unpacked and its process started, and becomes healthy or does not.
  STARTING,
  /// The new process is well; the old one still has the traffic.
  HEALTHY,
  /// The new process has the traffic.
  SWITCHED,
  /// The new process is watched under traffic, with the old one still warm.
  VERIFYING,
  /// The traffic goes back to the earlier release.
  ROLLING_BACK,
  /// The release is what the environment runs.
  SUCCEEDED,
  /// It did not come to an end as asked; the reason says what still has the traffic.
  FAILED,
  /// The verdict was bad, and the earlier release has the traffic again.
  ROLLED_BACK,
  /// An entitled person said no.
  REJECTED,
  /// Somebody stopped it before it had the traffic.
  CANCELLED,
  /// A newer one took its place while it waited.
  SUPERSEDED;

  private static final Set<DeploymentState> WAITING =
      EnumSet.of(REQUESTED, WAITING_APPROVAL, QUEUED);
  private static final Set<DeploymentState> TERMINAL =
      EnumSet.of(SUCCEEDED, FAILED, ROLLED_BACK, REJECTED, CANCELLED, SUPERSEDED);

  /// Whether it has ended.
  public boolean terminal() {
    return TERMINAL.contains(this);
  }

  /// Whether nothing has been done for it yet, so that a newer one may take its place.
  public boolean waiting() {
    return WAITING.contains(this);
  }

  /// Whether it occupies its service's place in its environment.
  public boolean active() {
    return !terminal() && !waiting();
  }

  /// Whether the arrow exists.
  public boolean mayBecome(DeploymentState next) {
    return switch (this) {
      case REQUESTED ->
          next == WAITING_APPROVAL || next == QUEUED || next == SUPERSEDED || next == CANCELLED;
      case WAITING_APPROVAL ->
          next == QUEUED || next == REJECTED || next == SUPERSEDED || next == CANCELLED;
      case QUEUED ->
          next == STARTING || next == WAITING_APPROVAL || next == SUPERSEDED || next == CANCELLED;
      case STARTING -> next == HEALTHY || next == FAILED || next == CANCELLED;
      case HEALTHY -> next == SWITCHED || next == FAILED;
      case SWITCHED -> next == VERIFYING || next == SUCCEEDED || next == ROLLING_BACK;
      case VERIFYING -> next == SUCCEEDED || next == FAILED || next == ROLLING_BACK;
      case ROLLING_BACK -> next == ROLLED_BACK || next == FAILED;
      case SUCCEEDED, FAILED, ROLLED_BACK, REJECTED, CANCELLED, SUPERSEDED -> false;
    };
  }

  /// The word that page, CLI and API use, such as `waiting_approval`.
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  public static DeploymentState ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
