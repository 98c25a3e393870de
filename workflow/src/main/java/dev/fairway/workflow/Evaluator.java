package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/// Evaluates one expression. All text and items that it makes count against one budget, so that
/// nested `format` calls cannot exhaust the memory of the server.
final class Evaluator {
  /// What one evaluation may make, at two bytes per character and [#ITEM_BYTES] per item.
  static final int MAX_BYTES = 1024 * 1024;

  private static final int ITEM_BYTES = 16;

  private final Contexts contexts;
  private long bytes;

  Evaluator(Contexts contexts) {
    this.contexts = contexts;
  }

  Value evaluate(Node node) {
    return switch (node) {
      case Node.Literal literal -> literal.value();
      case Node.Context context -> contexts.named(context.name());
      case Node.Index index -> index(index);
      case Node.Wildcard wildcard -> wildcard(wildcard);
      case Node.Not not -> Value.of(!evaluate(not.operand()).truthy());
      case Node.Logical logical -> logical(logical);
      case Node.Comparison comparison -> Value.of(compare(comparison));
      case Node.Call call -> call(call);
    };
  }

  private Value logical(Node.Logical logical) {
    Value last = Value.nothing();
    for (Node operand : logical.operands()) {
      last = evaluate(operand);
      if (last.truthy() != logical.all()) {
        return last;
      }
    }
    return last;
  }

  private boolean compare(Node.Comparison comparison) {
    Value left = evaluate(comparison.left());
    Value right = evaluate(comparison.right());
    return switch (comparison.operator()) {
      case EQUAL -> Coercion.same(left, right);
      case NOT_EQUAL -> !Coercion.same(left, right);
      case LESS -> Coercion.less(left, right);
      case LESS_OR_EQUAL -> Coercion.less(left, right) || Coercion.equalNumbersOrText(left, right);
      case GREATER -> Coercion.less(right, left);
      case GREATER_OR_EQUAL ->
          Coercion.less(right, left) || Coercion.equalNumbersOrText(left, right);
    };
  }

  private Value index(Node.Index index) {
    Value target = evaluate(index.target());
    Value key = evaluate(index.key());
    if (!index.target().filtered()) {
      return lookup(target, key).orElse(Value.nothing());
    }
    List<Value> found = new ArrayList<>();
    for (Value item : children(target)) {
      lookup(item, key).ifPresent(found::add);
    }
    spend((long) found.size() * ITEM_BYTES);
    return new Value.Arr(found);
  }

  private Value wildcard(Node.Wildcard wildcard) {
    Value target = evaluate(wildcard.target());
    List<Value> found = new ArrayList<>();
    if (wildcard.target().filtered()) {
      children(target).forEach(item -> found.addAll(children(item)));
    } else {
      found.addAll(children(target));
    }
    spend((long) found.size() * ITEM_BYTES);
    return new Value.Arr(found);
  }

  private static List<Value> children(Value value) {
    return switch (value) {
      case Value.Arr array -> array.items();
      case Value.Obj object -> List.copyOf(object.members().values());
      case Value.Null _, Value.Bool _, Value.Num _, Value.Str _ -> List.of();
    };
  }

  private static Optional<Value> lookup(Value target, Value key) {
    return switch (target) {
      case Value.Obj object ->
          Coercion.composite(key) ? Optional.empty() : object.member(key.text());
      case Value.Arr array -> {
        double position = Math.floor(Coercion.number(key));
        yield position >= 0 && position < array.items().size()
            ? Optional.of(array.items().get((int) position))
            : Optional.empty();
      }
      case Value.Null _, Value.Bool _, Value.Num _, Value.Str _ -> Optional.empty();
    };
  }

  private Value call(Node.Call call) {
    List<Node> arguments = call.arguments();
    return switch (call.function()) {
      case CONTAINS -> Value.of(contains(evaluate(arguments.get(0)), evaluate(arguments.get(1))));
      case STARTS_WITH -> Value.of(affix(arguments, true));
      case ENDS_WITH -> Value.of(affix(arguments, false));
      case FORMAT -> format(arguments);
      case JOIN -> join(arguments);
      case TO_JSON -> made(evaluate(arguments.getFirst()).toJson());
      case FROM_JSON -> fromJson(evaluate(arguments.getFirst()));
      case CASE -> chosen(arguments);
      case HASH_FILES -> made(contexts.files().hash(texts(arguments)));
      case ALWAYS -> Value.of(true);
      case SUCCESS -> Value.of(contexts.status().success(texts(arguments)));
      case FAILURE -> Value.of(contexts.status().failure(texts(arguments)));
      case CANCELLED -> Value.of(contexts.status().cancelled());
    };
  }

