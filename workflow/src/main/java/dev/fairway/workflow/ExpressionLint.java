package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Warns of expressions that cannot mean what their author meant, each at its place.
final class ExpressionLint {
  private final Problems problems;

  ExpressionLint(Problems problems) {
    this.problems = problems;
  }

  /// A template that is used as text, in which an object has no place.
  void text(Template template, Map<String, Type> types) {
    check(template, types, true);
  }

  /// A template whose value may be anything.
  void value(Template template, Map<String, Type> types) {
    check(template, types, false);
  }

  /// Every leaf and every key of a mapping as text; one expression in its place must come to one.
  void texts(Tree tree, Map<String, Type> types) {
    switch (tree) {
      case Tree.Leaf leaf -> mapping(leaf.template(), types);
      case Tree.Sequence sequence -> sequence.items().forEach(item -> inside(item, types));
      case Tree.Mapping mapping -> {
        for (Tree.Entry entry : mapping.entries()) {
          text(entry.key(), types);
          inside(entry.value(), types);
        }
      }
    }
  }

  /// An expression that stands for a mapping.
  void mapping(Template template, Map<String, Type> types) {
    value(template, types);
    Type type = type(template, types);
    boolean other =
        type instanceof Type.Arr || (type instanceof Type.Plain && type != Type.Plain.ANY);
    if (other && type != Type.Plain.NULL) {
      problems.warning(
          template.position(),
          Rule.EXPRESSION,
          "A mapping is wanted here, and this is %s; fromJSON makes one".formatted(type));
    }
  }

  private void inside(Tree tree, Map<String, Type> types) {
    if (tree instanceof Tree.Leaf leaf) {
      text(leaf.template(), types);
    } else {
      texts(tree, types);
    }
  }

  /// Every leaf and key of a tree, whatever it comes to.
  void values(Tree tree, Map<String, Type> types) {
    switch (tree) {
      case Tree.Leaf leaf -> value(leaf.template(), types);
      case Tree.Sequence sequence -> sequence.items().forEach(item -> values(item, types));
      case Tree.Mapping mapping -> {
        for (Tree.Entry entry : mapping.entries()) {
          text(entry.key(), types);
          values(entry.value(), types);
        }
      }
    }
  }

  /// A mapping whose members may be anything; one expression in its place must come to one.
  void members(Tree tree, Map<String, Type> types) {
    switch (tree) {
      case Tree.Leaf leaf -> mapping(leaf.template(), types);
      case Tree.Sequence _, Tree.Mapping _ -> values(tree, types);
    }
  }

  /// What must not be the type of a member.
  @FunctionalInterface
  interface MemberRule {
    Optional<String> wrong(String name, Type type);
  }

  /// A member that is text.
  static final MemberRule TEXT =
      (name, type) ->
          type.composite()
              ? Optional.of("A string was expected for '%s', not %s".formatted(name, type))
              : Optional.empty();

  /// Members that are text, but for one that is true or false.
  static MemberRule textExcept(String flag) {
    return (name, type) -> {
      if (!name.equals(flag)) {
        return TEXT.wrong(name, type);
      }
      return type == Type.Plain.BOOLEAN || type == Type.Plain.ANY
          ? Optional.empty()
          : Optional.of("The value of '%s' must be true or false, not %s".formatted(name, type));
    };
  }

  /// The same where a text may stand for the mapping. What is surely neither is an error.
  ///
  /// @param alone the member that such a text is, without which there is no mapping
  void members(Tree tree, Shape shape, String alone, MemberRule members, Map<String, Type> types) {
    switch (tree) {
      case Tree.Leaf leaf -> {
        value(leaf.template(), types);
        wrong(type(leaf.template(), types), shape, alone, members)
            .ifPresent(why -> problems.error(leaf.position(), why));
      }
      case Tree.Sequence _, Tree.Mapping _ -> {
        values(tree, types);
        tree.written(alone).ifPresent(member -> inside(member, types));
      }
    }
  }

  private static Optional<String> wrong(Type type, Shape shape, String alone, MemberRule members) {
    return switch (type) {
      case Type.Plain _ -> Optional.empty();
      case Type.Arr _ -> Optional.of("A string or a mapping was expected, not " + type);
      case Type.Obj object ->
          unexpected(object, shape)
              .or(() ->
                  object.hasAny(alone) ? Optional.empty() : Optional.of(Fields.missing(alone)))
              .or(() ->
                  object.members().entrySet().stream()
                      .flatMap(one -> members.wrong(one.getKey(), one.getValue()).stream())
                      .findFirst());
    };
  }

  /// What is wrong with the names of an object that is to have the members of this shape.
  static Optional<String> unexpected(Type.Obj object, Shape shape) {
    return object.others().isPresent()
        ? Optional.empty()
        : object.members().keySet().stream()
            .filter(name -> !shape.supports(name))
            .findFirst()
            .map(shape::unexpected);
  }

  private void check(Template template, Map<String, Type> types, boolean text) {
    for (Template.Part.Embedded part : embedded(template)) {
      Expression expression = part.expression();
      Set<String> found = new LinkedHashSet<>();
      Type type = new TypeCheck(types, found::add).check(expression.root());
      if (type.composite() && (text || template.parts().size() > 1)) {
        found.add("'%s' is %s and has no text; use toJSON".formatted(expression.source(), type));
      }
      found.forEach(finding -> problems.warning(part.position(), Rule.EXPRESSION, finding));
    }
  }

  /// The type of a template's value, without a word about what is wrong with it.
  static Type type(Template template, Map<String, Type> types) {
    return template
        .constant()
        .map(Type::of)
        .orElseGet(() ->
            template.parts().size() == 1
                ? new TypeCheck(types, _ -> {})
                    .check(embedded(template).getFirst().expression().root())
                : Type.Plain.STRING);
  }

  static List<Template.Part.Embedded> embedded(Template template) {
    List<Template.Part.Embedded> parts = new ArrayList<>();
    for (Template.Part part : template.parts()) {
      if (part instanceof Template.Part.Embedded embedded) {
        parts.add(embedded);
      }
    }
    return parts;
  }
}
