package dev.fairway.workflow;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A valid workflow: what starts it, and its jobs in the order of the file.
public record Workflow(
    String file,
    Optional<String> name,
    Optional<Template> runNameTemplate,
    List<Trigger> triggers,
    Tree env,
    Defaults defaults,
    Map<String, Job> jobs) {

  public Workflow {
    triggers = List.copyOf(triggers);
    jobs = Collections.unmodifiableMap(new LinkedHashMap<>(jobs));
  }

  /// Its name, or its file where it has none.
  public String displayName() {
    return name.filter(text -> !text.isBlank()).orElse(file);
  }

  /// What a run of it is called, if the workflow says. Contexts: github, inputs, vars.
  public Optional<String> runName(Contexts contexts) {
    return runNameTemplate
        .map(template -> template.text(contexts).strip())
        .filter(text -> !text.isEmpty());
  }

  /// Whether this event starts it.
  public boolean triggeredBy(Event event) {
    return triggers.stream().anyMatch(trigger -> trigger.accepts(event));
  }

  /// How it is started by hand, if it can be.
  public Optional<Trigger.Dispatch> dispatch() {
    return triggers.stream()
        .filter(Trigger.Dispatch.class::isInstance)
        .map(Trigger.Dispatch.class::cast)
        .findFirst();
  }

  /// The workflow's own variables, under those of every job. Contexts: github, inputs, vars,
  /// secrets.
  public Map<String, String> environment(Contexts contexts) {
    return Settings.shown(env, env.strings(contexts));
  }
}
