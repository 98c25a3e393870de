package dev.fairway.workflow;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A step of a job. Its parts are evaluated one by one, right before it starts, by whoever runs it.
public sealed interface Step {

  /// What all steps have.
  ///
  /// @param index its place in the job, from 0
  /// @param id what `steps.ID` calls it; without one the step is not in that context
  /// @param background whether the steps behind it do not wait for it
  record Header(
      Position position,
      int index,
      Optional<String> id,
      Optional<Template> name,
      Condition condition,
      Tree env,
      Template continueOnError,
      Optional<Template> timeoutMinutes,
      boolean background) {}

  /// A step that runs a script.
  ///
  /// @param ownShell and `ownFolder`, over the defaults
  /// @param defaults of job and workflow
  record Run(
      Header header,
      Template script,
      Optional<Template> ownShell,
      Optional<Template> ownFolder,
      Defaults defaults)
      implements Step {

    /// Empty means: bash where there is one, else sh, without `pipefail`.
    ///
    /// @param begun what was seen when the job began: no step changes the defaults
    public Optional<Shell> shell(Contexts contexts, Contexts begun) {
      return text(ownShell, Defaults.SHELL, contexts, begun)
          .map(word ->
              Shell.named(word.text())
                  .orElseThrow(
                      () -> new EvaluationException(word.position(), Shell.problem(word.text()))));
    }

    /// The folder, seen from the workspace, if it is another one.
    public Optional<String> workingDirectory(Contexts contexts, Contexts begun) {
      return text(ownFolder, Defaults.FOLDER, contexts, begun).map(Defaults.Text::text);
    }

    private Optional<Defaults.Text> text(
        Optional<Template> own, String key, Contexts contexts, Contexts begun) {
      return own.map(template -> new Defaults.Text(template.text(contexts), template.position()))
          .or(() -> defaults.text(key, begun));
    }

    /// The word of its shell, if that is the same whatever happens.
    ///
    /// @param usual where nobody says one
    public Optional<String> fixedShell(String usual) {
      Optional<Tree> says =
          ownShell.<Tree>map(Tree.Leaf::new).or(() -> defaults.says(Defaults.SHELL));
      return says.isEmpty() ? Optional.of(usual) : says.flatMap(Tree::constantText);
    }
  }

  /// A step that uses an action.
  record Uses(Header header, ActionReference action, Tree with) implements Step {

    /// The inputs of the action as strings.
    public Map<String, String> inputs(Contexts contexts) {
      return with.strings(contexts);
    }
  }

  /// A step that waits until background steps have ended. It runs whatever happened before it.
  ///
  /// @param targets their places in the job, from 0
  /// @param title what it is called without a name
  record Wait(Header header, List<Integer> targets, String title) implements Step {
    public Wait {
      targets = List.copyOf(targets);
    }
  }

  /// A step that ends a background step, whatever happened before it.
  ///
  /// @param target its place in the job, from 0
  /// @param title what it is called without a name
  record Cancel(Header header, int target, String title) implements Step {}

  Header header();

  default Position position() {
    return header().position();
  }

  default int index() {
    return header().index();
  }

  default Optional<String> id() {
    return header().id();
  }

  default boolean background() {
    return header().background();
  }

  default boolean shouldRun(Contexts contexts) {
    return header().condition().holds(contexts);
  }

  /// The step's own variables; the job's and the workflow's lie under them.
  default Map<String, String> environment(Contexts contexts) {
    return Settings.shown(header().env(), header().env().strings(contexts));
  }

  /// What people see: its name, else what it does.
  default String displayName(Contexts contexts) {
    return header().name().map(name -> name.text(contexts)).orElseGet(() -> summary(contexts));
  }

  /// That, where it is the same whatever happens.
  default Optional<String> fixedName() {
    Optional<Template> said =
        header()
            .name()
            .or(() -> this instanceof Run run ? Optional.of(run.script()) : Optional.empty());
    return said.filter(text -> text.constant().isEmpty()).isPresent()
        ? Optional.empty()
        : Optional.of(displayName(Contexts.empty()));
  }

  private String summary(Contexts contexts) {
    return switch (this) {
      case Run run -> "Run " + firstLine(run.script().text(contexts));
      case Uses uses -> "Run " + uses.action().text();
      case Wait wait -> wait.title();
      case Cancel cancel -> cancel.title();
    };
  }

  /// What people see before it starts: the same, with expressions as they are written.
  default String plannedName() {
    return header()
        .name()
        .map(Template::toString)
        .orElseGet(() ->
            switch (this) {
              case Run run -> "Run " + firstLine(run.script().toString());
              case Uses uses -> "Run " + uses.action().text();
              case Wait wait -> wait.title();
              case Cancel cancel -> cancel.title();
            });
  }

  private static String firstLine(String script) {
    return script.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst().orElse("");
  }

  /// Whether the job goes on as if the step had succeeded when it fails.
  default boolean toleratesFailure(Contexts contexts) {
    return Expected.bool(header().continueOnError(), contexts, "continue-on-error");
  }

  /// How long it may take; empty means as long as its job may.
  default Optional<Duration> timeout(Contexts contexts) {
    return header().timeoutMinutes().map(minutes -> Expected.minutes(minutes, contexts));
  }
}
