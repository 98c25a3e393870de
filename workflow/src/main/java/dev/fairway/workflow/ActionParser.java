package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the metadata of an action, its `action.yml`.
///
/// Where the language itself lets anything stand (unknown keys at the top and in inputs, which are
/// for catalogues), that is a warning; everywhere else it is an error at its place. No input makes
/// the parser hang or throw.
public final class ActionParser {
  private static final Pattern NODE = Pattern.compile("node(\\d{1,3})");

  /// What an action may be written for. Older versions end at end of life, newer ones may come.
  private static final List<Integer> NODE_VERSIONS = List.of(20, 24);

  private static final List<String> RETIRED = List.of("node12", "node16");

  private final Problems problems;
  private final Scalars scalars;
  private final Trees trees;

  private ActionParser(String file) {
    this.problems = new Problems(file);
    this.scalars = new Scalars(problems);
    this.trees = new Trees(problems, scalars);
  }

  /// @param file its path, for messages
  public static ActionFile parse(String file, String text) {
    ActionParser parser = new ActionParser(file);
    Optional<ActionDefinition> action = parser.read(text);
    List<Diagnostic> found = parser.problems.inOrder();
    return action.isPresent() && !parser.problems.anyError()
        ? new ActionFile.Valid(action.get(), found)
        : new ActionFile.Invalid(found);
  }

  private Optional<ActionDefinition> read(String text) {
    try {
      Optional<Yaml> root =
          YamlReader.read(text, Limits.DEFAULT, new Size(Limits.DEFAULT.bytes()), problems);
      if (root.isEmpty() || root.get().isNull()) {
        problems.error(Position.START, "The action is empty");
        return Optional.empty();
      }
      return Fields.mapping(root.get(), problems).flatMap(this::action);
    } catch (YamlReader.Refused e) {
      problems.error(e.position(), e.reason());
      return Optional.empty();
    }
  }

  private Optional<ActionDefinition> action(Yaml.Mapping root) {
    Fields fields = loose(root, Shape.ACTION);
    Map<String, ActionInput> inputs = new LinkedHashMap<>();
    fields.value("inputs").ifPresent(node -> inputs(node, inputs));
    Tree outputs = fields.value("outputs").map(this::outputs).orElseGet(Tree::empty);
    Optional<ActionRuns> runs =
        fields.required("runs").flatMap(node -> Fields.mapping(node, problems)).flatMap(this::runs);
    String name =
        fields
            .value("name")
            .flatMap(scalars::constant)
            .filter(text -> !text.isBlank())
            .orElse(problems.file());
    List<String> outputNames =
        fields.value("outputs").orElse(root) instanceof Yaml.Mapping named && fields.has("outputs")
            ? named.pairs().stream().map(pair -> pair.key().raw()).toList()
            : List.of();
    return runs.map(known -> new ActionDefinition(name, inputs, outputs, outputNames, known));
  }

  /// Takes what is known and warns of the rest.
  private Fields loose(Yaml.Mapping mapping, Shape shape) {
    List<Yaml.Pair> known = new ArrayList<>();
    for (Yaml.Pair pair : mapping.pairs()) {
      if (shape.supports(pair.key().raw())) {
        known.add(pair);
      } else {
        problems.warning(
            pair.key().position(),
            Rule.NO_EFFECT,
            "'" + pair.key().raw() + "' has no meaning here, and no effect");
      }
    }
    return Fields.of(new Yaml.Mapping(mapping.position(), known), shape, problems);
  }

  private void inputs(Yaml node, Map<String, ActionInput> inputs) {
    if (node.isNull()) {
      return;
    }
    Fields.mapping(node, problems)
        .ifPresent(mapping -> {
          for (Yaml.Pair pair : mapping.pairs()) {
            input(pair).ifPresent(input -> inputs.put(input.name(), input));
          }
        });
  }

  private Optional<ActionInput> input(Yaml.Pair pair) {
    String name = pair.key().raw();
    if (name.isEmpty()) {
      problems.error(pair.key().position(), "Unexpected value ''");
      return Optional.empty();
    }
    if (pair.value().isNull()) {
      return Optional.of(new ActionInput(name, false, Optional.empty(), Optional.empty()));
    }
    return Fields.mapping(pair.value(), problems)
        .map(mapping -> loose(mapping, Shape.ACTION_INPUT))
        .map(fields ->
            new ActionInput(
                name,
                fields.value("required").map(this::required).orElse(false),
                fields
                    .value("default")
                    .flatMap(value -> scalars.template(value, Optional.of(Place.ACTION_INPUT))),
                fields.value("deprecationMessage").flatMap(scalars::constant)));
  }

  /// Often written as text.
  private boolean required(Yaml node) {
    return scalars.constant(node).filter("true"::equalsIgnoreCase).isPresent();
  }

  private Tree outputs(Yaml node) {
    List<Tree.Entry> entries = new ArrayList<>();
    if (!node.isNull()) {
      Fields.mapping(node, problems)
          .ifPresent(mapping -> {
            for (Yaml.Pair pair : mapping.pairs()) {
              output(pair).ifPresent(entries::add);
            }
          });
    }
    return new Tree.Mapping(node.position(), entries);
  }

