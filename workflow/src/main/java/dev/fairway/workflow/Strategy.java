package dev.fairway.workflow;

import java.util.Optional;

/// `strategy` of a job: what multiplies it, and how the copies share the machines.
///
/// @param tree a mapping, or an expression that makes one: `matrix`; `fail-fast`, whether the first
///   failure cancels the siblings, true unless said otherwise; and `max-parallel`
public record Strategy(Tree tree) {

  /// The matrix, where the file has it.
  Optional<Tree> matrix() {
    return tree.written("matrix");
  }
}
