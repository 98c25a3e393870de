package dev.fairway.workflow;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A job as the file defines it: steps that an agent runs, or a call of another workflow, whose
/// jobs take its place. [JobInstance] is one execution of the first kind.
public sealed interface Job {
  /// How long a job may take that does not say.
  Duration DEFAULT_TIMEOUT = Duration.ofHours(6);

  /// What all jobs have.
  ///
  /// @param position of its id
  /// @param needs ids of the jobs that end before it starts
  /// @param permissions its own; [JobInstance] has what holds
  record Header(
      String id,
      Position position,
      Optional<Template> name,
      List<String> needs,
      Condition condition,
      Optional<Strategy> strategy,
      Optional<Permissions> permissions,
      Optional<Concurrency> concurrency) {
    public Header {
      needs = List.copyOf(needs);
    }
  }

  /// A job that an agent runs.
  ///
  /// @param cancelTimeoutMinutes how long steps may still run after a cancellation
  /// @param container and `services`, not evaluated; see [#container(Contexts)]
  /// @param defaults its own and, under them, the workflow's
  record Steps(
      Header header,
      RunsOn runsOn,
      Optional<Template> timeoutMinutes,
      Optional<Template> cancelTimeoutMinutes,
      Template continueOnError,
      Optional<TargetEnvironment> environment,
      Optional<Tree> container,
      Optional<Tree> services,
      Tree env,
      Tree outputs,
      Defaults defaults,
      JobSettings settings,
      List<Step> steps)
      implements Job {
    public Steps {
      steps = List.copyOf(steps);
    }

    /// The job's own variables; the workflow's lie under them.
    public Map<String, String> environment(Contexts contexts) {
      return Settings.shown(env, env.strings(contexts));
    }

    /// What `needs.ID.outputs` will hold, evaluated after the last step.
    public Map<String, String> outputs(Contexts contexts) {
      return new LinkedHashMap<>(outputs.strings(contexts));
    }

    /// Whether an agent needs podman or docker for it, apart from what its actions need.
    public boolean usesContainers() {
      return container.isPresent() || services.isPresent();
    }

    /// The container in which its steps run. Contexts: those of a step, without `steps`.
    public Optional<Container> container(Contexts contexts) {
      return container.flatMap(tree -> Container.of(tree, Shape.CONTAINER, contexts));
    }

    /// The containers beside it, by the name under which the job reaches them, in the order of the
    /// file.
    public Map<String, Container> services(Contexts contexts) {
      return services.map(tree -> Container.services(tree, contexts)).orElse(Map.of());
    }

    /// How long steps may still run after a cancellation, if the job says.
    public Optional<Duration> cancelTimeout(Contexts contexts) {
      return cancelTimeoutMinutes.map(
          minutes -> Expected.minutes(minutes, contexts, "cancel-timeout-minutes"));
    }
  }

  /// A job that calls another workflow.
  ///
  /// @param usesPosition where the reference stands
  /// @param with values of its inputs
  /// @param called the workflow, unless nobody could look it up
  record Call(
      Header header,
      WorkflowReference uses,
      Position usesPosition,
      Map<String, Template> with,
      Secrets secrets,
      Optional<Workflow> called)
      implements Job {
    public Call {
      with = Collections.unmodifiableMap(new LinkedHashMap<>(with));
    }
  }

  /// Which secrets a called workflow sees.
  sealed interface Secrets {
    /// All that its caller sees.
    record Inherit() implements Secrets {}

    /// These, evaluated with the secrets that the caller sees.
    record Mapping(Map<String, Template> templates) implements Secrets {
      public Mapping {
        templates = Collections.unmodifiableMap(new LinkedHashMap<>(templates));
      }
    }
  }

  Header header();

  default String id() {
    return header().id();
  }

  default Position position() {
    return header().position();
  }

  default Optional<Template> name() {
    return header().name();
  }

  default List<String> needs() {
    return header().needs();
  }

  default Condition condition() {
    return header().condition();
  }

  default Optional<Strategy> strategy() {
    return header().strategy();
  }

  default Optional<Permissions> permissions() {
    return header().permissions();
  }

  default Optional<Concurrency> concurrency() {
    return header().concurrency();
  }

  /// What people see before it starts: its name with expressions as they are written, else its id.
  default String plannedName() {
    return name().map(Template::toString).filter(text -> !text.isBlank()).orElse(id());
  }
}