  private List<String> texts(List<Node> arguments) {
    return arguments.stream().map(argument -> evaluate(argument).text()).toList();
  }

  private static boolean contains(Value where, Value what) {
    return switch (where) {
      case Value.Arr array -> array.items().stream().anyMatch(item -> Coercion.same(item, what));
      case Value.Obj _ -> false;
      case Value.Null _, Value.Bool _, Value.Num _, Value.Str _ ->
          !Coercion.composite(what) && folded(where).contains(folded(what));
    };
  }

  private boolean affix(List<Node> arguments, boolean start) {
    Value where = evaluate(arguments.get(0));
    Value what = evaluate(arguments.get(1));
    if (Coercion.composite(where) || Coercion.composite(what)) {
      return false;
    }
    return start ? folded(where).startsWith(folded(what)) : folded(where).endsWith(folded(what));
  }

  private static String folded(Value value) {
    return Coercion.folded(value.text());
  }

  private Value join(List<Node> arguments) {
    Value items = evaluate(arguments.getFirst());
    if (items instanceof Value.Obj) {
      return Value.of("");
    }
    if (!(items instanceof Value.Arr array)) {
      return items instanceof Value.Str ? items : made(items.text());
    }
    Value separator = arguments.size() == 2 ? evaluate(arguments.get(1)) : new Value.Str(",");
    StringJoiner joined = new StringJoiner(Coercion.composite(separator) ? "," : separator.text());
    for (Value item : array.items()) {
      joined.add(item.text());
      spend(2L * item.text().length());
    }
    return made(joined.toString());
  }

  private Value fromJson(Value text) {
    Value value = Value.ofJson(text.text());
    spend(2L * text.text().length());
    return value;
  }

  private Value chosen(List<Node> arguments) {
    for (int i = 0; i + 1 < arguments.size(); i += 2) {
      if (!(evaluate(arguments.get(i)) instanceof Value.Bool predicate)) {
        throw new EvaluationException("case predicate must evaluate to a boolean value");
      }
      if (predicate.value()) {
        return evaluate(arguments.get(i + 1));
      }
    }
    return evaluate(arguments.getLast());
  }

  private Value format(List<Node> arguments) {
    String pattern = evaluate(arguments.getFirst()).text();
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < pattern.length()) {
      char c = pattern.charAt(at);
      boolean doubled = at + 1 < pattern.length() && pattern.charAt(at + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        out.append(c);
        at += 2;
      } else if (c == '{') {
        int close = pattern.indexOf('}', at);
        int argument = placeholder(pattern, at + 1, close);
        if (argument + 1 >= arguments.size()) {
          throw new EvaluationException(
              "The following format string references more arguments than were supplied: "
                  + pattern);
        }
        String text = evaluate(arguments.get(argument + 1)).text();
        spend(2L * text.length());
        out.append(text);
        at = close + 1;
      } else if (c == '}') {
        throw invalidFormat(pattern);
      } else {
        out.append(c);
        at++;
      }
    }
    return made(out.toString());
  }

  /// The number between the braces; at most three digits, since a call has at most 255 arguments.
  private static int placeholder(String pattern, int from, int close) {
    if (close <= from || close - from > 3) {
      throw invalidFormat(pattern);
    }
    int number = 0;
    for (int i = from; i < close; i++) {
      char c = pattern.charAt(i);
      if (c < '0' || c > '9') {
        throw invalidFormat(pattern);
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }

  private static EvaluationException invalidFormat(String pattern) {
    return new EvaluationException("The following format string is invalid: " + pattern);
  }

  private Value made(String text) {
    spend(2L * text.length());
    return new Value.Str(text);
  }

  private void spend(long more) {
    bytes += more;
    if (bytes > MAX_BYTES) {
      throw new EvaluationException("The maximum allowed memory size was exceeded");
    }
  }
}
