package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Precedence climbing over the tokens of one expression. From loose to tight: `||`, `&&`, `== !=`,
/// `< <= > >=`, `!`, then lookups. Recursion is bounded by [#MAX_NESTING].
final class ExpressionParser {
  /// Groups, `!` and calls inside each other while parsing; groups alone add no depth to the tree.
  private static final int MAX_NESTING = 250;

  private static final List<List<Node.Operator>> COMPARISONS =
      List.of(
          List.of(Node.Operator.EQUAL, Node.Operator.NOT_EQUAL),
          List.of(
              Node.Operator.LESS,
              Node.Operator.LESS_OR_EQUAL,
              Node.Operator.GREATER,
              Node.Operator.GREATER_OR_EQUAL));

  private final String source;
  private final Vocabulary vocabulary;
  private final boolean namesJobs;
  private final List<Token> tokens;
  private int at;
  private int nesting;

  ExpressionParser(String source, Vocabulary vocabulary, boolean namesJobs)
      throws ExpressionSyntaxException {
    if (source.length() > Expression.MAX_LENGTH) {
      throw new ExpressionSyntaxException(
          "Exceeded max expression length " + Expression.MAX_LENGTH);
    }
    this.source = source;
    this.vocabulary = vocabulary;
    this.namesJobs = namesJobs;
    this.tokens = Lexer.tokens(source);
  }

  Node parse() throws ExpressionSyntaxException {
    if (peek().kind() == Token.Kind.END) {
      return new Node.Literal(Value.nothing());
    }
    Node root = or();
    if (peek().kind() != Token.Kind.END) {
      throw unexpected();
    }
    return root;
  }

  private Node or() throws ExpressionSyntaxException {
    Node first = and();
    if (!peek().operator("||")) {
      return first;
    }
    List<Node> operands = new ArrayList<>(List.of(first));
    while (accept("||")) {
      operands.add(and());
    }
    return bounded(new Node.Logical(false, operands));
  }

  private Node and() throws ExpressionSyntaxException {
    Node first = comparison(0);
    if (!peek().operator("&&")) {
      return first;
    }
    List<Node> operands = new ArrayList<>(List.of(first));
    while (accept("&&")) {
      operands.add(comparison(0));
    }
    return bounded(new Node.Logical(true, operands));
  }

  private Node comparison(int level) throws ExpressionSyntaxException {
    if (level == COMPARISONS.size()) {
      return unary();
    }
    Node left = comparison(level + 1);
    Optional<Node.Operator> operator = operator(level);
    while (operator.isPresent()) {
      at++;
      left = bounded(new Node.Comparison(operator.get(), left, comparison(level + 1)));
      operator = operator(level);
    }
    return left;
  }

  private Optional<Node.Operator> operator(int level) {
    return COMPARISONS.get(level).stream()
        .filter(operator -> peek().operator(operator.symbol))
        .findFirst();
  }

  private Node unary() throws ExpressionSyntaxException {
    if (!accept("!")) {
      return lookups(primary());
    }
    enter();
    Node operand = unary();
    nesting--;
    return bounded(new Node.Not(operand));
  }

  private Node primary() throws ExpressionSyntaxException {
    Token token = peek();
    return switch (token.kind()) {
      case LITERAL -> {
        at++;
        yield new Node.Literal(token.value());
      }
      case NAME -> {
        at++;
        if (!vocabulary.knows(token.raw())) {
          throw unrecognized("named-value", token);
        }
        yield new Node.Context(token.raw());
      }
      case FUNCTION -> call(token);
      case OPEN_GROUP -> {
        at++;
        enter();
        Node inner = or();
        nesting--;
        expect(Token.Kind.CLOSE_GROUP);
        yield inner;
      }
      case CLOSE_GROUP,
          OPEN_INDEX,
          CLOSE_INDEX,
          COMMA,
          WILDCARD,
          DOT,
          OPERATOR,
          PROPERTY,
          UNEXPECTED,
          END ->
          throw unexpected();
    };
  }

