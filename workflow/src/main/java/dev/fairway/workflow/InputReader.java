package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/// Reads what `workflow_dispatch` and `workflow_call` define.
final class InputReader {
  private static final List<InputDefinition.Type> CALL_TYPES =
      List.of(
          InputDefinition.Type.STRING, InputDefinition.Type.BOOLEAN, InputDefinition.Type.NUMBER);

  private final Problems problems;
  private final Scalars scalars;

  InputReader(Problems problems, Scalars scalars) {
    this.problems = problems;
    this.scalars = scalars;
  }

  Trigger.Dispatch dispatch(Fields fields) {
    Map<String, InputDefinition> inputs = new LinkedHashMap<>();
    named(fields, "inputs", Shape.INPUT, (name, input) -> inputs.put(name.raw(), input(input)));
    return new Trigger.Dispatch(inputs);
  }

  Trigger.Call call(Fields fields) {
    Map<String, CallDefinition.Input> inputs = new LinkedHashMap<>();
    named(
        fields,
        "inputs",
        Shape.CALL_INPUT,
        (name, input) -> inputs.put(name.raw(), callInput(input)));
    Map<String, CallDefinition.Secret> secrets = new LinkedHashMap<>();
    named(
        fields,
        "secrets",
        Shape.CALL_SECRET,
        (name, secret) ->
            secrets.put(
                name.raw(),
                new CallDefinition.Secret(
                    text(secret, "description"),
                    secret.value("required").map(this::required).orElse(false))));
    Map<String, CallDefinition.Output> outputs = new LinkedHashMap<>();
    named(
        fields,
        "outputs",
        Shape.CALL_OUTPUT,
        (name, output) ->
            output
                .required("value")
                .flatMap(node -> scalars.template(node, Optional.of(Place.CALL_OUTPUT)))
                .ifPresent(value ->
                    outputs.put(
                        name.raw(),
                        new CallDefinition.Output(text(output, "description"), value))));
    return new Trigger.Call(new CallDefinition(inputs, secrets, outputs));
  }

  /// The members of a mapping of definitions; a definition may be null, which is an empty one.
  private void named(
      Fields fields, String key, Shape shape, BiConsumer<Yaml.Scalar, Fields> definition) {
    fields
        .value(key)
        .filter(node -> !node.isNull())
        .flatMap(node -> Fields.mapping(node, problems))
        .ifPresent(mapping -> {
          for (Yaml.Pair pair : mapping.pairs()) {
            if (pair.key().raw().isEmpty()) {
              problems.error(pair.key().position(), "Unexpected value ''");
            }
            Fields.orEmpty(pair.value(), shape, problems)
                .ifPresent(settings -> definition.accept(pair.key(), settings));
          }
        });
  }

  private String text(Fields fields, String key) {
    return fields.value(key).flatMap(scalars::constant).orElse("");
  }

  private CallDefinition.Input callInput(Fields fields) {
    InputDefinition.Type type =
        fields
            .required("type")
            .flatMap(node -> type(node, CALL_TYPES))
            .orElse(InputDefinition.Type.STRING);
    CallDefinition.Input input =
        new CallDefinition.Input(
            text(fields, "description"),
            fields.value("required").map(this::required).orElse(false),
            type,
            fields
                .value("default")
                .flatMap(node -> scalars.template(node, Optional.of(Place.RUN))));
    input
        .defaultValue()
        .flatMap(Template::constant)
        .filter(value -> input.of(value).isEmpty())
        .ifPresent(value ->
            problems.error(
                fields.value("default").orElseThrow().position(),
                "The default '%s' is not a %s of this input".formatted(value.text(), type.word())));
    return input;
  }

  private InputDefinition input(Fields fields) {
    InputDefinition.Type type =
        fields
            .value("type")
            .flatMap(node -> type(node, List.of(InputDefinition.Type.values())))
            .orElse(InputDefinition.Type.STRING);
    List<String> options = new ArrayList<>();
    fields
        .value("options")
        .flatMap(node -> Fields.sequence(node, problems))
        .ifPresent(sequence ->
            sequence.items().forEach(item -> scalars.constant(item).ifPresent(options::add)));
    options(fields, type, options);
    if (type == InputDefinition.Type.CHOICE && options.isEmpty()) {
      problems.error(
          fields.keyPosition("type").orElseThrow(), "A choice needs `options` to choose from");
    }
    InputDefinition definition =
        new InputDefinition(
            text(fields, "description"),
            fields.value("required").map(this::required).orElse(false),
            type,
            fields.value("default").flatMap(scalars::constant),
            options);
    definition
        .defaultValue()
        .ifPresent(text -> {
          Map<String, String> wrong = new LinkedHashMap<>();
          definition.value("default", text, wrong);
          if (!wrong.isEmpty()) {
            problems.error(
                fields.value("default").orElseThrow().position(),
                "The default '" + text + "' is not a " + type.word() + " of this input");
          }
        });
    return definition;
  }

  private void options(Fields fields, InputDefinition.Type type, List<String> options) {
    if (type != InputDefinition.Type.CHOICE) {
      fields
          .keyPosition("options")
          .ifPresent(position ->
              problems.error(position, "Input type is not 'choice', but 'options' is defined"));
    }
    Set<String> seen = new HashSet<>();
    options.stream()
        .filter(option -> !seen.add(option))
        .forEach(option ->
            problems.warning(
                fields.value("options").orElseThrow().position(),
                Rule.NO_EFFECT,
                "The option '%s' is offered twice".formatted(option)));
  }

  private Optional<InputDefinition.Type> type(Yaml node, List<InputDefinition.Type> known) {
    Optional<String> word = scalars.word(node);
    Optional<InputDefinition.Type> type =
        word.flatMap(name -> known.stream().filter(one -> one.word().equals(name)).findFirst());
    if (word.isPresent() && type.isEmpty()) {
      problems.error(
          node.position(),
          "Unexpected value '%s'. Expected one of %s"
              .formatted(
                  word.get(),
                  known.stream()
                      .map(InputDefinition.Type::word)
                      .collect(Collectors.joining(", "))));
    }
    return type;
  }

  private boolean required(Yaml node) {
    return scalars.fixedBool(node).orElse(false);
  }
}
