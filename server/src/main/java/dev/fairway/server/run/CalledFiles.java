package dev.fairway.server.run;

import dev.fairway.api.Json;
import dev.fairway.workflow.CalledWorkflows;
import dev.fairway.workflow.Permissions;
import dev.fairway.workflow.WorkflowReference;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// The workflows that the workflow of a run calls, as they were found when the run was made: every
/// later reading of it finds the same ones.
///
/// @param files each once
/// @param calls which reference of which file means which of them
record CalledFiles(List<File> files, List<Call> calls) implements CalledWorkflows {
  static final CalledFiles NONE = new CalledFiles(List.of(), List.of());

  /// A file.
  ///
  /// @param name under which messages and jobs know it, see [CalledWorkflows.Answer.Found]
  /// @param repository where it stands; the name of the run's project for one of its own
  /// @param path in there
  /// @param sha the commit from which it is
  record File(String name, String repository, String path, String sha, String text) {}

  /// A reference.
  ///
  /// @param caller the file in which it stands
  /// @param uses the reference as written
  /// @param file the name of the one that it means
  record Call(String caller, String uses, String file) {}

  CalledFiles {
    files = List.copyOf(files);
    calls = List.copyOf(calls);
  }

  @Override
  public Answer find(WorkflowReference uses, String caller) {
    return calls.stream()
        .filter(call -> call.caller().equals(caller) && call.uses().equals(uses.text()))
        .findFirst()
        .flatMap(call -> file(call.file()))
        .<Answer>map(file -> new Answer.Found(file.name(), file.text()))
        .orElseGet(() -> new Answer.Missing("it was not found when the run was made"));
  }

  /// They were held against what was decided when the run was made.
  @Override
  public Permissions standard() {
    return Permissions.all(Permissions.Level.WRITE);
  }

  Optional<File> file(String name) {
    return files.stream().filter(file -> file.name().equals(name)).findFirst();
  }

  /// One that a job of the run is from.
  File required(String name) {
    return file(name)
        .orElseThrow(() -> new IllegalStateException("a run has lost its file " + name));
  }

  /// How many characters they have, each as often as it is called.
  long length() {
    return calls.stream()
        .flatMap(call -> file(call.file()).stream())
        .mapToLong(file -> file.text().length())
        .sum();
  }

  /// Remembers them for the run.
  void store(Handle tx, UUID run) {
    if (!files.isEmpty()) {
      tx.createUpdate("INSERT INTO run_calls (run_id, calls) VALUES (:run, CAST(:calls AS json))")
          .bind("run", run)
          .bind("calls", Json.MAPPER.writeValueAsString(this))
          .execute();
    }
  }

  static CalledFiles of(Handle tx, UUID run) {
    return tx.createQuery("SELECT calls FROM run_calls WHERE run_id = :run")
        .bind("run", run)
        .mapTo(String.class)
        .findOne()
        .map(json -> Json.MAPPER.readValue(json, CalledFiles.class))
        .orElse(NONE);
  }
}
