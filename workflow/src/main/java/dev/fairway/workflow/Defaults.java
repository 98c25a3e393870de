package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `defaults.run`: the shell and the folder of scripts that do not say otherwise.
///
/// @param trees those of the job and those of the workflow, the narrower ones first; each a
///   mapping, or an expression that makes one
public record Defaults(List<Tree> trees) {
  static final Defaults NONE = new Defaults(List.of());
  static final String SHELL = "shell";
  static final String FOLDER = "working-directory";

  public Defaults {
    trees = List.copyOf(trees);
  }

  static Defaults of(Tree tree) {
    return new Defaults(List.of(tree));
  }

  /// These, and where they say nothing, the wider ones.
  Defaults within(Defaults wider) {
    List<Tree> all = new ArrayList<>(trees);
    all.addAll(wider.trees);
    return new Defaults(all);
  }

  /// What says the value of this key: a fixed text, unless that is only known later.
  Optional<Tree> says(String key) {
    return trees.stream()
        .flatMap(tree -> (tree.knowsKeys() ? tree.written(key) : Optional.of(tree)).stream())
        .findFirst();
  }

  /// A text with the place where it stands.
  record Text(String text, Position position) {}

  /// The evaluated text of this key.
  Optional<Text> text(String key, Contexts contexts) {
    return trees.stream()
        .flatMap(tree ->
            Optional.ofNullable(tree.members(Shape.DEFAULTS_RUN, contexts).get(key)).stream())
        .map(member -> text(key, member))
        .findFirst();
  }

  private static Text text(String key, Tree.Member member) {
    return new Text(Expected.nonEmpty(member, key, "leave it out"), member.position());
  }
}
