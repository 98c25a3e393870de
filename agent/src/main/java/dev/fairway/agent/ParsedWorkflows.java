package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The workflows of the last jobs, parsed: the jobs of a run come one after the other, and each of
/// them brings the whole file.
final class ParsedWorkflows {
  /// Runs of about as many workflows are under way at once on one machine.
  static final int MAX_WORKFLOWS = 8;

  /// Larger ones are parsed each time, so that the memory of all of them together is bounded.
  private static final int MAX_CHARS = 256 * 1024;

  /// By path and text.
  private final Map<List<String>, Workflow> kept =
      new LinkedHashMap<>(2 * MAX_WORKFLOWS, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<String>, Workflow> eldest) {
          return size() > MAX_WORKFLOWS;
        }
      };

  /// One at a time: the jobs of a run start together, and one of them parses for all.
  synchronized Workflow of(JobAssignment assignment) {
    var path = assignment.workflowPath();
    var text = assignment.workflowText();
    var known = kept.get(List.of(path, text));
    if (known != null) {
      return known;
    }
    var parsed = parse(path, text);
    if (text.length() <= MAX_CHARS) {
      kept.put(List.of(path, text), parsed);
    }
    return parsed;
  }

  private static Workflow parse(String path, String text) {
    return switch (WorkflowParser.parse(path, text)) {
      case ParseResult.Valid valid -> valid.workflow();
      case ParseResult.Invalid invalid ->
          throw new FairwayException(
              ErrorCode.UNPROCESSABLE,
              invalid.diagnostics().stream()
                  .map(Object::toString)
                  .collect(Collectors.joining("\n")),
              "");
    };
  }
}
