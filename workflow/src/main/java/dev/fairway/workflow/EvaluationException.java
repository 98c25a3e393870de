package dev.fairway.workflow;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An expression that parses, but has no usable value in the given contexts. The message is for the
/// author of the workflow; the position, where known, is that of the value which holds the
/// expression.
public final class EvaluationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Position position;

  public EvaluationException(String message) {
    super(message);
    this.position = null;
  }

  EvaluationException(Position position, String message) {
    super(message);
    this.position = position;
  }

  public Optional<Position> position() {
    return Optional.ofNullable(position);
  }

  /// The same, blamed on this place unless a narrower one is known.
  EvaluationException at(Position place) {
    String message = getMessage();
    return position != null || message == null ? this : new EvaluationException(place, message);
  }
}
