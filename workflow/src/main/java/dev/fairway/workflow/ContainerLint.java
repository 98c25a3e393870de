package dev.fairway.workflow;

import java.util.Map;
import java.util.Optional;

/// Warns of what is dangerous or useless in `container` and `services` of a job.
final class ContainerLint {
  private final Problems problems;
  private final ExpressionLint expressions;

  ContainerLint(Problems problems) {
    this.problems = problems;
    this.expressions = new ExpressionLint(problems);
  }

  void check(Job.Steps job, Map<String, Type> types) {
    job.container().ifPresent(container -> container(container, types));
    switch (job.services().orElseGet(Tree::empty)) {
      case Tree.Leaf leaf -> expressions.mapping(leaf.template(), types);
      case Tree.Sequence _ -> {}
      case Tree.Mapping services ->
          services.entries().forEach(service -> container(service.value(), types));
    }
  }

  private void container(Tree container, Map<String, Type> types) {
    expressions.values(container, types);
    switch (container.written("credentials").orElseGet(Tree::empty)) {
      case Tree.Leaf leaf -> expressions.mapping(leaf.template(), types);
      case Tree.Sequence _ -> {}
      case Tree.Mapping mapping when mapping.entries().isEmpty() -> {}
      case Tree.Mapping mapping -> credentials(mapping);
    }
    if (container.written("env").orElseGet(Tree::empty) instanceof Tree.Mapping env) {
      VariableNames.check(env, problems);
    }
  }

  private void credentials(Tree.Mapping credentials) {
    Optional<Tree> password = credentials.written("password");
    password
        .filter(tree -> tree instanceof Tree.Leaf leaf && leaf.template().constant().isPresent())
        .ifPresent(tree ->
            problems.warning(
                tree.position(),
                Rule.CREDENTIALS,
                "A password in the file is known to everybody who can read it; write"
                    + " ${{ secrets.NAME }}"));
    if (password.isEmpty() || credentials.written("username").isEmpty()) {
      problems.warning(
          credentials.position(),
          Rule.CREDENTIALS,
          "Without both `username` and `password` nobody is signed in to the registry");
    }
  }
}
