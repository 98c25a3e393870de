package dev.fairway.workflow;

import java.util.List;

/// An expression of the workflow language, without its `${{ }}`. It is parsed once and checked
/// against what its place may see; evaluating it has bounded depth and memory.
public final class Expression {
  /// The longest expression, and the longest string with expressions in it, in UTF-16 units.
  public static final int MAX_LENGTH = 21_000;

  /// The deepest tree of operators, lookups and calls.
  public static final int MAX_DEPTH = 50;

  private final String source;
  private final Node root;

  Expression(String source, Node root) {
    this.source = source;
    this.root = root;
  }

  /// An empty expression is null.
  public static Expression parse(String source, Vocabulary vocabulary)
      throws ExpressionSyntaxException {
    return new Expression(source, new ExpressionParser(source, vocabulary, true).parse());
  }

  static Expression parse(String source, Place place) throws ExpressionSyntaxException {
    return new Expression(
        source, new ExpressionParser(source, place.vocabulary(), place.namesJobs()).parse());
  }

  public String source() {
    return source;
  }

  Node root() {
    return root;
  }

  /// Evaluates it; [EvaluationException] if it has no value in these contexts.
  public Value evaluate(Contexts contexts) {
    return new Evaluator(contexts).evaluate(root);
  }

  /// Whether it asks how earlier work went, by `success()`, `failure()`, `cancelled()`, `always()`.
  boolean asksForStatus() {
    return asksForStatus(root);
  }

  private static boolean asksForStatus(Node node) {
    return switch (node) {
      case Node.Literal _, Node.Context _ -> false;
      case Node.Index index -> asksForStatus(index.target()) || asksForStatus(index.key());
      case Node.Wildcard wildcard -> asksForStatus(wildcard.target());
      case Node.Not not -> asksForStatus(not.operand());
      case Node.Logical logical -> asksForStatus(logical.operands());
      case Node.Comparison comparison ->
          asksForStatus(comparison.left()) || asksForStatus(comparison.right());
      case Node.Call call -> call.function().status() || asksForStatus(call.arguments());
    };
  }

  private static boolean asksForStatus(List<Node> nodes) {
    return nodes.stream().anyMatch(Expression::asksForStatus);
  }

  @Override
  public String toString() {
    return source;
  }
}
