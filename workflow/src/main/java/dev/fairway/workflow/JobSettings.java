package dev.fairway.workflow;

/// Fairway's own settings of a job. They are names of its `env`, so that the file stays valid for
/// every other engine that runs this syntax: `FAIRWAY_NETWORK: none|full`, `FAIRWAY_RETRY:
/// safe|never`. The same names in the workflow's `env` hold for all its jobs. Their values are
/// fixed text, because the scheduler reads them before the job exists.
///
/// @param network what the sandbox lets through
/// @param retrySafe whether the job may be run again after its agent died in the middle of it
public record JobSettings(Network network, boolean retrySafe) {
  static final String PREFIX = "FAIRWAY_";
  static final String NETWORK = "FAIRWAY_NETWORK";
  static final String RETRY = "FAIRWAY_RETRY";
  static final JobSettings DEFAULT = new JobSettings(Network.FULL, false);

  /// What a job can reach.
  public enum Network {
    /// Everything the machine can reach.
    FULL,
    /// Nothing, not even the machine itself.
    NONE
  }
}
