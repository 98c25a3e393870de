package dev.fairway.workflow;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Warns of what is dangerous or useless in `container` and `services` of a job.
final class ContainerLint {
  private static final Set<String> NO_TEXT = Set.of("credentials", "env", "ports", "volumes");
  private static final ExpressionLint.MemberRule MEMBER =
      (name, type) ->
          NO_TEXT.contains(name) ? Optional.empty() : ExpressionLint.TEXT.wrong(name, type);

  private final Problems problems;
  private final ExpressionLint expressions;

  ContainerLint(Problems problems) {
    this.problems = problems;
    this.expressions = new ExpressionLint(problems);
  }

  void check(Job.Steps job, Map<String, Type> types) {
    job.container().ifPresent(container -> container(container, Shape.CONTAINER, types));
    switch (job.services().orElseGet(Tree::empty)) {
      case Tree.Leaf leaf -> expressions.mapping(leaf.template(), types);
      case Tree.Sequence _ -> {}
      case Tree.Mapping services -> services.entries().forEach(service -> service(service, types));
    }
  }

  private void service(Tree.Entry service, Map<String, Type> types) {
    if (service.insert()) {
      expressions.members(service.value(), types);
    } else {
      expressions.text(service.key(), types);
      container(service.value(), Shape.SERVICE, types);
    }
  }

  private void container(Tree container, Shape shape, Map<String, Type> types) {
    expressions.members(container, shape, Container.IMAGE, MEMBER, types);
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
    if (credentials.knowsKeys()
        && (password.isEmpty() || credentials.written("username").isEmpty())) {
      problems.warning(
          credentials.position(),
          Rule.CREDENTIALS,
          "Without both `username` and `password` nobody is signed in to the registry");
    }
  }
}
