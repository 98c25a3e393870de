package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A valid workflow: what starts it, and its jobs in the order of the file.
///
/// @param file as it was named to the parser, or by [CalledWorkflows]
/// @param text of the file
public record Workflow(
    String file,
    String text,
    Optional<String> name,
    Optional<Template> runNameTemplate,
    List<Trigger> triggers,
    Optional<Permissions> permissions,
    Optional<Concurrency> concurrency,
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
    return trigger(Trigger.Dispatch.class);
  }

  /// What it says about being called, if it can be.
  public Optional<CallDefinition> callable() {
    return trigger(Trigger.Call.class).map(Trigger.Call::definition);
  }

  /// When the clock starts it.
  public List<Cron> schedule() {
    return trigger(Trigger.Schedule.class).map(Trigger.Schedule::times).orElse(List.of());
  }

  private <T extends Trigger> Optional<T> trigger(Class<T> kind) {
    return triggers.stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /// The group that a run of it holds as a whole. Contexts: github, inputs, vars.
  public Optional<Concurrency.Group> concurrency(Contexts contexts) {
    return concurrency.flatMap(one -> one.evaluate("", contexts));
  }

  /// The workflow's own variables, under those of every job. Contexts: github, inputs, vars,
  /// secrets.
  public Map<String, String> environment(Contexts contexts) {
    return Settings.shown(env, env.strings(contexts));
  }

  /// What the token of a job may do: the job's own permissions, else the workflow's, else those of
  /// the caller, which bound them in any case.
  ///
  /// @param caller empty for a workflow that nobody called
  Permissions permissions(Job job, Optional<Permissions> caller) {
    return permissions(job, caller, Permissions.DEFAULT);
  }

  /// @param standard those of a job about which nobody says anything
  Permissions permissions(Job job, Optional<Permissions> caller, Permissions standard) {
    Optional<Permissions> own = job.permissions().or(this::permissions);
    return caller
        .map(limit -> own.map(asked -> asked.within(limit)).orElse(limit))
        .or(() -> own)
        .orElse(standard);
  }

  /// The same workflow with some of its jobs.
  public Workflow with(Map<String, Job> some) {
    return new Workflow(
        file, text, name, runNameTemplate, triggers, permissions, concurrency, env, defaults, some);
  }

  /// A job of a run as it can be shown before anything is decided.
  ///
  /// @param path as [JobKey#job], with one instance of each matrix on the way
  /// @param name with expressions as they are written
  /// @param needs paths
  /// @param call whether other jobs take its place
  public record Outline(String path, String name, List<String> needs, boolean call) {
    public Outline {
      needs = List.copyOf(needs);
    }
  }

  /// All jobs, each call followed by the jobs of what it calls.
  public List<Outline> outline() {
    List<Outline> all = new ArrayList<>();
    outline("", "", all);
    return all;
  }

  private void outline(String path, String name, List<Outline> all) {
    for (Job job : jobs.values()) {
      String own = path + job.id();
      String shown = name + job.plannedName();
      List<String> needs = job.needs().stream().map(need -> path + need).toList();
      switch (job) {
        case Job.Steps _ -> all.add(new Outline(own, shown, needs, false));
        case Job.Call call -> {
          all.add(new Outline(own, shown, needs, true));
          call.called()
              .ifPresent(called ->
                  called.outline(own + JobKey.SEPARATOR, shown + JobKey.NAME_SEPARATOR, all));
        }
      }
    }
  }

  /// A job with the workflow in whose file it stands.
  public record Located(Workflow workflow, Job job) {}

  /// The job that a path leads to, through the workflows that are called on the way.
  ///
  /// @param path as [JobKey#job]
  public Optional<Located> locate(String path) {
    int end = path.indexOf(JobKey.SEPARATOR);
    if (end < 0) {
      return Optional.ofNullable(jobs.get(path)).map(job -> new Located(this, job));
    }
    String first = path.substring(0, end);
    int index = first.indexOf(JobKey.INDEX);
    return Optional.ofNullable(jobs.get(index < 0 ? first : first.substring(0, index)))
        .flatMap(job -> job instanceof Job.Call call ? call.called() : Optional.empty())
        .flatMap(called -> called.locate(path.substring(end + 1)));
  }
}
