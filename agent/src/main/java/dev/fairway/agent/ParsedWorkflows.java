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
    var key = List.of(path, text);
    return recent
        .get(key)
        .orElseGet(() -> {
          var parsed = parse(path, text);
          recent.put(key, text.length(), parsed);
          return parsed;
        });
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
