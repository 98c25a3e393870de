package dev.fairway.workflow;

import java.util.List;

/// The tree of an expression. `depth` is the longest way down, so that evaluation is bounded before
/// it begins.
sealed interface Node {
  int depth();

  record Literal(Value value) implements Node {
    @Override
    public int depth() {
      return 1;
    }
  }

  /// A context such as `github`.
  record Context(String name) implements Node {
    @Override
    public int depth() {
      return 1;
    }
  }

  /// `target.name` or `target[key]`.
  record Index(Node target, Node key, int depth) implements Node {
    Index(Node target, Node key) {
      this(target, key, 1 + Math.max(target.depth(), key.depth()));
    }
  }

  /// `target.*`: all children, and the lookups behind it apply to each of them.
  record Wildcard(Node target, int depth) implements Node {
    Wildcard(Node target) {
      this(target, 1 + target.depth());
    }
  }

  record Not(Node operand, int depth) implements Node {
    Not(Node operand) {
      this(operand, 1 + operand.depth());
    }
  }

  /// A chain of `&&` or `||`; its value is that of the operand which decided.
  record Logical(boolean all, List<Node> operands, int depth) implements Node {
    Logical(boolean all, List<Node> operands) {
      this(all, List.copyOf(operands), 1 + deepest(operands));
    }
  }

  record Comparison(Operator operator, Node left, Node right, int depth) implements Node {
    Comparison(Operator operator, Node left, Node right) {
      this(operator, left, right, 1 + Math.max(left.depth(), right.depth()));
    }
  }

  record Call(Function function, List<Node> arguments, int depth) implements Node {
    Call(Function function, List<Node> arguments) {
      this(function, List.copyOf(arguments), 1 + deepest(arguments));
    }
  }

  enum Operator {
    EQUAL("=="),
    NOT_EQUAL("!="),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">=");

    final String symbol;

    Operator(String symbol) {
      this.symbol = symbol;
    }
  }

  /// Whether lookups on this node apply to each of its items.
  default boolean filtered() {
    return switch (this) {
      case Wildcard _ -> true;
      case Index index -> index.target().filtered();
      case Literal _, Context _, Not _, Logical _, Comparison _, Call _ -> false;
    };
  }

  private static int deepest(List<Node> nodes) {
    return nodes.stream().mapToInt(Node::depth).max().orElse(0);
  }
}
