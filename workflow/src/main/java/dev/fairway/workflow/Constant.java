package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What an expression comes to in every run.
final class Constant {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\d{1,3}}");

  private Constant() {}

  /// Whether its value is truthy, if that is known without any context.
  static Optional<Boolean> truth(Node node) {
    return switch (node) {
      case Node.Logical logical -> logical(logical);
      case Node.Not not -> truth(not.operand()).map(value -> !value);
      case Node.Call call when call.function() == Function.FORMAT && hasText(call) ->
          Optional.of(true);
      case Node.Literal _, Node.Comparison _, Node.Call _, Node.Index _, Node.Wildcard _ ->
          fixed(node) ? value(node) : Optional.empty();
      case Node.Context _ -> Optional.empty();
    };
  }

  /// Whether its pattern makes a string that is not empty, whatever the values are.
  private static boolean hasText(Node.Call format) {
    return format.arguments().getFirst() instanceof Node.Literal literal
        && literal.value() instanceof Value.Str pattern
        && !PLACEHOLDER.matcher(pattern.value()).replaceAll("").isEmpty();
  }

  /// One operand decides a chain, whatever the others are.
  private static Optional<Boolean> logical(Node.Logical logical) {
    List<Optional<Boolean>> operands = logical.operands().stream().map(Constant::truth).toList();
    if (operands.contains(Optional.of(!logical.all()))) {
      return Optional.of(!logical.all());
    }
    return operands.contains(Optional.<Boolean>empty())
        ? Optional.empty()
        : Optional.of(logical.all());
  }

  private static Optional<Boolean> value(Node node) {
    try {
      return Optional.of(new Evaluator(Contexts.empty()).evaluate(node).truthy());
    } catch (EvaluationException e) {
      return Optional.empty();
    }
  }

  private static boolean fixed(Node node) {
    return switch (node) {
      case Node.Literal _ -> true;
      case Node.Context _ -> false;
      case Node.Index index -> fixed(index.target()) && fixed(index.key());
      case Node.Wildcard wildcard -> fixed(wildcard.target());
      case Node.Not not -> fixed(not.operand());
      case Node.Logical logical -> logical.operands().stream().allMatch(Constant::fixed);
      case Node.Comparison comparison -> fixed(comparison.left()) && fixed(comparison.right());
      case Node.Call call ->
          (call.function() == Function.ALWAYS || call.function().general())
              && call.arguments().stream().allMatch(Constant::fixed);
    };
  }
}
