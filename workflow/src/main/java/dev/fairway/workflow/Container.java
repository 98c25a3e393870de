package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An evaluated `container` of a job, or one of its `services`.
///
/// @param env variables of the container itself
/// @param ports `8080:80`, `6379/tcp` and so on, as they are written
/// @param volumes `NAME:/path`, `/path` or `/source:/path`, as they are written
/// @param options more arguments of `create`, as one text
/// @param entrypoint and `command` of a service, where they are not the image's own
public record Container(
    String image,
    Map<String, String> env,
    List<String> ports,
    List<String> volumes,
    Optional<String> options,
    Optional<Credentials> credentials,
    Optional<String> entrypoint,
    Optional<String> command) {

  /// How to sign in to the registry of the image.
  public record Credentials(String username, String password) {
    @Override
    public String toString() {
      return "Credentials[username=" + username + "]";
    }
  }

  private static final String DOCKER = "docker://";

  public Container {
    env = Map.copyOf(env);
    ports = List.copyOf(ports);
    volumes = List.copyOf(volumes);
  }

  /// Reads an evaluated container; none if its image comes to nothing, which is how an expression
  /// leaves one out.
  static Optional<Container> of(Value value, Position position) {
    if (value instanceof Value.Null) {
      return Optional.empty();
    }
    if (!(value instanceof Value.Obj object)) {
      return Optional.of(image(value))
          .filter(image -> !image.isEmpty())
          .map(image ->
              new Container(
                  image,
                  Map.of(),
                  List.of(),
                  List.of(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty()));
    }
    for (String key : object.members().keySet()) {
      if (!Shape.SERVICE.supports(key)) {
        throw new EvaluationException(position, "A container has no '" + key + "'");
      }
    }
    return object
        .member("image")
        .map(Container::image)
        .filter(image -> !image.isEmpty())
        .map(image ->
            new Container(
                image,
                strings(object, "env", position),
                list(object, "ports", position),
                list(object, "volumes", position),
                text(object, "options"),
                credentials(object, position),
                text(object, "entrypoint"),
                text(object, "command")));
  }

  /// The name of an image, which may be written as an action's.
  static String image(Value value) {
    String image = value.text().strip();
    return image.startsWith(DOCKER) ? image.substring(DOCKER.length()) : image;
  }

  /// Evaluated `services` by name, without those whose image comes to nothing.
  static Map<String, Container> services(Value value, Position position) {
    Map<String, Container> services = new LinkedHashMap<>();
    if (value instanceof Value.Obj object) {
      object
          .members()
          .forEach((name, member) ->
              of(member, position).ifPresent(container -> services.put(name, container)));
    } else if (!(value instanceof Value.Null)) {
      throw new EvaluationException(
          position, "'services' must come to a mapping, not " + value.kind());
    }
    return services;
  }

  private static Optional<String> text(Value.Obj object, String key) {
    return object.member(key).map(Value::text).map(String::strip).filter(text -> !text.isEmpty());
  }

  private static List<String> list(Value.Obj object, String key, Position position) {
    return switch (object.member(key).orElse(Value.nothing())) {
      case Value.Null _ -> List.of();
      case Value.Arr array ->
          array.items().stream().map(Value::text).filter(text -> !text.isBlank()).toList();
      case Value.Bool _, Value.Num _, Value.Str _, Value.Obj _ ->
          throw new EvaluationException(position, "'" + key + "' must come to a sequence");
    };
  }

  private static Map<String, String> strings(Value.Obj object, String key, Position position) {
    return switch (object.member(key).orElse(Value.nothing())) {
      case Value.Null _ -> Map.of();
      case Value.Obj members -> {
        Map<String, String> strings = new LinkedHashMap<>();
        members.members().forEach((name, value) -> strings.put(name, value.text()));
        yield strings;
      }
      case Value.Bool _, Value.Num _, Value.Str _, Value.Arr _ ->
          throw new EvaluationException(position, "'" + key + "' must come to a mapping");
    };
  }

  /// None if either half of them comes to nothing.
  private static Optional<Credentials> credentials(Value.Obj object, Position position) {
    Map<String, String> strings = strings(object, "credentials", position);
    String username = strings.getOrDefault("username", "");
    String password = strings.getOrDefault("password", "");
    return username.isEmpty() || password.isEmpty()
        ? Optional.empty()
        : Optional.of(new Credentials(username, password));
  }
}
