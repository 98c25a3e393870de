package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which secrets a job sees: all that its run has, less what the calls on its way leave out. The
/// planner makes it and never sees a secret; whoever knows them evaluates it when the job starts.
/// It is kept as JSON until then.
///
/// @param levels the calls that do not inherit, the outermost first
public record SecretsPath(List<Level> levels) {
  /// All of the run's secrets.
  public static final SecretsPath ALL = new SecretsPath(List.of());

  private static final String TOKEN = "GITHUB_TOKEN";

  /// One call.
  ///
  /// @param file in which the templates stand, for messages
  /// @param templates the text of each secret's value, by its name
  /// @param contexts what they see, apart from `github`, `vars` and `secrets`
  public record Level(String file, Map<String, String> templates, Value.Obj contexts) {}

  public SecretsPath {
    levels = List.copyOf(levels);
  }

  /// Those that a called workflow sees.
  SecretsPath through(String file, Job.Secrets secrets, Contexts contexts) {
    return switch (secrets) {
      case Job.Secrets.Inherit _ -> this;
      case Job.Secrets.Mapping mapping -> {
        Map<String, String> templates = new LinkedHashMap<>();
        mapping.templates().forEach((name, one) -> templates.put(name, one.toString()));
        Value.Obj seen = Value.object();
        if (!templates.isEmpty()) {
          for (String name : List.of("inputs", "needs", "matrix", "strategy")) {
            seen = seen.with(name, contexts.named(name));
          }
        }
        List<Level> more = new ArrayList<>(levels);
        more.add(new Level(file, templates, seen));
        yield new SecretsPath(more);
      }
    };
  }

  /// The job's secrets, out of those of the run. `GITHUB_TOKEN` passes every call.
  ///
  /// @param run `github` and `vars`
  /// @throws EvaluationException if a value cannot be evaluated
  public Map<String, String> of(Map<String, String> secrets, Contexts run) {
    Map<String, String> seen = secrets;
    for (Level level : levels) {
      Contexts contexts = run.with("secrets", Value.ofStrings(seen));
      for (Map.Entry<String, Value> context : level.contexts().members().entrySet()) {
        contexts = contexts.with(context.getKey(), context.getValue());
      }
      Map<String, String> given = new LinkedHashMap<>();
      if (seen.containsKey(TOKEN)) {
        given.put(TOKEN, seen.get(TOKEN));
      }
      for (Map.Entry<String, String> template : level.templates().entrySet()) {
        given.put(template.getKey(), value(level, template.getValue(), contexts));
      }
      seen = given;
    }
    return new LinkedHashMap<>(seen);
  }

  private static String value(Level level, String text, Contexts contexts) {
    Problems problems = new Problems(level.file());
    return new Scalars(problems)
        .template(new Yaml.Scalar(Position.START, Value.of(text), text), Optional.of(Place.JOB_ENV))
        .orElseThrow(() ->
            new EvaluationException("A secret of a call cannot be read: " + problems.inOrder()))
        .text(contexts);
  }

  /// For [#ofJson].
  public String toJson() {
    List<Value> all = new ArrayList<>();
    for (Level level : levels) {
      all.add(
          Value.object()
              .with("file", Value.of(level.file()))
              .with("templates", Value.ofStrings(level.templates()))
              .with("contexts", level.contexts()));
    }
    return new Value.Arr(all).toCompactJson();
  }

  /// Reads what [#toJson] wrote.
  ///
  /// @throws EvaluationException if it is anything else: no level may be lost
  public static SecretsPath ofJson(String json) {
    List<Level> levels = new ArrayList<>();
    if (!(Value.ofJson(json) instanceof Value.Arr all)) {
      throw malformed();
    }
    for (Value one : all.items()) {
      Map<String, String> templates = new LinkedHashMap<>();
      object(one, "templates").members().forEach((name, text) -> templates.put(name, text.text()));
      String file =
          one instanceof Value.Obj level ? level.member("file").map(Value::text).orElse("") : "";
      levels.add(new Level(file, templates, object(one, "contexts")));
    }
    return new SecretsPath(levels);
  }

  private static Value.Obj object(Value level, String name) {
    if (level instanceof Value.Obj object
        && object.member(name).orElse(Value.nothing()) instanceof Value.Obj member) {
      return member;
    }
    throw malformed();
  }

  private static EvaluationException malformed() {
    return new EvaluationException("What a job's calls do with secrets cannot be read");
  }
}
