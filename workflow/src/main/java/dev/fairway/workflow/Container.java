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

  static final String IMAGE = "image";
  static final String NO_IMAGE = "Container image cannot be empty";

  private static final String DOCKER = "docker://";

  public Container {
    env = Map.copyOf(env);
    ports = List.copyOf(ports);
    volumes = List.copyOf(volumes);
  }

  /// Evaluates a container; none if its image comes to nothing, which is how an expression leaves
  /// one out.
  static Optional<Container> of(Tree tree, Shape shape, Contexts contexts) {
    return of(tree.members(shape, IMAGE, contexts), tree.position());
  }

  private static Optional<Container> of(Map<String, Tree.Member> members, Position position) {
    Tree.Member named = members.get(IMAGE);
    if (named == null) {
      throw new EvaluationException(
          position, NO_IMAGE + "; for no container, come to null instead of a mapping");
    }
    String image = image(Expected.text(named, IMAGE));
    return image.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Container(
                image,
                Optional.ofNullable(members.get("env")).map(Container::strings).orElse(Map.of()),
                list(members, "ports"),
                list(members, "volumes"),
                text(members, "options"),
                Optional.ofNullable(members.get("credentials")).flatMap(Container::credentials),
                text(members, "entrypoint"),
                text(members, "command")));
  }

  /// The name of an image, which may be written as an action's.
  static String image(String text) {
    String image = text.strip();
    return image.startsWith(DOCKER) ? image.substring(DOCKER.length()) : image;
  }

  /// Evaluates `services`: containers by name, without those whose image comes to nothing.
  static Map<String, Container> services(Tree tree, Contexts contexts) {
    Members<Optional<Container>> all = new Members<>();
    switch (tree) {
      case Tree.Leaf _, Tree.Sequence _ -> all.putAll(made(tree, contexts), tree.position());
      case Tree.Mapping mapping -> {
        for (Tree.Entry entry : mapping.entries()) {
          if (entry.insert()) {
            all.putAll(made(entry.value(), contexts), entry.value().position());
          } else {
            all.put(
                entry.key().text(contexts),
                of(entry.value(), Shape.SERVICE, contexts),
                entry.key().position());
          }
        }
      }
    }
    Map<String, Container> services = new LinkedHashMap<>();
    all.all()
        .forEach((name, service) -> service.ifPresent(container -> services.put(name, container)));
    return services;
  }

  private static Map<String, Optional<Container>> made(Tree tree, Contexts contexts) {
    Map<String, Optional<Container>> services = new LinkedHashMap<>();
    Position position = tree.position();
    Value value = tree.evaluate(contexts);
    switch (value) {
      case Value.Null _ -> {}
      case Value.Obj object ->
          object
              .members()
              .forEach((name, service) ->
                  services.put(
                      name, of(Tree.members(service, position, Shape.SERVICE, IMAGE), position)));
      case Value.Bool _, Value.Num _, Value.Str _, Value.Arr _ ->
          throw Tree.noMapping(value, position);
    }
    return services;
  }

  private static Optional<String> text(Map<String, Tree.Member> members, String key) {
    return Optional.ofNullable(members.get(key))
        .map(member -> Expected.text(member, key).strip())
        .filter(text -> !text.isEmpty());
  }

  private static List<String> list(Map<String, Tree.Member> members, String key) {
    Tree.Member member = members.get(key);
    if (member == null || member.value() instanceof Value.Null) {
      return List.of();
    }
    if (!(member.value() instanceof Value.Arr array)) {
      throw new EvaluationException(
          member.position(),
          "A sequence was expected for '%s', not %s".formatted(key, member.value().kind()));
    }
    return array.items().stream()
        .map(item -> Expected.nonEmpty(member.of(item), key, "leave it out"))
        .filter(text -> !text.isBlank())
        .toList();
  }

  private static Map<String, String> strings(Tree.Member member) {
    Map<String, String> strings = new LinkedHashMap<>();
    switch (member.value()) {
      case Value.Null _ -> {}
      case Value.Obj object ->
          object
              .members()
              .forEach((name, value) -> strings.put(name, Expected.text(member.of(value), name)));
      case Value.Bool _, Value.Num _, Value.Str _, Value.Arr _ ->
          throw Tree.noMapping(member.value(), member.position());
    }
    return strings;
  }

  /// None if either half of them comes to nothing.
  private static Optional<Credentials> credentials(Tree.Member member) {
    Map<String, String> strings = strings(member);
    for (String key : strings.keySet()) {
      if (!Shape.CREDENTIALS.supports(key)) {
        throw new EvaluationException(member.position(), Shape.CREDENTIALS.unexpected(key));
      }
    }
    String username = strings.getOrDefault("username", "");
    String password = strings.getOrDefault("password", "");
    return username.isEmpty() || password.isEmpty()
        ? Optional.empty()
        : Optional.of(new Credentials(username, password));
  }
}
