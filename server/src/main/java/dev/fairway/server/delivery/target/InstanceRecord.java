package dev.fairway.server.delivery.target;

import java.time.Instant;
import java.util.Optional;

/// What is kept on disk of an instance, so that a server that starts again goes on with it.
///
/// It is written before the process starts (then without [#process]), after it started, and with
/// every change of mind: a crash in between is told from the instance's mark in `/proc`.
///
/// @param wanted whether it is to run
/// @param everHealthy whether it had ever been healthy: only then is its process started again
/// @param failure why it was given up, empty if it was not
record InstanceRecord(
    StartOrder order,
    int port,
    Optional<ProcessIdentity> process,
    Instant startedAt,
    boolean wanted,
    boolean everHealthy,
    int restarts,
    String failure) {

  InstanceRecord withProcess(Optional<ProcessIdentity> next, Instant at) {
    return new InstanceRecord(order, port, next, at, wanted, everHealthy, restarts, failure);
  }

  InstanceRecord onceHealthy() {
    return new InstanceRecord(order, port, process, startedAt, wanted, true, restarts, failure);
  }

  InstanceRecord withRestarts(int count) {
    return new InstanceRecord(order, port, process, startedAt, wanted, everHealthy, count, failure);
  }

  InstanceRecord unwanted() {
    return new InstanceRecord(
        order, port, process, startedAt, false, everHealthy, restarts, failure);
  }

  InstanceRecord failed(String why) {
    return new InstanceRecord(
        order, port, Optional.empty(), startedAt, wanted, everHealthy, restarts, why);
  }
}
