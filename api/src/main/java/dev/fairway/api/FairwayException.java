package dev.fairway.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A refusal or failure that a person can act on: what happened and where, and what to do next.
public final class FairwayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String next;
  private final transient Map<String, Object> details;

  public FairwayException(ErrorCode code, String message, String next) {
    this(code, message, next, Map.of(), null);
  }

  public FairwayException(ErrorCode code, String message, String next, Throwable cause) {
    this(code, message, next, Map.of(), cause);
  }

  public FairwayException(
      ErrorCode code,
      String message,
      String next,
      Map<String, Object> details,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.next = next;
    this.details = Map.copyOf(details);
  }

  public ErrorCode code() {
    return code;
  }

  /// What to do next, as a whole sentence; empty where the message says it all.
  public String next() {
    return next;
  }

  /// Figures that a program may need, such as the `size` of a log that has a gap.
  public Map<String, Object> details() {
    return details == null ? Map.of() : details;
  }
}
