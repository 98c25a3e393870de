package dev.fairway.server.http;

import static dev.fairway.server.http.Role.ADMINISTRATOR;
import static dev.fairway.server.http.Role.APPROVER;
import static dev.fairway.server.http.Role.AUDITOR;
import static dev.fairway.server.http.Role.DEVELOPER;
import static dev.fairway.server.http.Role.OPERATOR;
import static dev.fairway.server.http.Role.VIEWER;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// Everything that a route may ask of its caller, and the roles that grant it.
public enum Permission {
  /// No sign-in needed.
  ANYONE,
  /// Any person who signed in, whatever the roles, or a token of one.
  SIGNED_IN,
  /// The token of an agent; no person has it.
  RUN_JOBS,
  /// The runtime token of a running job; no person has it.
  JOB_SERVICES,

  PROJECT_READ(VIEWER, DEVELOPER, APPROVER, OPERATOR, AUDITOR, ADMINISTRATOR),
  PROJECT_WRITE(DEVELOPER, ADMINISTRATOR),
  /// Fetch and clone.
  SOURCE_READ(VIEWER, DEVELOPER, APPROVER, OPERATOR, AUDITOR, ADMINISTRATOR),
  /// Push.
  SOURCE_WRITE(DEVELOPER),

  RUN_READ(VIEWER, DEVELOPER, APPROVER, OPERATOR, AUDITOR, ADMINISTRATOR),
  /// Start, cancel and re-run.
  RUN_WRITE(DEVELOPER, OPERATOR),

  /// Tolerate failures of a test for a while. Not for those who only write changes: what judges a
  /// change is not theirs to soften.
  TEST_QUARANTINE(OPERATOR, APPROVER),

  RELEASE_READ(VIEWER, DEVELOPER, APPROVER, OPERATOR, AUDITOR, ADMINISTRATOR),
  /// Ask for a release to go to an environment; its rules still apply.
  DEPLOYMENT_PROMOTE(DEVELOPER, OPERATOR),
  /// Approve or reject; the environment's rules say whose word counts.
  DEPLOYMENT_APPROVE(APPROVER),
  DEPLOYMENT_ROLL_BACK(OPERATOR, APPROVER),
  ENVIRONMENT_WRITE(ADMINISTRATOR),

  /// Set and remove the secrets and variables of what the caller administers.
  SECRET_WRITE(DEVELOPER, ADMINISTRATOR),
  /// Decide what holds for every project: its secrets, and whose actions its jobs may use.
  ORGANISATION_WRITE(ADMINISTRATOR),

  EVIDENCE_READ(VIEWER, DEVELOPER, APPROVER, OPERATOR, AUDITOR, ADMINISTRATOR),
  /// Delete the payload of an entry for good.
  EVIDENCE_ERASE(ADMINISTRATOR),
  METRICS_READ(VIEWER, DEVELOPER, APPROVER, OPERATOR, AUDITOR, ADMINISTRATOR),

  USER_READ(AUDITOR, ADMINISTRATOR),
  USER_WRITE(ADMINISTRATOR),
  AGENT_WRITE(ADMINISTRATOR),

  /// How this server itself is doing, for a monitor.
  SYSTEM_READ(OPERATOR, ADMINISTRATOR);

  private final Set<Role> grantedBy;

  Permission(Role... grantedBy) {
    this.grantedBy = Set.of(grantedBy);
  }

  /// The word that a token's scope uses, such as `run_read`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// What a person with these roles may do.
  public static Set<Permission> of(Set<Role> roles) {
    var granted = EnumSet.of(ANYONE, SIGNED_IN);
    for (var permission : values()) {
      if (permission.grantedBy.stream().anyMatch(roles::contains)) {
        granted.add(permission);
      }
    }
    return granted;
  }
}
