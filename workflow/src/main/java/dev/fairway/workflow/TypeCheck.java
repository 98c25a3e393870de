package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Finds what an expression can never mean, without evaluating it: lookups that are always null,
/// comparisons that are always false, arguments that a function makes nothing of. The language
/// evaluates all of them without a word.
final class TypeCheck {
  /// A brace that is neither doubled nor around a number.
  private static final Pattern STRAY = Pattern.compile("^(?:[^{}]|\\{\\{|}}|\\{\\d{1,3}})*+(?!$)");

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");

  private final Map<String, Type> contexts;
  private final Consumer<String> finding;

  /// @param contexts by name in lower case; one that is not among them may be anything
  TypeCheck(Map<String, Type> contexts, Consumer<String> finding) {
    this.contexts = contexts;
    this.finding = finding;
  }

  /// The type of its value.
  Type check(Node node) {
    return switch (node) {
      case Node.Literal literal -> Type.of(literal.value());
      case Node.Context context ->
          contexts.getOrDefault(context.name().toLowerCase(Locale.ROOT), Type.Plain.ANY);
      case Node.Index index -> index(index);
      case Node.Wildcard wildcard -> new Type.Arr(children(wildcard));
      case Node.Not not -> {
        check(not.operand());
        yield Type.Plain.BOOLEAN;
      }
      case Node.Logical logical -> Type.common(checkAll(logical.operands()));
      case Node.Comparison comparison -> comparison(comparison);
      case Node.Call call -> call(call, checkAll(call.arguments()));
    };
  }

  private List<Type> checkAll(List<Node> nodes) {
    return nodes.stream().map(this::check).toList();
  }

  private Type index(Node.Index index) {
    Type target = check(index.target());
    Type key = check(index.key());
    if (!index.target().filtered()) {
      keyFits(index, target, key);
    }
    if (index.target().filtered()) {
      Type items = target instanceof Type.Arr array ? array.items() : Type.Plain.ANY;
      return new Type.Arr(member(index, items));
    }
    return member(index, target);
  }

  /// A member of an object is looked up by its name, which may be a number, one of an array by a
  /// number.
  private void keyFits(Node.Index index, Type target, Type key) {
    boolean unfit = key == Type.Plain.BOOLEAN || key.composite();
    if (unfit && target.composite()) {
      finding.accept(
          "'%s' is always null: a member of %s is looked up by %s, not by %s"
              .formatted(
                  source(index),
                  target,
                  target instanceof Type.Obj ? "its name" : "a number",
                  key));
    }
  }

  private Type member(Node.Index index, Type target) {
    Optional<Value> key =
        index.key() instanceof Node.Literal literal
            ? Optional.of(literal.value())
            : Optional.empty();
    return switch (target) {
      case Type.Plain plain ->
          switch (plain) {
            case ANY, NULL -> Type.Plain.ANY;
            case BOOLEAN, NUMBER, STRING -> alwaysNull(index, "it is looked up in " + plain);
          };
      case Type.Arr array ->
          key.isPresent() && key.get() instanceof Value.Str
              ? alwaysNull(index, "it is looked up in an array; use .* or a number")
              : array.items();
      case Type.Obj object ->
          key.isPresent() && key.get() instanceof Value.Str name
              ? named(index, object, name.value())
              : object.any();
    };
  }

  private Type named(Node.Index index, Type.Obj object, String name) {
    Type known = object.members().get(name);
    if (known != null) {
      return known;
    }
    return object.others().orElseGet(() -> alwaysNull(index, object.absence().formatted(name)));
  }

  private Type alwaysNull(Node.Index index, String why) {
    finding.accept("'%s' is always null: %s".formatted(source(index), why));
    return Type.Plain.ANY;
  }

  private Type children(Node.Wildcard wildcard) {
    return switch (check(wildcard.target())) {
      case Type.Arr array -> array.items();
      case Type.Obj object -> object.any();
      case Type.Plain plain -> {
        switch (plain) {
          case ANY, NULL -> {}
          case BOOLEAN, NUMBER, STRING ->
              finding.accept(
                  "'%s' is always empty: .* is applied to %s".formatted(source(wildcard), plain));
        }
        yield Type.Plain.ANY;
      }
    };
  }

  private Type comparison(Node.Comparison comparison) {
    Type left = check(comparison.left());
    Type right = check(comparison.right());
    boolean equality =
        switch (comparison.operator()) {
          case EQUAL, NOT_EQUAL -> true;
          case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> false;
        };
    boolean composite = left.composite() || right.composite();
    boolean known = known(left) && known(right);
    boolean alike = left.composite() == right.composite();
    boolean unordered = !equality && (unordered(left) || unordered(right));
    if (unordered && !composite) {
      finding.accept(
          "'%s' compares %s with %s, and only numbers and strings have an order"
              .formatted(comparison.operator().symbol, left, right));
    } else if (composite
        && equality
        && known
        && alike
        && !comparison.left().equals(comparison.right())) {
      finding.accept(
          "'%s' compares %s with %s, and each equals only itself; compare what is in them, or toJSON"
              .formatted(comparison.operator().symbol, left, right));
    } else if (composite && (!equality || known && !alike)) {
      finding.accept(
          "'%s' compares %s with %s, which is always %s"
              .formatted(
                  comparison.operator().symbol,
                  left,
                  right,
                  comparison.operator() == Node.Operator.NOT_EQUAL));
    }
    return Type.Plain.BOOLEAN;
  }

