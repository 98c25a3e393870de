package dev.fairway.workflow;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `concurrency` of a workflow or a job: of those that share a group, one at a time goes on.
///
/// @param tree the name of the group; or a mapping, or an expression that makes one: `group`, a
///   name, and those that differ only in case are the same; `cancel-in-progress`, whether a
///   newcomer cancels who has the group instead of waiting for it; and `queue`
public record Concurrency(Tree tree) {
  static final String GROUP = "group";
  static final String CANCEL = "cancel-in-progress";
  static final String QUEUE = "queue";

  /// What `cancel-in-progress: true` with `queue: max` comes to.
  static final String NOTHING_TO_QUEUE =
      "'cancel-in-progress: true' leaves nothing to queue with 'queue: max'; use one of them";

  /// Who may wait for a group.
  public enum Queue {
    /// The newest only: it takes the place of one that waits already, which is cancelled.
    SINGLE,
    /// Everyone, in the order of their coming.
    MAX;

    static Optional<Queue> named(String word) {
      return switch (word) {
        case "single" -> Optional.of(SINGLE);
        case "max" -> Optional.of(MAX);
        case String _ -> Optional.empty();
      };
    }
  }

  /// An evaluated group that has to be held before something starts, until it has ended.
  ///
  /// @param holder who holds it: empty for the run as a whole, else the path of the job, which for
  ///   a called workflow is that of the call, and then all jobs under it share the hold
  /// @param name of the group, as written; compare it without regard to case
  public record Group(String holder, String name, boolean cancelInProgress, Queue queue) {}

  /// The name of the group where it is the same in every run.
  Optional<Tree> fixedGroup() {
    return (tree.knowsKeys() ? tree.written(GROUP) : Optional.of(tree))
        .filter(group -> group.constantText().isPresent());
  }

  /// The group to hold; none if its name comes to nothing.
  Optional<Group> evaluate(String holder, Contexts contexts) {
    Map<String, Tree.Member> members = tree.members(Shape.CONCURRENCY, GROUP, contexts);
    Tree.Member group = Expected.required(members, GROUP, tree.position());
    String name = Expected.nonEmpty(group, GROUP, "name a group").strip();
    if (name.isEmpty()) {
      return Optional.empty();
    }
    boolean cancels = Expected.bool(members, CANCEL, false);
    Queue queue =
        Optional.ofNullable(members.get(QUEUE)).map(Concurrency::queue).orElse(Queue.SINGLE);
    if (cancels && queue == Queue.MAX) {
      onlyOneOfThem(members);
    }
    return Optional.of(new Group(holder, name, cancels, queue));
  }

  private static Queue queue(Tree.Member member) {
    String word = Expected.text(member, QUEUE);
    return Queue.named(word)
        .orElseThrow(() ->
            new EvaluationException(
                member.position(),
                "Unexpected value '%s' for 'queue'. Expected single or max".formatted(word)));
  }

  /// Where the file has both, one of them is an expression: such a newcomer cancels, and others
  /// queue.
  private static void onlyOneOfThem(Map<String, Tree.Member> members) {
    for (String key : List.of(CANCEL, QUEUE)) {
      Tree.Member member = members.get(key);
      if (member != null && !member.written()) {
        throw new EvaluationException(member.position(), NOTHING_TO_QUEUE);
      }
    }
  }
}
