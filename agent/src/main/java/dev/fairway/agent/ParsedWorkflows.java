package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.RecentlyRead;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowParser;
import java.util.List;
import java.util.stream.Collectors;

/// The workflows of the last jobs, parsed: the jobs of a run come one after the other, and each of
/// them brings the whole file.
final class ParsedWorkflows {
  /// Some 4 MiB of memory at most; a longer file is parsed for each job.
  private static final long REMEMBERED_CHARACTERS = 256L << 10;

  /// By path and text.
  private final RecentlyRead<List<String>, Workflow> recent =
      new RecentlyRead<>(REMEMBERED_CHARACTERS);

  /// One at a time: the jobs of a run start together, and one of them parses for all.
  synchronized Workflow of(JobAssignment assignment) {
    var path = assignment.workflowPath();
    var text = assignment.workflowText();
    return recent
        .get(List.of(path, text))
        .orElseGet(() -> {
          var parsed = parse(path, text);
          know(parsed);
          return parsed;
        });
  }

  synchronized void know(Workflow workflow) {
    recent.put(List.of(workflow.file(), workflow.text()), workflow.text().length(), workflow);
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
