package dev.fairway.workflow;

import java.util.Optional;

/// `strategy` of a job: what multiplies it, and how the copies share the machines.
///
/// @param matrix empty for a job that only sets the other two
/// @param failFast whether the first failure cancels the siblings; true unless said otherwise
public record Strategy(
    Position position,
    Optional<Tree> matrix,
    Optional<Template> failFast,
    Optional<Template> maxParallel) {}
