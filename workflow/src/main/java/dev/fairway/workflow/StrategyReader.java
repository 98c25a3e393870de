package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;

/// Reads `strategy` of a job.
final class StrategyReader {
  private final Problems problems;
  private final Scalars scalars;
  private final Trees trees;

  StrategyReader(Problems problems, Scalars scalars, Trees trees) {
    this.problems = problems;
    this.scalars = scalars;
    this.trees = trees;
  }

  Optional<Strategy> read(Yaml node) {
    return trees
        .shaped(node, Shape.STRATEGY, Optional.of(Place.STRATEGY), this::member)
        .map(Strategy::new);
  }

  private Optional<? extends Tree> member(String key, Yaml node) {
    return switch (key) {
      case "matrix" -> trees.expressionOr(node, Place.STRATEGY, this::matrix);
      case "fail-fast" -> scalars.bool(node, Place.STRATEGY).map(Tree.Leaf::new);
      case String _ -> scalars.count(node, Place.STRATEGY).map(Tree.Leaf::new);
    };
  }

  private Optional<? extends Tree> matrix(Yaml node) {
    int before = problems.count();
    Optional<Tree.Mapping> matrix =
        Fields.mapping(node, problems)
            .map(mapping -> {
              for (Yaml.Pair pair : mapping.pairs()) {
                checkVector(pair);
              }
              return trees.entries(
                  mapping, Place.STRATEGY, value -> trees.any(value, Place.STRATEGY));
            });
    if (problems.count() == before) {
      matrix.ifPresent(tree -> checkSize(tree));
    }
    return matrix;
  }

  private void checkVector(Yaml.Pair pair) {
    boolean filter = Matrix.FILTERS.contains(pair.key().raw());
    boolean expression = pair.value() instanceof Yaml.Scalar scalar && scalar.raw().contains("${{");
    if (expression || Scalars.isInsert(pair.key())) {
      return;
    }
    Fields.sequence(pair.value(), problems)
        .ifPresent(sequence -> {
          if (!filter && sequence.items().isEmpty()) {
            problems.error(
                sequence.position(),
                "Matrix vector '" + pair.key().raw() + "' does not contain any values");
          }
          for (Yaml item : filter ? sequence.items() : List.<Yaml>of()) {
            if (!(item instanceof Yaml.Scalar scalar && scalar.raw().contains("${{"))) {
              Fields.mapping(item, problems);
            }
          }
        });
  }

  /// A matrix without expressions is known already now.
  private void checkSize(Tree matrix) {
    if (Matrix.constant(matrix)) {
      try {
        Matrix.expand(matrix.evaluate(Contexts.empty()));
      } catch (EvaluationException e) {
        problems.error(e.position().orElse(matrix.position()), String.valueOf(e.getMessage()));
      }
    }
  }
}
