package dev.fairway.workflow;

import java.util.Optional;

/// `concurrency` of a workflow or a job: of those that share a group, one at a time goes on.
///
/// @param group a name; those that differ only in case are the same
/// @param cancelInProgress whether a newcomer cancels who has the group instead of waiting for it
public record Concurrency(Template group, Template cancelInProgress, Queue queue) {

  /// Who may wait for a group.
  public enum Queue {
    /// The newest only: it takes the place of one that waits already, which is cancelled.
    SINGLE,
    /// Everyone, in the order of their coming.
    MAX
  }

  /// An evaluated group that has to be held before something starts, until it has ended.
  ///
  /// @param holder who holds it: empty for the run as a whole, else the path of the job, which for
  ///   a called workflow is that of the call, and then all jobs under it share the hold
  /// @param name of the group, as written; compare it without regard to case
  public record Group(String holder, String name, boolean cancelInProgress, Queue queue) {}

  /// The group to hold; none if its name comes to nothing.
  Optional<Group> evaluate(String holder, Contexts contexts) {
    String name = Expected.name(group, contexts, "concurrency").strip();
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Group(
                holder,
                name,
                Expected.bool(cancelInProgress, contexts, "cancel-in-progress"),
                queue));
  }
}
