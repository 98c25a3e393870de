package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `runs-on` of a job: which agents may take it.
///
/// @param tree a label or a sequence of them; or a mapping, or an expression that makes one:
///   `labels`, and `group`, where an agent is in the group `x` if it has the label `group:x`
public record RunsOn(Tree tree) {
  /// What the label of an agent begins with that names a group it is in.
  public static final String GROUP_LABEL = "group:";

  static final String LABELS = "labels";
  static final String GROUP = "group";
  static final String NOTHING = "'runs-on' needs a group or labels";

  /// All of them must be labels of the agent.
  List<String> labels(Contexts contexts) {
    Map<String, Tree.Member> members = members(contexts);
    List<String> all = new ArrayList<>();
    Optional.ofNullable(members.get(LABELS)).map(RunsOn::labels).ifPresent(all::addAll);
    Optional.ofNullable(members.get(GROUP)).flatMap(RunsOn::group).ifPresent(all::add);
    if (all.isEmpty()) {
      throw new EvaluationException(tree.position(), NOTHING + ", and comes to neither");
    }
    return all;
  }

  private Map<String, Tree.Member> members(Contexts contexts) {
    if (tree instanceof Tree.Mapping) {
      return tree.members(Shape.RUNS_ON, contexts);
    }
    Value value = tree.evaluate(contexts);
    return value instanceof Value.Arr
        ? Map.of(LABELS, new Tree.Member(value, tree.position(), tree instanceof Tree.Sequence))
        : Tree.members(value, tree.position(), Shape.RUNS_ON, LABELS);
  }

  private static List<String> labels(Tree.Member member) {
    List<Value> items =
        member.value() instanceof Value.Arr all ? all.items() : List.of(member.value());
    return items.stream()
        .map(item -> Expected.nonEmpty(member.of(item), LABELS, "leave it out").strip())
        .filter(text -> !text.isEmpty())
        .toList();
  }

  private static Optional<String> group(Tree.Member member) {
    String name = Expected.nonEmpty(member, GROUP, "leave it out").strip();
    invalidGroup(name)
        .ifPresent(why -> {
          throw new EvaluationException(member.position(), why);
        });
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(GROUP_LABEL + name.substring(name.indexOf('/') + 1));
  }

  /// What is wrong with the name of a group, if anything.
  static Optional<String> invalidGroup(String name) {
    String[] parts = name.split("/", -1);
    if (parts.length == 1) {
      return Optional.empty();
    }
    boolean prefixed =
        parts.length == 2 && List.of("org", "organization", "ent", "enterprise").contains(parts[0]);
    if (!prefixed) {
      return Optional.of(
          "Invalid runs-on group name '%s'. Please use 'organization/' or 'enterprise/' prefix to"
                  .formatted(name)
              + " target a single runner group.");
    }
    return parts[1].isBlank()
        ? Optional.of("Invalid runs-on group name '" + name + "'.")
        : Optional.empty();
  }
}
