package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The workflows that the jobs of one workflow call, and theirs: each file is read once, however
/// many jobs call it.
final class Calls {
  /// How deep calls go below the workflow that was started.
  static final int MAX_DEPTH = 9;

  /// How many files a workflow and those that it calls may call.
  static final int MAX_FILES = 50;

  /// How many jobs there may be in all of them together, before matrices multiply them.
  static final int MAX_JOBS = 1_000;

  private static final String NOT_CALLABLE =
      "workflow is not reusable as it is missing a `on.workflow_call` trigger";

  private final CalledWorkflows source;
  private final Limits limits;
  private final Map<String, Read> read = new LinkedHashMap<>();
  private final List<String> open = new ArrayList<>();
  private final Size size;

  /// A file that was read; no workflow if it is not valid.
  ///
  /// @param levels how many files deep it is, itself included
  /// @param jobs how many there are, with those of what it calls
  /// @param bytes how large it is, with what it calls
  private record Read(
      Optional<Workflow> workflow, List<Diagnostic> errors, int levels, long jobs, long bytes) {}

  Calls(CalledWorkflows source, Limits limits) {
    this.source = source;
    this.limits = limits;
    this.size = new Size(limits.bytes());
  }

  /// Of everything that has been read.
  Size size() {
    return size;
  }

  /// Reads a file in which calls may stand; the first one is the workflow that was started.
  Optional<Workflow> read(WorkflowParser parser, String text) {
    open.addLast(parser.file());
    size.add(Size.ofName(parser.file()));
    Optional<Workflow> workflow = parser.read(text, limits, this);
    open.removeLast();
    return workflow;
  }

  /// What the called files have wrong, file by file.
  List<Diagnostic> errors() {
    return read.values().stream().flatMap(one -> one.errors().stream()).toList();
  }

  /// The workflow that a job of the innermost open file calls; none, with a problem reported there
  /// or in the called file, if it cannot be had.
  Optional<Workflow> find(WorkflowReference uses, Position position, Problems problems) {
    return switch (source.find(uses, problems.file())) {
      case CalledWorkflows.Answer.Found found -> called(found, position, problems);
      case CalledWorkflows.Answer.Missing missing -> {
        problems.error(
            position, "The workflow '%s' cannot be called: %s".formatted(uses, missing.reason()));
        yield Optional.empty();
      }
      case CalledWorkflows.Answer.Unknown unknown -> {
        problems.warning(
            position,
            Rule.UNCHECKED,
            "The called workflow '%s' was not checked: %s".formatted(uses, unknown.reason()));
        yield Optional.empty();
      }
    };
  }

  private Optional<Workflow> called(
      CalledWorkflows.Answer.Found found, Position position, Problems problems) {
    if (open.contains(found.file())) {
      problems.error(
          position,
          "The workflow calls itself: %s -> %s"
              .formatted(
                  String.join(" -> ", open.subList(open.indexOf(found.file()), open.size())),
                  found.file()));
      return Optional.empty();
    }
    if (size.exceeded()) {
      // Said where it happened.
      return Optional.empty();
    }
    Read known = read.get(found.file());
    if (known == null) {
      if (open.size() > limits.calls()) {
        tooDeep(position, problems);
        return Optional.empty();
      }
      if (read.size() == MAX_FILES) {
        problems.error(
            position,
            "too many workflows are referenced, total: %d, limit: %d"
                .formatted(MAX_FILES + 1, MAX_FILES));
        return Optional.empty();
      }
      known = read(found);
      if (known.jobs() > limits.jobs()) {
        // Said once, and then it counts as a file that is not valid.
        tooMany(position, problems);
        known = new Read(Optional.empty(), known.errors(), known.levels(), 0, 0);
        read.put(found.file(), known);
      }
    } else if (open.size() - 1 + known.levels() > limits.calls()) {
      tooDeep(position, problems);
      return Optional.empty();
    } else {
      size.add(known.bytes());
      if (size.exceeded()) {
        problems.error(
            position, "Error from called workflow %s: %s".formatted(found.file(), size.message()));
        return Optional.empty();
      }
    }
    if (known.workflow().isPresent() && known.workflow().get().callable().isEmpty()) {
      problems.error(position, NOT_CALLABLE);
      return Optional.empty();
    }
    return known.workflow();
  }

  private void tooDeep(Position position, Problems problems) {
    problems.error(position, "Nested reusable workflow depth exceeded " + limits.calls() + ".");
  }

  private void tooMany(Position position, Problems problems) {
    problems.error(
        position,
        "The workflow may not contain more than %d jobs, those of called workflows included"
            .formatted(limits.jobs()));
  }

  private Read read(CalledWorkflows.Answer.Found found) {
    // Its place among the files is that of its first call, before those that it calls itself.
    read.put(found.file(), new Read(Optional.empty(), List.of(), 1, 0, 0));
    long before = size.bytes();
    WorkflowParser parser = new WorkflowParser(found.file());
    Optional<Workflow> workflow = read(parser, found.text());
    List<Diagnostic> errors = parser.errors();
    Read now =
        workflow
            .filter(_ -> errors.isEmpty())
            .map(valid ->
                new Read(
                    Optional.of(valid), errors, levels(valid), jobs(valid), size.bytes() - before))
            .orElseGet(() -> new Read(Optional.empty(), errors, 1, 0, 0));
    read.put(found.file(), now);
    return now;
  }

  /// Checks what can be checked only with every file at hand: how many jobs there are, and that no
  /// call gives more permissions than the caller has.
  void checkWhole(Workflow started, Problems problems) {
    if (jobs(started) > limits.jobs()) {
      tooMany(Position.START, problems);
    } else if (errors().isEmpty() && !problems.anyError()) {
      new CallPermissions(problems, source.standard()).check(started);
    }
  }

  private int levels(Workflow workflow) {
    return 1 + calledBy(workflow).stream().mapToInt(Read::levels).max().orElse(0);
  }

  private long jobs(Workflow workflow) {
    return workflow.jobs().size() + calledBy(workflow).stream().mapToLong(Read::jobs).sum();
  }

  /// From the table and not down the tree, which may be far larger than the files it is made of.
  private List<Read> calledBy(Workflow workflow) {
    List<Read> all = new ArrayList<>();
    for (Job job : workflow.jobs().values()) {
      switch (job) {
        case Job.Steps _ -> {}
        case Job.Call call -> call.called().map(Workflow::file).map(read::get).ifPresent(all::add);
      }
    }
    return all;
  }
}
