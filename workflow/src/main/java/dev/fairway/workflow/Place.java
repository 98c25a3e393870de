package dev.fairway.workflow;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;

/// The places of a workflow where an expression may stand, and what it can see there. A job that
/// has not started knows nothing of its machine; a run that has not started knows only its event.
enum Place {
  /// run-name and concurrency of a workflow, defaults of the inputs of a called one
  RUN("github inputs vars"),
  WORKFLOW_ENV("github inputs vars secrets"),
  JOB_IF(
      "github inputs vars needs",
      Function.ALWAYS,
      Function.SUCCESS,
      Function.FAILURE,
      Function.CANCELLED),
  STRATEGY("github inputs vars needs"),
  /// name, runs-on, timeouts, continue-on-error, concurrency, environment and containers of a job,
  /// and the inputs of a call
  JOB("github inputs vars needs strategy matrix"),
  /// env of a job, and the secrets of a call
  JOB_ENV("github inputs vars needs strategy matrix secrets"),
  JOB_DEFAULTS("github inputs vars needs strategy matrix env"),
  /// outputs of a job, env of a container
  JOB_OUTPUT("github inputs vars needs strategy matrix secrets steps job runner env"),
  ENVIRONMENT_URL("github inputs vars needs strategy matrix steps job runner env"),
  CONTAINER_CREDENTIALS("github inputs vars secrets env"),
  CALL_OUTPUT("github inputs vars jobs"),
  STEP_IF(
      "github inputs vars needs strategy matrix steps job runner env",
      Function.ALWAYS,
      Function.SUCCESS,
      Function.FAILURE,
      Function.CANCELLED,
      Function.HASH_FILES),
  STEP(
      "github inputs vars needs strategy matrix secrets steps job runner env", Function.HASH_FILES),
  /// the default of an action's input
  ACTION_INPUT("github strategy matrix job runner", Function.HASH_FILES),
  ACTION_OUTPUT("github strategy matrix steps inputs job runner env"),
  /// pre-if and post-if of an action
  ACTION_IF(
      "github strategy matrix inputs job runner env",
      Function.ALWAYS,
      Function.SUCCESS,
      Function.FAILURE,
      Function.CANCELLED,
      Function.HASH_FILES),
  /// args and env of a container action
  ACTION_CONTAINER("inputs"),
  /// A composite action knows what its caller gives it, not the caller's secrets and variables.
  COMPOSITE_STEP_IF(
      "github inputs strategy matrix steps job runner env",
      Function.ALWAYS,
      Function.SUCCESS,
      Function.FAILURE,
      Function.CANCELLED,
      Function.HASH_FILES),
  COMPOSITE_STEP("github inputs strategy matrix steps job runner env", Function.HASH_FILES);

  private final Vocabulary vocabulary;

  Place(String contexts, Function... functions) {
    Set<Function> allowed = EnumSet.noneOf(Function.class);
    allowed.addAll(Arrays.asList(functions));
    vocabulary = new Vocabulary(new LinkedHashSet<>(Arrays.asList(contexts.split(" "))), allowed);
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  /// Only a job's condition can ask about named jobs, as in `success('build')`.
  boolean namesJobs() {
    return this == JOB_IF;
  }
}
