package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `runs-on` of a job: which agents may take it.
///
/// @param labels one or a sequence; empty where only a group is named
/// @param group an agent is in the group `x` if it has the label `group:x`
public record RunsOn(Position position, Tree labels, Optional<Template> group) {
  /// What the label of an agent begins with that names a group it is in.
  public static final String GROUP_LABEL = "group:";

  /// All of them must be labels of the agent.
  List<String> labels(Contexts contexts) {
    Value value = labels.evaluate(contexts);
    if (value instanceof Value.Obj mapping && mapping.member("group").isPresent()) {
      return labels(
          mapping.member("labels").orElse(Value.nothing()),
          mapping.member("group").map(Value::text));
    }
    return labels(value, group.map(template -> template.text(contexts)));
  }

  private List<String> labels(Value value, Optional<String> group) {
    List<String> all = new ArrayList<>();
    List<Value> items =
        switch (value) {
          case Value.Arr array -> array.items();
          case Value.Obj object when object.members().isEmpty() -> List.of();
          case Value.Null _ -> List.of();
          case Value.Bool _, Value.Num _, Value.Str _, Value.Obj _ -> List.of(value);
        };
    items.stream().map(Value::text).filter(text -> !text.isBlank()).forEach(all::add);
    group
        .filter(name -> !name.isBlank())
        .ifPresent(name -> all.add(GROUP_LABEL + name.substring(name.indexOf('/') + 1)));
    if (all.isEmpty() || items.stream().anyMatch(Coercion::composite)) {
      throw new EvaluationException(
          position, "'runs-on' must come to one label or a sequence of labels");
    }
    return all;
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