  private Optional<Tree.Entry> output(Yaml.Pair pair) {
    if (pair.value().isNull()) {
      return Optional.empty();
    }
    Template name = Template.fixed(pair.key().position(), Value.of(pair.key().raw()));
    return Fields.of(pair.value(), Shape.ACTION_OUTPUT, problems)
        .flatMap(fields -> fields.value("value"))
        .flatMap(value -> scalars.template(value, Optional.of(Place.ACTION_OUTPUT)))
        .map(value -> new Tree.Entry(name, false, new Tree.Leaf(value)));
  }

  private Optional<ActionRuns> runs(Yaml.Mapping mapping) {
    Optional<Yaml> node =
        mapping.pairs().stream()
            .filter(pair -> pair.key().raw().equals("using"))
            .map(Yaml.Pair::value)
            .findFirst();
    if (node.isEmpty()) {
      problems.error(mapping.position(), "Required property is missing: using");
      return Optional.empty();
    }
    Optional<String> using = scalars.word(node.get());
    if (using.isEmpty()) {
      return Optional.empty();
    }
    return switch (using.get()) {
      case "composite" -> composite(Fields.of(mapping, Shape.RUNS_COMPOSITE, problems));
      case "docker" -> container(Fields.of(mapping, Shape.RUNS_CONTAINER, problems));
      case String word -> javaScript(word, node.get(), mapping);
    };
  }

  private Optional<ActionRuns> composite(Fields fields) {
    return fields
        .required("steps")
        .map(node -> StepReader.composite(problems, scalars, trees).read(node))
        .map(ActionRuns.Composite::new);
  }

  private Optional<ActionRuns> javaScript(String using, Yaml node, Yaml.Mapping mapping) {
    Matcher version = NODE.matcher(using);
    if (RETIRED.contains(using)) {
      problems.refuse(
          node.position(),
          "'%s' has been retired; use a newer version of the action, one that is written for node20 or node24"
              .formatted(using));
      return Optional.empty();
    }
    if (!version.matches() || !NODE_VERSIONS.contains(Integer.parseInt(version.group(1)))) {
      problems.error(
          node.position(),
          "Unexpected value '" + using + "'. Expected composite, docker, node20 or node24");
      return Optional.empty();
    }
    Fields fields = Fields.of(mapping, Shape.RUNS_JAVASCRIPT, problems);
    Optional<ActionRuns.Hook> pre = hook(fields, "pre", "pre-if");
    Optional<ActionRuns.Hook> post = hook(fields, "post", "post-if");
    return fields
        .required("main")
        .flatMap(this::path)
        .map(
            main -> new ActionRuns.JavaScript(Integer.parseInt(version.group(1)), main, pre, post));
  }

  private Optional<ActionRuns> container(Fields fields) {
    Optional<ActionRuns.Hook> pre = hook(fields, "pre-entrypoint", "pre-if");
    Optional<ActionRuns.Hook> post = hook(fields, "post-entrypoint", "post-if");
    Tree args = fields.value("args").map(this::args).orElseGet(Tree::empty);
    Tree env =
        fields
            .value("env")
            .flatMap(node -> trees.strings(node, Place.ACTION_CONTAINER))
            .orElseGet(Tree::empty);
    return fields
        .required("image")
        .flatMap(this::image)
        .map(image ->
            new ActionRuns.Container(
                image, fields.value("entrypoint").flatMap(scalars::word), args, env, pre, post));
  }

  private Tree args(Yaml node) {
    List<Tree> items = new ArrayList<>();
    Fields.sequence(node, problems)
        .ifPresent(sequence -> {
          for (Yaml item : sequence.items()) {
            scalars
                .template(item, Optional.of(Place.ACTION_CONTAINER))
                .map(Tree.Leaf::new)
                .ifPresent(items::add);
          }
        });
    return new Tree.Sequence(node.position(), items);
  }

  private Optional<String> image(Yaml node) {
    Optional<String> word = scalars.word(node);
    if (word.isEmpty() || !word.get().startsWith("docker://")) {
      return word.isEmpty() ? word : path(node);
    }
    return switch (ActionReference.read(word.get())) {
      case ActionReference.Reading.Named _ -> word;
      case ActionReference.Reading.Malformed malformed -> {
        problems.error(node.position(), malformed.reason());
        yield Optional.empty();
      }
      case ActionReference.Reading.Refused refused -> {
        problems.refuse(node.position(), refused.reason());
        yield Optional.empty();
      }
    };
  }

  private Optional<ActionRuns.Hook> hook(Fields fields, String key, String conditionKey) {
    Optional<Condition> condition =
        fields.value(conditionKey).flatMap(node -> scalars.condition(node, Place.ACTION_IF));
    Optional<Yaml> program = fields.value(key);
    if (program.isEmpty()) {
      fields
          .keyPosition(conditionKey)
          .ifPresent(position ->
              problems.warning(
                  position,
                  Rule.NO_EFFECT,
                  "'" + conditionKey + "' has no effect without '" + key + "'"));
    }
    boolean script = key.equals("pre") || key.equals("post");
    return program
        .flatMap(node -> script ? path(node) : scalars.word(node))
        .map(text -> new ActionRuns.Hook(text, condition.orElse(Condition.ALWAYS)));
  }

  /// A file of the action, which lies in its repository; how far up that is, only whoever has
  /// fetched it knows.
  private Optional<String> path(Yaml node) {
    Optional<String> word = scalars.word(node);
    if (word.filter(text -> text.startsWith("/") || text.chars().anyMatch(c -> c < ' '))
        .isPresent()) {
      problems.error(node.position(), "'" + word.get().strip() + "' is not a path in the action");
      return Optional.empty();
    }
    return word;
  }
}
