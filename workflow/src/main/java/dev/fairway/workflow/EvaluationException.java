package dev.fairway.workflow;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An expression that parses, but has no usable value in the given contexts. The message is for the
/// author of the workflow; the position, where known, is that of the value which holds the
/// expression.
public final class EvaluationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Position position;
  private final @Nullable String file;

  public EvaluationException(String message) {
    this(null, null, message);
  }

  EvaluationException(Position position, String message) {
    this(null, position, message);
  }

  private EvaluationException(@Nullable String file, @Nullable Position position, String message) {
    super(message);
    this.file = file;
    this.position = position;
  }

  /// Evaluates what stands in this file.
  public static <T> T within(String file, Supplier<T> evaluation) {
    try {
      return evaluation.get();
    } catch (EvaluationException e) {
      throw e.in(file);
    }
  }

  public Optional<Position> position() {
    return Optional.ofNullable(position);
  }

  /// The same, blamed on this place unless a narrower one is known.
  EvaluationException at(Position place) {
    String message = getMessage();
    return position != null || message == null ? this : new EvaluationException(place, message);
  }

  /// The same, blamed on this file unless another one is known.
  public EvaluationException in(String where) {
    return file != null
        ? this
        : new EvaluationException(where, position, String.valueOf(getMessage()));
  }

  /// The message, behind `FILE:LINE:COLUMN: ` where that is known.
  public String located() {
    String message = String.valueOf(getMessage());
    return file == null || position == null
        ? message
        : "%s:%d:%d: %s".formatted(file, position.line(), position.column(), message);
  }
}