  private Node lookups(Node start) throws ExpressionSyntaxException {
    Node node = start;
    while (true) {
      Token token = peek();
      if (token.kind() == Token.Kind.DOT) {
        at++;
        Token property = peek();
        if (property.kind() == Token.Kind.WILDCARD) {
          node = new Node.Wildcard(node);
        } else if (property.kind() == Token.Kind.PROPERTY) {
          node = new Node.Index(node, new Node.Literal(new Value.Str(property.raw())));
        } else {
          throw unexpected();
        }
        at++;
      } else if (token.kind() == Token.Kind.OPEN_INDEX) {
        at++;
        if (peek().kind() == Token.Kind.WILDCARD) {
          at++;
          node = new Node.Wildcard(node);
        } else {
          enter();
          node = new Node.Index(node, or());
          nesting--;
        }
        expect(Token.Kind.CLOSE_INDEX);
      } else {
        return node;
      }
      bounded(node);
    }
  }

  private Node call(Token name) throws ExpressionSyntaxException {
    at++;
    Function function =
        Function.named(name.raw())
            .filter(vocabulary::knows)
            .orElseThrow(() -> unrecognized("function", name));
    expect(Token.Kind.OPEN_GROUP);
    enter();
    List<Node> arguments = new ArrayList<>();
    if (peek().kind() != Token.Kind.CLOSE_GROUP) {
      arguments.add(or());
      while (peek().kind() == Token.Kind.COMMA) {
        at++;
        arguments.add(or());
      }
    }
    nesting--;
    expect(Token.Kind.CLOSE_GROUP);
    checkCount(function, arguments.size(), name);
    return bounded(new Node.Call(function, arguments));
  }

  private void checkCount(Function function, int count, Token name)
      throws ExpressionSyntaxException {
    int most = function.status() && !namesJobs ? 0 : function.most();
    if (count < function.fewest()) {
      throw new ExpressionSyntaxException("Too few parameters supplied: " + located(name));
    }
    if (count > most) {
      throw new ExpressionSyntaxException("Too many parameters supplied: " + located(name));
    }
    if (function == Function.CASE && count % 2 == 0) {
      throw new ExpressionSyntaxException(
          "Even number of parameters supplied, requires an odd number of parameters: "
              + located(name));
    }
  }

  private Token peek() {
    return tokens.get(at);
  }

  private boolean accept(String operator) {
    if (peek().operator(operator)) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(Token.Kind kind) throws ExpressionSyntaxException {
    if (peek().kind() != kind) {
      throw unexpected();
    }
    at++;
  }

  private void enter() throws ExpressionSyntaxException {
    if (++nesting > MAX_NESTING) {
      throw tooDeep();
    }
  }

  private static Node bounded(Node node) throws ExpressionSyntaxException {
    if (node.depth() > Expression.MAX_DEPTH) {
      throw tooDeep();
    }
    return node;
  }

  private static ExpressionSyntaxException tooDeep() {
    return new ExpressionSyntaxException("Exceeded max expression depth " + Expression.MAX_DEPTH);
  }

  private ExpressionSyntaxException unexpected() {
    Token token = peek();
    if (token.kind() == Token.Kind.END && at > 0) {
      return new ExpressionSyntaxException(
          "Unexpected end of expression: " + located(tokens.get(at - 1)));
    }
    return new ExpressionSyntaxException("Unexpected symbol: " + located(token));
  }

  private ExpressionSyntaxException unrecognized(String what, Token token) {
    String known =
        what.equals("function")
            ? ""
            : ". Available here: "
                + vocabulary.contexts().stream().collect(Collectors.joining(", "));
    return new ExpressionSyntaxException("Unrecognized " + what + ": " + located(token) + known);
  }

  private String located(Token token) {
    return "'%s'. Located at position %d within expression: %s"
        .formatted(token.raw(), token.start() + 1, source);
  }
}