  /// A comparison with null asks whether something is there at all.
  private static boolean known(Type type) {
    return type != Type.Plain.ANY && type != Type.Plain.NULL;
  }

  private static boolean unordered(Type type) {
    return type == Type.Plain.BOOLEAN || type == Type.Plain.NULL;
  }

  private Type call(Node.Call call, List<Type> arguments) {
    return switch (call.function()) {
      case CONTAINS -> {
        if (arguments.getFirst() instanceof Type.Obj) {
          argument(call, 0, arguments, "it searches a string or an array");
        }
        scalar(call, 1, arguments);
        yield Type.Plain.BOOLEAN;
      }
      case STARTS_WITH, ENDS_WITH -> {
        scalar(call, 0, arguments);
        scalar(call, 1, arguments);
        yield Type.Plain.BOOLEAN;
      }
      case FORMAT -> {
        for (int i = 0; i < arguments.size(); i++) {
          scalar(call, i, arguments);
        }
        placeholders(call);
        yield Type.Plain.STRING;
      }
      case JOIN -> {
        if (arguments.getFirst() instanceof Type.Obj) {
          argument(call, 0, arguments, "it joins the items of an array");
        }
        yield Type.Plain.STRING;
      }
      case FROM_JSON -> {
        scalar(call, 0, arguments);
        yield json(call);
      }
      case CASE -> chosen(arguments);
      case TO_JSON, HASH_FILES -> Type.Plain.STRING;
      case ALWAYS, SUCCESS, FAILURE, CANCELLED -> Type.Plain.BOOLEAN;
    };
  }

  private void scalar(Node.Call call, int number, List<Type> arguments) {
    if (arguments.get(number).composite()) {
      argument(call, number, arguments, "it takes text; toJSON makes some");
    }
  }

  private void argument(Node.Call call, int number, List<Type> arguments, String why) {
    finding.accept(
        "Argument %d of %s is %s: %s"
            .formatted(number + 1, call.function().word(), arguments.get(number), why));
  }

  /// Where the pattern is fixed text, its placeholders and the arguments must fit each other.
  private void placeholders(Node.Call call) {
    if (!(call.arguments().getFirst() instanceof Node.Literal literal)
        || !(literal.value() instanceof Value.Str pattern)) {
      return;
    }
    int arguments = call.arguments().size() - 1;
    if (STRAY.matcher(pattern.value()).find()) {
      finding.accept(
          "format cannot read '%s': write {0} for the first value, and {{ or }} for a brace"
              .formatted(pattern.value()));
    }
    List<Integer> used = numbers(pattern.value());
    for (int number : used) {
      if (number >= arguments) {
        finding.accept("format has no value for {%d}: it is given %d".formatted(number, arguments));
      }
    }
    for (int i = 0; i < arguments; i++) {
      if (!used.contains(i)) {
        finding.accept("format does not use its value number %d: {%d} is missing".formatted(i, i));
      }
    }
  }

  private static List<Integer> numbers(String pattern) {
    List<Integer> numbers = new ArrayList<>();
    String plain = pattern.replace("{{", "").replace("}}", "");
    var found = Pattern.compile("\\{(\\d{1,3})}").matcher(plain);
    while (found.find()) {
      numbers.add(Integer.parseInt(found.group(1)));
    }
    return numbers;
  }

  private Type json(Node.Call call) {
    if (call.arguments().getFirst() instanceof Node.Literal literal
        && literal.value() instanceof Value.Str text) {
      try {
        return Type.of(Value.ofJson(text.value()));
      } catch (RuntimeException e) {
        finding.accept("fromJSON cannot read '%s': %s".formatted(text.value(), e.getMessage()));
      }
    }
    return Type.Plain.ANY;
  }

  /// Every second argument of `case`, and its last, is a value.
  private static Type chosen(List<Type> arguments) {
    List<Type> values = new ArrayList<>();
    for (int i = 1; i < arguments.size(); i += 2) {
      values.add(arguments.get(i));
    }
    values.add(arguments.getLast());
    return Type.common(values);
  }

  /// A lookup as people write it.
  static String source(Node node) {
    return switch (node) {
      case Node.Context context -> context.name().toLowerCase(Locale.ROOT);
      case Node.Wildcard wildcard -> source(wildcard.target()) + ".*";
      case Node.Index index ->
          index.key() instanceof Node.Literal literal
              ? source(index.target()) + member(literal.value())
              : source(index.target()) + "[…]";
      case Node.Call call -> call.function().word() + "(…)";
      case Node.Literal literal -> literal.value().text();
      case Node.Not _, Node.Logical _, Node.Comparison _ -> "(…)";
    };
  }

  private static String member(Value key) {
    if (key instanceof Value.Str name) {
      return NAME.matcher(name.value()).matches() ? "." + name.value() : "['" + name.value() + "']";
    }
    return "[" + key.text() + "]";
  }
}
